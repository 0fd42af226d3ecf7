"""Who the family doctor is, by the agreements and files that institutions sent.

An agreement (家庭医生签约服务, 国卫基层发〔2022〕10号) is a Contract, which lies in nobody's
compartment; its team (CareTeam) does, with the same days. A file (居民健康档案) names a responsible
doctor in the Patient.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, Literal

import msgspec

from minkang.fhir import Resource, date_range, local_reference
from minkang.record.fact import Names, Origin, concept_text, origin_of
from minkang.record.timeline import ZONE
from minkang.store import Stored

TYPES: Final = ("CareTeam", "Composition", "Patient")
_AGREEMENT: Final = "家庭医生签约"
_NAMED_SO: Final = "家庭医生"
_OFF: Final = frozenset({"entered-in-error", "inactive", "suspended", "proposed"})


class FamilyDoctor(msgspec.Struct, frozen=True):
    """A family doctor.

    Attributes:
        state: `current`: an agreement in force; `ended`: one that is over; `named`: the doctor
            that a file names as responsible.
        since, until: of the agreement, both included.
    """

    state: Literal["current", "ended", "named"]
    doctor: str
    team: str
    institution: str
    since: date | None
    until: date | None
    origin: Origin


def family_doctors_of(
    teams: Iterable[Stored],
    documents: Iterable[Stored],
    patients: Iterable[Stored],
    names: Names,
    today: date,
) -> tuple[FamilyDoctor, ...]:
    """All that were told: agreements in force first, without any the one that ended last; then
    files. An agreement that begins later is none yet.

    `documents`: Compositions, those of agreements among them.
    """
    agreed = _agreed(documents)
    told = [
        _team(one, names, today)
        for one in teams
        if one.resource.get("status") not in _OFF
        and (one.id in agreed or _NAMED_SO in str(one.resource.get("name", "")))
    ]
    under = [one for one in told if one.since is None or one.since <= today]
    under.sort(key=lambda one: one.until or date.max, reverse=True)
    current = _once(one for one in under if one.state == "current")
    ended = [one for one in under if one.state == "ended"][:1] if not current else []
    filed = _once(each for one in patients for each in _named(one, names))
    known = {one.doctor for one in current}
    return (*current, *ended, *(one for one in filed if one.doctor not in known))


def _agreed(documents: Iterable[Stored]) -> set[str]:
    """The ids of the teams that agreements name."""
    found = set()
    for one in documents:
        if _AGREEMENT not in concept_text(one.resource.get("type")):
            continue
        for section in one.resource.get("section", []):
            for entry in section.get("entry", []):
                target = local_reference(entry)
                if target is not None and target[0] == "CareTeam":
                    found.add(target[1])
    return found


def _team(stored: Stored, names: Names, today: date) -> FamilyDoctor:
    resource = stored.resource
    origin = origin_of(stored, names)
    members: list[Any] = resource.get("participant", [])
    doctors = [str((one.get("member") or {}).get("display", "")) for one in members]
    kept_by: list[Any] = resource.get("managingOrganization") or [{}]
    since, until = _days(resource)
    return FamilyDoctor(
        "current" if until is None or today <= until else "ended",
        next((one for one in doctors if one), ""),
        str(resource.get("name", "")),
        str(kept_by[0].get("display") or origin.organisation_name),
        since,
        until,
        origin,
    )


def _days(resource: Resource) -> tuple[date | None, date | None]:
    period = resource.get("period") or {}
    since, until = period.get("start"), period.get("end")
    return (
        date_range(since).low.astimezone(ZONE).date() if since else None,
        date_range(until).low.astimezone(ZONE).date() if until else None,
    )


def _named(patient: Stored, names: Names) -> Iterable[FamilyDoctor]:
    resource = patient.resource
    if resource.get("active") is False:
        return
    origin = origin_of(patient, names)
    for one in resource.get("generalPractitioner", []):
        doctor = str(one.get("display", "")).strip()
        if doctor:
            yield FamilyDoctor("named", doctor, "", origin.organisation_name, None, None, origin)


def _once(several: Iterable[FamilyDoctor]) -> list[FamilyDoctor]:
    """Each doctor of an institution once."""
    found: dict[tuple[str, str, str], FamilyDoctor] = {}
    for one in several:
        found.setdefault((one.doctor, one.team if not one.doctor else "", one.institution), one)
    return list(found.values())
