"""Read one resource as it is, or as it was."""

from collections.abc import Sequence
from typing import Any

from minkang.fhir import TYPE_CODES
from minkang.store.connection import Connection
from minkang.store.criteria import shown
from minkang.store.scope import Scope, compile_scope
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows
from minkang.store.versions import History, versions


async def read(
    store: Store, scope: Scope, resource_type: str, resource_id: str, *, deleted: bool = False
) -> Stored | None:
    """The current version, or None if there is none or the scope hides it.

    The cases look alike on purpose: a refusal must not tell that something exists. Of a deleted
    resource the last version is given only with `deleted`; its body is not to be shown.
    """
    parameters: list[Any] = [TYPE_CODES[resource_type], resource_id]
    alive = "" if deleted else " and not r.deleted"
    sql = f"""
        select {COLUMNS} from store.resource r
        where r.type = $1 and r.id = $2{alive}
        and {compile_scope(scope, "r", parameters)}"""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(sql, *parameters)
        found = await stored_rows(connection, store.codec, rows)
    return found[0] if found else None


async def read_several(
    store: Store,
    connection: Connection,
    scope: Scope,
    resource_type: str,
    ids: Sequence[str],
    *,
    deleted: bool = False,
) -> list[Stored]:
    """The current versions of some ids, as far as there are any, in no order.

    Read in the caller's transaction, and not locked. `deleted`: as in `read`.
    """
    parameters: list[Any] = [TYPE_CODES[resource_type], list(ids)]
    alive = "" if deleted else " and not r.deleted"
    sql = f"""
        select {COLUMNS} from store.resource r
        where r.type = $1 and r.id = any($2::text[]){alive}
        and {compile_scope(scope, "r", parameters)}"""
    rows = await connection.fetch(sql, *parameters)
    return await stored_rows(connection, store.codec, rows)


async def read_version(
    store: Store, scope: Scope, resource_type: str, resource_id: str, version: int
) -> Stored | None:
    """One version, current or not; a deletion is one too."""
    if not 0 < version < 2**31:
        return None
    parameters: list[Any] = [TYPE_CODES[resource_type], resource_id, version]
    condition = compile_scope(scope, "v", parameters, current=False)
    sql = f"""
        select {COLUMNS} from (
            select {COLUMNS}, patients, dated from store.resource
            where type = $1 and id = $2 and version = $3
            union all
            select {COLUMNS}, patients, dated from store.history
            where type = $1 and id = $2 and version = $3) v
        where {condition}"""
    async with store.readers.lent() as connection:
        rows = await connection.fetch(sql, *parameters)
        found = shown(scope, await stored_rows(connection, store.codec, rows))
    return found[0] if found else None


async def history(store: Store, scope: Scope, resource_type: str, resource_id: str) -> list[Stored]:
    """The versions of a resource that the scope shows, newest first, at most a thousand."""
    asked = History(type=resource_type, id=resource_id, count=1000)
    return list((await versions(store, scope, asked)).versions)
