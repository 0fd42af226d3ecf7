"""The queue as the identity desk works through it: filtered, counted, page by page.

The order is that of `identity.review.urgency`, which weighs risk and benefit; the highest first.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.identity.grouping import Pair
from minkang.store import Connection

Shown = Literal["open", "deferred"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of the queue is asked for; empty or None is anything.

    Attributes:
        institution: one of the two registrations came from this organisation.
        since, until: came into the queue at or after, and before.
        least, below: the weight is at least, and less than.
    """

    shown: Shown = "open"
    cause: str = ""
    institution: str = ""
    since: datetime | None = None
    until: datetime | None = None
    least: float | None = None
    below: float | None = None


class Line(msgspec.Struct, frozen=True):
    """A pair of Patients that waits for a person.

    Attributes:
        cause: `weights`, or the guard that held the link back.
        visits: how many a joining would put together; None: not counted yet.
        sensitive: a joining would put sensitive contents together.
        urgency: its place in the queue; together with `id` where a page ends.
    """

    id: int
    a: str
    b: str
    weight: float
    cause: str
    since: datetime
    visits: int | None
    sensitive: bool
    urgency: float

    @property
    def pair(self) -> Pair:
        """The two Patients."""
        return self.a, self.b


class Counts(msgspec.Struct, frozen=True):
    """How many pairs wait and were put off, decisions that wait for the second person or were taken
    today."""

    open: int
    deferred: int
    second: int
    today: int
    mine: int


_COLUMNS: Final = "q.id, q.a, q.b, q.weight, q.cause, q.since, q.visits, q.sensitive, q.urgency"
_OFF: Final = """exists (select from identity.review_desk d
    where d.a = q.a and d.b = q.b and d.deferred_until > $1)"""
_SECOND: Final = """exists (select from identity.decision_pair p
    join identity.decision d on d.id = p.decision
    where p.a = q.a and p.b = q.b and d.state = 'proposed')"""
_STATES: Final[Mapping[Shown, str]] = {
    "open": f"not {_OFF} and not {_SECOND}",
    "deferred": f"{_OFF} and not {_SECOND}",
}


async def listing(
    connection: Connection,
    asked: Asked,
    *,
    now: datetime,
    limit: int,
    after: tuple[float, int] | None = None,
) -> list[Line]:
    """A page of the queue, the most urgent first; `after`: urgency and id of the last line."""
    values: list[Any] = [now]

    def given(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    conditions = [_STATES[asked.shown]]
    if asked.cause:
        conditions.append(f"q.cause = {given(asked.cause)}")
    if asked.institution:
        conditions.append(
            f"""exists (select from store.resource r where r.type = {TYPE_CODES["Patient"]}
                and r.id in (q.a, q.b) and r.source = {given(asked.institution)})"""
        )
    for value, test in (
        (asked.since, "q.since >= {}"),
        (asked.until, "q.since < {}"),
        (asked.least, "q.weight >= {}"),
        (asked.below, "q.weight < {}"),
    ):
        if value is not None:
            conditions.append(test.format(given(value)))
    if after is not None:
        urgency, number = given(after[0]), given(after[1])
        conditions.append(f"(q.urgency < {urgency} or q.urgency = {urgency} and q.id > {number})")
    rows = await connection.fetch(
        f"""select {_COLUMNS} from identity.review q where $1::timestamptz is not null
            and {" and ".join(conditions)} order by q.urgency desc, q.id limit {int(limit)}""",  # noqa: S608 - values are parameters
        *values,
    )
    return [Line(**row) for row in rows]


async def line_of(connection: Connection, pair: Pair) -> Line | None:
    """The line of a pair, if it is in the queue."""
    row = await connection.fetchrow(
        f"select {_COLUMNS} from identity.review q where q.a = $1 and q.b = $2",  # noqa: S608
        *pair,
    )
    return Line(**row) if row else None


async def beside(
    connection: Connection, line: Line | None, *, now: datetime, account: str
) -> tuple[Line | None, Line | None]:
    """The lines before and after one in the queue that nobody else has taken.

    Of a pair that is no longer in it: none, and the first.
    """
    free = f"""{_STATES["open"]} and not exists (select from identity.review_desk d
        where d.a = q.a and d.b = q.b and d.taken_until > $1 and d.taken_by <> $2)"""
    if line is None:
        row = await connection.fetchrow(
            f"""select {_COLUMNS} from identity.review q where {free}
                order by q.urgency desc, q.id limit 1""",  # noqa: S608 - constants only
            now,
            account,
        )
        return None, Line(**row) if row else None
    before = await connection.fetchrow(
        f"""select {_COLUMNS} from identity.review q where {free}
            and (q.urgency > $3 or q.urgency = $3 and q.id < $4)
            order by q.urgency, q.id desc limit 1""",  # noqa: S608 - constants only
        now,
        account,
        line.urgency,
        line.id,
    )
    after = await connection.fetchrow(
        f"""select {_COLUMNS} from identity.review q where {free}
            and (q.urgency < $3 or q.urgency = $3 and q.id > $4)
            order by q.urgency desc, q.id limit 1""",  # noqa: S608 - constants only
        now,
        account,
        line.urgency,
        line.id,
    )
    return Line(**before) if before else None, Line(**after) if after else None


async def lines_of(connection: Connection, patients: frozenset[str]) -> list[Line]:
    """The lines that one of some Patients is in."""
    rows = await connection.fetch(
        f"""select {_COLUMNS} from identity.review q
            where q.a = any($1::text[]) or q.b = any($1::text[]) order by q.urgency desc, q.id""",  # noqa: S608 - constants only
        list(patients),
    )
    return [Line(**row) for row in rows]


async def counts(connection: Connection, *, now: datetime, today: datetime, account: str) -> Counts:
    """How much there is to do, and what was done since `today`, by all and by an account."""
    row = await connection.fetchrow(
        f"""select count(*) filter (where {_STATES["open"]}) as open,
                   count(*) filter (where {_STATES["deferred"]}) as deferred,
                   (select count(*) from identity.decision
                    where state = 'proposed' or asked <> '') as second,
                   (select count(*) from identity.decision where at >= $2) as today,
                   (select count(*) from identity.decision where at >= $2 and author = $3) as mine
            from identity.review q""",  # noqa: S608 - constants only
        now,
        today,
        account,
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    return Counts(**row)


async def causes(connection: Connection) -> list[str]:
    """Why pairs are in the queue, the most frequent cause first."""
    rows = await connection.fetch(
        "select cause from identity.review group by cause order by count(*) desc, cause"
    )
    return [row["cause"] for row in rows]
