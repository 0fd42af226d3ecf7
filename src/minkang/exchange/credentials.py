"""What a source shows at the doors that speak HTTP: a secret that is kept only as a keyed hash."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from minkang.crypto import Keys, hmac_sm3
from minkang.store import Connection

_TAG = b"minkang source credential 1\0"
_USE_NOTED = timedelta(minutes=1)


class Credential(msgspec.Struct, frozen=True):
    """A secret of a source, as far as it may be shown.

    Attributes:
        label: what people call it, e.g. the system that holds it.
        last_used: to the minute; None if never.
        revoked: since when it is worth nothing.
    """

    id: UUID
    source: str
    label: str
    created: datetime
    last_used: datetime | None = None
    revoked: datetime | None = None


async def issue_credential(
    connection: Connection, keys: Keys, source: str, label: str, now: datetime
) -> tuple[str, Credential]:
    """A new secret for a source; it is returned once and kept nowhere."""
    secret = secrets.token_urlsafe(32)
    identity = await connection.fetchval(
        """insert into exchange.credential (source, label, hash, created)
           values ($1, $2, $3, $4) returning id""",
        source,
        label,
        _hash(keys, source, secret),
        now,
    )
    return secret, Credential(identity, source, label, now)


async def credentials(connection: Connection, source: str) -> list[Credential]:
    """All secrets of a source, the newest first."""
    rows = await connection.fetch(
        """select id, source, label, created, last_used, revoked from exchange.credential
           where source = $1 order by created desc, id""",
        source,
    )
    return [Credential(**row) for row in rows]


async def revoke_credential(connection: Connection, identity: UUID, now: datetime) -> bool:
    """Make a secret worth nothing; whether it was worth something."""
    done = await connection.fetchval(
        "update exchange.credential set revoked = $2 where id = $1 and revoked is null returning 1",
        identity,
        now,
    )
    return done is not None


async def is_credential(
    connection: Connection, keys: Keys, source: str, secret: str, now: datetime
) -> bool:
    """Whether a secret is one of the source's; its use is noted, to the minute."""
    row = await connection.fetchrow(
        """select id, last_used from exchange.credential
           where hash = $1 and source = $2 and revoked is null""",
        _hash(keys, source, secret),
        source,
    )
    if row is None:
        return False
    if row["last_used"] is None or now - row["last_used"] > _USE_NOTED:
        await connection.execute(
            "update exchange.credential set last_used = $2 where id = $1", row["id"], now
        )
    return True


def _hash(keys: Keys, source: str, secret: str) -> bytes:
    return hmac_sm3(keys.session_key, _TAG + source.encode() + b"\0" + secret.encode())
