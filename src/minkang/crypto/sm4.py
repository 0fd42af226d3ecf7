"""SM4 in GCM mode (GB/T 32907-2016; mode as NIST SP 800-38D and GB/T 36624-2018).

Nonces are 96 random bits for every sealing (SP 800-38D, 8.2.2): no counter has to survive a crash,
a restore or a second server. With them one key may seal 2^32 times (8.3); whoever holds the key
counts (see store.vault).
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
SEALED_MORE = NONCE_BYTES + TAG_BYTES
"""How many bytes longer than its content something sealed is."""


class SealBroken(Exception):  # noqa: N818 - reads as what happened
    """Sealed bytes are not what was written under this key for this place; nothing is given out."""


class Sm4Key:
    """A key, made ready once; sealing and unsealing may happen in several threads."""

    def __init__(self, key: bytes) -> None:
        """A key of 16 bytes.

        Raises:
            ValueError: it has another length.
        """
        self._algorithm = algorithms.SM4(key)

    def seal(self, content: bytes, about: bytes) -> bytes:
        """Nonce, sealed content, tag; `about` says where it belongs and is needed to unseal it."""
        nonce = os.urandom(NONCE_BYTES)
        work = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(about)
        return b"".join((nonce, work.update(content), work.finalize(), work.tag))

    def unseal(self, sealed: bytes, about: bytes) -> bytes:
        """The content.

        Raises:
            SealBroken: a bit was changed, it belongs elsewhere, or this is not its key.
        """
        if len(sealed) < SEALED_MORE:
            raise SealBroken("it is too short to be sealed")
        mode = modes.GCM(sealed[:NONCE_BYTES], sealed[-TAG_BYTES:])
        work = Cipher(self._algorithm, mode).decryptor()
        work.authenticate_additional_data(about)
        content = work.update(sealed[NONCE_BYTES:-TAG_BYTES])
        try:
            return content + work.finalize()
        except InvalidTag as error:
            raise SealBroken("its bytes are not what was sealed for this place") from error


def new_key() -> bytes:
    """A new key at random."""
    return os.urandom(KEY_BYTES)
