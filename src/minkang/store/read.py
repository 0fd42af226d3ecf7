"""Read one resource, or all its versions."""

from typing import Any

from minkang.fhir import TYPE_CODES
from minkang.store.scope import Scope, compile_scope
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows


async def read(store: Store, scope: Scope, resource_type: str, resource_id: str) -> Stored | None:
    """The current version, or None if there is none, it is deleted, or the scope hides it.

    The three cases look alike on purpose: a refusal must not tell that something exists.
    """
    parameters: list[Any] = [TYPE_CODES[resource_type], resource_id]
    sql = f"""
        select {COLUMNS} from store.resource r
        where r.type = $1 and r.id = $2 and not r.deleted
        and {compile_scope(scope, "r", parameters)}"""  # noqa: S608 - no values in the text
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(sql, *parameters)
        found = await stored_rows(connection, store.codec, rows)
    return found[0] if found else None


async def history(store: Store, scope: Scope, resource_type: str, resource_id: str) -> list[Stored]:
    """All versions that the scope shows, newest first; deletions are among them."""
    parameters: list[Any] = [TYPE_CODES[resource_type], resource_id]
    condition = compile_scope(scope, "v", parameters)
    sql = f"""
        select {COLUMNS} from (
            select {COLUMNS}, patients from store.resource where type = $1 and id = $2
            union all
            select {COLUMNS}, patients from store.history where type = $1 and id = $2) v
        where {condition}
        order by version desc"""  # noqa: S608 - no values in the text
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(sql, *parameters)
        return await stored_rows(connection, store.codec, rows)
