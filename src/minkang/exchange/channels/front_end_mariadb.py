"""A front-end table in MariaDB or MySQL, by PyMySQL in a thread."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import Cursor, SSCursor

from minkang.exchange.channels.front_end_table import (
    KEYS,
    PAGE,
    FrontRow,
    FrontTableError,
    Place,
)
from minkang.exchange.mappings.tables import TableMapping

_SECONDS = 10
_READ_SECONDS = 300
_TIMES = (FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATE)
_NEVER = "-infinity"
_OPTIONS: dict[str, Callable[[str], Any]] = {
    "unix_socket": str,
    "charset": str,
    "ssl_ca": str,
    "ssl": lambda text: text == "true",
}
_CONVERT = {**conversions, FIELD_TYPE.BIT: lambda data: str(int.from_bytes(data, "big"))}
_EXTRA = 3


class MariaTable:
    """Names come from the registered source and its mapping, never from messages."""

    def __init__(self, connection: Any, name: str, mapping: TableMapping) -> None:
        """`connection`: of PyMySQL, used by one thread at a time."""
        self._connection = connection
        self._name = ".".join(_quoted(part) for part in name.split("."))
        self._key = _quoted(mapping.row)
        self._moment = _quoted(mapping.changed) if mapping.changed else ""
        self._changed = f"cast({self._moment} as char)" if self._moment else "null"
        self.columns: Sequence[str] = []

    def look(self, mapping: TableMapping) -> None:
        """Learn the columns; of a time that is kept as text the order is that of the time."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"select * from {self._name} limit 0", ())  # noqa: S608
            kinds = {one[0]: one[1] for one in cursor.description}
        self.columns = list(kinds)
        for column in (mapping.row, mapping.changed):
            if column is not None and column not in kinds:
                raise FrontTableError(f"表 {self._name} 中没有列 {column}")
        if mapping.changed is not None and kinds[mapping.changed] not in _TIMES:
            self._moment = f"cast({self._moment} as datetime(6))"

    async def after(self, place: Place | None, until: Place | None = None) -> list[FrontRow]:
        """See `FrontTable`."""
        values: list[str] = []
        wanted = [f"{self._key} is not null"]
        if place is not None:
            wanted.append(self._compared(">", place, values))
        if until is not None:
            wanted.append(self._compared("<=", until, values))
        order = f"{self._moment}, {self._key}" if self._moment else self._key
        return await asyncio.to_thread(
            self._fetch, f"where {' and '.join(wanted)} order by {order} limit {PAGE}", values
        )

    async def keys(self) -> AsyncIterator[list[tuple[str, str | None]]]:
        """See `FrontTable`."""
        cursor = self._connection.cursor(SSCursor)
        try:
            await asyncio.to_thread(
                cursor.execute,
                f"""select cast({self._key} as char), {self._changed} from {self._name}
                    where {self._key} is not null""",  # noqa: S608
                (),
            )
            while rows := await asyncio.to_thread(cursor.fetchmany, KEYS):
                yield [(str(key), changed) for key, changed in rows]
        finally:
            await asyncio.to_thread(cursor.close)

    async def rows(self, keys: Sequence[str]) -> list[FrontRow]:
        """See `FrontTable`."""
        if not keys:
            return []
        marks = ", ".join(["%s"] * len(keys))
        rest = f"where {self._key} in ({marks})"
        found = await asyncio.to_thread(self._fetch, rest, list(keys))
        # The database may hold `a` and `A` for the same.
        return [one for one in found if one.key in set(keys)]

    def _fetch(self, rest: str, values: list[str]) -> list[FrontRow]:
        moment = f"cast({self._moment} as char)" if self._moment else "null"
        with self._connection.cursor(Cursor) as cursor:
            cursor.execute(
                f"""select t.*, {moment}, cast({self._key} as char), {self._changed}
                    from {self._name} as t {rest}""",  # noqa: S608
                values,
            )
            names = [one[0] for one in cursor.description][:-_EXTRA]
            rows = cursor.fetchall()
        return [
            FrontRow(
                Place((at or _NEVER) if self._moment else None, str(key)),
                changed,
                dict(zip(names, columns, strict=True)),
            )
            for *columns, at, key, changed in rows
        ]

    def _compared(self, sign: str, place: Place, values: list[str]) -> str:
        """Whether a row's place stands so to another, whose parts become values."""
        if not self._moment or place.moment is None:
            values.append(place.key or "")
            return f"{self._key} {sign} %s"
        if place.key is None:
            values.append(place.moment)
            return f"{self._moment} {sign}= %s"
        if place.moment == _NEVER:
            values.append(place.key)
            none = f"({self._moment} is null and {self._key} {sign} %s)"
            return f"({none} or {self._moment} is not null)" if sign == ">" else none
        values += [place.moment, place.moment, place.key]
        moment, strict = self._moment, sign.removesuffix("=")
        same = f"({moment} = %s and {self._key} {sign} %s)"
        nulls = f" or {moment} is null" if sign == "<=" else ""
        return f"({moment} {strict} %s or {same}{nulls})"


async def maria_table(
    url: str, name: str, mapping: TableMapping
) -> tuple[MariaTable, Callable[[], None]]:
    """A table that is open for reading, and what closes its connection.

    Args:
        url: `mariadb://user:password@host:port/database`, with `?unix_socket=`, `?charset=`,
            `?ssl=true` or `?ssl_ca=` if need be.

    Raises:
        FrontTableError: the URL is none, or the table lacks the column of the key or of the time
            of change.
        pymysql.MySQLError: the database is not there, refuses, or has no such table.
    """
    connection = await asyncio.to_thread(_connect, url)
    try:
        table = MariaTable(connection, name, mapping)
        await asyncio.to_thread(table.look, mapping)
    except BaseException:
        connection.close()
        raise
    return table, connection.close


def _connect(url: str) -> Any:
    try:
        parts = urlsplit(url)
        options = {key: _OPTIONS[key](value) for key, value in parse_qsl(parts.query)}
        port = parts.port or 3306
    except (ValueError, KeyError) as error:
        raise FrontTableError("数据库地址写法不对（mariadb://用户:密码@主机:端口/库）") from error
    secure = {"ssl": {"ca": options.pop("ssl_ca", None)}} if options.pop("ssl", None) else {}
    return pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.removeprefix("/")),
        connect_timeout=_SECONDS,
        read_timeout=_READ_SECONDS,
        autocommit=True,
        init_command="set time_zone = '+08:00'",
        conv=_CONVERT,
        **{"charset": "utf8mb4", **options, **secure},
    )


def _quoted(name: str) -> str:
    # A per cent sign would be read as a place for a value.
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"
