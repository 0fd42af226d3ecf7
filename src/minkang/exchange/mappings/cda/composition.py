"""A document as Composition: its own header, and how its facts are laid out (R4, Composition).

Only kinds that can be written again have one. What stands in the header and belongs to the
document alone is kept here as it was: the numbers with their OIDs, who signed, the places by level,
who asked for the report, which document it replaces. Person and visit are Patient and Encounter.
"""

from typing import Any, Final

from minkang.exchange.cda import Element, kind_name
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda import layout_terms as terms
from minkang.exchange.mappings.cda.case import INSTITUTIONS, Case
from minkang.exchange.mappings.cda.document import document_type
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.mappings.cda.layout import sections_of
from minkang.exchange.mappings.cda.people import person

LEVELS: Final = ("bed", "room", "department", "ward", "institution")
"""Where a patient lies, from the innermost, as WS/T 500-2016 has them."""

_BY_OID: Final = {
    ids.BED: "bed",
    ids.ROOM: "room",
    ids.DEPARTMENT: "department",
    ids.WARD: "ward",
    ids.INSTITUTION: "institution",
}
_RELATIONS: Final = {"RPLC": "replaces", "APND": "appends", "XFRM": "transforms"}
_TOLD: Final = "person"
_OF_PERSON: Final = (
    "_birthDate",
    "_gender",
    "address",
    "birthDate",
    "contact",
    "extension",
    "gender",
    "maritalStatus",
    "name",
    "telecom",
)

Extension = dict[str, Any]


def map_composition(case: Case) -> None:
    """The Composition of a document; call it when all else is mapped."""
    root, reader = case.root, case.reader
    composition = case.draft("Composition", case.key_of_document)
    composition.put("identifier", case.own("document", case.key_of_document))
    composition.put("status", "final")
    composition.put("type", document_type(case))
    composition.put("subject", case.patient.reference)
    composition.put("encounter", case.visit.reference if case.visit else None)
    composition.put("date", reader.time(root.first("effectiveTime")))
    if "date" not in composition.resource:
        composition.suppose("date", case.context.received.isoformat())
    composition.put("author", [who for one in root.all("author") if (who := _author(case, one))])
    composition.suppose("author", [{"display": case.context.source.name}])
    composition.put("title", text_of(root.first("title")) or kind_name(case.kind))
    composition.put("attester", _attesters(case))
    composition.put("custodian", _custodian(case))
    composition.put("relatesTo", _relations(case))
    composition.put("event", _event(case))
    composition.put("section", sections_of(case))
    composition.put("extension", [*_header(case), _person()])
    composition.put("contained", [_as_told(case)])
    # By this the DocumentReference leads to it.
    context = case.draft("DocumentReference", case.key_of_document).resource.setdefault(
        "context", {}
    )
    context["related"] = [*context.get("related", []), composition.reference]


def _person() -> Extension:
    return {"url": terms.PERSON, "valueReference": {"reference": f"#{_TOLD}"}}


def _as_told(case: Case) -> dict[str, Any]:
    """The patient as this document has them: the Patient itself is what the latest one says."""
    known = case.patient.resource
    told: dict[str, Any] = {name: known[name] for name in _OF_PERSON if name in known}
    return {"resourceType": "Patient", "id": _TOLD, **told}


def _header(case: Case) -> list[Extension]:
    role = case.root.first("recordTarget", "patientRole")
    found: list[Extension] = []
    if role is not None:
        found += _numbers(case, role)
        found += _places(terms.PROVIDER, role.first("providerOrganization"), ("department",))
        found += _belonging(case, role.first("providerOrganization", "asOrganizationPartOf"))
        kind = role.first("patientType", "patienttypeCode")
        if concept := case.reader.concept(kind, "patient-type"):
            found.append({"url": terms.PATIENT_TYPE, "valueCodeableConcept": concept})
    encounter = case.root.first("componentOf", "encompassingEncounter")
    if encounter is not None:
        found += _places(terms.PLACE, encounter, LEVELS)
        code = encounter.first("code")
        if concept := case.reader.concept(code, "admit-source"):
            found.append({"url": terms.ADMISSION, "valueCodeableConcept": concept})
        found += _days(case, "visit", encounter.first("effectiveTime", "width"))
    event = case.root.first("documentationOf", "serviceEvent")
    if event is not None:
        found += _days(case, "event", event.first("effectiveTime", "width"))
        if text := text_of(event.first("code")):
            found.append({"url": terms.EVENT, "valueString": text})
    version = case.root.first("versionNumber")
    if text := text_of(version) or attribute_of(version, "value"):
        found.append({"url": terms.VERSION, "valueString": text})
    return found + _requester(case) + _informants(case)


