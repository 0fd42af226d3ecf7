"""How far a load is, on standard error: a line that changes on a terminal, else one each 5 s."""

import sys
import time
from typing import TextIO

_TERMINAL_SECONDS = 0.2
_LINE_SECONDS = 5.0


class Progress:
    """The progress of one load.

    Args:
        total: bytes of the files, as packed as they are.
        before: of these, what an earlier command has done.
    """

    def __init__(self, total: int, before: int, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = self._stream.isatty()
        self._total = total
        self._done = before
        self._begun = self._shown = time.monotonic()
        self._resources = self._refused = 0

    def advance(self, weight: int, resources: int, refused: int) -> None:
        """Add what was done just now, and show it if it is time."""
        self._done += weight
        self._resources += resources
        self._refused += refused
        now = time.monotonic()
        if now - self._shown >= (_TERMINAL_SECONDS if self._terminal else _LINE_SECONDS):
            self._shown = now
            self._show(now)

    def close(self) -> None:
        """Leave the terminal's line."""
        if self._terminal:
            self._show(time.monotonic())
            self._stream.write("\n")

    def _show(self, now: float) -> None:
        rate = self._resources / max(now - self._begun, 0.001)
        share = f"{100 * min(self._done / self._total, 1):3.0f}% " if self._total else ""
        text = (
            f"load {share}{self._resources:,} resources, {rate:,.0f}/s, {self._refused:,} refused"
        )
        self._stream.write(f"\r{text}\x1b[K" if self._terminal else f"{text}\n")
        self._stream.flush()
