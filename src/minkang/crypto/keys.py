"""The platform's secret keys: one file each, readable by the owner only."""

from pathlib import Path

import msgspec

from minkang.crypto.key_files import KeyFilesMissing, new_key_file, read_key_file
from minkang.crypto.signing import PublicKey, Signer, load_signer, public_keys
from minkang.crypto.wrapping import AnyWrapping, make_envelope_key, wrapping_of

_NAMES = ("id", "index", "audit", "session")


class Keys(msgspec.Struct, frozen=True):
    """The keys of one installation, 32 bytes each.

    Attributes:
        id_key: derives resource and Person ids from the sources' own ids. Never rotates.
        index_key: keys the search hashes of direct identifiers. A change needs a reindex.
        audit_key: chains the audit log and its checkpoints.
        session_key: hashes session and bearer tokens.
        wrapping: wraps the keys under which data is sealed; None where nothing ever is.
        signer: signs the audit log's checkpoints and archives.
        public_keys: what signatures are checked with, also those of earlier signers.
    """

    id_key: bytes
    index_key: bytes
    audit_key: bytes
    session_key: bytes
    wrapping: AnyWrapping | None = None
    signer: Signer | None = None
    public_keys: tuple[PublicKey, ...] = ()


def load_keys(folder: Path, *, create: bool) -> Keys:
    """Read the key files below `folder`; with `create`, make those of a new installation.

    The envelope key is read when a data key is: an installation that seals nothing has none.

    Raises:
        KeyFilesMissing: a file is absent (and `create` is off, or others exist: a partial set is
            never completed, since data written under the lost key would silently become
            unreachable) or does not hold 32 bytes in hexadecimal.
    """
    paths = [folder / f"{name}.key" for name in _NAMES]
    present = [path for path in paths if path.exists()]
    if not present and create:
        for path in paths:
            new_key_file(path)
        make_envelope_key(folder)
    elif len(present) != len(paths):
        missing = ", ".join(str(path) for path in paths if path not in present)
        raise KeyFilesMissing(f"key files are missing: {missing}; restore them from the backup")
    id_key, index_key, audit_key, session_key = map(read_key_file, paths)
    return Keys(
        id_key,
        index_key,
        audit_key,
        session_key,
        wrapping=wrapping_of(folder),
        signer=load_signer(folder),
        public_keys=public_keys(folder),
    )
