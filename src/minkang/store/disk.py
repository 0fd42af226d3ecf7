"""Stop writing before the disk is full.

Where PostgreSQL can't write to its log it stops altogether, and may not start again: then nothing
can be read either. So Minkang keeps a reserve: while less than that is free, it refuses what would
be written, with the reason, and goes on reading.
"""

import os
from pathlib import Path

import asyncpg
import msgspec

from minkang.store.embedded_place import locate


class DiskReserved(OSError):  # noqa: N818 - reads as what happened
    """So little is free that nothing more may be written; reading goes on.

    An OSError, and so among what `TROUBLE` names: who waits for a lost database waits here, too.
    """


class DiskWatch(msgspec.Struct, frozen=True):
    """Where the database's files lie, and how many bytes must stay free there.

    Attributes:
        folders: on one or several file systems: the data folder, the archive.
        reserve: bytes.
    """

    folders: tuple[Path, ...]
    reserve: int

    def require_room(self) -> None:
        """To be called before anything is accepted; some microseconds.

        Raises:
            DiskReserved: names the folder, what is free, and the setting.
        """
        for folder in self.folders:
            free = free_bytes(folder)
            if free < self.reserve:
                raise DiskReserved(
                    f"{folder}: only {free} bytes are free, {self.reserve} are kept in reserve "
                    "(disk_reserve_bytes): nothing is written until there is room again"
                )


def watch(home: Path, archive: Path | None, reserve: int) -> DiskWatch:
    """The watch over an installation with the embedded database."""
    data = locate(home).data
    return DiskWatch((data, archive) if archive else (data,), reserve)


UNWATCHED = DiskWatch((), 0)
"""For a database on a server of the operator's own: nothing of it can be seen from here."""


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write below this folder. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def is_full(error: BaseException) -> bool:
    """Whether the database refused a statement for lack of room (SQLSTATE 53100).

    Such a transaction has not happened: what it would have written must not be acknowledged.
    """
    return isinstance(error, asyncpg.DiskFullError)
