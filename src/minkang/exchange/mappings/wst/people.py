"""People and departments that a message mentions, and who had which part in what it says.

What is only mentioned is supposed: the registration services say what holds.
"""

from collections.abc import Sequence
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import INSTITUTIONS
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.cda.people import SIGNED
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case, Stated
from minkang.exchange.mappings.wst.fields import (
    OWN,
    name_of,
    number_of,
    numbers_of,
    time_of,
    value_of,
)
from minkang.terminology import citizen_number

INSTITUTION: Final = "2.16.156.10011.1.5"
_GENDERS: Final = {"0": "unknown", "1": "male", "2": "female", "9": "unknown"}
_PARTS: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def practitioner(case: Case, entity: Element | None) -> dict[str, str] | None:
    """Who an assignedEntity or assignedPerson is; None if nobody is named.

    With a number they become a Practitioner; without one only the name is kept.
    """
    if entity is None:
        return None
    name = name_of(entity.first("assignedPerson", "name")) or name_of(
        entity.first("Person", "name")
    )
    number = number_of(entity.first("id"))
    if not number:
        return {"display": name} if name else None
    draft = case.draft("Practitioner", number)
    draft.suppose("identifier", [case.own("staff", number)])
    if name:
        draft.suppose("name", [{"text": name}])
    return {**draft.reference, "display": name} if name else draft.reference


def organization_key(case: Case, element: Element | None) -> tuple[str, dict[str, Any]]:
    """What a department or institution is numbered by, and its identifier; empty without one."""
    found = numbers_of(element)
    if code := found.get(INSTITUTION):
        return code, {"system": INSTITUTIONS, "value": code}
    number = next(iter(found.values()), "")
    return f"department/{number}" if number else "", case.own("department", number)


def department(case: Case, element: Element | None) -> dict[str, str] | None:
    """A department or institution by number and name; None if it says nothing."""
    if element is None:
        return None
    name = name_of(element.first("name")) or name_of(element.first("addr"))
    key, identifier = organization_key(case, element.first("id"))
    if not key:
        return {"display": name} if name else None
    draft = case.draft("Organization", key)
    draft.suppose("identifier", [identifier])
    if name:
        draft.suppose("name", name)
    if key.startswith("department/"):
        draft.suppose("partOf", case.context.institution())
    return {**draft.reference, "display": name} if name else draft.reference


def sex_of(case: Case, person: Element) -> str:
    """The sex of a person (GB/T 2261.1) as FHIR has it; empty if it is not said."""
    node = person.first("administrativeGenderCode")
    code = attribute_of(node, "code")
    if node is None or not code:
        return ""
    case.reader.coding(node)
    if code not in _GENDERS:
        case.reader.problem(node, "code", f"性别代码 {code[:20]!r} 不在 GB/T 2261.1 中", "code")
    return _GENDERS.get(code, "")


def identities(case: Case, person: Element) -> list[dict[str, Any]]:
    """Documents of identity and insurance of a person.

    What is labelled as an identity card and of another category (`idCategory` 99) is none.
    """
    category = attribute_of(person.first("idCategory"), "code")
    kind = case.reader.concept(person.first("idCategory"), "id-category")
    found: list[dict[str, Any]] = []
    for oid, number in numbers_of(person.first("id")).items():
        is_card = not isinstance(citizen_number(number), str)
        if category not in ("", "01"):
            own = case.own(ids.OTHER_NUMBER, number)
            found.append({"type": kind, **own} if kind else own)
        elif oid in ("", ids.ID_CARD) or is_card:
            found.append(ids.identity(case.context, number))
        else:
            found.append(case.own("insurance", number))
    return found


def stated(case: Case, part: str, element: Element | None) -> list[Stated]:
    """An author, verifier, transcriber ... with time and signature; empty if nobody is named."""
    if element is None:
        return []
    for name in ("assignedEntity", "assignedPerson", "assignedAuthor"):
        if who := practitioner(case, element.first(name)):
            time = time_of(case.reader, element.first("time"))
            return [Stated(part, who, time, value_of(element.first("signatureText")))]
    return []


def record(
    case: Case, about: Draft, people: Sequence[Stated], patient: Draft | None = None
) -> None:
    """Who had which part in a resource, as its Provenance; nothing if nobody is named."""
    if not people:
        return
    resource = about.resource
    draft = case.draft("Provenance", f"{resource['resourceType']}/{resource['id']}")
    # The patient is a target too: by it R4 finds the patient whose compartment this lies in.
    draft.put("target", [about.reference, *([patient.reference] if patient else [])])
    draft.put("recorded", case.at.isoformat())
    draft.put("agent", [_agent(one) for one in people])


def _agent(one: Stated) -> dict[str, Any]:
    found: dict[str, Any] = {"type": {"coding": [{"system": _PARTS, "code": one.part}]}}
    found["who"] = one.who
    said = []
    if one.time:
        said.append({"url": SIGNED, "valueDateTime": one.time})
    if one.signature:
        said.append({"url": f"{OWN}signature", "valueString": one.signature})
    return {"extension": said, **found} if said else found
