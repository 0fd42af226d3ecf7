"""Giving, narrowing and withdrawing a resident's consent, and what it says about a clinician now.

The FHIR Consent and the typed row that decisions read are written in one transaction, with the
audit entry; the next question to the gate already gets the new answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.policy.consent_record import (
    Consent,
    ConsentKind,
    ConsentRefused,
    Evidence,
    Sharing,
    check_sharing,
)
from minkang.policy.consent_resource import PLATFORM, resource_id, resource_of
from minkang.policy.consent_rows import counting, history, in_force, keep, last_numbers
from minkang.policy.consent_state import NOTHING_GIVEN, ConsentState
from minkang.policy.consent_text import text_in_force
from minkang.policy.presented import institution_of
from minkang.policy.stand_in import SAME
from minkang.store import Change, Connection, Pool, Store, lock_current, write

DOCUMENT_LIMIT: Final = 64


class ConsentChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one resident's consent.

    Attributes:
        patients: ids of the resident's Patients.
        sharing: the limits from now on, in place of those before; of `withdraw` nothing.
    """

    person: str
    patients: frozenset[str]
    kind: ConsentKind
    sharing: Sharing = Sharing()
    evidence: Evidence = "page"
    document: str = ""


async def change_consents(
    store: Store,
    log: AuditLog,
    wanted: Sequence[ConsentChange],
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> list[Consent]:
    """Make the changes, all or none, each person's at most once; `by` None is the operator.

    Raises:
        ConsentRefused: see its codes.
        AuditUnavailable: nothing was changed.
    """
    for one in wanted:
        _check(one)
    keys = [("Consent", resource_id(one.person)) for one in wanted]
    async with store.pool.acquire() as connection, connection.transaction():
        locked = await lock_current(store, connection, keys)
        persons = [one.person for one in wanted]
        said = await counting(connection, persons)
        numbers = await last_numbers(connection, persons)
        made = [
            _next(one, in_force(said[one.person]), numbers.get(one.person, 0), by, now)
            for one in wanted
        ]
        resources = [
            Change(resource_of(consent, one.patients), PLATFORM)
            for consent, one in zip(made, wanted, strict=True)
        ]
        await write(store, connection, resources, locked)
        await keep(connection, made)
        await log.record_many([_entry(one, by, address) for one in made])
    return made


async def change_consent(
    store: Store,
    log: AuditLog,
    wanted: ConsentChange,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> Consent:
    """`change_consents` for one resident."""
    (made,) = await change_consents(store, log, [wanted], by=by, now=now, address=address)
    return made


async def current_consent(source: "Pool | Connection", person: str) -> Consent | None:
    """The state in force (see `consent_rows`); None if the resident never said anything."""
    return in_force((await counting(source, [person]))[person])


async def consent_history(
    source: "Pool | Connection", person: str, *, limit: int = 100
) -> list[Consent]:
    """All states, the newest first, with those of the Persons that this one stands for."""
    return await history(source, person, limit)


async def consent_state(
    pool: "Pool | Connection", person: str, account: Account, now: datetime, *, code_hours: int = 24
) -> ConsentState:
    """What the resident's consent lets this account see of other institutions now.

    A topic counts as confirmed for `code_hours` after the code was shown to this account at the
    institution it acts for, and never against the limits of the consent itself.
    """
    consent = await current_consent(pool, person)
    if (
        consent is None
        or not consent.given
        or institution_of(account) in consent.sharing.without_recipients
    ):
        return NOTHING_GIVEN
    confirmed = await pool.fetchval(
        f"""select array(select distinct topic from policy.presented p, unnest(p.topics) topic
               where p.account = $2 and p.person = {SAME} and p.at > $3 and p.at <= $4
                   and p.institution is not distinct from $5)""",  # noqa: S608 - see SAME
        person,
        _uuid(account.id),
        now - timedelta(hours=code_hours),
        now,
        institution_of(account),
    )
    sharing = consent.sharing
    return ConsentState(
        given=True,
        without_sources=sharing.without_sources,
        without_topics=sharing.without_topics,
        since=sharing.since,
        until=sharing.until,
        confirmed_topics=frozenset(confirmed) - sharing.without_topics,
    )


def _check(wanted: ConsentChange) -> None:
    check_sharing(wanted.sharing)
    if not wanted.patients:
        raise ConsentRefused("no-patient")
    if wanted.evidence not in ("page", "paper"):
        raise ConsentRefused("evidence")
    paper = wanted.document.strip()
    if (wanted.evidence == "paper") != bool(paper) or len(paper) > DOCUMENT_LIMIT:
        raise ConsentRefused("document")


def _next(
    wanted: ConsentChange,
    former: Consent | None,
    number: int,
    by: Account | None,
    now: datetime,
) -> Consent:
    """The state that follows what is in force; `number` is of the Person's own last one."""
    if wanted.kind != "give" and (former is None or not former.given):
        raise ConsentRefused("not-given")
    text = text_in_force()
    agreed = (text.version, text.digest)
    if wanted.kind != "give" and former is not None:
        agreed = (former.text_version, former.text_digest)
    return Consent(
        person=wanted.person,
        number=number + 1,
        kind=wanted.kind,
        given=wanted.kind != "withdraw",
        sharing=wanted.sharing if wanted.kind != "withdraw" else Sharing(),
        text_version=agreed[0],
        text_digest=agreed[1],
        evidence=wanted.evidence,
        document=wanted.document.strip(),
        resource=resource_id(wanted.person),
        account=by.id if by else None,
        account_name=by.name if by else "",
        role=by.role if by else "",
        institution=institution_of(by) if by else None,
        at=now,
    )


def _entry(consent: Consent, by: Account | None, address: str) -> Entry:
    sharing = consent.sharing
    purpose = "operations" if by is None else "treatment"
    if by is not None and by.role == "resident":
        purpose = "own-record"
    return entry_by(
        by,
        f"{consent.kind}-consent",
        consent.at,
        purpose=purpose,
        object_type="Consent",
        object_id=consent.resource,
        person=consent.person,
        reason=consent.evidence,
        address=address,
        detail={
            "number": consent.number,
            "text": consent.text_version,
            "document": consent.document,
            "without_sources": sorted(sharing.without_sources),
            "without_recipients": sorted(sharing.without_recipients),
            "without_topics": sorted(sharing.without_topics),
            "since": sharing.since.isoformat() if sharing.since else None,
            "until": sharing.until.isoformat() if sharing.until else None,
        },
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
