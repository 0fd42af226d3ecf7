"""`minkang load` of FHIR: NDJSON, resources and Bundles from files, by several processes.

This process reads and unpacks the files and hands them out in pieces; workers decode, validate and
write. What is committed stands in a journal, so that a load that was killed goes on.
"""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from minkang.app.load_fhir_crew import Alone, Crew, Finished, Given
from minkang.app.load_fhir_journal import Entry, Journal, journal_path
from minkang.app.load_fhir_open import STANDARD_INPUT, Part, Reader, Unreadable, opened, parts_of
from minkang.app.load_fhir_progress import Progress
from minkang.app.load_fhir_split import DOCUMENT, LINE, Overlong, shape_of, split
from minkang.app.load_fhir_steps import Known
from minkang.app.load_fhir_tasks import Begin, DocumentsTask, Done, LinesTask
from minkang.app.load_fhir_work import Work
from minkang.app.load_fhir_write import Origin
from minkang.app.load_report import FileProblem, Report
from minkang.app.platform import Platform, open_platform
from minkang.config import Settings
from minkang.identity import follow
from minkang.store import Connection
from minkang.store.codec import train_if_due

_TRAIN_AT = 1_000
"""Resources after which to look whether a compression dictionary is due, so that most profit."""

_LOOK_EVERY = 500
"""Resources after which to look again."""

_ANALYSE_AT = 2_000
"""Resources written from which on the database's statistics are made anew."""

_WORTH_A_WORKER = 512 * 1024
"""Bytes of files for each process; for less than two it is not worth a start."""

_TOGETHER = 64
_TOGETHER_BYTES = 256 * 1024
"""So many small files, of so many bytes as they lie there, are one task."""

_VACUUM_SECONDS = 24 * 3600.0


class Wish(msgspec.Struct, frozen=True):
    """What an operator asks for.

    Attributes:
        files: in the order in which they are begun; `-` is standard input.
        source: id of the organisation that the resources come from.
        workers: how many processes.
        resume: go on where an earlier command for the same files was cut off.
    """

    files: Sequence[str]
    source: str
    workers: int
    resume: bool = True


async def load_fhir(settings: Settings, url: str, wish: Wish) -> Report:
    """Load files; every resource in them is stored, unchanged, or refused with place and rule.

    Raises:
        Busy: another command is loading the same files.
        WorkerLost, OSError, asyncpg.PostgresError: the database is gone; what is committed stays,
            and the same command goes on.
    """
    started = time.monotonic()
    async with open_platform(settings, url, connections=2) as platform:
        load = _Load(platform, wish, Report())
        async with _journal(load) as journal:
            await _carried_out(load, journal)
        while await follow(platform.store, platform.keys):
            pass
        if load.report.resources >= _ANALYSE_AT:
            await _analyse(platform)
    load.report.seconds = round(time.monotonic() - started, 3)
    return load.report


class _Load(msgspec.Struct):
    """One load on its way.

    Attributes:
        lines, documents, weight: what is done, by this or an earlier command.
        later: documents that refer to what was not there yet.
        early: problems found before any worker saw the file, and its bytes.
        look_at: so many accepted ones, and the compression dictionary is looked at.
    """

    platform: Platform
    wish: Wish
    report: Report
    lines: set[tuple[Part, int]] = msgspec.field(default_factory=set)
    documents: set[Part] = msgspec.field(default_factory=set)
    later: list[Part] = []
    early: list[tuple[int, FileProblem]] = []
    weight: int = 0
    tasks: int = 0
    look_at: int = _TRAIN_AT

    def number(self) -> int:
        self.tasks += 1
        return self.tasks


@asynccontextmanager
async def _journal(load: _Load) -> AsyncIterator[Journal]:
    """The journal of the load, with what an earlier command has done taken over."""
    wish = load.wish
    async with load.platform.pool.acquire() as connection:
        database = await _database(connection)
        now = await connection.fetchval("select clock_timestamp()")
    home = load.platform.settings.home
    journal = Journal(journal_path(home, database, wish.source, wish.files))
    keep = True
    try:
        resumes = wish.resume and STANDARD_INPUT not in wish.files
        if resumes:
            for entry in journal.before():
                _remember(load, entry)
        if journal.began is None or not resumes:
            journal.begin(now)
        yield journal
        keep = False
    finally:
        journal.close(keep=keep)


async def _database(connection: Connection) -> str:
    """Which database this is, and since which restore."""
    found = await connection.fetchrow(
        """select current_database() as name, inet_server_addr()::text as host,
                  (select oid from pg_database where datname = current_database()) as number,
                  (select epoch from store.epoch) as epoch"""
    )
    return str(dict(found or {}))


def _remember(load: _Load, entry: Entry) -> None:
    report = load.report
    report.accepted += entry.accepted
    report.unchanged += entry.unchanged
    report.refused += entry.refused
    report.resources += entry.accepted
    for problem in entry.problems:
        report.tell(problem)
    if entry.lines is not None:
        load.lines.add(entry.lines)
    load.documents.update(entry.documents)
    load.weight += entry.weight


async def _carried_out(load: _Load, journal: Journal) -> None:
    assert journal.began is not None  # noqa: S101 - begun or read
    platform = load.platform
    parts = list(_parts(load))
    progress = Progress(sum(size for _, size in parts), load.weight)

    async def finished(given: Given, done: Done) -> None:
        _note_early(load, progress)
        _note(load, journal, progress, given, done)
        if load.report.accepted >= load.look_at:
            load.look_at = load.report.accepted + _LOOK_EVERY
            async with platform.pool.acquire() as connection:
                if await train_if_due(connection, platform.store.codec):
                    crew.learn()

    crew = await _crew(load, parts, journal.began)
    try:
        await crew.carry_out(_tasks(load, parts), finished)
        await _later(load, crew, finished)
        await crew.end()
    finally:
        await crew.kill()
        _note_early(load, progress)
        progress.close()


