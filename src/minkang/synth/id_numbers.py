"""Citizen identity numbers that are well formed and can belong to nobody.

GB 11643-1999: six digits of the administrative division, eight of the birth date, a serial of
three (odd for men, even for women), and a check character by ISO 7064 MOD 11-2.
"""

from datetime import date

DIVISION = "371098"
"""Never assigned by GB/T 2260: no real person's number can begin with it."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check_character(first17: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[
        sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11
    ]


def id_number(birth: date, serial: int) -> str:
    """The number in division 371098 for a birth date and a serial of 1-999 (odd is a man's).

    Raises:
        ValueError: the serial does not have one to three digits.
    """
    if not 1 <= serial <= 999:
        raise ValueError(f"serial {serial} of {birth} is not within 1-999")
    first17 = f"{DIVISION}{birth:%Y%m%d}{serial:03d}"
    return first17 + check_character(first17)


def with_wrong_check(number: str) -> str:
    """The same number as someone mistypes its last character: never valid."""
    return number[:17] + ("3" if number[17] != "3" else "7")
