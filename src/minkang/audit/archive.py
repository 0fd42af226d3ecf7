"""Moving old entries out of the database: into a signed file first, then out of the tables.

Logs are kept for at least six months (网络安全法, article 21, item 3). How
long the tables keep entries is a setting; the files are kept for good.

The order makes it safe to be cut off at any moment: the file is durable under its name; the log
tells of it; the tables say which rows it holds; only then may these rows go, some at a time.
What a crash left half done is done by the next run.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit.archive_file import (
    Manifest,
    Row,
    RowsWriter,
    Span,
    signed_part,
    write_manifest,
)
from minkang.audit.chain import Chain
from minkang.audit.entry import FIELDS, Entry, begun_link, first_link, microseconds
from minkang.audit.log import AuditLog
from minkang.audit.verification import Findings
from minkang.crypto import Keys, sm3
from minkang.store import Connection, Pool

_LOCK = 0x6D6B_6175_6469_7402  # one process at a time archives
_AT_ONCE = 5_000
_COLUMNS = ", ".join(f"e.{'detail::text' if name == 'detail' else name}" for name in FIELDS)


class NotArchived(Exception):  # noqa: N818 - reads as what happened
    """Nothing was taken out of the tables; the text says why."""


class _Part(msgspec.Struct, frozen=True):
    """A part of a chain that is to go, with the link before it."""

    writer: UUID
    first: int
    last: int
    before: bytes


async def archive_until(
    log: AuditLog, pool: Pool, keys: Keys, folder: Path, until: datetime
) -> Manifest | None:
    """Move the entries older than `until` to an archive below `folder` (the home's `audit`).

    Also takes out of the tables what earlier archives hold. None if nothing is that old.

    Raises:
        NotArchived: the entries are not what was written, or there is no key to sign with, or
            another process is at it.
        AuditUnavailable: the log could not tell of it.
        asyncpg.PostgresError, OSError: begin again later; nothing is lost.
    """
    if keys.signer is None:
        raise NotArchived("there is no key to sign the archive with")
    async with pool.acquire() as connection:
        if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
            raise NotArchived("another process is archiving")
        try:
            await prune(connection)
            manifest = await _write(connection, keys, folder, until)
            if manifest is None:
                return None
            text = msgspec.json.encode(manifest).decode()
            signature = await asyncio.to_thread(keys.signer.sign, signed_part(text))
            signer = keys.signer.public.name
            content = {"manifest": text, "signer": signer, "signature": signature.hex()}
            await asyncio.to_thread(write_manifest, folder, manifest.number, content)
            await log.record(_entry(manifest, text))
            await _note(connection, manifest, text, signer, signature)
            await prune(connection)
        finally:
            if not connection.is_closed():
                await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    return manifest


async def prune(connection: Connection) -> int:
    """Take out of the tables what archives hold; how many entries. Some at a time, each durable."""
    gone = 0
    for span in await connection.fetch(
        """select a.writer, a.first, a.last from audit.archived a
           where exists (select from audit.entry e
                         where e.writer = a.writer and e.seq between a.first and a.last)
           order by a.writer, a.first"""
    ):
        first = span["first"]
        while first <= span["last"]:
            last = min(first + _AT_ONCE - 1, span["last"])
            gone += await connection.fetchval(
                """with gone as (
                       delete from audit.entry where writer = $1 and seq between $2 and $3
                       returning writer, seq, at, persons),
                   names as (
                       select distinct person, at, writer, seq from gone, unnest(persons) person),
                   unnamed as (
                       delete from audit.named n using names
                       where n.person = names.person and n.at = names.at
                         and n.writer = names.writer and n.seq = names.seq)
                   select count(*) from gone""",
                span["writer"],
                first,
                last,
            )
            first = last + 1
    return gone


async def _write(
    connection: Connection, keys: Keys, folder: Path, until: datetime
) -> Manifest | None:
    """Write the file of rows, looking at each link; what it holds."""
    newest = await connection.fetchrow(
        "select number, manifest from audit.archive order by number desc limit 1"
    )
    number = newest["number"] + 1 if newest else 1
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local statement_timeout = 0")
        parts = await _parts(connection, keys.audit_key, until)
        if not parts:
            return None
        writer = RowsWriter(folder, number)
        try:
            spans, oldest = [], until
            for part in parts:
                span, since = await _write_part(connection, keys.audit_key, part, writer)
                spans.append(span)
                oldest = min(oldest, since)
            length, digest = await asyncio.to_thread(writer.finish)
        except BaseException:
            writer.discard()
            raise
    return Manifest(
        number=number,
        at=datetime.now(UTC).isoformat(),
        since=oldest.astimezone(UTC).isoformat(),
        until=until.astimezone(UTC).isoformat(),
        entries=sum(span.last - span.first + 1 for span in spans),
        bytes=length,
        sm3=digest,
        previous=sm3(newest["manifest"].encode()).hex() if newest else "",
        spans=tuple(spans),
    )


async def _parts(connection: Connection, key: bytes, until: datetime) -> list[_Part]:
    """The beginning of each chain up to its first entry that is not older than `until`."""
    records = await connection.fetch(
        """
        with recursive chain as (
            (select writer, seq as first from audit.entry order by writer, seq limit 1)
            union all
            select next.writer, next.seq from chain, lateral (
                select e.writer, e.seq from audit.entry e where e.writer > chain.writer
                order by e.writer, e.seq limit 1) as next
        )
        select chain.writer, chain.first, archived.last as before_seq, archived.mac as before,
            coalesce(
                (select e.seq - 1 from audit.entry e
                 where e.writer = chain.writer and e.seq >= chain.first and e.at >= $1
                 order by e.writer, e.seq limit 1),
                (select max(e.seq) from audit.entry e where e.writer = chain.writer)) as last
        from chain left join lateral (
            select a.last, a.mac from audit.archived a where a.writer = chain.writer
            order by a.last desc limit 1) as archived on true
        """,
        until,
    )
    parts = []
    for row in records:
        if row["last"] < row["first"]:
            continue
        writer = UUID(str(row["writer"]))
        if row["first"] != (row["before_seq"] or 0) + 1:
            raise NotArchived(f"the chain {writer} does not begin where the archive ends")
        before = row["before"] or first_link(key, writer)
        parts.append(_Part(writer, row["first"], row["last"], before))
    return parts


async def _write_part(
    connection: Connection, key: bytes, part: _Part, writer: RowsWriter
) -> tuple[Span, datetime]:
    findings = Findings()
    begun = begun_link(key)
    chain = Chain(begun, part.writer, None, findings, part.first - 1, [part.before])
    mac, oldest = part.before, datetime.now(UTC)
    cursor = await connection.cursor(
        f"""select e.seq, e.mac, {_COLUMNS} from audit.entry e
            where e.writer = $1 and e.seq between $2 and $3 order by e.seq""",  # noqa: S608
        part.writer,
        part.first,
        part.last,
    )
    while records := await cursor.fetch(_AT_ONCE):
        rows = [_row(part.writer, tuple(record.values())) for record in records]
        for row in rows:
            chain.step(row.seq, bytes.fromhex(row.mac), row.canonical)
        if findings.faults:
            fault = findings.faults[0]
            raise NotArchived(f"{fault.writer} {fault.seq}: {fault.text}; verify the log first")
        await asyncio.to_thread(writer.write, rows)
        mac = records[-1]["mac"]
        oldest = min(oldest, *(record["at"] for record in records))
    if chain.seq != part.last:
        raise NotArchived(f"{part.writer} {chain.seq + 1}: entries are missing; verify the log")
    span = Span(part.writer, part.first, part.last, part.before.hex(), mac.hex())
    return span, oldest


def _row(writer: UUID, values: tuple[object, ...]) -> Row:
    seq, mac, at, *rest = values
    assert isinstance(at, datetime)  # noqa: S101 - the column's type
    assert isinstance(mac, bytes)  # noqa: S101
    return Row(writer, seq, mac.hex(), microseconds(at), *rest)  # type: ignore[arg-type]


def _entry(manifest: Manifest, text: str) -> Entry:
    return Entry(
        action="archive-audit",
        allowed=True,
        purpose="administration",
        object_type="AuditArchive",
        object_id=str(manifest.number),
        reason="retention",
        detail={
            "until": manifest.until,
            "entries": manifest.entries,
            "manifest": sm3(text.encode()).hex(),
        },
    )


async def _note(
    connection: Connection, manifest: Manifest, text: str, signer: str, signature: bytes
) -> None:
    """Write the archive down in the tables: from now on its rows may go."""
    async with connection.transaction():
        await connection.execute(
            """insert into audit.archive (number, at, until, entries, manifest, signer, signature)
               values ($1, $2, $3, $4, $5, $6, $7)""",
            manifest.number,
            datetime.fromisoformat(manifest.at),
            datetime.fromisoformat(manifest.until),
            manifest.entries,
            text,
            signer,
            signature,
        )
        await connection.executemany(
            """insert into audit.archived (writer, last, first, before, mac, archive)
               values ($1, $2, $3, $4, $5, $6)""",
            [
                (
                    span.writer,
                    span.last,
                    span.first,
                    bytes.fromhex(span.before),
                    bytes.fromhex(span.mac),
                    manifest.number,
                )
                for span in manifest.spans
            ],
        )
