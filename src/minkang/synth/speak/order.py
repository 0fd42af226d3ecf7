"""All that is sent, in order of time, at constant memory and on any number of processes.

Households are lived in ranges of a fixed size. What a range sends is sorted and laid into a file
of its own; the files are then read side by side. What comes out depends on the ranges alone, and
so is the same however many processes there were. Memory holds one range for each process, and one
item of each file: files are merged in rounds where there are very many.
"""

import heapq
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, cast

import msgspec

from minkang.synth.record import LOCAL, Lived, World
from minkang.synth.speak.registration import Desk, truthful
from minkang.synth.speak.say import everything
from minkang.synth.speak.sent import CONTROL, Channel, Message, Row, Sent
from minkang.synth.speak.setting import Setting

RANGE: Final = 32
"""Households that are lived before what they send is laid down."""

_TOGETHER: Final = 200
"""Files that are read side by side."""

_A_DAY: Final = 40
"""Control ids that are kept free, of each source and day, for a household that is not among these:
what is sent of other households, made at another time, never has the same."""

Lives = Callable[[World, int], Lived]
"""World and number of a household to what was lived there."""


class Wish(msgspec.Struct, frozen=True):
    """What is to be sent: whose lives, from when until when (None: open), by which desks."""

    world: World
    lives: Lives
    desk: Desk = truthful
    since: datetime | None = None
    until: datetime | None = None


class _Laid(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An item in a file. The first four are its place in the order; `table` is empty of messages,
    `body` is the message, or the row's columns.
    """

    at: int  # microseconds since 1970
    source: str
    person: str
    count: int
    channel: str
    table: str
    name: str
    visit: str
    expected: str
    body: bytes


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Laid).decode
_decode_row: Final = msgspec.msgpack.Decoder(dict[str, str]).decode
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def history(wish: Wish, numbers: Sequence[int], folder: Path, processes: int = 1) -> Iterator[Sent]:
    """What the households of these numbers send, in order of time, each message with its control
    id. `folder` takes the files in between, and is empty again when all has been read.

    Control ids are counted from what the households before these may have used up.
    """
    files = _laid_down(wish, numbers, folder, processes)
    counts: dict[str, tuple[date, int]] = {}
    used = numbers[0] * _A_DAY if numbers else 0
    setting = Setting(wish.world, wish.desk)
    prefixes = {system.id: system.prefix for system in setting.systems.values()}
    try:
        for laid in _merged(files, folder):
            yield _sent(laid, prefixes, counts, used)
    finally:
        for file in folder.glob("*.laid"):
            file.unlink()


def _laid_down(wish: Wish, numbers: Sequence[int], folder: Path, processes: int) -> list[Path]:
    """The files of all ranges, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    ranges = [tuple(numbers[at : at + RANGE]) for at in range(0, len(numbers), RANGE)]
    jobs = [(part, folder / f"{at:07d}.laid") for at, part in enumerate(ranges)]
    if processes <= 1 or len(jobs) <= 1:
        setting = Setting(wish.world, wish.desk)
        return [_lay(wish, setting, *job) for job in jobs]
    # A fork has the place and the catalogues already; nothing of them need be sent over.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, context, _begin, (wish,)) as pool:
        return list(pool.map(_work, jobs))


_begun: list[tuple[Wish, Setting]] = []


def _begin(wish: Wish) -> None:
    _begun[:] = [(wish, Setting(wish.world, wish.desk))]


def _work(job: tuple[tuple[int, ...], Path]) -> Path:
    wish, setting = _begun[0]
    return _lay(wish, setting, *job)


def _lay(wish: Wish, setting: Setting, numbers: Iterable[int], file: Path) -> Path:
    """Live a range of households and lay down what they send, in order."""
    since = None if wish.since is None else _place(wish.since)
    until = None if wish.until is None else _place(wish.until)
    found: list[tuple[int, str, str, int, bytes]] = []
    for number in numbers:
        for count, sent in enumerate(everything(setting, wish.lives(wish.world, number))):
            at = _place(sent.at)
            if (since is None or at >= since) and (until is None or at < until):
                laid = _as_laid(at, count, sent)
                found.append((at, sent.source, sent.person, count, _encode(laid)))
    found.sort()
    with file.open("wb") as out:
        for one in found:
            out.write(len(one[4]).to_bytes(4, "little"))
            out.write(one[4])
    return file


def _place(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _as_laid(at: int, count: int, sent: Sent) -> _Laid:
    if isinstance(sent, Message):
        return _Laid(
            at, sent.source, sent.person, count, sent.channel, "", sent.name, sent.visit,
            sent.expected, sent.raw,
        )  # fmt: skip
    return _Laid(
        at, sent.source, sent.person, count, "table", sent.table, sent.number, sent.visit,
        sent.expected, _encode(sent.values),
    )  # fmt: skip


def _read(file: Path, stack: ExitStack) -> Iterator[_Laid]:
    opened = stack.enter_context(file.open("rb"))
    while length := opened.read(4):
        yield _decode(opened.read(int.from_bytes(length, "little")))


def _key(laid: _Laid) -> tuple[int, str, str, int]:
    return laid.at, laid.source, laid.person, laid.count


def _merged(files: Sequence[Path], folder: Path) -> Iterator[_Laid]:
    """All items of files that are each in order."""
    rounds = 0
    while len(files) > _TOGETHER:
        rounds += 1
        merged = []
        for at in range(0, len(files), _TOGETHER):
            file = folder / f"round-{rounds}-{at:07d}.laid"
            with ExitStack() as stack, file.open("wb") as out:
                part = files[at : at + _TOGETHER]
                for laid in heapq.merge(*(_read(one, stack) for one in part), key=_key):
                    packed = _encode(laid)
                    out.write(len(packed).to_bytes(4, "little") + packed)
            for one in part:
                one.unlink()
            merged.append(file)
        files = merged
    with ExitStack() as stack:
        yield from heapq.merge(*(_read(one, stack) for one in files), key=_key)


def _sent(
    laid: _Laid, prefixes: dict[str, str], counts: dict[str, tuple[date, int]], used: int
) -> Sent:
    at = (_EPOCH + laid.at * _MICROSECOND).astimezone(LOCAL)
    if laid.table:
        return Row(
            laid.source, laid.table, at, laid.name, _decode_row(laid.body), laid.person,
            laid.visit, laid.expected,
        )  # fmt: skip
    raw, control = laid.body, ""
    if laid.channel == "mllp":
        # Counted anew each day: what is sent later does not depend on what was sent before.
        day, count = counts.get(laid.source, (at.date(), used))
        count = (count if day == at.date() else used) + 1
        counts[laid.source] = (at.date(), count)
        control = f"{prefixes[laid.source]}{at:%y%m%d}{count:06d}"
        raw = raw.replace(CONTROL, control.encode(), 1)
    channel = cast(Channel, laid.channel)
    return Message(
        laid.source, channel, at, raw, laid.name, laid.person, laid.visit, control, laid.expected
    )
