"""Weights from data without labels: Splink's estimates, written as a definition.

u comes from pairs drawn at random, m from expectation maximisation within blocks (Fellegi and
Sunter 1969; Winkler 1988; Splink, moj-analytical-services). What the data cannot say stays as it is
written: levels too rare to be met by chance, and those that nothing fell into. Of names only
frequent ones are kept, with their frequencies: statistics, not people.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from minkang.identity.linkage.definition import (
    ComparisonForm,
    Definition,
    LevelForm,
    Written,
    make_definition,
)
from minkang.identity.linkage.predicates import KINDS, Kind
from minkang.identity.linkage.splink_model import (
    register_frequencies,
    splink_settings,
    trained_levels,
)
from minkang.identity.linkage.table import columns_used, records_table, schema_of

if TYPE_CHECKING:
    from splink import DuckDBAPI, Linker

_BEARERS: Final = 20
_FREQUENT: Final = 1e-4
_DRAWN: Final = 20
"""Pairs that must have been drawn in a level for its u to be believed."""
_TRUE: Final = 4.0
"""So many times the true pairs that chance draws with the others must be in a level."""
_SURE_SHARE: Final = 2e-4

PASSES: Final = (
    "l.id_number = r.id_number and l.id_number <> ''",
    "l.name = r.name and l.name <> '' and l.birth_date = r.birth_date and l.birth_date <> ''",
)
"""The blocks of the built-in definition: each trains the comparisons that it does not read."""


class Wish(msgspec.Struct, frozen=True):
    """How to train.

    Attributes:
        version: what the definition shall be called.
        passes: SQL conditions over `l.` and `r.`, one for each run of expectation maximisation.
        pairs: drawn at random for u; also the most pairs of a pass.
        seed: of the draw.
    """

    version: str
    passes: tuple[str, ...] = PASSES
    pairs: float = 5e6
    seed: int = 1


class Trained(msgspec.Struct, frozen=True):
    """A definition that was trained, and where each of its numbers is from.

    `origins` holds for `comparison/level` whether m and u are `trained` or `kept`; `decisions` is
    how many decisions of people moved the thresholds.
    """

    written: Written
    records: int
    origins: Mapping[str, tuple[str, str]]
    decisions: int = 0


def train(
    definition: Definition,
    records: Sequence[Any],
    wish: Wish,
    kinds: Mapping[str, Kind] = KINDS,
    everybody: Iterable[Any] | None = None,
) -> Trained:
    """Train a definition on records that have its columns; the prior and thresholds stay.

    `records` may be a sample, all registrations of some people; frequencies are then counted among
    `everybody`, which is read once.
    Splink and DuckDB work in memory; nothing of the records is written anywhere.
    """
    written = msgspec.structs.replace(
        definition.written,
        version=wish.version,
        frequencies={},
    )
    written = _with_frequencies(written, records if everybody is None else everybody)
    found = _estimated(make_definition(written, kinds), records, wish, kinds)
    share = _share_of_true_pairs(records)
    comparisons, origins = _kept_where_unsure(written, found, share, _DRAWN / wish.pairs)
    return Trained(msgspec.structs.replace(written, comparisons=comparisons), len(records), origins)


def _with_frequencies(written: Written, records: Iterable[Any]) -> Written:
    """The shares of frequent values, for each column that a level asks for, and u for the others.

    A value that few have says who they are; it is not kept. Two values that are not kept agree by
    chance as often as such values are frequent, each counted as often as it is met.
    """
    columns = {level.frequency for one in written.comparisons for level in one.levels} - {""}
    counts: dict[str, Counter[str]] = {column: Counter() for column in sorted(columns)}
    for record in records:
        for column, count in counts.items():
            if value := getattr(record, column):
                count[value] += 1
    kept = {column: _frequent(count) for column, count in counts.items()}
    rest = {column: _rest(count, kept[column]) for column, count in counts.items()}
    comparisons = tuple(
        msgspec.structs.replace(one, levels=tuple(_with_rest(level, rest) for level in one.levels))
        for one in written.comparisons
    )
    return msgspec.structs.replace(written, frequencies=kept, comparisons=comparisons)


def _frequent(count: Counter[str]) -> dict[str, float]:
    total = count.total()
    return {
        value: float(f"{times / total:.3g}")
        for value, times in sorted(count.items(), key=lambda one: (-one[1], one[0]))
        if times >= _BEARERS and times / total >= _FREQUENT
    }


def _rest(count: Counter[str], kept: Mapping[str, float]) -> float:
    rare = [times for value, times in count.items() if value not in kept]
    return sum(n * n for n in rare) / sum(rare) / count.total() if rare else 0.0


def _with_rest(level: LevelForm, rest: Mapping[str, float]) -> LevelForm:
    found = rest.get(level.frequency, 0.0)
    return msgspec.structs.replace(level, u=max(found, level.least)) if found else level


def _estimated(
    definition: Definition, records: Sequence[Any], wish: Wish, kinds: Mapping[str, Kind]
) -> tuple[ComparisonForm, ...]:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    schema = schema_of(type(records[0]), columns_used(definition, kinds))
    database = DuckDBAPI()
    table = database.register(records_table(schema, range(len(records)), records))
    settings = splink_settings(definition, wish.passes, kinds)
    for one in settings["comparisons"]:
        for level in one["comparison_levels"]:
            # The frequencies stand for u where there are some; only m is to be found there.
            level["fix_u_probability"] = "tf_adjustment_column" in level
    linker = Linker(table, settings, log_level=logging.ERROR, validate_settings=False)
    register_frequencies(linker, database, definition)
    _run(linker, database, wish)
    return trained_levels(
        definition.written.comparisons, linker.misc.save_model_to_json(out_path=None)
    )


def _run(linker: Linker, database: DuckDBAPI, wish: Wish) -> None:
    linker.training.estimate_u_using_random_sampling(max_pairs=wish.pairs, seed=wish.seed)
    for one in wish.passes:
        linker.training.estimate_parameters_using_expectation_maximisation(
            one, max_pairs=wish.pairs, estimate_without_term_frequencies=True
        )


def _share_of_true_pairs(records: Sequence[Any]) -> float:
    """The share of all pairs that the identity numbers say are one person's; 0 without numbers."""
    count = Counter(number for one in records if (number := getattr(one, "id_number", "")))
    pairs = sum(n * (n - 1) for n in count.values())
    everything = count.total() * (count.total() - 1)
    return pairs / everything if everything else 0.0


