"""What a resource adds to the figures of the region: pure reading, no database.

A visit counts as it does in reconciliation: an Encounter that was not only planned, cancelled or
entered in error. Its institution is whoever provided it (`serviceProvider`), which a system shared
by several institutions names by its code; else whoever sent it.
"""

import re
from datetime import date, datetime
from typing import Any, Final

import msgspec

from minkang.fhir import Resource, date_range, local_reference
from minkang.fhir.dates import LOCAL
from minkang.terminology.builtin import ICD10

ICD10_SYSTEMS: Final = frozenset({ICD10, "http://hl7.org/fhir/sid/icd-10"})
INSTITUTION_CODE: Final = "urn:oid:2.16.156.10011.1.5"
"""Organisation codes (组织机构代码), by which documents and shared systems name institutions."""

_NO_VISIT: Final = frozenset({"planned", "cancelled", "entered-in-error"})
_NO_DIAGNOSIS: Final = frozenset({"refuted", "entered-in-error"})
_STAYS: Final = frozenset({"IMP", "ACUTE", "NONAC"})
_CATEGORY: Final = re.compile(r"[A-Z]\d\d")
_OWN_NUMBER: Final = ":institution"
_DIVISION: Final = "urn:minkang:address:division"


class Visit(msgspec.Struct, frozen=True):
    """A visit: where, when (day of the region), in which department, of which class.

    Attributes:
        code: of the institution, as a system says that several share; '' if it says none.
        provider: id of the Organization that it names; '' if none.
        name: what it calls the institution.
    """

    code: str
    provider: str
    name: str
    day: date
    department: str
    kind: str
    diagnoses: frozenset[str]


class Diagnosis(msgspec.Struct, frozen=True):
    """ICD-10 categories that a Condition gives the visit it belongs to."""

    visit: str
    categories: frozenset[str]


class Unit(msgspec.Struct, frozen=True):
    """An organisation, a bed or a post, as a source tells of it; see the table `region.unit`."""

    what: str
    code: str = ""
    name: str = ""
    kind: str = ""
    grade: str = ""
    division: str = ""
    above: str = ""


def visit_of(resource: Resource, stored: datetime) -> Visit | None:
    """What an Encounter counts as; None if it did not take place.

    `stored` is the moment that counts for one that says no time.
    """
    code = resource.get("class", {}).get("code", "")
    if resource.get("status") in _NO_VISIT or code == "PRENC":
        return None
    provider = resource.get("serviceProvider") or {}
    return Visit(
        code=_code(provider),
        provider=_reference(provider, "Organization"),
        name=str(provider.get("display") or ""),
        day=_day(resource.get("period", {}).get("start"), stored),
        department=_words(resource.get("serviceType")),
        kind="IMP" if code in _STAYS else code,
        diagnoses=categories(resource.get("reasonCode", ())),
    )


def diagnosis_of(resource: Resource) -> Diagnosis | None:
    """What a Condition says of a visit; None if it belongs to none, or says nothing that counts."""
    found = local_reference(resource.get("encounter"))
    if found is None or found[0] != "Encounter":
        return None
    status = {one.get("code") for one in _codings(resource.get("verificationStatus"))}
    if status & _NO_DIAGNOSIS:
        return None
    known = categories([resource.get("code")])
    return Diagnosis(found[1], known) if known else None


def unit_of(resource: Resource) -> Unit | None:
    """What an Organization, a Location or a PractitionerRole says of an institution's size."""
    kind = resource["resourceType"]
    if kind == "Organization":
        return _organisation(resource) if resource.get("active", True) else None
    if kind == "Location":
        if not any(one.get("code") == "bd" for one in _codings(resource.get("physicalType"))):
            return None
        return Unit("bed", above=_reference(resource.get("managingOrganization"), "Organization"))
    if not resource.get("active", True):
        return None
    return Unit(
        "staff",
        code=_reference(resource.get("practitioner"), "Practitioner"),
        above=_reference(resource.get("organization"), "Organization"),
    )


def categories(concepts: Any) -> frozenset[str]:
    """The three-character categories of ICD-10 that some concepts are coded with."""
    codes = (
        str(coding.get("code") or "").upper()[:3]
        for concept in concepts
        for coding in _codings(concept)
        if coding.get("system") in ICD10_SYSTEMS
    )
    return frozenset(code for code in codes if _CATEGORY.fullmatch(code))


def _organisation(resource: Resource) -> Unit:
    numbers = resource.get("identifier", ())
    own = [one.get("value") for one in numbers if str(one.get("system")).endswith(_OWN_NUMBER)]
    named = [one.get("value") for one in numbers if one.get("system") == INSTITUTION_CODE]
    types = resource.get("type", ())
    return Unit(
        "organisation",
        code=str(next((one for one in [*own, *named] if one), "")),
        name=str(resource.get("name") or ""),
        kind=_typed(types, ":code:机构类别"),
        grade=_typed(types, ":code:医院等级"),
        division=_division(resource),
        above=_reference(resource.get("partOf"), "Organization"),
    )


def _typed(types: Any, ending: str) -> str:
    for one in types:
        for coding in _codings(one):
            if str(coding.get("system")).endswith(ending):
                return str(coding.get("display") or one.get("text") or coding.get("code") or "")
    return ""


def _division(resource: Resource) -> str:
    for address in resource.get("address", ()):
        for extension in address.get("extension", ()):
            if extension.get("url") == _DIVISION:
                for coding in _codings(extension.get("valueCodeableConcept")):
                    if str(coding.get("code") or "").isdigit():
                        return str(coding["code"])
    return ""


def _code(provider: dict[str, Any]) -> str:
    identifier = provider.get("identifier") or {}
    known = identifier.get("system") == INSTITUTION_CODE
    return str(identifier.get("value") or "") if known else ""


def _reference(element: Any, kind: str) -> str:
    found = local_reference(element)
    return found[1] if found is not None and found[0] == kind else ""


def _codings(concept: Any) -> list[dict[str, Any]]:
    if not isinstance(concept, dict):
        return []
    return [one for one in concept.get("coding", ()) if isinstance(one, dict)]


def _words(concept: Any) -> str:
    if not isinstance(concept, dict):
        return ""
    first: dict[str, Any] = next(iter(_codings(concept)), {})
    return str(concept.get("text") or first.get("display") or first.get("code") or "")


def _day(text: Any, stored: datetime) -> date:
    try:
        moment = date_range(text).low if text else stored
    except (ValueError, TypeError):
        moment = stored
    return moment.astimezone(LOCAL).date()
