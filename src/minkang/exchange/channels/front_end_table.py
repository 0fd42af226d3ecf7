"""What polling needs of a front-end table, whatever database it lies in."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

import msgspec

PAGE = 500
"""Rows asked for at a time."""

KEYS = 5_000
"""Keys read at a time when all of them are compared."""

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
"""A table's name, with its schema or database before it if need be."""


class FrontTableError(Exception):
    """A source's table can't be read; the text says why, in Chinese."""


class Place(msgspec.Struct, frozen=True):
    """A place in the order of (time of change, key).

    Attributes:
        moment: as the database writes it; None in tables that are read by key alone.
        key: None is before all keys of the moment.
    """

    moment: str | None
    key: str | None


class FrontRow(msgspec.Struct, frozen=True):
    """A row with its place; `changed` is its time of change as the database writes it."""

    place: Place
    changed: str | None
    row: dict[str, Any]

    @property
    def key(self) -> str:
        """The row's name."""
        return self.place.key or ""


class FrontTable(Protocol):
    """A table that is open for reading. Rows without a key are never seen."""

    @property
    def columns(self) -> Sequence[str]:
        """The names of its columns."""

    async def after(self, place: Place | None, until: Place | None = None) -> list[FrontRow]:
        """The next rows after a place (None: from the beginning), up to and with another."""

    def keys(self) -> AsyncIterator[list[tuple[str, str | None]]]:
        """All keys with their time of change, in any order, as of one moment."""

    async def rows(self, keys: Sequence[str]) -> list[FrontRow]:
        """The rows with these keys, those that are there."""
