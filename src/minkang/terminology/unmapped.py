"""The queue of codes that no map knows: counted as they come, worked off by people."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from minkang.store import Connection

_SAMPLES = 5
_PLACES = 20


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A code met in a message that no map knows.

    Attributes:
        source: id of the source.
        system, code, display: as the source sent them; `system` is the source's own.
        place: the element it stood in, `Observation.code`.
        sample: reference to the resource made of it, `Observation/abc`.
        target: URL of the code system that it should be mapped to, if that is known.
    """

    source: str
    system: str
    code: str
    display: str = ""
    place: str = ""
    sample: str = ""
    target: str = ""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the queue.

    Attributes:
        count: how often it was met.
        first_seen, last_seen: aware times.
        samples: references to a few resources that hold it.
        places: elements in which it stood.
    """

    source: str
    system: str
    code: str
    display: str
    target: str
    count: int
    first_seen: datetime
    last_seen: datetime
    samples: tuple[str, ...]
    places: tuple[str, ...]


async def note_unmapped(connection: Connection, notes: Iterable[Note], at: datetime) -> None:
    """Count some codes, in the caller's transaction.

    `at` is when the maps were read that did not know them: a code that was mapped since stays
    mapped, one that was mapped before waits again, as its map must have been taken away.
    """
    gathered: dict[tuple[str, str, str], list[Note]] = {}
    for note in notes:
        gathered.setdefault((note.source, note.system, note.code), []).append(note)
    if not gathered:
        return
    rows = [
        (
            *key,
            next((one.display for one in same if one.display), ""),
            next((one.target for one in same if one.target), ""),
            len(same),
            at,
            sorted({one.sample for one in same if one.sample})[:_SAMPLES],
            sorted({one.place for one in same if one.place})[:_PLACES],
        )
        # Rows are locked in one order, so two writers can't wait for each other in a circle.
        for key, same in sorted(gathered.items())
    ]
    await connection.executemany(
        f"""
        insert into terminology.unmapped as u (
            source, system, code, display, target, count, first_seen, last_seen, samples, places)
        values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
        on conflict (source, system, code) do update set
            display = coalesce(nullif(excluded.display, ''), u.display),
            target = coalesce(nullif(excluded.target, ''), u.target),
            count = u.count + excluded.count,
            last_seen = greatest(u.last_seen, excluded.last_seen),
            samples = case when cardinality(u.samples) >= {_SAMPLES} then u.samples
                else array(select distinct unnest(u.samples || excluded.samples)
                    limit {_SAMPLES}) end,
            places = case when u.places @> excluded.places then u.places
                else array(select distinct unnest(u.places || excluded.places)
                    limit {_PLACES}) end,
            mapped = case when u.mapped >= excluded.last_seen then u.mapped end,
            mapped_by = case when u.mapped >= excluded.last_seen then u.mapped_by end""",  # noqa: S608 - constants only
        rows,
    )


async def queue(
    connection: Connection,
    *,
    source: str | None = None,
    limit: int = 50,
    after: Waiting | None = None,
) -> list[Waiting]:
    """What waits to be mapped, the most frequent first; `after` is the last entry of a page."""
    place = (after.count, after.source, after.system, after.code) if after is not None else None
    rows = await connection.fetch(
        """
        select source, system, code, display, target, count, first_seen, last_seen, samples, places
        from terminology.unmapped
        where mapped is null and ($1::text is null or source = $1)
        and ($2::bigint is null or count < $2
            or (count = $2 and (source, system, code) > ($3::text, $4::text, $5::text)))
        order by count desc, source, system, code
        limit $6""",
        source,
        *(place or (None, None, None, None)),
        limit,
    )
    return [_waiting(dict(row)) for row in rows]


async def waiting(connection: Connection, source: str, system: str, code: str) -> Waiting | None:
    """One entry of the queue, mapped or not; None if the code was never noted."""
    row = await connection.fetchrow(
        """
        select source, system, code, display, target, count, first_seen, last_seen, samples, places
        from terminology.unmapped where source = $1 and system = $2 and code = $3""",
        source,
        system,
        code,
    )
    return _waiting(dict(row)) if row is not None else None


def _waiting(row: dict[str, object]) -> Waiting:
    return msgspec.convert(row, Waiting)
