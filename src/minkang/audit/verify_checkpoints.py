"""Verification of the checkpoints: in the database, in the file, and one against the other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit import witness
from minkang.audit.checkpoint import (
    COLUMNS,
    ORIGIN,
    Checkpoint,
    checkpoint_of,
    code,
    decode_heads,
)
from minkang.audit.entry import Head, microseconds
from minkang.audit.signatures import Signatures
from minkang.audit.verification import Findings
from minkang.store import Connection

# A crash can leave one checkpoint without its line, and a process on another machine copies
# what others wrote only with its own next checkpoint.
_LAG = timedelta(minutes=5)


# A time that Python can't hold was not written by us: as another, it fails the check.
_READABLE = (
    COLUMNS.replace("at,", "case when at between '0001-01-02Z' and '9999-12-30Z' then at "
                    "else 'epoch' end as at,", 1)
    .replace("heads,", "coalesce(heads, '') as heads,", 1)
    .replace("previous,", "coalesce(previous, '') as previous,", 1)
)  # fmt: skip


class Seen(msgspec.Struct):
    """What genuine checkpoints, wherever they are kept, say about the chains."""

    checkpoints: int = 0
    heads: dict[UUID, Head] = msgspec.field(default_factory=dict)

    def take(self, key: bytes, checkpoint: Checkpoint) -> bool:
        """Keep a checkpoint's heads if it is genuine."""
        place = (checkpoint.seq, checkpoint.at, checkpoint.heads, checkpoint.previous)
        if code(key, *place) != checkpoint.mac:
            return False
        for head in decode_heads(checkpoint.heads):
            if head.writer not in self.heads or head.seq > self.heads[head.writer].seq:
                self.heads[head.writer] = head
        return True


async def verify_checkpoints(
    connection: Connection,
    key: bytes,
    folder: Path,
    size: int,
    findings: Findings,
    signatures: Signatures,
) -> Seen:
    """Compare the table with the first `size` bytes of the file; both are only read onwards."""
    seen = Seen()
    lines = _Lines(folder, size, key, seen, findings)
    previous, mac, last = 0, ORIGIN, True
    behind: list[Checkpoint] = []  # in the table, not (yet) in the file; two are enough
    async for record in connection.cursor(
        f"select {_READABLE} from audit.checkpoint order by seq",  # noqa: S608 - columns' names
        prefetch=500,
    ):
        checkpoint = checkpoint_of(record)
        seen.checkpoints += 1
        genuine = seen.take(key, checkpoint)
        if not genuine:
            findings.add(None, checkpoint.seq, "checkpoint", "the checkpoint was altered")
        if checkpoint.seq != previous + 1:
            text = f"checkpoints {previous + 1} to {checkpoint.seq - 1} are missing"
            findings.add(None, previous + 1, "checkpoint", text)
        elif genuine and last and checkpoint.previous != mac:
            text = "the checkpoint doesn't follow from the one before"
            findings.add(None, checkpoint.seq, "checkpoint", text)
        follows = checkpoint.seq == previous + 1
        signatures.step(checkpoint, genuine=genuine, follows=follows)
        previous, mac, last = checkpoint.seq, checkpoint.mac, genuine
        line = lines.up_to(checkpoint.seq)
        if line is None:
            behind = [*behind, checkpoint][:2]
            continue
        if behind:
            findings.add(None, behind[0].seq, "file", "the file lacks this checkpoint")
            behind = []
        if genuine and line != checkpoint and not signatures.differs(checkpoint, line):
            text = "the file holds another checkpoint of this number"
            findings.add(None, checkpoint.seq, "file", text)
    signatures.end()
    if (beyond := lines.first_beyond(previous)) is not None:
        text = f"checkpoints from {beyond} on are in the file but not in the database"
        findings.add(None, beyond, "checkpoint", text)
    if len(behind) > 1 and behind[0].at < microseconds(datetime.now(UTC) - _LAG):
        text = "the file lacks the checkpoints from here on"
        findings.add(None, behind[0].seq, "file", text)
    return seen


class _Lines:
    """The file's checkpoints, read in step with the table's."""

    def __init__(self, folder: Path, size: int, key: bytes, seen: Seen, findings: Findings) -> None:
        self._key, self._seen, self._findings = key, seen, findings
        self._rest = self._genuine(witness.lines(folder, size))
        self._next = next(self._rest, None)

    def up_to(self, seq: int) -> Checkpoint | None:
        """The line of this number; those of lower numbers are passed over."""
        while self._next is not None and self._next.seq < seq:
            self._next = next(self._rest, None)
        return self._next if self._next is not None and self._next.seq == seq else None

    def first_beyond(self, seq: int) -> int | None:
        """The first number above `seq`, after reading the rest."""
        self.up_to(seq + 1)
        first = None if self._next is None else self._next.seq
        for _ in self._rest:
            pass
        return first

    def _genuine(self, lines: Iterator[bytes]) -> Iterator[Checkpoint]:
        last = 0
        for number, line in enumerate(lines, 1):
            try:
                checkpoint = msgspec.json.decode(line, type=Checkpoint)
                genuine = self._seen.take(self._key, checkpoint)
            except (ValueError, OverflowError):
                genuine = False
            if not genuine or checkpoint.seq <= last:
                self._findings.add(None, number, "file", f"line {number} was altered or moved")
                continue
            last = checkpoint.seq
            yield checkpoint
