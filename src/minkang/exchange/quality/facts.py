"""What a rule may know: a resource, when it came, and the few others that it is judged by."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from minkang.fhir import DateRange, Resource, date_range
from minkang.fhir.dates import LOCAL

# Where each type says when what it tells of took place; the first that is there counts.
_TIMES: Final[dict[str, tuple[str, ...]]] = {
    "AllergyIntolerance": ("recordedDate", "onsetDateTime"),
    "ChargeItem": ("occurrenceDateTime", "occurrencePeriod.start", "enteredDate"),
    "Composition": ("date",),
    "Condition": ("recordedDate", "onsetDateTime"),
    "DiagnosticReport": ("issued", "effectiveDateTime", "effectivePeriod.start"),
    "DocumentReference": ("date", "context.period.start"),
    "Encounter": ("period.start", "period.end"),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "Invoice": ("date",),
    "MedicationRequest": ("authoredOn",),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod.start"),
    "ServiceRequest": ("authoredOn", "occurrenceDateTime"),
}


_LONGEST: Final = 40


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A resource with what its rules need.

    Attributes:
        received: when it first came in from its source; without a message, when it was stored.
        since: when the first message of its source came in: what is older is history that was
            brought in afterwards, of which nobody could have sent it in time.
        patient, visit, order: current resources that it names, where they are stored.
        mentioned: types of the resources that name it.
        shared: whether another of the source has what no two should have; None if it has
            nothing to compare.
    """

    resource: Resource
    received: datetime
    since: datetime | None = None
    patient: Resource | None = None
    visit: Resource | None = None
    order: Resource | None = None
    mentioned: frozenset[str] = frozenset()
    shared: bool | None = None


def values(resource: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """All values at a dotted path; lists on the way are gone through."""
    if isinstance(resource, list):
        for one in resource:
            yield from values(one, path)
    elif not path:
        if resource is not None:
            yield resource
    elif isinstance(resource, dict) and path[0] in resource:
        yield from values(resource[path[0]], path[1:])


def is_said(value: Any) -> bool:
    """Whether something is really said: no empty text, no mere mark that it is unknown."""
    if isinstance(value, dict):
        return any(is_said(one) for key, one in value.items() if key not in ("extension", "id"))
    if isinstance(value, list):
        return any(is_said(one) for one in value)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def span(value: Any) -> DateRange | None:
    """The span of a date, or None if there is none that can be read."""
    return _span(value) if isinstance(value, str) and len(value) <= _LONGEST else None


@lru_cache(maxsize=10_000)
def _span(text: str) -> DateRange | None:
    # Several rules ask for the same times, and what belongs together happened together.
    try:
        return date_range(text)
    except ValueError:
        return None


def event(resource: Resource) -> DateRange | None:
    """When what a resource tells of took place; None if it does not say, or is no event."""
    for name in _TIMES.get(resource["resourceType"], ()):
        for value in values(resource, tuple(name.split("."))):
            if (found := span(value)) is not None:
                return found
    return None


def day_of(resource: Resource, received: datetime) -> date:
    """The day of the region that a resource counts for: of the event, else of its arrival."""
    found = event(resource)
    return (found.low if found else received).astimezone(LOCAL).date()
