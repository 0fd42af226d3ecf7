"""Rows of which little is filled: what a shipped mapping makes of them is valid, or refused."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.tables import encode_row, shipped_mappings
from minkang.exchange.merge import Contribution
from minkang.exchange.trial import whole
from minkang.fhir import Problem, Refused, Resource, encode
from minkang.fhir.invariants import invariants
from minkang.fhir.validate import validate
from tests.exchange.conftest import YUNXI

_EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = shipped_mappings()
Row = dict[str, str | None]


@cache
def rows_of(name: str) -> tuple[Row, ...]:
    folder = _EXAMPLES if name == "clinic_visits" else _EXAMPLES / "forms"
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        found = [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]
    return tuple(found[:3])


@cache
def context_of(name: str) -> Context:
    source = msgspec.structs.replace(YUNXI, table_mapping=name)
    return Context(source, b"k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"h" * 32)


def contributions(name: str, row: Row) -> list[Contribution]:
    return map_message(context_of(name), "table", encode_row(row))


_clean: set[bytes] = set()


def short(node: Any) -> Any:
    """The same with one reference in place of many: FHIR has the same against both."""
    if isinstance(node, dict):
        return {key: short(one) for key, one in node.items()}
    if isinstance(node, list):
        many = all(isinstance(one, dict) and one.keys() == {"reference"} for one in node)
        return [short(one) for one in (node[:1] if many else node)]
    return node


def faults(given: Resource) -> list[Problem]:
    """What FHIR has against a resource; the same one is held against it once."""
    resource = short(given) if given["resourceType"] == "Composition" else given
    told = encode(resource)
    if told in _clean:
        return []
    found = [*validate(resource), *invariants(resource)]
    if not found:
        _clean.add(told)
    return found


def told_wrong(name: str, row: Row) -> Iterator[str]:
    """Everything wrong with what a row makes; a refusal must name columns that are empty."""
    try:
        made = whole(contributions(name, row))
    except Refused as refusal:
        for problem in refusal.problems:
            column = problem.place.rpartition("列 ")[2]
            if problem.rule != "required" or row[column] is not None:
                yield f"{problem.place}: {problem.rule}: {problem.text}"
        return
    for resource in made:
        for problem in faults(resource):
            yield f"{problem.place}: {problem.rule}: {problem.text}"


@pytest.mark.parametrize("name", NAMES)
def test_a_row_without_one_of_its_columns_is_valid_or_names_it(name: str) -> None:
    whole_row, _, least = rows_of(name)
    for row in (whole_row, least):
        for column, value in row.items():
            # Of numbered columns the first stands for all: one rule makes them.
            if value is not None and re.sub(r"\d+", "1", column) not in row.keys() - {column}:
                assert [*told_wrong(name, {**row, column: None})] == [], column


@cache
def needed(name: str) -> frozenset[str]:
    """The columns that no row can do without."""
    with pytest.raises(Refused) as refusal:
        contributions(name, dict.fromkeys(rows_of(name)[0]))
    return frozenset(one.place.rpartition("列 ")[2] for one in refusal.value.problems)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@drawn(st.integers(0, 2), st.sampled_from((0.1, 0.3, 0.6, 0.9)), st.integers(0, 2**32))
def test_a_row_with_any_of_its_columns_is_valid_or_names_what_is_missing(
    name: str, number: int, share: float, seed: int
) -> None:
    row, chance = rows_of(name)[number], Random(seed)
    sparse = {
        column: value if column in needed(name) or chance.random() < share else None
        for column, value in row.items()
    }
    assert [*told_wrong(name, sparse)] == [], sorted(key for key, one in sparse.items() if one)
