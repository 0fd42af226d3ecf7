"""`minkang load` of HL7 v2 messages and tables: through the same doors as from sockets."""

import asyncio
import csv
import io
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from minkang.app.load_report import FileProblem, Report
from minkang.app.platform import Platform, open_platform
from minkang.config import Settings
from minkang.exchange import Inbox, Kept, Source, process_waiting, sources
from minkang.exchange.channels.door import Seen, look_at, look_at_hl7v2
from minkang.exchange.log import problems_of
from minkang.exchange.mappings.tables import encode_row, row_kind, shipped_mapping
from minkang.identity import follow

_CHUNK = 200


class UnfitSource(Exception):  # noqa: N818 - reads as what is wrong
    """The source that was named does not fit the files."""


class MessageFile(msgspec.Struct, frozen=True):
    """A file, and whether it holds a table or HL7 v2 messages."""

    path: Path
    table: bool


async def load_messages(
    settings: Settings, url: str, files: Sequence[MessageFile], source: str | None
) -> Report:
    """Load messages and rows; what is refused stands in quarantine, too.

    Raises:
        UnfitSource: `source` is not registered, or has no mapping for a table.
    """
    started = time.monotonic()
    report = Report()
    async with open_platform(settings, url) as platform:
        async with platform.pool.acquire() as connection:
            known = await sources(connection)
        if source is not None and source not in known:
            names = ", ".join(known) or "none yet; see `minkang sources`"
            raise UnfitSource(f"source {source!r} is not known (known: {names})")
        inbox = Inbox(platform.store)
        try:
            for file in files:
                await _load_file(platform, inbox, known, file, source, report)
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
    file: MessageFile,
    source: str | None,
    report: Report,
) -> None:
    chunk: list[tuple[int, Seen]] = []
    for line, seen in _arrivals(platform, known, file, source):
        chunk.append((line, seen))
        if len(chunk) >= _CHUNK:
            await _take(platform, inbox, file.path, chunk, report)
            chunk = []
    await _take(platform, inbox, file.path, chunk, report)


def _arrivals(
    platform: Platform, known: dict[str, Source], file: MessageFile, name: str | None
) -> Iterator[tuple[int, Seen]]:
    """Messages or rows of a file with the line at which each begins."""
    raw = file.path.read_bytes()
    if not file.table:
        # Who names the source vouches for it, whatever the headers say.
        vouched = known[name] if name is not None else None
        for line, message in _messages(raw):
            yield line, look_at_hl7v2(known, platform.keys.id_key, message, vouched)
        return
    source = known.get(name or "")
    if source is None or source.table_mapping is None:
        raise UnfitSource(f"{file.path}: --source must name a source with a table mapping")
    mapping = shipped_mapping(source.table_mapping)
    charset = "utf-8-sig" if raw[:3] == b"\xef\xbb\xbf" else source.charset
    try:
        text = raw.decode(charset)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnfitSource(
            f"{file.path}:{line}: is not {charset}; register the source's charset"
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        encoded = encode_row({key: value for key, value in row.items() if key is not None})
        kind, key = row_kind(mapping, encoded)
        yield reader.line_num, look_at(source, platform.keys.id_key, "table", (kind, key), encoded)


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
            for p in problems[one.id]:
                report.tell(FileProblem(str(file), line, p.place, p.rule, p.text))
        elif one.repeated:
            report.unchanged += 1
        else:
            report.accepted += 1
            report.resources += made
