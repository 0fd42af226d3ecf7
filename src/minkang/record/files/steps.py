"""What is done with a file: open, write, check, transfer, close, open again; each in the audit log.

Whoever calls has asked the gate (`keep-file`, or `own-file` of a resident). All changes ask for the
version that the writer saw: of two who write at once the second is told.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog
from minkang.fhir.dates import LOCAL
from minkang.identity import Resident
from minkang.policy.presented import institution_of
from minkang.record.files.file import (
    REASONS,
    File,
    file_by_id,
    file_of_person,
    keeper_of,
    new_number,
    residence_of,
)
from minkang.record.files.items import sheet_items
from minkang.record.files.quality import fits
from minkang.record.files.refused import FileRefused
from minkang.record.files.score import keep_scores
from minkang.record.files.sheet import response_id, written_items
from minkang.store import Change, Connection, Store, Stored, lock_current, write

Values = Mapping[str, Sequence[str]]
"""New values of items by key; an empty list takes away what was written here."""

_Change = Callable[[Connection, File], Awaitable[tuple[str, dict[str, Any]]]]


class By(msgspec.Struct, frozen=True):
    """Who does it, when and from where."""

    account: Account
    now: datetime
    address: str = ""

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(LOCAL).date()


async def open_file(
    store: Store,
    log: AuditLog,
    resident: Resident,
    values: Values,
    *,
    by: By,
    how: Literal["desk", "online"] = "desk",
) -> File:
    """Open a file with what the sheet says; online it waits (`asked`) for its institution.

    At the desk the file is that of the account's institution, else of who keeps the files where
    the resident lives.

    Raises:
        FileRefused: `there-is-one`, `no-data`, `value`, `fixed`, `institution`.
        AuditUnavailable: nothing was kept.
    """
    if not resident.patients:
        raise FileRefused("no-data")
    _check(values, by.today)
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended($1, 33))", resident.person
        )
        known = await file_of_person(connection, resident.person)
        if known is not None and known.state in ("open", "asked"):
            raise FileRefused("there-is-one")
        division = await residence_of(connection, resident.patients)
        kept = (
            institution_of(by.account) if how == "desk" else await keeper_of(connection, division)
        )
        if not kept:
            raise FileRefused("institution")
        file = File(
            id=str(uuid4()),
            number=await new_number(connection, division or await _division(connection, kept)),
            patient=await _anchor(connection, resident),
            institution=kept,
            doctor=by.account.name if how == "desk" else "",
            division=division,
            state="open" if how == "desk" else "asked",
            how=how,
            opened=by.today,
            closed=None,
            why_closed="",
            updated=by.today,
            version=1,
            score=None,
            missing=(),
            wrong=(),
        )
        await insert_file(connection, file)
        if values:
            await _write(store, connection, file, values, by)
        kind = "opened" if how == "desk" else "asked"
        await _noted(connection, log, file, resident.person, kind, by, items=sorted(values))
        await keep_scores(store, connection, [file.id], by.today)
    return file


async def answer_online(
    store: Store, log: AuditLog, file: str, *, accept: bool, words: str, version: int, by: By
) -> File:
    """A file that a resident began online is opened, or refused with words.

    Raises:
        FileRefused: `unknown`, `changed`, `state`, `reason`.
        AuditUnavailable: nothing was changed.
    """
    if not accept and not 2 <= len(words.strip()) <= 500:
        raise FileRefused("reason", "words")

    async def change(connection: Connection, known: File) -> tuple[str, dict[str, Any]]:
        await _set(
            connection, known, state="open" if accept else "refused", opened=by.today,
            updated=by.today, doctor=by.account.name,
        )  # fmt: skip
        return "opened" if accept else "refused", {} if accept else {"words": words.strip()}

    return await _changed(store, log, file, version, by, ("asked",), change)


async def write_sheet(
    store: Store, log: AuditLog, file: str, values: Values, *, version: int, by: By
) -> File:
    """Write values into the sheet; without any the keeper has gone through it, and it is right.

    Raises:
        FileRefused: `unknown`, `changed`, `state`, `value`, `fixed`.
        AuditUnavailable: nothing was changed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        return await write_within(store, connection, log, file, values, version=version, by=by)


