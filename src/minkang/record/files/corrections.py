"""A resident asks that something be put right; the responsible institution answers.

Personal information protection law, article 46: whoever finds own information wrong or incomplete
may ask that it be corrected, and is to be answered. What is wrong and right stands in a FHIR Task,
sealed like all that is said of somebody; where it stands, in `files.correction`. An accepted change
becomes a new version of the sheet (`steps.write_sheet`); what a source recorded is never changed
here: its institution is asked, and answers.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog
from minkang.identity import Resident
from minkang.policy.notices import add_notice
from minkang.policy.stand_in import SAME
from minkang.policy.working_days import due_after
from minkang.record.files.correction import (
    Correction,
    State,
    correction_in,
    keep_task,
    with_words,
)
from minkang.record.files.file import file_of_person, keeper_of, residence_of
from minkang.record.files.items import sheet_items
from minkang.record.files.refused import FileRefused
from minkang.record.files.steps import By, write_within
from minkang.store import Connection, Pool, Store

OTHERS: Final = ("result", "diagnosis", "medicine", "visit", "document", "other")
"""What can be wrong beside the items of the sheet: facts of the record."""

DAYS: Final = 15
"""Working days until an answer is due (个人信息保护法 art. 50 says: in time; GB/T 35273-2020, 8.7:
within thirty days)."""

_SHORTEST: Final = 2
_LONGEST: Final = 500


class Asked(msgspec.Struct, frozen=True):
    """What a resident says: which item, what is wrong, what is right, how that can be seen."""

    item: str
    wrong: str
    right: str
    evidence: str = ""


async def ask_correction(
    store: Store, log: AuditLog, resident: Resident, asked: Asked, *, by: By
) -> Correction:
    """Ask for a correction; it goes to who keeps the file, else to who would.

    Raises:
        FileRefused: `value` (an item that there is none of), `reason` (words missing or too long),
            `no-data`, `institution` (nobody keeps files where the resident lives).
        AuditUnavailable: nothing was kept.
    """
    said = _checked(asked)
    if not resident.patients:
        raise FileRefused("no-data")
    key = uuid4()
    async with store.pool.acquire() as connection, connection.transaction():
        file = await file_of_person(connection, resident.person)
        division = await residence_of(connection, resident.patients)
        responsible = (
            file.institution if file is not None and file.state in ("open", "asked")
            else await keeper_of(connection, division)
        )  # fmt: skip
        if not responsible:
            raise FileRefused("institution")
        patient = file.patient if file is not None else min(resident.patients)
        await connection.execute(
            """insert into files.correction (id, person, patient, account, item, at, due, state,
                   institution, responsible) values ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $8)""",
            key,
            resident.person,
            patient,
            by.account.id,
            said.item,
            by.now,
            due_after(by.now, DAYS),
            responsible,
        )
        found = await _locked(connection, str(key))
        told = msgspec.structs.replace(
            found, wrong=said.wrong, right=said.right, evidence=said.evidence
        )
        await keep_task(store, connection, told)
        await log.record(_entry(told, "ask-correction", by))
    return told


async def corrections_of(store: Store, person: str, limit: int = 50) -> list[Correction]:
    """What a Person has asked for, the newest first."""
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(
            f"""select * from files.correction where person = {SAME}
                order by at desc, id limit $2""",  # noqa: S608 - see SAME
            person,
            limit,
        )
        return await with_words(store, connection, [correction_in(row) for row in rows])


async def correction_desk(
    store: Store, institutions: Collection[str], *, answered: bool = False, limit: int = 100
) -> list[Correction]:
    """What waits at some institutions, the first due first; or what they answered, the last
    first."""
    waiting = "('open', 'forwarded')"
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(
            f"""select * from files.correction where
                (institution = any($1::text[]) or responsible = any($1::text[]))
                and (state in {waiting}) <> $2
                order by case when $2 then answered end desc nulls last, due, id
                limit $3""",  # noqa: S608 - a constant
            sorted(institutions),
            answered,
            limit,
        )
        return await with_words(store, connection, [correction_in(row) for row in rows])


async def correction_one(
    store: Store, correction: str, institutions: Collection[str]
) -> Correction | None:
    """One of these institutions' requests; None if there is none such."""
    try:
        key = UUID(correction)
    except ValueError:
        return None
    async with store.pool.acquire() as connection:
        row = await connection.fetchrow(
            """select * from files.correction where id = $1
               and (institution = any($2::text[]) or responsible = any($2::text[]))""",
            key,
            sorted(institutions),
        )
        if row is None:
            return None
        return (await with_words(store, connection, [correction_in(row)]))[0]


async def corrections_waiting(pool: "Pool | Connection", institutions: Collection[str]) -> int:
    """How many wait for an answer of some institutions."""
    found: int = await pool.fetchval(
        """select count(*) from files.correction
           where institution = any($1::text[]) and state in ('open', 'forwarded')""",
        sorted(institutions),
    )
    return found


