"""Patients: registered, changed, merged, given a card; or only mentioned.

A patient is numbered by the local number (2.16.156.10011.2.5.1.4). What a message only mentions of
a patient is supposed: the registration says what holds, whichever comes first.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import INSTITUTIONS
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.hl7v2.patient_merge import MERGED
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    OWN,
    addresses_of,
    concept_of,
    extension,
    name_of,
    number_of,
    numbers_of,
    telecoms_of,
    time_of,
)
from minkang.exchange.mappings.wst.people import identities, record, sex_of, stated
from minkang.terminology import citizen_number

LOCAL: Final = "2.16.156.10011.2.5.1.4"
"""The patient's number in the sending system."""
DOMAIN: Final = "2.16.156.10011.2.5.1.5"
VISIT_COUNT: Final = "2.16.156.10011.2.5.1.8"
VISIT: Final = "2.16.156.10011.2.5.1.9"

_OTHERS: Final = frozenset(
    {DOMAIN, VISIT_COUNT, VISIT, ids.OUTPATIENT, ids.INPATIENT, ids.ID_CARD, ids.HEALTH_CARD}
    | {ids.HEALTH_RECORD}
)
_NATIONALITY: Final = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
_BIRTH_TIME: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
_PATIENT: Final = "urn:minkang:patient:"
_CONTACT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/v2-0131"
_RETIRED: Final = frozenset(
    {"diable", "disable", "disabled", "retired", "作废", "退卡", "inactive"}
)


def local_number(element: Element | None) -> str:
    """The patient's number in the source: that of its OID, else of one that is nothing else's."""
    found = numbers_of(element)
    return found.get(LOCAL) or next((n for oid, n in found.items() if oid not in _OTHERS), "")


def mentioned(case: Case, element: Element) -> Draft:
    """The patient whom a message is about, with what it happens to say of them.

    Raises:
        Refused: the patient has no number.
    """
    number = local_number(element.first("id"))
    case.required(element.first("id"), element, "患者编号", number)
    patient = case.draft("Patient", number)
    found = _described(case, element, [case.own("patient", number)])
    for name, value in found.items():
        patient.suppose(name, value)
    return patient


def map_patient(case: Case) -> None:
    """PatientInfoRegister, PatientInfoUpdate: the Patient.

    Raises:
        Refused: the patient has no number.
    """
    element = case.subject("registrationRequest", "subject1", "patient")
    number = local_number(element.first("id"))
    case.required(element.first("id"), element, "患者编号", number)
    patient = case.draft("Patient", number)
    for name, value in _described(case, element, [case.own("patient", number)]).items():
        patient.put(name, value)
    author = case.process.first("subject", "registrationRequest", "author")
    record(case, patient, stated(case, "enterer", author), patient)


def map_card(case: Case) -> None:
    """EncounterCardInfoAdd, EncounterCardInfoUpdate: a card of the Patient.

    The card's number says nobody's number in the source. Where the message has none beside it, the
    patient is numbered by the identity card, as in documents.

    Raises:
        Refused: neither a number nor an identity card.
    """
    element = case.subject("registrationRequest", "subject1", "patient")
    found = numbers_of(element.first("id"))
    cards = [number for oid, number in found.items() if oid not in (DOMAIN, LOCAL)]
    identity = number_of(element.first("patientPerson", "id"))
    key = found.get(LOCAL) or (f"3/{identity.upper()}" if _is_citizen(identity) else "")
    case.required(element.first("id"), element, "患者编号或身份证号", key)
    patient = case.draft("Patient", key)
    own = [case.own("patient", found[LOCAL])] if LOCAL in found else []
    known = _described(case, element, own)
    known["identifier"] = [*own, *known["identifier"], *(case.own("card", one) for one in cards)]
    for name, value in known.items():
        patient.suppose(name, value)
    author = case.process.first("subject", "registrationRequest", "author")
    for card in cards:
        record(case, _card(case, element, card, patient), stated(case, "enterer", author), patient)


