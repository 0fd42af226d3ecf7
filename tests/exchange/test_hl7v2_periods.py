"""The two ends of a period, each said by messages of its own, in any order."""

import hashlib
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from minkang.exchange.merge import Contribution, merge, order_at
from tests.exchange.test_merge import result

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def contributions(draw: st.DrawFn) -> Contribution:
    """A whole period, one end of it, or a word that there is none."""
    said = draw(st.dictionaries(st.sampled_from(["start", "end"]), st.sampled_from("abc")))
    erased = draw(st.frozensets(st.sampled_from(["period", "period.start", "period.end"])))
    partial = frozenset(["period"]) if draw(st.booleans()) else frozenset[str]()
    # What is given is not erased by the same message.
    erased -= {"period", *(f"period.{end}" for end in said)} if said else frozenset()
    if said and not partial:
        erased = frozenset()
    at = _BEGIN + timedelta(hours=draw(st.integers(0, 4)))
    tie = hashlib.sha256(repr((sorted(said.items()), sorted(erased), partial)).encode()).digest()
    given_ = {"period": said} if said else {}
    base = {"resourceType": "Encounter", "id": "e"}
    return Contribution({**base, **given_}, order_at(at, tie), erased, partial)


@given(st.lists(contributions(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(several: list[Contribution], random: Random) -> None:
    shuffled = [*several, *several[:2]]
    random.shuffle(shuffled)
    assert result(shuffled) == result(several)


def test_a_whole_period_takes_the_other_end_away_and_a_part_does_not() -> None:
    base = {"resourceType": "Encounter", "id": "e"}

    def said(hour: int, partial: frozenset[str], **period: str) -> Contribution:
        order = order_at(_BEGIN + timedelta(hours=hour), bytes(8))
        return Contribution({**base, "period": period}, order, frozenset(), partial)

    whole = said(0, frozenset(), start="a", end="b")
    part, other = said(1, frozenset(["period"]), end="c"), said(2, frozenset(), start="d")
    assert result([part, whole])[0] == {**base, "period": {"start": "a", "end": "c"}}
    assert result([whole, other, part])[0] == {**base, "period": {"start": "d"}}


def test_what_was_stored_before_ends_were_kept_apart_goes_on() -> None:
    base = {"resourceType": "Encounter", "id": "e"}
    stored = {**base, "period": {"start": "a"}}
    orders = {"period": order_at(_BEGIN, bytes(8))}
    later = order_at(_BEGIN + timedelta(hours=1), bytes(8))
    end = Contribution({**base, "period": {"end": "b"}}, later, frozenset(), frozenset(["period"]))
    resource, after = merge(stored, orders, end)
    assert resource["period"] == {"start": "a", "end": "b"}
    assert after == {"period.start": orders["period"], "period.end": later}
