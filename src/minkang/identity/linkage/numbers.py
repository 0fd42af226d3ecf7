"""Numbers of people: identity numbers, other documents, cards and telephones, as they are typed."""

import re
import unicodedata
from datetime import date
from typing import Final, Literal, NamedTuple

from minkang.terminology import citizen_number

_LONGEST: Final = 40
_marks = re.compile(r"[^0-9A-Z]").sub
_digits = re.compile(r"[^0-9]").sub
_same = re.compile(r"(.)\1*").fullmatch
_GUARDIAN_YEARS: Final = 15
_LUNAR: Final = (18, 51)
"""Days by which a lunar date, read as a solar one, is early."""
_STAND_INS: Final = frozenset({"NA", "NULL", "NONE", "NIL", "UNKNOWN", "无", "不详", "未知"})

Whose = Literal["own", "guardian", "another", "unchecked", "none"]


class Identity(NamedTuple):
    """An identity number as it was typed, and whose it seems to be.

    Attributes:
        raw: upper case letters and digits as typed; 15 digits stand as 18.
        checked: 18 characters if form, date and check character are right (GB 11643), else "".
        whose: `own` if the birth date does not contradict it: known in part, or a slip of the
            hand, the lunar date or the first of January of that year away; `guardian` if its date
            is more than 15 years from the patient's; `another` if it is another date; `unchecked`
            if it is no right number; `none`.
    """

    raw: str
    checked: str
    whose: Whose


def identity_of(text: str, birth_date: str) -> Identity:
    """Whose an identity number seems to be. `birth_date` is an ISO date, a year, or ""."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).upper()
    raw = "" if plain.strip() in _STAND_INS else _marks("", plain)
    if len(raw) < 6 or _same(raw) or raw.startswith("12345678"):
        return Identity("", "", "none")
    found = citizen_number(raw)
    if isinstance(found, str):
        return Identity(raw, "", "unchecked")
    if not birth_date or _near(found.birth_date, birth_date):
        return Identity(found.text, found.text, "own")
    far = _years_apart(found.birth_date, birth_date) > _GUARDIAN_YEARS
    return Identity(found.text, found.text, "guardian" if far else "another")


def _years_apart(one: str, other: str) -> float:
    if not other:
        return 0.0
    if len(other) < 10:
        return float(abs(int(one[:4]) - int(other[:4])))
    return abs((date.fromisoformat(one) - date.fromisoformat(other)).days) / 365.25


def _near(one: str, other: str) -> bool:
    """Whether two dates may be one: two of year, month and day agree; the year, with day and month
    swapped or the first of January; two days apart; the one by the lunar calendar.
    """
    if len(other) < 10:
        return one.startswith(other)
    if one[:4] == other[:4] and other.endswith("-01-01"):
        return True
    days = (date.fromisoformat(one) - date.fromisoformat(other)).days
    if abs(days) <= 2 or _LUNAR[0] <= days <= _LUNAR[1]:
        return True
    equal = (one[:4] == other[:4]) + (one[5:7] == other[5:7]) + (one[8:] == other[8:])
    swapped = one[:4] == other[:4] and one[5:7] == other[8:] and one[8:] == other[5:7]
    return equal >= 2 or swapped


DOCUMENTS: Final = frozenset({"passport", "hk-macao", "taiwan", "foreign-resident", "officer"})
"""Kinds of cards that a state issues to one person and that verify identity by themselves."""

_KINDS: Final = (
    ("hk-macao", re.compile(r"[HM]\d{8}(?:\d{2})?")),
    ("hk-macao", re.compile(r"8[12]0000\d{11}[\dX]")),
    ("taiwan", re.compile(r"830000\d{11}[\dX]")),
    ("foreign-resident", re.compile(r"9[1-9]\d{15}[\dX]|[A-Z]{3}\d{12}")),
    ("passport", re.compile(r"[DEGPS][A-Z]?\d{7,8}")),
)


def card(kind: str, number: str) -> tuple[str, str] | None:
    """A card as kind and number; None if the number is a stand-in.

    The kind is what was said; where nothing is (`""`), the form of the number says it: permits of
    residents of Hong Kong, Macao and Taiwan (GA/T 1012, residence permits 810000, 820000, 830000),
    the foreigners' residence card, passports of the People's Republic.
    """
    plain = _marks("", unicodedata.normalize("NFKC", number[:_LONGEST]).upper())
    if len(plain) < 4 or _same(plain) or number.strip().upper() in _STAND_INS:
        return None
    if not kind:
        kind = next((name for name, form in _KINDS if form.fullmatch(plain)), "other")
    return printable(kind[:_LONGEST]), plain


def printable(text: str) -> str:
    """A text without what cannot be shown, such as half of a pair of surrogates."""
    if text.isprintable():
        return text
    return "".join(one for one in text if one.isprintable())


def phone(text: str) -> str:
    """A telephone as digits, without 86 and without marks; "" if it can be nobody's."""
    digits = _digits("", unicodedata.normalize("NFKC", text[:_LONGEST]))
    digits = digits.removeprefix("0086")
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if not 7 <= len(digits) <= 13 or _same(digits[-7:]):
        return ""
    return digits


def documents_only(cards: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Those of some cards that verify identity by themselves."""
    return tuple(one for one in cards if one[0] in DOCUMENTS)