async def forward_correction(
    store: Store, log: AuditLog, one: Correction, to: str, words: str, *, by: By
) -> Correction:
    """Ask the source whose fact it is.

    Raises:
        FileRefused: `changed`, `state`, `institution`, `reason`.
        AuditUnavailable: nothing was changed.
    """
    said = _words(words, "words")
    async with store.pool.acquire() as connection, connection.transaction():
        known = await _open(store, connection, one)
        exists = await connection.fetchval(
            "select exists (select from accounts.organisation where id = $1 and institution = id)",
            to,
        )
        if not exists or to == known.institution:
            raise FileRefused("institution", "to")
        await connection.execute(
            """update files.correction set institution = $2, state = 'forwarded',
                   version = version + 1, due = $3 where id = $1""",
            UUID(one.id),
            to,
            due_after(by.now, DAYS),
        )
        told = msgspec.structs.replace(
            known, institution=to, state="forwarded", version=known.version + 1,
            forwarded_words=said,
        )  # fmt: skip
        await keep_task(store, connection, told)
        await _tell(connection, told, by)
        await log.record(_entry(told, "forward-correction", by))
    return told


async def answer_correction(
    store: Store,
    log: AuditLog,
    one: Correction,
    *,
    accept: bool,
    words: str,
    by: By,
    values: Sequence[str] = (),
) -> Correction:
    """Answer. Accepted, an item of the sheet is written anew with `values`; of a source's fact the
    source says that it has put it right, and its next message shows it.

    Raises:
        FileRefused: `changed`, `state`, `reason`, `value` and what `write_sheet` raises.
        AuditUnavailable: nothing was changed.
    """
    said = _words(words, "words")
    item = sheet_items().items.get(one.item)
    async with store.pool.acquire() as connection, connection.transaction():
        known = await _open(store, connection, one)
        if accept and item is not None and not item.fixed and known.state == "open":
            await _write(store, connection, log, known, values, by)
        state: State = "accepted" if accept else "refused"
        await connection.execute(
            """update files.correction set state = $2, version = version + 1, answered = $3,
                   answered_by = $4, answered_name = $5 where id = $1""",
            UUID(one.id),
            state,
            by.now,
            by.account.id,
            by.account.name,
        )
        told = msgspec.structs.replace(
            known, state=state, version=known.version + 1, answered=by.now,
            answered_name=by.account.name, words=said,
        )  # fmt: skip
        await keep_task(store, connection, told)
        await _tell(connection, told, by)
        await log.record(_entry(told, "answer-correction", by))
    return told


async def withdraw_correction(
    store: Store, log: AuditLog, person: str, correction: str, *, by: By
) -> None:
    """The resident needs it no more.

    Raises:
        FileRefused: `unknown`, `state`.
        AuditUnavailable: nothing was changed.
    """
    try:
        key = UUID(correction)
    except ValueError as error:
        raise FileRefused("unknown") from error
    async with store.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            f"select * from files.correction where id = $2 and person = {SAME} for update",  # noqa: S608
            person,
            key,
        )
        if row is None:
            raise FileRefused("unknown")
        if row["state"] not in ("open", "forwarded"):
            raise FileRefused("state")
        await connection.execute(
            """update files.correction set state = 'withdrawn', version = version + 1, answered = $2
               where id = $1""",
            key,
            by.now,
        )
        told = (await with_words(store, connection, [correction_in(row)]))[0]
        told = msgspec.structs.replace(told, state="withdrawn")
        await keep_task(store, connection, told)
        await log.record(_entry(told, "withdraw-correction", by))


async def _write(
    store: Store,
    connection: Connection,
    log: AuditLog,
    one: Correction,
    values: Sequence[str],
    by: By,
) -> None:
    file = await file_of_person(connection, one.person)
    if file is None:
        raise FileRefused("unknown")
    if not values:
        raise FileRefused("value", one.item)
    changes = {one.item: list(values)}
    await write_within(store, connection, log, file.id, changes, version=file.version, by=by)


async def _locked(connection: Connection, key: str) -> Correction:
    row = await connection.fetchrow(
        "select * from files.correction where id = $1 for update", UUID(key)
    )
    if row is None:
        raise FileRefused("unknown")
    return correction_in(row)


async def _open(store: Store, connection: Connection, seen: Correction) -> Correction:
    """The request, locked; as the one who answers saw it, and not answered yet."""
    known = await _locked(connection, seen.id)
    if known.version != seen.version:
        raise FileRefused("changed")
    if known.state not in ("open", "forwarded"):
        raise FileRefused("state")
    return (await with_words(store, connection, [known]))[0]


async def _tell(connection: Connection, one: Correction, by: By) -> None:
    """Let the resident know; the notice says no more than that there is an answer."""
    await add_notice(
        connection, one.person, f"correction-{one.state}", about=one.id, facts={}, at=by.now
    )


def _checked(asked: Asked) -> Asked:
    if asked.item not in sheet_items().items and asked.item not in OTHERS:
        raise FileRefused("value", "item")
    evidence = asked.evidence.strip()
    if len(evidence) > _LONGEST:
        raise FileRefused("reason", "evidence")
    return Asked(asked.item, _words(asked.wrong, "wrong"), _words(asked.right, "right"), evidence)


def _words(text: str, item: str) -> str:
    said = text.strip()
    if not _SHORTEST <= len(said) <= _LONGEST:
        raise FileRefused("reason", item)
    return said


def _entry(one: Correction, action: str, by: By) -> Any:
    account: Account = by.account
    return entry_by(
        account,
        action,
        by.now,
        purpose="own-record" if account.role == "resident" else "public-health",
        object_type="Correction",
        object_id=one.id,
        person=one.person,
        reason=one.state,
        address=by.address,
        detail={"item": one.item, "institution": one.institution},
    )
