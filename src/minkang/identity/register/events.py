"""What happened to the register's residents: births, deaths, moves. Dated, and never rewritten.

An event that a later version of the row no longer says is taken back by a line of its own, so that
it can be told what the register said on any day.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from minkang.identity.register.row import RegisterRow
from minkang.identity.register.stays import Stay
from minkang.store import Connection, Store

EventKind = Literal["birth", "death", "move-in", "move-out", "move"]
EVENT_KINDS: Final[tuple[EventKind, ...]] = ("birth", "death", "move-in", "move-out", "move")


class Event(msgspec.Struct, frozen=True, order=True):
    """Something that happened on a day; of a move within the region `place` is the new one."""

    day: date
    kind: EventKind
    place: str


class Told(msgspec.Struct, frozen=True):
    """An event as it was noted; not `stands`: it was taken back then."""

    patient: str
    event: Event
    stands: bool
    noted: datetime


def events_of(row: RegisterRow, stays: Sequence[Stay]) -> frozenset[Event]:
    """The events that a row and its stays tell of."""
    living = sorted(one for one in stays if one.basis == "living")
    place = living[-1].place if living else row.living or row.registered
    first = living[0].place if living else place
    found = []
    if row.birth is not None and (row.moved_in is None or row.moved_in <= row.birth):
        found.append(Event(row.birth, "birth", first))
    elif living and (row.birth is None or living[0].begin > row.birth):
        found.append(Event(living[0].begin, "move-in", first))
    elif living and row.birth is not None:
        # Born here, and came back or moved later: the stays say so.
        found.append(Event(row.birth, "birth", first))
    for before, after in pairwise(living):
        if before.until == after.begin:
            found.append(Event(after.begin, "move", after.place))
        else:
            found.append(Event(after.begin, "move-in", after.place))
    if row.died is not None:
        found.append(Event(row.died, "death", place))
    if row.moved_out is not None:
        found.append(Event(row.moved_out, "move-out", place))
    return frozenset(found)


async def keep_events(
    connection: Connection, wanted: Mapping[str, frozenset[Event]], noted: datetime
) -> None:
    """Add what is new of some patients' events, and take back what is said no more."""
    standing = await _standing(connection, wanted.keys())
    lines: list[tuple[Any, ...]] = []
    for patient in sorted(wanted):
        before = standing.get(patient, set())
        lines += [
            _line(patient, one, noted, stands=False) for one in sorted(before - wanted[patient])
        ]
        lines += [
            _line(patient, one, noted, stands=True) for one in sorted(wanted[patient] - before)
        ]
    await connection.executemany(
        """insert into identity.register_event (patient, kind, day, place, stands, noted)
           values ($1, $2, $3, $4, $5, $6)""",
        lines,
    )


async def events_of_patient(store: Store, patient: str) -> list[Told]:
    """Everything that was ever noted of a row, in that order."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select patient, kind, day, place, stands, noted from identity.register_event
               where patient = $1 order by id""",
            patient,
        )
    return _told(rows)


async def events_in(
    store: Store,
    first: date,
    until: date,
    *,
    division: str = "",
    kinds: Collection[EventKind] = (),
    limit: int = 200,
) -> list[Told]:
    """Events that stand, of days from `first` to before `until`, the latest day first."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select patient, kind, day, place, stands, noted from (
                   select distinct on (patient, kind, day, place) *
                   from identity.register_event
                   where day >= $1 and day < $2 and starts_with(place, $3)
                   and ($4::text[] = '{}' or kind = any($4::text[]))
                   order by patient, kind, day, place, id desc) e
               where stands order by day desc, patient, kind limit $5""",
            first, until, division, list(kinds), limit,
        )  # fmt: skip
    return _told(rows)


async def event_counts(
    store: Store, first: date, until: date, *, division: str = ""
) -> dict[EventKind, int]:
    """How many events of each kind stand, of days from `first` to before `until`."""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(
            """select kind, count(*)::int as n from (
                   select distinct on (patient, kind, day, place) kind, stands
                   from identity.register_event
                   where day >= $1 and day < $2 and starts_with(place, $3)
                   order by patient, kind, day, place, id desc) e
               where stands group by kind""",
            first,
            until,
            division,
        )
    counted = {row["kind"]: row["n"] for row in rows}
    return {kind: counted.get(kind, 0) for kind in EVENT_KINDS}


async def _standing(connection: Connection, patients: Collection[str]) -> dict[str, set[Event]]:
    rows = await connection.fetch(
        """select patient, kind, day, place from (
               select distinct on (patient, kind, day, place) patient, kind, day, place, stands
               from identity.register_event where patient = any($1::text[])
               order by patient, kind, day, place, id desc) e
           where stands""",
        list(patients),
    )
    found: dict[str, set[Event]] = {}
    for row in rows:
        found.setdefault(row["patient"], set()).add(Event(row["day"], row["kind"], row["place"]))
    return found


def _line(patient: str, one: Event, noted: datetime, *, stands: bool) -> tuple[Any, ...]:
    return (patient, one.kind, one.day, one.place, stands, noted)


def _told(rows: Iterable[Any]) -> list[Told]:
    return [
        Told(
            row["patient"],
            Event(row["day"], row["kind"], row["place"]),
            row["stands"],
            row["noted"],
        )
        for row in rows
    ]
