"""Sealing under a passphrase: argon2id (RFC 9106) makes the key, SM4-GCM seals."""

import os
import secrets

import msgspec
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from minkang.crypto.sm4 import KEY_BYTES, SealBroken, Sm4Key

# RFC 9106, section 4: the second recommended choice, for where memory is scarce.
_PASSES, _LANES, _MEMORY_KIB = 3, 4, 64 * 1024
_MOST_MEMORY_KIB, _MOST_PASSES = 1024 * 1024, 32
_SALT_BYTES = 16
# Without letters and digits that are mistaken for each other on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 6, 5


class _Sealed(msgspec.Struct, frozen=True):
    passes: int
    lanes: int
    memory_kib: int
    salt: bytes
    sealed: bytes


def new_passphrase() -> str:
    """A passphrase at random, 148 bits, to be written down: six groups of five letters."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def seal_under(passphrase: str, content: bytes, about: bytes) -> bytes:
    """Content as JSON that only the passphrase opens."""
    salt = os.urandom(_SALT_BYTES)
    bare = _Sealed(_PASSES, _LANES, _MEMORY_KIB, salt, b"")
    sealed = _key(passphrase, bare).seal(content, about)
    return msgspec.json.encode(msgspec.structs.replace(bare, sealed=sealed))


def unseal_under(passphrase: str, text: bytes, about: bytes) -> bytes:
    """The content.

    Raises:
        SealBroken: it is the wrong passphrase, or not what was sealed.
    """
    try:
        found = msgspec.json.decode(text, type=_Sealed)
        if not (found.memory_kib <= _MOST_MEMORY_KIB and found.passes <= _MOST_PASSES):
            raise SealBroken("it asks for more memory or time than is ever used")
        return _key(passphrase, found).unseal(found.sealed, about)
    except (msgspec.DecodeError, ValueError) as error:
        raise SealBroken(f"it is no text sealed under a passphrase: {error}") from error


def _key(passphrase: str, how: _Sealed) -> Sm4Key:
    kdf = Argon2id(
        salt=how.salt,
        length=KEY_BYTES,
        iterations=how.passes,
        lanes=how.lanes,
        memory_cost=how.memory_kib,
    )
    return Sm4Key(kdf.derive(passphrase.strip().encode()))
