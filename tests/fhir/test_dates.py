import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minkang.fhir import date_range


def test_a_year_covers_the_whole_year_of_the_region() -> None:
    span = date_range("1970")
    assert span.low == datetime(1969, 12, 31, 16, tzinfo=UTC)
    assert span.high == datetime(1970, 12, 31, 16, tzinfo=UTC)


def test_december_rolls_into_the_next_year() -> None:
    assert date_range("2024-12").high == date_range("2025-01").low


def test_an_instant_with_a_zone_is_that_instant() -> None:
    span = date_range("2024-05-01T08:30:00+08:00")
    assert span.low == datetime(2024, 5, 1, 0, 30, tzinfo=UTC)
    assert (span.high - span.low).total_seconds() == 1


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2023-02-29", "2024-13", "24", "2024-1-1", "2024-05-01T25:00", "x", ""),
        *("0000", "0001-01-01", "9999-12-31", "2024-05-01T08:00:00+99:60"),
        *("2024-05-01T08:00:00+14:30", "2024-05-01T08:00:00-24:00"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        date_range(text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_coarser_date_contains_the_finer_one(moment: datetime) -> None:
    texts = [moment.strftime(f) for f in ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")]
    spans = [date_range(text) for text in texts]
    for outer, inner in itertools.pairwise(spans):
        assert outer.low <= inner.low < inner.high <= outer.high
