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
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECKS[total % 11] != number[17]:
        return None
    birth_date = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    try:
        date_range(birth_date)
    except ValueError:
        return None
    return IdNumber(number, birth_date, "male" if int(number[16]) % 2 else "female")
