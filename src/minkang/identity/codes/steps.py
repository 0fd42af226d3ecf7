"""Issuing a code with the separate consent, and what may become of it.

issued <-> frozen;  issued, frozen -> lost;  lost -> issued at a desk only
issued, frozen, lost -> revoked;  -> replaced, by a new code that is issued in its place
"""

from datetime import datetime
from typing import Final, Literal

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.identity.codes.card import FORMAL, TEMPORARY
from minkang.identity.codes.records import (
    LIVE,
    Code,
    CodeRefused,
    State,
    anchor,
    code_of,
    codes_of,
)
from minkang.identity.id_number import parse_id_number
from minkang.identity.residents import Resident
from minkang.policy.consent import current_consent
from minkang.policy.presented import institution_of
from minkang.store import Connection, Store

Step = Literal["freeze", "resume", "lost", "revoke", "reissue"]

STEPS: Final[dict[Step, tuple[State, frozenset[State]]]] = {
    "freeze": ("frozen", frozenset({"issued"})),
    "resume": ("issued", frozenset({"frozen", "lost"})),
    "lost": ("lost", frozenset({"issued", "frozen"})),
    "revoke": ("revoked", frozenset(LIVE)),
    "reissue": ("replaced", frozenset(LIVE)),
}
"""The state that a step leads to, and from which."""

REASON_LIMIT: Final = 200


async def issue_code(
    store: Store,
    log: AuditLog,
    resident: Resident,
    *,
    by: Account | None,
    now: datetime,
    reason: str = "",
    address: str = "",
) -> Code:
    """Issue the first code of a person, or another after the last one was revoked.

    The resident's consent to sharing has to stand: it is the separate consent that the code is
    issued with (个人信息保护法, articles 14 and 29). The gate must have allowed it; `by` None is
    the operator.

    Raises:
        CodeRefused: `no-consent`, `no-patient`, `already`.
        AuditUnavailable: nothing was issued.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        await _lock(connection, resident.person)
        if any(one.state in LIVE for one in await codes_of(connection, resident.person)):
            raise CodeRefused("already")
        made = await _insert(connection, resident, now, replaces=None)
        await _note(connection, made, by, now, reason)
        await log.record(_entry(made, "issue", resident, by, now, reason, address))
    return made


async def change_code(
    store: Store,
    log: AuditLog,
    resident: Resident,
    step: Step,
    *,
    by: Account | None,
    now: datetime,
    reason: str = "",
    address: str = "",
) -> Code:
    """Take a step with whatever codes the person has; gives the newest one as it is then.

    After a merge a person may have several: what stops one stops all.

    Raises:
        CodeRefused: `none`, `state`, `desk-only`, `no-consent`, `no-patient`.
        AuditUnavailable: nothing was changed.
    """
    state, allowed = STEPS[step]
    async with store.pool.acquire() as connection, connection.transaction():
        await _lock(connection, resident.person)
        live = [one for one in await codes_of(connection, resident.person) if one.state in LIVE]
        if not live:
            raise CodeRefused("none")
        affected = [one for one in live if one.state in allowed]
        if not affected:
            raise CodeRefused("state")
        by_resident = by is not None and by.role == "resident"
        if step == "resume" and by_resident and any(one.state == "lost" for one in affected):
            raise CodeRefused("desk-only")
        changed = [await _put(connection, one, state, by, now, reason) for one in affected]
        newest = changed[0]
        if step == "reissue":
            newest = await _insert(connection, resident, now, replaces=newest.id)
            await _note(connection, newest, by, now, reason)
        await log.record(_entry(newest, step, resident, by, now, reason, address))
    return newest


async def _lock(connection: Connection, person: str) -> None:
    """Two steps with the codes of one person are taken one after the other."""
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"code:{person}"
    )


async def _insert(
    connection: Connection, resident: Resident, now: datetime, *, replaces: int | None
) -> Code:
    consent = await current_consent(connection, resident.person)
    if consent is None or not consent.given:
        raise CodeRefused("no-consent")
    patient = await anchor(connection, resident.person, resident.patients)
    if patient is None:
        raise CodeRefused("no-patient")
    row = await connection.fetchrow(
        """insert into identity.code
               (person, patient, kind, state, issued, changed, consent, replaces)
           values ($1, $2, $3, 'issued', $4, $4, $5, $6) returning *""",
        resident.person,
        patient,
        FORMAL if parse_id_number(resident.id_number) else TEMPORARY,
        now,
        consent.number,
        replaces,
    )
    return code_of(row)


async def _put(
    connection: Connection, code: Code, state: State, by: Account | None, now: datetime, reason: str
) -> Code:
    row = await connection.fetchrow(
        "update identity.code set state = $2, changed = $3 where id = $1 returning *",
        code.id,
        state,
        now,
    )
    changed = code_of(row)
    await _note(connection, changed, by, now, reason)
    return changed


async def _note(
    connection: Connection, code: Code, by: Account | None, now: datetime, reason: str
) -> None:
    await connection.execute(
        """insert into identity.code_change
               (code, number, state, at, account, account_name, role, institution, reason)
           select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8
           from identity.code_change where code = $1""",
        code.id,
        code.state,
        now,
        by.id if by else None,
        by.name if by else "",
        by.role if by else "",
        institution_of(by) if by else None,
        reason.strip()[:REASON_LIMIT],
    )


def _entry(
    code: Code,
    step: str,
    resident: Resident,
    by: Account | None,
    now: datetime,
    reason: str,
    address: str,
) -> Entry:
    own = by is not None and by.role == "resident"
    return entry_by(
        by,
        f"{step}-code",
        now,
        purpose="own-record" if own else "administration",
        object_type="Code",
        object_id=str(code.id),
        person=resident.person,
        reason=reason.strip()[:REASON_LIMIT],
        address=address,
        detail={"state": code.state, "kind": code.kind, "consent": code.consent},
    )
