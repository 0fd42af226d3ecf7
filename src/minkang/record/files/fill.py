"""Files of those of whom sources already have a form of basic information, opened in bulk.

Each form that came in opens a file for its resident, unless there is one: with the number, the day
and the doctor that the form names, at the institution that it names, else the one that keeps the
files where the resident lives. Doing it again changes nothing; a later form is a change of the
sheet, and says that somebody went through it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from minkang.fhir import local_reference
from minkang.fhir.dates import LOCAL
from minkang.record.files.file import File, keeper_of, new_number, patients_of, residence_of
from minkang.record.files.score import keep_scores
from minkang.record.files.steps import add_step, insert_file
from minkang.store import Connection, Scope, Store, Stored, read_several

NUMBER_SYSTEM: Final = "urn:oid:2.16.156.10011.1.2"
"""Numbers of health files (城乡居民健康档案编号)."""

_IDS: Final = UUID("7c0f4a52-2f5b-4b0a-9d3e-5a0d1f6a9b11")
_OPENER: Final = "建档单位"
_WHOLE: Final = Scope.whole()


class Filled(msgspec.Struct, frozen=True):
    """How many forms were looked at, files opened and sheets found changed."""

    forms: int
    opened: int
    changed: int


async def fill_files(store: Store, now: datetime, limit: int = 200) -> Filled:
    """Take up some forms that are not yet in a file, or came again since; see the module."""
    today = now.astimezone(LOCAL).date()
    async with store.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval("select pg_try_advisory_xact_lock($1, $2)", 0x6D6B, 34):
            return Filled(0, 0, 0)
        forms = await connection.fetch(_NEW, limit)
        if not forms:
            return Filled(0, 0, 0)
        patients = await patients_of(connection, [row["patient"] for row in forms])
        known = await _files(connection, patients)
        fresh = [row for row in forms if row["patient"] not in known]
        opened = await _open(store, connection, fresh, patients, now)
        again = {known[row["patient"]]: row for row in forms if row["patient"] in known}
        changed = await _change(connection, again, today)
        await keep_scores(store, connection, [*opened, *(str(one) for one in again)], today)
        return Filled(len(forms), len(opened), changed)


_NEW: Final = """
    select fo.composition, fo.patient, fo.day, fo.stored from files.form fo
    join identity.link l on l.patient = fo.patient
    left join lateral (
        select f.judged from files.file f join identity.link m on m.patient = f.patient
        where m.person = l.person order by f.judged desc nulls last limit 1) f on true
    where f.judged is null or f.judged < fo.stored
    order by fo.stored, fo.composition limit $1"""


async def _files(connection: Connection, patients: Mapping[str, Sequence[str]]) -> dict[str, UUID]:
    """By the Patient of a form the file of the same Person, open or closed."""
    everybody = sorted({one for several in patients.values() for one in several})
    rows = await connection.fetch(
        """select id, patient from files.file where patient = any($1::text[])
           order by state in ('open', 'asked'), opened""",
        everybody,
    )
    by_patient = {row["patient"]: row["id"] for row in rows}
    found: dict[str, UUID] = {}
    for form, several in patients.items():
        for one in several:
            if one in by_patient:
                found[form] = by_patient[one]
    return found


async def _open(
    store: Store,
    connection: Connection,
    forms: Sequence[Any],
    patients: Mapping[str, Sequence[str]],
    now: datetime,
) -> list[str]:
    """Files for forms of residents who have none; one each. Their ids."""
    about = {
        one.id: one
        for one in await read_several(
            store, connection, _WHOLE, "Patient", sorted({row["patient"] for row in forms})
        )
    }
    named = await _openers(store, connection, [row["composition"] for row in forms])
    opened: list[str] = []
    done: set[str] = set()
    for row in forms:
        everybody = patients[row["patient"]]
        if everybody[0] in done:
            continue
        done.add(everybody[0])
        told = about.get(row["patient"])
        division = await residence_of(connection, everybody)
        kept = named.get(row["composition"]) or await keeper_of(connection, division)
        file = File(
            id=str(uuid5(_IDS, row["patient"])),
            number=await _number(connection, told, division),
            patient=row["patient"],
            institution=kept or (told.source if told else ""),
            doctor=_doctor(told),
            division=division,
            state="open",
            how="source",
            opened=min(row["day"], now.astimezone(LOCAL).date()),
            closed=None,
            why_closed="",
            updated=_entered(row["day"], row["stored"]),
            version=1,
            score=None,
            missing=(),
            wrong=(),
        )
        await insert_file(connection, file)
        await add_step(connection, file.id, "opened", None, now, source=told.source if told else "")
        opened.append(file.id)
    await _learn_areas(connection)
    return opened


async def _change(connection: Connection, again: Mapping[UUID, Any], today: date) -> int:
    """Files whose form came again: somebody went through them at its source."""
    await connection.executemany(
        "update files.file set updated = greatest(updated, $2) where id = $1 and state = 'open'",
        [(one, min(today, _entered(row["day"], row["stored"]))) for one, row in again.items()],
    )
    return len(again)


def _entered(day: date, stored: datetime) -> date:
    """When a sheet was true: the day its form says; never later than it came."""
    return min(day, stored.astimezone(LOCAL).date())


async def _number(connection: Connection, told: Stored | None, division: str) -> str:
    """The number that the form gives, if nobody else has it; else a new one."""
    said = next(
        (
            str(one.get("value", ""))
            for one in (told.resource.get("identifier", []) if told else [])
            if one.get("system") == NUMBER_SYSTEM
        ),
        "",
    )
    if len(said) == 17 and said.isdigit():
        taken = await connection.fetchval(
            "select exists (select from files.file where number = $1)", said
        )
        if not taken:
            return said
    return await new_number(connection, division)


def _doctor(told: Stored | None) -> str:
    several = told.resource.get("generalPractitioner", []) if told else []
    return next((str(one["display"])[:60] for one in several if one.get("display")), "")


async def _openers(store: Store, connection: Connection, forms: Sequence[str]) -> dict[str, str]:
    """By form the institution that it names as having opened the file, as far as it is known."""
    stored = await read_several(store, connection, _WHOLE, "Composition", list(forms))
    entries: dict[str, str] = {}
    for one in stored:
        for part in one.resource.get("section", []):
            for entry in part.get("entry", []):
                target = local_reference(entry)
                if target and target[0] == "Observation":
                    entries[target[1]] = one.id
    said = await read_several(store, connection, _WHOLE, "Observation", sorted(entries))
    names = {
        entries[one.id]: str(one.resource.get("valueString", "")).strip()
        for one in said
        if one.resource.get("code", {}).get("text") == _OPENER
    }
    rows = await connection.fetch(
        """select name, min(id) as id from accounts.organisation
           where name = any($1::text[]) and institution = id group by name having count(*) = 1""",
        sorted(set(names.values())),
    )
    ids = {row["name"]: row["id"] for row in rows}
    return {form: ids[name] for form, name in names.items() if name in ids}


async def _learn_areas(connection: Connection) -> None:
    """Who keeps most files of a village keeps those to come, unless somebody is named for it."""
    rows = await connection.fetch(
        """select f.division, f.institution, count(*) as files from files.file f
           join accounts.organisation o on o.id = f.institution
           where f.state = 'open' and length(f.division) = 12
           and not exists (select from files.area a where a.division = f.division)
           and not exists (select from accounts.organisation v
                           where v.division = f.division and v.kind = 'village-room')
           group by 1, 2"""
    )
    most: dict[str, Counter[str]] = {}
    for row in rows:
        most.setdefault(row["division"], Counter())[row["institution"]] = row["files"]
    await connection.executemany(
        "insert into files.area (division, institution) values ($1, $2) on conflict do nothing",
        [(division, max(sorted(found), key=found.__getitem__)) for division, found in most.items()],
    )
