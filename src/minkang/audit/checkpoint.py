"""Checkpoints: signed statements of how far all chains have come.

A chain alone can't tell that its end was cut off or that it was removed as a whole. A checkpoint
names the heads of all chains that moved since the one before, is itself chained, and is copied to
a file outside the database (see witness.py). It carries a code under the audit key (HMAC-SM3) and
a signature (SM2 over SM3) that whoever only has the public key can check and nobody without the
private one can make.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit import witness
from minkang.audit.entry import Head, microseconds
from minkang.crypto import Signer, hmac_sm3, sm3
from minkang.store import Connection

ORIGIN = bytes(32)  # what the first checkpoint names as its previous one

_TAG = b"minkang audit checkpoint 1\0"
_SIGNED = b"minkang audit signature 1\0"
_LOCK = 0x6D6B_6175_6469_7401  # one process at a time writes checkpoints
_TIMEOUT = 10.0


class Checkpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One checkpoint, as in the table and as a line of the file.

    Attributes:
        at: microseconds since 1970.
        heads: JSON text `[[writer, seq, mac in hexadecimal], ...]`.
        previous: the previous checkpoint's mac.
        digest: what is signed, see `digest_of`; empty where checkpoints were not signed yet.
        signer: fingerprint of the public key.
    """

    seq: int
    at: int
    heads: str
    previous: bytes
    mac: bytes
    digest: bytes = b""
    signer: str = ""
    signature: bytes = b""


class Covered(msgspec.Struct):
    """How far the checkpoints up to `seq` reach, per writer."""

    seq: int = 0
    mac: bytes = ORIGIN
    digest: bytes = b""
    signature: bytes = b""
    reach: dict[UUID, int] = msgspec.field(default_factory=dict)


def code(key: bytes, seq: int, at: int, heads: str, previous: bytes) -> bytes:
    """The checkpoint's mac. All parts but the last have a fixed length."""
    place = seq.to_bytes(8, "big", signed=True) + at.to_bytes(8, "big", signed=True)
    return hmac_sm3(key, _TAG + previous + place + heads.encode())


def digest_of(
    seq: int, at: int, heads: str, mac: bytes, before: tuple[bytes, bytes, bytes]
) -> bytes:
    """What a checkpoint's signature is over; needs no key.

    `before` are mac, digest and signature of the checkpoint before: so a signature covers all
    checkpoints and signatures up to its own.
    """
    mac_before, digest_before, signature_before = before
    place = seq.to_bytes(8, "big", signed=True) + at.to_bytes(8, "big", signed=True)
    parts = (_SIGNED, digest_before or mac_before, sm3(signature_before), place, sm3(mac))
    return sm3(b"".join(parts) + heads.encode())


def encode_heads(heads: Iterable[Head]) -> str:
    """Heads as JSON text, ordered by writer."""
    listed = [(str(head.writer), head.seq, head.mac.hex()) for head in heads]
    return msgspec.json.encode(sorted(listed)).decode()


def decode_heads(text: str) -> list[Head]:
    """Heads from JSON text. Raises ValueError (msgspec.ValidationError among them)."""
    listed = msgspec.json.decode(text, type=list[tuple[UUID, int, str]])
    return [Head(writer, seq, bytes.fromhex(mac)) for writer, seq, mac in listed]


async def write_checkpoint(
    connection: Connection,
    key: bytes,
    signer: Signer | None,
    folder: Path,
    covered: Covered,
    own: Iterable[Head],
) -> Checkpoint | None:
    """Write a checkpoint if a chain moved since the last one, and bring the file up to date.

    `own` are the heads this process knows from its memory: they count even if their rows were
    taken out of the table in the meantime. `covered` is updated. The row is committed before the
    line is written, so the file never knows more than the table; a line that a crash left out is
    made up for the next time.

    Raises:
        asyncpg.PostgresError, OSError, TimeoutError: nothing is lost, try again later.
    """
    await connection.execute("select pg_advisory_lock($1)", _LOCK, timeout=_TIMEOUT)
    try:
        await _catch_up(connection, covered)
        heads = {head.writer: head for head in await _heads(connection)}
        for head in own:
            if head.seq > (heads[head.writer].seq if head.writer in heads else 0):
                heads[head.writer] = head
        moved = [head for head in heads.values() if head.seq > covered.reach.get(head.writer, 0)]
        written = await _insert(connection, key, signer, covered, moved) if moved else None
        after = await asyncio.to_thread(witness.last_seq, folder)
        lines = [
            checkpoint_of(record)
            for record in await connection.fetch(
                f"select {COLUMNS} from audit.checkpoint where seq > $1 order by seq",  # noqa: S608
                after,
            )
        ]
        await asyncio.to_thread(witness.append, folder, [msgspec.json.encode(c) for c in lines])
    finally:
        if not connection.is_closed():
            await connection.execute("select pg_advisory_unlock($1)", _LOCK)
    return written