def _card(case: Case, element: Element, number: str, patient: Draft) -> Draft:
    """A card by itself: the registration of the patient, which need not know it, may come later."""
    card = case.draft("Basic", f"card/{number}")
    identifier = case.own("card", number)
    state = attribute_of(element.first("statusCode"), "code")
    issued = time_of(case.reader, element.first("effectiveTime"))
    if issued:
        identifier["period"] = {"start": issued}
    if state.lower() in _RETIRED:
        identifier["use"] = "old"
    card.put("identifier", [identifier])
    card.put("code", {"text": "就诊卡"})
    card.put("subject", patient.reference)
    card.put("created", issued[:10] if issued else None)
    card.add("extension", extension("status", "String", state))
    return card


def map_merge(case: Case) -> None:
    """PatientInfoMerge: one number is retired in favour of another, as HL7 v2 A40 says it.

    The message names no institution: both numbers are of the source that it came from.

    Raises:
        Refused: one of the numbers is missing, or both are the same.
    """
    event = case.subject("registrationEvent")
    survivor = mentioned(case, case.subject("registrationEvent", "subject1", "patient"))
    survivor_id = survivor.resource["id"]
    role = event.first("replacementOf", "priorRegistration", "subject1", "priorRegisteredRole")
    number = local_number(role.first("id") if role else None)
    case.required(role.first("id") if role else None, event, "被合并的患者编号", number)
    retired = case.draft("Patient", number)
    if role is not None and retired.resource["id"] == survivor_id:
        case.reader.problem(role, "same-patient", "被合并的编号就是保留的编号")
        return
    retired.suppose("identifier", [case.own("patient", number)])
    retired.suppose("managingOrganization", case.context.institution())
    retired.resource["active"] = False
    at = time_of(case.reader, event.first("subject1", "patient", "effectiveTime"))
    link: dict[str, Any] = {"other": survivor.reference, "type": "replaced-by"}
    if at:
        link["extension"] = [{"url": MERGED, "valueDateTime": at}]
    retired.put("link", [link])
    record(case, retired, stated(case, "verifier", event.first("custodian")), survivor)


def _is_citizen(number: str) -> bool:
    return not isinstance(citizen_number(number), str)


def _described(case: Case, element: Element, identifiers: list[dict[str, Any]]) -> dict[str, Any]:
    """The elements of a Patient that a `patient` gives."""
    person = element.first("patientPerson") or Element("patientPerson", {}, element.line, element)
    found: dict[str, Any] = {"identifier": [*identifiers, *_identifiers(case, element, person)]}
    found["managingOrganization"] = case.context.institution()
    if name := name_of(person.first("name")):
        found["name"] = [{"use": "official", "text": name}]
    telecom = telecoms_of(*element.all("telecom"), *person.all("telecom"))
    if telecom:
        found["telecom"] = telecom
    if address := addresses_of(person.first("addr"), "home"):
        found["address"] = address
    _basics(case, person, found)
    if said := _origins(case, element, person):
        found["extension"] = said
    if contacts := _contacts(case, person):
        found["contact"] = contacts
    return {key: value for key, value in found.items() if value}


def _identifiers(case: Case, element: Element, person: Element) -> list[dict[str, Any]]:
    """Identity card or other document of identity, insurance, health card and record."""
    found = identities(case, person)
    numbers = numbers_of(element.first("id"))
    if case.service.name.startswith("EncounterCard"):
        numbers = {}
    for oid, kind_of_number in ((ids.OUTPATIENT, "outpatient"), (ids.INPATIENT, "inpatient")):
        if oid in numbers:
            found.append(case.own(kind_of_number, numbers[oid]))
    for other in person.all("asOtherIDs"):
        scope = number_of(other.first("scopingOrganization", "id"))
        for oid, number in numbers_of(other.first("id")).items():
            known = oid in (ids.HEALTH_CARD, ids.HEALTH_RECORD)
            one: dict[str, Any] = (
                {"system": f"urn:oid:{oid}", "value": number}
                if known
                else case.own("other", number)
            )
            if scope:
                issuer = {"identifier": {"system": INSTITUTIONS, "value": scope}}
                one["assigner"] = issuer
            found.append(one)
    return found


