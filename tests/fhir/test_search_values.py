from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir.search import DateValue, NumberValue, Prefix
from minkang.fhir.search_values import (
    date_matches,
    fold,
    fold_code,
    number_matches,
    string_matches,
    uri_matches,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("ＷＡＮＧ　小明", "wang 小明"),
        ("  Zhang \t San ", "zhang san"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("が", "が"),
        ("欧阳·娜", "欧阳·娜"),
        ("Nguyễn", "nguyen"),
        ("İ", "i"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_codes_fold_by_case_alone() -> None:
    assert fold_code("MG/dL") == fold_code("mg/dl")
    assert fold_code("é") != fold_code("e")


def test_strings_begin_contain_or_are() -> None:
    assert string_matches("Eve Smith", "eve", None)
    assert not string_matches("Eve Smith", "smith", None)
    assert string_matches("Eve Smith", "SMI", "contains")
    assert not string_matches("Eve Smith", "eve smith", "exact")
    assert string_matches("Eve Smith", "Eve Smith", "exact")


def test_uris_lie_above_and_below_by_whole_segments() -> None:
    assert uri_matches("http://a/b/c", "http://a/b", "below")
    assert uri_matches("http://a/b/c", "http://a/b/", "below")
    assert not uri_matches("http://a/bc", "http://a/b", "below")
    assert uri_matches("http://a/b", "http://a/b/c", "above")
    assert not uri_matches("http://a/b", "http://a/b/c", None)


@pytest.mark.parametrize(
    ("prefix", "low", "high", "expected"),
    [
        *(("eq", 10, 20, True), ("eq", 12, 15, True), ("eq", 9, 15, False), ("eq", 15, 21, False)),
        *(("ne", 12, 15, False), ("ne", 9, 15, True)),
        *(("gt", 15, 21, True), ("gt", 15, 20, False)),
        *(("lt", 9, 12, True), ("lt", 10, 12, False)),
        *(("ge", 12, 15, True), ("ge", 9, 21, True), ("ge", 9, 20, False)),
        *(("le", 12, 15, True), ("le", 9, 21, True), ("le", 10, 21, False)),
        *(("sa", 20, 25, True), ("sa", 19, 25, False)),
        *(("eb", 5, 10, True), ("eb", 5, 11, False)),
        *(("ap", 19, 25, True), ("ap", 20, 25, False), ("ap", 5, 11, True), ("ap", 5, 10, False)),
    ],
)
def test_spans_of_time_compare_as_the_prefix_says(
    prefix: Prefix, low: int, high: int, expected: bool
) -> None:
    assert date_matches(low, high, DateValue(prefix, 10, 20)) is expected


@pytest.mark.parametrize(
    ("prefix", "value", "expected"),
    [
        *(("eq", "99.5", True), ("eq", "100.4", True), ("eq", "100.5", False)),
        *(("ne", "100", False), ("ne", "100.5", True)),
        *(("gt", "100", False), ("gt", "100.1", True), ("sa", "100.1", True)),
        *(("lt", "100", False), ("lt", "99.9", True), ("eb", "99.9", True)),
        *(("ge", "100", True), ("ge", "99.9", False), ("le", "100", True), ("le", "100.1", False)),
        *(("ap", "100.5", True), ("ap", "99", False)),
    ],
)
def test_numbers_compare_as_the_prefix_says(prefix: Prefix, value: str, expected: bool) -> None:
    wanted = NumberValue(prefix, Decimal(100), Decimal("99.5"), Decimal("100.5"))
    assert number_matches(Decimal(value), Decimal(value), wanted) is expected
