"""The message log: what came, when, from whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import TYPE_CODES, TYPE_NAMES, Problem
from minkang.store import Connection, Store
from minkang.store.vault import about_message


class Logged(msgspec.Struct, frozen=True):
    """A line of the log. `made` counts the resources it made or changed."""

    id: int
    source: str | None
    channel: str
    kind: str
    control_id: str
    state: str
    received: datetime
    processed: datetime | None
    repeats: int
    size: int
    attempts: int
    made: int


class Made(msgspec.Struct, frozen=True):
    """A resource that a message made or changed."""

    type: str
    id: str
    version: int
    kind: str


class Detail(msgspec.Struct, frozen=True):
    """One message with all that is known of it; `raw` is as it came."""

    line: Logged
    hash: bytes
    raw: bytes
    problems: tuple[Problem, ...]
    made: tuple[Made, ...]


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What messages are looked for; what is None or empty does not matter.

    Attributes:
        kind: how the kind begins, e.g. `ADT`.
        rule: of one of the message's problems or notes (`no-mapping`).
        since, until: when it was first received, the end not included.
        unknown: only of senders that nobody knows; `source` does not matter then.
        resources: type and id of something it made, e.g. its Patient; one of them is enough.
    """

    source: str = ""
    channel: str = ""
    kind: str = ""
    state: str = ""
    rule: str = ""
    control_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    unknown: bool = False
    resources: tuple[tuple[str, str], ...] | None = None


ANYTHING = Sought()


_LINE = """
    m.id, m.source, m.channel, m.kind, m.control_id, m.state, m.received, m.processed, m.repeats,
    m.size, m.attempts,
    (select count(*) from exchange.made d where d.message = m.id) as made
"""


async def messages(
    connection: Connection,
    sought: Sought = ANYTHING,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[Logged]:
    """Lines of the log, newest first; `before` is the id at which the page before ended.

    Only the conditions that are asked for stand in the query, so that each has its index. By a
    rule they are found in the order of its own index, which is that of their ids.
    """
    conditions, values = _conditions(sought)
    found, order = "exchange.message m", "m.received desc, m.id desc"
    if sought.rule:
        values.append(sought.rule)
        found = f"""(select distinct p.message from exchange.problem p
                     where p.rule = ${len(values)} order by p.message desc) as r
                    join exchange.message m on m.id = r.message"""  # noqa: S608 - a number
        order = "r.message desc"
    if before is not None:
        values.append(before)
        conditions.append(
            f"r.message < ${len(values)}"
            if sought.rule
            else f"""(m.received, m.id) < (select b.received, b.id from exchange.message b
                                           where b.id = ${len(values)})"""  # noqa: S608 - a number
        )
    values.append(limit)
    where = f"where {' and '.join(conditions)}" if conditions else ""
    rows = await connection.fetch(
        f"select {_LINE} from {found} {where} order by {order} limit ${len(values)}",  # noqa: S608
        *values,
    )
    return [Logged(**row) for row in rows]


def _conditions(sought: Sought) -> tuple[list[str], list[Any]]:
    """Conditions but that of the rule, and their values, in the order of their numbers."""
    asked: list[tuple[str, Any]] = [
        ("m.source = ${}", "" if sought.unknown else sought.source),
        ("m.channel = ${}", sought.channel),
        ("starts_with(m.kind, ${})", sought.kind),
        ("m.state = ${}", sought.state),
        ("m.control_id = ${}", sought.control_id),
        ("m.received >= ${}", sought.since),
        ("m.received < ${}", sought.until),
    ]
    conditions, values = [], []
    for text, value in asked:
        if value:
            values.append(value)
            conditions.append(text.format(len(values)))
    if sought.unknown:
        conditions.append("m.source is null")
    if sought.resources is not None:
        values += [[TYPE_CODES[kind] for kind, _ in sought.resources]]
        values += [[one for _, one in sought.resources]]
        conditions.append(
            f"""m.id in (select d.message from exchange.made d
                join unnest(${len(values) - 1}::smallint[], ${len(values)}::text[]) as k(kind, key)
                on d.type = k.kind and d.id = k.key)"""  # noqa: S608 - numbers only
        )
    return conditions, values


async def detail(store: Store, connection: Connection, message: int) -> Detail | None:
    """One message, or None if there is none of that id."""
    row = await connection.fetchrow(
        f"select {_LINE}, m.hash, m.body from exchange.message m where m.id = $1",  # noqa: S608
        message,
    )
    if row is None:
        return None
    fields = dict(row.items())
    content_hash = fields.pop("hash")
    [raw] = await store.codec.unpack_all(
        connection, [(fields.pop("body"), about_message(content_hash))]
    )
    made = await connection.fetch(
        "select type, id, version, kind from exchange.made where message = $1 order by type, id",
        message,
    )
    return Detail(
        Logged(**fields),
        content_hash,
        raw,
        tuple((await problems_of(connection, [message])).get(message, [])),
        tuple(Made(TYPE_NAMES[r["type"]], r["id"], r["version"], r["kind"]) for r in made),
    )


async def problems_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Problem]]:
    """The problems of some messages, in the order in which they were found."""
    rows = await connection.fetch(
        """select message, stage, place, rule, text from exchange.problem
           where message = any($1::bigint[]) order by message, number""",
        list(ids),
    )
    found: dict[int, list[Problem]] = {}
    for row in rows:
        problem = Problem(row["stage"], row["place"], row["rule"], row["text"])
        found.setdefault(row["message"], []).append(problem)
    return found


async def states(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The state of some messages: `waiting`, `stored`, `quarantined` or `trial`."""
    rows = await connection.fetch(
        "select id, state from exchange.message where id = any($1::bigint[])", list(ids)
    )
    return {row["id"]: row["state"] for row in rows}


async def find_message(connection: Connection, source: str, control_id: str) -> int | None:
    """The id of the newest message of a source with this control id."""
    found: int | None = await connection.fetchval(
        """select id from exchange.message where source = $1 and control_id = $2
           order by id desc limit 1""",
        source,
        control_id,
    )
    return found


async def origins(
    connection: Connection, resources: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """For each resource the message that last made or changed it."""
    rows = await connection.fetch(
        """select distinct on (d.type, d.id) d.type, d.id, d.message
           from exchange.made d
           join unnest($1::smallint[], $2::text[]) as k(kind, key)
             on d.type = k.kind and d.id = k.key
           where d.kind <> 'unchanged'
           order by d.type, d.id, d.message desc""",
        [TYPE_CODES[kind] for kind, _ in resources],
        [one for _, one in resources],
    )
    return {(TYPE_NAMES[row["type"]], row["id"]): row["message"] for row in rows}


async def backlog(connection: Connection) -> dict[str, int]:
    """How many messages wait to be processed, and how many lie in quarantine."""
    row = await connection.fetchrow(
        """select (select count(*) from exchange.message where state = 'waiting') as waiting,
                  (select count(*) from exchange.message where state = 'quarantined')
                      as quarantined"""
    )
    assert row is not None  # noqa: S101 - a query without a table always gives a row
    return dict(row)
