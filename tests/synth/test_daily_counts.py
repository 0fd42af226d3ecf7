"""What a hospital reports of its days is what really happened at it."""

from collections import Counter
from datetime import timedelta

from minkang.synth import Region, daily_counts
from tests.synth.conftest import TODAY

_SINCE = TODAY - timedelta(days=60)


def test_a_day_has_the_visits_that_took_place(region: Region) -> None:
    for source in ("haibin", "gangcheng"):
        told = Counter(
            {
                (one.day, one.department): len(one.numbers)
                for one in daily_counts(region, source, _SINCE)
                if one.kind == "visits" and one.numbers
            }
        )
        lived = Counter(
            (visit.start.date(), visit.department)
            for visit in region.visits
            if visit.source == source and visit.kind != "I" and visit.start.date() >= _SINCE
        )
        assert told == lived
        assert told


def test_what_did_not_happen_is_told_as_none(region: Region) -> None:
    days = {one.day for one in daily_counts(region, "haibin", _SINCE) if one.kind == "admissions"}
    assert len(days) == (TODAY - _SINCE).days


def test_what_got_lost_stands_in_the_books_alone(region: Region) -> None:
    plain = {n for one in daily_counts(region, "gangcheng", _SINCE) for n in one.numbers}
    books = {n for one in daily_counts(region, "gangcheng", _SINCE, lost=3) for n in one.numbers}
    assert len(books - plain) == 3
    assert plain < books
