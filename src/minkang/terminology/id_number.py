"""Identity numbers as a value to be checked: GB 11643-1999 (18 characters) and 1989 (15 digits)."""

from typing import Literal

import msgspec

from minkang.fhir import date_range

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLD, _NEW = 15, 18

Fault = Literal["length", "characters", "birth-date", "check-character"]


class CitizenNumber(msgspec.Struct, frozen=True):
    """A number and what it says itself.

    Attributes:
        text: 18 characters, X in upper case; one of 15 digits is given as its 18.
        division: GB/T 2260 code of the place of the first registration, as it was then.
        birth_date: ISO date.
        sex: GB/T 2261.1 code, 1 or 2.
    """

    text: str
    division: str
    birth_date: str
    sex: Literal["1", "2"]


def check_character(seventeen: str) -> str:
    """The last character that belongs to seventeen digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def citizen_number(text: str) -> CitizenNumber | Fault:
    """A number that is right, or what is wrong with it first.

    A number of 15 digits has no check character; its year is of the twentieth century. The
    division is not looked up: numbers keep the code of a division that is long gone.
    """
    number = text.strip().upper()
    if len(number) not in (_OLD, _NEW):
        return "length"
    digits = number[:-1] if len(number) == _NEW else number
    if not (number.isascii() and digits.isdecimal() and digits[0] != "0"):
        return "characters"
    if number[-1] not in "0123456789X":
        return "characters"
    if len(number) == _OLD:
        digits = f"{number[:6]}19{number[6:]}"
    birth_date = f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}"
    try:
        date_range(birth_date)
    except ValueError:
        return "birth-date"
    check = check_character(digits)
    if len(number) == _NEW and number[-1] != check:
        return "check-character"
    return CitizenNumber(
        digits + check, digits[:6], birth_date, "1" if int(digits[16]) % 2 else "2"
    )
