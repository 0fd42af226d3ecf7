"""The codes of sources that no map knew when they came: counted, then decided on by people."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from minkang.store import Connection
from minkang.terminology.concepts import Coding

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
        version: of the source's map that did not know it.
    """

    source: str
    system: str
    code: str
    display: str = ""
    place: str = ""
    sample: str = ""
    target: str = ""
    version: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the queue.

    Attributes:
        target: the code system that it should be mapped to, if that is known.
        count: how often it was met while no map knew it.
        first_seen, last_seen: aware times.
        samples: references to a few resources that hold it.
        places: elements in which it stood.
        mapped, mapped_by: when and by whom it was decided; None while it waits.
        mapped_system, mapped_code, mapped_display: what it means; empty if it has no counterpart.
        equivalence: how that stands to it (R4 ConceptMapEquivalence).
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
    mapped: datetime | None = None
    mapped_by: str | None = None
    mapped_system: str = ""
    mapped_code: str = ""
    mapped_display: str = ""
    equivalence: str = ""


class Decided(msgspec.Struct, frozen=True):
    """What was decided on a code."""

    local: Coding
    target: Coding | None
    equivalence: str


class Known(msgspec.Struct, frozen=True):
    """What other sources' codes of the same name were mapped to, and how many did so."""

    target: Coding
    sources: int


_COLUMNS = """source, system, code, display, target, count, first_seen, last_seen, samples, places,
    mapped, mapped_by, mapped_system, mapped_code, mapped_display, equivalence"""


async def note_unmapped(connection: Connection, notes: Iterable[Note], at: datetime) -> None:
    """Count some codes met at a time, in the caller's transaction.

    A code that was decided on after the map was read stays decided. One that the map of that time
    or a later one does not know waits again: its map must have been taken away.
    To be called last: it locks entries that other writers may wait for.
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
            # Neither references nor elements hold blanks.
            " ".join(sorted({one.sample for one in same if one.sample})[:_SAMPLES]),
            " ".join(sorted({one.place for one in same if one.place})[:_PLACES]),
            max(one.version for one in same),
        )
        # Rows are locked in one order, so two writers can't wait for each other in a circle.
        for key, same in sorted(gathered.items())
    ]
    still = "case when u.map_version > excluded.map_version then"
    await connection.execute(
        f"""
        insert into terminology.unmapped as u (
            source, system, code, display, target, count, samples, places, map_version,
            first_seen, last_seen)
        select source, system, code, display, target, count,
            string_to_array(samples, ' '), string_to_array(places, ' '), version, $10, $10
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
            $7::text[], $8::text[], $9::int[])
            as n(source, system, code, display, target, count, samples, places, version)
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
            map_version = greatest(u.map_version, excluded.map_version),
            mapped = {still} u.mapped end,
            mapped_by = {still} u.mapped_by end,
            mapped_system = {still} u.mapped_system else '' end,
            mapped_code = {still} u.mapped_code else '' end,
            mapped_display = {still} u.mapped_display else '' end,
            equivalence = {still} u.equivalence else '' end""",  # noqa: S608 - constants only
        *[list(column) for column in zip(*rows, strict=True)],
        at,
    )


async def note_places(connection: Connection, met: Iterable[tuple[str, str, str]]) -> None:
    """Keep in which elements codes of sources stand: (source, system, element) each.

    It is by these that a recoding finds what was stored.
    """
    rows = sorted(set(met))
    if rows:
        await connection.execute(
            """insert into terminology.place (source, system, place)
               select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing""",
            *[list(column) for column in zip(*rows, strict=True)],
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
        f"""
        select {_COLUMNS} from terminology.unmapped
        where mapped is null and ($1::text is null or source = $1)
        and ($2::bigint is null or count < $2
            or (count = $2 and (source, system, code) > ($3::text, $4::text, $5::text)))
        order by count desc, source, system, code
        limit $6""",  # noqa: S608 - constants only
        source,
        *(place or (None, None, None, None)),
        limit,
    )
    return [_waiting(dict(row)) for row in rows]


async def decided(
    connection: Connection,
    *,
    source: str | None = None,
    limit: int | None = 50,
    after: Waiting | None = None,
) -> list[Waiting]:
    """What was decided on, the last first; `after` is the last entry of a page."""
    place = (after.mapped, after.source, after.system, after.code) if after is not None else None
    rows = await connection.fetch(
        f"""
        select {_COLUMNS} from terminology.unmapped
        where mapped is not null and ($1::text is null or source = $1)
        and ($2::timestamptz is null or mapped < $2
            or (mapped = $2 and (source, system, code) > ($3::text, $4::text, $5::text)))
        order by mapped desc, source, system, code
        limit $6""",  # noqa: S608 - constants only
        source,
        *(place or (None, None, None, None)),
        limit,
    )
    return [_waiting(dict(row)) for row in rows]


async def waiting_counts(connection: Connection) -> dict[str, int]:
    """How many codes of each source wait."""
    rows = await connection.fetch(
        """select source, count(*) as n from terminology.unmapped where mapped is null
           group by source order by source"""
    )
    return {row["source"]: row["n"] for row in rows}


async def entry(connection: Connection, source: str, system: str, code: str) -> Waiting | None:
    """One entry, decided or not; None if the code was never noted."""
    row = await connection.fetchrow(
        f"""select {_COLUMNS} from terminology.unmapped
        where source = $1 and system = $2 and code = $3""",  # noqa: S608 - constants only
        source,
        system,
        code,
    )
    return _waiting(dict(row)) if row is not None else None


async def known_elsewhere(
    connection: Connection, source: str, display: str, limit: int = 5
) -> list[Known]:
    """What other sources' codes of the same name were mapped to, the most common first."""
    if not display:
        return []
    rows = await connection.fetch(
        """select mapped_system, mapped_code, max(mapped_display) as display,
                  count(distinct source) as sources
           from terminology.unmapped
           where display = $1 and source <> $2 and mapped is not null and mapped_code <> ''
           group by mapped_system, mapped_code order by sources desc, 1, 2 limit $3""",
        display,
        source,
        limit,
    )
    return [
        Known(Coding(row["mapped_system"], row["mapped_code"], row["display"]), row["sources"])
        for row in rows
    ]