async def write_within(
    store: Store,
    connection: Connection,
    log: AuditLog,
    file: str,
    values: Values,
    *,
    version: int,
    by: By,
) -> File:
    """`write_sheet` in the transaction of something else."""
    _check(values, by.today)

    async def change(connection: Connection, known: File) -> tuple[str, dict[str, Any]]:
        if values:
            await _write(store, connection, known, values, by)
        await _set(connection, known, updated=by.today)
        await keep_scores(store, connection, [known.id], by.today)
        return ("changed", {"items": sorted(values)}) if values else ("checked", {})

    return await _changed_within(connection, log, file, version, by, ("open", "asked"), change)


async def transfer_file(
    store: Store, log: AuditLog, file: str, to: str, *, version: int, by: By, doctor: str = ""
) -> File:
    """Hand the file to the institution where the resident lives now (属地管理).

    Raises:
        FileRefused: `unknown`, `changed`, `state`, `institution` (none that keeps files, or the
            same).
        AuditUnavailable: nothing was changed.
    """

    async def change(connection: Connection, known: File) -> tuple[str, dict[str, Any]]:
        kind = await connection.fetchval(
            "select kind from accounts.organisation where id = $1 and institution = id", to
        )
        if kind is None or to == known.institution:
            raise FileRefused("institution", "to")
        division = await _residence(connection, known) or known.division
        await _set(connection, known, institution=to, doctor=doctor, division=division)
        return "transferred", {"from": known.institution, "to": to}

    return await _changed(store, log, file, version, by, ("open",), change)


async def close_file(
    store: Store, log: AuditLog, file: str, reason: str, day: date, *, version: int, by: By
) -> File:
    """Close a file: the resident died or left the region, or it should not have been opened.

    Raises:
        FileRefused: `unknown`, `changed`, `state`, `reason`, `date`.
        AuditUnavailable: nothing was changed.
    """
    if reason not in REASONS:
        raise FileRefused("reason", "reason")

    async def change(connection: Connection, known: File) -> tuple[str, dict[str, Any]]:
        if not known.opened <= day <= by.today:
            raise FileRefused("date", "day")
        await _set(connection, known, state="closed", closed=day, why_closed=reason)
        return "closed", {"reason": reason, "day": day.isoformat()}

    return await _changed(store, log, file, version, by, ("open",), change)


async def reopen_file(
    store: Store, log: AuditLog, file: str, words: str, *, version: int, by: By
) -> File:
    """Open a file again that was closed by mistake, or whose resident came back.

    Raises:
        FileRefused: `unknown`, `changed`, `state`, `reason`, `there-is-one`.
        AuditUnavailable: nothing was changed.
    """
    said = words.strip()
    if not 2 <= len(said) <= 500:
        raise FileRefused("reason", "words")

    async def change(connection: Connection, known: File) -> tuple[str, dict[str, Any]]:
        if await connection.fetchval(
            """select exists (select from files.file
                              where patient = $1 and state in ('open', 'asked'))""",
            known.patient,
        ):
            raise FileRefused("there-is-one")
        await _set(connection, known, state="open", closed=None, why_closed="")
        return "reopened", {"words": said}

    return await _changed(store, log, file, version, by, ("closed",), change)


async def insert_file(connection: Connection, file: File) -> None:
    """Keep a file that is new."""
    names = [name for name in File.__struct_fields__ if name not in ("score", "missing", "wrong")]
    marks = ", ".join(f"${at}" for at in range(1, len(names) + 1))
    await connection.execute(
        f"insert into files.file ({', '.join(names)}) values ({marks})",  # noqa: S608 - our columns
        *(UUID(file.id) if name == "id" else getattr(file, name) for name in names),
    )


