"""Giving, narrowing and withdrawing a resident's consent, and what it says about a clinician now.

The FHIR Consent and the typed row that decisions read are written in one transaction, with the
audit entry; the next question to the gate already gets the new answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
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
from minkang.policy.consent_state import NOTHING_GIVEN, ConsentState
from minkang.policy.consent_text import text_in_force
from minkang.policy.presented import institution_of
from minkang.store import Change, Connection, Pool, Store, lock_current, write

DOCUMENT_LIMIT: Final = 64
_COLUMNS: Final = tuple(
    "person number kind given without_sources without_recipients without_topics since until "
    "text_version text_digest evidence document resource account account_name role institution "
    "at".split()
)


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
        former = await _former(connection, [one.person for one in wanted])
        made = [_next(one, former.get(one.person), by, now) for one in wanted]
        resources = [
            Change(resource_of(consent, one.patients), PLATFORM)
            for consent, one in zip(made, wanted, strict=True)
        ]
        await write(store, connection, resources, locked)
        await _keep(connection, made)
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
    """The state in force; None if the resident never gave one."""
    history = await consent_history(source, person, limit=1)
    return history[0] if history else None


async def consent_history(
    source: "Pool | Connection", person: str, *, limit: int = 100
) -> list[Consent]:
    """All states, the newest first."""
    rows = await source.fetch(
        f"""select {", ".join(_COLUMNS)} from policy.consent
            where person = $1 order by number desc limit $2""",  # noqa: S608 - names of this module
        person,
        limit,
    )
    return [_consent(row) for row in rows]


async def consent_state(
    pool: "Pool | Connection", person: str, account: Account, now: datetime, *, code_hours: int = 24
) -> ConsentState:
    """What the resident's consent lets this account see of other institutions now.

    A topic counts as confirmed for `code_hours` after the code was shown to this account at the
    institution it acts for, and never against the limits of the consent itself.
    """
    row = await pool.fetchrow(
        """select c.given, c.without_sources, c.without_recipients, c.without_topics,
               c.since, c.until, array(
                   select distinct topic from policy.presented p, unnest(p.topics) topic
                   where p.account = $2 and p.person = $1 and p.at > $3 and p.at <= $4
                       and p.institution is not distinct from $5) as confirmed
           from policy.consent c where c.person = $1 order by c.number desc limit 1""",
        person,
        _uuid(account.id),
        now - timedelta(hours=code_hours),
        now,
        institution_of(account),
    )
    if row is None or not row["given"] or institution_of(account) in row["without_recipients"]:
        return NOTHING_GIVEN
    without_topics = frozenset(row["without_topics"])
    return ConsentState(
        given=True,
        without_sources=frozenset(row["without_sources"]),
        without_topics=without_topics,
        since=row["since"],
        until=row["until"],
        confirmed_topics=frozenset(row["confirmed"]) - without_topics,
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
    wanted: ConsentChange, former: Consent | None, by: Account | None, now: datetime
) -> Consent:
    """The state that follows."""
    if wanted.kind != "give" and (former is None or not former.given):
        raise ConsentRefused("not-given")
    text = text_in_force()
    agreed = (text.version, text.digest)
    if wanted.kind != "give" and former is not None:
        agreed = (former.text_version, former.text_digest)
    return Consent(
        person=wanted.person,
        number=former.number + 1 if former else 1,
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


async def _former(connection: Connection, persons: list[str]) -> dict[str, Consent]:
    rows = await connection.fetch(
        f"""select distinct on (person) {", ".join(_COLUMNS)} from policy.consent
            where person = any($1::text[])
            order by person, number desc""",  # noqa: S608 - names of this module
        persons,
    )
    return {row["person"]: _consent(row) for row in rows}


async def _keep(connection: Connection, made: Sequence[Consent]) -> None:
    await connection.copy_records_to_table(
        "consent",
        schema_name="policy",
        columns=_COLUMNS,
        records=[
            (
                one.person, one.number, one.kind, one.given,
                sorted(one.sharing.without_sources), sorted(one.sharing.without_recipients),
                sorted(one.sharing.without_topics), one.sharing.since, one.sharing.until,
                one.text_version, one.text_digest, one.evidence, one.document, one.resource,
                one.account, one.account_name, one.role, one.institution, one.at,
            )
            for one in made
        ],
    )  # fmt: skip


def _consent(row: Any) -> Consent:
    sharing = Sharing(
        without_sources=frozenset(row["without_sources"]),
        without_recipients=frozenset(row["without_recipients"]),
        without_topics=frozenset(row["without_topics"]),
        since=row["since"],
        until=row["until"],
    )
    plain = {name: row[name] for name in Consent.__struct_fields__ if name != "sharing"}
    return Consent(sharing=sharing, **plain)


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
