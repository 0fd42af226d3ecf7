"""Values of a document as FHIR values; every problem is collected with its place.

HL7 V3 data types as WS/T 500-2016 uses them: TS, ST, CD, PQ, REAL, INT, BL, MO.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.cda.element import XSI_TYPE
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.written import decimal, plain_code
from minkang.fhir import Problem, Refused, date_range
from minkang.fhir.dates import days_of_month
from minkang.terminology import built_in

Concept = dict[str, Any]
"""A CodeableConcept."""
Value = tuple[str, Any]
"""What follows `value` in the name of an element (`Quantity`), and the value."""

_DIGITS = re.compile(r"(\d{4,14})(\.\d{1,6})?([+-]\d{4}|Z)?", re.ASCII)
_WRITTEN = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?"
    r"([+-]\d{2}:?\d{2}|Z)?)?",
    re.ASCII,
)
_ZONE = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_NUMERIC = frozenset({"PQ", "REAL", "INT", "MO"})
_INTEGER = 2**31
_MOST_PROBLEMS = 100
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), " ")
_CONTROLS |= {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}
_LONGEST_STRING = 1_000_000
"""Characters: R4 allows a string one megabyte; longer texts stay in the original."""

# What hospitals write into a field that must not be empty. 无 is a statement, and stays.
_ABSENT: Final = frozenset({"", "NA", "N/A", "NULL", "NONE", "NAN", "-", "--", "/", "\\", "—"})
_LONGEST_ABSENT: Final = max(map(len, _ABSENT))
_YUAN: Final = {"元": Decimal(1), "角": Decimal("0.1"), "分": Decimal("0.01"), "": Decimal(1)}
_TABLES: Final = {f"urn:oid:2.16.156.10011.2.3.3.{number}" for number in (3, 4, 5, 13)}
"""Tables of which code and name are compared: people, sex, marriage, employment."""
_MARKS = str.maketrans({"(": None, ")": None, "（": None, "）": None, " ": None})


def is_absent(text: str) -> bool:
    """Whether a text says nothing: empty, or what is written where there is nothing."""
    if len(text) > _LONGEST_ABSENT and not text[0].isspace() and not text[-1].isspace():
        return False
    said = text.strip()
    return len(said) <= _LONGEST_ABSENT and said.upper() in _ABSENT


def text_of(element: Element | None) -> str:
    """The text of an element, or nothing if it says nothing."""
    if element is None or is_absent(element.text):
        return ""
    return clean(element.text)


def attribute_of(element: Element | None, attribute: str) -> str:
    """An attribute, or nothing if it says nothing."""
    if element is None or not (value := element.attributes.get(attribute)):
        return ""
    if len(value) > _LONGEST_REMEMBERED:
        return "" if is_absent(value) else clean(value)
    return _said(value)


_LONGEST_REMEMBERED: Final = 100


@lru_cache(maxsize=16_384)
def _said(text: str) -> str:
    """A short text cleaned, or nothing if it says nothing; each document has the same codes."""
    return "" if is_absent(text) else clean(text)


def clean(text: str) -> str:
    """A text without the control characters that XML allows and FHIR does not."""
    return text if text.isprintable() else text.translate(_CONTROLS).strip()


class Reader:
    """Reads the values of one document and remembers what was wrong with them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.problems: list[Problem] = []

    def problem(self, element: Element, rule: str, text: str, attribute: str = "") -> None:
        """Note a problem at an element or one of its attributes; of very many only the first."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem("map", element.place(attribute), rule, text))

    def check(self) -> None:
        """Raise `Refused` with all problems noted so far, if any."""
        if self.problems:
            raise Refused(dict.fromkeys(self.problems))

    def time(self, element: Element | None) -> str | None:
        """A time as FHIR date or dateTime, as precise as it was sent; of Shanghai without zone.

        It stands in `@value`, in some documents as text. Hours may have one digit. FHIR has no
        time of day without seconds: what is left out of it becomes zero.
        """
        if element is None:
            return None
        attribute = "" if is_absent(element.get("value")) else "value"
        text = element.get("value") if attribute else element.text
        if is_absent(text):
            return None
        value, wrong = _fhir_time(text.strip())
        if wrong:
            self.problem(element, "calendar-date", wrong, attribute)
        return value

    def instant(self, element: Element | None) -> str | None:
        """A time as FHIR instant, or None if it is only a day."""
        value = self.time(element)
        return value if value and "T" in value else None

    def number(self, element: Element | None, attribute: str = "value") -> Decimal | None:
        """A decimal number with the digits as sent, or None where there is none."""
        if element is None or is_absent(text := element.get(attribute)):
            return None
        value = decimal(text)
        if value is None:
            self.problem(element, "number", f"{text[:40]!r} 不是数值", attribute)
        return value

    def quantity(self, element: Element | None) -> dict[str, Any] | None:
        """A PQ, REAL or INT as Quantity, with the unit as it was written."""
        value = self.number(element)
        if value is None:
            return None
        unit = attribute_of(element, "unit")
        return {"value": value, "unit": unit} if unit else {"value": value}

    def money(self, element: Element | None) -> dict[str, Any] | None:
        """An MO as Money: 元, 角 and 分 are all CNY."""
        value = self.number(element)
        if value is None or element is None:
            return None
        currency = attribute_of(element, "currency")
        if currency in _YUAN:
            part = _YUAN[currency]
            return {"value": value * part if part != 1 else value, "currency": "CNY"}
        if not _CURRENCY.fullmatch(currency):
            self.problem(element, "currency", f"币种 {currency[:20]!r} 不认识", "currency")
        return {"value": value, "currency": currency}

    def concept(self, element: Element | None, own: str = "local") -> Concept | None:
        """A CD as CodeableConcept; a code without a system's OID is of the source's own `own`."""
        if element is None:
            return None
        coding = self.coding(element, own)
        text = attribute_of(element, "displayName")
        if coding is None:
            text = text or text_of(element)
            return {"text": text} if text else None
        return {"coding": [coding], "text": text or coding["code"]}

    def coding(self, element: Element, own: str = "local") -> dict[str, str] | None:
        """The code of a CD with its system and name.

        Problems: rule `code-name` where a national table has another name for the code.
        """
        code = plain_code(attribute_of(element, "code"))
        if not code:
            return None
        system = self.system(attribute_of(element, "codeSystem"), f"code:{own}")
        coding = {"system": system, "code": code}
        if display := attribute_of(element, "displayName"):
            coding["display"] = display
            if system in _TABLES and (right := _other_name(system, code, display)):
                text = f"代码 {code} 的含义是 {right}，而不是 {display[:20]}"
                self.problem(element, "code-name", text, "displayName")
        return coding

    def system(self, oid: str, own: str) -> str:
        """The system of an OID; where there is none the source's own of a kind."""
        return f"urn:oid:{oid}" if _OID.fullmatch(oid) else self._context.number_system(own)

    def value(self, element: Element | None) -> Value | None:
        """The value of an observation by its type, or by its attributes where none is given.

        A text of more than a million characters is not given: it stays in the original.
        """
        if element is None:
            return None
        kind = element.get(XSI_TYPE).rpartition(":")[2].upper()
        if kind == "BL" or (not kind and element.get("value").lower() in ("true", "false")):
            return self._boolean(element)
        if kind == "MO":
            amount = self.money(element)
            return ("Money", amount) if amount else None
        if kind == "TS":
            time = self.time(element)
            return ("DateTime", time) if time else None
        if kind in _NUMERIC or (not kind and not is_absent(element.get("value"))):
            found = self.quantity(element)
            if found and kind == "INT" and "unit" not in found:
                whole = int(found["value"])
                if whole == found["value"] and -_INTEGER <= whole < _INTEGER:
                    return "Integer", whole
            return ("Quantity", found) if found else None
        if attribute_of(element, "code") or attribute_of(element, "displayName"):
            concept = self.concept(element)
            return ("CodeableConcept", concept) if concept else None
        text = text_of(element)
        return ("String", text) if text and len(text) <= _LONGEST_STRING else None

    def _boolean(self, element: Element) -> Value | None:
        text = element.get("value").lower()
        if is_absent(text):
            return None
        if text not in ("true", "false", "1", "0"):
            self.problem(element, "boolean", f"{text[:20]!r} 不是 true 或 false", "value")
        return "Boolean", text in ("true", "1")


