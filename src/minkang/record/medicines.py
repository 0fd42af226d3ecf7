"""Medicines of a life: what is taken now and was taken before, and what does not go together.

A prescription reaches as far as its days of supply; one that does not say how long stands for seven
days (处方管理办法, article 19: a prescription is for seven days as a rule). What a form tells of
use stands for 120 days, the quarter after which such a form is filled in again and a month's delay.
A dispensing is the evidence that a prescription was filled, never a second one.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.record.substances import Substance, allergy_groups, substance_of
from minkang.store import Stored

TYPES: Final = (
    "MedicationRequest",
    "MedicationDispense",
    "MedicationStatement",
    "MedicationAdministration",
    "AllergyIntolerance",
)
_USUAL: Final = timedelta(days=7)
_STATED: Final = timedelta(days=120)
_LONGEST: Final = 366
_NEVER_WAS: Final = frozenset({"entered-in-error", "cancelled", "not-taken", "not-done", "draft"})
_ENDED: Final = frozenset({"stopped"})
_DAYS_WRITTEN: Final = re.compile(r"共\s*(\d{1,3})\s*[天日]")
_DAYS: Final = {"d": 1, "day": 1, "天": 1, "日": 1, "wk": 7, "周": 7, "mo": 30, "月": 30}


class Given(msgspec.Struct, frozen=True):
    """One prescription, dispensing, statement of use or administration.

    Attributes:
        kind: `prescription`, `dispensing`, `statement` or `administration`.
        until: the last moment that it reaches.
        assumed: the days were not sent; `until` follows from the rule of the module.
        prescription: id of the MedicationRequest that a dispensing fills, else empty.
        quantity: how much was prescribed or handed over, as sent.
    """

    kind: str
    name: str
    substance: Substance
    how: str
    quantity: str
    start: datetime
    until: datetime
    assumed: bool
    status: str
    by: str
    prescription: str
    origin: Origin


class Medicine(msgspec.Struct, frozen=True):
    """All that was given of one substance, newest first."""

    substance: Substance
    name: str
    given: tuple[Given, ...]
    now: bool

    @property
    def institutions(self) -> tuple[str, ...]:
        """The names of those that gave it, newest first."""
        return tuple(dict.fromkeys(one.origin.organisation_name for one in self.given))


class Finding(msgspec.Struct, frozen=True):
    """What does not go together, and the rule that found it.

    Attributes:
        rule: `same-substance`, `same-group`, `allergy` or `allergy-crossing`.
        names: the medicines, or the medicine and the recorded allergy.
        institutions: who prescribed, in the order of the names.
        about: the ATC code or group that the rule went by; empty if it went by the name.
    """

    rule: str
    names: tuple[str, ...]
    institutions: tuple[str, ...]
    about: str
    origins: tuple[Origin, ...]


def medicines_of(stored: Iterable[Stored], names: Names, now: datetime) -> tuple[Medicine, ...]:
    """Everything given, by substance: what reaches to now first, then the newest."""
    groups: dict[str, list[Given]] = {}
    for one in stored:
        if (given := _given(one, names)) is not None:
            groups.setdefault(given.substance.key, []).append(given)
    found = []
    for several in groups.values():
        several.sort(key=lambda one: one.start, reverse=True)
        taken = any(one.until >= now for one in several if one.kind != "administration")
        found.append(Medicine(several[0].substance, several[0].name, tuple(several), taken))
    found.sort(key=lambda one: (one.now, one.given[0].start), reverse=True)
    return tuple(found)


def findings_of(
    medicines: Sequence[Medicine], allergies: Iterable[Stored], names: Names, now: datetime
) -> tuple[Finding, ...]:
    """What of the medicines of now does not go together; allergies first."""
    current = [one for one in medicines if one.now]
    found = [
        finding
        for allergy in allergies
        if _holds(allergy.resource)
        for medicine in current
        if (finding := _against(allergy, medicine, names, now)) is not None
    ]
    found += [finding for one in current if (finding := _doubled(one, now)) is not None]
    return (*found, *_same_groups(current, now))


def _doubled(medicine: Medicine, now: datetime) -> Finding | None:
    places = _places(medicine, now)
    if len(places) < 2:
        return None
    return Finding(
        "same-substance",
        tuple(one.name for one in places.values()),
        tuple(places),
        medicine.substance.atc,
        tuple(one.origin for one in places.values()),
    )


def _same_groups(current: Sequence[Medicine], now: datetime) -> list[Finding]:
    groups: dict[str, list[Medicine]] = {}
    for one in current:
        if one.substance.group and _places(one, now):
            groups.setdefault(one.substance.group, []).append(one)
    found = []
    for group, several in groups.items():
        places = {place for one in several for place in _places(one, now)}
        if len(several) > 1 and len(places) > 1:
            newest = [next(iter(_places(one, now).values())) for one in several]
            found.append(
                Finding(
                    "same-group",
                    tuple(one.name for one in newest),
                    tuple(one.origin.organisation_name for one in newest),
                    group,
                    tuple(one.origin for one in newest),
                )
            )
    return found


def _places(medicine: Medicine, now: datetime) -> dict[str, Given]:
    """Who has prescribed, or dispensed without a prescription, what is not used up: newest each."""
    places: dict[str, Given] = {}
    for one in medicine.given:
        counts = one.kind == "prescription" or (one.kind == "dispensing" and not one.prescription)
        if counts and one.until >= now:
            places.setdefault(one.origin.organisation_name, one)
    return places


def _against(allergy: Stored, medicine: Medicine, names: Names, now: datetime) -> Finding | None:
    said = concept_text(allergy.resource.get("code"))
    rule, about = _allergy_rule(said, medicine.substance)
    if not rule:
        return None
    newest = next(one for one in medicine.given if one.until >= now)
    return Finding(
        rule,
        (newest.name, said),
        (newest.origin.organisation_name,),
        about,
        (newest.origin, origin_of(allergy, names)),
    )


def _allergy_rule(said: str, substance: Substance) -> tuple[str, str]:
    """The rule by which an entry speaks against a substance; empty if none does."""
    lower = said.lower()
    if len(substance.name) > 1 and substance.name in said:
        return "allergy", ""
    for group in allergy_groups():
        if not substance.atc or not any(word in lower for word in group.words):
            continue
        if covering := next((c for c in group.covers if substance.atc.startswith(c)), ""):
            return "allergy", covering
        if crossing := next((c for c in group.crosses if substance.atc.startswith(c)), ""):
            return "allergy-crossing", crossing
    return "", ""


def _holds(allergy: Resource) -> bool:
    """Whether an allergy is recorded as one: neither an error, refuted, nor resolved."""
    codes = {
        coding.get("code")
        for name in ("verificationStatus", "clinicalStatus")
        for coding in (allergy.get(name) or {}).get("coding", [])
    }
    return not codes & {"entered-in-error", "refuted", "inactive", "resolved"}


def _given(stored: Stored, names: Names) -> Given | None:
    resource = stored.resource
    concept = resource.get("medicationCodeableConcept") or {}
    name = concept_text(concept) or str(
        (resource.get("medicationReference") or {}).get("display", "")
    )
    start = _start(resource)
    if not name or start is None or resource.get("status") in _NEVER_WAS:
        return None
    until, assumed = _until(resource, start)
    return Given(
        kind=_KINDS[stored.type],
        name=name,
        substance=substance_of(concept, name),
        how=_how(resource),
        quantity=_quantity(resource),
        start=start,
        until=until,
        assumed=assumed,
        status=str(resource.get("status", "")),
        by=_by(resource),
        prescription=_prescription(resource),
        origin=origin_of(stored, names),
    )


_KINDS: Final = {
    "MedicationRequest": "prescription",
    "MedicationDispense": "dispensing",
    "MedicationStatement": "statement",
    "MedicationAdministration": "administration",
}


def _start(resource: Resource) -> datetime | None:
    period = resource.get("effectivePeriod") or {}
    return moment(
        resource.get("authoredOn")
        or resource.get("whenHandedOver")
        or resource.get("whenPrepared")
        or resource.get("effectiveDateTime")
        or period.get("start")
        or resource.get("dateAsserted")
    )


def _until(resource: Resource, start: datetime) -> tuple[datetime, bool]:
    """How far it reaches, and whether that had to be assumed."""
    if resource.get("status") in _ENDED:
        return start, False
    if ended := moment((resource.get("effectivePeriod") or {}).get("end")):
        return ended, False
    supply = (resource.get("dispenseRequest") or {}).get("expectedSupplyDuration") or {}
    supply = supply or resource.get("daysSupply") or {}
    unit = _DAYS.get(str(supply.get("code") or supply.get("unit") or "d"))
    if supply.get("value") is not None and unit:
        return start + timedelta(days=min(float(supply["value"]) * unit, _LONGEST)), False
    if resource["resourceType"] == "MedicationAdministration":
        return start, False
    if written := _DAYS_WRITTEN.search(_how(resource)):
        return start + timedelta(days=min(int(written[1]), _LONGEST)), False
    if resource["resourceType"] == "MedicationStatement":
        return start + _STATED, True
    return start + _USUAL, True


def _how(resource: Resource) -> str:
    dosages: Any = resource.get("dosageInstruction") or resource.get("dosage") or [{}]
    first = dosages if isinstance(dosages, dict) else dosages[0]
    parts = (first.get("text", ""), first.get("patientInstruction", ""))
    return "，".join(str(part) for part in parts if part)


def _quantity(resource: Resource) -> str:
    quantity = (resource.get("dispenseRequest") or {}).get("quantity") or resource.get("quantity")
    if not quantity or quantity.get("value") is None:
        return ""
    return f"{quantity['value']} {quantity.get('unit', '')}".strip()


def _by(resource: Resource) -> str:
    if requester := resource.get("requester"):
        return str(requester.get("display", ""))
    performers = resource.get("performer") or [{}]
    return str((performers[0].get("actor") or {}).get("display", ""))


def _prescription(resource: Resource) -> str:
    several = resource.get("authorizingPrescription") or [{}]
    return str(several[0].get("reference", "")).removeprefix("MedicationRequest/")
