"""Digests: SM3 (GB/T 32905-2016), HMAC over it (GB/T 15852.2-2012), and 64-bit hashes."""

import hashlib
from functools import lru_cache
from typing import TypeAlias

from cryptography.hazmat.primitives import hashes, hmac

HmacSm3: TypeAlias = hmac.HMAC
"""A code under way."""


def sm3(data: bytes) -> bytes:
    """The SM3 digest, 32 bytes."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """The HMAC-SM3 code, 32 bytes."""
    code = hmac.HMAC(key, hashes.SM3())
    code.update(data)
    return code.finalize()


def begun_hmac_sm3(key: bytes, data: bytes) -> HmacSm3:
    """A code over the beginning of a text, to be copied and gone on with: `copy`, `update`."""
    code = hmac.HMAC(key, hashes.SM3())
    code.update(data)
    return code


def hash64(text: str) -> int:
    """A signed 64-bit hash (BLAKE2b) for values that need no secrecy, e.g. search on codes."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def keyed_hash64(key: bytes, text: str) -> int:
    """A signed 64-bit HMAC-SM3 hash for direct identifiers: without the key it can't be tried out.

    ID numbers and names come from small sets; a plain hash of them is as good as the clear text.
    """
    code = _begun(key).copy()
    code.update(text.encode())
    return int.from_bytes(code.finalize()[:8], "big", signed=True)


@lru_cache(maxsize=8)
def _begun(key: bytes) -> hmac.HMAC:
    """A code that has taken in the key already: most of the work for a short text."""
    return hmac.HMAC(key, hashes.SM3())
