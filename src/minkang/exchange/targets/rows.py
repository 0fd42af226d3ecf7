"""Resources as rows of a target's own table: what a township's system can read without FHIR."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import asyncpg

from minkang.exchange.targets.target import Target
from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.path import Path, PathError, compile_path
from minkang.store import Stored

_SECONDS = 10.0


def row_of(target: Target, version: Stored) -> dict[str, str | None]:
    """The columns of a resource, all as text; what it does not say is NULL.

    Raises:
        Refused: a column's path is wrong, or finds more than one value.
    """
    row: dict[str, str | None] = {"id": version.id, "changed": version.updated.isoformat()}
    resource = version.resource
    for column, path in target.columns[version.type].items():
        if column != "table":
            row[column] = _value(resource, column, path)
    return row


def _value(resource: Resource, column: str, path: str) -> str | None:
    try:
        found = _compiled(path).evaluate(resource)
    except PathError as error:
        raise Refused([Problem("send", column, "path", str(error))]) from error
    if len(found) > 1:
        text = f"{path} 有 {len(found)} 个值，一列只能有一个"
        raise Refused([Problem("send", column, "several", text)])
    return _text(found[0]) if found else None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(maxsize=500)
def _compiled(path: str) -> Path:
    return compile_path(path)


async def put_rows(target: Target, address: str, versions: Sequence[Stored]) -> None:
    """Put rows into the target's tables by `id`; those of deleted resources are removed.

    Raises:
        OSError, asyncpg.PostgresError: its database is not there or refuses.
        Refused: as `row_of`.
    """
    rows = [(one, {} if one.deleted else row_of(target, one)) for one in versions]
    connection = await asyncpg.connect(address, timeout=_SECONDS)
    try:
        async with connection.transaction():
            for one, row in rows:
                table = _quoted(target.columns[one.type]["table"])
                if one.deleted:
                    await connection.execute(f"delete from {table} where id = $1", one.id)  # noqa: S608 - quoted
                    continue
                names = ", ".join(map(_quoted, row))
                values = ", ".join(f"${n}" for n in range(1, len(row) + 1))
                changed = ", ".join(
                    f"{_quoted(name)} = excluded.{_quoted(name)}" for name in row if name != "id"
                )
                await connection.execute(
                    f"insert into {table} ({names}) values ({values}) "  # noqa: S608 - quoted
                    f"on conflict (id) do update set {changed}",
                    *row.values(),
                )
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))
