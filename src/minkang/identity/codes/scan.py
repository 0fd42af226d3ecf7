"""Scanning: one question of a clinician, a kiosk or a hospital's system, answered through the gate.

Whoever scans our own token while it counts has the resident before them: for a clinician that
activates the consent for the visit, a system gets a token that it hands to the clinician of the
visit, at the same institution. All other codes and cards say whose they are, and activate nothing.
"""

from datetime import datetime
from typing import Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import Entry
from minkang.crypto import Keys
from minkang.identity.codes.keys import CodeKeys
from minkang.identity.codes.resolve import Resolved, resolve
from minkang.identity.codes.verify import Shown, Validity, use_up, visit_token
from minkang.identity.residents import Resident, resident
from minkang.policy import Ask, Gate, decide, present_code
from minkang.policy.consent import current_consent
from minkang.policy.presented import institution_of
from minkang.policy.table import MACHINES
from minkang.store import Scope

STALE: Final = "stale-code"
WRONG: Final = "wrong-code"
FOR_APPS: Final = "not-for-apps"


class Scanner(msgspec.Struct, frozen=True):
    """What scanning works with: the gate, the keys, and how long tokens count."""

    gate: Gate
    keys: Keys
    held: CodeKeys
    validity: Validity


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One scanning.

    Attributes:
        text: what the scanner read, or somebody typed.
        issuer: the institution of a hospital's card, if not the caller's own.
        use: use a token up and activate what it activates; else only look.
        topics: sensitive topics that the resident confirmed on the clinician's screen.
    """

    text: str
    issuer: str = ""
    use: bool = True
    topics: frozenset[str] = frozenset()


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes:
        refusal: why there is none: `stale-code` (too old, or used before: show another one),
            `wrong-code` (whatever else is wrong with it), or the gate's reason; else empty.
        form: see `resolve.Form`.
        present: it was a token that counts, so the resident is there.
        consent: the resident's consent to sharing stands.
        activated: the consent is active for this clinician and visit from now on.
        visit: what a system hands on, if it was a token and the consent stands.
    """

    refusal: str = ""
    form: str = ""
    resident: Resident | None = None
    present: bool = False
    consent: bool = False
    activated: bool = False
    visit: Shown | None = None


async def scan(
    scanner: Scanner, account: Account | None, asked: Scan, *, now: datetime, address: str = ""
) -> Scanned:
    """Say whose code or card it is, and activate what it activates.

    Every refusal stands in the audit log with what was wrong; the answer does not tell apart a
    code that was changed, of nobody, frozen, lost or revoked.

    Raises:
        AuditUnavailable: nothing may be answered.
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
        ConsentRefused: `topic-unknown`.
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database does not answer.
    """
    gate = scanner.gate
    if account is None:
        decision = await gate.ask(None, "scan-code", now=now, address=address)
        return Scanned(refusal=decision.reason)
    if account.scopes is not None:
        # Apps read what they were given; they bring nobody before a clinician.
        await gate.log.record(
            _refused(account, Resolved("card", "unknown"), FOR_APPS, now, address)
        )
        return Scanned(refusal=FOR_APPS)
    found = await resolve(
        gate.store,
        scanner.keys,
        scanner.held,
        asked.text,
        now=now,
        validity=scanner.validity,
        institution=institution_of(account) or "",
        issuer=asked.issuer,
    )
    if decide(Ask(account=account, action="scan-code", code_fits=True)).allowed:
        found = await _used(gate, account, found, use=asked.use)
        if found.stale:
            # It was good once: no guess, so it does not count as one.
            await gate.log.record(_refused(account, found, STALE, now, address))
            return Scanned(refusal=STALE)
    known = await resident(gate.store, Scope.whole(), found.person) if found.person else None
    decision = await gate.ask(
        account,
        "scan-code",
        now=now,
        person=found.person,
        patients=known.patients if known else frozenset(),
        birth_date=known.birth_date if known else "",
        object_type="Code",
        object_id=f"{found.form}:{found.verdict}",
        address=address,
        code_fits=found.verdict == "good" and known is not None,
    )
    if not decision.allowed or known is None:
        return Scanned(refusal=decision.reason)
    told = Scanned(form=found.form, resident=known, present=found.form == "token")
    return await _activated(scanner, account, asked, found, told, now, address)


async def _used(gate: Gate, account: Account, found: Resolved, *, use: bool) -> Resolved:
    """The same, after a token was used up; or that it was, before."""
    verified = found.verified
    if verified is None or verified.verdict != "good" or not use:
        return found
    if verified.token is not None and verified.token.kind == "visit" and account.role in MACHINES:
        return found
    if await use_up(gate.store.pool, verified):
        return found
    return msgspec.structs.replace(found, verdict="replayed")


def _refused(account: Account, found: Resolved, reason: str, now: datetime, address: str) -> Entry:
    return entry_by(
        account,
        "scan-code",
        now,
        allowed=False,
        purpose="treatment",
        object_type="Code",
        object_id=f"{found.form}:{found.verdict}",
        person=found.person,
        reason=reason,
        address=address,
    )


async def _activated(
    scanner: Scanner,
    account: Account,
    asked: Scan,
    found: Resolved,
    told: Scanned,
    now: datetime,
    address: str,
) -> Scanned:
    gate, known = scanner.gate, told.resident
    assert known is not None  # noqa: S101 - whoever calls this has the resident
    state = await current_consent(gate.store.pool, known.person)
    told = msgspec.structs.replace(told, consent=state is not None and state.given)
    token = found.verified.token if found.verified else None
    if token is None or not asked.use:
        return told
    if account.role in MACHINES:
        if token.kind != "show" or not told.consent:
            return told
        visit = await visit_token(
            gate.store,
            scanner.keys,
            scanner.held,
            token.code,
            institution_of(account) or "",
            now=now,
            validity=scanner.validity,
        )
        return msgspec.structs.replace(told, visit=visit)
    decision = await gate.ask(
        account,
        "present-code",
        now=now,
        person=known.person,
        patients=known.patients,
        birth_date=known.birth_date,
        address=address,
        code_fits=True,
    )
    if not decision.allowed:
        return told
    await present_code(gate.store, account, known.person, now=now, topics=asked.topics)
    return msgspec.structs.replace(told, activated=True)
