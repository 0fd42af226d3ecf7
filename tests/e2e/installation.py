"""An installation as an operator has it: a state folder, the command, real ports and processes."""

import asyncio
import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import asyncpg
import httpx

from minkang.app.platform import Platform, open_platform
from minkang.app.process import ROLES
from minkang.config import load_settings
from minkang.identity import Resident as Person
from minkang.identity import find_residents
from minkang.store import Scope
from minkang.store.embedded import ensure_running
from minkang.store.embedded_place import locate
from minkang.store.embedded_server import postmaster
from tests.e2e.processes import Process, becomes, children, process, processes
from tests.region import Resident, residents_of

PASSWORD = "haibin-demo-2026"
RESIDENTS = 24

_COMMAND = [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())"]
_READY_SECONDS = 420.0
_STOP_SECONDS = 30

T = TypeVar("T")


class Installation:
    """The demonstration platform in a state folder of its own.

    Everything goes through its doors; `fetch` and `inside` look into its database directly, to
    check what the doors say.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.size = ["--residents", str(RESIDENTS), "--years", "2"]
        self.port, self.mllp_port = free_ports(2)
        self.home.mkdir(parents=True, exist_ok=True)
        # As root the database runs as another user, who must be able to walk in.
        self.home.chmod(0o711)
        (self.home / "minkang.toml").write_text(f"mllp_port = {self.mllp_port}\n", encoding="utf-8")
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._url = ""

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    # Running it

    def start(self) -> None:
        """`minkang demo`, until it says that it is ready."""
        if self._supervisor is not None:
            self._supervisor.wait()
        output = self.home / "output.txt"
        with output.open("wb") as out, (self.home / "log.txt").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [*_COMMAND, "demo", *self.size],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

        def said_ready() -> bool:
            return any(line.startswith(b"ready ") for line in output.read_bytes().splitlines())

        def settled() -> bool:
            return said_ready() or self.supervisor is None

        becomes(settled, _READY_SECONDS)
        assert said_ready(), f"not ready:\n{self.log}"
        self._url = ensure_running(self.home)

    def stop(self) -> None:
        """SIGTERM, and nothing may be left of it."""
        assert self._supervisor is not None
        known = self.processes()
        self._supervisor.send_signal(signal.SIGTERM)
        assert self._supervisor.wait(_STOP_SECONDS) == 0, self.log
        becomes(lambda: not any(one.alive for one in known), 5)
        left = {one.pid: one.command for one in known if one.alive}
        assert not left, f"left behind: {left}"
        assert not self.processes()

    def end(self) -> None:
        """End whatever is left of it, after a test that failed."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGTERM)
            try:
                self._supervisor.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                self._supervisor.wait()
        for one in self.processes():
            one.kill()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `minkang` command on the same state folder."""
        return subprocess.run(
            [*_COMMAND, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    @property
    def log(self) -> str:
        """The end of what it wrote to standard error."""
        return (self.home / "log.txt").read_text(encoding="utf-8", errors="replace")[-6_000:]

    @property
    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "MINKANG" not in name}
        return {**kept, "MINKANG_HOME": str(self.home), "MINKANG_PORT": str(self.port)}

    # Its processes

    @property
    def supervisor(self) -> Process | None:
        """The process that keeps the others running."""
        running = self._supervisor is not None and self._supervisor.poll() is None
        return process(self._supervisor.pid) if running and self._supervisor else None

    def role(self, name: str) -> Process | None:
        """The child with that role: `web`, `listener` or `worker`."""
        for one in self.own_processes():
            command = one.command
            if "minkang.app.process" in command and name in command:
                return one
        return None

    @property
    def postmaster(self) -> Process | None:
        """The database's first process."""
        pid = postmaster(locate(self.home))
        return process(pid) if pid else None

    @property
    def backends(self) -> list[Process]:
        """The database's processes that serve a connection of ours."""
        first, title = self.postmaster, f"postgres: {locate(self.home).name}: minkang minkang"
        if first is None:
            return []
        return [one for one in children(first.pid) if one.command[:1] and title in one.command[0]]

    def own_processes(self) -> list[Process]:
        """Supervisor and children, whoever is their parent by now."""
        mark = f"MINKANG_HOME={self.home}"
        return [one for one in processes() if mark in one.environment]

    def processes(self) -> list[Process]:
        """All of its processes, those of the database too."""
        place = locate(self.home)
        title, data = f"postgres: {place.name}:", str(place.data)
        database = [
            one
            for one in processes()
            if (words := one.command) and (words[0].startswith(title) or data in words)
        ]
        return [*self.own_processes(), *database]

    def whole(self) -> bool:
        """Whether every process is there and the pages answer."""
        if self.postmaster is None or not all(map(self.role, ROLES)):
            return False
        try:
            with httpx.Client(trust_env=False, verify=False, timeout=5) as client:
                answer = client.get(f"{self.address}/health/ready")
            socket.create_connection(("127.0.0.1", self.mllp_port), 5).close()
        except (httpx.HTTPError, OSError):
            return False
        return answer.status_code == 200

    # Looking inside

    def inside(self, look: Callable[[Platform], Awaitable[T]]) -> T:
        """Run something on the opened platform, beside its own processes."""

        async def run() -> T:
            settings = load_settings({"MINKANG_HOME": str(self.home)}, self.home)
            async with open_platform(settings, self._url, connections=3) as platform:
                return await look(platform)

        return _apart(run)

    def fetch(self, sql: str, *values: Any, triggers: bool = True) -> list[Any]:
        """Rows of its database, as its superuser; without `triggers`, as a dishonest one."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(self._url, timeout=5)
            try:
                if not triggers:
                    await connection.execute("set session_replication_role = replica")
                return list(await connection.fetch(sql, *values))
            finally:
                await connection.close()

        return _apart(run)

    def waiting(self) -> int:
        """Messages in the inbox that are not processed yet."""
        return int(
            self.fetch("select count(*) as n from exchange.message where state = 'waiting'")[0]["n"]
        )

    def residents(self) -> tuple[Resident, ...]:
        """The truth about the invented residents."""
        return residents_of(self.home)

    def person(self, id_number: str) -> Person:
        """The Person the platform has made of an ID number."""

        async def run(platform: Platform) -> Person:
            found = await find_residents(platform.store, Scope.whole(), id_number)
            return found.residents[0]

        return self.inside(run)

    def persons(self) -> list[tuple[Resident, Person]]:
        """Invented residents with the Person that the platform has made of each."""

        async def run(platform: Platform) -> list[tuple[Resident, Person]]:
            pairs = []
            for resident in self.residents():
                found = await find_residents(platform.store, Scope.whole(), resident.id_number)
                if len(found.residents) == 1:
                    pairs.append((resident, found.residents[0]))
            return pairs

        return self.inside(run)

    # Its doors

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Somebody at the pages who has not logged in; forms carry their token."""
        client = httpx.Client(base_url=self.address, trust_env=False, verify=False, timeout=20)
        try:
            client.get("/login")
            client.headers["x-csrftoken"] = client.cookies["minkang_csrf"]
            yield client
        finally:
            client.close()

    @contextmanager
    def logged_in(self, login: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """Somebody who has logged in."""
        with self.browser() as client:
            answer = client.post("/login", data={"login": login, "password": password})
            assert answer.status_code == 303, f"{login}: {answer.status_code}"
            yield client

    def send(self, *messages: bytes) -> list[str]:
        """Send messages over one MLLP connection; the code (AA, AE, AR) of each answer."""
        with socket.create_connection(("127.0.0.1", self.mllp_port), 10) as line:
            return [answer_code(exchange(line, raw)) for raw in messages]


def exchange(line: socket.socket, raw: bytes) -> bytes:
    """Send one message and take the whole answer.

    Raises:
        OSError: the connection broke before the answer was whole.
    """
    line.sendall(b"\x0b" + raw + b"\x1c\r")
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        data = line.recv(65536)
        if not data:
            raise ConnectionResetError("closed before the answer")
        answer += data
    return answer


def answer_code(answer: bytes) -> str:
    """AA, AE or AR; `retry` if the platform says that it could not keep the message."""
    found = re.search(rb"\rMSA\|(A[AER])", answer)
    assert found, answer
    return "retry" if b"^unavailable^" in answer else found[1].decode()


@contextmanager
def installation(*size: str) -> Iterator[Installation]:
    """A running installation in a new folder; its end is checked, too.

    `size` are options of `minkang demo` in place of the usual ones.
    """
    with TemporaryDirectory(prefix="minkang-e2e-") as folder:
        Path(folder).chmod(0o711)
        made = Installation(Path(folder) / "home")
        made.size = list(size) or made.size
        try:
            made.start()
            yield made
            made.stop()
        finally:
            made.end()


def _apart(run: Callable[[], Awaitable[T]]) -> T:
    """Run in a thread of its own: a browser's test already has a loop in this one."""

    async def whole() -> T:
        return await run()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, whole()).result()


def free_ports(count: int) -> list[int]:
    """Below the range from which the system takes ports for outgoing connections."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found
