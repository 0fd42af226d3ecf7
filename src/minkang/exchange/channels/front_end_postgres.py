"""A front-end table in PostgreSQL (16 or newer)."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from minkang.exchange.channels.front_end_table import (
    KEYS,
    PAGE,
    FrontRow,
    FrontTableError,
    Place,
)
from minkang.exchange.mappings.tables import TableMapping
from minkang.store import Connection

_TIMES = ("timestamptz", "timestamp", "date")
_NEVER = "-infinity"
_MOMENT, _KEY, _CHANGED = "minkang_moment", "minkang_key", "minkang_changed"


class PostgresTable:
    """Names come from the registered source and its mapping, never from messages."""

    def __init__(
        self, connection: Connection, name: str, mapping: TableMapping, columns: dict[str, str]
    ) -> None:
        """`columns`: with the names of their types, quoted."""
        self.columns: Sequence[str] = list(columns)
        self._connection, self._name = connection, name
        self._key, self._key_type = _quoted(mapping.row), columns[mapping.row]
        self._changed = "null::text"
        self._moment, self._moment_type = "", ""
        if mapping.changed is not None:
            changed, kind = _quoted(mapping.changed), columns[mapping.changed]
            self._changed = f"{changed}::text"
            self._moment, self._moment_type = changed, kind
            if kind not in [f'pg_catalog."{one}"' for one in _TIMES]:
                # A text that is no time comes first, once, and is refused by its mapping.
                self._moment = f"""case when pg_input_is_valid({changed}::text, 'timestamptz')
                    then {changed}::text::timestamptz else '{_NEVER}' end"""
                self._moment_type = "timestamptz"

    async def after(self, place: Place | None, until: Place | None = None) -> list[FrontRow]:
        """See `FrontTable`."""
        values: list[str] = []
        wanted = [f"{self._key} is not null"]
        if place is not None:
            wanted.append(self._compared(">", place, values))
        if until is not None:
            wanted.append(self._compared("<=", until, values))
        order = f"{self._moment} nulls first, {self._key}" if self._moment else self._key
        if place is not None and place.moment not in (None, _NEVER):
            order = f"{self._moment}, {self._key}"
        return await self._fetch(
            f"where {' and '.join(wanted)} order by {order} limit {PAGE}", *values
        )

    async def keys(self) -> AsyncIterator[list[tuple[str, str | None]]]:
        """See `FrontTable`."""
        async with self._connection.transaction(readonly=True):
            await self._connection.execute("set local timezone to 'Asia/Shanghai'")
            cursor = await self._connection.cursor(
                f"""select {self._key}::text as key, {self._changed} as changed
                    from {self._name} where {self._key} is not null"""  # noqa: S608
            )
            while rows := await cursor.fetch(KEYS):
                yield [(row["key"], row["changed"]) for row in rows]

    async def rows(self, keys: Sequence[str]) -> list[FrontRow]:
        """See `FrontTable`."""
        return await self._fetch(
            f"where {self._key} = any($1::text[]::{self._key_type}[])", list(keys)
        )

    async def _fetch(self, rest: str, *values: Any) -> list[FrontRow]:
        moment = f"({self._moment})::text" if self._moment else "null::text"
        async with self._connection.transaction(readonly=True):
            await self._connection.execute("set local timezone to 'Asia/Shanghai'")
            rows = await self._connection.fetch(
                f"""select *, {moment} as {_MOMENT}, {self._key}::text as {_KEY},
                           {self._changed} as {_CHANGED}
                    from {self._name} {rest}""",  # noqa: S608
                *values,
            )
        found = []
        for row in rows:
            columns = dict(row.items())
            at, key, changed = (columns.pop(one) for one in (_MOMENT, _KEY, _CHANGED))
            place = Place((at or _NEVER) if self._moment else None, key)
            found.append(FrontRow(place, changed, columns))
        return found

    def _compared(self, sign: str, place: Place, values: list[str]) -> str:
        """Whether a row's place stands so to another, whose parts become values."""

        def value(text: str, kind: str) -> str:
            values.append(text)
            return f"${len(values)}::text::{kind}"

        if not self._moment or place.moment is None:
            return f"{self._key} {sign} {value(place.key or '', self._key_type)}"
        if place.key is None:
            return f"{self._moment} {sign}= {value(place.moment, self._moment_type)}"
        if place.moment == _NEVER and self._moment_type != "timestamptz":
            key = value(place.key, self._key_type)
            none = f"({self._moment} is null and {self._key} {sign} {key})"
            return f"({none} or {self._moment} is not null)" if sign == ">" else none
        moment = value(place.moment, self._moment_type)
        key = value(place.key, self._key_type)
        return f"({self._moment}, {self._key}) {sign} ({moment}, {key})"


async def postgres_table(connection: Connection, name: str, mapping: TableMapping) -> PostgresTable:
    """A table that is open for reading.

    Raises:
        FrontTableError: it lacks the column of the key or of the time of change.
        asyncpg.PostgresError: there is no such table, or it may not be read.
    """
    try:
        statement = await connection.prepare(f"select * from {name} limit 0")  # noqa: S608
    except asyncpg.PostgresSyntaxError as error:
        raise FrontTableError(f"{name} 不是表名") from error
    columns = {
        one.name: f"{one.type.schema}.{_quoted(one.type.name)}"
        for one in statement.get_attributes()
    }
    for column in (mapping.row, mapping.changed):
        if column is not None and column not in columns:
            raise FrontTableError(f"表 {name} 中没有列 {column}")
    return PostgresTable(connection, name, mapping, columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
