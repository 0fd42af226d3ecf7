"""Identity numbers are checked, of 18 and of 15 characters."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity import parse_id_number
from minkang.terminology import CitizenNumber, citizen_number
from minkang.terminology.id_number import check_character

DIVISIONS = st.integers(110_101, 659_999).map(str)
BIRTHS = st.dates(date(1900, 1, 1), date(2026, 11, 22))
ORDERS = st.integers(0, 999).map(lambda n: f"{n:03}")


def made(division: str, birth: date, order: str) -> str:
    digits = f"{division}{birth:%Y%m%d}{order}"
    return digits + check_character(digits)


@settings(deadline=None)
@given(DIVISIONS, BIRTHS, ORDERS)
def test_a_number_says_where_when_and_which_sex(division: str, birth: date, order: str) -> None:
    found = citizen_number(made(division, birth, order))
    assert isinstance(found, CitizenNumber)
    assert (found.division, found.birth_date) == (division, birth.isoformat())
    assert found.sex == ("1" if int(order) % 2 else "2")


@settings(deadline=None)
@given(DIVISIONS, BIRTHS, ORDERS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(
    division: str, birth: date, order: str, place: int, more: int
) -> None:
    number = made(division, birth, order)
    old = 10 if number[place] == "X" else int(number[place])
    wrong = number[:place] + str((old + more) % 10) + number[place + 1 :]
    if wrong != number:
        assert not isinstance(citizen_number(wrong), CitizenNumber)


@settings(deadline=None)
@given(DIVISIONS, BIRTHS, ORDERS, st.integers(0, 15))
def test_two_digits_that_changed_places_are_noticed(
    division: str, birth: date, order: str, place: int
) -> None:
    number = made(division, birth, order)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert not isinstance(citizen_number(swapped), CitizenNumber)


@settings(deadline=None)
@given(DIVISIONS, st.dates(date(1900, 1, 1), date(1999, 12, 31)), ORDERS)
def test_an_old_number_becomes_the_new_one(division: str, birth: date, order: str) -> None:
    new = made(division, birth, order)
    old = new[:6] + new[8:17]
    assert citizen_number(old) == citizen_number(new)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_gets_an_answer_and_identity_agrees(text: str) -> None:
    found = citizen_number(text)
    assert isinstance(found, CitizenNumber) >= (parse_id_number(text) is not None)


@settings(deadline=None)
@given(DIVISIONS, BIRTHS, ORDERS)
def test_identity_reads_the_same_numbers(division: str, birth: date, order: str) -> None:
    number = made(division, birth, order)
    theirs = parse_id_number(number)
    assert theirs is not None
    assert theirs.birth_date == birth.isoformat()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "length"),
        ("NA", "length"),
        ("11010519491231002", "length"),
        ("110105194912310029", "check-character"),
        ("110105194913310020", "birth-date"),
        ("110105202402300011", "birth-date"),
        ("11010519491231002A", "characters"),
        ("010105194912310023", "characters"),
        ("１1010519491231002X", "characters"),
        ("110105491331002", "birth-date"),
    ],
)
def test_what_is_wrong_with_a_number(text: str, fault: str) -> None:
    assert citizen_number(text) == fault


def test_the_example_of_the_standard() -> None:
    assert isinstance(citizen_number("11010519491231002x"), CitizenNumber)
