"""Messages end in one state, in whatever order and how often they come."""

import hashlib
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from minkang.exchange.merge import (
    Contribution,
    Orders,
    merge,
    order_at,
    pack_orders,
    unpack_orders,
)
from minkang.fhir import Resource

_ELEMENTS = ("name", "gender", "address", "telecom")
_START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def contributions(draw: st.DrawFn) -> Contribution:
    given_elements = draw(st.dictionaries(st.sampled_from(_ELEMENTS), st.text(max_size=3)))
    erased = draw(st.frozensets(st.sampled_from(_ELEMENTS)))
    at = _START + timedelta(hours=draw(st.integers(0, 4)))
    tie = repr((sorted(given_elements.items()), sorted(erased))).encode()
    return Contribution(
        {"resourceType": "Patient", "id": "p", **given_elements},
        order_at(at, hashlib.sha256(tie).digest()),
        erased,
    )


def result(several: list[Contribution]) -> tuple[Resource | None, Orders]:
    resource: Resource | None = None
    orders: Orders = {}
    for one in several:
        # The note is what survives between two messages.
        resource, orders = merge(resource, unpack_orders(pack_orders(orders)), one)
    return resource, orders


@given(st.lists(contributions(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(several: list[Contribution], random: Random) -> None:
    shuffled = [*several, *several[:2]]
    random.shuffle(shuffled)
    assert result(shuffled) == result(several)


def test_an_absent_element_never_erases_and_an_explicit_null_does() -> None:
    base = {"resourceType": "Patient", "id": "p"}
    first = Contribution({**base, "gender": "male", "name": "x"}, order_at(_START, b"1" * 8))
    later = _START + timedelta(days=1)
    second = Contribution({**base, "name": "y"}, order_at(later, b"2" * 8), frozenset(["gender"]))
    silent = Contribution({**base, "name": "y"}, order_at(later, b"2" * 8))
    assert result([second, first])[0] == {**base, "name": "y"}
    assert result([silent, first])[0] == {**base, "gender": "male", "name": "y"}
