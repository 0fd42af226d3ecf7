"""The clock, and the parts of dates and times (FHIRPath 2.0, 5.9; 3.0 for the parts)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from minkang.fhir.dates import LOCAL
from minkang.fhir.path import temporal
from minkang.fhir.path.environment import Environment, Items
from minkang.fhir.path.error import failure
from minkang.fhir.path.functions.function import Function
from minkang.fhir.path.temporal import Temporal
from minkang.fhir.path.values import described, single, single_text


def _moment(env: Environment) -> datetime:
    if env.now is None:
        env.now = datetime.now(LOCAL)
    return env.now.astimezone(LOCAL)


def _now(env: Environment, _items: Items) -> Items:
    found = temporal.date_time(_moment(env).isoformat(timespec="milliseconds"))
    return [] if found is None else [found]


def _today(env: Environment, _items: Items) -> Items:
    found = temporal.date(_moment(env).date().isoformat())
    return [] if found is None else [found]


def _time_of_day(env: Environment, _items: Items) -> Items:
    found = temporal.time(_moment(env).time().isoformat(timespec="milliseconds"))
    return [] if found is None else [found]


def _part(of_day: int, of_time: int | None) -> Callable[..., Items]:
    """A field by its place in a DateTime and in a Time."""

    def function(_env: Environment, items: Items) -> Items:
        value = single(items)
        if not isinstance(value, Temporal):
            return []
        place = of_time if value.type == "Time" else of_day
        return [] if place is None else list(value.fields[place : place + 1])

    return function


def _millisecond(_env: Environment, items: Items) -> Items:
    value = single(items)
    if not isinstance(value, Temporal) or not value.fraction:
        return []
    return [int((value.fraction + "00")[:3])]


def _timezone_offset(_env: Environment, items: Items) -> Items:
    value = single(items)
    if not isinstance(value, Temporal) or value.zone is None:
        return []
    return [Decimal(value.zone) / 60]


def _date_of(_env: Environment, items: Items) -> Items:
    value = single(items)
    if not isinstance(value, Temporal) or value.type == "Time":
        return []
    return [Temporal("Date", value.fields[:3])]


def _time_of(_env: Environment, items: Items) -> Items:
    value = single(items)
    if not isinstance(value, Temporal) or value.type != "DateTime" or len(value.fields) < 4:
        return []
    return [Temporal("Time", value.fields[3:], value.fraction)]


def _distance(*, crossed: bool) -> Callable[..., Items]:
    def function(_env: Environment, items: Items, other: Items, unit: Items) -> Items:
        first, last, word = single(items), single(other), single_text(unit)
        if first is None or last is None or word is None:
            return []
        if not isinstance(first, Temporal) or not isinstance(last, Temporal):
            raise failure(f"dates or times are expected, not {described(first)}")
        found = temporal.between(first, last, word, crossed=crossed)
        return [] if found is None else [found]

    return function


FUNCTIONS = {
    "now": Function(_now),
    "today": Function(_today),
    "timeOfDay": Function(_time_of_day),
    "yearOf": Function(_part(0, None)),
    "monthOf": Function(_part(1, None)),
    "dayOf": Function(_part(2, None)),
    "hourOf": Function(_part(3, 0)),
    "minuteOf": Function(_part(4, 1)),
    "secondOf": Function(_part(5, 2)),
    "millisecondOf": Function(_millisecond),
    "timezoneOffsetOf": Function(_timezone_offset),
    "dateOf": Function(_date_of),
    "timeOf": Function(_time_of),
    "duration": Function(_distance(crossed=False), 2, 2),
    "difference": Function(_distance(crossed=True), 2, 2),
}
