"""The log cut into parts that can be walked one beside the other, each by its own process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from minkang.audit.canonical_sql import AT_BYTES, CANONICAL, canonical_at
from minkang.audit.chain import Chain
from minkang.audit.entry import Begun, Head, begun_link, first_link, link_of
from minkang.audit.verification import Findings
from minkang.store import Connection

AT_ONCE = 5_000
_LONGEST = 10**12  # more than any chain has: a made-up number must not upset the cutting

_ROWS = f"select writer, seq, mac, {CANONICAL} as canonical from audit.entry"  # noqa: S608


class Extent(msgspec.Struct, frozen=True):
    """The numbers that a chain has in the table."""

    writer: UUID
    first: int
    last: int


class Begin(msgspec.Struct, frozen=True):
    """Where the walk along a chain begins: behind number `before`, from one of these links."""

    before: int
    links: tuple[bytes, ...]


class Part(msgspec.Struct, frozen=True):
    """Rows from `first` to `last`, places in the order of (writer, number), both in it.

    Attributes:
        begins: for chains that do not begin with their first link.
        open_end: the last chain goes on in the next part.
    """

    first: tuple[UUID, int]
    last: tuple[UUID, int]
    begins: Mapping[UUID, Begin]
    open_end: bool


class Walked(msgspec.Struct):
    """What was seen on a walk."""

    entries: int = 0
    writers: set[UUID] = msgspec.field(default_factory=set)


async def extents(connection: Connection) -> list[Extent]:
    """All chains, by writer: two index probes each, whatever the table's size."""
    records = await connection.fetch(
        """
        with recursive chain as (
            (select writer, seq as first from audit.entry order by writer, seq limit 1)
            union all
            select next.writer, next.seq from chain, lateral (
                select e.writer, e.seq from audit.entry e where e.writer > chain.writer
                order by e.writer, e.seq limit 1) as next
        )
        select writer, first, (select e.seq from audit.entry e where e.writer = chain.writer
                               order by e.writer desc, e.seq desc limit 1) as last
        from chain order by writer
        """
    )
    return [Extent(UUID(str(r["writer"])), r["first"], r["last"]) for r in records]


async def parts_of(
    connection: Connection,
    key: bytes,
    chains: Sequence[Extent],
    begins: Mapping[UUID, Begin],
    processes: int,
) -> list[Part]:
    """The whole log in about as many parts as there are processes."""
    if not chains:
        return []
    end = (chains[-1].writer, chains[-1].last)
    first = (chains[0].writer, chains[0].first)
    parts: list[Part] = []
    for cut in await _cuts(connection, chains, processes):
        if cut <= first:
            continue
        here = dict(begins)
        if parts:
            here[first[0]] = await begin_before(connection, key, *first, begins)
        before = await _place_before(connection, cut)
        parts.append(Part(first, before, here, before[0] == cut[0]))
        first = cut
    here = dict(begins)
    if parts:
        here[first[0]] = await begin_before(connection, key, *first, begins)
    return [*parts, Part(first, end, here, open_end=False)]


async def parts_since(
    connection: Connection,
    key: bytes,
    chains: Sequence[Extent],
    begins: Mapping[UUID, Begin],
    since: datetime,
) -> list[Part]:
    """The end of each chain, from its first entry that is not older than `since`."""
    records = await connection.fetch(
        "select writer, min(seq) as first from audit.entry where at >= $1 group by writer", since
    )
    firsts = {UUID(str(row["writer"])): int(row["first"]) for row in records}
    return [
        Part(
            (one.writer, first),
            (one.writer, one.last),
            {one.writer: await begin_before(connection, key, one.writer, first, begins)},
            open_end=False,
        )
        for one in chains
        if (first := firsts.get(one.writer)) is not None
    ]


