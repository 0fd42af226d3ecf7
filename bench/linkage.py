"""Matching many registrations: the batch against plain Splink, and the score of one pair.

Both get the same columns of the same registrations, comparisons and thresholds in one run, and all
processors. Splink blocks by the same rules (lists exploded), weighs, and clusters at the threshold
of a link. Ours blocks by the keys that are kept, weighs, judges rules and guards, and clusters with
its checks. What makes columns of registrations is timed by neither; how long ours take with it is
a figure of its own. Each has a process of its own, so that its memory can be told, and takes the
registrations by portions.
"""

import gc
import importlib
import logging
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations, islice
from typing import Any, Final

import msgspec
import pyarrow as pa

from bench.measure import Place, Result, peak_memory, result
from minkang.app.linkage_trial import Trial, features_of_row, rows_of
from minkang.identity.candidates import MOST, MOST_WIDE
from minkang.identity.linkage.batch import Batch, Limits, plain_keys
from minkang.identity.linkage.definition import Definition, load_definition
from minkang.identity.linkage.features import Features, encode
from minkang.identity.linkage.groups import groups
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


class _Run(msgspec.Struct, frozen=True):
    """Seconds that one of them took, those of making columns before, and the most memory in GB."""

    seconds: float
    columns: float
    memory: float


def _measured(count: int) -> list[Result]:
    definition = load_definition()
    one = _score(definition, next(_portions(2 * _PAIRS)))
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as worker:
        splink = worker.submit(_splink, count).result()
        ours = worker.submit(_batch, count).result()
    return [
        result("linkage_batch", ours.seconds, "s", splink.seconds, _GROWTH, at_most=True),
        result(
            "linkage_with_columns",
            ours.columns + ours.seconds,
            "s",
            splink.seconds,
            _GROWTH,
            at_most=True,
        ),
        result("linkage_memory", ours.memory, "GB", _MEMORY_GB, 1.0, at_most=True),
        result("linkage_score", one, "µs", _SCORE_US, 1.0, at_most=True),
    ]


def _portions(count: int) -> Iterator[list[Features]]:
    """So many registrations as they are compared."""
    rows = islice(rows_of(Trial("development", int(count / _FOR_EACH) + 1, 12)), count)
    while portion := [features_of_row(row) for row in islice(rows, _PORTION)]:
        yield portion


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


def _batch(count: int) -> _Run:
    # PyArrow imports it with the first array of NumPy; Splink has imported it before it is timed.
    importlib.import_module("pandas")
    definition = load_definition()
    first, columns, seconds = 0, 0.0, 0.0
    with Batch(definition, Features, Limits(MOST, MOST_WIDE)) as batch:
        for features in _portions(count):
            bodies = [encode(one) for one in features]
            keys = [plain_keys(definition, one) for one in features]
            gc.collect()
            begun = time.perf_counter()
            rows = records_table(batch.schema, range(first, first + len(features)), features)
            ready = time.perf_counter()
            batch.add_columns(rows, keys, bodies)
            columns += ready - begun
            seconds += time.perf_counter() - ready
            first += len(features)
        begun = time.perf_counter()
        groups(definition, batch, batch.pairs(), str)
        seconds += time.perf_counter() - begun
    return _Run(seconds, columns, peak_memory(os.getpid()) / 1024)


def _splink(count: int) -> _Run:
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    definition = load_definition()
    schema = schema_of(Features, columns_used(definition))
    parts: list[pa.Table] = []
    first = 0
    for features in _portions(count):
        parts.append(records_table(schema, range(first, first + len(features)), features))
        first += len(features)
    table = pa.concat_tables(parts)
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
    return _Run(time.perf_counter() - begun, 0.0, peak_memory(os.getpid()) / 1024)


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
