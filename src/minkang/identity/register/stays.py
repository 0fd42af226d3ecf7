"""From when to when somebody lives, or is registered, where: made from a register's row. Pure.

The row says how things are now. What an earlier version of it said of other places stays: so every
past day can be counted. The day of birth and of coming count, and so do those of dying and going:
who dies on a day was there on that day.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from minkang.identity.register.row import RegisterRow

Basis = Literal["living", "registered"]
"""Residents (常住, whoever lives here) or the registered population (户籍)."""

BASES: Final[tuple[Basis, ...]] = ("living", "registered")
OPEN: Final = date.max
"""The end of a stay that has none."""


class Stay(msgspec.Struct, frozen=True, order=True):
    """`begin` is the first day, `until` the first day that is not in it any more."""

    basis: Basis
    begin: date
    until: date
    place: str


class Span(msgspec.Struct, frozen=True):
    """A time without a place, as `Stay`."""

    begin: date
    until: date


def stays_of(row: RegisterRow, before: Sequence[Stay], noted: date) -> tuple[Stay, ...]:
    """All stays after a version of the row was noted.

    `before` are those known until then; `noted` is the day on which the version came, which dates
    a move that the register itself does not date.
    """
    found: list[Stay] = []
    for basis in BASES:
        earlier = sorted(one for one in before if one.basis == basis)
        found += _of(row, basis, earlier, noted)
    return tuple(found)


def living_span(row: RegisterRow, noted: date) -> Span | None:
    """When the row says that somebody lives in the region; None: never, or nothing is known."""
    if row.kind == "away" and row.moved_out is None:
        return None  # registered here, and was never said to live here
    return _span(_begin(row, noted), _end(row.died, row.moved_out), row)


def registered_span(row: RegisterRow, noted: date) -> Span | None:
    """When somebody is registered (户籍) here. Who lives elsewhere for a time stays registered, as
    long as the register lists the row."""
    if row.kind in ("incoming", "unknown"):
        return None
    kept = row.kind == "away" and row.listed
    return _span(_begin(row, noted), _end(row.died, None if kept else row.moved_out), row)


def _of(row: RegisterRow, basis: Basis, earlier: list[Stay], noted: date) -> list[Stay]:
    living = basis == "living"
    span = living_span(row, noted) if living else registered_span(row, noted)
    place = row.living if living else row.registered or row.living
    if not earlier:
        return [Stay(basis, span.begin, span.until, place)] if span else []
    if span is None:
        return _until(earlier, noted)
    last = earlier[-1]
    if row.moved_in is not None and last.until <= row.moved_in:
        return _joined([*earlier, Stay(basis, row.moved_in, span.until, place)])
    if place == last.place or not last.place:
        # The same place: the latest version of the row is right about its days.
        begin = span.begin if len(earlier) == 1 else max(last.begin, earlier[-2].until)
        return _joined([*earlier[:-1], Stay(basis, begin, span.until, place)])
    moved = row.moved_in if row.moved_in and last.begin < row.moved_in else noted
    moved = max(moved, last.begin)
    return _joined([*_until(earlier, moved), Stay(basis, moved, span.until, place)])


def _begin(row: RegisterRow, noted: date) -> date:
    """Birth, or coming if that was later; of somebody without either the day it was noted."""
    known = [day for day in (row.birth, row.moved_in) if day is not None]
    return max(known) if known else noted


def _end(*last: date | None) -> date:
    """The day after the first of some last days."""
    known = [day for day in last if day is not None]
    return min(known) + timedelta(days=1) if known else OPEN


def _span(begin: date, until: date, row: RegisterRow) -> Span | None:
    if row.died is None and row.moved_out is None and not row.listed:
        return None  # listed no more, and nobody says since when
    return Span(begin, until) if begin < until else None


def _until(stays: Sequence[Stay], day: date) -> list[Stay]:
    """Stays cut off at a day; what began later is gone."""
    return [
        msgspec.structs.replace(one, until=min(one.until, day)) for one in stays if one.begin < day
    ]


def _joined(stays: Sequence[Stay]) -> list[Stay]:
    """Without empty ones, and those at the same place one behind the other as one."""
    found: list[Stay] = []
    for one in stays:
        if one.begin >= one.until:
            continue
        if found and found[-1].until == one.begin and found[-1].place == one.place:
            found[-1] = msgspec.structs.replace(found[-1], until=one.until)
        else:
            found.append(one)
    return found
