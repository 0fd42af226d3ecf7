"""Asking to be somebody's guardian, recording it at the desk, the second look, and the end."""

from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.policy.guardians import (
    ADULT,
    EVIDENCE,
    RELATIONS,
    Guardianship,
    age,
    guardianship_of,
    local_day,
)
from minkang.policy.notices import add_notice
from minkang.policy.presented import institution_of
from minkang.policy.stand_in import SAME
from minkang.store import Connection, Store

MOST_OPEN: Final = 5
"""Requests of one resident that wait at the same time."""

DOCUMENT_LIMIT: Final = 64
WORDS_LIMIT: Final = 500


class GuardianRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be done like this.

    Attributes:
        code: `evidence` (kind and evidence do not go together), `document` (its number is missing
            or too long), `period`, `self`, `already`, `too-many`, `unknown` (no such request
            here), `decided`, `second-look` (whoever recorded it, or is concerned, can't confirm
            it), `no-match` (what was typed fits no resident), `birth-date`, `adult`, `words`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is said: who acts for whom, shown by what, checked where, from and until when.

    `claimed` is a keyed hash of the ID number that was typed: the same is not asked for twice,
    whether or not it fits a resident.
    """

    guardian: str
    ward: str | None
    ward_name: str
    claimed: int | None = None
    kind: str
    evidence: str
    document: str
    institution: str
    begins: date
    ends: date | None = None


async def claim_guardian(
    store: Store, log: AuditLog, claim: Claim, *, by: Account, now: datetime, address: str = ""
) -> Guardianship:
    """Ask for it (a resident, for the own person) or record it at the desk (staff).

    The gate must have allowed it. Nobody is told whether a resident fits what was typed.

    Raises:
        GuardianRefused: see its codes.
        AuditUnavailable: nothing was kept.
    """
    _check(claim)
    own = by.role == "resident"
    async with store.pool.acquire() as connection, connection.transaction():
        # Two requests at once are counted one after the other.
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"guardian:{claim.guardian}"
        )
        await _check_others(connection, claim, now)
        row = await connection.fetchrow(
            """insert into policy.guardian (id, guardian, ward, ward_name, kind, evidence,
                   document, institution, state, asked, asked_by, asked_name, begins, ends, claimed)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
               returning *""",
            uuid4(),
            claim.guardian,
            claim.ward,
            claim.ward_name[:64],
            claim.kind,
            claim.evidence,
            claim.document.strip(),
            claim.institution,
            "asked" if own else "recorded",
            now,
            UUID(by.id),
            by.name,
            claim.begins,
            claim.ends,
            claim.claimed,
        )
        made = guardianship_of(row)
        await log.record(_entry(by, "ask-guardian", made, made.state, now, address))
    return made


async def decide_guardian(
    store: Store,
    log: AuditLog,
    request: str,
    *,
    by: Account,
    confirmed: bool,
    born: date | None,
    words: str,
    now: datetime,
    address: str = "",
) -> Guardianship:
    """The check at the institution: confirm, or refuse with words.

    `born` is the ward's birth date as the platform knows it.

    Raises:
        GuardianRefused: `unknown`, `decided`, `second-look`, `no-match`, `birth-date`, `adult`,
            `words`.
        AuditUnavailable: nothing was changed.
    """
    said = words.strip()
    if len(said) > WORDS_LIMIT or (not confirmed and not said):
        raise GuardianRefused("words")
    async with store.pool.acquire() as connection, connection.transaction():
        found = await _locked(connection, request)
        if found.institution != institution_of(by):
            raise GuardianRefused("unknown")
        if found.state not in ("asked", "recorded"):
            raise GuardianRefused("decided")
        if by.id == found.asked_by or by.person in {found.guardian, found.ward} - {None}:
            raise GuardianRefused("second-look")
        if confirmed:
            _check_ward(found, born, now)
        state = "confirmed" if confirmed else "refused"
        row = await connection.fetchrow(
            """update policy.guardian set state = $2, decided = $3, decided_by = $4,
                   decided_name = $5, words = $6, born = $7
               where id = $1 returning *""",
            UUID(found.id),
            state,
            now,
            UUID(by.id),
            by.name,
            said,
            born,
        )
        made = _of_those(guardianship_of(row), found)
        await _tell(connection, made, now)
        await log.record(_entry(by, "decide-guardian", made, state, now, address))
    return made


async def end_guardian(
    store: Store, log: AuditLog, request: str, *, by: Account, now: datetime, address: str = ""
) -> Guardianship:
    """End it or take a request back: the guardian, the ward, or staff where it was checked.

    Raises:
        GuardianRefused: `unknown`, `decided` (it is over already).
        AuditUnavailable: nothing was changed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        found = await _locked(connection, request)
        own = by.person is not None and by.person in (found.guardian, found.ward)
        there = by.role != "resident" and institution_of(by) == found.institution
        if not (own or there):
            raise GuardianRefused("unknown")
        if found.state in ("refused", "ended"):
            raise GuardianRefused("decided")
        row = await connection.fetchrow(
            "update policy.guardian set state = 'ended', ended = $2 where id = $1 returning *",
            UUID(found.id),
            now,
        )
        made = _of_those(guardianship_of(row), found)
        if found.state == "confirmed":
            await _tell(connection, made, now)
        await log.record(_entry(by, "end-guardian", made, "ended", now, address))
    return made


