"""Checks of times. Spans are compared, so that a mere day is never before an hour of it."""

from collections.abc import Callable
from datetime import timedelta

from minkang.exchange.quality.facts import Facts, event, span, values
from minkang.fhir import DateRange, Resource

_CLOCKS = timedelta(hours=1)
"""How far the clock of a source may be ahead of ours."""

Check = Callable[[Facts], bool | None]


def _first(resource: Resource | None, field: str) -> DateRange | None:
    for value in values(resource, tuple(field.split("."))):
        if (found := span(value)) is not None:
            return found
    return None


def _in_order(earlier: DateRange | None, later: DateRange | None) -> bool | None:
    return None if earlier is None or later is None else later.high > earlier.low


def not_future(field: str) -> Check:
    """No time there lies after the arrival."""
    path = tuple(field.split("."))

    def check(facts: Facts) -> bool | None:
        found = [one for value in values(facts.resource, path) if (one := span(value))]
        limit = facts.received + _CLOCKS
        return all(one.low <= limit for one in found) if found else None

    return check


def in_order(field: str, *, later: str, of: str = "") -> Check:
    """The time in `field`, of the resource or of its `visit` or `order`, is not after `later`."""
    if of not in ("", "visit", "order"):
        raise ValueError(f"of: {of!r}")

    def check(facts: Facts) -> bool | None:
        other = {"": facts.resource, "visit": facts.visit, "order": facts.order}[of]
        return _in_order(_first(other, field), _first(facts.resource, later))

    return check


def after_birth(field: str) -> Check:
    """The time there is not before the patient was born."""

    def check(facts: Facts) -> bool | None:
        return _in_order(_first(facts.patient, "birthDate"), _first(facts.resource, field))

    return check


def within_visit(field: str, *, before: float, after: float) -> Check:
    """The time there lies within the visit, or at most so many hours outside it."""
    early, late = timedelta(hours=before), timedelta(hours=after)

    def check(facts: Facts) -> bool | None:
        at, start = _first(facts.resource, field), _first(facts.visit, "period.start")
        end = _first(facts.visit, "period.end")
        if at is None or (start is None and end is None):
            return None
        if start is not None and at.high <= start.low - early:
            return False
        return end is None or at.low < end.high + late

    return check


def not_longer(field: str, *, days: float, kinds: list[str]) -> Check:
    """The period there is not longer; of visits of these classes."""
    longest = timedelta(days=days)

    def check(facts: Facts) -> bool | None:
        if facts.resource.get("class", {}).get("code") not in kinds:
            return None
        start = _first(facts.resource, f"{field}.start")
        end = _first(facts.resource, f"{field}.end")
        return None if start is None or end is None else end.low - start.low <= longest

    return check


def in_time(field: str, within: timedelta) -> Check:
    """It came in soon after the event (`field` only names where that is said)."""
    del field

    def check(facts: Facts) -> bool | None:
        at = event(facts.resource)
        if at is None or facts.since is None or at.high < facts.since:
            return None
        return facts.received <= at.high + within

    return check
