"""What people shall look at: pairs of Persons that may be one, the most urgent first."""

import math
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.identity.sensitive import sensitive_among
from minkang.store import Connection, Store
from minkang.store.scope import compartment

_ENCOUNTER: Final = TYPE_CODES["Encounter"]
_PATIENT: Final = TYPE_CODES["Patient"]
_PORTION: Final = 500


class ReviewItem(msgspec.Struct, frozen=True, kw_only=True):
    """A pair to be looked at: of two Persons the pair of Patients that is nearest to being one.

    Attributes:
        a, b: Patients, the lesser id first; person_a, person_b: whose they are now.
        cause: `weights` (between the thresholds), or why a link was held back.
        risk: 0 to 3: 2 where a guard held it back (two lives may be mixed up at a source), and 1
            where sensitive contents would be joined.
        benefit: how many visits of both Persons would be in one record.
        urgency: what the queue is ordered by, see `urgency_of`.
    """

    id: int
    a: str
    b: str
    person_a: str
    person_b: str
    weight: float
    cause: str
    risk: int
    benefit: int
    sensitive: bool
    urgency: float
    since: datetime


class ReviewPage(msgspec.Struct, frozen=True):
    """Items in order, how many there are in all, and where the next page begins (None: nowhere)."""

    items: tuple[ReviewItem, ...]
    total: int
    next: int | None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which items somebody wants to see; what is left empty does not matter.

    Attributes:
        causes: any of these. sources: organisations that sent one of the two Patients.
        least, most: weight. since, until: since when it waits.
        without: pairs that are not wanted.
    """

    causes: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    least: float | None = None
    most: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    without: tuple[tuple[str, str], ...] = ()


EVERYTHING: Final = Wish()


def urgency_of(weight: float, visits: int, *, sensitive: bool, held_back: bool) -> float:
    """How soon somebody should look: what may be wrong now, then how much it would bring.

    A guard's pair may be two lives on one card, which harms both: worth 6. Sensitive contents that
    one of the two records misses: 3. Visits count by their logarithm (the tenth tells less than the
    first), the weight a tenth.
    """
    return 6.0 * held_back + 3.0 * sensitive + math.log2(1 + visits) + weight / 10


async def queue(
    store: Store, *, limit: int = 50, offset: int = 0, wish: Wish = EVERYTHING
) -> ReviewPage:
    """A page of what waits, the most urgent first."""
    async with store.pool.acquire() as connection:
        await rate(connection)
        where, values = _where(wish)
        total = await connection.fetchval(
            f"select count(*) from identity.review v where {where}",  # noqa: S608 - of `_where`
            *values,
        )
        rows = await connection.fetch(
            f"""{_ITEM} where {where} order by v.urgency desc, v.id
                limit {int(limit)} offset {int(offset)}""",
            *values,
        )
    after = offset + len(rows)
    return ReviewPage(tuple(map(_item, rows)), total, after if after < total else None)


async def item(store: Store, number: int) -> ReviewItem | None:
    """One item; None: it was settled meanwhile, by a decision or by a source."""
    async with store.pool.acquire() as connection:
        await rate(connection, [number])
        rows = await connection.fetch(f"{_ITEM} where v.id = $1", number)
    return _item(rows[0]) if rows else None


async def item_of_pair(store: Store, a: str, b: str) -> ReviewItem | None:
    """The item of two Patients, in any order."""
    async with store.pool.acquire() as connection:
        number = await connection.fetchval(
            "select id from identity.review where a = $1 and b = $2", *sorted((a, b))
        )
    return None if number is None else await item(store, number)


async def rate(connection: Connection, numbers: Collection[int] = ()) -> None:
    """Look at what an item would bring: new ones, some hundred at a time, or those named anew."""
    chosen = "id = any($1::bigint[])" if numbers else "visits is null and $1::bigint[] = '{}'"
    rows = await connection.fetch(
        f"""select v.id, v.weight, v.cause, x.person as one, y.person as other
            from (select * from identity.review where {chosen} order by id limit {_PORTION}) v
            join identity.link x on x.patient = v.a
            join identity.link y on y.patient = v.b""",  # noqa: S608 - of this function
        list(numbers),
    )
    for row in rows:
        patients = [
            one["patient"]
            for one in await connection.fetch(
                "select patient from identity.link where person = any($1::text[])",
                [row["one"], row["other"]],
            )
        ]
        visits = await connection.fetchval(
            """select count(*) from store.compartment
               where patient = any($1::bigint[]) and type = $2""",
            [compartment(one) for one in patients],
            _ENCOUNTER,
        )
        sensitive = await sensitive_among(connection, patients)
        await connection.execute(
            """update identity.review set visits = $2, sensitive = $3, urgency = $4
               where id = $1""",
            row["id"],
            visits,
            sensitive,
            urgency_of(
                row["weight"], visits, sensitive=sensitive, held_back=row["cause"] != "weights"
            ),
        )


_ITEM: Final = """
    select v.*, x.person as person_a, y.person as person_b from identity.review v
    join identity.link x on x.patient = v.a join identity.link y on y.patient = v.b"""


def _where(wish: Wish) -> tuple[str, list[Any]]:
    values: list[Any] = []
    conditions = ["true"]

    def given(value: Any, kind: str) -> str:
        values.append(value)
        return f"${len(values)}::{kind}"

    if wish.causes:
        conditions.append(f"v.cause = any({given(list(wish.causes), 'text[]')})")
    if wish.sources:
        conditions.append(
            f"""exists (select from store.resource r where r.type = {_PATIENT}
                and r.id in (v.a, v.b) and r.source = any({given(list(wish.sources), "text[]")}))"""
        )
    for column, bounds in (
        ("v.weight", ((">=", wish.least), ("<=", wish.most))),
        ("v.since", ((">=", wish.since), ("<", wish.until))),
    ):
        kind = "float8" if column == "v.weight" else "timestamptz"
        conditions += [
            f"{column} {compare} {given(value, kind)}"
            for compare, value in bounds
            if value is not None
        ]
    if wish.without:
        firsts = given([a for a, _ in wish.without], "text[]")
        seconds = given([b for _, b in wish.without], "text[]")
        conditions.append(
            f"""not exists (select from unnest({firsts}, {seconds}) as w (a, b)
                where w.a = v.a and w.b = v.b)"""
        )
    return " and ".join(conditions), values


def _item(row: Any) -> ReviewItem:
    held_back = row["cause"] != "weights"
    return ReviewItem(
        id=row["id"],
        a=row["a"],
        b=row["b"],
        person_a=row["person_a"],
        person_b=row["person_b"],
        weight=row["weight"],
        cause=row["cause"],
        risk=2 * held_back + int(row["sensitive"]),
        benefit=row["visits"] or 0,
        sensitive=row["sensitive"],
        urgency=row["urgency"],
        since=row["since"],
    )
