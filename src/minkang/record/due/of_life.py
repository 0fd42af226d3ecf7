"""How a resident stands with the services of the norm, by the facts that a scope shows.

The list of an institution (`list`) counts the facts of all institutions, as the services are a duty
by law. A record shows no more than its reader may see, so here only what was gathered counts.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from minkang.fhir import Resource, local_reference
from minkang.identity import Resident
from minkang.record.due.follow import facts_of
from minkang.record.due.list import begun_of
from minkang.record.due.rules import Service, due_day, services
from minkang.record.fact import Origin, moment, origin_of
from minkang.record.life import Life
from minkang.record.timeline import ZONE
from minkang.store import Stored

TYPES: Final = ("Composition", "Condition", "EpisodeOfCare", "ServiceRequest")
_VOID: Final = frozenset({"entered-in-error", "cancelled", "revoked", "draft"})


class Done(msgspec.Struct, frozen=True):
    """A day of a service, or one agreed upon, and what says so."""

    day: date
    origin: Origin


class Standing(msgspec.Struct, frozen=True):
    """A service that applies to a resident.

    Attributes:
        care: who looks after the resident for it; None for services by age or delivery, and where
            none is seen.
        last: when it was done last.
        day: when it is due next, or was and is not seen yet; None never again.
        planned: the agreement that `day` follows from; None if it follows from the rule.
    """

    service: Service
    care: Origin | None
    last: Done | None
    day: date | None
    planned: Done | None

    def overdue(self, today: date) -> int:
        """Days past the day; 0 before it."""
        return 0 if self.day is None else max(0, (today - self.day).days)


def standings_of(life: Life, resident: Resident, today: date) -> tuple[Standing, ...]:
    """The services that apply, in the order of the rules; `life` holds `TYPES`."""
    known: dict[str, list[date]] = defaultdict(list)
    done: dict[str, list[Done]] = defaultdict(list)
    care: dict[str, Origin] = {}
    for kind in TYPES[:3]:
        for one in life.of(kind):
            for fact in facts_of(one.type, one.id, one.resource):
                known[fact.what].append(fact.day or date.min)
                what, _, key = fact.what.partition(":")
                if what == "done" and fact.day is not None:
                    done[key].append(Done(fact.day, origin_of(one, life.names)))
                elif what == "care":
                    care.setdefault(key, origin_of(one, life.names))
    planned = planned_of(life)
    found = []
    for service in services():
        begun = begun_of(resident, service, known, today)
        if begun is not None:
            mine = [one for one in done[service.key] if one.day <= today]
            agreed = max(planned.get(service.key, ()), key=lambda one: one.day, default=None)
            found.append(_standing(service, care.get(service.key), mine, agreed, begun, today))
    return tuple(found)


def _standing(
    service: Service,
    care: Origin | None,
    done: list[Done],
    agreed: Done | None,
    begun: date,
    today: date,
) -> Standing:
    days = [one.day for one in done]
    day = due_day(service, begun, days, agreed.day if agreed is not None else None, today)
    by_agreement = agreed is not None and agreed.day == day
    last = max(done, key=lambda one: one.day, default=None)
    return Standing(service, care, last, day, agreed if by_agreement else None)


def planned_of(life: Life) -> dict[str, list[Done]]:
    """Follow-ups agreed upon, by the key of the service that they are of.

    Of which service one is, a form of our own says itself; of others the document says that was
    written at the same visit.
    """
    at_visit: dict[str, set[str]] = defaultdict(set)
    for one in life.of("Composition"):
        visit = visit_named(one.resource)
        for fact in facts_of(one.type, one.id, one.resource):
            what, _, key = fact.what.partition(":")
            if what == "done" and visit:
                at_visit[visit].add(key)
    found: dict[str, list[Done]] = defaultdict(list)
    for one in life.of("ServiceRequest"):
        planned = plan_of(one, life)
        if planned is None:
            continue
        said = {fact.what.partition(":")[2] for fact in facts_of(one.type, one.id, one.resource)}
        for key in said or at_visit.get(visit_named(one.resource), set()):
            found[key].append(planned)
    return dict(found)


def plan_of(request: Stored, life: Life) -> Done | None:
    """The day of a follow-up that was agreed upon; None for other requests."""
    resource = request.resource
    if resource.get("intent") != "plan" or resource.get("status") in _VOID:
        return None
    at = moment(resource.get("occurrenceDateTime"))
    if at is None:
        return None
    return Done(at.astimezone(ZONE).date(), origin_of(request, life.names))


def visit_named(resource: Resource) -> str:
    """The id of the Encounter that a resource says it belongs to; empty if it names none."""
    said: Any = resource.get("encounter")
    target = local_reference(said) if isinstance(said, dict) else None
    return target[1] if target is not None and target[0] == "Encounter" else ""


def coming(standings: tuple[Standing, ...], today: date, ahead: timedelta) -> list[Standing]:
    """What is due up to a time ahead, the longest overdue first."""
    near = [one for one in standings if one.day is not None and one.day <= today + ahead]
    return sorted(near, key=lambda one: one.day or today)
