"""SM2 signatures (GB/T 32918.2-2016, over SM3 with the default id of GB/T 35276-2017, 5.).

    audit-sign.key   the private key, 32 bytes in hexadecimal; only the signing server needs it
    audit-sign.pub   a line for each key that ever signed: public key, and since when (ISO 8601)

The public file is no secret: whoever is to check the log without being able to forge it, gets a
copy. Its last line is the key that signs now.
"""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from gmssl.sm2 import CryptSM2, default_ecc_table

from minkang.crypto.digests import sm3
from minkang.crypto.key_files import KeyFilesMissing, new_key_file, read_key_file

SIGNATURE_BYTES = 64
_PRIVATE, _PUBLIC = "audit-sign.key", "audit-sign.pub"
_ORDER = int(default_ecc_table["n"], 16)
_POINT_BYTES = 64


class PublicKey(msgspec.Struct, frozen=True):
    """A key to check signatures with.

    Attributes:
        point: its two coordinates, 64 bytes.
        since: when it was made; from then on, unsigned is not signed by mistake.
    """

    point: bytes
    since: datetime

    @property
    def name(self) -> str:
        """Its fingerprint, 16 characters."""
        return sm3(self.point)[:8].hex()

    def verifies(self, data: bytes, signature: bytes) -> bool:
        """Whether the holder of the private key signed exactly this."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if not (0 < r < _ORDER and 0 < s < _ORDER):
            return False
        try:
            return bool(_sm2("", self.point).verify_with_sm3(signature.hex(), data))
        except (TypeError, ValueError):
            return False  # the sum of points that no signature leads to


class Signer(msgspec.Struct, frozen=True):
    """A private key with its public one."""

    secret: int
    public: PublicKey

    def __repr__(self) -> str:
        return f"Signer({self.public.name})"

    def sign(self, data: bytes) -> bytes:
        """The signature, 64 bytes. Takes about 20 ms: not for an event loop."""
        sm2 = _sm2(f"{self.secret:064x}", self.public.point)
        while True:
            # The library's own random number is not for secrets.
            nonce = 1 + secrets.randbelow(_ORDER - 1)
            signature: str | None = sm2.sign_with_sm3(data, f"{nonce:064x}")
            if signature is not None:
                return bytes.fromhex(signature)


def load_signer(folder: Path) -> Signer:
    """The key of the folder that signs; made, if there is none.

    No data depends on it as on the other keys: what a lost one signed stays to be checked by its
    line in the public file. So an older installation gets one, too.

    Raises:
        KeyFilesMissing: it can't be read, or not be made.
    """
    path = folder / _PRIVATE
    try:
        if not path.exists():
            new_key_file(path)
    except OSError as error:
        if not path.exists():  # else another process was faster
            raise KeyFilesMissing(
                f"{path}: cannot be made ({error.strerror}); run `minkang init` once with a key "
                "folder that can be written"
            ) from error
    # From 1 to n - 2, as the standard wants it.
    secret = 1 + int.from_bytes(read_key_file(path), "big") % (_ORDER - 2)
    point = bytes.fromhex(_sm2("", bytes(_POINT_BYTES))._kg(secret, default_ecc_table["g"]))  # noqa: SLF001 - the library has no other way from the private key to the public one
    known = next((one for one in public_keys(folder) if one.point == point), None)
    return Signer(secret, known or _made_known(folder, point))


def public_keys(folder: Path) -> tuple[PublicKey, ...]:
    """The keys that signatures may be checked with. Raises KeyFilesMissing."""
    path = folder / _PUBLIC
    return read_public_keys(path) if path.exists() else ()


def read_public_keys(path: Path) -> tuple[PublicKey, ...]:
    """The keys in a public file, wherever a copy of it lies. Raises KeyFilesMissing."""
    try:
        lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
        return tuple(_public_key(line) for line in lines)
    except (OSError, ValueError) as error:
        raise KeyFilesMissing(f"{path}: cannot be read as public keys: {error}") from error


def signed_by(keys: Sequence[PublicKey], name: str, data: bytes, signature: bytes) -> bool:
    """Whether one of the keys has this name and verifies the signature."""
    return any(key.name == name and key.verifies(data, signature) for key in keys)


def _public_key(line: Sequence[str]) -> PublicKey:
    point, since = bytes.fromhex(line[0]), datetime.fromisoformat(" ".join(line[1:]))
    if len(point) != _POINT_BYTES or since.tzinfo is None:
        raise ValueError("a line holds 64 bytes in hexadecimal and a time with its zone")
    return PublicKey(point, since)


def _made_known(folder: Path, point: bytes) -> PublicKey:
    key = PublicKey(point, datetime.now(UTC))
    descriptor = os.open(folder / _PUBLIC, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    with os.fdopen(descriptor, "a") as file:
        file.write(f"{point.hex()} {key.since.isoformat()}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _sm2(secret: str, point: bytes) -> CryptSM2:
    made = CryptSM2(private_key=secret, public_key="")
    # Its constructor strips every leading 0 and 4 from a point whose first byte is 4.
    made.public_key = point.hex()
    return made
