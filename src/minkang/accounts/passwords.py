"""Passwords: argon2id hashes and the rules for a new one.

A check takes about a twentieth of a second and 64 MiB on purpose (RFC 9106, section 4, second
recommended option), so it runs in a thread, and only a few run at once.
"""

import asyncio
import functools
import os
import secrets
import unicodedata

import argon2

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200
AT_ONCE = max(1, min(4, (os.cpu_count() or 2) // 2))
HASHER = argon2.PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)

# Only what passes the length rule needs to be listed.
_COMMON = frozenset(
    {
        "0123456789", "1111111111", "0000000000", "1234567890", "12345678910", "9876543210",
        "123456789a", "a123456789", "1234512345", "1122334455", "5201314520", "woaini1314",
        "woaini520520", "woaini1314520", "password123", "password1234", "passw0rd123",
        "p@ssw0rd123", "qwertyuiop", "qwerty12345", "qwerty123456", "1qaz2wsx3edc", "asdfghjkl1",
        "abcdefghij", "abc1234567", "abcd123456", "abc123456789", "admin12345", "admin123456",
        "administrator", "iloveyou123", "changeme123", "welcome123", "minkang123", "minkang1234",
    }
)  # fmt: skip


def password_problem(password: str, login_key: str) -> str | None:
    """The code of the rule a new password breaks, or None.

    Codes: `password-short`, `password-long`, `password-common`, `password-contains-login`.
    `login_key` is the login's normal form; one of two characters is in too much to be looked for.
    """
    normal = unicodedata.normalize("NFKC", password)
    folded = unicodedata.normalize("NFKC", normal.casefold())
    if len(normal) < MINIMUM_LENGTH:
        return "password-short"
    if len(normal) > MAXIMUM_LENGTH:
        return "password-long"
    if folded in _COMMON:
        return "password-common"
    if len(login_key) >= 3 and login_key in folded:
        return "password-contains-login"
    return None


async def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return await asyncio.to_thread(HASHER.hash, _bytes(password))


async def check_password(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and its new hash if the parameters have changed since.

    With `known` None (there is no such account) the same work is done on a hash of nothing.
    """
    return await asyncio.to_thread(_check, _bytes(password), known)


def _check(password: bytes, known: str | None) -> tuple[bool, str | None]:
    nobody = _nobodys_hash()  # made before either branch, or the first unknown login took longer
    try:
        HASHER.verify(nobody if known is None else known, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False, None
    if known is None:
        return False, None
    return True, HASHER.hash(password) if HASHER.check_needs_rehash(known) else None


@functools.cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_bytes(32))


def _bytes(password: str) -> bytes:
    """What is hashed: normal form, since keyboards differ; cut, since nobody types a novel."""
    cut = password[: MAXIMUM_LENGTH + 1]
    return unicodedata.normalize("NFKC", cut).encode(errors="surrogatepass")
