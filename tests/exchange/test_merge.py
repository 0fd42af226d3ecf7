"""Messages end in one state, in whatever order and how often they come."""

import hashlib
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.merge import (
    Contribution,
    Orders,
    is_withdrawn,
    merge,
    order_at,
    pack_orders,
    unpack_orders,
)
from minkang.fhir import Resource

_ELEMENTS = ("name", "gender", "address", "telecom")
_SYSTEMS = ("urn:a", "urn:b")
_START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def contributions(draw: st.DrawFn) -> Contribution:
    given_elements = draw(st.dictionaries(st.sampled_from(_ELEMENTS), st.text(max_size=3)))
    erased = draw(st.frozensets(st.sampled_from((*_ELEMENTS, "identifier", "identifier|urn:b"))))
    numbers = draw(st.dictionaries(st.sampled_from(_SYSTEMS), st.sampled_from("12")))
    if "identifier|urn:b" in erased:
        numbers.pop("urn:b", None)
    identifiers = [{"system": one, "value": numbers[one]} for one in sorted(numbers)]
    given_identifiers = {"identifier": identifiers} if identifiers else {}
    at = _START + timedelta(hours=draw(st.integers(0, 4)))
    withdrawn = draw(st.integers(0, 3)) == 0
    tie = repr((sorted(given_elements.items()), identifiers, sorted(erased), withdrawn)).encode()
    return Contribution(
        {"resourceType": "Patient", "id": "p", **given_elements, **given_identifiers},
        order_at(at, hashlib.sha256(tie).digest()),
        erased,
        withdrawn=withdrawn,
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


@settings(max_examples=60, deadline=None)
@given(st.lists(contributions(), min_size=1, max_size=6))
def test_what_was_said_before_a_withdrawal_is_gone(several: list[Contribution]) -> None:
    resource, orders = result(several)
    latest = max((one.order for one in several if one.withdrawn), default=None)
    after = [one for one in several if not one.withdrawn and (latest is None or one.order > latest)]
    said = [one for one in after if one.erased or len(one.resource) > 2]
    assert is_withdrawn(orders) == (latest is not None and not said)
    alone = result(after)[0] if after else {"resourceType": "Patient", "id": "p"}
    assert resource == alone


def test_a_later_contribution_brings_back_and_an_earlier_one_does_not() -> None:
    base = {"resourceType": "Patient", "id": "p"}
    first = Contribution({**base, "name": "x"}, order_at(_START, b"1" * 8))
    middle = order_at(_START + timedelta(days=1), b"2" * 8)
    withdrawal = Contribution(base, middle, withdrawn=True)
    last = order_at(_START + timedelta(days=2), b"3" * 8)
    again = Contribution({**base, "gender": "male"}, last)
    assert is_withdrawn(result([withdrawal, first])[1])
    assert result([withdrawal, first])[0] == base
    assert result([again, withdrawal, first])[0] == {**base, "gender": "male"}


def test_a_withdrawal_takes_the_earlier_end_of_a_period() -> None:
    base = {"resourceType": "Encounter", "id": "e"}

    def part(day: int, **ends: str) -> Contribution:
        order = order_at(_START + timedelta(days=day), bytes([day]) * 8)
        return Contribution({**base, "period": ends}, order, partial=frozenset(["period"]))

    middle = order_at(_START + timedelta(days=2), b"2" * 8)
    several = [part(1, start="2026-01-01"), part(3, end="2026-01-03")]
    withdrawal = Contribution(base, middle, withdrawn=True)
    for order in ([*several, withdrawal], [withdrawal, *several], [*several[::-1], withdrawal]):
        assert result(order)[0] == {**base, "period": {"end": "2026-01-03"}}


def test_identifiers_stand_each_by_their_system() -> None:
    base = {"resourceType": "Patient", "id": "p"}

    def said(day: int, *numbers: str, whole: bool = False) -> Contribution:
        identifiers = [{"system": one[0], "value": one} for one in numbers]
        order = order_at(_START + timedelta(days=day), bytes([day]) * 8)
        erased = frozenset({"identifier"} if whole else set())
        return Contribution({**base, "identifier": identifiers}, order, erased)

    def values(*several: Contribution) -> list[str]:
        resource, _ = result(list(several))
        assert resource is not None
        return [one["value"] for one in resource.get("identifier", [])]

    card, other, corrected = said(1, "a1", "b1"), said(2, "c1"), said(3, "a2")
    assert values(card, other, corrected) == values(corrected, other, card) == ["b1", "c1", "a2"]
    row = said(4, "b2", whole=True)
    assert values(card, other, corrected, row) == values(row, card, corrected, other) == ["b2"]
