"""Cryptography by well-kept libraries: SM3 digests and codes, SM4 sealing, key files.

Lives here: `sm3`, `hmac_sm3`, `begun_hmac_sm3`, `hash64`, `keyed_hash64`; `Sm4Key` seals bytes for
a place and `SealBroken` is raised where they are not what was sealed; `Keys`, `load_keys`; what
wraps data keys (`wrapping`); sealing under a passphrase (`passphrase`) and of whole files
(`sealed_file`). Does not live here: what is hashed, sealed or signed, and why (store, audit,
identity say so), nor the data keys, which lie wrapped in the database (store).
"""

from minkang.crypto.digests import (
    HmacSm3,
    begun_hmac_sm3,
    begun_sm3,
    hash64,
    hmac_sm3,
    keyed_hash64,
    prepared_hmac_sm3,
    sm3,
)
from minkang.crypto.key_files import KeyFilesMissing
from minkang.crypto.keys import Keys, load_keys
from minkang.crypto.signing import PublicKey, Signer, read_public_keys, signed_by
from minkang.crypto.sm4 import SealBroken, Sm4Key, new_key

__all__ = [
    "HmacSm3",
    "KeyFilesMissing",
    "Keys",
    "PublicKey",
    "SealBroken",
    "Signer",
    "Sm4Key",
    "begun_hmac_sm3",
    "begun_sm3",
    "hash64",
    "hmac_sm3",
    "keyed_hash64",
    "load_keys",
    "new_key",
    "prepared_hmac_sm3",
    "read_public_keys",
    "signed_by",
    "sm3",
]
