"""Visits, newest first, each with its diagnoses and complaint."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.store import Stored

_NEVER_WAS = ("cancelled", "entered-in-error")


class Visit(msgspec.Struct, frozen=True):
    """One contact with an institution; `kind` is the ActCode of its class (AMB, IMP, EMER).

    `doctors`: all who took part, by name; `doctor` the first of them. `forms`: what kind of visit
    it was in words, such as the title of the form that it filled in.
    """

    kind: str
    start: datetime | None
    end: datetime | None
    department: str
    doctor: str
    reasons: tuple[str, ...]
    status: str
    origin: Origin
    doctors: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


def visits_of(encounters: Iterable[Stored], names: Names) -> tuple[Visit, ...]:
    """Encounters as visits, newest first; those that did not take place are left out."""
    visits = []
    for stored in encounters:
        resource = stored.resource
        if resource.get("status") in _NEVER_WAS:
            continue
        period = resource.get("period", {})
        doctors = [
            one.get("individual", {}).get("display", "") for one in resource.get("participant", [])
        ]
        reasons = dict.fromkeys(concept_text(one) for one in resource.get("reasonCode", []))
        visits.append(
            Visit(
                resource.get("class", {}).get("code", ""),
                moment(period.get("start")),
                moment(period.get("end")),
                concept_text(resource.get("serviceType")),
                doctors[0] if doctors else "",
                tuple(reason for reason in reasons if reason),
                resource.get("status", ""),
                origin_of(stored, names),
                tuple(filter(None, doctors)),
                tuple(filter(None, map(concept_text, resource.get("type", [])))),
            )
        )
    return tuple(sorted(visits, key=lambda v: (v.start is not None, v.start), reverse=True))
