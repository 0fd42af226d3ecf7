"""Verification: reads the whole log and tells where it is not what was written."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from minkang.audit import witness
from minkang.audit.entry import Head, first_link, link
from minkang.audit.restored import cuts
from minkang.audit.verification import Findings, Verification
from minkang.audit.verify_checkpoints import verify_checkpoints
from minkang.crypto import Keys
from minkang.store import Connection, Pool

_PREFETCH = 500
_REMEMBERED = 16  # links kept to find the way on behind a row that doesn't fit


async def verify(pool: Pool, keys: Keys, folder: Path) -> Verification:
    """Check every chain, every checkpoint and the witness in `folder` (the home's `audit`).

    Streams in one snapshot: memory grows with the number of chains, not of entries, and writers
    may go on meanwhile. What is outside the database is read first, so it can only lag behind.

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
        seen = await verify_checkpoints(connection, keys.audit_key, folder, size, findings)
        heads = dict(seen.heads)
        for head in noted:
            if head.writer not in heads or head.seq > heads[head.writer].seq:
                heads[head.writer] = head
        entries, writers = await _verify_chains(connection, keys.audit_key, heads, findings)
        found = await cuts(connection)
    return Verification(
        entries, writers, seen.checkpoints, tuple(findings.faults), findings.further, found
    )


async def _verify_chains(
    connection: Connection, key: bytes, heads: Mapping[UUID, Head], findings: Findings
) -> tuple[int, int]:
    """Walk all rows by writer and number; returns how many rows and chains there are."""
    entries, found = 0, set[UUID]()
    chain: _Chain | None = None
    async for record in connection.cursor(
        # A time that Python can't hold was not written by us: as null, it fails the check.
        """
        select writer, seq, mac,
            case when at between '0001-01-02Z' and '9999-12-30Z' then at end as at,
            account, account_name, role, organisation, purpose, action,
            object_type, object_id, person, allowed, reason, address, detail::text
        from audit.entry order by writer, seq
        """,
        prefetch=_PREFETCH,
    ):
        writer = record["writer"]
        if chain is None or writer != chain.writer:
            if chain is not None:
                chain.end()
            chain = _Chain(key, writer, heads.get(writer), findings)
            found.add(writer)
        values = tuple(record.values())
        chain.step(values[1], values[2], values[3:])
        entries += 1
    if chain is not None:
        chain.end()
    for writer, head in heads.items():
        if writer not in found and head.seq > 0:
            findings.add(writer, 1, "missing", f"the whole chain of {head.seq} entries is missing")
    return entries, len(found)


class _Chain:
    """The walk along one writer's rows.

    A row fits if its mac follows from one of the links before it. Behind a row that doesn't fit,
    both its stored and its computed mac are tried, so that one altered row is one fault.
    """

    def __init__(self, key: bytes, writer: UUID, head: Head | None, findings: Findings) -> None:
        self.writer = writer
        self._key, self._head, self._findings = key, head, findings
        self._seq = 0
        self._links = [first_link(key, writer)]

    def step(self, seq: int, mac: bytes, row: tuple[Any, ...]) -> None:
        """Look at the next row in the table's order."""
        if seq <= self._seq:
            if seq > 0:
                self._findings.add(self.writer, seq, "duplicated", "this place is taken twice")
            else:
                self._findings.add(self.writer, seq, "changed", "a chain has no such place")
            return
        gap = seq > self._seq + 1
        if gap:
            first, last = self._seq + 1, seq - 1
            which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
            self._findings.add(self.writer, first, "removed", f"{which} missing")
        self._seq = seq
        fits = False
        if not gap:
            computed = [link(self._key, one, self.writer, seq, row) for one in self._links]
            fits = mac in computed
            if not fits:
                self._findings.add(
                    self.writer, seq, "changed", "the entry isn't what was written at this place"
                )
                self._links = [mac, *computed, *self._links][:_REMEMBERED]
        if gap or fits:
            self._links = [mac]
        if fits and self._head is not None and seq == self._head.seq and mac != self._head.mac:
            self._findings.add(self.writer, seq, "changed", "a checkpoint saw another entry here")

    def end(self) -> None:
        """After the last row: is there as much as a checkpoint or the writer itself saw?"""
        if self._head is not None and self._seq < self._head.seq:
            text = f"entries {self._seq + 1} to {self._head.seq} at the end are missing"
            self._findings.add(self.writer, self._seq + 1, "cut", text)
