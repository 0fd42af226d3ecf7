"""autocannon as load client: requests prepared here, sent by `load.mjs`."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.measure import NotRun

_ROOT = Path(__file__).parents[1]
_SCRIPT = Path(__file__).with_name("load.mjs")


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request; `path` begins behind host and port."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""


class Load(msgspec.Struct, frozen=True):
    """What came of a load.

    Attributes:
        answered, failed: requests with 2xx, and all others.
        seconds: it took.
        p50, p99: milliseconds to an answer.
    """

    answered: int
    failed: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


async def load(
    address: str,
    requests: Sequence[Request],
    *,
    connections: int,
    seconds: float | None = None,
) -> Load:
    """Send requests over some connections, for some seconds, or else each of them once.

    Raises:
        NotRun: no Node.js, or autocannon is not installed.
        RuntimeError: a request was not answered with 2xx, or the client failed.
    """
    node = shutil.which("node")
    if node is None or not (_ROOT / "node_modules" / "autocannon").is_dir():
        raise NotRun("autocannon is missing: npm ci")
    if seconds is None:
        requests = requests[: len(requests) // connections * connections]
    wanted = {
        "url": address,
        "connections": connections,
        "seconds": seconds,
        "amount": len(requests) if seconds is None else None,
        "requests": msgspec.to_builtins(requests),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(wanted, file, ensure_ascii=False)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            node, str(_SCRIPT), file.name, stdout=asyncio.subprocess.PIPE, cwd=_ROOT
        )
        output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the load client ended with {process.returncode}")
    found = msgspec.json.decode(output, type=Load)
    if found.failed:
        raise RuntimeError(f"{found.failed} requests failed, the first is {requests[0].path}")
    return found
