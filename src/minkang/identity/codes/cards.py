"""Cards and codes that others gave out, bound to the person who showed them.

Of a number only a keyed digest (HMAC-SM3) and its last characters are kept. A card that is bound to
somebody else is never moved by a second binding: the claim waits until another person has decided.
"""

import re
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.crypto import Keys, hmac_sm3
from minkang.identity.codes.records import CodeRefused, anchor
from minkang.identity.patients import patients_by_id
from minkang.identity.residents import Resident
from minkang.policy.presented import institution_of
from minkang.store import Connection, Pool, Store

CardKind = Literal[
    "insurance", "city", "hospital", "passport", "hk-macao", "taiwan", "foreigner", "ehc"
]
CardState = Literal["bound", "unbound", "claimed", "refused"]
Proof = Literal["desk", "patient", "issue"]

DESK_KINDS: Final[tuple[CardKind, ...]] = (
    "insurance",
    "city",
    "hospital",
    "passport",
    "hk-macao",
    "taiwan",
    "foreigner",
)
"""What is bound at a desk; `ehc`, the published health card, comes with the code."""

_NUMBER: Final = re.compile(r"[0-9A-Z]{4,64}")
_DIGEST_BYTES: Final = 16
_ENDING: Final = 4
_LONG: Final = 8
_MOST: Final = 100


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One binding of a card, or a claim to one.

    Attributes:
        issuer: the institution of a hospital's card, else empty.
        ending: the last characters of a number that is long enough to show some.
        person: to whom it was bound; `patient`: whose link it follows.
        proof: `desk` the card was seen, `patient` the number is one of a linked Patient's.
        against: the binding that a claim is about.
    """

    id: int
    kind: CardKind
    issuer: str
    ending: str
    person: str
    patient: str
    state: CardState
    proof: Proof
    against: int | None
    bound: datetime
    ended: datetime | None
    account: str | None
    account_name: str
    institution: str | None


class Given(msgspec.Struct, frozen=True):
    """A card as it was shown: its kind, who gave it out, its number."""

    kind: CardKind
    issuer: str
    number: str


def given_card(kind: str, number: str, institution: str | None) -> Given:
    """A card that was shown at a desk of an institution.

    Raises:
        CodeRefused: `kind`, `number`.
    """
    known = next((one for one in DESK_KINDS if one == kind), None)
    if known is None:
        raise CodeRefused("kind")
    plain = plain_number(number)
    if plain is None:
        raise CodeRefused("number")
    return Given(known, (institution or "") if known == "hospital" else "", plain)


def plain_number(text: str) -> str | None:
    """A number as it is compared: upper case, no spaces or hyphens; None if it is none."""
    plain = re.sub(r"[\s-]", "", text).upper()
    return plain if _NUMBER.fullmatch(plain) else None


def digest_of(keys: Keys, card: Given) -> bytes:
    """What is kept of a card's number."""
    text = f"card|{card.kind}|{card.issuer}|{card.number}"
    return hmac_sm3(keys.index_key, text.encode())[:_DIGEST_BYTES]


async def is_of_patients(store: Store, resident: Resident, card: Given) -> bool:
    """Whether a number is that of an identifier of one of the resident's Patients: proof enough."""
    patients = await patients_by_id(store, sorted(resident.patients))
    return any(
        plain_number(str(identifier.get("value", ""))) == card.number
        for one in patients.values()
        for identifier in one.resource.get("identifier", [])
    )


async def bind_card(
    store: Store,
    keys: Keys,
    log: AuditLog,
    resident: Resident,
    card: Given,
    proof: Proof,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> Card:
    """Bind a card to a person. One that is somebody else's becomes a claim: see its `state`.

    The gate must have allowed it, and somebody have seen the proof.

    Raises:
        CodeRefused: `bound` (to this person, already), `claimed` (and waits), `no-patient`.
        AuditUnavailable: nothing was kept.
    """
    digest = digest_of(keys, card)
    async with store.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"card:{digest.hex()}"
        )
        holder = await _holder(connection, digest)
        state: CardState = "bound"
        if holder is not None:
            if holder["now"] == resident.person:
                raise CodeRefused("bound")
            state = "claimed"
            await _check_claims(connection, holder["id"], resident.person)
        patient = await anchor(connection, resident.person, resident.patients)
        if patient is None:
            raise CodeRefused("no-patient")
        row = await connection.fetchrow(
            """insert into identity.card (kind, issuer, digest, ending, person, patient, state,
                   proof, against, bound, account, account_name, institution)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *""",
            card.kind,
            card.issuer,
            digest,
            card.number[-_ENDING:] if len(card.number) >= _LONG else "",
            resident.person,
            patient,
            state,
            proof,
            holder["id"] if holder is not None else None,
            now,
            by.id if by else None,
            by.name if by else "",
            institution_of(by) if by else None,
        )
        made = card_of_row(row)
        action = "bind-card" if state == "bound" else "claim-card"
        await log.record(_entry(made, action, resident.person, by, now, address))
    return made


