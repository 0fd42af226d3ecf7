"""The key that identity tokens are signed with: made once for an installation, kept encrypted.

RS256, because OpenID Connect Core (15.1) demands it of every provider. Access tokens are not
signed: they are random, and only this server can tell what they are worth.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

from minkang.crypto import Keys, hmac_sm3
from minkang.store import Pool

ALGORITHM: Final = "RS256"

_TAG = b"minkang oauth signing key 1\0"
_BITS = 2048
_LIFETIME = timedelta(minutes=10)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity token says (OpenID Connect Core, 2; SMART App Launch 2.2, fhirUser).

    Attributes:
        issuer: URL of the FHIR base. audience: the client.
        user: URL of the resource that is the person; None: not asked for.
    """

    issuer: str
    subject: str
    audience: str
    nonce: str | None
    user: str | None
    logged_in: datetime


async def sign_identity(pool: Pool, keys: Keys, said: Identity, *, now: datetime) -> str:
    """An identity token."""
    key = await _key(pool, keys, now)
    claims: dict[str, Any] = {
        "iss": said.issuer,
        "sub": said.subject,
        "aud": said.audience,
        "iat": int(now.timestamp()),
        "exp": int((now + _LIFETIME).timestamp()),
        "auth_time": int(said.logged_in.timestamp()),
    }
    if said.nonce is not None:
        claims["nonce"] = said.nonce
    if said.user is not None:
        claims["fhirUser"] = said.user
    header = {"alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


async def public_keys(pool: Pool, keys: Keys, *, now: datetime) -> dict[str, Any]:
    """The JWK set by which identity tokens are checked."""
    key = await _key(pool, keys, now)
    shown = key.as_dict(private=False)
    return {"keys": [{**shown, "kid": key.kid, "use": "sig", "alg": ALGORITHM}]}


async def _key(pool: Pool, keys: Keys, now: datetime) -> RSAKey:
    """The newest key that can be read; a new one where there is none."""
    rows = await pool.fetch(
        "select private from accounts.oauth_key where retired is null order by made desc, id"
    )
    for row in rows:
        key = _opened(row["private"], _password(keys))
        if key is not None:
            return key
    made = rsa.generate_private_key(public_exponent=65_537, key_size=_BITS)
    private = made.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_password(keys))
    )
    key = _opened(private, _password(keys))
    assert key is not None  # noqa: S101 - it was encrypted just now
    # Several processes may make one at the same time: the first to be kept is everybody's.
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("lock table accounts.oauth_key in exclusive mode")
        there = await connection.fetchval(
            "select count(*) from accounts.oauth_key where retired is null"
        )
        if there == len(rows):
            await connection.execute(
                "insert into accounts.oauth_key (id, private, made) values ($1, $2, $3)",
                key.kid,
                private,
                now,
            )
            return key
    return await _key(pool, keys, now)


@lru_cache(maxsize=4)
def _opened(private: bytes, password: bytes) -> RSAKey | None:
    """A key as it is kept; None if it was kept under another key of the platform."""
    try:
        key = RSAKey.import_key(private, password=password)
    except (ValueError, TypeError):
        return None
    key.ensure_kid()
    return key


def _password(keys: Keys) -> bytes:
    return hmac_sm3(keys.session_key, _TAG).hex().encode()
