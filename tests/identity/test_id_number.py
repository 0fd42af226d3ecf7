import pytest

from minkang.identity import is_health_code, parse_id_number
from minkang.identity.health_code import health_code
from minkang.identity.id_number import of_fifteen


def test_a_number_says_birth_date_and_sex() -> None:
    number = parse_id_number("11010519491231002x")  # the example of GB 11643-1999
    assert number is not None
    assert (number.text[-1], number.birth_date, number.sex) == ("X", "1949-12-31", "female")


@pytest.mark.parametrize(
    "text",
    ["110105194912310021", "11010519490230002X", "11010519491231002", "A1010519491231002X", ""],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_id_number(text) is None


def test_a_number_of_fifteen_digits_is_that_of_today() -> None:
    assert of_fifteen("110105491231002") == "11010519491231002X"
    assert of_fifteen("110105490231002") == ""
    assert of_fifteen("11010549123100") == ""
    assert of_fifteen("11010549123100X") == ""


def test_one_wrong_digit_in_a_health_code_is_noticed() -> None:
    code = health_code(b"k" * 32, "p1", 0)
    assert is_health_code(f"{code[:4]} {code[4:8]}-{code[8:]}")
    for place in range(16):
        for digit in "0123456789":
            wrong = code[:place] + digit + code[place + 1 :]
            assert is_health_code(wrong) == (wrong == code)
