"""What a bench works on, what it returns, how a rate is taken."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from minkang.crypto import Keys
from minkang.store import Store


class Place(msgspec.Struct, frozen=True):
    """A migrated, empty database of the bench's own, and keys.

    Attributes:
        home: its state folder, for commands of `minkang` that are run on it.
        url: its database.
    """

    store: Store
    keys: Keys
    home: Path
    url: str


class Result(msgspec.Struct, frozen=True):
    """One figure.

    Attributes:
        value, reference: in `unit`, measured in the same run.
        ratio: value / reference.
        reach: the ratio that is aimed at (at least for rates, at most for growth).
        met: whether it was reached.
    """

    name: str
    value: float
    unit: str
    reference: float
    ratio: float
    reach: float
    met: bool


class NotRun(Exception):  # noqa: N818 - it says what it is
    """The bench needs something that is not there; the text says what."""


def result(
    name: str, value: float, unit: str, reference: float, reach: float, *, at_most: bool = False
) -> Result:
    """A figure with its ratio judged against what is aimed at."""
    ratio = value / reference
    met = ratio <= reach if at_most else ratio >= reach
    return Result(name, round(value, 3), unit, round(reference, 3), round(ratio, 3), reach, met)


async def rate(run: Callable[[], Awaitable[int]], rounds: int = 3) -> float:
    """Things a second: the median of some rounds, each of which says how many it did."""
    rates = []
    for _ in range(rounds):
        begun = time.perf_counter()
        count = await run()
        rates.append(count / (time.perf_counter() - begun))
    return sorted(rates)[len(rates) // 2]


def peak_memory(pid: int) -> float:
    """The most resident memory that a running process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    sizes = dict(one.split(":", 1) for one in lines)
    return int(sizes["VmHWM"].split()[0]) / 1024
