"""Cryptography by well-kept libraries: SM3 digests and codes, short hashes, key files.

Lives here: `sm3`, `hmac_sm3`, `begun_hmac_sm3`, `hash64`, `keyed_hash64`, `Keys`, `load_keys`.
Does not live here: what is hashed or signed and why (store, audit, identity say so). Encryption at
rest (SM4) and SM2 signatures join with the access issue; the store's codec byte already leaves room
for them.
"""

from minkang.crypto.digests import (
    HmacSm3,
    begun_hmac_sm3,
    hash64,
    hmac_sm3,
    keyed_hash64,
    sm3,
)
from minkang.crypto.keys import KeyFilesMissing, Keys, load_keys

__all__ = [
    "HmacSm3",
    "KeyFilesMissing",
    "Keys",
    "begun_hmac_sm3",
    "hash64",
    "hmac_sm3",
    "keyed_hash64",
    "load_keys",
    "sm3",
]
