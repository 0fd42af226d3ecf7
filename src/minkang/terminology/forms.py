"""Code systems without a table here whose codes can still be told by their form.

LOINC: a number of at most seven digits, a hyphen and a check digit (LOINC Users' Guide, appendix
C: mod 10). Data elements: WS/T 363, `DE04.10.174.00`. A region that has a table uploads it as
CodeSystem, and then the table counts.
"""

import re

LOINC = "http://loinc.org"
DATA_ELEMENTS = "urn:oid:2.16.156.10011.2.2.1"

FORMS = {LOINC: "LOINC", DATA_ELEMENTS: "WS/T 363 数据元"}
"""The systems and their names."""

_LOINC_FORM = re.compile(r"([1-9]\d{0,6})-(\d)", re.ASCII)
_ELEMENT_FORM = re.compile(r"DE\d{2}\.\d{2}\.\d{3}\.\d{2}", re.ASCII)


def has_form(system: str, code: str) -> bool:
    """Whether a code has the form of its system's codes; False for any other system."""
    if system == DATA_ELEMENTS:
        return _ELEMENT_FORM.fullmatch(code) is not None
    found = _LOINC_FORM.fullmatch(code) if system == LOINC else None
    return found is not None and _check_digit(found[1]) == int(found[2])


def _check_digit(digits: str) -> int:
    """Mod 10: from the right every other digit is doubled, and all digits are added up."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value // 10 + value % 10
    return -total % 10
