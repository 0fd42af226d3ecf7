"""History at its three levels: of a resource, of a type, of everything."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES, Problem, Refused
from minkang.store.criteria import shown
from minkang.store.scope import Scope, compile_scope
from minkang.store.sql import Sql
from minkang.store.store import Store
from minkang.store.stored import COLUMNS, Stored, stored_rows


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Which versions are asked for.

    Attributes:
        type, id: of a resource, of a type (no id), of everything (neither).
        since: made at or after this time.
        at: current at this time.
        count: versions a page, 1 to 1,000.
        after: `VersionPage.next` of the page before.
    """

    type: str | None = None
    id: str | None = None
    since: datetime | None = None
    at: datetime | None = None
    count: int = 100
    after: str | None = None


class VersionPage(msgspec.Struct, frozen=True):
    """Versions, newest first; deletions are among them, and their bodies are not to be shown."""

    versions: tuple[Stored, ...]
    next: str | None


_COLUMNS = f"{COLUMNS}, patients, transaction, sequence"


async def versions(store: Store, scope: Scope, history: History) -> VersionPage:
    """A page of versions that the scope shows.

    Raises:
        Refused: `after` is not from a page before.
    """
    sql = Sql()
    inner = [compile_scope(scope, "o", sql.parameters, current=False)]
    if history.type is not None:
        inner.append(f"o.type = {sql.add(TYPE_CODES[history.type], 'smallint')}")
    if history.id is not None:
        inner.append(f"o.id = {sql.add(history.id, 'text')}")
    if history.since is not None:
        inner.append(f"o.updated >= {sql.add(history.since, 'timestamptz')}")
    if history.at is not None:
        inner.append(f"o.updated <= {sql.add(history.at, 'timestamptz')}")
    # The order of the change feed, which has an index in both tables.
    order = "o.transaction desc, o.sequence desc"
    if history.after is not None:
        transaction, sequence = _after(history.after)
        at, number = sql.add(str(transaction), "text"), sql.add(sequence, "bigint")
        inner.append(f"(o.transaction, o.sequence) < ({at}::xid8, {number})")
    if history.at is not None:
        inner.append(
            f"""not exists (select from store.history n where n.type = o.type and n.id = o.id
                and n.version > o.version and n.updated <= {sql.add(history.at, "timestamptz")})
            and not exists (select from store.resource n where n.type = o.type and n.id = o.id
                and n.version > o.version and n.updated <= {sql.add(history.at, "timestamptz")})"""
        )
    # Each table gives no more than a page, so that neither is read to its end.
    rest = f"where {' and '.join(inner)} order by {order} limit {history.count + 1}"
    text = f"""
        select {COLUMNS}, transaction::text::bigint as transaction, sequence from (
            (select {_COLUMNS} from store.resource o {rest})
            union all
            (select {_COLUMNS} from store.history o {rest})) o
        order by {order} limit {history.count + 1}"""
    async with store.pool.acquire() as connection:
        rows: list[Any] = await connection.fetch(text, *sql.parameters)
        found = await stored_rows(connection, store.codec, rows[: history.count])
    more = None
    if len(rows) > history.count:
        last = rows[history.count - 1]
        more = f"{last['transaction']}-{last['sequence']}"
    return VersionPage(tuple(shown(scope, found)), more)


def _after(text: str) -> tuple[int, int]:
    transaction, _, sequence = text.partition("-")
    if not (transaction.isdecimal() and sequence.isdecimal() and len(text) < 40):
        problem = Problem("search", "_after", "paging", "翻页参数 _after 不是本系统给出的")
        raise Refused([problem])
    return int(transaction), int(sequence)