def _check(claim: Claim) -> None:
    if claim.evidence not in EVIDENCE.get(claim.kind, ()):
        raise GuardianRefused("evidence")
    if not 0 < len(claim.document.strip()) <= DOCUMENT_LIMIT:
        raise GuardianRefused("document")
    if claim.ends is not None and claim.ends <= claim.begins:
        raise GuardianRefused("period")
    if claim.evidence == "entrusted" and claim.ends is None:
        raise GuardianRefused("period")
    if claim.ward == claim.guardian:
        raise GuardianRefused("self")


def _check_ward(found: Guardianship, born: date | None, now: datetime) -> None:
    if found.ward is None:
        raise GuardianRefused("no-match")
    if found.kind == "child":
        if born is None:
            raise GuardianRefused("birth-date")
        if age(born, local_day(now)) >= ADULT:
            raise GuardianRefused("adult")


async def _check_others(connection: Connection, claim: Claim, now: datetime) -> None:
    rows = await connection.fetch(
        f"{RELATIONS} where g.guardian = {SAME} and g.state in ('asked', 'recorded', 'confirmed')",
        claim.guardian,
    )
    others = [guardianship_of(row) for row in rows]
    waiting = [one for one in others if one.state != "confirmed"]
    if len(waiting) >= MOST_OPEN:
        raise GuardianRefused("too-many")
    standing = [one for one in others if one.state != "confirmed" or one.in_force(now)]
    if any(
        (claim.ward is not None and one.ward == claim.ward)
        or (claim.claimed is not None and one.claimed == claim.claimed)
        for one in standing
    ):
        raise GuardianRefused("already")


async def _tell(connection: Connection, made: Guardianship, now: datetime) -> None:
    """Both learn of it: whoever acts, and whom it is about."""
    facts = {"ward": made.ward_name, "institution": made.institution, "words": made.words}
    told = [made.guardian]
    if made.ward is not None and made.state != "refused":
        told.append(made.ward)
    for person in told:
        await add_notice(
            connection, person, f"guardian-{made.state}", about=made.id, facts=facts, at=now
        )


async def _locked(connection: Connection, request: str) -> Guardianship:
    try:
        key = UUID(request)
    except ValueError as error:
        raise GuardianRefused("unknown") from error
    row = await connection.fetchrow(f"{RELATIONS} where g.id = $1 for update of g", key)
    if row is None:
        raise GuardianRefused("unknown")
    return guardianship_of(row)


def _of_those(made: Guardianship, found: Guardianship) -> Guardianship:
    """A written row with the Persons who stand there now."""
    return msgspec.structs.replace(made, guardian=found.guardian, ward=found.ward)


def _entry(
    by: Account, action: str, one: Guardianship, reason: str, now: datetime, address: str
) -> Entry:
    # The guardian's own list of looks is the same whether or not there is such a ward.
    return entry_by(
        by,
        action,
        now,
        purpose="own-record" if by.role == "resident" else "administration",
        object_type="Guardian",
        object_id=one.id,
        person=one.guardian,
        persons=() if one.ward is None else (one.ward,),
        reason=reason,
        address=address,
        detail={"kind": one.kind, "evidence": one.evidence, "institution": one.institution},
    )
