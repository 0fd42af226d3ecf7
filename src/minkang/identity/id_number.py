"""Resident identity numbers (GB 11643-1999): 18 characters with a check character."""

import re
from typing import Literal

import msgspec

from minkang.fhir import date_range

_PATTERN = re.compile(r"[1-9]\d{16}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


class IdNumber(msgspec.Struct, frozen=True):
    """A checked number and what it says itself.

    Attributes:
        text: 18 characters, X in upper case.
        birth_date: ISO date.
        sex: FHIR administrative gender.
    """

    text: str
    birth_date: str
    sex: Literal["male", "female"]


def parse_id_number(text: str) -> IdNumber | None:
    """The number if it is one: form, calendar date and check character (ISO 7064 MOD 11-2)."""
    number = text.strip().upper()
    if not _PATTERN.fullmatch(number):
        return None
    if _check(number[:17]) != number[17]:
        return None
    birth_date = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    try:
        date_range(birth_date)
    except ValueError:
        return None
    return IdNumber(number, birth_date, "male" if int(number[16]) % 2 else "female")


def of_fifteen(text: str) -> str:
    """The 18 characters that took the place of a number of fifteen digits, '' if it is none.

    GB 11643-1989 had two digits of the year and no check character; who had such a number was born
    in the nineteen hundreds.
    """
    if not re.fullmatch(r"[1-9]\d{14}", text):
        return ""
    body = f"{text[:6]}19{text[6:]}"
    number = parse_id_number(body + _check(body))
    return number.text if number else ""


def _check(body: str) -> str:
    """The check character of seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]
