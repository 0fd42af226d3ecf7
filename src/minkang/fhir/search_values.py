"""How two values compare: folding of text, and what the prefixes mean.

Pure, and free of any index: the store's SQL and the tests' own evaluation both follow these rules
(FHIR R4 3.1.1.4.5 to 3.1.1.4.15).
"""

import re
import unicodedata
from decimal import Decimal

from minkang.fhir.search import DateValue, NumberValue

_SPACE = re.compile(r"\s+")
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """A text as string parameters compare it: no case, width, accents or runs of white space.

    Accents are those written over Latin, Greek and Cyrillic letters; Chinese stays as it is.
    """
    if text.isascii():
        return _SPACE.sub(" ", text.strip()).lower()
    # Folding case can bring forth accents (İ) and compositions again.
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain))
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", bare)).strip()


def fold_code(code: str) -> str:
    """A token's code as it is compared: FHIR R4 3.1.1.4.12 asks to ignore case when in doubt."""
    return code if code.isascii() and code.islower() else code.casefold()


def string_matches(text: str, wanted: str, modifier: str | None) -> bool:
    """Whether a stored text begins with, contains (`contains`) or is (`exact`) the wanted one."""
    if modifier == "exact":
        return text == wanted
    if modifier == "contains":
        return fold(wanted) in fold(text)
    return fold(text).startswith(fold(wanted))


def uri_matches(uri: str, wanted: str, modifier: str | None) -> bool:
    """Whether a stored URI is the wanted one, or lies `below` or `above` it by path segments."""
    if modifier == "below":
        return uri == wanted or uri.startswith(wanted.rstrip("/") + "/")
    if modifier == "above":
        return uri == wanted or wanted.startswith(uri.rstrip("/") + "/")
    return uri == wanted


def date_matches(low: int, high: int, wanted: DateValue) -> bool:
    """Whether the span [low, high) of a resource stands to the wanted one as its prefix says.

    `ap` means overlap; widening the wanted span is `search_dates.approximate`.
    """
    match wanted.prefix:
        case "eq":
            return wanted.low <= low and high <= wanted.high
        case "ne":
            return not (wanted.low <= low and high <= wanted.high)
        case "gt":
            return high > wanted.high
        case "lt":
            return low < wanted.low
        case "ge":
            return high > wanted.high or (wanted.low <= low and high <= wanted.high)
        case "le":
            return low < wanted.low or (wanted.low <= low and high <= wanted.high)
        case "sa":
            return low >= wanted.high
        case "eb":
            return high <= wanted.low
        case "ap":
            return low < wanted.high and high > wanted.low


def number_matches(low: Decimal, high: Decimal, wanted: NumberValue) -> bool:
    """Whether a number (or the span low to high, both inside) is to the wanted one as asked.

    The range that digits imply counts for `eq` and `ne`, ten per cent for `ap`; the other prefixes
    compare with the exact number (FHIR R4 3.1.1.4.6).
    """
    match wanted.prefix:
        case "eq":
            return wanted.low <= low and high < wanted.high
        case "ne":
            return not (wanted.low <= low and high < wanted.high)
        case "gt":
            return high > wanted.value
        case "lt":
            return low < wanted.value
        case "ge":
            return high >= wanted.value
        case "le":
            return low <= wanted.value
        case "sa":
            return low > wanted.value
        case "eb":
            return high < wanted.value
        case "ap":
            return low <= wanted.high and high >= wanted.low