async def close_entries(
    connection: Connection,
    source: str,
    decisions: Sequence[Decided],
    *,
    by: str,
    at: datetime,
    version: int,
) -> None:
    """Note what was decided on some codes, met before or not; `version` is that of the map."""
    rows = sorted(
        (
            one.local.system,
            one.local.code,
            one.local.display,
            one.target.system if one.target else "",
            one.target.code if one.target else "",
            one.target.display if one.target else "",
            one.equivalence,
        )
        for one in decisions
    )
    await connection.execute(
        """
        insert into terminology.unmapped as u (
            source, system, code, display, mapped_system, mapped_code, mapped_display, equivalence,
            first_seen, last_seen, mapped, mapped_by, map_version)
        select $1, d.*, $9, $9, $9, $10, $11
        from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[]) d
        on conflict (source, system, code) do update set
            display = coalesce(nullif(u.display, ''), excluded.display),
            mapped = excluded.mapped, mapped_by = excluded.mapped_by,
            mapped_system = excluded.mapped_system, mapped_code = excluded.mapped_code,
            mapped_display = excluded.mapped_display, equivalence = excluded.equivalence,
            map_version = excluded.map_version""",
        source,
        *([list(column) for column in zip(*rows, strict=True)] or [[]] * 7),
        at,
        by,
        version,
    )


async def open_entries(
    connection: Connection, source: str, codes: Sequence[Coding], *, version: int
) -> None:
    """Let codes wait again; those that were never met are forgotten."""
    await connection.execute(
        """with open as (
               update terminology.unmapped u set mapped = null, mapped_by = null,
                   mapped_system = '', mapped_code = '', mapped_display = '', equivalence = '',
                   map_version = $4
               from unnest($2::text[], $3::text[]) as c(system, code)
               where u.source = $1 and u.system = c.system and u.code = c.code and u.count > 0)
           delete from terminology.unmapped u
           using unnest($2::text[], $3::text[]) as c(system, code)
           where u.source = $1 and u.system = c.system and u.code = c.code and u.count = 0""",
        source,
        [one.system for one in codes],
        [one.code for one in codes],
        version,
    )


def _waiting(row: dict[str, object]) -> Waiting:
    return msgspec.convert(row, Waiting)
