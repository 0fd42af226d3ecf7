"""Values of HL7 v2 fields as FHIR values; every problem is collected with its place.

HL7 v2.5.1 chapter 2.A: DTM, NM, CE/CWE, SN.
"""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.fhir import Problem, Refused, date_range
from minkang.fhir.dates import days_of_month

_TIME = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})?(?:(\d{2})(?:\.\d{1,4})?)?)?)?)?([+-]\d{4})?"
)
_ZONE = re.compile(r"[+-](?:(?:0\d|1[0-3])[0-5]\d|1400)")  # as FHIR R4 dateTime has it
_SYSTEMS = {
    "LN": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "ICD-10": "urn:oid:2.16.156.10011.2.3.3.11",
    "ICD10": "urn:oid:2.16.156.10011.2.3.3.11",
    "I10": "urn:oid:2.16.156.10011.2.3.3.11",
}


class Reader:
    """Reads the fields of one message and remembers what was wrong with them."""

    def __init__(self, code_prefix: str) -> None:
        self._prefix = code_prefix
        self.problems: list[Problem] = []

    def problem(self, segment: Segment, field: int, rule: str, text: str) -> None:
        """Note a problem at a field."""
        self.problems.append(Problem("map", segment.place(field), rule, text))

    def check(self) -> None:
        """Raise `Refused` with all problems noted so far, if any."""
        if self.problems:
            raise Refused(self.problems)

    def required(self, segment: Segment, field: int, what: str) -> str:
        """A value that must be there."""
        value = segment.value(field)
        if not value or value == '""':
            self.problem(segment, field, "required", f"缺少{what}")
        return value

    def time(self, segment: Segment, field: int) -> str | None:
        """A DTM field as FHIR date or dateTime, with the precision it was sent with."""
        return self.time_text(segment, field, segment.value(field))

    def time_text(self, segment: Segment, field: int, text: str) -> str | None:
        """A DTM text found at a field."""
        if not text or text == '""':
            return None
        match = _TIME.fullmatch(text)
        if match is None:
            self.problem(segment, field, "calendar-date", f"{text!r} 不是 YYYYMMDD[hhmm[ss]] 时间")
            return None
        year, month, day, hour, minute, second, zone = match.groups()
        if not _is_day(int(year), int(month or 1), int(day or 1)):
            self.problem(segment, field, "calendar-date", f"{text!r} 不是日历上的日期")
            return None
        value = "-".join(part for part in (year, month, day) if part)
        if hour is None:
            return value
        if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
            self.problem(segment, field, "calendar-date", f"{text!r} 不是有效的时刻")
            return None
        if zone and not _ZONE.fullmatch(zone):
            self.problem(segment, field, "calendar-date", f"{text!r} 的时区不存在")
            return None
        offset = f"{zone[:3]}:{zone[3:]}" if zone else "+08:00"
        return f"{value}T{hour}:{minute or '00'}:{second or '00'}{offset}"

    def moment(self, segment: Segment | None, field: int) -> datetime | None:
        """A DTM field as a point in time (the beginning of what it covers), without complaint."""
        if segment is None:
            return None
        text = Reader("").time(segment, field)
        return date_range(text).low if text else None

    def number(self, segment: Segment, field: int, text: str) -> Decimal | None:
        """A decimal number, with the digits as sent."""
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not is_measurable(value):
            self.problem(segment, field, "number", f"{text[:40]!r} 不是数值")
            return None
        return value

    def concept(self, components: list[str]) -> dict[str, Any] | None:
        """A CE or CWE as CodeableConcept: identifier, text, system, and their alternates."""
        parts = [part.strip() for part in [*components, *[""] * 6]][:6]
        codings = []
        for code, text, system in (parts[:3], parts[3:]):
            if code:
                coding = {"system": self._system(system), "code": code}
                codings.append({**coding, "display": text} if text else coding)
        text = parts[1] or parts[4] or parts[0]
        if not text:
            return None
        return {"coding": codings, "text": text} if codings else {"text": text}

    def _system(self, name: str) -> str:
        known = _SYSTEMS.get(name.upper())
        return known or f"{self._prefix}:code:{name.lower() or 'local'}"


_LARGEST_EXPONENT = 30


def is_measurable(value: Decimal) -> bool:
    """Whether a number can be a measurement: finite, and within thirty powers of ten of one."""
    return value.is_finite() and (not value or abs(value.adjusted()) <= _LARGEST_EXPONENT)


def _is_day(year: int, month: int, day: int) -> bool:
    return 1800 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)
