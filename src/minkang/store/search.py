"""Search: by patient compartment and by terms, newest first, page by key."""

import asyncio
from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.store.scope import Scope, compartment, compile_scope
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows

MOST: Final = 5_000
"""Rows of the longest page. Each page sorts all that matches anew: what is wanted whole and is not
endless, such as a life, is had in one."""

_AT_ONCE: Final = 1_000

Key = tuple[datetime, str]
"""Where a page ends: clinical date and id of its last row."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. All conditions given must hold.

    Attributes:
        types: resource types, at least one.
        patients: ids of Patients; the resource is about one of them.
        terms: groups of terms (see `Terms`); of each group the resource has at least one.
        marks: what a string of the resource contains (`Terms.containing`), all of them.
        since: happened at or after this time.
        limit: rows a page, 1 to `MOST`.
        after: the key at which the page before ended.
    """

    types: tuple[str, ...]
    patients: tuple[str, ...] | None = None
    terms: tuple[tuple[int, ...], ...] = ()
    marks: tuple[int, ...] = ()
    since: datetime | None = None
    limit: int = 100
    after: Key | None = None


class Page(msgspec.Struct, frozen=True):
    """Matches, newest first by clinical date; `next` is the key to go on from, if there is more."""

    matches: tuple[Stored, ...]
    next: Key | None


async def search(store: Store, scope: Scope, query: Query) -> Page:
    """One page of the current, undeleted resources that match and that the scope shows."""
    sql, parameters = _compile(scope, query)
    async with store.pool.acquire() as connection:
        rows = await connection.fetch(sql, *parameters)
        more = len(rows) > query.limit
        rows = rows[: query.limit]
        matches: list[Stored] = []
        for begin in range(0, len(rows), _AT_ONCE):
            matches += await stored_rows(connection, store.codec, rows[begin : begin + _AT_ONCE])
            await asyncio.sleep(0)  # others have their turn while a long page is unsealed
    last = (rows[-1]["dated"], rows[-1]["id"]) if more else None
    return Page(tuple(matches), last)


def _compile(scope: Scope, query: Query) -> tuple[str, list[Any]]:
    if not 1 <= query.limit <= MOST:
        raise ValueError(f"limit {query.limit} is not within 1 to {MOST}")
    parameters: list[Any] = [[TYPE_CODES[name] for name in query.types]]
    conditions = ["r.type = any($1::smallint[])", "not r.deleted"]
    if query.patients is not None:
        # The compartment table is small and in order; bodies are fetched for the page only.
        parameters.append([compartment(patient) for patient in query.patients])
        conditions.append(
            f"""(r.type, r.sequence) in (
                select c.type, c.sequence from store.compartment c
                where c.patient = any(${len(parameters)}::bigint[])
                and c.type = any($1::smallint[]))"""
        )
    for group in query.terms:
        parameters.append(list(group))
        conditions.append(
            f"""r.sequence in (
                select t.sequence from store.term t
                where t.hash = any(${len(parameters)}::bigint[]))"""
        )
    if query.marks:
        parameters.append(list(query.marks))
        conditions.append(f"r.marks @> ${len(parameters)}::bigint[]")
    if query.since is not None:
        if len(query.types) == 1:
            # As a number in the text: only so an index over one type (0021_visits.sql) is used.
            conditions.append(f"r.type = {TYPE_CODES[query.types[0]]}")
        parameters.append(query.since)
        conditions.append(f"r.dated >= ${len(parameters)}")
    if query.after is not None:
        parameters.extend(query.after)
        conditions.append(f"(r.dated, r.id) < (${len(parameters) - 1}, ${len(parameters)})")
    conditions.append(compile_scope(scope, "r", parameters))
    sql = f"""
        select {COLUMNS}, dated from store.resource r
        where {" and ".join(conditions)}
        order by r.dated desc, r.id desc
        limit {query.limit + 1}"""
    return sql, parameters
