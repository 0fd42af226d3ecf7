"""recordTarget and the contact of a document's header, from the Patient.

Inverse of `minkang.exchange.mappings.cda.patient`.
"""

from collections.abc import Mapping
from typing import Any, Final

from minkang.exchange.documents.extensions import extensions, first, parts, value_of
from minkang.exchange.documents.facts import Facts
from minkang.exchange.documents.names import oid_of
from minkang.exchange.mappings.cda import layout_terms as terms
from minkang.exchange.mappings.cda.identifiers import ID_CARD, OTHER_NUMBER
from minkang.exchange.mappings.cda.typed import plain
from minkang.exchange.mappings.context import ID_CARD_SYSTEM
from minkang.fhir import Resource
from minkang.terminology import built_in

_OWN: Final = "urn:minkang:patient:"
_EXTENSIONS: Final = "http://hl7.org/fhir/StructureDefinition/"
_ADDRESS_PART: Final = f"{_EXTENSIONS}iso21090-ADXP-"
_LINES: Final = {
    f"{_ADDRESS_PART}precinct": "township",
    f"{_ADDRESS_PART}streetName": "streetName",
    f"{_ADDRESS_PART}houseNumber": "houseNumber",
}
_SEXES: Final = {
    "0": "未知的性别",
    "1": "男性",
    "2": "女性",
    "9": "未说明的性别",
}
_GENDERS: Final = {"male": "1", "female": "2", "other": "9", "unknown": "0"}
_EMPLOYER: Final = "E"

Item = dict[str, Any]


def patient_of(facts: Facts) -> Item:
    """The person as the header has them; what is not known is not there."""
    patient = _told(facts)
    birth = first(patient.get("_birthDate", {}), f"{_EXTENSIONS}patient-birthTime")
    found: Item = {
        "name": next((text for one in patient.get("name", ()) if (text := _name(one))), ""),
        "identity": _identity(facts),
        "gender": _gender(patient),
        "birth": birth or patient.get("birthDate", ""),
        "phone": _phone(patient),
        "marital": coded(patient.get("maritalStatus")),
        "age": _age(facts),
        "type": coded(first(facts.composition, terms.PATIENT_TYPE)),
    }
    for name, kind in (("ethnic", "ethnic-group"), ("occupation", "occupation")):
        found[name] = coded(first(patient, f"{_OWN}{kind}"))
    nationality = next(extensions(patient, f"{_EXTENSIONS}patient-nationality"), {})
    found["nationality"] = coded(parts(nationality).get("code"))
    home = [one for one in patient.get("address", ()) if one.get("use") != "work"]
    found["address"] = address(home[0]) if home else {}
    for name, url in (
        ("birthplace", f"{_EXTENSIONS}patient-birthPlace"),
        ("native", f"{_OWN}native-place"),
        ("household", f"{_OWN}household"),
    ):
        found[name] = address(first(patient, url) or {})
    employer: Item = next((one for one in patient.get("contact", ()) if _is_employer(one)), {})
    found["employer"] = {
        "name": employer.get("organization", {}).get("display", ""),
        "phone": _phone(employer),
        "address": address(employer.get("address", {})),
    }
    return found


def contact_of(facts: Facts) -> Item:
    """Whom to tell: the first contact that is no employer."""
    people = [one for one in _told(facts).get("contact", ()) if not _is_employer(one)]
    if not people:
        return {}
    contact = people[0]
    relations = contact.get("relationship", ())
    return {
        "name": _name(contact.get("name", {})),
        "phone": _phone(contact),
        "address": address(contact.get("address", {})),
        "relation": coded(relations[0] if relations else None),
    }


def _told(facts: Facts) -> Resource:
    """The person as the document had them, else as they are now."""
    contained = facts.composition.get("contained", ())
    return next((one for one in contained if one["resourceType"] == "Patient"), facts.patient)


def coded(concept: Mapping[str, Any] | None) -> Item:
    """Code, name and OID of a concept: as it was named, else as its table has it."""
    for coding in (concept or {}).get("coding", ()):
        code, system = coding.get("code", ""), coding.get("system", "")
        name = coding.get("display", "")
        if not name and (table := built_in(system)) is not None:
            known = table.concept(code)
            name = known.display if known is not None else ""
        name = name or (concept or {}).get("text", "")
        return {"code": code, "name": name, "system": oid_of(system)}
    return {"name": text} if (text := (concept or {}).get("text", "")) else {}


def address(content: Mapping[str, Any]) -> Item:
    """An address in its parts; lines that are not told apart are the street."""
    found: Item = {
        "county": content.get("district", ""),
        "city": content.get("city", ""),
        "state": content.get("state", ""),
        "postalCode": content.get("postalCode", ""),
    }
    whole: list[str] = []
    marks = content.get("_line") or [None] * len(content.get("line", ()))
    for line, mark in zip(content.get("line", ()), marks, strict=False):
        named = [one for one in (mark or {}).get("extension", ()) if one.get("url") in _LINES]
        for one in named:
            found[_LINES[one["url"]]] = str(value_of(one))
        if not named:
            whole.append(line)
    if whole:
        found.setdefault("streetName", "".join(whole))
    return found


def _name(name: Mapping[str, Any]) -> str:
    return str(name.get("text") or "".join([name.get("family", ""), *name.get("given", ())]))


def _identity(facts: Facts) -> str:
    """The number in the field of the identity card: this document's own, else the Patient's."""
    for one in extensions(facts.composition, terms.NUMBER):
        identifier = value_of(one)
        if identifier.get("system") == f"urn:oid:{ID_CARD}":
            return str(identifier["value"])
    for system in (ID_CARD_SYSTEM, OTHER_NUMBER):
        for identifier in facts.patient.get("identifier", ()):
            if identifier.get("system", "").endswith(system):
                return str(identifier.get("value", ""))
    return ""


def _gender(patient: Resource) -> Item:
    exact = first(patient.get("_gender", {}), f"{_OWN}sex")
    code = exact or _GENDERS.get(patient.get("gender", ""), "0")
    return {"code": code, "name": _SEXES.get(code, "")}


def _age(facts: Facts) -> Item:
    for event in facts.composition.get("event", ()):
        for reference in event.get("detail", ()):
            quantity = facts.at(reference).get("valueQuantity")
            if quantity:
                return {"value": plain(quantity["value"]), "unit": quantity.get("unit", "岁")}
    return {}


def _phone(holder: Mapping[str, Any]) -> str:
    employed = "organization" in holder
    numbers = holder.get("telecom", ())
    found = [one for one in numbers if employed or one.get("use") != "work"] or list(numbers)
    return str(found[0].get("value", "")) if found else ""


def _is_employer(contact: Mapping[str, Any]) -> bool:
    codings = [c for one in contact.get("relationship", ()) for c in one.get("coding", ())]
    return any(coding.get("code") == _EMPLOYER for coding in codings) or "organization" in contact
