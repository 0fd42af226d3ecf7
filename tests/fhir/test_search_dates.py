from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import date_range
from minkang.fhir.search_dates import EARLIEST, LATEST, approximate, span, text_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(3, 1, 1), max_value=datetime(9998, 12, 30))  # noqa: DTZ001
ZONES = st.sampled_from(["Z", "+08:00", "-05:30", "+14:00", ""])


@st.composite
def texts(draw: st.DrawFn) -> str:
    moment = draw(MOMENTS)
    day = f"{moment.year:04}-{moment:%m-%d}"
    time = f"T{moment:%H:%M}{draw(ZONES)}"
    seconds = f"T{moment:%H:%M:%S}{draw(ZONES)}"
    fraction = f"{moment.microsecond:06}"[: draw(st.integers(1, 6))]
    exact = f"T{moment:%H:%M:%S}.{fraction}{draw(ZONES)}"
    return draw(st.sampled_from([day[:4], day[:7], day, day + time, day + seconds, day + exact]))


@settings(deadline=None)
@given(texts())
def test_a_span_is_the_range_of_the_date_in_microseconds(text: str) -> None:
    low, high = span(text)
    expected = date_range(text)
    assert EPOCH + timedelta(microseconds=low) == expected.low
    assert EPOCH + timedelta(microseconds=high) == expected.high


@settings(deadline=None)
@given(texts())
def test_a_span_is_written_as_a_date_that_covers_it(text: str) -> None:
    assert span(text_of(*span(text))) == span(text)


def test_the_shortest_date_is_written() -> None:
    assert text_of(*span("2024-02")) == "2024-02"
    assert text_of(*span("2024-02-29T08:00:00+08:00")) == "2024-02-29T00:00:00Z"


@pytest.mark.parametrize("text", ["9999", "9999-12-31", "9999-12-31T23:59:59+08:00"])
def test_the_last_year_has_no_end(text: str) -> None:
    assert span(text)[1] == LATEST
    assert span(text_of(*span(text))) == span(text)


def test_the_first_year_has_no_beginning() -> None:
    assert span("0001-01-01")[0] == EARLIEST


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-30", "2024-13", "x", "", "24", "9999-02-30", "2024-05-01T25:00:00Z"),
        *("2024-05-01X08:30:00Z", "2024-05-01T08:30:00+99:00", "20240501T0830001234Z"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        span(text)


def test_a_span_that_no_date_covers_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no date covers"):
        text_of(0, 7)


def test_approximately_adds_a_tenth_of_the_time_since() -> None:
    assert approximate(0, 100, 1_100) == (-100, 200)
    assert approximate(0, 100, 50) == (0, 100)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-05-01T24:00:00Z", "2024-05-01T08:30:00+14:30", "2024-05-01T08:30:00+15:00"),
        *("2023-02-29T08:30:00Z", "2024-05-01T08:30:60Z", "2024-05-01 08:30:00Z"),
        "2024-05-0\u0661T08:30:00Z",
    ],
)
def test_no_time_of_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|day is out"):
        span(text)


@pytest.mark.parametrize("zone", ["Z", "+08:00", "-13:59", "+14:00", "-14:00", "-00:00"])
def test_a_second_is_that_part_of_its_minute(zone: str) -> None:
    low, _ = span(f"2024-02-29T23:59{zone}")
    assert span(f"2024-02-29T23:59:07{zone}") == (low + 7_000_000, low + 8_000_000)
