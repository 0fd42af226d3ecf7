"""Whatever is sent: refused with place and rule, never a 5xx, and the server lives on."""

import random
from collections.abc import Iterable

import httpx
import pytest

from minkang.fhir import TYPE_CODES
from tests.fuzz.asked import Asked, fault, send
from tests.fuzz.bodies import bodies
from tests.fuzz.catalogue import catalogue
from tests.fuzz.misses import MISSES, Miss
from tests.fuzz.searches import INJECTIONS, injections, searches

SEED = 20261122
SEEDS = range(12)
"""Of the long run."""


def faults(client: httpx.Client, every: Iterable[Asked]) -> list[str]:
    return [found for asked in every if (found := fault(client, asked)) is not None]


def test_the_catalogue_is_refused_with_place_and_rule(fuzzed: httpx.Client) -> None:
    assert faults(fuzzed, catalogue()) == []


@pytest.mark.parametrize("miss", MISSES, ids=lambda one: one.asked.name[:70])
def test_what_was_once_answered_wrongly(fuzzed: httpx.Client, miss: Miss) -> None:
    assert fault(fuzzed, miss.asked) is None, miss.reason


def test_damaged_resources_never_harm_the_server(fuzzed: httpx.Client) -> None:
    assert faults(fuzzed, bodies(SEED, 300)) == []


def test_random_searches_never_harm_the_server(fuzzed: httpx.Client) -> None:
    assert faults(fuzzed, searches(SEED, 300)) == []


def test_sql_in_a_parameter_is_a_value(fuzzed: httpx.Client) -> None:
    kinds = ["Patient", "Observation", *random.Random(SEED).sample(sorted(TYPE_CODES), 4)]
    assert faults(fuzzed, injections(kinds)) == []
    for value in INJECTIONS:
        for name in ("name", "name:contains", "identifier", "_id", "family:exact"):
            asked = Asked(name=name, target=str(httpx.URL("Patient", params={name: value})))
            answer = send(fuzzed, asked)
            assert answer is not None
            assert answer.status_code == 400 or not answer.json().get("entry"), asked


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_many_damaged_resources(fuzzed: httpx.Client, seed: int) -> None:
    assert faults(fuzzed, bodies(seed, 3_000)) == []


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
def test_many_random_searches(fuzzed: httpx.Client, seed: int) -> None:
    assert faults(fuzzed, searches(seed, 3_000)) == []


@pytest.mark.prove
def test_sql_in_every_parameter_of_every_type(fuzzed: httpx.Client) -> None:
    assert faults(fuzzed, injections(sorted(TYPE_CODES))) == []
