"""Which institutions there are: of the directory, of what sources tell, and of visits.

One institution is one code. What the directory says stands over what sources say, and both over
what a visit happens to call it. Where it lies is its own division, else that of the one above it.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from minkang.accounts.organisation_kinds import KINDS
from minkang.store import Connection

_NOT_MEDICAL: Final = frozenset(
    {"commission", "health-commission", "information-centre", "research", "pharmacy"}
)
_CONNECTED_DAYS: Final = 90
_DEEP: Final = 8  # departments within departments are followed so far


class Known(msgspec.Struct, frozen=True):
    """An institution as the table `region.institution` has it."""

    code: str
    name: str
    kind: str = "institution"
    grade: str = ""
    division: str = ""
    parent: str | None = None
    medical: bool = True
    connected: bool = False
    beds: int = 0
    staff: int = 0


async def gather_institutions(connection: Connection, today: date) -> None:
    """Gather them anew; in the transaction of the caller, who lets whole tables be read.

    Days with visits at one that lies elsewhere now are marked to be counted anew.
    """
    known: dict[str, Known] = await _mentioned(connection)
    known.update(await _told(connection, known))
    known.update(await _directory(connection, known))
    connected = await _connected(connection, today)
    complete = [
        msgspec.structs.replace(
            one,
            division=_division(one, known),
            parent=one.parent if one.parent in known else None,
            connected=one.code in connected,
            kind=_kind(one.kind),
        )
        for one in known.values()
    ]
    before = await connection.fetch("select code, division from region.institution")
    moved = {one.code: one.division for one in complete}.items() ^ {
        (row["code"], row["division"]) for row in before
    }
    await connection.execute("delete from region.institution")
    await connection.copy_records_to_table(
        "institution",
        schema_name="region",
        columns=Known.__struct_fields__,
        records=[msgspec.structs.astuple(one) for one in complete],
    )
    await connection.execute(
        """insert into region.due select distinct day from region.day_count
           where institution = any($1::text[]) on conflict do nothing""",
        sorted({code for code, _ in moved}),
        timeout=3600,
    )


async def _mentioned(connection: Connection) -> dict[str, Known]:
    rows = await connection.fetch(
        """select f.institution, coalesce(m.name, f.institution) as name
           from (select distinct institution from region.day_count) f
           left join region.mentioned m on m.institution = f.institution""",
        timeout=3600,
    )
    return {row["institution"]: Known(row["institution"], row["name"]) for row in rows}


async def _told(connection: Connection, known: Mapping[str, Known]) -> dict[str, Known]:
    """Institutions that sources describe by a code of their own, with their beds and staff."""
    rows = await connection.fetch("select id, code, name, kind, grade, division, above "
                                  "from region.unit where what = 'organisation'")  # fmt: skip
    units = {row["id"]: row for row in rows}
    beds, staff = await _sizes(connection, units)
    found = {}
    for row in units.values():
        if not row["code"] or (not row["kind"] and row["code"] not in known):
            continue
        above = units.get(row["above"])
        found[row["code"]] = Known(
            row["code"],
            row["name"],
            kind=row["kind"] or "institution",
            grade=row["grade"],
            division=row["division"],
            parent=above["code"] if above is not None and above["code"] else None,
            beds=beds[row["code"]],
            staff=len(staff[row["code"]]),
        )
    return found


async def _sizes(
    connection: Connection, units: Mapping[str, Any]
) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Beds, and who works there, by the code of the institution that they belong to at last."""
    rows = await connection.fetch(
        "select what, code, above, count(*) as n from region.unit "
        "where what in ('bed', 'staff') group by 1, 2, 3",
        timeout=3600,
    )
    beds: dict[str, int] = defaultdict(int)
    staff: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        code = _institution_above(row["above"], units)
        if row["what"] == "bed":
            beds[code] += row["n"]
        else:
            staff[code].add(row["code"])
    return beds, staff


def _institution_above(unit: str, units: Mapping[str, Any]) -> str:
    """The code of the first one with a kind on the way up from a department; else its own."""
    for _ in range(_DEEP):
        row = units.get(unit)
        if row is None:
            return unit
        if row["kind"]:
            return str(row["code"])
        unit = row["above"]
    return unit


async def _directory(connection: Connection, known: Mapping[str, Known]) -> dict[str, Known]:
    """Institutions that the platform's own directory has and that are not closed."""
    beds, staff = await _sizes(connection, {})
    rows = await connection.fetch(
        """select id, name, kind, parent, division from accounts.organisation
           where level = 'institution' and (ends is null or ends > now())"""
    )
    divisions = await connection.fetch(
        "select id, division from accounts.organisation where division is not null"
    )
    lies = {row["id"]: row["division"] for row in divisions}
    found = {}
    for row in rows:
        told = known.get(row["id"])
        plain = row["kind"] == "institution" and told is not None
        found[row["id"]] = Known(
            row["id"],
            row["name"],
            kind=told.kind if plain and told is not None else row["kind"],
            grade=told.grade if told is not None else "",
            division=row["division"]
            or (told.division if told else "")
            or lies.get(row["parent"], ""),
            parent=row["parent"] or (told.parent if told else None),
            medical=row["kind"] not in _NOT_MEDICAL,
            beds=(told.beds if told else 0) or beds[row["id"]],
            staff=(told.staff if told else 0) or len(staff[row["id"]]),
        )
    return found


async def _connected(connection: Connection, today: date) -> set[str]:
    """Whose own systems send, or of whom visits have come lately through a shared system."""
    rows = await connection.fetch(
        """select organisation as code from exchange.source where enabled and stage = 'live'
           union
           select distinct institution from region.day_count where what = 'visit' and day > $1""",
        today - timedelta(days=_CONNECTED_DAYS),
        timeout=3600,
    )
    return {row["code"] for row in rows}


def _division(one: Known, known: Mapping[str, Known]) -> str:
    seen: set[str] = set()
    here: Known | None = one
    while here is not None and here.code not in seen:
        if here.division:
            return here.division
        seen.add(here.code)
        here = known.get(here.parent or "")
    return ""


def _kind(kind: str) -> str:
    """A key of the directory's kinds; of words (机构类别) that the directory calls so the key."""
    return _BY_WORDS.get(kind, kind)


_BY_WORDS: Final = {one.name_zh: key for key, one in KINDS.items()} | {
    "社区卫生服务中心": "community-centre", "社区卫生服务站": "community-centre",
    "门诊部": "clinic", "普通诊所": "clinic", "精神病医院": "mental",
}  # fmt: skip
