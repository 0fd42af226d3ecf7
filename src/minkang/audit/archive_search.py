"""Searching an archive: its file is read from one end to the other."""

import heapq
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from minkang.audit.archive_file import Manifest, Row, read_rows, rows_file
from minkang.audit.entry import microseconds
from minkang.audit.search import EQUAL, Found, Sought, detail_of, mark_of
from minkang.store import Connection, Pool

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def archives(source: "Pool | Connection") -> list[Manifest]:
    """What archives there are, oldest first. One whose manifest can't be read is left out."""
    found = []
    for row in await source.fetch("select manifest from audit.archive order by number"):
        try:
            found.append(msgspec.json.decode(row["manifest"], type=Manifest))
        except msgspec.DecodeError:
            continue
    return found


def archived_entries(folder: Path, manifest: Manifest, sought: Sought, limit: int) -> list[Found]:
    """The newest entries of an archive that fit, newest first. A million rows take seconds.

    Raises:
        ArchiveSpoilt, OSError: the file can't be read.
    """
    fits: list[tuple[int, int, int, Row]] = []
    for rows in read_rows(rows_file(folder, manifest.number)):
        for row in rows:
            if _fits(row, sought):
                one = (row.at, row.writer.int, row.seq, row)
                if len(fits) < limit:
                    heapq.heappush(fits, one)
                elif one[:3] > fits[0][:3]:
                    heapq.heapreplace(fits, one)
    return [_found(row) for *_, row in sorted(fits, key=lambda one: one[:3], reverse=True)]


def _fits(row: Row, sought: Sought) -> bool:
    for name in EQUAL:
        if (value := getattr(sought, name)) is not None and getattr(row, name) != value:
            return False
    if sought.actions and row.action not in sought.actions:
        return False
    if row.action in sought.other_than:
        return False
    if sought.allowed is not None and row.allowed is not sought.allowed:
        return False
    if sought.since is not None and row.at < microseconds(sought.since):
        return False
    if sought.until is not None and row.at >= microseconds(sought.until):
        return False
    names = sought.persons
    return not names or row.person in names or any(one in names for one in row.persons or ())


def _found(row: Row) -> Found:
    at = _EPOCH + timedelta(microseconds=row.at)
    values = msgspec.structs.asdict(row)
    values.update(
        at=at,
        detail=detail_of(row.detail),
        persons=tuple(row.persons or ()),
        mark=mark_of(at, row.writer, row.seq),
    )
    return Found(**values)
