"""Servers under load, each a process of its own: ours, and a bare one to compare with."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import msgspec

from bench.measure import Place, peak_memory

logging.getLogger("httpx").setLevel(logging.WARNING)

_COMMAND = (sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())")
_ROOT = Path(__file__).parents[1]
_READY_SECONDS = 120
_SETTLED_SECONDS = 1.5


class Server(msgspec.Struct, frozen=True):
    """A running server.

    Attributes:
        address: without the base, e.g. `http://127.0.0.1:20001`.
        pid: of the process that was started.
    """

    address: str
    pid: int

    def answering(self) -> list[int]:
        """The processes of `minkang serve` that share its port."""
        found = []
        for pid in _children(self.pid):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"minkang.app.process" in command and b"web" in command:
                found.append(pid)
        return found

    def memory(self) -> float:
        """The most resident memory that one of the answering processes has had, in MB."""
        return max(map(peak_memory, self.answering()), default=0.0)


@asynccontextmanager
async def serving(place: Place, *, open_base: bool = True) -> AsyncIterator[Server]:
    """`minkang serve` on the bench's database, `--open` unless its base shall ask for tokens."""
    port = free_port()
    opened = ("--open",) if open_base else ()
    arguments = (*_COMMAND, "serve", *opened, "--port", str(port))
    (place.home / "minkang.toml").write_text(f"mllp_port = {free_port()}\n", encoding="utf-8")
    async with _running(place, arguments, port, "/health/ready") as server:
        yield server


@asynccontextmanager
async def bare_serving(place: Place, processes: int) -> AsyncIterator[Server]:
    """The bare ASGI function (`bench.bare`) on the same database, on one port by some processes."""
    port = free_port()
    arguments = (sys.executable, "-m", "bench.bare", place.url, str(port), str(place.home))
    async with AsyncExitStack() as stack:
        for _ in range(processes):
            server = await stack.enter_async_context(_running(place, arguments, port, "/"))
        yield server


async def command(place: Place, *arguments: str) -> bytes:
    """Run `minkang ...` on the bench's state folder; gives its standard output.

    Raises:
        RuntimeError: it did not end with 0.
    """
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(place),
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        said = (errors or output).decode(errors="replace")[-2_000:]
        raise RuntimeError(f"minkang {arguments[0]} ended with {process.returncode}: {said}")
    return output


async def settled(place: Place) -> None:
    """Wait until those who follow the change feed have caught up."""
    seen, since = "", time.monotonic()
    while time.monotonic() - since < _SETTLED_SECONDS:
        rows = await place.store.pool.fetch("select * from store.consumer order by name")
        if (now := repr(rows)) != seen:
            seen, since = now, time.monotonic()
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _running(
    place: Place, arguments: tuple[str, ...], port: int, path: str
) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        env=environment(place),
        cwd=_ROOT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        await _answers(process, f"{address}{path}")
        yield Server(address, process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _answers(process: asyncio.subprocess.Process, url: str) -> None:
    end = time.monotonic() + _READY_SECONDS
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        while time.monotonic() < end:
            if process.returncode is not None:
                raise RuntimeError(f"the server ended with {process.returncode}")
            try:
                if (await client.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise RuntimeError("the server does not answer")


def environment(place: Place) -> dict[str, str]:
    """The environment of a process that works on the bench's state folder."""
    kept = {name: value for name, value in os.environ.items() if "MINKANG" not in name}
    return {**kept, "MINKANG_HOME": str(place.home)}


def _children(parent: int) -> list[int]:
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(one) for one in path.read_text(encoding="ascii").split()]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
