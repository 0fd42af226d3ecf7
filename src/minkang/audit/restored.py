"""The log after a restore: its outer part fits again, and the gap has a name.

A restore to an earlier moment takes entries away, as an attacker would. It is told apart by an
entry of its own (`restore`, `promote`) behind the last one that is left: chained and covered by
checkpoints like any other, so it can be neither forged without the key nor taken out. The outer
part of the lost log, where it has survived, is set aside as evidence and says how much is lost.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec

from minkang.audit import witness
from minkang.audit.checkpoint import Checkpoint, code, decode_heads
from minkang.audit.entry import Head
from minkang.audit.verification import Cut
from minkang.store import Connection

_ACTIONS = ["restore", "promote"]


class Lost(msgspec.Struct, frozen=True):
    """What the outer part of a lost log knows of it.

    Attributes:
        checkpoints: first and last number that the database does not have; None if it has all.
        entries: how many entries it does not have.
    """

    checkpoints: tuple[int, int] | None
    entries: int


async def take_over_witness(
    connection: Connection, key: bytes, survived: Path, folder: Path
) -> Lost:
    """Begin the outer part of a recovered log with what survived of the lost one's.

    `folder` gets the checkpoints that the database still has; all of `survived` is kept below it
    as `lost-<n>`. To be called before the log is opened.

    Raises:
        OSError: `survived` can't be read, or `folder` not be written.
    """
    last = await connection.fetchval("select coalesce(max(seq), 0) from audit.checkpoint")
    rows = await connection.fetch(
        """select writer, max(seq) as seq from (
               select writer, seq from audit.entry
               union all select writer, last from audit.archived) as one
           group by writer"""
    )
    have = {UUID(str(row["writer"])): int(row["seq"]) for row in rows}
    return await asyncio.to_thread(_take_over, key, survived, folder, int(last), have)


async def cuts(connection: Connection) -> tuple[Cut, ...]:
    """The restores and takeovers that the log tells of, oldest first."""
    rows = await connection.fetch(
        """select at, action, detail::text as detail from audit.entry
           where action = any($1::text[]) order by at, writer, seq""",
        _ACTIONS,
    )
    found = []
    for row in rows:
        try:
            told = msgspec.json.decode(row["detail"] or "{}", type=_Detail)
        except msgspec.DecodeError:
            told = _Detail()
        found.append(Cut(row["at"], row["action"], told.until, told.checkpoints, told.entries))
    return tuple(found)


class _Detail(msgspec.Struct, frozen=True):
    until: str | None = None
    checkpoints: tuple[int, int] | None = None
    entries: int | None = None


def _take_over(key: bytes, survived: Path, folder: Path, last: int, have: dict[UUID, int]) -> Lost:
    number = 1 + len(list(folder.glob("lost-*")))
    shutil.copytree(survived, folder / f"lost-{number}")
    if (survived / "archive").is_dir():
        for path in (survived / "archive").iterdir():
            if not (kept_file := folder / "archive" / path.name).exists():
                kept_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(path, kept_file)
    known: dict[UUID, int] = {}
    beyond: list[int] = []
    kept: list[bytes] = []
    for line, checkpoint in _genuine(survived, key):
        for head in decode_heads(checkpoint.heads):
            known[head.writer] = max(head.seq, known.get(head.writer, 0))
        if checkpoint.seq > last:
            beyond.append(checkpoint.seq)
        else:
            kept.append(line)
    heads: list[Head] = witness.read_heads(survived, key)[0]
    for head in heads:
        known[head.writer] = max(head.seq, known.get(head.writer, 0))
    shutil.rmtree(folder / "heads", ignore_errors=True)
    witness.checkpoints_file(folder).unlink(missing_ok=True)
    witness.append(folder, kept)
    entries = sum(max(0, seq - have.get(writer, 0)) for writer, seq in known.items())
    return Lost((min(beyond), max(beyond)) if beyond else None, entries)


def _genuine(folder: Path, key: bytes) -> Iterator[tuple[bytes, Checkpoint]]:
    """The lines of the file that were written under this key, without their line ends."""
    for line in witness.lines(folder, witness.size(folder)):
        try:
            one = msgspec.json.decode(line, type=Checkpoint)
            if code(key, one.seq, one.at, one.heads, one.previous) == one.mac:
                yield line.rstrip(b"\n"), one
        except (ValueError, OverflowError):
            continue
