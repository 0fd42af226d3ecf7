"""What became of what a target should have, by item and by day; sending some of it again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from minkang.fhir import TYPE_NAMES
from minkang.store import Connection

State = Literal["waiting", "sent", "confirmed", "refused", "passed-over"]


class Delivery(msgspec.Struct, frozen=True):
    """A resource that a target should have.

    Attributes:
        version, changed: of the resource.
        state: `sent` until the target says what became of it; `passed-over` has no such form.
        receipt: where the target can be asked, or what it answered.
        place, rule, text: why it was refused.
    """

    id: int
    type: str
    resource: str
    version: int
    changed: datetime
    state: State
    attempts: int
    sent: datetime | None
    receipt: str
    place: str
    rule: str
    text: str


class Day(msgspec.Struct, frozen=True):
    """How many resources that changed on a day are in which state."""

    day: date
    type: str
    waiting: int
    sent: int
    confirmed: int
    refused: int
    passed_over: int


async def deliveries(
    connection: Connection,
    target: str,
    *,
    state: State | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """What a target should have, the newest first; `before` is the id the page before ended at."""
    rows = await connection.fetch(
        """select id, type, resource, version, changed, state, attempts, sent, receipt, place,
                  rule, text
           from exchange.delivery
           where target = $1 and ($2::text is null or state = $2)
           and ($3::bigint is null or id < $3)
           order by id desc limit $4""",
        target,
        state,
        before,
        limit,
    )
    return [Delivery(**{**row, "type": TYPE_NAMES[row["type"]]}) for row in rows]


async def delivery_days(
    connection: Connection, target: str, since: datetime, zone: str = "Asia/Shanghai"
) -> list[Day]:
    """The reconciliation of a target: days and types, the newest day first."""
    rows = await connection.fetch(
        """select (changed at time zone $3)::date as day, type,
                  count(*) filter (where state = 'waiting') as waiting,
                  count(*) filter (where state = 'sent') as sent,
                  count(*) filter (where state = 'confirmed') as confirmed,
                  count(*) filter (where state = 'refused') as refused,
                  count(*) filter (where state = 'passed-over') as passed_over
           from exchange.delivery where target = $1 and changed >= $2
           group by 1, 2 order by 1 desc, 2""",
        target,
        since,
        zone,
    )
    return [Day(**{**row, "type": TYPE_NAMES[row["type"]]}) for row in rows]


async def send_again(
    connection: Connection,
    target: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    states: Sequence[State] = ("sent", "confirmed", "refused"),
) -> int:
    """Let what changed in a time be sent again, in its present version; how much it is."""
    parameters: list[Any] = [target, since, until, list(states)]
    done = await connection.execute(
        """update exchange.delivery set state = 'waiting', alone = false, attempts = 0,
               receipt = '', place = '', rule = '', text = ''
           where target = $1 and ($2::timestamptz is null or changed >= $2)
           and ($3::timestamptz is null or changed < $3) and state = any($4::text[])""",
        *parameters,
    )
    return int(done.rsplit(" ", 1)[-1])
