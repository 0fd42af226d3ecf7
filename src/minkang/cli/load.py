"""`minkang load`: messages and tables from files, through the same doors as from sockets."""

import argparse
import asyncio
import csv
import io
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from minkang.app.database import database
from minkang.app.platform import Platform, open_platform
from minkang.config import Settings
from minkang.exchange import Inbox, Kept, Source, process_waiting, sources
from minkang.exchange.channels.door import Seen, look_at_hl7v2, look_at_row
from minkang.exchange.log import problems_of
from minkang.exchange.mappings.tables import encode_row, row_kind, shipped_mapping
from minkang.identity import follow

_FORMATS = ("auto", "hl7v2", "table")
_CHUNK = 200


class FileProblem(msgspec.Struct):
    """A problem and where in which file it is."""

    file: str
    line: int
    path: str
    rule: str
    text: str


class Report(msgspec.Struct):
    """What `load --json` prints; counts messages or rows as they came."""

    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    resources: int = 0
    seconds: float = 0.0
    problems: list[FileProblem] = []


class UsageError(Exception):
    """The arguments do not fit the files."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("load", help="load messages or tables from files")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--source", help="id of the source (needed for tables)")
    parser.add_argument("--format", choices=_FORMATS, default="auto")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=_run)


def _run(settings: Settings, chosen: argparse.Namespace) -> int:
    try:
        files = [file for path in chosen.paths for file in _files(path)]
        with database(settings) as url:
            report = asyncio.run(_load(settings, url, files, chosen))
    except (UsageError, FileNotFoundError) as error:
        sys.stderr.write(f"minkang: {error}\n")
        return 2
    if chosen.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        sys.stdout.write(
            f"{report.accepted} accepted, {report.unchanged} unchanged, {report.refused} refused, "
            f"{report.resources} resources in {report.seconds:.1f} s\n"
        )
        for one in report.problems:
            sys.stderr.write(f"{one.file}:{one.line}: {one.path}: {one.rule}: {one.text}\n")
    return 1 if report.refused else 0


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    return [path]


async def _load(
    settings: Settings, url: str, files: list[Path], chosen: argparse.Namespace
) -> Report:
    started = time.monotonic()
    report = Report()
    async with open_platform(settings, url) as platform:
        async with platform.pool.acquire() as connection:
            known = await sources(connection)
        if chosen.source and chosen.source not in known:
            names = ", ".join(known) or "none yet; see `minkang sources`"
            raise UsageError(f"source {chosen.source!r} is not known (known: {names})")
        inbox = Inbox(platform.store)
        try:
            for file in files:
                await _load_file(platform, inbox, known, file, chosen, report)
        finally:
            await inbox.close()
        while await follow(platform.store, platform.keys):
            pass
    report.seconds = round(time.monotonic() - started, 3)
    return report


async def _load_file(
    platform: Platform,
    inbox: Inbox,
    known: dict[str, Source],
    file: Path,
    chosen: argparse.Namespace,
    report: Report,
) -> None:
    chunk: list[tuple[int, Seen]] = []
    for line, seen in _arrivals(platform, known, file, chosen):
        chunk.append((line, seen))
        if len(chunk) >= _CHUNK:
            await _take(platform, inbox, file, chunk, report)
            chunk = []
    await _take(platform, inbox, file, chunk, report)


def _arrivals(
    platform: Platform, known: dict[str, Source], file: Path, chosen: argparse.Namespace
) -> Iterator[tuple[int, Seen]]:
    """Messages or rows of a file with the line at which each begins."""
    raw = file.read_bytes()
    kind = chosen.format
    if kind == "auto":
        kind = "table" if file.suffix.lower() == ".csv" else "hl7v2"
    if kind == "hl7v2":
        if chosen.source:
            known = {chosen.source: known[chosen.source]}
        for line, message in _messages(raw):
            yield line, look_at_hl7v2(known, platform.keys.id_key, message)
        return
    source = known.get(chosen.source or "")
    if source is None or source.table_mapping is None:
        raise UsageError(f"{file}: --source must name a source with a table mapping")
    mapping = shipped_mapping(source.table_mapping)
    charset = "utf-8-sig" if raw[:3] == b"\xef\xbb\xbf" else source.charset
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{file}:{line}: is not {charset}; register the source's charset"
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        encoded = encode_row({key: value for key, value in row.items() if key is not None})
        name, key = row_kind(mapping, encoded)
        yield reader.line_num, look_at_row(source, platform.keys.id_key, name, key, encoded)


def _messages(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """HL7 v2 messages of a batch file: each begins with MSH at the beginning of a line.

    File and batch headers (FHS, BHS, BTS, FTS) and MLLP frames are passed over.
    """
    starts = [match.start(1) for match in re.finditer(rb"(?:\A|[\r\n\x0b])\s*(MSH)", raw)]
    if not starts and raw.strip():
        yield 1, raw
        return
    for begin, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        message = re.sub(rb"[\r\n](?:FHS|BHS|BTS|FTS)[^\r\n]*", b"", raw[begin:end])
        line = len(re.findall(rb"\r\n|\r|\n", raw[:begin])) + 1
        yield line, message.strip(b"\r\n\x0b\x1c \t") + b"\r"


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
    platform: Platform, inbox: Inbox, file: Path, chunk: list[tuple[int, Seen]], report: Report
) -> None:
    """Keep a chunk, process it, and count what became of it."""
    if not chunk:
        return
    kept: list[Kept] = await asyncio.gather(*(inbox.keep(seen.arrival) for _, seen in chunk))
    while (await process_waiting(platform.store, platform.keys, _CHUNK)).messages:
        pass
    ids = [one.id for one in kept]
    await _until_done(platform, ids)
    async with platform.pool.acquire() as connection:
        rows = await connection.fetch(
            """select m.id, m.state,
                      (select count(*) from exchange.made d where d.message = m.id) as made
               from exchange.message m where m.id = any($1::bigint[])""",
            ids,
        )
        problems = await problems_of(connection, ids)
    states = {row["id"]: (row["state"], row["made"]) for row in rows}
    for (line, _), one in zip(chunk, kept, strict=True):
        state, made = states[one.id]
        if state == "quarantined":
            report.refused += 1
            report.problems += [
                FileProblem(str(file), line, p.place, p.rule, p.text) for p in problems[one.id]
            ]
        elif one.repeated:
            report.unchanged += 1
        else:
            report.accepted += 1
            report.resources += made