async def add_step(
    connection: Connection, file: str, kind: str, by: By | None, at: datetime, **detail: Any
) -> None:
    """Note a step; without `by` the platform itself did it."""
    account = by.account if by is not None else None
    await connection.execute(
        """insert into files.step (file, at, kind, account, account_name, institution, detail)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        UUID(file),
        at,
        kind,
        account.id if account else "",
        account.name if account else "",
        (institution_of(account) or "") if account else "",
        msgspec.json.encode({key: value for key, value in detail.items() if value}).decode(),
    )


async def _changed(
    store: Store,
    log: AuditLog,
    file: str,
    version: int,
    by: By,
    states: tuple[str, ...],
    change: _Change,
) -> File:
    """Do a change to the version that the writer saw, and note it."""
    async with store.pool.acquire() as connection, connection.transaction():
        return await _changed_within(connection, log, file, version, by, states, change)


async def _changed_within(
    connection: Connection,
    log: AuditLog,
    file: str,
    version: int,
    by: By,
    states: tuple[str, ...],
    change: _Change,
) -> File:
    known = await file_by_id(connection, file)
    if known is None:
        raise FileRefused("unknown")
    if known.version != version:
        raise FileRefused("changed")
    if known.state not in states:
        raise FileRefused("state")
    kind, detail = await change(connection, known)
    person = await connection.fetchval(
        "select person from identity.link where patient = $1", known.patient
    )
    await _noted(connection, log, known, person, kind, by, **detail)
    after = await file_by_id(connection, file)
    assert after is not None  # noqa: S101 - it is locked
    return after


async def _set(connection: Connection, known: File, **said: Any) -> None:
    sets = ", ".join(f"{name} = ${at}" for at, name in enumerate(said, 2))
    await connection.execute(
        f"update files.file set version = version + 1, {sets} where id = $1",  # noqa: S608
        UUID(known.id),
        *said.values(),
    )


async def _noted(
    connection: Connection, log: AuditLog, file: File, person: str | None, kind: str, by: By,
    **detail: Any,
) -> None:  # fmt: skip
    await add_step(connection, file.id, kind, by, by.now, **detail)
    listed = {key: value for key, value in detail.items() if key != "words" and value}
    await log.record(
        entry_by(
            by.account,
            f"file-{kind}",
            by.now,
            purpose="own-record" if by.account.role == "resident" else "public-health",
            object_type="HealthFile",
            object_id=file.id,
            person=person,
            address=by.address,
            detail=listed,
        )
    )


def _check(values: Values, today: date) -> None:
    items = sheet_items().items
    for key, several in values.items():
        item = items.get(key)
        if item is None:
            raise FileRefused("value", key)
        if item.fixed:
            raise FileRefused("fixed", key)
        if several and not fits(item, tuple(several), today):
            raise FileRefused("value", key)


async def _write(store: Store, connection: Connection, file: File, values: Values, by: By) -> None:
    """The values as a new version of the file's QuestionnaireResponse, with its Provenance."""
    key = response_id(file.id)
    locked = await lock_current(store, connection, [("QuestionnaireResponse", key)])
    before: Stored | None = locked.current.get(("QuestionnaireResponse", key))
    subject = {"reference": f"Patient/{file.patient}"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": key,
        "identifier": {"system": "urn:oid:2.16.156.10011.1.2", "value": file.number},
        "status": "in-progress" if file.state == "asked" else "completed",
        "subject": subject,
        "authored": by.now.isoformat(timespec="seconds"),
        "author": {"display": by.account.name},
        "item": written_items(
            before.resource if before is not None and not before.deleted else None,
            values,
            by.account.name,
            by.now,
        ),
    }
    done = await write(store, connection, [Change(response, file.institution)], locked)
    version = done[0].version
    provenance = {
        "resourceType": "Provenance",
        "id": f"{key}-{version}",
        "target": [{"reference": f"QuestionnaireResponse/{key}/_history/{version}"}, subject],
        "recorded": by.now.isoformat(timespec="seconds"),
        "activity": {"text": "健康档案更新"},
        "agent": [
            {
                "who": {"display": by.account.name},
                "onBehalfOf": {"reference": f"Organization/{file.institution}"},
            }
        ],
    }
    await write(store, connection, [Change(provenance, file.institution)])


async def _anchor(connection: Connection, resident: Resident) -> str:
    """The Patient that the file hangs on: a row of the population register, else the first."""
    patients = sorted(resident.patients)
    found: str | None = await connection.fetchval(
        """select patient from identity.register_row where patient = any($1::text[])
           order by status = 'living' desc, patient limit 1""",
        patients,
    )
    return found or patients[0]


async def _residence(connection: Connection, file: File) -> str:
    rows = await connection.fetch(
        """select b.patient from identity.link a join identity.link b on b.person = a.person
           where a.patient = $1""",
        file.patient,
    )
    return await residence_of(connection, [row["patient"] for row in rows] or [file.patient])


async def _division(connection: Connection, institution: str) -> str:
    found: str | None = await connection.fetchval(
        "select division from accounts.organisation where id = $1", institution
    )
    return found or ""
