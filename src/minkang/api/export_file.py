"""The files of bulk exports: sealed as they are written, unsealed as they are sent.

They hold whole records. Where the store seals, no line of them ever lies on the disk in the clear.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from minkang.crypto.sealed_file import SealedWriter, content_size, is_sealed, unsealed
from minkang.store import Store
from minkang.store.vault import LONGER, Vault

_PART = 256 * 1024


class Sink(Protocol):
    """What lines are written to."""

    def write(self, content: bytes, /) -> int:
        """Take in content."""


class ExportFile(msgspec.Struct, frozen=True):
    """A file to be sent; `vault` has the keys that it needs."""

    path: Path
    vault: Vault

    @contextmanager
    def opened(self) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The size of the content, and the content in parts. Blocks.

        Raises:
            SealBroken: while it is read, where it is not what was written.
        """
        with self.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if is_sealed(file):
                about = _about(self.path)
                parts = unsealed(file, self.vault.unseal, about, LONGER)
                yield content_size(size, LONGER), parts
            else:
                yield size, iter(lambda: file.read(_PART), b"")


async def export_file_of(store: Store, path: Path) -> ExportFile:
    """A file with the keys for it, also those that another process has made."""
    async with store.pool.acquire() as connection:
        await store.codec.vault.load(connection)
    return ExportFile(path, store.codec.vault)


@contextmanager
def new_export_file(path: Path, vault: Vault) -> Iterator[Sink]:
    """A new file, on the disk when the block ends well; sealed where there is a key.

    The caller has looked for keys (`Codec.look`).
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if vault.version:
            writer = SealedWriter(file, vault.seal, _about(path))
            yield writer
            writer.close()
        else:
            yield file
        file.flush()
        os.fsync(file.fileno())


def _about(path: Path) -> bytes:
    """The place of a file: its job and its name."""
    return f"export {path.parent.name}/{path.name}".encode()
