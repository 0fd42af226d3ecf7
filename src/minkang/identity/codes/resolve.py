"""Whatever was scanned or typed at a scanner: whose it is, and whether it may activate anything."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from minkang.crypto import Keys
from minkang.fhir.search_syntax import parse_search
from minkang.identity.codes.card import parse_text
from minkang.identity.codes.cards import DESK_KINDS, Given, digest_of, holder_of, plain_number
from minkang.identity.codes.keys import CodeKeys
from minkang.identity.codes.published import resolve_published
from minkang.identity.codes.records import stopped
from minkang.identity.codes.token import looks_like_token
from minkang.identity.codes.verify import Validity, Verified, verify
from minkang.identity.find import find_residents
from minkang.identity.health_code import compact, is_health_code
from minkang.store import Grade, Grant, Scope, Store, find

Form = Literal["token", "number", "published", "card"]

LONGEST: Final = 256
"""Characters of a text that is looked at; ours have 99, the longest published one 161."""

_SEVERAL: Final = 10


class Resolved(msgspec.Struct, frozen=True):
    """What a text turned out to be.

    Attributes:
        verdict: `good`, or why it does not count: see `verify.Verdict`; `several`: more than one
            person has such a card.
        person: whose it is; perhaps also of one that does not count, for the audit log alone.
        verified: of our own token, which alone activates a consent once it is used up.
    """

    form: Form
    verdict: str
    person: str | None = None
    verified: Verified | None = None

    @property
    def stale(self) -> bool:
        """Whether it was good, and is too old or was used before."""
        return self.verdict in ("expired", "early", "replayed")


async def resolve(
    store: Store,
    keys: Keys,
    held: CodeKeys,
    text: str,
    *,
    now: datetime,
    validity: Validity,
    institution: str,
    issuer: str = "",
) -> Resolved:
    """Whose code or card it is that `institution` scanned. There is an answer to every text.

    In this order: our own token; the sixteen digits of the resident; the published QR text; a card
    that was bound (a hospital's own by `issuer`, else that institution's); the number of a Patient
    of the institution's own.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database does not answer.
    """
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        return Resolved("card", "unknown")
    if looks_like_token(text):
        found = await verify(
            store, keys, held, text, now=now, validity=validity, institution=institution
        )
        return Resolved("token", found.verdict, found.person, found)
    if is_health_code(compact(text)):
        person = await _by_number(store, compact(text))
        return await _standing(store, "number", person)
    if parse_text(text) is not None:
        person = await resolve_published(store, keys, held, text, now)
        return await _standing(store, "published", person)
    return await _by_card(store, keys, text, institution, issuer)


async def _by_number(store: Store, digits: str) -> str | None:
    found = await find_residents(store, Scope.whole(), digits)
    return found.residents[0].person if len(found.residents) == 1 else None


async def _standing(store: Store, form: Form, person: str | None) -> Resolved:
    """What stands for the code itself counts no longer than the code does."""
    if person is None:
        return Resolved(form, "unknown")
    state = await stopped(store.pool, person)
    if state is not None:
        return Resolved(form, "revoked" if state == "replaced" else state, person)
    return Resolved(form, "good", person)


async def _by_card(store: Store, keys: Keys, text: str, institution: str, issuer: str) -> Resolved:
    number = plain_number(text)
    if number is None:
        return Resolved("card", "unknown")
    digests = [
        digest_of(keys, Given(kind, (issuer or institution) if kind == "hospital" else "", number))
        for kind in DESK_KINDS
    ]
    async with store.readers.lent() as connection:
        persons = await holder_of(connection, digests)
    if not persons:
        persons = await _of_own_patients(store, text, institution)
    if len(persons) == 1:
        return Resolved("card", "good", persons[0])
    return Resolved("card", "several" if persons else "unknown")


async def _of_own_patients(store: Store, number: str, institution: str) -> list[str]:
    """The Persons of the institution's own Patients that have this number."""
    if not institution or any(sign in number for sign in "|,$\\"):
        return []
    grant = Grant(
        grade=Grade.SENSITIVE, sources=frozenset({institution}), types=frozenset({"Patient"})
    )
    asked = parse_search(("Patient",), [("identifier", number), ("_count", str(_SEVERAL))])
    patients = (await find(store, Scope((grant,)), asked)).matches
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select distinct person from identity.link where patient = any($1::text[])
               order by person""",
            [one.id for one in patients],
        )
    return [row["person"] for row in rows]
