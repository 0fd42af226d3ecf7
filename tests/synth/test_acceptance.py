"""A whole region's files at the receiver's door: taken in but for what was to be refused."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from minkang.app.synth import Wish, make
from tests.synth.arriving import Fates, arrived, expected, key_of

_TODAY = date(2026, 11, 1)


def _fates(out: Path) -> Fates:
    """What the door makes of everything in the files of a region."""
    found: Fates = {}
    for one in arrived(out):
        assert one.seen is not None, one.problem
        arrival = one.seen.arrival
        rules = ",".join(sorted({problem.rule for problem in arrival.problems})) or "ok"
        found.setdefault(key_of(arrival, one.file), set()).add(rules)
    return found


@pytest.fixture(autouse=True)
def no_surprise(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No mapping fails in a way of its own: the door would take the message and only log it."""
    yield
    assert not caplog.records


def test_dirt_is_refused_for_its_recorded_rule_and_nothing_else(tmp_path: Path) -> None:
    made = make(Wish(30, tmp_path, _TODAY, years=2, dirt="all", base=False))
    fates = _fates(tmp_path)
    assert fates == expected(tmp_path)
    assert sum(number for rule, number in made.expected.items() if rule != "ok") > 0
    assert Counter(source for source, _, _ in fates).keys() > {"haibin", "gangcheng", "jiceng"}


def test_without_dirt_nothing_is_refused(tmp_path: Path) -> None:
    made = make(Wish(10, tmp_path, _TODAY, years=1, dirt="none", base=False))
    assert (made.stains, list(made.expected)) == ({}, ["ok"])
    fates = _fates(tmp_path)
    assert fates == expected(tmp_path)
    assert fates
