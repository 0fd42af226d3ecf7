"""A watched folder: which files in it are whole, and where they go once they were taken.

A file is whole when an empty file `NAME.ok` lies beside it, or when its size and time of change
have stayed as they are for some seconds, by the clock of the watcher alone. What begins with a dot
or ends like a file under way (`.tmp`, `.part`, `.filepart`) is left alone, and so is whatever is no
regular file; links are not followed.

A taken file goes to `done/` or `refused/` with a report beside it. The report is written first, and
the file moved last: whoever is killed in between takes the file again, and the inbox knows its
messages. A lock lets one watcher work in a folder; others wait until it is gone.
"""

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

READY: Final = ".ok"

_LOCK: Final = ".minkang-watch"
_UNDER_WAY: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".writing")

Fate = Literal["done", "refused"]


class _State(msgspec.Struct, frozen=True):
    """How a file looked when it last changed, and when that was first seen."""

    size: int
    changed: int
    since: float


class Folder:
    """A watched folder; `clock` gives seconds, as `time.monotonic`."""

    def __init__(
        self, path: Path, settle_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self._settle = settle_seconds
        self._clock = clock
        self._states: dict[str, _State] = {}

    @property
    def waiting(self) -> bool:
        """Whether files were seen at the last look that are not yet taken."""
        return bool(self._states)

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Whether we are the one who works in it, for the length of a block.

        Raises:
            OSError: there is no such folder, or we may not write in it.
        """
        descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            yield False
            return
        try:
            yield True
        finally:
            os.close(descriptor)

    def whole(self) -> list[Path]:
        """The files that are whole now, in the order of their names.

        Raises:
            OSError: the folder can't be read.
        """
        now = self._clock()
        found: dict[str, _State] = {}
        ready: list[str] = []
        with os.scandir(self.path) as entries:
            names = {entry.name: entry for entry in entries}
        for name, entry in names.items():
            if name.startswith(".") or name.lower().endswith((*_UNDER_WAY, READY)):
                continue
            with suppress(FileNotFoundError):
                held = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(held.st_mode):
                    continue
                state = self._seen(name, held, now)
                found[name] = state
                if name + READY in names or now - state.since >= self._settle:
                    ready.append(name)
        self._states = found
        return [self.path / name for name in sorted(ready)]

    def still(self, file: Path) -> bool:
        """Whether a file is as it was when it was found to be whole."""
        try:
            held = file.lstat()
        except FileNotFoundError:
            return False
        state = self._states.get(file.name)
        return state is not None and self._seen(file.name, held, 0.0) == state

    def finish(self, file: Path, fate: Fate, report: Any) -> Path:
        """Put a file that was taken where it belongs, with a report beside it; its new place.

        Raises:
            OSError: it can't be moved; it will be taken again.
        """
        target = self.path / fate
        target.mkdir(exist_ok=True)
        place = _free(target, file.name)
        writing = target / f".{place.name[:200]}.writing"
        writing.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
        writing.rename(place.with_name(f"{place.name}.report.json"))
        file.rename(place)
        with suppress(FileNotFoundError):
            file.with_name(file.name + READY).unlink()
        self._states.pop(file.name, None)
        return place

    def _seen(self, name: str, held: os.stat_result, now: float) -> _State:
        before = self._states.get(name)
        if before and (before.size, before.changed) == (held.st_size, held.st_mtime_ns):
            return before
        return _State(held.st_size, held.st_mtime_ns, now)


def _free(folder: Path, name: str) -> Path:
    """A place in a folder where nothing lies: the name, else the name with a number."""
    place, number = folder / name, 1
    while os.path.lexists(place):
        number += 1
        place = folder / f"{name}.{number}"
    return place