async def unbind_card(
    store: Store,
    log: AuditLog,
    resident: Resident,
    card: int,
    *,
    by: Account | None,
    now: datetime,
    address: str = "",
) -> Card:
    """End a binding of this person. Raises CodeRefused (`unknown`), AuditUnavailable."""
    async with store.pool.acquire() as connection, connection.transaction():
        there = {one.id for one in await cards_of(connection, resident.person)}
        if card not in there:
            raise CodeRefused("unknown")
        ended = await _end(connection, card, "unbound", by, now)
        await log.record(_entry(ended, "unbind-card", resident.person, by, now, address))
    return ended


async def decide_claim(
    store: Store,
    log: AuditLog,
    claim: int,
    *,
    move: bool,
    by: Account,
    now: datetime,
    address: str = "",
) -> Card:
    """Decide whose card it is: with `move` the claimant's from now on, else it stays.

    By somebody else than who claimed it, at the same institution.

    Raises:
        CodeRefused: `unknown`, `decided`, `second-look`.
        AuditUnavailable: nothing was changed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "select * from identity.card where id = $1 for update", claim
        )
        if row is None or row["institution"] != institution_of(by):
            raise CodeRefused("unknown")
        if row["state"] != "claimed":
            raise CodeRefused("decided")
        if row["account"] == by.id:
            raise CodeRefused("second-look")
        if move:
            await connection.execute(
                """update identity.card set state = 'unbound', ended = $2, decided_by = $3,
                       decided_name = $4
                   where digest = $1 and state = 'bound'""",
                row["digest"],
                now,
                by.id,
                by.name,
            )
        decided = await _decided(connection, claim, "bound" if move else "refused", by, now)
        await log.record(
            _entry(decided, "decide-card", decided.person, by, now, address, moved=move)
        )
    return decided


async def cards_of(source: "Pool | Connection", person: str) -> list[Card]:
    """The cards that are bound to a person now, the newest first; without the published one."""
    rows = await source.fetch(
        """select c.* from identity.card c left join identity.link l on l.patient = c.patient
           where coalesce(l.person, c.person) = $1 and c.state = 'bound' and c.kind <> 'ehc'
               and (c.person = $1
                    or c.patient in (select patient from identity.link where person = $1))
           order by c.id desc""",
        person,
    )
    return [card_of_row(row) for row in rows]


async def claims_at(source: "Pool | Connection", institution: str) -> list[Card]:
    """Claims to cards that wait for a decision at an institution, the oldest first."""
    rows = await source.fetch(
        """select * from identity.card where institution = $1 and state = 'claimed'
           order by bound, id limit $2""",
        institution,
        _MOST,
    )
    return [card_of_row(row) for row in rows]


async def holder_of(source: "Pool | Connection", digests: list[bytes]) -> list[str]:
    """The Persons to whom cards of these digests are bound now."""
    rows = await source.fetch(
        """select distinct coalesce(l.person, c.person) as person from identity.card c
           left join identity.link l on l.patient = c.patient
           where c.digest = any($1::bytea[]) and c.state = 'bound' order by person""",
        digests,
    )
    return [row["person"] for row in rows]


def card_of_row(row: Any) -> Card:
    """A row of identity.card."""
    return Card(**{name: row[name] for name in Card.__struct_fields__})


async def _holder(connection: Connection, digest: bytes) -> Any:
    return await connection.fetchrow(
        """select c.id, coalesce(l.person, c.person) as now from identity.card c
           left join identity.link l on l.patient = c.patient
           where c.digest = $1 and c.state = 'bound'""",
        digest,
    )


async def _check_claims(connection: Connection, against: int, person: str) -> None:
    if await connection.fetchval(
        """select exists (select from identity.card
           where against = $1 and person = $2 and state = 'claimed')""",
        against,
        person,
    ):
        raise CodeRefused("claimed")


async def _end(
    connection: Connection, card: int, state: CardState, by: Account | None, now: datetime
) -> Card:
    row = await connection.fetchrow(
        """update identity.card set state = $2, ended = $3, decided_by = $4, decided_name = $5
           where id = $1 returning *""",
        card,
        state,
        now,
        by.id if by else None,
        by.name if by else "",
    )
    return card_of_row(row)


async def _decided(
    connection: Connection, claim: int, state: CardState, by: Account, now: datetime
) -> Card:
    ended = await _end(connection, claim, state, by, now)
    if state == "bound":
        await connection.execute("update identity.card set ended = null where id = $1", claim)
    return ended


def _entry(
    card: Card,
    action: str,
    person: str,
    by: Account | None,
    now: datetime,
    address: str,
    **more: Any,
) -> Entry:
    return entry_by(
        by,
        action,
        now,
        purpose="administration",
        object_type="Card",
        object_id=str(card.id),
        person=person,
        address=address,
        detail={"kind": card.kind, "state": card.state, "proof": card.proof, **more},
    )
