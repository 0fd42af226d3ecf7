"""The published health card of a resident: its id, and how it is found again."""

from datetime import datetime
from typing import Final

import msgspec

from minkang.crypto import Keys
from minkang.identity.codes.card import (
    RESIDENT_ID,
    card_id,
    dynamic_text,
    parse_text,
    static_text,
    valid_until,
)
from minkang.identity.codes.cards import Given, digest_of, holder_of
from minkang.identity.codes.index import Derivation
from minkang.identity.codes.keys import CodeKeys
from minkang.identity.codes.records import anchor
from minkang.identity.codes.verify import Validity
from minkang.identity.id_number import parse_id_number
from minkang.identity.residents import Resident
from minkang.store import Store

_KIND: Final = "ehc"


class PublishedCard(msgspec.Struct, frozen=True):
    """The card of a resident as others read it: its id, the texts of its QR codes."""

    id: str
    static: str
    dynamic: str


async def published_card(
    store: Store,
    keys: Keys,
    held: CodeKeys,
    derive: Derivation,
    resident: Resident,
    *,
    now: datetime,
    validity: Validity,
) -> PublishedCard | None:
    """The card under the root key of now, kept so that it resolves; None if there is none.

    There is none without a checked ID number and a name, and where the same number and name are
    another Person's, too: then who is who has to be decided first.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
        ValueError: the derivation gave no main index.
    """
    number = parse_id_number(resident.id_number)
    if number is None or not resident.name:
        return None
    root = await held.current(store.pool, keys, "card-root")
    index = derive(RESIDENT_ID, number.text, resident.name)
    made = card_id(root.secret, index, RESIDENT_ID, number.text)
    if not await _kept(store, keys, resident, made, root.version, now):
        return None
    protection = await held.current(store.pool, keys, "card-protection")
    until = now + validity.of_card
    return PublishedCard(made, static_text(made), dynamic_text(made, protection.secret, until))


async def resolve_published(
    store: Store, keys: Keys, held: CodeKeys, text: str, now: datetime
) -> str | None:
    """The Person of a QR text of the published card; None if there is none, or it has expired.

    Raises:
        KeyFilesMissing, SealBroken: the keys of codes can't be read.
    """
    code = parse_text(text)
    if code is None:
        return None
    if code.form == "dynamic":
        secrets = await held.versions(store.pool, keys, "card-protection")
        moments = [valid_until(code.sealed, secret) for secret in secrets.values()]
        if not any(moment is not None and now < moment for moment in moments):
            return None
    async with store.readers.lent() as connection:
        found = await holder_of(connection, [digest_of(keys, Given(_KIND, "", code.card_id))])
    return found[0] if len(found) == 1 else None


async def _kept(
    store: Store, keys: Keys, resident: Resident, made: str, version: int, now: datetime
) -> bool:
    """Keep the digest of a card id; whether it is this person's."""
    digest = digest_of(keys, Given(_KIND, "", made))
    async with store.pool.acquire() as connection:
        found = await holder_of(connection, [digest])
        if found:
            return found == [resident.person]
        patient = await anchor(connection, resident.person, resident.patients)
        if patient is None:
            return False
        await connection.execute(
            """insert into identity.card
                   (kind, digest, person, patient, state, proof, key_version, bound)
               values ($1, $2, $3, $4, 'bound', 'issue', $5, $6) on conflict do nothing""",
            _KIND,
            digest,
            resident.person,
            patient,
            version,
            now,
        )
        return await holder_of(connection, [digest]) == [resident.person]
