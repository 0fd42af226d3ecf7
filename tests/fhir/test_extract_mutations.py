"""Whatever validation accepts can be extracted, however odd."""

import copy
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import decode
from minkang.fhir.extract import extract
from minkang.fhir.validate import validate
from tests.fhir.validated_examples import official_examples

_EXTENDED = {"extension": [{"url": "http://example.org", "valueString": "unknown"}]}
_VALUES: tuple[Any, ...] = ("x", "9999-12-31T23:59:59Z", {"id": "a"}, 10**30, {}, [])


@cache
def small_examples() -> tuple[Any, ...]:
    bodies = [body for body in official_examples().values() if len(body) < 8_000]
    return tuple(decode(body) for body in bodies[::7] if b"resourceType" in body)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


def mutate(resource: Any, random: Random) -> None:
    """Change one place: leave it out, let it be extended only, or put something else there."""
    container, key = random.choice(list(places(resource)))
    match random.randrange(4):
        case 0:
            del container[key]
        case 1 if isinstance(container, dict):
            extension = copy.deepcopy(_EXTENDED)
            if isinstance(container[key], list):
                container[key], container[f"_{key}"] = [None], [extension]
            else:
                del container[key]
                container[f"_{key}"] = extension
        case _:
            container[key] = copy.deepcopy(random.choice(_VALUES))


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_valid_can_be_extracted(random: Random) -> None:
    for _ in range(10):
        resource = copy.deepcopy(random.choice(small_examples()))
        for _ in range(random.randrange(1, 4)):
            mutate(resource, random)
        if not validate(resource):
            extract(resource)
