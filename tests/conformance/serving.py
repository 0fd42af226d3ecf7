"""`minkang serve` as an operator runs it: a process, a new state folder, a free port."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from minkang.store.embedded import ensure_running
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes

_COMMAND = [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())"]
_READY_SECONDS = 120


class Serving(Installation):
    """An installation without the demonstration's people."""

    def __init__(self, home: Path, *arguments: str) -> None:
        super().__init__(home)
        self._arguments = arguments

    @property
    def base(self) -> str:
        """Address of its FHIR base."""
        return f"{self.address}/fhir"

    def start(self) -> None:
        """`minkang serve`, until it says that it is ready."""
        output = self.home / "output.txt"
        with output.open("wb") as out, (self.home / "log.txt").open("ab") as log:
            started = subprocess.Popen(
                [*_COMMAND, "serve", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        self._supervisor = started
        becomes(
            lambda: output.read_bytes().startswith(b"ready ") or started.poll() is not None,
            _READY_SECONDS,
        )
        assert output.read_bytes().startswith(b"ready "), f"not ready:\n{self.log}"
        self._url = self._served_database()

    def _served_database(self) -> str:
        return ensure_running(self.home)


@contextmanager
def serving(*arguments: str) -> Iterator[Serving]:
    """A running server with these arguments of `minkang serve`; its end is checked, too."""
    with TemporaryDirectory(prefix="minkang-serving-") as folder:
        Path(folder).chmod(0o711)
        made = Serving(Path(folder) / "home", *arguments)
        try:
            made.start()
            yield made
            made.stop()
        finally:
            made.end()
