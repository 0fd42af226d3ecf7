"""What a load has done so far, on disk, so that it can go on where it was killed.

One line of JSON for each task that is committed, in `load/<digest>.ndjson` of the state folder. A
task that is missing there, though committed, is done again, which changes nothing.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from minkang.app.load_fhir_open import STANDARD_INPUT, Part
from minkang.app.load_report import FileProblem

_SYNC_SECONDS = 1.0


class Busy(Exception):  # noqa: N818 - reads as what happened
    """The same files are being loaded by another command."""


class Head(msgspec.Struct, frozen=True):
    """The first line: when the load began, by the database's clock."""

    began: datetime


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task that is committed: the block of lines, or the documents."""

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    weight: int = 0
    lines: tuple[Part, int] | None = None
    documents: list[Part] = []
    problems: list[FileProblem] = []


class Journal:
    """Open for the length of one load; holds a lock, so that nobody else writes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.began: datetime | None = None
        self._file: IO[bytes] = path.open("a+b")
        self._synced = 0.0
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise Busy(f"these files are being loaded already ({path})") from None

    def before(self) -> Iterator[Entry]:
        """What an earlier command has done; a last line that is cut short is taken away."""
        self._file.seek(0)
        whole = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break
            try:
                if number == 0:
                    self.began = msgspec.json.decode(line, type=Head).began
                else:
                    yield msgspec.json.decode(line, type=Entry)
            except msgspec.DecodeError:
                break
            whole += len(line)
        self._file.truncate(whole)

    def begin(self, began: datetime) -> None:
        """Begin anew."""
        self._file.truncate(0)
        self.began = began
        self._write(Head(began))

    def add(self, entry: Entry) -> None:
        """Write down a task; it is safe against a crash of the machine within a second."""
        self._write(entry)

    def close(self, *, keep: bool) -> None:
        """The end; a load that came through needs no journal."""
        if not keep:
            self.path.unlink(missing_ok=True)
        else:
            self._sync()
        self._file.close()

    def _write(self, record: Head | Entry) -> None:
        self._file.write(msgspec.json.encode(record) + b"\n")
        self._file.flush()
        if time.monotonic() - self._synced >= _SYNC_SECONDS:
            self._sync()

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()


def journal_path(home: Path, database: str, source: str, files: Sequence[str]) -> Path:
    """Where the journal of a load lies: the same files, unchanged, into the same database.

    Standard input is never the same again.

    Raises:
        OSError: a file is gone.
    """
    digest = hashlib.sha256()
    for part in (database, source):
        digest.update(f"{part}\0".encode())
    for file in files:
        if file == STANDARD_INPUT:
            about = f"process {os.getpid()}"
        else:
            found = Path(file).stat()
            about = f"{found.st_size}:{found.st_mtime_ns}"
        digest.update(f"{Path(file).absolute()}\0{about}\0".encode())
    return home / "load" / f"{digest.hexdigest()[:32]}.ndjson"