async def _later(load: _Load, crew: Alone | Crew, finished: Finished) -> None:
    """Documents that waited for others: again as long as that helps, then for the last time."""
    before = 0
    while load.later and len(load.later) != before:
        waiting, load.later = load.later, []
        before = len(waiting)
        await crew.carry_out(iter(_documents(load, waiting, last=False)), finished)
    if load.later:
        waiting, load.later = load.later, []
        await crew.carry_out(iter(_documents(load, waiting, last=True)), finished)


def _documents(load: _Load, parts: Sequence[Part], *, last: bool) -> list[Given]:
    return [Given(DocumentsTask(load.number(), [part], last=last), 0) for part in parts]


async def _crew(load: _Load, parts: Sequence[tuple[Part, int]], began: datetime) -> Alone | Crew:
    """As many processes as are wanted and worth their start."""
    platform, wish = load.platform, load.wish
    size = sum(size for _, size in parts)
    if STANDARD_INPUT not in wish.files and size < 2 * _WORTH_A_WORKER:
        origin = Origin(wish.source, began)
        return Alone(Work(platform.store, platform.keys.id_key, origin, Known()))
    worth = wish.workers if STANDARD_INPUT in wish.files else size // _WORTH_A_WORKER
    crew = Crew(Begin(platform.url, str(platform.settings.home), wish.source, began))
    await crew.start(min(wish.workers, worth))
    return crew


def _parts(load: _Load) -> Iterator[tuple[Part, int]]:
    for file in load.wish.files:
        try:
            yield from parts_of(file)
        except Unreadable as error:
            load.early.append((0, FileProblem(file, 1, "-", error.rule, str(error))))


def _tasks(load: _Load, parts: Sequence[tuple[Part, int]]) -> Iterator[Given]:
    """The files in pieces, read as they are needed; small documents together."""
    small: list[Part] = []
    weight = 0
    for part, size in parts:
        if part in load.documents:
            continue
        try:
            with opened(part) as reader:
                shape = shape_of(reader)
                if shape == "lines":
                    yield from _blocks_of(load, part, reader)
                elif shape == "document" and part.file == STANDARD_INPUT:
                    yield _from_standard_input(load, part, reader)
                elif shape == "document":
                    small.append(part)
                    weight += size
                elif shape == "unknown":
                    text = "不是 FHIR JSON / no FHIR JSON"
                    load.early.append((size, FileProblem(part.shown, 1, "-", "format", text)))
        except Unreadable as error:
            load.early.append((size, FileProblem(part.shown, 1, "-", error.rule, str(error))))
        if len(small) >= _TOGETHER or weight >= _TOGETHER_BYTES:
            yield Given(DocumentsTask(load.number(), small), weight)
            small, weight = [], 0
    if small:
        yield Given(DocumentsTask(load.number(), small), weight)


def _blocks_of(load: _Load, part: Part, reader: Reader) -> Iterator[Given]:
    line, before = 1, 0
    try:
        for block in split(reader):
            line = block.line
            weight, before = reader.packed - before, reader.packed
            if (part, block.begin) in load.lines:
                continue
            if isinstance(block, Overlong):
                text = f"一行超过 {LINE} 字节 / line too long"
                problem = FileProblem(part.shown, block.line, "-", "too-long", text)
                load.early.append((weight, problem))
                continue
            line += block.data.count(b"\n")
            task = LinesTask(load.number(), part, block.begin, block.line, block.data)
            yield Given(task, weight)
    except Unreadable as error:
        problem = FileProblem(part.shown, line, "-", error.rule, str(error))
        load.early.append((0, problem))


def _from_standard_input(load: _Load, part: Part, reader: Reader) -> Given:
    data = reader.read(DOCUMENT + 1)
    if len(data) > DOCUMENT:
        raise Unreadable("too-long", f"超过 {DOCUMENT} 字节；请改用 NDJSON / too long, use NDJSON")
    return Given(DocumentsTask(load.number(), [part], data, last=True), len(data))


def _note(load: _Load, journal: Journal, progress: Progress, given: Given, done: Done) -> None:
    """Count a task that is committed, and write it down."""
    task = given.task
    lines: tuple[Part, int] | None = None
    documents: list[Part] = []
    if isinstance(task, LinesTask):
        lines = (task.part, task.begin)
    else:
        documents = [part for part in task.parts if part not in done.later]
        load.later += done.later
    entry = Entry(
        done.accepted, done.unchanged, done.refused, given.weight, lines, documents, done.problems
    )
    journal.add(entry)
    _remember(load, entry)
    counted = done.accepted + done.unchanged + done.refused
    progress.advance(given.weight, counted, done.refused)


def _note_early(load: _Load, progress: Progress) -> None:
    """Count what was refused before any worker saw it; it is found anew when a load goes on."""
    while load.early:
        weight, problem = load.early.pop(0)
        load.report.refused += 1
        load.report.tell(problem)
        progress.advance(weight, 1, 1)


async def _analyse(platform: Platform) -> None:
    """Let the database see what is there now: searches choose by it."""
    async with platform.pool.acquire() as connection:
        tables = await connection.fetch(
            "select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables"
            " where schemaname = 'store' order by 1"
        )
        await connection.execute("set statement_timeout = 0")
        try:
            for table in tables:
                await connection.execute(
                    f"vacuum (analyze) {table['name']}", timeout=_VACUUM_SECONDS
                )
        finally:
            await connection.execute("reset statement_timeout")
