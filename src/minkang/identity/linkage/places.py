"""Addresses: by division code where there is one, else by the words of the text."""

import re
import unicodedata
from typing import Final, NamedTuple

_LONGEST: Final = 200
_marks = re.compile(r"[^\w/.号]|_").sub
_CODE: Final = re.compile(r"\d{6}(?:\d{3})?(?:\d{3})?", re.ASCII)
_DIGIT: Final = re.compile(r"\d")
_COUNTY: Final = re.compile(
    r"^(?:.*?(?:省|自治区))?(?:.*?(?:市|州|盟|地区))?(.{1,8}?(?:区|县|旗|市))"
)
_TOWN: Final = re.compile(r"(.{1,10}?(?:街道办事处|街道|镇|乡|苏木))")
_VILLAGE: Final = re.compile(r"(.{1,14}?(?:居民委员会|居委会|村委会|社区|村|屯|庄))")


class Place(NamedTuple):
    """Where somebody lives: the address as one text and its village, town and county.

    The three are codes (12, 9 and 6 digits) if there is a division, else words, each with what is
    above it. The text is "" if it names neither a house nor a village: half a city lives there.
    """

    text: str
    division: str
    village: str
    town: str
    county: str


NOWHERE: Final = Place("", "", "", "", "")


def place_of(text: str, division: str = "") -> Place:
    """The place of an address; `division` is a code of GB/T 2260 and 10114 or "".

    A code of fewer than 6 digits says nothing; trailing zeros are levels that are not said.
    """
    plain = _marks("", unicodedata.normalize("NFKC", text[:_LONGEST]))
    code = _code(division)
    if code:
        exact = plain if _DIGIT.search(plain) or _VILLAGE.search(plain) else ""
        return Place(
            exact, code, code if len(code) == 12 else "", code[:9] if len(code) >= 9 else "",
            code[:6],
        )  # fmt: skip
    if not plain:
        return NOWHERE
    county, rest = _taken(_COUNTY, plain)
    town, rest = _taken(_TOWN, rest)
    village, _ = _taken(_VILLAGE, rest)
    town = county + town if town else ""
    plain = plain if village or _DIGIT.search(plain) else ""
    return Place(plain, "", town + village if village and town else "", town, county)


def _code(division: str) -> str:
    if not _CODE.fullmatch(division) or division.startswith("0"):
        return ""
    if len(division) == 12 and division.endswith("000"):
        division = division[:9]
    if len(division) == 9 and division.endswith("000"):
        division = division[:6]
    return division


def _taken(part: re.Pattern[str], text: str) -> tuple[str, str]:
    found = part.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)
