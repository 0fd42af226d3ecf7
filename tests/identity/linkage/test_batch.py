"""Many records at once: the same weights in Python, in DuckDB and in Splink; the same edges."""

from itertools import combinations
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pytest

from minkang.identity.linkage.batch import Batch, Limits, edges_of, plain_keys
from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.cluster import cluster
from minkang.identity.linkage.definition import Definition, load_definition, make_definition
from minkang.identity.linkage.evaluate import evaluated
from minkang.identity.linkage.features import Features, encode
from minkang.identity.linkage.groups import groups
from minkang.identity.linkage.score import score
from minkang.identity.linkage.splink_model import register_frequencies, splink_settings
from minkang.identity.linkage.table import columns_used, records_table, schema_of
from minkang.identity.linkage.weights_sql import frequency_columns, levels_sql, weight_sql
from tests.identity.linkage.registers import some_features, some_rows

_BLOCK = "l.birth_year = r.birth_year and l.alike_surname = r.alike_surname"


@pytest.fixture(scope="module")
def definition() -> Definition:
    """The built-in one, with frequencies of some of the names that are there."""
    names = [one.name for one in some_features() if one.name][::7]
    sounds = [one.sound for one in some_features() if one.sound][::5]
    known = {
        "name": {one: 1e-4 * (1 + at % 9) for at, one in enumerate(sorted(set(names)))},
        "sound": {one: 1e-4 * (1 + at % 7) for at, one in enumerate(sorted(set(sounds)))},
    }
    return make_definition(msgspec.structs.replace(load_definition().written, frequencies=known))


@pytest.fixture(scope="module")
def table(definition: Definition) -> Any:
    schema = schema_of(Features, columns_used(definition))
    return records_table(schema, range(len(some_features())), some_features())


def pairs_of(block: str, table: Any) -> list[tuple[int, int]]:
    connection = duckdb.connect()
    connection.register("record", table)
    return connection.sql(
        f"select l.node, r.node from record l join record r on l.node < r.node and {block}"
    ).fetchall()


def test_duckdb_and_python_weigh_alike(definition: Definition, table: Any) -> None:
    connection = duckdb.connect()
    connection.register("record", table)
    columns = [f"l.{one} as {one}_l, r.{one} as {one}_r" for one in columns_used(definition)]
    joins = ""
    for column in frequency_columns(definition):
        known = definition.written.frequencies[column]
        connection.register(f"f_{column}", pa.table({"v": list(known), "s": list(known.values())}))
        for side in "lr":
            columns.append(f"{side}_{column}.s as tf_{column}_{side}")
            joins += f" left join f_{column} {side}_{column} on {side}_{column}.v = {side}.{column}"
    rows = connection.sql(
        f"""select a, b, {weight_sql(definition)} from (select *, {levels_sql(definition)} from (
            select l.node as a, r.node as b, {", ".join(columns)}
            from record l join record r on l.node < r.node and {_BLOCK} {joins}))"""
    ).fetchall()
    assert len(rows) > 500
    for a, b, weight in rows:
        scored = score(definition, some_features()[a], some_features()[b])
        assert weight == pytest.approx(scored.weight, abs=1e-6)


@pytest.mark.filterwarnings("ignore")  # of Splink and what it stands on
def test_splink_and_python_weigh_alike(definition: Definition, table: Any) -> None:
    from splink import DuckDBAPI, Linker

    database = DuckDBAPI()
    linker = Linker(
        database.register(table),
        splink_settings(definition, [_BLOCK]),
        log_level=40,
        validate_settings=False,
    )
    register_frequencies(linker, database, definition)
    found = linker.inference.predict().as_duckdbpyrelation()
    rows = found.project("node_l, node_r, match_weight").fetchall()
    assert len(rows) == len(pairs_of(_BLOCK, table))
    for a, b, weight in rows:
        scored = score(definition, some_features()[a], some_features()[b])
        assert weight == pytest.approx(scored.weight, abs=1e-6)