def _numbers(case: Case, role: Element) -> list[Extension]:
    """Every number of the header with the OID that says what it is; the identity card too."""
    identity = [*role.all("patient", "id")]
    found = []
    for element in (*role.all("id"), *identity):
        number = " ".join(attribute_of(element, "extension").split())
        if ids.is_number(number):
            system = case.reader.system(element.get("root"), "number")
            value = {"system": system, "value": number}
            found.append({"url": terms.NUMBER, "valueIdentifier": value})
    return found


def _places(url: str, chain: Element | None, levels: tuple[str, ...]) -> list[Extension]:
    """Number and name of each level of a chain: by its OID, of an unknown one by its position."""
    if chain is None:
        return []
    nodes = [
        one
        for one in chain.walk()
        if one.name == "wholeOrganization" or (one is chain and one.name == "providerOrganization")
    ]
    if len(nodes) == 1:
        levels = ("institution",)
    elif "institution" not in levels:
        levels = (*levels, "institution")
    found: dict[str, Extension] = {}
    for position, node in enumerate(nodes):
        number = node.first("id")
        level = _BY_OID.get(number.get("root"), "") if number is not None else ""
        if not level or level in found:
            level = levels[position] if position < len(levels) else ""
        parts = _named(attribute_of(number, "extension"), text_of(node.first("name")))
        if parts and level and level not in found:
            kind = {"url": "level", "valueCode": level}
            found[level] = {"url": url, "extension": [kind, *parts]}
    return list(found.values())


def _belonging(case: Case, part: Element | None) -> list[Extension]:
    """Time and place beside the institution of the patient (C0049, C0050)."""
    if part is None:
        return []
    parts: list[Extension] = []
    if time := case.reader.time(part.first("effectiveTime")):
        parts.append({"url": "since", "valueDateTime": time})
    if text := text_of(part.first("wholeOrganization", "addr")):
        parts.append({"url": "address", "valueString": text})
    return [{"url": terms.BELONGING, "extension": parts}] if parts else []


def _named(number: str, name: str) -> list[Extension]:
    number = number if ids.is_number(number) else ""
    pairs = (("number", number), ("name", name))
    return [{"url": key, "valueString": text} for key, text in pairs if text]


def _days(case: Case, of: str, width: Element | None) -> list[Extension]:
    quantity = case.reader.quantity(width)
    if quantity is None:
        return []
    parts = [{"url": "of", "valueCode": of}, {"url": "width", "valueQuantity": quantity}]
    return [{"url": terms.DAYS, "extension": parts}]


def _author(case: Case, node: Element) -> dict[str, Any] | None:
    entity = node.first("assignedAuthor")
    who = _who(case, entity)
    if who is None:
        return None
    more: list[Extension] = []
    if time := case.reader.time(node.first("time")):
        more.append({"url": terms.SIGNED, "valueDateTime": time})
    if role := attribute_of(entity.first("code") if entity else None, "displayName"):
        more.append({"url": terms.ROLE, "valueString": role})
    return {**who, "extension": more} if more else dict(who)


def _attesters(case: Case) -> list[dict[str, Any]]:
    """Whoever signed: mode legal of legalAuthenticator, professional of the others."""
    found = []
    for name, mode in (("legalAuthenticator", "legal"), ("authenticator", "professional")):
        for node in case.root.all(name):
            entity = node.first("assignedEntity")
            one: dict[str, Any] = {}
            time = case.reader.time(node.first("time"))
            time = time or case.reader.time(node.first("signatureCode", "time"))
            if time:
                one["time"] = time
            if who := _who(case, entity):
                one["party"] = who
            if entity is not None and (more := _signer(case, entity)):
                one["extension"] = more
            if one:
                found.append({"mode": mode, **one})
    return found


def _who(case: Case, entity: Element | None) -> dict[str, Any] | None:
    """A person with the number that the document gives: who may see it need not see staff."""
    who = person(case, entity)
    if who is None or "reference" not in who or entity is None:
        return who
    number = attribute_of(entity.first("id"), "extension")
    return {**who, "identifier": case.own("staff", number)}


