"""Pregnancies of a life, one after the other, each with its dates, visits, results and end.

What antenatal forms, the hospital and the birth certificate wrote is put together by time: facts
belong to the pregnancy whose last period lies at most 308 days (44 weeks) before them. The expected
date is 280 days after the last period unless it was written down (Naegele). The colour of the risk
is that of 孕产妇妊娠风险评估与管理工作规范 (国卫妇幼发〔2017〕35号), green to purple.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.fhir import Resource
from minkang.record.due.of_life import Done, plan_of, visit_named
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.record.life import Life
from minkang.store import Stored

TYPES: Final = ("Condition", "Encounter", "Observation", "Procedure")
COLOURS: Final = {"绿": "green", "黄": "yellow", "橙": "orange", "红": "red", "紫": "purple"}
_LAST_PERIOD, _EXPECTED = "8665-2", "11778-8"
_TERM: Final = timedelta(days=280)
_LONGEST: Final = timedelta(days=308)
_CHILDBED: Final = timedelta(days=56)
_VISIT_WORDS: Final = ("产前", "产后", "孕", "分娩", "产检")
# Weeks, fundal height, weight and heart rate of the fetus, blood pressure, weight, haemoglobin,
# protein in the urine, fasting glucose.
_RESULTS: Final = frozenset(
    "18185-9 11881-0 11727-5 55283-6 85354-9 29463-7 718-7 20454-5 1558-6".split()
)
_ZONE: Final = ZoneInfo("Asia/Shanghai")
# Beginnings of ICD-10: delivery, abortion, stillbirth (Z37 tells the outcome of a delivery).
_ENDS: Final = (
    (("O80", "O81", "O82", "O83", "O84", "Z37"), "delivered"),
    (("O03", "O04", "O05", "O06", "O02"), "lost"),
    (("O00", "O01"), "lost"),
)


class Moment(msgspec.Struct, frozen=True):
    """A visit, result or finding of a pregnancy; `days` since the last period, None if unknown."""

    name: str
    value: str
    at: datetime
    days: int | None
    origin: Origin


class Pregnancy(msgspec.Struct, frozen=True):
    """One pregnancy.

    Attributes:
        last_period, expected: days; `reckoned` if the expected one follows from the last period.
        outcome: `delivered`, `lost`, or empty while nothing is known.
        colour: of the newest risk written down: a value of `COLOURS`, or empty.
        going_on: at the time that was asked for.
    """

    last_period: date
    expected: date
    reckoned: bool
    outcome: str
    ended: date | None
    colour: str
    visits: tuple[Moment, ...]
    results: tuple[Moment, ...]
    going_on: bool
    origin: Origin

    def week_on(self, day: date) -> tuple[int, int]:
        """Completed weeks and days on a day."""
        return divmod((day - self.last_period).days, 7)


def pregnancies_of(stored: Sequence[Stored], names: Names, now: datetime) -> tuple[Pregnancy, ...]:
    """The pregnancies that have a last period or expected date written down, newest first."""
    begun: dict[date, tuple[date | None, Origin]] = {}
    for one in stored:
        if one.type == "Observation" and one.resource.get("status") != "entered-in-error":
            _note_dates(one, names, begun)
    found: list[Pregnancy] = []
    for begin in sorted(begun):
        if found and begin - found[-1].last_period < _LONGEST and not found[-1].outcome:
            continue  # the same pregnancy, its last period told again and otherwise
        expected, origin = begun[begin]
        found.append(_pregnancy(begin, expected, origin, stored, names, now))
    return tuple(reversed(found))


def next_visit(pregnancy: Pregnancy, life: Life) -> Done | None:
    """The visit that was agreed upon at the last one of a pregnancy; None if none was."""
    if not pregnancy.visits:
        return None
    last = pregnancy.visits[-1]
    plans = [
        planned
        for one in life.of("ServiceRequest")
        if visit_named(one.resource) == last.origin.id
        and (planned := plan_of(one, life)) is not None
    ]
    return max(plans, key=lambda one: one.day, default=None)


def _note_dates(one: Stored, names: Names, begun: dict[date, tuple[date | None, Origin]]) -> None:
    codes = _codes(one.resource)
    told = one.resource.get("valueDateTime")
    if not told or len(told) < len("2026-01-01"):
        return
    day = date.fromisoformat(told[:10])
    if _LAST_PERIOD in codes:
        expected = begun.get(day, (None, None))[0]
        begun[day] = (expected, origin_of(one, names))
    elif _EXPECTED in codes:
        begin = next((known for known in begun if abs(day - known - _TERM).days <= 28), day - _TERM)
        begun[begin] = (day, begun[begin][1] if begin in begun else origin_of(one, names))


def _pregnancy(
    begin: date,
    expected: date | None,
    origin: Origin,
    stored: Sequence[Stored],
    names: Names,
    now: datetime,
) -> Pregnancy:
    inside = [
        (one, at)
        for one in stored
        if (at := _when(one.resource)) and begin <= _day(at) <= begin + _LONGEST + _CHILDBED
    ]
    outcome, ended = _end(one for one in inside if _day(one[1]) <= begin + _LONGEST)
    last = (ended or begin + _LONGEST) + _CHILDBED
    inside = [pair for pair in inside if _day(pair[1]) <= last]
    moments = [(one, _moment(one, at, begin, names)) for one, at in inside]
    visits = [made for one, made in moments if one.type == "Encounter" and _is_visit(made.name)]
    results = [
        made
        for one, made in moments
        if one.type == "Observation" and _codes(one.resource) & _RESULTS
    ]
    newest = sorted(inside, key=lambda pair: pair[1], reverse=True)
    return Pregnancy(
        begin,
        expected or begin + _TERM,
        expected is None,
        outcome,
        ended,
        next((colour for one, _ in newest if (colour := _colour(one.resource))), ""),
        tuple(sorted(visits, key=lambda one: one.at)),
        tuple(sorted(results, key=lambda one: one.at)),
        not outcome and _day(now) <= begin + _LONGEST,
        origin,
    )


def _end(inside: Iterable[tuple[Stored, datetime]]) -> tuple[str, date | None]:
    for one, at in sorted(inside, key=lambda pair: pair[1]):
        codes = [str(code) for code in _codes(one.resource)]
        for beginnings, outcome in _ENDS:
            if one.type == "Condition" and any(code.startswith(beginnings) for code in codes):
                return outcome, _day(at)
        text = concept_text(one.resource.get("code"))
        if one.type == "Observation" and text in ("分娩日期", "分娩时间"):
            return "delivered", _day(at)
    return "", None


def _colour(resource: Resource) -> str:
    if "风险" not in concept_text(resource.get("code")):
        return ""
    told = str(resource.get("valueString") or concept_text(resource.get("valueCodeableConcept")))
    return next((colour for sign, colour in COLOURS.items() if sign in told), "")


def _moment(one: Stored, at: datetime, begin: date, names: Names) -> Moment:
    resource = one.resource
    kinds: list[Any] = resource.get("type") or [{}]
    name = concept_text(kinds[0]) if one.type == "Encounter" else concept_text(resource.get("code"))
    days = (_day(at) - begin).days
    return Moment(name, _value(resource), at, days, origin_of(one, names))


def _value(resource: Resource) -> str:
    if parts := resource.get("component"):
        return "/".join(str((part.get("valueQuantity") or {}).get("value", "")) for part in parts)
    quantity = resource.get("valueQuantity") or {}
    if quantity:
        return f"{quantity.get('value', '')} {quantity.get('unit', '')}".strip()
    return str(resource.get("valueString") or concept_text(resource.get("valueCodeableConcept")))


def _is_visit(name: str) -> bool:
    return any(word in name for word in _VISIT_WORDS)


def _codes(resource: Resource) -> frozenset[str]:
    coded = (resource.get("code") or {}).get("coding", [])
    return frozenset(str(coding.get("code", "")) for coding in coded)


def _when(resource: Resource) -> datetime | None:
    period = resource.get("period") or resource.get("performedPeriod") or {}
    return moment(
        resource.get("effectiveDateTime")
        or resource.get("onsetDateTime")
        or resource.get("recordedDate")
        or resource.get("performedDateTime")
        or period.get("start")
    )


def _day(at: datetime) -> date:
    return at.astimezone(_ZONE).date()
