"""Messages and quality of the sources of a division or an institution, from the kept sums."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Final

import msgspec

from minkang.exchange.quality.figures import Count, score
from minkang.exchange.quality.rule import DIMENSIONS, Dimension
from minkang.record.region.days import span
from minkang.store import Connection


class Came(msgspec.Struct, frozen=True):
    """Messages: what came, and what became of messages then."""

    received: int = 0
    stored: int = 0
    quarantined: int = 0

    def __add__(self, other: "Came") -> "Came":
        return Came(
            self.received + other.received,
            self.stored + other.stored,
            self.quarantined + other.quarantined,
        )


class SourceLine(msgspec.Struct, frozen=True):
    """A source: its messages of today, of the period and of the one before, and its quality.

    Attributes:
        score, score_before: points of a hundred; None if nothing was judged.
    """

    id: str
    name: str
    organisation: str
    today: Came
    period: Came
    before: Came
    score: float | None
    score_before: float | None


class Sent(msgspec.Struct, frozen=True):
    """All sources, and the quality of everything that they sent together."""

    sources: tuple[SourceLine, ...]
    score: float | None
    score_before: float | None


_SOURCES: Final = """
    select s.id, s.name, s.organisation from exchange.source s
    left join region.institution i on i.code = s.organisation
    where s.enabled and ($1 = '' or starts_with(coalesce(i.division, ''), $1))
    and ($2::text is null or s.organisation = $2) order by s.id"""
"""$1 a division, $2 an institution or null."""


async def sent_by(
    connection: Connection, division: str, days: int, today: date, institution: str | None = None
) -> Sent:
    """The sources whose institutions lie in a division, or those of one institution."""
    rows = await connection.fetch(_SOURCES, division, institution)
    ids = [row["id"] for row in rows]
    came = await _came(connection, ids, days, today)
    judged = await _judged(connection, ids, days, today)
    lines = tuple(
        SourceLine(
            row["id"],
            row["name"],
            row["organisation"],
            came["today"][row["id"]],
            came["now"][row["id"]],
            came["before"][row["id"]],
            _score(judged["now"], [row["id"]]),
            _score(judged["before"], [row["id"]]),
        )
        for row in rows
    )
    return Sent(lines, _score(judged["now"], ids), _score(judged["before"], ids))


async def messages_by_day(
    connection: Connection, division: str, days: int, today: date, institution: str | None = None
) -> list[tuple[date, Came]]:
    """What came on each day of the period."""
    first, last = span(days, today)
    rows = await connection.fetch(
        f"""select m.day, sum(m.received)::bigint as received, sum(m.stored)::bigint as stored,
                   sum(m.quarantined)::bigint as quarantined
            from region.message_day m where m.source in (select id from ({_SOURCES}) s)
            and m.day between $3 and $4 group by 1""",  # noqa: S608 - a text of ours
        division,
        institution,
        first,
        last,
    )
    known = {row["day"]: Came(row["received"], row["stored"], row["quarantined"]) for row in rows}
    return [
        (day, known.get(day, Came()))
        for day in (date.fromordinal(first.toordinal() + at) for at in range(days))
    ]


async def _came(
    connection: Connection, ids: Collection[str], days: int, today: date
) -> dict[str, dict[str, Came]]:
    (first, last), (earlier, _) = span(days, today), span(days, today, before=True)
    rows = await connection.fetch(
        """select source, case when day >= $2 then 'now' else 'before' end as part,
                  sum(received)::bigint as received, sum(stored)::bigint as stored,
                  sum(quarantined)::bigint as quarantined
           from region.message_day where source = any($1::text[]) and day between $3 and $4
           group by 1, 2
           union all
           select source, 'today', received, stored, quarantined from region.message_day
           where source = any($1::text[]) and day = $4""",
        list(ids),
        first,
        earlier,
        last,
    )
    found: dict[str, dict[str, Came]] = {
        part: defaultdict(Came) for part in ("now", "before", "today")
    }
    for row in rows:
        found[row["part"]][row["source"]] = Came(row["received"], row["stored"], row["quarantined"])
    return found


_Judged = dict[str, dict[Dimension, Count]]


async def _judged(
    connection: Connection, ids: Collection[str], days: int, today: date
) -> dict[str, _Judged]:
    (first, last), (earlier, _) = span(days, today), span(days, today, before=True)
    rows = await connection.fetch(
        """select source, dimension, day >= $2 as now, sum(judged)::bigint as judged,
                  sum(failed)::bigint as failed
           from region.quality_day where source = any($1::text[]) and day between $3 and $4
           group by 1, 2, 3""",
        list(ids),
        first,
        earlier,
        last,
    )
    found: dict[str, _Judged] = {"now": {}, "before": {}}
    for row in rows:
        of = found["now" if row["now"] else "before"].setdefault(row["source"], {})
        of[row["dimension"]] = Count(row["judged"], row["failed"])
    return found


def _score(judged: _Judged, ids: Collection[str]) -> float | None:
    added: dict[Dimension, Count] = dict.fromkeys(DIMENSIONS, Count())
    for one in ids:
        for dimension, count in judged.get(one, {}).items():
            added[dimension] += count
    return score(added)