def _custodian(case: Case) -> dict[str, Any]:
    """The institution that keeps the document, with its code."""
    path = ("custodian", "assignedCustodian", "representedCustodianOrganization")
    keeper = case.root.first(*path)
    if keeper is None:
        return {}
    code = attribute_of(keeper.first("id"), "extension")
    code = code if ids.is_number(code) else ""
    who: dict[str, Any] = case.organization(code, text_of(keeper.first("name"))) or {}
    return {**who, "identifier": {"system": INSTITUTIONS, "value": code}} if code else who


def _signer(case: Case, entity: Element) -> list[Extension]:
    """As what somebody signed: role, professional title, and the organizations they belong to."""
    more: list[Extension] = []
    if role := attribute_of(entity.first("code"), "displayName"):
        more.append({"url": terms.ROLE, "valueString": role})
    path = ("professionalTechnicalPosition", "professionaltechnicalpositionCode")
    title = entity.first("assignedPerson", *path)
    if concept := case.reader.concept(title, "professional-title"):
        more.append({"url": terms.TITLE, "valueCodeableConcept": concept})
    node, depth = entity.first("representedOrganization"), 0
    while node is not None:
        parts = _named(attribute_of(node.first("id"), "extension"), text_of(node.first("name")))
        if parts:
            level = {"url": "depth", "valueInteger": depth}
            more.append({"url": terms.ORGANIZATION, "extension": [level, *parts]})
        node, depth = node.first("asOrganizationPartOf", "wholeOrganization"), depth + 1
    return more


def _requester(case: Case) -> list[Extension]:
    """Which department of which institution asked for the report (C0006, C0007)."""
    found = []
    for participant in case.root.all("participant"):
        part = participant.first("associatedEntity", "scopingOrganization")
        if part is None:
            continue
        parts: list[Extension] = []
        if time := case.reader.time(participant.first("time")):
            parts.append({"url": "time", "valueDateTime": time})
        whole = part.first("asOrganizationPartOf", "wholeOrganization")
        for name, node in (("part", part), ("whole", whole)):
            if node is None:
                continue
            number = attribute_of(node.first("id"), "extension")
            if named := _named(number, text_of(node.first("name"))):
                parts.append({"url": name, "extension": named})
        if parts:
            found.append({"url": terms.REQUESTER, "extension": parts})
    return found


def _informants(case: Case) -> list[Extension]:
    """Who told the history (C0034)."""
    found = []
    for node in case.root.all("informant", "assignedEntity"):
        number = attribute_of(node.first("id"), "extension")
        parts = _named(number, text_of(node.first("assignedPerson", "name")))
        if concept := case.reader.concept(node.first("code"), "relationship"):
            parts.append({"url": "relation", "valueCodeableConcept": concept})
        if parts:
            found.append({"url": terms.INFORMANT, "extension": parts})
    return found


def _relations(case: Case) -> list[dict[str, Any]]:
    """The document that this one replaces or appends to, by its number."""
    found = []
    for node in case.root.all("relatedDocument"):
        parent = node.first("parentDocument")
        number = parent.first("id") if parent is not None else None
        text = attribute_of(number, "extension") or text_of(number)
        code = _RELATIONS.get(node.get("typeCode").upper())
        if parent is None or code is None or not ids.is_number(text):
            continue
        names = (("set", "setId"), ("version", "versionNumber"))
        parts = [
            {"url": key, "valueString": value}
            for key, name in names
            if (value := text_of(parent.first(name)))
        ]
        one: dict[str, Any] = {"code": code, "targetIdentifier": case.own("document", text)}
        if parts:
            one["extension"] = [{"url": terms.RELATED, "extension": parts}]
        found.append(one)
    return found


def _event(case: Case) -> list[dict[str, Any]]:
    """When the visit was as the document has it, and the age in it."""
    time = case.root.first("componentOf", "encompassingEncounter", "effectiveTime")
    found: dict[str, Any] = {}
    if time is not None:
        low = time.first("low")
        ends = {"start": low if low is not None else time, "end": time.first("high")}
        period = {end: text for end, one in ends.items() if (text := case.reader.time(one))}
        if period:
            found["period"] = period
    age = case.age
    if age is not None:
        found["detail"] = [age.reference]
    return [found] if found else []
