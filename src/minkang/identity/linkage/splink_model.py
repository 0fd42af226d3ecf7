"""A definition as settings of Splink, and Splink's trained settings as a definition.

Splink is imported when it is needed: a platform that does not train goes without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from minkang.identity.linkage.definition import (
    ComparisonForm,
    Definition,
    LevelForm,
    sql_of,
)
from minkang.identity.linkage.predicates import KINDS, Kind
from minkang.identity.linkage.weights_sql import frequency_columns

_EVEN: Final = {"m_probability": 0.5, "u_probability": 0.5}

if TYPE_CHECKING:
    from splink import Linker


def splink_settings(
    definition: Definition, blocking: Iterable[str], kinds: Mapping[str, Kind] = KINDS
) -> dict[str, Any]:
    """The settings; `blocking` are SQL conditions over `l.` and `r.`.

    Levels keep their order and their m and u, fixed to none: whoever trains may change them.
    """
    known = frequency_columns(definition)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "probability_two_random_records_match": definition.written.prior,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": one, "sql_dialect": "duckdb"} for one in blocking
        ],
        "comparisons": [
            {
                "output_column_name": f"cmp_{one.name}",
                "comparison_levels": _levels(one, known, kinds),
            }
            for one in definition.written.comparisons
            if not all(level.null for level in one.levels)
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "additional_columns_to_retain": [],
    }


def _levels(
    comparison: ComparisonForm, known: Iterable[str], kinds: Mapping[str, Kind]
) -> list[dict[str, Any]]:
    found = [_level(level, known, kinds) for level in comparison.levels]
    if sum(not level.null for level in comparison.levels) == 1:
        # Splink wants two levels that are none of null; nothing ever gets as far as this one.
        found.append({"sql_condition": "ELSE", "label_for_charts": "none", **_EVEN})
    return found


def _level(level: LevelForm, known: Iterable[str], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sql_condition": "ELSE" if level.when == ("always",) else sql_of(level, kinds),
        "label_for_charts": level.name,
    }
    if level.null:
        # A null level needs a condition of its own also where nothing else is left.
        found["sql_condition"] = sql_of(level, kinds)
        return found | {"is_null_level": True}
    found |= {"m_probability": level.m, "u_probability": level.u}
    if level.frequency in known:
        found |= {
            "tf_adjustment_column": level.frequency,
            "tf_adjustment_weight": 1.0,
            "tf_minimum_u_value": level.least,
            "disable_tf_exact_match_detection": True,
        }
    return found


def register_frequencies(linker: Linker, database: Any, definition: Definition) -> None:
    """Hand Splink the frequencies of a definition instead of having them counted."""
    for column in frequency_columns(definition):
        known = definition.written.frequencies[column]
        table = pa.table({column: list(known), f"tf_{column}": list(known.values())})
        linker.table_management.register_term_frequency_lookup(database.register(table), column)


def trained_levels(
    written: Iterable[ComparisonForm], settings: Mapping[str, Any]
) -> tuple[ComparisonForm, ...]:
    """The comparisons with the m and u of Splink's saved settings; what it has not, stays."""
    trained = {one["output_column_name"]: one for one in settings["comparisons"]}
    return tuple(
        msgspec.structs.replace(
            one,
            levels=tuple(
                _trained(level, found)
                for level, found in zip(
                    one.levels, trained[f"cmp_{one.name}"]["comparison_levels"], strict=False
                )
            ),
        )
        if f"cmp_{one.name}" in trained
        else one
        for one in written
    )


def _trained(level: LevelForm, found: Mapping[str, Any]) -> LevelForm:
    if level.null:
        return level
    return msgspec.structs.replace(
        level,
        m=found.get("m_probability") or level.m,
        u=found.get("u_probability") or level.u,
    )
