"""Bytes on disk: of a body, of a resource with all that is kept about it, of a former version."""

from collections.abc import Sequence
from typing import Any

from bench.measure import Place, Result, result
from minkang.fhir import Resource, encode
from minkang.store.bulk_load import bulk_load

BODY, ALL, HISTORY = 0.4, 1.0, 0.4


async def disk(place: Place, name: str, json_bytes: float) -> list[Result]:
    """A packed body and everything with all indexes, against `json_bytes` a resource.

    Former versions are left out, if there are any: `disk_history` is about them.
    """
    row = await _one(
        place,
        """select count(*) as n, sum(pg_column_size(body)) as body,
            (select sum(pg_total_relation_size(c.oid)) from pg_class c
                join pg_namespace s on s.oid = c.relnamespace
                where s.nspname = 'store' and c.relkind in ('r', 'm')
                and not (c.relispartition and pg_relation_size(c.oid) > 0)) as whole
        from store.resource""",
    )
    body, whole = (float(row[column]) / row["n"] for column in ("body", "whole"))
    return [
        result(f"disk_body{name}", body, "bytes", json_bytes, BODY, at_most=True),
        result(f"disk_all{name}", whole, "bytes", json_bytes, ALL, at_most=True),
    ]


async def disk_history(place: Place, name: str, changed: Sequence[Resource]) -> Result:
    """Resources are changed; a former version with its indexes, against the JSON of a new one."""
    await bulk_load(place.store, changed, "bench")
    row = await _one(
        place,
        """select (select count(*) from store.history) as n,
            sum(pg_total_relation_size(i.inhrelid)) as whole,
            sum(pg_total_relation_size(i.inhrelid)) filter (
                where pg_relation_size(i.inhrelid) = 0) as empty
        from pg_inherits i where i.inhparent = 'store.history'::regclass""",
    )
    own = float(row["whole"] - row["empty"]) / row["n"]
    written = sum(len(encode(one)) for one in changed) / len(changed)
    return result(f"disk_history{name}", own, "bytes", written, HISTORY, at_most=True)


async def _one(place: Place, sql: str) -> Any:
    [row] = await place.store.pool.fetch(sql)
    return row
