"""Watched folders: each file that is whole into the inbox, message by message, then out of the way.

Only keeping is done here; the worker brings the messages into the store. `minkang watch` and the
worker (setting `watch`) do the same.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from minkang.app.load_arrivals import Arrived, For, UnfitSource, arrivals
from minkang.app.load_fhir_open import Unreadable
from minkang.app.load_files import kind_of, shown
from minkang.app.platform import Platform
from minkang.config import WatchedFolder
from minkang.exchange import Inbox, InboxUnavailable
from minkang.exchange.channels.watch import Fate, Folder
from minkang.exchange.known import KnownSources
from minkang.fhir import Problem
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 1.0
_CHUNK: Final = 200
_MOST_TOLD: Final = 1_000


class TakenFile(msgspec.Struct):
    """The report beside a file that was taken.

    Attributes:
        taken: when, in UTC.
        messages: how many were in it; `refused` of them lie in quarantine, for `problems`.
        repeated: how many of them had come before.
        numbers: the first and the last number of a message in the inbox.
    """

    file: str
    source: str
    taken: datetime
    messages: int = 0
    repeated: int = 0
    refused: int = 0
    numbers: list[int] = []
    problems: list[dict[str, Any]] = []

    def tell(self, line: int, problem: Problem, number: int | None = None) -> None:
        """Add a problem, up to the most that are told."""
        if len(self.problems) < _MOST_TOLD:
            told = {"line": line, "path": problem.place, "rule": problem.rule}
            self.problems.append({**told, "text": problem.text, "message": number})


class Into(msgspec.Struct, frozen=True):
    """Where the messages of files go."""

    inbox: Inbox
    known: KnownSources
    id_key: bytes


async def watch_folders(platform: Platform, inbox: Inbox) -> None:
    """Watch all folders of the settings, until cancelled."""
    into = Into(inbox, KnownSources(platform.pool), platform.keys.id_key)
    async with asyncio.TaskGroup() as group:
        for watched in platform.settings.watch:
            group.create_task(watch_folder(into, watched))


async def watch_folder(into: Into, watched: WatchedFolder) -> None:
    """Take the files of a folder as they become whole, until cancelled."""
    folder = Folder(watched.folder, watched.settle_seconds)
    told = ""
    while True:
        trouble = ""
        try:
            await look_once(into, watched, folder)
        except Exception as error:  # noqa: BLE001 - a folder is watched whatever happens in it
            trouble = f"{type(error).__name__}: {error}"
        if trouble != told:
            _log.warning("%s: %s", watched.folder, trouble or "is watched again")
            told = trouble
        await asyncio.sleep(_LOOK_SECONDS)


async def empty_folder(into: Into, watched: WatchedFolder) -> list[TakenFile]:
    """Take what lies in a folder now, as soon as it is whole; the reports.

    Raises:
        UnfitSource: the source is not known, or disabled.
        InboxUnavailable: a message could not be kept; its file stays.
        OSError: the folder can't be read or written.
    """
    folder = Folder(watched.folder, watched.settle_seconds)
    taken = await look_once(into, watched, folder)
    while folder.waiting:
        await asyncio.sleep(min(_LOOK_SECONDS, max(0.05, watched.settle_seconds)))
        taken += await look_once(into, watched, folder)
    return taken


async def look_once(into: Into, watched: WatchedFolder, folder: Folder) -> list[TakenFile]:
    """Take the files that are whole; raises as `empty_folder`.

    While another watcher is at work in the folder nothing happens.
    """
    taken = []
    with folder.locked() as ours:
        source = await into.known.source(watched.source)
        if source is None or not source.enabled:
            why = "is not known" if source is None else "is disabled (source-disabled)"
            raise UnfitSource(f"source {watched.source} {why}; files stay where they are")
        failed: Exception | None = None
        for file in folder.whole() if ours else ():
            try:
                report = await _take(into, watched, file)
            except (InboxUnavailable, OSError, *TROUBLE):
                raise
            except Exception as error:  # noqa: BLE001 - one bad file must not stop the others
                failed = error
                continue
            if folder.still(file):
                fate: Fate = "refused" if report.problems else "done"
                place = folder.finish(file, fate, report)
                _log.info("%s: %d messages", shown(str(place)), report.messages)
                taken.append(report)
        if failed is not None:
            raise failed
    return taken


async def _take(into: Into, watched: WatchedFolder, file: Path) -> TakenFile:
    """Keep every message of a file.

    Raises:
        InboxUnavailable: not all are kept.
    """
    report = TakenFile(shown(file.name), watched.source, datetime.now(UTC))
    whom = For(into.known.now, into.id_key, into.known.now[watched.source])
    try:
        kind = await asyncio.to_thread(kind_of, str(file))
        kind = kind if watched.format == "auto" else watched.format
        found = arrivals(whom, str(file), kind)
        while chunk := await asyncio.to_thread(lambda: list(islice(found, _CHUNK))):
            await _keep(into.inbox, chunk, report)
    except UnfitSource as error:
        report.tell(1, Problem("frame", "-", "unfit-source", str(error)))
    except Unreadable as error:
        report.tell(1, Problem("frame", "-", error.rule, str(error)))
    except PermissionError:
        report.tell(1, Problem("frame", "-", "unreadable", "没有读取文件的权限"))
    return report


async def _keep(inbox: Inbox, chunk: Sequence[Arrived], report: TakenFile) -> None:
    for one in chunk:
        if one.problem is not None:
            report.tell(one.line, one.problem)
    taken = [(one, one.seen.arrival) for one in chunk if one.seen is not None]
    kept = await asyncio.gather(*(inbox.keep(arrival) for _, arrival in taken))
    for (one, arrival), made in zip(taken, kept, strict=True):
        report.messages += 1
        report.repeated += made.repeated
        report.refused += bool(arrival.problems)
        for problem in arrival.problems:
            report.tell(one.line, problem, made.id)
        report.numbers = [min([made.id, *report.numbers]), max([made.id, *report.numbers])]
