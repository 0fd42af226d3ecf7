"""Verification: reads the whole log and tells where it is not what was written."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit import witness
from minkang.audit.archive_file import Span
from minkang.audit.entry import Head
from minkang.audit.named import verify_named
from minkang.audit.parallel import walk_parts
from minkang.audit.parts import Begin, Extent, Walked, extents, parts_of, parts_since, walk
from minkang.audit.restored import cuts
from minkang.audit.signatures import Signatures
from minkang.audit.verification import Fault, Findings, Verification
from minkang.audit.verify_archives import (
    Archives,
    Known,
    known_archives,
    verify_files,
    verify_manifests,
)
from minkang.audit.verify_checkpoints import verify_checkpoints
from minkang.crypto import Keys
from minkang.store import Connection, Pool

_WORTH_A_PROCESS = 200_000  # entries; starting one takes a second

Passed = Callable[[int], None]


class _Frame(msgspec.Struct, frozen=True):
    """What a verification works with."""

    connection: Connection
    keys: Keys
    findings: Findings
    since: datetime | None
    url: str | None
    processes: int
    passed: Passed


def _ignored(_: int) -> None:
    """Nobody wants to know how far it is."""


async def verify(
    pool: Pool,
    keys: Keys,
    folder: Path,
    *,
    since: datetime | None = None,
    every_signature: bool = False,
    url: str | None = None,
    processes: int | None = None,
    passed: Passed = _ignored,
) -> Verification:
    """Check every chain, checkpoint and archive, and the witness in `folder` (the home's `audit`).

    Streams in one snapshot: memory grows with the number of chains, not of entries, and writers
    may go on meanwhile. What is outside the database is read first, so it can only lag behind.

    Args:
        since: look only at entries that are not older, and at no archive's rows; what lies before
            is taken as it stands. Checkpoints and manifests are looked at all the same.
        every_signature: check each by itself (30 ms), not only the last, which covers all.
        url: the database; given, a long log is walked by `processes` (one a processor) at once.
        passed: is told how many entries were looked at, again and again.

    Not found: the loss of the last entries of a process that ended together with its machine
    before a checkpoint (at most 60 s or 1,000 entries), or of anything if someone also rewrites
    the folder; keep a copy of it elsewhere.

    Raises:
        asyncpg.PostgresError, OSError: the log can't be read; nothing is said about it.
    """
    findings = Findings()
    noted, spoilt = await asyncio.to_thread(witness.read_heads, folder, keys.audit_key)
    for name in spoilt:
        findings.add(None, 0, "file", f"heads/{name} is not what its writer wrote")
    size = await asyncio.to_thread(witness.size, folder)
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        await connection.execute("set local statement_timeout = 0")
        frame = _Frame(
            connection, keys, findings, since, url, processes or os.cpu_count() or 1, passed
        )
        signatures = Signatures(keys.public_keys, findings, every=every_signature)
        seen = await verify_checkpoints(
            connection, keys.audit_key, folder, size, findings, signatures
        )
        heads = dict(seen.heads)
        for head in noted:
            if head.writer not in heads or head.seq > heads[head.writer].seq:
                heads[head.writer] = head
        chains = await extents(connection)
        archives = await _verify_archives(frame, folder, heads, chains)
        walked = await _walk(frame, heads, chains, archives)
        _missing(findings, heads, chains, archives, walked)
        await verify_named(connection, findings, since)
        found = await cuts(connection)
        faults = [await _timed(connection, fault) for fault in findings.faults]
    return Verification(
        walked.entries + archives.entries,
        len(walked.writers | archives.ends.keys()),
        seen.checkpoints,
        tuple(faults),
        findings.further,
        found,
        len(archives.manifests),
    )


async def _verify_archives(
    frame: _Frame, folder: Path, heads: Mapping[UUID, Head], chains: Sequence[Extent]
) -> Archives:
    connection, findings = frame.connection, frame.findings
    known = await known_archives(connection)
    rows = await connection.fetch(
        "select archive, writer, first, last, before, mac from audit.archived"
    )
    spans: dict[int, list[Span]] = {}
    for row in rows:
        span = Span(
            UUID(str(row["writer"])),
            row["first"],
            row["last"],
            row["before"].hex(),
            row["mac"].hex(),
        )
        spans.setdefault(row["archive"], []).append(span)
    archives = verify_manifests(known, spans, frame.keys.public_keys, findings)
    if frame.since is None and known:
        wanted = {one.writer: one.first - 1 for one in chains if one.writer in archives.ends}
        await asyncio.to_thread(
            verify_files,
            archives,
            known,
            folder,
            frame.keys.audit_key,
            heads,
            wanted,
            findings,
            frame.passed,
        )
    await _told(frame, archives, known)
    return archives


async def _told(frame: _Frame, archives: Archives, known: Sequence[Known]) -> None:
    """The log tells of each archive when it is made: of none that isn't there, of each that is."""
    rows = await frame.connection.fetch(
        """select object_id, detail::text as detail from audit.entry
           where action = 'archive-audit' and allowed and (at >= $1 or $1 is null)""",
        frame.since,
    )
    told = archives.told | {(row["object_id"], row["detail"] or "") for row in rows}
    numbers = {str(one.number) for one in known}
    for number in sorted({number for number, _ in told} - numbers):
        text = "the log tells of an archive that the tables do not know"
        frame.findings.add(None, int(number) if number.isdecimal() else 0, "archive", text)
    if frame.since is not None:
        return
    for manifest in archives.manifests:
        digest = _digest(known, manifest.number)
        if not any(number == str(manifest.number) and digest in text for number, text in told):
            text = "the log does not tell of this archive"
            frame.findings.add(None, manifest.number, "archive", text)


def _digest(known: Sequence[Known], number: int) -> str:
    return next(one.digest for one in known if one.number == number)


async def _walk(
    frame: _Frame, heads: Mapping[UUID, Head], chains: Sequence[Extent], archives: Archives
) -> Walked:
    """Walk all rows by writer and number, in several processes if that is worth it."""
    begins = {
        writer: Begin(span.last, (bytes.fromhex(span.mac),))
        for writer, span in archives.ends.items()
    }
    for one in chains:
        span = archives.ends.get(one.writer)
        if span is not None and 0 < one.first <= span.last:
            begins[one.writer] = archives.links.get(one.writer) or _unknown(one.first)
            if one.first == 1:
                del begins[one.writer]
    key, connection = frame.keys.audit_key, frame.connection
    length = sum(max(0, one.last - one.first + 1) for one in chains)
    processes = frame.processes if frame.url and length > _WORTH_A_PROCESS else 1
    if frame.since is None:
        parts = await parts_of(connection, key, chains, begins, processes)
    else:
        parts = await parts_since(connection, key, chains, begins, frame.since)
    if processes > 1 and len(parts) > 1 and frame.url:
        return await walk_parts(
            connection, frame.url, key, heads, parts, processes, frame.findings, frame.passed
        )
    walked = Walked()
    for part in parts:
        seen = await walk(connection, key, heads, part, frame.findings, frame.passed)
        walked.entries += seen.entries
        walked.writers |= seen.writers
    return walked


def _unknown(first: int) -> Begin:
    """Rows still in the table though archived, their archive not read: begin behind their first."""
    return Begin(first - 1, ())


async def _timed(connection: Connection, fault: Fault) -> Fault:
    """A fault with the time of the row there, or of the last one before it."""
    if fault.kind in ("checkpoint", "signature") and fault.writer is None:
        table, place = "audit.checkpoint", "$1::uuid is null"
    elif fault.writer is not None:
        table, place = "audit.entry", "writer = $1"
    else:
        return fault
    at = await connection.fetchval(
        f"""select case when at between '0001-01-02Z' and '9999-12-30Z' then at end
            from {table} where {place} and seq <= $2 order by seq desc limit 1""",  # noqa: S608
        fault.writer,
        fault.seq,
    )
    return msgspec.structs.replace(fault, at=at)


def _missing(
    findings: Findings,
    heads: Mapping[UUID, Head],
    chains: Sequence[Extent],
    archives: Archives,
    walked: Walked,
) -> None:
    """Chains that nothing was walked of: is there as much as was seen?"""
    lasts = {one.writer: one.last for one in chains}
    for writer, head in heads.items():
        if writer in walked.writers or head.seq <= 0:
            continue
        last = lasts.get(writer, 0)
        if span := archives.ends.get(writer):
            last = max(last, span.last)
        if last == 0:
            text = f"the whole chain of {head.seq} entries is missing"
            findings.add(writer, 1, "missing", text)
        elif last < head.seq:
            text = f"entries {last + 1} to {head.seq} at the end are missing"
            findings.add(writer, last + 1, "cut", text)
