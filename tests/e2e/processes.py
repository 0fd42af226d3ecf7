"""Processes as the kernel sees them (Linux: /proc)."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process that can't be mistaken for a later one of the same number."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it still runs; one that is dead and not yet reaped does not."""
        found = _stat(self.pid)
        return found is not None and found[2] == self.started and found[0] != "Z"

    @property
    def command(self) -> list[str]:
        """Its command line; empty once it is dead."""
        with contextlib.suppress(OSError):
            raw = Path(f"/proc/{self.pid}/cmdline").read_bytes()
            return raw.decode(errors="replace").strip("\0").split("\0")
        return []

    @property
    def environment(self) -> list[str]:
        """The environment it was started with; empty where we may not look."""
        with contextlib.suppress(OSError):
            raw = Path(f"/proc/{self.pid}/environ").read_bytes()
            return raw.decode(errors="replace").split("\0")
        return []

    def kill(self) -> bool:
        """kill -9; False if it was gone already."""
        if not self.alive:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
            return True
        return False


def process(pid: int) -> Process | None:
    """The live process of a number."""
    found = _stat(pid)
    return Process(pid, found[2]) if found and found[0] != "Z" else None


def processes() -> list[Process]:
    """All live processes."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [found for found in map(process, pids) if found]


def children(parent: int) -> list[Process]:
    """The live processes that a process has started."""
    return [one for one in processes() if (found := _stat(one.pid)) and found[1] == parent]


def becomes(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait until something holds; False if it never does within the time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def _stat(pid: int) -> tuple[str, int, int] | None:
    """State, parent and start time (clock ticks since boot)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[1]), int(fields[19])
