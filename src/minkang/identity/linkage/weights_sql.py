"""What a pair is worth, as SQL of DuckDB: the same numbers as `score.score`, for many pairs.

The expressions are over the columns of `table` with the suffixes `_l` and `_r`, and over
`tf_COLUMN_l` and `tf_COLUMN_r`, the frequencies of their values, null where they are not known.
"""

import math
from collections.abc import Mapping

from minkang.identity.linkage.definition import ComparisonForm, Definition, LevelForm, sql_of
from minkang.identity.linkage.predicates import KINDS, Kind

_RULED = (("id", "equal"), ("cards", "shared"))
"""Levels with which a pair below the weight of a review may have a rule, or its guard."""


def frequency_columns(definition: Definition) -> tuple[str, ...]:
    """The columns whose values' frequencies count."""
    known = definition.written.frequencies
    used = {level.frequency for one in definition.written.comparisons for level in one.levels}
    return tuple(sorted(one for one in used if known.get(one)))


def weight_sql(definition: Definition, kinds: Mapping[str, Kind] = KINDS) -> str:
    """The weight of a pair (log2 of the odds), prior included."""
    terms = [
        _comparison(definition, comparison, kinds) for comparison in definition.written.comparisons
    ]
    return "\n + ".join([f"cast({definition.prior!r} as double)", *terms])


def ruled_sql(definition: Definition, kinds: Mapping[str, Kind] = KINDS) -> str:
    """Whether a pair has to be looked at whatever its weight: a number or a card is shared."""
    found = [
        sql_of(level, kinds)
        for comparison in definition.written.comparisons
        for level in comparison.levels
        if (comparison.name, level.name) in _RULED
    ]
    return " OR ".join(found) or "FALSE"


def _comparison(
    definition: Definition, comparison: ComparisonForm, kinds: Mapping[str, Kind]
) -> str:
    cases = "\n".join(
        f"  WHEN {sql_of(level, kinds)} THEN {_weight(definition, level)}"
        for level in comparison.levels
    )
    return f"CASE\n{cases}\nEND"


def _weight(definition: Definition, level: LevelForm) -> str:
    if level.null:
        return "0.0::double"
    plain = f"{math.log2(level.m / level.u)!r}::double"
    column = level.frequency
    if not column or not definition.written.frequencies.get(column):
        return plain
    one, other = f"tf_{column}_l", f"tf_{column}_r"
    value = f"greatest({one}, {other}, {level.least!r}::double)"
    return (
        f"CASE WHEN {one} IS NULL AND {other} IS NULL THEN {plain}"
        f" ELSE {math.log2(level.m)!r}::double - log2({value}) END"
    )
