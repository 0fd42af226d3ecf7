"""A source's limit of messages a minute."""

import pytest

from minkang.exchange.pace import Pace
from minkang.exchange.sources import Source


def source(limit: int | None) -> Source:
    return Source(id="a", name="a", organisation="A", channels=("mllp",), messages_per_minute=limit)


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_at_once_then_the_rest_at_its_pace() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.take(source(60)) for _ in range(60)] == [0.0] * 60
    assert [pace.take(source(60)) for _ in range(3)] == [1.0, 2.0, 3.0]
    clock.now += 3
    assert pace.take(source(60)) == pytest.approx(1.0)
    clock.now += 1_000
    assert [pace.take(source(60)) for _ in range(61)][-2:] == [0.0, 1.0]


def test_whoever_is_refused_has_taken_nothing() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert [pace.refuse(source(2)) for _ in range(4)] == [0.0, 0.0, 30.0, 30.0]
    clock.now += 30
    assert [pace.refuse(source(2)) for _ in range(2)] == [0.0, 30.0]


def test_no_limit_is_no_limit_and_a_new_one_counts_at_once() -> None:
    pace = Pace(Clock())
    assert not any(pace.take(source(None)) for _ in range(1_000))
    assert [pace.take(source(1)) for _ in range(2)] == [0.0, 60.0]
    assert pace.take(source(2)) == 0.0
