"""Figures of quality by source, dimension, rule and day.

The ratio of a dimension is what passed of all that its rules judged, errors and warnings alike. The
score is the mean of the six ratios by the weights below, of those dimensions of which anything was
judged, in points of a hundred.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from minkang.exchange.log import origins
from minkang.exchange.quality.gather import read_current
from minkang.exchange.quality.rule import DIMENSIONS, Dimension, Rule, rules
from minkang.exchange.reconciliation.holdings import own_number
from minkang.exchange.view import mask
from minkang.fhir import TYPE_NAMES
from minkang.store import Connection, Store

WEIGHTS: Final[Mapping[Dimension, int]] = {
    "completeness": 25,
    "validity": 25,
    "consistency": 15,
    "timeliness": 15,
    "uniqueness": 10,
    "linkage": 10,
}
"""What each dimension counts in the score: what is missing or wrong weighs most."""


class Count(msgspec.Struct, frozen=True):
    """How much was judged and failed; added up freely."""

    judged: int = 0
    failed: int = 0

    @property
    def ratio(self) -> float | None:
        """What passed, 0 to 1; None if nothing was judged."""
        return (self.judged - self.failed) / self.judged if self.judged else None

    def __add__(self, other: "Count") -> "Count":
        return Count(self.judged + other.judged, self.failed + other.failed)


class Line(msgspec.Struct, frozen=True):
    """A rule of a source on a day."""

    source: str
    day: date
    rule: str
    count: Count

    @property
    def dimension(self) -> Dimension:
        """The dimension that the rule counts for."""
        return rules()[self.rule].dimension


class Sum(msgspec.Struct, frozen=True):
    """A dimension of a source on a day."""

    source: str
    day: date
    dimension: Dimension
    count: Count


class Example(msgspec.Struct, frozen=True):
    """Something that failed: the source's own number, masked, and the message it came from."""

    type: str
    id: str
    day: date
    number: str
    message: int | None


async def lines(
    connection: Connection, since: date, until: date, source: str | None = None
) -> list[Line]:
    """What was judged of some days, both included, by source, day and rule."""
    rows = await connection.fetch(
        """select source, day, rule, sum(judged)::bigint as judged, sum(failed)::bigint as failed
           from exchange.quality_day
           where day between $1 and $2 and ($3::text is null or source = $3)
           group by source, day, rule order by source, day, rule""",
        since,
        until,
        source,
    )
    # A rule that no longer exists keeps its rows until everything is judged anew.
    return [
        Line(row["source"], row["day"], row["rule"], Count(row["judged"], row["failed"]))
        for row in rows
        if row["rule"] in rules()
    ]


async def sums(connection: Connection, since: date, until: date) -> list[Sum]:
    """What was judged of some days, both included, by source, day and dimension."""
    rows = await connection.fetch(
        """select source, day, dimension, sum(judged)::bigint as judged,
                  sum(failed)::bigint as failed
           from exchange.quality_day where day between $1 and $2
           group by source, day, dimension""",
        since,
        until,
    )
    return [
        Sum(row["source"], row["day"], row["dimension"], Count(row["judged"], row["failed"]))
        for row in rows
    ]


def by_dimension(found: Iterable[Line | Sum]) -> dict[Dimension, Count]:
    """Added up by dimension; each of them is there."""
    added: dict[Dimension, Count] = dict.fromkeys(DIMENSIONS, Count())
    for one in found:
        added[one.dimension] += one.count
    return added


def by_rule(found: Iterable[Line]) -> list[tuple[Rule, Count]]:
    """Added up by rule: what failed most first, errors before warnings."""
    added: dict[str, Count] = defaultdict(Count)
    for line in found:
        added[line.rule] += line.count
    pairs = [(rules()[rule], count) for rule, count in added.items()]
    return sorted(pairs, key=lambda p: (not p[1].failed, p[0].level != "error", -p[1].failed))


def score(dimensions: Mapping[Dimension, Count]) -> float | None:
    """Points of a hundred; None if nothing was judged."""
    ratios = {name: one.ratio for name, one in dimensions.items()}
    known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
    weight = sum(WEIGHTS[name] for name in known)
    if not weight:
        return None
    return 100 * sum(WEIGHTS[name] * ratio for name, ratio in known.items()) / weight


async def examples(
    store: Store,
    connection: Connection,
    source: str,
    rule: str,
    since: date,
    until: date,
    limit: int = 20,
) -> list[Example]:
    """The newest that failed of a rule, without anything that names a person."""
    rows = await connection.fetch(
        """select type, id, day from exchange.judgement
           where source = $1 and rule = $2 and day between $3 and $4
           order by day desc, type, id limit $5""",
        source,
        rule,
        since,
        until,
        limit,
    )
    days = {(TYPE_NAMES[row["type"]], row["id"]): row["day"] for row in rows}
    stored = await read_current(store, connection, list(days))
    messages = await origins(connection, list(days))
    return [
        Example(*key, day, mask(own_number(stored[key].resource)), messages.get(key))
        for key, day in days.items()
        if key in stored
    ]