COLUMNS = """seq, at, heads, previous, mac, coalesce(digest, '') as digest,
    coalesce(signer, '') as signer, coalesce(signature, '') as signature"""
"""What `checkpoint_of` needs."""


def checkpoint_of(record: "witness.Fields") -> Checkpoint:
    """A row of audit.checkpoint as a record."""
    return Checkpoint(
        record["seq"],
        microseconds(record["at"]),
        record["heads"],
        record["previous"],
        record["mac"],
        record["digest"],
        record["signer"],
        record["signature"],
    )


class Shown(msgspec.Struct, frozen=True):
    """A checkpoint as people are shown it: when, how many chains moved, by which key signed."""

    seq: int
    at: datetime
    heads: int
    signer: str | None


async def latest_checkpoints(connection: Connection, limit: int) -> list[Shown]:
    """The latest ones, newest first."""
    rows = await connection.fetch(
        """select seq, at, heads, signer from audit.checkpoint order by seq desc limit $1""", limit
    )
    return [Shown(row["seq"], row["at"], _count(row["heads"]), row["signer"]) for row in rows]


def _count(heads: str) -> int:
    try:
        return len(decode_heads(heads))
    except ValueError:
        return 0


async def _insert(
    connection: Connection,
    key: bytes,
    signer: Signer | None,
    covered: Covered,
    moved: list[Head],
) -> Checkpoint:
    now = microseconds(datetime.now(UTC))
    seq, heads = covered.seq + 1, encode_heads(moved)
    mac = code(key, seq, now, heads, covered.mac)
    checkpoint = Checkpoint(seq, now, heads, covered.mac, mac)
    if signer is not None:
        before = (covered.mac, covered.digest, covered.signature)
        digest = digest_of(seq, now, heads, mac, before)
        signature = await asyncio.to_thread(signer.sign, digest)
        checkpoint = msgspec.structs.replace(
            checkpoint, digest=digest, signer=signer.public.name, signature=signature
        )
    await connection.execute(
        """insert into audit.checkpoint (seq, at, heads, previous, mac, digest, signer, signature)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        seq,
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now),
        heads,
        covered.mac,
        mac,
        checkpoint.digest or None,
        checkpoint.signer or None,
        checkpoint.signature or None,
        timeout=_TIMEOUT,
    )
    _cover(covered, checkpoint)
    return checkpoint


async def _catch_up(connection: Connection, covered: Covered) -> None:
    async with connection.transaction(readonly=True):
        async for record in connection.cursor(
            f"select {COLUMNS} from audit.checkpoint where seq > $1 order by seq",  # noqa: S608
            covered.seq,
            prefetch=500,
        ):
            _cover(covered, checkpoint_of(record))


def _cover(covered: Covered, checkpoint: Checkpoint) -> None:
    covered.seq, covered.mac = checkpoint.seq, checkpoint.mac
    covered.digest, covered.signature = checkpoint.digest, checkpoint.signature
    try:
        listed = decode_heads(checkpoint.heads)
    except ValueError:
        return  # a spoilt checkpoint is for `verify` to report
    for head in listed:
        covered.reach[head.writer] = max(head.seq, covered.reach.get(head.writer, 0))


async def _heads(connection: Connection) -> list[Head]:
    """The last row of each chain: one index probe per writer, whatever the table's size."""
    records = await connection.fetch(
        """
        with recursive head as (
            (select writer, seq, mac from audit.entry order by writer desc, seq desc limit 1)
            union all
            select before.writer, before.seq, before.mac
            from head, lateral (
                select e.writer, e.seq, e.mac from audit.entry e where e.writer < head.writer
                order by e.writer desc, e.seq desc limit 1
            ) as before
        )
        select writer, seq, mac from head
        """,
        timeout=_TIMEOUT,
    )
    return [Head(UUID(str(r["writer"])), r["seq"], r["mac"]) for r in records]
