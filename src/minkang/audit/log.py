"""The open log of one process: collects entries, writes them in groups, keeps the chain."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

from minkang.audit.checkpoint import Checkpoint, Covered, write_checkpoint
from minkang.audit.entry import Entry, Head, Row, begun_link, first_link, link, rows_of
from minkang.audit.insert import insert_rows
from minkang.audit.witness import HeadFile
from minkang.crypto import Keys
from minkang.store import Pool

GROUP_LIMIT = 1_000  # entries in one INSERT
WAITING_LIMIT = 20_000  # entries waiting; beyond that, refuse
CHECKPOINT_ENTRIES = 1_000
CHECKPOINT_SECONDS = 60.0
CHECKPOINT_REST = 1.0  # seconds between two of them: signing takes 20 ms of a processor
TIMEOUT = 5.0  # seconds for a connection or an INSERT

# InternalClientError: what asyncpg says when the server goes away between two messages.
_TROUBLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_log = logging.getLogger(__name__)


class AuditUnavailable(Exception):  # noqa: N818 - reads as what happened
    """The entry is not known to be durable: what it would have recorded must not be given out."""


class _Submission(msgspec.Struct):
    rows: list[Row]
    done: "asyncio.Future[None]"


class AuditLog:
    """The audit log as one process writes it. Make it with `open`, end it with `close`.

    It keeps one connection of the pool for itself, so that callers which wait for it with all
    other connections in their hands can't block it; close it before the pool.
    """

    def __init__(self, pool: Pool, keys: Keys, folder: Path) -> None:
        self._pool, self._key, self._folder = pool, keys.audit_key, folder
        self._signer = keys.signer
        self._begun = begun_link(keys.audit_key)
        self._connection: PoolConnectionProxy[asyncpg.Record] | None = None
        self._waiting: deque[_Submission] = deque()
        self._waiting_rows = 0
        self._wake = asyncio.Event()
        self._checkpoint_due = asyncio.Event()
        self._closing = False
        self._ending = asyncio.Event()
        self._covered = Covered()
        self._since_checkpoint = 0
        self._former: list[tuple[Head, HeadFile]] = []  # chains given up, see _settle
        self._unsure: Head | None = None  # the head if a commit whose answer was lost succeeded
        self._begin_chain()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, pool: Pool, keys: Keys, folder: Path) -> Self:
        """Begin a new chain. `folder` (the home's `audit`) takes what lies outside the database.

        Raises:
            AuditUnavailable: no connection, or the folder can't be written.
        """
        try:
            log = cls(pool, keys, folder)
            try:
                log._connection = await log._connect()
            except BaseException:
                log._files_closed(remove=True)
                raise
        except _TROUBLE as error:
            raise AuditUnavailable(f"the audit log can't be opened: {error}") from error
        log._tasks = [
            asyncio.create_task(log._write_what_waits()),
            asyncio.create_task(log._write_checkpoints()),
        ]
        return log

    @property
    def writer(self) -> UUID:
        """The id of this log's chain."""
        return self._head.writer

    async def record(self, entry: Entry) -> None:
        """Return when the entry is durable.

        Raises:
            AuditUnavailable: it may not be durable; give no answer. (It can still turn out to be
                in the log: one entry too many does no harm, one too few would.)
        """
        await self.record_many((entry,))

    async def record_many(self, entries: Sequence[Entry]) -> None:
        """Like `record`; all entries become durable together, next to each other."""
        rows = [row for entry in entries for row in rows_of(entry)]
        if self._closing:
            raise AuditUnavailable("the audit log is closed")
        if self._waiting_rows + len(rows) > WAITING_LIMIT:
            raise AuditUnavailable("too many audit entries are waiting")
        if not rows:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Submission(rows, done))
        self._waiting_rows += len(rows)
        self._wake.set()
        await done

    async def checkpoint(self) -> Checkpoint | None:
        """Write a checkpoint now; None if no chain moved since the last one.

        Raises:
            AuditUnavailable: it could not be written.
        """
        self._since_checkpoint = 0
        own = [self._head, *(head for head, _ in self._former)]
        try:
            async with self._pool.acquire(timeout=TIMEOUT) as connection:
                return await write_checkpoint(
                    connection, self._key, self._signer, self._folder, self._covered, own
                )
        except _TROUBLE as error:
            raise AuditUnavailable(f"no checkpoint could be written: {error}") from error

    async def close(self) -> None:
        """Write what waits and a last checkpoint, then let go of connection and files."""
        if self._closing:
            return
        self._closing = True
        self._ending.set()
        self._wake.set()
        self._checkpoint_due.set()
        await asyncio.gather(*self._tasks)
        try:
            await self.checkpoint()
        except AuditUnavailable as error:
            _log.warning("audit log closed without a checkpoint: %s", error)
            self._files_closed(remove=False)
        else:
            self._files_closed(remove=True)
        if self._connection is not None:
            await self._pool.release(self._connection)

    # Writing

    async def _write_what_waits(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._write_group()
            if self._closing:
                return

    async def _write_group(self) -> None:
        group = [self._waiting.popleft()]
        size = len(group[0].rows)
        while self._waiting and size + len(self._waiting[0].rows) <= GROUP_LIMIT:
            group.append(self._waiting.popleft())
            size += len(group[-1].rows)
        self._waiting_rows -= size
        try:
            await self._append([row for submission in group for row in submission.rows])
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait forever
            _log.error("audit entries could not be written: %r", error)
            for submission in group:
                if not submission.done.done():
                    refusal = AuditUnavailable("the audit entry could not be written")
                    refusal.__cause__ = error
                    submission.done.set_exception(refusal)
        else:
            for submission in group:
                if not submission.done.done():
                    submission.done.set_result(None)

    async def _append(self, rows: list[Row]) -> None:
        """Put rows behind the head; a second try after a lost connection. Raises _TROUBLE."""
        tried: Head | None = None
        for tries_left in (1, 0):
            try:
                await self._settle()
                if self._head == tried:
                    break  # the commit whose answer was lost had arrived
                tried, macs = self._links(rows)
                await self._insert(rows, tried, macs)
                break
            except _TROUBLE as error:
                if not tries_left:
                    raise
                _log.warning("audit: trying once more after %r", error)
        self._since_checkpoint += len(rows)
        if self._since_checkpoint >= CHECKPOINT_ENTRIES:
            self._checkpoint_due.set()

    def _links(self, rows: list[Row]) -> tuple[Head, list[bytes]]:
        writer, seq, mac = self._head.writer, self._head.seq, self._head.mac
        macs = []
        for number, row in enumerate(rows, seq + 1):
            mac = link(self._begun, mac, writer, number, row)
            macs.append(mac)
        return Head(writer, seq + len(rows), mac), macs

    async def _insert(self, rows: list[Row], aim: Head, macs: list[bytes]) -> None:
        self._unsure = aim
        if self._connection is None:
            self._connection = await self._connect()
        await insert_rows(self._connection, self._head, rows, macs, seconds=TIMEOUT)
        self._advance(aim)

    def _advance(self, head: Head) -> None:
        self._head, self._unsure = head, None
        with contextlib.suppress(OSError):  # a full disk makes the witness lag, nothing more
            self._file.note(head)

    async def _settle(self) -> None:
        """After a commit without an answer: find out, on a new connection, how it ended.

        A group is one INSERT, so the table ends at the old head or at the new one. Ends it
        elsewhere, somebody changed it; this chain is then left as evidence and a new one begun.
        """
        if self._unsure is None:
            return
        await self._drop_connection()
        self._connection = await self._connect()
        record = await self._connection.fetchrow(
            """select * from (
                   (select seq, mac from audit.entry where writer = $1 order by seq desc limit 1)
                   union all
                   (select last, mac from audit.archived where writer = $1
                    order by last desc limit 1)) as one
               order by seq desc limit 1""",
            self._head.writer,
            timeout=TIMEOUT,
        )
        seq, mac = (record["seq"], record["mac"]) if record else (0, self._first)
        found = Head(self._head.writer, seq, mac)
        if found == self._unsure:
            self._advance(found)
        elif found != self._head:
            _log.error("audit chain %s was changed while open; a new one begins", found.writer)
            self._former.append((self._head, self._file))
            self._begin_chain()
        self._unsure = None

    def _begin_chain(self) -> None:
        writer = uuid4()
        self._file = HeadFile.create(self._folder, self._key, writer)
        self._first = first_link(self._key, writer)
        self._head = Head(writer, 0, self._first)

    # Checkpoints, connection, files

    async def _write_checkpoints(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECKPOINT_SECONDS):
                    await self._checkpoint_due.wait()
            self._checkpoint_due.clear()
            if self._closing:
                return
            try:
                await self.checkpoint()
            except Exception as error:  # noqa: BLE001 - the next one makes up for it
                _log.warning("audit checkpoint: %r", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECKPOINT_REST):
                    await self._ending.wait()

    async def _connect(self) -> "PoolConnectionProxy[asyncpg.Record]":
        connection = await self._pool.acquire(timeout=TIMEOUT)
        await connection.execute("set synchronous_commit = on", timeout=TIMEOUT)
        return connection

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_TROUBLE):  # it may be gone already
                connection.terminate()
                await self._pool.release(connection)

    def _files_closed(self, *, remove: bool) -> None:
        for file in (self._file, *(file for _, file in self._former)):
            file.close(remove=remove)