def _kept_where_unsure(
    written: Written, found: Sequence[ComparisonForm], true: float, least: float
) -> tuple[tuple[ComparisonForm, ...], dict[str, tuple[str, str]]]:
    """Take over what the data can say; the rest stays as it was written.

    `true` is the share of true pairs among those drawn for u; they are taken off.
    """
    comparisons, origins = [], {}
    for one, other in zip(written.comparisons, found, strict=True):
        levels = []
        for level, new in zip(one.levels, other.levels, strict=True):
            alone = sum(not each.null for each in one.levels) == 1
            m = level.m if alone or new.m < _SURE_SHARE else new.m
            believed = new.u >= max(least, _TRUE * true * m)
            u = new.u - true * m if believed and not alone and not level.frequency else level.u
            levels.append(_rounded(level, m, u))
            if not level.null:
                origins[f"{one.name}/{level.name}"] = (
                    "kept" if m == level.m else "trained",
                    "kept" if u == level.u else "trained",
                )
        comparisons.append(msgspec.structs.replace(one, levels=tuple(levels)))
    return tuple(comparisons), origins


def _rounded(level: LevelForm, m: float, u: float) -> LevelForm:
    if level.null:
        return level
    return msgspec.structs.replace(level, m=float(f"{m:.4g}"), u=float(f"{u:.4g}"))
