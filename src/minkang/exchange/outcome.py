"""What became of messages, for whoever sent them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from minkang.exchange.log import Made, problems_of
from minkang.fhir import TYPE_NAMES, Problem
from minkang.store import Connection


class Became(msgspec.Struct, frozen=True):
    """What became of one message.

    Attributes:
        state: `waiting`, `stored`, `quarantined` or `trial`.
        repeats: how often it came again.
        problems: why it lies in quarantine; of a stored one what was noted (`no-mapping`).
        made: the resources that it made or changed.
    """

    id: int
    source: str | None
    state: str
    kind: str
    control_id: str
    received: datetime
    processed: datetime | None
    repeats: int
    problems: tuple[Problem, ...]
    made: tuple[Made, ...]


async def became(connection: Connection, ids: Sequence[int]) -> dict[int, Became]:
    """What became of some messages, by their ids; of an id that is none there is nothing."""
    rows = await connection.fetch(
        """select id, source, state, kind, control_id, received, processed, repeats
           from exchange.message where id = any($1::bigint[])""",
        list(ids),
    )
    made = await connection.fetch(
        """select message, type, id, version, kind from exchange.made
           where message = any($1::bigint[]) order by message, type, id""",
        list(ids),
    )
    problems = await problems_of(connection, ids)
    things: dict[int, list[Made]] = {}
    for row in made:
        one = Made(TYPE_NAMES[row["type"]], row["id"], row["version"], row["kind"])
        things.setdefault(row["message"], []).append(one)
    return {
        row["id"]: Became(
            **row,
            problems=tuple(problems.get(row["id"], ())),
            made=tuple(things.get(row["id"], ())),
        )
        for row in rows
    }
