"""The inbox: every message raw and durable before it is acknowledged.

Messages that arrive together are committed together: one transaction for many, which is what
makes a durable acknowledgement cheap.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from minkang.fhir import Problem
from minkang.store import Connection, Store
from minkang.store.vault import about_message

_log = logging.getLogger(__name__)

_BATCH = 200


class Arrival(msgspec.Struct, frozen=True):
    """A message as it came.

    Attributes:
        source: id of the source, or None if nobody knows the sender.
        channel: the way it came (`sources.Channel`).
        kind: for the message log, e.g. `ORU^R01`, `table:visits`.
        control_id: the sender's own name for it (MSH-10, a row's key).
        raw: the bytes, unchanged.
        problems: found at the door; with any, the message goes to quarantine at once.
        trial: it is kept and judged, and goes no further: its source is being tried.
    """

    source: str | None
    channel: str
    kind: str
    control_id: str
    raw: bytes
    problems: tuple[Problem, ...] = ()
    trial: bool = False

    @property
    def state(self) -> str:
        """What state it begins in."""
        if self.trial:
            return "trial"
        return "quarantined" if self.problems else "waiting"

    @property
    def hash(self) -> bytes:
        """SHA-256 of the bytes: the same message again is recognised by it."""
        return hashlib.sha256(self.raw).digest()


class Kept(msgspec.Struct, frozen=True):
    """The message is durable under this id; `repeated` if it had come before."""

    id: int
    repeated: bool
    state: str


def storable(text: str) -> str:
    """A text from a message without what a text column can't hold: NUL and half characters."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


class InboxUnavailable(Exception):  # noqa: N818 - reads as what happened
    """The message could not be made durable; it must not be acknowledged."""


class Inbox:
    """Takes messages in; opened once a process, closed at its end."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: asyncio.Queue[tuple[Arrival, asyncio.Future[Kept]]] = asyncio.Queue(2_000)
        self._task = asyncio.create_task(self._run())

    async def keep(self, arrival: Arrival) -> Kept:
        """Make a message durable; when this returns it survives whatever happens next.

        Waits while the queue is full (back-pressure).

        Raises:
            InboxUnavailable: the database did not take it.
        """
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        await self._queue.put((arrival, future))
        return await future

    async def close(self) -> None:
        """Stop; messages still waiting fail as not kept."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        while not self._queue.empty():
            self._queue.get_nowait()[1].set_exception(InboxUnavailable("the inbox is closing"))

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and len(batch) < _BATCH:
                batch.append(self._queue.get_nowait())
            try:
                kept = await self._commit([arrival for arrival, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait forever
                _log.warning("messages not kept: %s: %s", type(error).__name__, error)
                for _, future in batch:
                    if not future.done():
                        future.set_exception(InboxUnavailable(str(error)))
                continue
            for (_, future), one in zip(batch, kept, strict=True):
                if not future.done():
                    future.set_result(one)

    async def _commit(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        self._store.disk.require_room()
        async with self._store.pool.acquire() as connection:
            await self._store.codec.look(connection)
            return await self._keep(connection, arrivals)

    async def _keep(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[Kept]:
        keys = [(arrival.source, arrival.hash) for arrival in arrivals]
        unique = dict(zip(keys, arrivals, strict=True))
        rows = [
            (
                arrival.source,
                arrival.channel,
                storable(arrival.kind[:60]),
                storable(arrival.control_id[:200]),
                content_hash,
                len(arrival.raw),
                self._store.codec.pack(arrival.raw, about_message(content_hash)),
                arrival.state,
            )
            for (_, content_hash), arrival in unique.items()
        ]
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        async with connection.transaction():
            found = await connection.fetch(_KEEP, *columns)
            by_key = {(row["source"], bytes(row["hash"])): row for row in found}
            problems = [
                (by_key[key]["id"], number, p.stage, storable(p.place), p.rule, storable(p.text))
                for key, arrival in unique.items()
                if by_key[key]["repeats"] == 0
                for number, p in enumerate(arrival.problems)
            ]
            if problems:
                await connection.executemany(
                    """insert into exchange.problem (message, number, stage, place, rule, text)
                       values ($1, $2, $3, $4, $5, $6)""",
                    problems,
                )
        return [
            Kept(row["id"], row["repeats"] > 0, row["state"])
            for row in (by_key[key] for key in keys)
        ]


# A message that was put aside and now passes at the door (its mapping was mended) goes on, and so
# does one of a trial that comes again.
_KEEP = """
    with kept as (
        insert into exchange.message as m
            (source, channel, kind, control_id, hash, size, body, state)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[],
                             $6::int[], $7::bytea[], $8::text[])
        on conflict (source, hash) do update set
            repeats = m.repeats + 1,
            last_received = clock_timestamp(),
            state = case when m.state in ('quarantined', 'trial') and excluded.state = 'waiting'
                           or m.state = 'trial' and excluded.state = 'quarantined'
                         then excluded.state else m.state end
        returning id, source, hash, repeats, state, size),
    counted as (
        insert into exchange.hour as h
            (source, hour, writer, received, repeated, bytes, quarantined, last)
        select source, date_trunc('hour', now(), 'UTC'), pg_backend_pid() % 16,
               count(*) filter (where repeats = 0), count(*) filter (where repeats > 0),
               coalesce(sum(size) filter (where repeats = 0), 0),
               count(*) filter (where repeats = 0 and state = 'quarantined'), clock_timestamp()
        from kept where source is not null group by source order by source
        on conflict (source, hour, writer) do update set
            received = h.received + excluded.received,
            repeated = h.repeated + excluded.repeated,
            bytes = h.bytes + excluded.bytes,
            quarantined = h.quarantined + excluded.quarantined,
            last = excluded.last)
    select id, source, hash, repeats, state from kept
"""