async def walk(
    connection: Connection,
    key: bytes,
    heads: Mapping[UUID, Head],
    part: Part,
    findings: Findings,
    passed: Callable[[int], None],
) -> Walked:
    """Look at each row of a part; `passed` is told how many were looked at, again and again.

    The next rows are fetched while these are looked at.
    """
    begun, walked = begun_link(key), Walked()
    chain: Chain | None = None
    cursor = await connection.cursor(
        f"{_ROWS} where (writer, seq) >= ($1, $2) and (writer, seq) <= ($3, $4) "
        "order by writer, seq",
        *part.first,
        *part.last,
    )
    rows = await cursor.fetch(AT_ONCE)
    while rows:
        coming = asyncio.create_task(cursor.fetch(AT_ONCE))
        await asyncio.sleep(0)  # lets the question go out
        for writer, seq, mac, sent in rows:
            if chain is None or writer != chain.writer:
                if chain is not None:
                    chain.end()
                chain = _begun(key, begun, UUID(str(writer)), heads, findings, part)
                walked.writers.add(chain.writer)
            chain.step(seq, mac, _canonical(seq, sent))
        walked.entries += len(rows)
        passed(len(rows))
        rows = await coming
    if chain is not None and not part.open_end:
        chain.end()
    return walked


async def begin_before(
    connection: Connection, key: bytes, writer: UUID, first: int, begins: Mapping[UUID, Begin]
) -> Begin:
    """How to begin in the midst of a chain: behind the row before, whose own link is not looked at.

    That row may be altered, which is found where it is walked over: so what its link should be
    counts, too.
    """
    rows = await connection.fetch(
        f"{_ROWS} where writer = $1 and seq < $2 order by seq desc limit 2", writer, first
    )
    if not rows:
        return begins.get(writer, Begin(0, (first_link(key, writer),)))
    before = rows[0]
    links = [before["mac"]]
    if len(rows) > 1 and rows[1]["seq"] == before["seq"] - 1:
        placed = writer.bytes + _canonical(before["seq"], before["canonical"])
        links.append(link_of(begun_link(key), rows[1]["mac"], placed))
    return Begin(before["seq"], tuple(links))


def _canonical(seq: int, sent: bytes) -> bytes:
    return seq.to_bytes(8, "big", signed=True) + canonical_at(sent[:AT_BYTES]) + sent[AT_BYTES:]


def _begun(
    key: bytes,
    begun: Begun,
    writer: UUID,
    heads: Mapping[UUID, Head],
    findings: Findings,
    part: Part,
) -> Chain:
    begin = part.begins.get(writer)
    if begin is None:
        return Chain.whole(key, begun, writer, heads.get(writer), findings)
    return Chain(begun, writer, heads.get(writer), findings, begin.before, begin.links)


async def _cuts(
    connection: Connection, chains: Sequence[Extent], processes: int
) -> list[tuple[UUID, int]]:
    """Places of rows that cut the log into parts of about the same length."""
    lengths = [min(one.last - max(one.first, 1) + 1, _LONGEST) for one in chains]
    step = max(1, sum(lengths) // processes)
    cuts: list[tuple[UUID, int]] = []
    wanted, passed = step, 0
    for one, length in zip(chains, lengths, strict=True):
        while wanted < passed + length and len(cuts) < processes - 1:
            row = await connection.fetchrow(
                """select writer, seq from audit.entry where (writer, seq) >= ($1, $2)
                   order by writer, seq limit 1""",
                one.writer,
                max(one.first, 1) + wanted - passed,
            )
            if row is not None:
                cuts.append((UUID(str(row["writer"])), int(row["seq"])))
            wanted += step
        passed += length
    return cuts


async def _place_before(connection: Connection, place: tuple[UUID, int]) -> tuple[UUID, int]:
    row = await connection.fetchrow(
        """select writer, seq from audit.entry where (writer, seq) < ($1, $2)
           order by writer desc, seq desc limit 1""",
        *place,
    )
    assert row is not None  # noqa: S101 - a cut lies behind the first row
    return UUID(str(row["writer"])), int(row["seq"])
