"""`minkang load` of messages, documents and tables: through the same doors as from the wire.

What is much is divided among processes. That changes nothing: in which order messages come, and
which process takes one up that another has kept, makes no difference to what is stored.
"""

import asyncio
import gc
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import msgspec

from minkang.app.load_arrivals import Arrived, For, UnfitSource, arrivals, check_source
from minkang.app.load_fhir_open import Unreadable
from minkang.app.load_files import Kind, members, shown
from minkang.app.load_report import FileProblem, Report
from minkang.app.platform import Platform, open_platform
from minkang.config import Settings
from minkang.exchange import Ahead, Inbox, Source, process_waiting, sources
from minkang.exchange.outcome import Became, became
from minkang.exchange.reconciliation import keep_counts, read_counts
from minkang.fhir import Problem, Refused
from minkang.identity import follow
from minkang.identity.register import follow_register

__all__ = ["MessageFile", "UnfitSource", "load_messages"]

_CHUNK = 200
_SHARE_BYTES = 2_000_000  # of files that one process takes at a time
_CONNECTIONS = 4  # of each process; an installation allows all of them together a hundred


class MessageFile(msgspec.Struct, frozen=True):
    """A file, what it holds, and the source it is loaded for; None where messages name it."""

    path: Path
    kind: Kind
    source: str | None = None


async def load_messages(
    settings: Settings, url: str, files: Sequence[MessageFile], *, workers: int = 1
) -> Report:
    """Load messages, documents and rows; what is refused stands in quarantine, too.

    With more than one of `workers`, so many processes share the files, where there is enough.

    Raises:
        UnfitSource: a file's source is not registered, or does not send such files.
    """
    started = time.monotonic()
    shares = _shares(files)
    if min(workers, len(shares)) > 1:
        report = await asyncio.to_thread(_together, settings, url, shares, workers)
    else:
        report = Report()
        for share in shares:
            report.add(await _load_share(settings, url, share))
    async with open_platform(settings, url) as platform:
        while await follow(platform.store, platform.keys):
            pass
        while await follow_register(platform.store):
            pass
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _shares(files: Sequence[MessageFile]) -> list[list[MessageFile]]:
    """Neighbouring files together, so that a share is worth the start of a process."""
    shares: list[list[MessageFile]] = []
    room = 0
    for file in files:
        if room <= 0:
            shares.append([])
            room = _SHARE_BYTES
        shares[-1].append(file)
        room -= file.path.stat().st_size if file.path.is_file() else 0
    return shares


def _together(
    settings: Settings, url: str, shares: Sequence[list[MessageFile]], workers: int
) -> Report:
    report = Report()
    # A forked copy of this process would share its event loop and its connections.
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for part in pool.map(partial(_load_apart, settings, url), shares):
            report.add(part)
    return report


def _load_apart(settings: Settings, url: str, share: list[MessageFile]) -> Report:
    # What is made of messages holds no circles: looking for them costs an eighth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return asyncio.run(_load_share(settings, url, share))


async def _load_share(settings: Settings, url: str, files: Sequence[MessageFile]) -> Report:
    report = Report()
    async with open_platform(settings, url, connections=_CONNECTIONS) as platform:
        async with platform.pool.acquire() as connection:
            known = await sources(connection)
        inbox = Inbox(platform.store)
        ahead = Ahead()
        try:
            for file in files:
                whom = For(known, platform.keys.id_key, _named(known, file.source), ahead)
                if file.kind == "counts":
                    await _load_counts(platform, whom, file, report)
                    continue
                await _load_file(platform, inbox, whom, file, report)
        finally:
            await inbox.close()
    return report


def _named(known: dict[str, Source], name: str | None) -> Source | None:
    if name is None:
        return None
    if name not in known:
        names = ", ".join(known) or "none yet; see `minkang sources`"
        raise UnfitSource(f"source {name!r} is not known (known: {names})")
    return known[name]


async def _load_file(
    platform: Platform, inbox: Inbox, whom: For, file: MessageFile, report: Report
) -> None:
    chunk: list[Arrived] = []
    try:
        for arrived in arrivals(whom, str(file.path), file.kind):
            chunk.append(arrived)
            if len(chunk) >= _CHUNK:
                await _take(platform, inbox, whom.ahead, chunk, report)
                chunk = []
    except Unreadable as error:
        report.refused += 1
        report.tell(FileProblem(shown(str(file.path)), 1, "-", error.rule, str(error)))
    except OSError as error:
        report.refused += 1
        text = f"读不出来：{error.strerror} / can't be read"
        report.tell(FileProblem(shown(str(file.path)), 1, "-", "unreadable", text))
    await _take(platform, inbox, whom.ahead, chunk, report)


async def _load_counts(platform: Platform, whom: For, file: MessageFile, report: Report) -> None:
    """The source's own figures, for reconciliation; all of a file or nothing."""
    check_source(whom, str(file.path), file.kind)
    assert whom.source is not None  # noqa: S101 - checked above
    name = shown(str(file.path))
    try:
        for part, raw in members(str(file.path)):
            name = shown(part)
            reported = read_counts(raw, "")
            async with platform.pool.acquire() as connection:
                await keep_counts(connection, whom.source.id, reported)
            report.accepted += len(reported)
    except Refused as refused:
        report.refused += 1
        for p in refused.problems:
            report.tell(FileProblem(name, 1, p.place, p.rule, p.text))
    except Unreadable as error:
        report.refused += 1
        report.tell(FileProblem(name, 1, "-", error.rule, str(error)))


async def _until_done(platform: Platform, ids: list[int]) -> None:
    """Wait for messages that a worker beside us has taken."""
    for _ in range(600):
        waiting = await platform.pool.fetchval(
            """select count(*) from exchange.message
               where id = any($1::bigint[]) and state = 'waiting'""",
            ids,
        )
        if not waiting:
            return
        await process_waiting(platform.store, platform.keys, _CHUNK)
        await asyncio.sleep(0.1)


async def _take(
    platform: Platform,
    inbox: Inbox,
    ahead: Ahead | None,
    chunk: Sequence[Arrived],
    report: Report,
) -> None:
    """Keep a chunk, process it, and count what became of it."""
    for arrived in chunk:
        if (problem := arrived.problem) is not None:
            report.refused += 1
            _tell(report, arrived, [problem])
    taken = [(arrived, arrived.seen.arrival) for arrived in chunk if arrived.seen is not None]
    if not taken:
        return
    kept = await asyncio.gather(*(inbox.keep(arrival) for _, arrival in taken))
    while (await process_waiting(platform.store, platform.keys, _CHUNK, ahead)).messages:
        pass
    ids = [one.id for one in kept]
    await _until_done(platform, ids)
    async with platform.pool.acquire() as connection:
        found = await became(connection, ids)
    for (arrived, arrival), one in zip(taken, kept, strict=True):
        # Of a source on trial nothing goes further; it was judged at the door.
        problems = arrival.problems if arrival.trial else found[one.id].problems
        if problems if arrival.trial else found[one.id].state == "quarantined":
            report.refused += 1
            _tell(report, arrived, problems)
        else:
            _count(report, found[one.id], repeated=one.repeated)


def _tell(report: Report, arrived: Arrived, problems: Sequence[Problem]) -> None:
    for p in problems:
        report.tell(FileProblem(arrived.file, arrived.line, p.place, p.rule, p.text))


def _count(report: Report, found: Became, *, repeated: bool) -> None:
    if repeated:
        report.unchanged += 1
    else:
        report.accepted += 1
        report.resources += len(found.made)
