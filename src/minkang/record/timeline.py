"""A life as it went: visits, and what was found, written, given and done at each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.record.life import Life
from minkang.record.problems import never_had
from minkang.record.results import Result, is_result, newest_first, results_of
from minkang.record.visits import Visit, visits_of
from minkang.store import Stored

TYPES: Final = (
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Procedure",
)
ZONE: Final = ZoneInfo("Asia/Shanghai")
_WRONG: Final = frozenset({"entered-in-error", "cancelled", "not-done"})
_AHEAD: Final = timedelta(minutes=10)
"""Clocks that differ by less are all right."""


class Item(msgspec.Struct, frozen=True):
    """Something that happened; `kind` is the resource type, `more` a short addition.

    `codings`: (system, code) of a diagnosis or procedure.
    """

    kind: str
    name: str
    more: str
    at: datetime | None
    origin: Origin
    codings: tuple[tuple[str, str], ...] = ()


class Stop(msgspec.Struct, frozen=True):
    """A visit, or a day at an institution of which no visit is known (`visit` is None).

    Attributes:
        at: when it began; None if nothing says when.
        items: reports, documents, medicines, procedures, immunisations, diagnoses, in their order.
        results: the values that were measured; abnormal: those out of the ordinary.
        faults: `ahead`: its time lies after its arrival, so the source's clock is wrong;
            `after-death`: it lies after the day of death.
    """

    visit: Visit | None
    at: datetime | None
    institution: str
    items: tuple[Item, ...]
    results: tuple[Result, ...]
    faults: tuple[str, ...]

    @property
    def abnormal(self) -> tuple[Result, ...]:
        """Values that the laboratory or its range calls out of the ordinary."""
        return tuple(one for one in self.results if one.abnormal)


class Wish(msgspec.Struct, frozen=True):
    """What of a timeline is wanted; what is empty does not matter. Days of China, both included."""

    institution: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None


def timeline_of(
    life: Life, died: date | None = None, results: Iterable[Result] | None = None
) -> tuple[Stop, ...]:
    """All stops, newest first; those without any time come last.

    `results`: those of the life's Observations, where the caller has them already.
    """
    if results is None:
        measured = [one for one in life.of("Observation") if is_result(one)]
        results = results_of(measured, life.names)
    values: dict[str, list[Result]] = {}
    for result in results:
        values.setdefault(result.origin.id, []).append(result)
    encounters = {f"Encounter/{one.id}": one for one in life.of("Encounter")}
    visits = {
        f"Encounter/{one.origin.id}": one for one in visits_of(encounters.values(), life.names)
    }
    hung: dict[str, list[Stored]] = {name: [] for name in visits}
    loose: dict[tuple[str, str], list[Stored]] = {}
    for stored in _facts(life):
        place = _place(stored, visits)
        if place is not None:
            hung[place].append(stored)
        else:
            at = _when(stored.resource)
            day = at.astimezone(ZONE).date().isoformat() if at else ""
            loose.setdefault((stored.source, day), []).append(stored)
    stops = [
        _stop(visits[name], facts, values, life.names, died, encounters[name].updated)
        for name, facts in hung.items()
    ]
    days = (_stop(None, facts, values, life.names, died, None) for facts in loose.values())
    # A day of which nothing can be named (an answer of a form, a note without a name) is no stop.
    stops += [one for one in days if one.items or one.results]
    return tuple(sorted(stops, key=lambda one: (one.at is not None, one.at), reverse=True))


def chosen(stops: Iterable[Stop], wish: Wish) -> tuple[Stop, ...]:
    """The stops that fit a wish."""
    return tuple(one for one in stops if _fits(one, wish))


def _fits(stop: Stop, wish: Wish) -> bool:
    if wish.institution and stop.institution != wish.institution:
        return False
    if wish.kind and (stop.visit is None or stop.visit.kind != wish.kind):
        return False
    if wish.since is None and wish.until is None:
        return True
    if stop.at is None:
        return False
    day = stop.at.astimezone(ZONE).date()
    return (wish.since or day) <= day <= (wish.until or day)


def _facts(life: Life) -> Iterable[Stored]:
    for name in TYPES:
        if name == "Encounter":
            continue
        for stored in life.of(name):
            resource = stored.resource
            if resource.get("status") not in _WRONG and not never_had(resource):
                yield stored


def _place(stored: Stored, visits: Mapping[str, Visit]) -> str | None:
    """The visit that a fact says that it belongs to."""
    resource = stored.resource
    context = resource.get("context")
    places: list[Any] = [resource.get("encounter")]
    if isinstance(context, dict):
        places += context.get("encounter", [])
    for place in places:
        target = local_reference(place) if isinstance(place, dict) else None
        if target is not None and "/".join(target) in visits:
            return "/".join(target)
    return None


def _when(resource: Resource) -> datetime | None:
    for name in (
        "effectiveDateTime", "performedDateTime", "occurrenceDateTime", "authoredOn",
        "recordedDate", "onsetDateTime", "date", "issued",
    ):  # fmt: skip
        if resource.get(name):
            return moment(str(resource[name]))
    for name in ("effectivePeriod", "performedPeriod", "period"):
        period = resource.get(name)
        if isinstance(period, dict) and period.get("start"):
            return moment(str(period["start"]))
    return None


def _stop(
    visit: Visit | None,
    facts: Sequence[Stored],
    values: Mapping[str, Sequence[Result]],
    names: Names,
    died: date | None,
    arrived: datetime | None,
) -> Stop:
    told = [_item(one, names) for one in facts]
    items = [one for one in told if one is not None]
    measured = (values.get(one.id, ()) for one in facts if one.type == "Observation")
    results = newest_first(each for several in measured for each in several)
    times = [*(one.at for one in items if one.at), *(one.at for one in results if one.at)]
    at = visit.start if visit is not None else min(times, default=None)
    if visit is not None:
        institution = visit.origin.organisation_name
    else:
        institution = names.get(facts[0].source, facts[0].source)
    received = arrived or min(one.updated for one in facts)
    return Stop(
        visit,
        at,
        institution,
        tuple(sorted(_once(items), key=_order)),
        tuple(results),
        _faults(at, received, died),
    )


def _faults(at: datetime | None, received: datetime, died: date | None) -> tuple[str, ...]:
    if at is None:
        return ()
    found = []
    if at > received + _AHEAD:
        found.append("ahead")
    if died is not None and at.astimezone(ZONE).date() > died:
        found.append("after-death")
    return tuple(found)


_KINDS: Final = (
    "Condition",
    "DiagnosticReport",
    "Procedure",
    "MedicationRequest",
    "Immunization",
    "DocumentReference",
)


def _order(item: Item) -> tuple[int, float, str]:
    return _KINDS.index(item.kind), item.at.timestamp() if item.at else 0.0, item.name


def _once(items: Iterable[Item]) -> list[Item]:
    """The same diagnosis of one visit is said once."""
    seen: dict[tuple[str, str, str], Item] = {}
    for one in items:
        key = one.name if one.kind == "Condition" else one.origin.id
        seen.setdefault((one.kind, key, one.more), one)
    return list(seen.values())


def _item(stored: Stored, names: Names) -> Item | None:
    named = _NAMED.get(stored.type)
    if named is None:
        return None
    name, more = named(stored.resource)
    if not name:
        return None
    origin = origin_of(stored, names)
    return Item(stored.type, name, more, _when(stored.resource), origin, _codings(stored))


def _codings(stored: Stored) -> tuple[tuple[str, str], ...]:
    if stored.type not in ("Condition", "Procedure"):
        return ()
    codings: list[dict[str, Any]] = (stored.resource.get("code") or {}).get("coding", [])
    return tuple((str(one.get("system", "")), str(one.get("code", ""))) for one in codings)


def _medicine(resource: Resource) -> tuple[str, str]:
    dosages: Any = resource.get("dosageInstruction") or [{}]
    return concept_text(resource.get("medicationCodeableConcept")), str(dosages[0].get("text", ""))


def _report(resource: Resource) -> tuple[str, str]:
    return concept_text(resource.get("code")), str(resource.get("conclusion", ""))


_NAMED: Final[Mapping[str, Callable[[Resource], tuple[str, str]]]] = {
    "Condition": lambda one: (concept_text(one.get("code")), ""),
    "DiagnosticReport": _report,
    "Procedure": lambda one: (concept_text(one.get("code")), ""),
    "MedicationRequest": _medicine,
    "Immunization": lambda one: (concept_text(one.get("vaccineCode")), ""),
    "DocumentReference": lambda one: (
        str(one.get("description") or concept_text(one.get("type"))), "",
    ),
}  # fmt: skip