@lru_cache(maxsize=2048)
def _other_name(system: str, code: str, display: str) -> str:
    """The name that a table really has for a code, if the one given is of another code."""
    table = built_in(system)
    concept = table.concept(code) if table is not None else None
    if concept is None:
        return ""
    given, right = display.translate(_MARKS), concept.display.translate(_MARKS)
    return "" if given in right or right in given else concept.display


@lru_cache(maxsize=8192)
def _fhir_time(text: str) -> tuple[str | None, str]:
    """A time as FHIR has it, and what is wrong with it."""
    parts = _parts(text)
    if parts is None:
        return None, f"{text[:40]!r} 不是 YYYYMMDD[hhmm[ss]] 时间"
    date, clock, fraction, zone = parts
    year, month, day = (int(part) for part in [*date, "1", "1"][:3])
    known = 1800 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)
    if not known:
        return None, f"{text[:40]!r} 不是日历上的日期"
    value = "-".join(date)
    if not clock:
        return value, ""
    hour, minute, second = [*clock, "00", "00"][:3]
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None, f"{text[:40]!r} 不是有效的时刻"
    if zone != "Z":
        zone = f"{zone[:3]}:{zone[-2:]}" if zone else "+08:00"
        if not _ZONE.fullmatch(zone):
            return None, f"{text[:40]!r} 的时区不存在"
    return f"{value}T{hour}:{minute}:{second}{fraction}{zone}", ""


def _parts(text: str) -> tuple[list[str], list[str], str, str] | None:
    """Year, month, day; hour, minute, second; fraction; zone: as far as they are there."""
    if match := _DIGITS.fullmatch(text):
        digits, fraction, zone = match[1], match[2] or "", match[3] or ""
        date = [part for part in (digits[:4], digits[4:6], digits[6:8]) if part]
        clock = digits[8:]
        if len(clock) % 2:
            clock = f"0{clock}"
        if len(digits) in (5, 7) or (len(clock) < 6 and fraction):
            return None
        return date, [clock[at : at + 2] for at in range(0, len(clock), 2)], fraction, zone
    if match := _WRITTEN.fullmatch(text):
        year, month, day, hour, minute, second, part, zone = match.groups()
        clocked = [hour.zfill(2), minute, second or "00"] if hour else []
        return [year, month.zfill(2), day.zfill(2)], clocked, part or "", zone or ""
    return None


def begin_of(value: str | None) -> Any:
    """The beginning of what a FHIR date covers, or None."""
    return date_range(value).low if value else None