def test_a_batch_finds_the_edges_that_every_pair_by_itself_gives(definition: Definition) -> None:
    records = some_features()[:400]
    keys = [set(blocking_keys(one, definition)) for one in records]
    wanted = {}
    for a, b in combinations(range(len(records)), 2):
        if keys[a] & keys[b]:
            scored = score(definition, records[a], records[b])
            if scored.outcome != "separate":
                wanted[a, b] = (pytest.approx(scored.weight), scored.outcome, scored.rule)
    assert judged(definition, records, Limits(most=10_000, most_wide=10_000)) == wanted


def test_a_batch_does_not_hang_on_the_order_of_records(definition: Definition) -> None:
    records = some_features()[:400]
    turned = tuple(reversed(records))
    last = len(records) - 1
    there = judged(definition, records, Limits())
    back = judged(definition, turned, Limits())
    assert {(last - b, last - a) for a, b in back} == there.keys()


def test_a_key_of_too_many_is_passed_over(definition: Definition) -> None:
    one = some_features()[0]
    many = [msgspec.structs.replace(one, source=f"s{at}") for at in range(6)]
    assert len(judged(definition, many, Limits(most=6, most_wide=6))) == 15
    assert judged(definition, many, Limits(most=5, most_wide=5)) == {}
    assert len(judged(definition, many, Limits(most=5, most_wide=6))) == 15


def test_most_registrations_of_a_person_come_together(definition: Definition) -> None:
    rows = some_rows()
    with filled(definition, some_features(), Limits()) as batch:
        found = groups(definition, batch, batch.pairs(), lambda node: rows[node].id)
    named = [frozenset(rows[node].id for node in members) for members in found.members()]
    measured = evaluated({row.id: row.truth for row in rows}, named)
    assert measured.wrong == 0
    assert measured.recall > 0.97


def test_groups_that_nobody_looks_at_are_those_of_all_checks(definition: Definition) -> None:
    """Every registration has a double that contradicts it somehow; chains and twins with it."""
    records = [*some_features()[:600], *map(contradicted, some_features()[:600], range(600))]
    with filled(definition, records, Limits()) as batch:
        pairs = batch.pairs()
        found = groups(definition, batch, pairs, str)
    nodes = {str(node): record for node, record in enumerate(records)}
    whole = cluster(nodes, edges_of(pairs, str), margin=definition.written.margin)
    several = {frozenset(one) for one in whole.groups if len(one) > 1}
    members = [frozenset(map(str, one)) for one in found.members()]
    assert {one for one in members if len(one) > 1} == several
    assert found.held_back == whole.held_back
    assert len(several) > 200
    assert {one.cause for one in found.held_back} >= {"different-numbers", "twins", "ambiguous"}


def contradicted(one: Features, at: int) -> Features:
    """A registration with one thing of another person's."""
    other = some_features()[(at * 7 + 1) % 600]
    changes: tuple[dict[str, Any], ...] = (
        {"id_number": other.id_number, "id_raw": other.id_raw},
        {"birth_order": 1, "twin": True, "id_number": "", "id_raw": ""},
        {"birth_order": 2, "twin": True, "id_number": "", "id_raw": ""},
        {"sex": {"male": "female"}.get(one.sex, "male"), "id_number": "", "id_raw": ""},
        {"birth_day": other.birth_day, "birth_parts": other.birth_parts, "id_number": "",
         "birth_date": other.birth_date, "birth_year": other.birth_year, "id_raw": ""},
        {"given": other.given, "name": one.surname + other.given},
        {},
    )  # fmt: skip
    return msgspec.structs.replace(one, **changes[at % len(changes)])


def filled(definition: Definition, records: Any, limits: Limits) -> Batch:
    batch = Batch(definition, Features, limits)
    half = len(records) // 2
    for first, last in ((0, half), (half, len(records))):
        part = records[first:last]
        batch.add(
            range(first, last), part, [plain_keys(definition, one) for one in part],
            [encode(one) for one in part],
        )  # fmt: skip
    return batch


def judged(definition: Definition, records: Any, limits: Limits) -> dict[Any, Any]:
    """Weight, outcome and rule by pair of nodes."""
    with filled(definition, records, limits) as batch:
        rows = batch.pairs().to_pylist()
    return {(row["a"], row["b"]): (row["weight"], row["outcome"], row["rule"]) for row in rows}
