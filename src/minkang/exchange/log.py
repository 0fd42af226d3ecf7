"""The message log: what came, when, from whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from minkang.fhir import TYPE_CODES, TYPE_NAMES, Problem
from minkang.store import Connection, Store


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


class SourceState(msgspec.Struct, frozen=True):
    """How a source is doing."""

    id: str
    last: datetime | None
    today: int
    total: int
    waiting: int
    quarantined: int


_LINE = """
    m.id, m.source, m.channel, m.kind, m.control_id, m.state, m.received, m.processed, m.repeats,
    m.size, m.attempts,
    (select count(*) from exchange.made d where d.message = m.id) as made
"""


async def messages(
    connection: Connection,
    *,
    source: str | None = None,
    state: str | None = None,
    rule: str | None = None,
    resource: tuple[str, str] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Logged]:
    """Lines of the log, newest first; `before` is the id at which the page before ended.

    `rule` is one of the message's problems or notes (`no-mapping`), `resource` type and id of
    something it made, e.g. its Patient.
    """
    rows = await connection.fetch(
        f"""select {_LINE} from exchange.message m
            where ($1::text is null or m.source = $1) and ($2::text is null or m.state = $2)
            and ($3::bigint is null or m.id < $3)
            and ($4::text is null
                 or exists (select from exchange.problem p
                            where p.message = m.id and p.rule = $4))
            and ($5::smallint is null
                 or m.id in (select d.message from exchange.made d
                             where d.type = $5 and d.id = $6))
            order by m.id desc limit $7""",  # noqa: S608 - no values in the text
        source,
        state,
        before,
        rule,
        TYPE_CODES[resource[0]] if resource else None,
        resource[1] if resource else None,
        limit,
    )
    return [Logged(**row) for row in rows]


async def detail(store: Store, connection: Connection, message: int) -> Detail | None:
    """One message, or None if there is none of that id."""
    row = await connection.fetchrow(
        f"select {_LINE}, m.hash, m.body from exchange.message m where m.id = $1",  # noqa: S608
        message,
    )
    if row is None:
        return None
    fields = dict(row.items())
    raw, content_hash = store.codec.unpack(fields.pop("body")), fields.pop("hash")
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
    """The state of some messages: `waiting`, `stored` or `quarantined`."""
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


async def source_states(connection: Connection, now: datetime) -> dict[str, SourceState]:
    """How all sources are doing; `today` counts the last 24 hours."""
    rows = await connection.fetch(
        """select s.id, max(m.last_received) as last,
                  count(m.id) filter (where m.received >= $1) as today,
                  count(m.id) as total,
                  count(m.id) filter (where m.state = 'waiting') as waiting,
                  count(m.id) filter (where m.state = 'quarantined') as quarantined
           from exchange.source s left join exchange.message m on m.source = s.id
           group by s.id order by s.id""",
        now - timedelta(hours=24),
    )
    return {row["id"]: SourceState(**row) for row in rows}


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