def _basics(case: Case, person: Element, found: dict[str, Any]) -> None:
    reader = case.reader
    if sex := sex_of(case, person):
        found["gender"] = sex
    birth = time_of(reader, person.first("birthTime"))
    if birth:
        found["birthDate"] = birth[:10]
        if birth[10:19] not in ("", "T00:00:00"):
            found["_birthDate"] = {"extension": [{"url": _BIRTH_TIME, "valueDateTime": birth}]}
    if concept := reader.concept(person.first("maritalStatusCode")):
        found["maritalStatus"] = concept


def _origins(case: Case, element: Element, person: Element) -> list[dict[str, Any]]:
    """What R4 has no element for: people, work, nationality, insurance, when registered."""
    reader = case.reader
    found: list[dict[str, Any]] = []
    country = reader.concept(person.first("asCitizen", "politicalNation", "code"))
    if country:
        code = {"url": "code", "valueCodeableConcept": country}
        found.append({"url": _NATIONALITY, "extension": [code]})
    insured = element.first(
        "coveredPartyOf", "coverageRecord", "beneficiary", "beneficiary", "code"
    )
    for kind, concept in (
        ("ethnic-group", concept_of(reader, person.first("ethnicGroupCode"), "ethnic-group")),
        ("occupation", reader.concept(person.first("asEmployee", "occupationCode"))),
        ("insurance", reader.concept(insured, "insurance")),
    ):
        if concept:
            found.append({"url": f"{_PATIENT}{kind}", "valueCodeableConcept": concept})
    if case.service.name in ("PatientInfoRegister", "PatientInfoUpdate"):
        registered = time_of(reader, element.first("effectiveTime"))
        if registered:
            found.append({"url": f"{OWN}registered", "valueDateTime": registered})
    state = attribute_of(element.first("statusCode"), "code")
    if state and not case.service.name.startswith("EncounterCard"):
        found.append({"url": f"{OWN}role-status", "valueString": state})
    provider = element.first("providerOrganization")
    if provider is not None:
        institution = number_of(provider.first("id"))
        name = name_of(provider.first("name"))
        by: dict[str, Any] = {"display": name} if name else {}
        if institution:
            by["identifier"] = {"system": INSTITUTIONS, "value": institution}
        if by:
            found.append({"url": f"{OWN}registered-by", "valueReference": by})
    return found


def _contacts(case: Case, person: Element) -> list[dict[str, Any]]:
    """The next of kin, and the employer."""
    found: list[dict[str, Any]] = []
    kin = person.first("personalRelationship")
    if kin is not None:
        one: dict[str, Any] = {}
        if relation := case.reader.concept(kin.first("code"), "relationship"):
            one["relationship"] = [relation]
        one |= _reached(kin, name_of(kin.first("relationshipHolder1", "name")))
        found.append(one)
    found += [
        _reached(party, name_of(party.first("contactPerson", "name")))
        for party in person.all("contactParty")
    ]
    employer = person.first("asEmployee", "employerOrganization")
    if employer is not None:
        work: dict[str, Any] = {}
        if name := name_of(employer.first("name")):
            work["organization"] = {"display": name}
        phones = telecoms_of(employer.first("contactParty", "telecom"), use="work")
        if phones:
            work["telecom"] = phones
        if work:
            coding = {"system": _CONTACT_ROLE, "code": "E"}
            found.append({"relationship": [{"coding": [coding]}], **work})
    # R4, pat-1: a contact has at least a name, a telecom, an address or an organization.
    return [one for one in found if set(one) - {"relationship"}]


def _reached(party: Element, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": {"text": name}} if name else {}
    if phones := telecoms_of(party.first("telecom")):
        found["telecom"] = phones
    return found
