"""What in a division needs somebody's attention, by the limits of `definitions.yaml`.

Nothing here names a person: institutions and sources alone.
"""

from collections.abc import Collection
from datetime import date
from typing import Literal

import msgspec

from minkang.record.region.days import span
from minkang.record.region.definitions import limits
from minkang.record.region.figures import InstitutionLine
from minkang.record.region.sources import SourceLine
from minkang.store import Connection

Sort = Literal["alarm", "visits-fell", "low-score", "score-fell", "unproven", "not-connected"]


class Attention(msgspec.Struct, frozen=True):
    """Something to look into.

    Attributes:
        name: of the institution or source; `about` its code or id, '' if it is about several.
        now, before: the numbers that led to it.
    """

    sort: Sort
    name: str
    about: str
    now: float
    before: float = 0
    text: str = ""


def of_institutions(found: Collection[InstitutionLine]) -> list[Attention]:
    """Whose visits fell by far, the greatest fall first; how many are not connected."""
    limit = limits()
    fell = [
        Attention("visits-fell", one.name, one.code, one.visits.now, one.visits.before)
        for one in found
        if one.visits.before >= limit.fall_least
        and one.visits.now <= one.visits.before * (1 - limit.fall_share)
    ]
    fell.sort(key=lambda one: (one.now - one.before, one.about))
    missing = sum(one.medical and not one.connected for one in found)
    rest = [Attention("not-connected", "", "", missing)] if missing else []
    return fell + rest


def of_sources(found: Collection[SourceLine]) -> list[Attention]:
    """Whose data are poor, or poorer than in the period before."""
    limit = limits()
    told = []
    for one in found:
        if one.score is None:
            continue
        if one.score < limit.low_score:
            told.append(Attention("low-score", one.name, one.id, one.score, one.score_before or 0))
        elif one.score_before is not None and one.score <= one.score_before - limit.score_fall:
            told.append(Attention("score-fell", one.name, one.id, one.score, one.score_before))
    return sorted(told, key=lambda one: (one.now, one.about))


async def open_alarms(connection: Connection, sources: Collection[SourceLine]) -> list[Attention]:
    """Alarms that nobody has ended, of these sources; the oldest first."""
    names = {one.id: one.name for one in sources}
    rows = await connection.fetch(
        """select source, text from exchange.alarm
           where source = any($1::text[]) and raised is not null and ended is null
           order by since, id""",
        list(names),
    )
    return [
        Attention("alarm", names[row["source"]], row["source"], 0, text=row["text"]) for row in rows
    ]


async def unproven(
    connection: Connection, sources: Collection[SourceLine], days: int, today: date
) -> list[Attention]:
    """Sources whose own figures differ from what came, with on how many days."""
    names = {one.id: one.name for one in sources}
    first, last = span(days, today)
    rows = await connection.fetch(
        """select source, count(distinct day) as days from exchange.reconciled
           where source = any($1::text[]) and day between $2 and $3 and state = 'differs'
           group by 1 order by 2 desc, 1""",
        list(names),
        first,
        last,
    )
    return [Attention("unproven", names[row["source"]], row["source"], row["days"]) for row in rows]
