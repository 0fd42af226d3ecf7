"""Values of HL7 v2 fields as FHIR values; every problem is collected with its place.

HL7 v2.5.1 chapter 2.A: DTM and TS, NM; coded ones are in `concepts`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from minkang.exchange.hl7v2 import Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY, Concept, concept_of, system_of
from minkang.exchange.mappings.written import decimal, plain_code
from minkang.fhir import Problem, Refused, date_range
from minkang.fhir.dates import days_of_month

_TIME = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})?(?:(\d{2})(\.\d{1,4})?)?)?)?)?([+-]\d{4})?",
    re.ASCII,
)
_ZONE = re.compile(r"[+-](?:(?:0\d|1[0-3])[0-5]\d|1400)")  # as FHIR R4 dateTime has it
_REMEMBERED = 200


class Reader:
    """Reads the fields of one message and remembers what was wrong with them."""

    def __init__(self, context: Context) -> None:
        self._own = context.number_system("code")
        self.problems: list[Problem] = []

    def problem(
        self, segment: Segment, field: int, rule: str, text: str, component: int = 1
    ) -> None:
        """Note a problem at a field."""
        self.problems.append(Problem("map", segment.place(field, component), rule, text))

    def check(self) -> None:
        """Raise `Refused` with all problems noted so far, if any."""
        if self.problems:
            raise Refused(self.problems)

    def required(self, segment: Segment, field: int, what: str) -> str:
        """A value that must be there."""
        value = segment.value(field)
        if not value:
            self.problem(segment, field, "required", f"缺少{what}")
        return value

    def time(self, segment: Segment, field: int, component: int = 1) -> str | None:
        """A TS, DT or DTM as FHIR date or dateTime, with the precision it was sent with.

        FHIR has no time of day without seconds: what is left out of it becomes zero.
        """
        return self.time_text(segment, field, segment.part(field, component), component)

    def time_text(self, segment: Segment, field: int, text: str, component: int = 1) -> str | None:
        """A time found at a field."""
        if not text or text == '""':
            return None
        value, wrong = _fhir_time(text)
        if wrong:
            self.problem(segment, field, "calendar-date", wrong, component)
        return value

    def instant(self, segment: Segment, field: int, component: int = 1) -> str | None:
        """A time as FHIR instant, or None if it is only a day."""
        value = self.time(segment, field, component)
        return value if value and "T" in value else None

    def moment(self, segment: Segment | None, field: int, component: int = 1) -> datetime | None:
        """A time as a point in time (the beginning of what it covers), without complaint."""
        if segment is None:
            return None
        value, _ = _fhir_time(segment.part(field, component))
        return begin_of(value) if value else None

    def number(self, segment: Segment, field: int, text: str, component: int = 1) -> Decimal | None:
        """A decimal number, with the digits as sent."""
        value = decimal(text)
        if value is None:
            self.problem(segment, field, "number", f"{text[:40]!r} 不是数值", component)
        return value

    def integer(self, segment: Segment, field: int, least: int = 0) -> int | None:
        """A whole number from `least` on; nothing if it is something else: it only counts."""
        text = segment.value(field)
        number = int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None
        return number if number is not None and number >= least else None

    def concept(self, components: Sequence[str]) -> Concept | None:
        """A CE or CWE, in its components, as CodeableConcept."""
        return concept_of(components, self._own)

    def field_concept(self, segment: Segment, field: int) -> Concept | None:
        """The first repetition of a coded field."""
        text = segment.raw(field)
        if not text:
            return None
        if len(text) > _REMEMBERED:
            return concept_of(segment.components(field), self._own)
        known = _concept_in(text, segment.delimiters, segment.charset, self._own)
        if known is None or "coding" not in known:
            return None if known is None else {**known}
        # What is remembered must not change with what becomes of this one.
        return {"coding": [{**coding} for coding in known["coding"]], "text": known["text"]}

    def concepts(self, segment: Segment, field: int) -> list[Concept]:
        """All repetitions of a coded field."""
        found = (self.concept(components) for components in segment.repetitions(field))
        return [concept for concept in found if concept is not None]

    def table(self, number: str, code: str) -> dict[str, str]:
        """A code of an HL7 table (`0112`) as Coding."""
        return {"system": f"{TERMINOLOGY}v2-{number}", "code": plain_code(code)}

    def own_system(self, name: str) -> str:
        """The code system that the source calls `name`."""
        return system_of(name, self._own)


@lru_cache(maxsize=16_384)
def _concept_in(text: str, delimiters: str, charset: str, own: str) -> Concept | None:
    """Tests, units, departments are a few thousand and come with every message."""
    return concept_of(Segment("", "", ("", text), delimiters, charset).components(1), own)


def begin_of(value: str) -> datetime:
    """The beginning of what a FHIR date covers."""
    return _begin_of(value)


@lru_cache(maxsize=4096)
def _begin_of(value: str) -> datetime:
    # A time of day begins at itself; only days, months and years need to be spelled out.
    if "T" in value:
        return datetime.fromisoformat(value).astimezone(UTC)
    return date_range(value).low


def quantity(value: Decimal, unit: str) -> dict[str, Any]:
    """A Quantity with the unit as it was written, if there is one."""
    return {"value": value, "unit": unit} if unit else {"value": value}


def joined(parts: Iterable[str], mark: str = " ") -> str:
    """Those parts that say something, nulls left out."""
    return mark.join(part.strip() for part in parts if part.strip() not in ("", '""'))


@lru_cache(maxsize=8192)
def _fhir_time(text: str) -> tuple[str | None, str]:
    """A time of HL7 as FHIR has it, and what is wrong with it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None, f"{text[:40]!r} 不是 YYYYMMDD[hhmm[ss]] 时间"
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if not _is_day(int(year), int(month or 1), int(day or 1)):
        return None, f"{text!r} 不是日历上的日期"
    value = "-".join(part for part in (year, month, day) if part)
    if hour is None:
        return value, ""
    if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return None, f"{text!r} 不是有效的时刻"
    if zone and not _ZONE.fullmatch(zone):
        return None, f"{text!r} 的时区不存在"
    offset = f"{zone[:3]}:{zone[3:]}" if zone else "+08:00"
    return f"{value}T{hour}:{minute or '00'}:{second or '00'}{fraction or ''}{offset}", ""


def _is_day(year: int, month: int, day: int) -> bool:
    return 1800 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= days_of_month(year, month)
