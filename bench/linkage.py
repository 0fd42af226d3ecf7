"""Matching many registrations: the batch against plain Splink, and the score of one pair.

Both get the same features, comparisons and thresholds in the same run; what makes features of
registrations is timed by neither. Splink blocks by the same rules (lists exploded), weighs, and
clusters at the threshold of a link. Ours blocks by its keys, weighs, judges rules and guards, and
clusters with its checks.
"""

import gc
import logging
import resource
import time
from itertools import combinations, islice
from typing import Any, Final

from bench.measure import Place, Result, result
from minkang.app.linkage_trial import Trial, features_of_row, rows_of
from minkang.identity.candidates import MOST, MOST_WIDE
from minkang.identity.linkage.batch import Batch, Limits, plain_keys
from minkang.identity.linkage.definition import Definition, load_definition
from minkang.identity.linkage.features import Features, encode
from minkang.identity.linkage.judge import judged
from minkang.identity.linkage.score import score
from minkang.identity.linkage.splink_model import register_frequencies, splink_settings
from minkang.identity.linkage.table import columns_used, records_table, schema_of

_RECORDS, _LARGE = 50_000, 1_000_000
_FOR_EACH: Final = 2.4
"""Registrations of a person, fewer than there are: so many people are surely enough."""
_PORTION: Final = 50_000
_PAIRS: Final = 20_000
_GROWTH, _SCORE_US, _MEMORY_GB = 1.5, 15.0, 4.0


async def linkage(place: Place) -> list[Result]:
    """Batch of 50,000 registrations against Splink (at most 1.5 times its time), memory, and the
    processor time of one score against its mark.
    """
    return _measured(_RECORDS)


async def linkage_large(place: Place) -> list[Result]:
    """The same with 1,000,000 registrations."""
    return _measured(_LARGE)


def _measured(count: int) -> list[Result]:
    definition = load_definition()
    rows = islice(rows_of(Trial("development", int(count / _FOR_EACH) + 1, 12)), count)
    features = [features_of_row(row) for row in rows]
    bodies = [encode(one) for one in features]
    keys = [plain_keys(definition, one) for one in features]
    one = _score(definition, features)
    table = records_table(
        schema_of(Features, columns_used(definition)), range(len(features)), features
    )
    splink = _splink(definition, table)
    ours = _batch(definition, features, bodies, keys)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return [
        result("linkage_batch", ours, "s", splink, _GROWTH, at_most=True),
        result("linkage_memory", memory, "GB", _MEMORY_GB, 1.0, at_most=True),
        result("linkage_score", one, "µs", _SCORE_US, 1.0, at_most=True),
    ]


def _score(definition: Definition, features: list[Features]) -> float:
    """Microseconds of processor time for a pair: neighbours in the register, half of them one's."""
    pairs = [
        pair
        for at in range(0, min(len(features), _PAIRS), 4)
        for pair in combinations(features[at : at + 4], 2)
    ]
    begun = time.process_time()
    for a, b in pairs:
        score(definition, a, b)
    return (time.process_time() - begun) / len(pairs) * 1e6


def _batch(
    definition: Definition, features: list[Features], bodies: list[bytes], keys: list[list[int]]
) -> float:
    gc.collect()
    begun = time.perf_counter()
    with Batch(definition, Features, Limits(MOST, MOST_WIDE)) as batch:
        for first in range(0, len(features), _PORTION):
            part = slice(first, first + _PORTION)
            batch.add(
                range(first, first + len(features[part])), features[part], bodies[part], keys[part]
            )
        for portion in batch.portions():
            judged(definition, portion, str)
    return time.perf_counter() - begun


def _splink(definition: Definition, table: Any) -> float:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    gc.collect()
    begun = time.perf_counter()
    database = DuckDBAPI()
    linker = Linker(
        database.register(table),
        {
            **splink_settings(definition, ()),
            "blocking_rules_to_generate_predictions": _blocks(definition, table),
        },
        log_level=logging.ERROR,
        validate_settings=False,
    )
    register_frequencies(linker, database, definition)
    found = linker.inference.predict(threshold_match_weight=definition.written.review)
    linker.clustering.cluster_pairwise_predictions_at_threshold(
        found, threshold_match_weight=definition.written.link
    )
    return time.perf_counter() - begun


def _blocks(definition: Definition, table: Any) -> list[dict[str, Any]]:
    """The blocking rules of the definition as Splink's; it explodes lists as the keys do."""
    lists = {field.name for field in table.schema if str(field.type).startswith("list")}
    found = []
    for columns in definition.written.blocking.values():
        rule: dict[str, Any] = {
            "sql_dialect": "duckdb",
            "blocking_rule": " and ".join(
                f"l.{one} = r.{one}" + ("" if one in lists else f" and l.{one} <> ''")
                for one in columns
            ),
        }
        if exploded := [one for one in columns if one in lists]:
            rule["arrays_to_explode"] = exploded
        found.append(rule)
    return found
