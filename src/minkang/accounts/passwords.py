"""Passwords: argon2id hashes and the rules for a new one.

A check takes about a twentieth of a second and 64 MiB on purpose (RFC 9106, section 4, second
recommended option), so it runs in a thread, and only a few run at once.
"""

import asyncio
import functools
import os
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Final

import argon2
import msgspec

from minkang.accounts.common_passwords import is_common

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200
AT_ONCE = max(1, min(4, (os.cpu_count() or 2) // 2))
HASHER = argon2.PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


class PasswordRules(msgspec.Struct, frozen=True):
    """What a region asks of a new password.

    Attributes:
        length: at least so many characters.
        history: it must be none of the last so many.
    """

    length: int = MINIMUM_LENGTH
    history: int = 5


STANDARD: Final = PasswordRules()


def password_problem(
    password: str, login_key: str, rules: PasswordRules = STANDARD, names: Sequence[str] = ()
) -> str | None:
    """The code of the rule a new password breaks, or None.

    Codes: `password-short`, `password-long`, `password-common`, `password-contains-login`,
    `password-contains-name`. `login_key` is the login's normal form; one of two characters is in
    too much to be looked for. `names`: see `words_of`.
    """
    normal = unicodedata.normalize("NFKC", password)
    folded = unicodedata.normalize("NFKC", normal.casefold())
    if len(normal) < rules.length:
        return "password-short"
    if len(normal) > MAXIMUM_LENGTH:
        return "password-long"
    if is_common(folded):
        return "password-common"
    if len(login_key) >= 3 and login_key in folded:
        return "password-contains-login"
    if any(name in folded for name in names):
        return "password-contains-name"
    return None


async def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return await asyncio.to_thread(HASHER.hash, _bytes(password))


async def check_password(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and its new hash if the parameters have changed since.

    With `known` None (there is no such account, or it has no password) the same work is done on a
    hash of nothing.
    """
    return await asyncio.to_thread(_check, _bytes(password), known)


async def used_before(password: str, past: Sequence[str]) -> bool:
    """Whether the password is one of these hashes'. Takes as long as so many checks."""
    return await asyncio.to_thread(_any, _bytes(password), past)


def _check(password: bytes, known: str | None) -> tuple[bool, str | None]:
    nobody = _nobodys_hash()  # made before either branch, or the first unknown login took longer
    try:
        HASHER.verify(nobody if known is None else known, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False, None
    if known is None:
        return False, None
    return True, HASHER.hash(password) if HASHER.check_needs_rehash(known) else None


def _any(password: bytes, past: Sequence[str]) -> bool:
    return any(_check(password, known)[0] for known in past)


@functools.cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_bytes(32))


def _bytes(password: str) -> bytes:
    """What is hashed: normal form, since keyboards differ; cut, since nobody types a novel."""
    cut = password[: MAXIMUM_LENGTH + 1]
    return unicodedata.normalize("NFKC", cut).encode(errors="surrogatepass")
