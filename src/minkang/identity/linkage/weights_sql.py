"""What a pair is worth, as SQL of DuckDB: the same numbers as `score.score`, for many pairs.

Levels are told from the columns of `table` with the suffixes `_l` and `_r`; weights from the levels
and from `tf_COLUMN_l` and `tf_COLUMN_r`, the frequencies of values, null where they are not known.
"""

from collections.abc import Collection, Mapping
from typing import Final

from minkang.identity.linkage.definition import (
    LEAST_SHARE,
    ComparisonForm,
    Definition,
    LevelForm,
    sql_of,
    weight_of,
)
from minkang.identity.linkage.predicates import KINDS, Kind

RULED: Final = "level_id IN ('equal', 'shared') OR level_cards IN ('equal', 'shared')"
"""Whether a pair has to be looked at whatever its weight: a number or a card is shared."""


def frequency_columns(definition: Definition) -> tuple[str, ...]:
    """The columns whose values' frequencies count."""
    known = definition.written.frequencies
    used = {level.frequency for one in definition.written.comparisons for level in one.levels}
    return tuple(sorted(one for one in used if known.get(one)))


def levels_sql(
    definition: Definition, compared: Collection[str] = (), kinds: Mapping[str, Kind] = KINDS
) -> str:
    """The level of each comparison, as columns `level_COMPARISON`; '' for one of `compared` that
    the definition lacks.
    """
    columns = [f"'' AS level_{one}" for one in sorted(set(compared) - _names(definition))]
    for comparison in definition.written.comparisons:
        cases = "".join(
            f"\n  WHEN {sql_of(level, kinds)} THEN '{level.name}'" for level in comparison.levels
        )
        columns.append(f"CASE{cases}\nEND AS level_{comparison.name}")
    return ",\n".join(columns)


def weight_sql(definition: Definition) -> str:
    """The weight of a pair (log2 of the odds), prior included, from its levels."""
    terms = [_comparison(definition, one) for one in definition.written.comparisons]
    return "\n + ".join([f"cast({definition.prior!r} as double)", *terms])


def _names(definition: Definition) -> set[str]:
    return {one.name for one in definition.written.comparisons}


def _comparison(definition: Definition, comparison: ComparisonForm) -> str:
    cases = "\n".join(
        f"  WHEN '{level.name}' THEN {_weight(definition, level)}" for level in comparison.levels
    )
    return f"CASE level_{comparison.name}\n{cases}\nEND"


def _weight(definition: Definition, level: LevelForm) -> str:
    if level.null:
        return "0.0::double"
    plain = f"{weight_of(level.m, level.u)!r}::double"
    column = level.frequency
    if not column or not definition.written.frequencies.get(column):
        return plain
    one, other = f"tf_{column}_l", f"tf_{column}_r"
    share = f"greatest({one}, {other}, {max(level.least, LEAST_SHARE)!r}::double)"
    return (
        f"CASE WHEN {one} IS NULL AND {other} IS NULL THEN {plain}"
        f" ELSE log2({max(level.m, LEAST_SHARE)!r}::double / {share}) END"
    )
