"""A file as it is kept: reading it, who keeps the files of a division, and numbers of files."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from minkang.store import Connection, Pool

State = Literal["asked", "open", "closed", "refused"]
Reason = Literal["died", "moved-away", "twice", "mistaken"]
REASONS: Final[tuple[Reason, ...]] = ("died", "moved-away", "twice", "mistaken")

KEEPERS: Final = ("village-room", "community-centre", "township-centre")
"""Kinds of organisations that keep files, by the norm: village rooms, township centres, community
health centres and stations (国家基本公共卫生服务规范（第三版），居民健康档案管理服务规范)."""

_NUMBER_LOCK: Final = 0x6D6B_0033
_UNKNOWN: Final = "000000000000"

COLUMNS: Final = """f.id, f.number, f.patient, f.institution, f.doctor, f.division, f.state, f.how,
    f.opened, f.closed, f.why_closed, f.updated, f.version, f.score, f.missing, f.wrong"""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file.

    Attributes:
        number: 17 digits: 6 county, 3 town, 3 village, 5 of the resident in the village.
        patient: the Patient that it was opened for; whose Person that is, links say.
        institution: which is responsible now; `doctor`: the responsible doctor by name.
        state: `asked`: a resident began it online, nobody has looked at it yet.
        how: opened at the `desk`, taken over from a `source`, or begun `online`.
        updated: when the sheet was changed or checked last.
        score, missing, wrong: of its quality as judged last; see `quality`.
    """

    id: str
    number: str
    patient: str
    institution: str
    doctor: str
    division: str
    state: State
    how: Literal["desk", "source", "online"]
    opened: date
    closed: date | None
    why_closed: str
    updated: date
    version: int
    score: int | None
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


class Step(msgspec.Struct, frozen=True):
    """Something that was done with a file; `detail` names items, institutions and reasons only."""

    at: datetime
    kind: str
    account_name: str
    institution: str
    detail: Mapping[str, Any]


def file_in(row: Any) -> File:
    """The record of a row with `COLUMNS`."""
    said = {name: row[name] for name in File.__struct_fields__}
    said["id"] = str(said["id"])
    said["missing"], said["wrong"] = tuple(said["missing"]), tuple(said["wrong"])
    return File(**said)


async def file_of_person(source: "Pool | Connection", person: str) -> File | None:
    """The file of a Person: the one that is open or asked for, else the one closed last."""
    row = await source.fetchrow(
        f"""select {COLUMNS} from files.file f
            where f.patient in (select patient from identity.link where person = $1)
            order by f.state in ('open', 'asked') desc, f.state = 'open' desc, f.closed desc nulls
                last, f.opened, f.id limit 1""",  # noqa: S608 - our columns
        person,
    )
    return None if row is None else file_in(row)


async def file_by_id(connection: Connection, file: str) -> File | None:
    """A file by its id, locked until the transaction ends."""
    try:
        key = UUID(file)
    except ValueError:
        return None
    row = await connection.fetchrow(
        f"select {COLUMNS} from files.file f where f.id = $1 for update",  # noqa: S608 - our columns
        key,
    )
    return None if row is None else file_in(row)


async def steps_of(source: "Pool | Connection", file: str) -> list[Step]:
    """What was done with a file, the latest first."""
    rows = await source.fetch(
        """select at, kind, account_name, institution, detail from files.step
           where file = $1 order by id desc limit 200""",
        UUID(file),
    )
    return [
        Step(row["at"], row["kind"], row["account_name"], row["institution"],
             msgspec.json.decode(row["detail"]))
        for row in rows
    ]  # fmt: skip


async def patients_of(
    connection: Connection, patients: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """By Patient all Patients of the same Person; one that is linked to nobody is alone."""
    rows = await connection.fetch(
        """select a.patient as named, b.patient from identity.link a
           join identity.link b on b.person = a.person
           where a.patient = any($1::text[]) order by 1, 2""",
        list(patients),
    )
    found: dict[str, list[str]] = {one: [] for one in patients}
    for row in rows:
        found[row["named"]].append(row["patient"])
    return {one: tuple(several) or (one,) for one, several in found.items()}


KEPT_BY: Final = """
    coalesce(
        (select a.institution from files.area a
         where a.division = any(array[$1, left($1, 9), left($1, 6)])
         order by length(a.division) desc limit 1),
        (select o.id from accounts.organisation o
         where o.division = any(array[$1, left($1, 9)]) and length(o.division) >= 9
         and o.kind = any($2::text[]) and (o.ends is null or o.ends > now())
         order by length(o.division) desc, o.id limit 1),
        '')"""
"""SQL: which institution keeps the files of the division `$1`; `$2` is `KEEPERS`."""


async def keeper_of(source: "Pool | Connection", division: str) -> str:
    """The institution that keeps the files of a division; '' if nobody is named."""
    found: str = await source.fetchval(f"select {KEPT_BY}", division, list(KEEPERS))
    return found


async def residence_of(source: "Pool | Connection", patients: Collection[str]) -> str:
    """Where the population register has somebody living; '' if it does not say."""
    found: str | None = await source.fetchval(
        """select living from identity.register_row where patient = any($1::text[])
           order by status = 'living' desc, noted desc limit 1""",
        list(patients),
    )
    return found or ""


async def new_number(connection: Connection, division: str) -> str:
    """The next number of a village: its division of 12 digits, then the first free of 5.

    Numbers of villages that have given out 99,999 go on in nothing: then `ValueError`.
    """
    village = (division + _UNKNOWN)[:12]
    await connection.execute(
        "select pg_advisory_xact_lock($1, hashtext($2))", _NUMBER_LOCK, village
    )
    last = await connection.fetchval(
        """select max(number) from files.file where number >= $1 and number <= $2""",
        f"{village}00000",
        f"{village}99999",
    )
    serial = int(last[12:]) + 1 if last else 1
    if serial > 99_999:
        raise ValueError(f"{village} has no number left")
    return f"{village}{serial:05}"
