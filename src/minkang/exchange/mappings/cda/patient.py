"""recordTarget as Patient: who a document is about (WS/T 500-2016, document header).

Documents carry no number of the patient in the source, so the Patient is known by the first of:
identity card, health card, health record, medical record; without these by another document of
identity or by the number of the visit, each together with the name; at last by the document itself.
"""

from decimal import Decimal
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import attribute_of, is_absent, text_of
from minkang.exchange.mappings.written import decimal
from minkang.fhir import Problem, Refused
from minkang.terminology import CitizenNumber, citizen_number

_GENDERS: Final = {"0": "unknown", "1": "male", "2": "female", "9": "unknown"}
_SEXES: Final = {"1": "male", "2": "female"}
_BIRTH_TIME: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
_BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
_NATIONALITY: Final = "http://hl7.org/fhir/StructureDefinition/patient-nationality"
_OWN: Final = "urn:minkang:patient:"
_CONTACT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/v2-0131"
_PER_YEAR: Final = {"岁": 1, "月": 12, "周": 52, "天": 365, "日": 365}
_SYSTEMS: Final = {
    ids.HEALTH_CARD: f"urn:oid:{ids.HEALTH_CARD}",
    ids.HEALTH_RECORD: f"urn:oid:{ids.HEALTH_RECORD}",
}
_ADDRESS_PART: Final = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"
_PARTS: Final = {
    "township": f"{_ADDRESS_PART}precinct",
    "streetName": f"{_ADDRESS_PART}streetName",
    "houseNumber": f"{_ADDRESS_PART}houseNumber",
}
_LINES: Final = ("state", "city", "county", "township", "streetName", "houseNumber")


def map_patient(case: Case) -> None:
    """Give the case its patient and their key.

    Raises:
        Refused: nobody is named: neither a name nor a number.
    """
    role = case.root.first("recordTarget", "patientRole")
    if role is None:
        at = case.root.first("recordTarget") or case.root
        raise Refused([Problem("map", at.place(), "required", "缺少患者（recordTarget）")])
    person = role.first("patient") or role
    name = text_of(person.first("name"))
    numbers = ids.numbers([*role.all("id"), *person.all("id")])
    citizen = _citizen(case, person, numbers.get(ids.ID_CARD, ""))
    case.patient_key = _key(case, numbers, citizen, name)
    if not case.patient_key:
        text = "患者既没有姓名，也没有任何证件号或就诊号"
        raise Refused([Problem("map", role.place(), "required", text)])
    case.patient = case.draft("Patient", case.patient_key)
    patient = case.patient
    patient.put("identifier", _identifiers(case, numbers, citizen))
    patient.put("managingOrganization", case.context.institution())
    patient.put("name", [{"use": "official", "text": name}] if name else None)
    _basics(case, person)
    for address in role.all("addr"):
        patient.add("address", _address(address, "home"))
    for telecom in (*role.all("telecom"), *person.all("telecom")):
        patient.add("telecom", _phone(telecom))
    _origins(case, person)
    _contacts(case, person)


def _key(case: Case, numbers: dict[str, str], citizen: CitizenNumber | None, name: str) -> str:
    if citizen is not None:
        return f"3/{citizen.text}"
    for root, short in ((ids.HEALTH_CARD, "19"), (ids.HEALTH_RECORD, "2")):
        if root in numbers:
            return f"{short}/{numbers[root]}"
    year = f"/{case.at.year}" if case.context.source.number_period == "year" else ""
    if ids.MEDICAL_RECORD in numbers:
        return f"13/{numbers[ids.MEDICAL_RECORD]}{year}"
    # These may be written by many, and given out again: only together with the name.
    if ids.ID_CARD in numbers and name:
        return f"{ids.OTHER_NUMBER}/{numbers[ids.ID_CARD]}/{name}"
    for root, short in ((ids.INPATIENT, "12"), (ids.OUTPATIENT, "11")):
        if root in numbers:
            return f"{short}/{numbers[root]}{year}/{name}"
    return f"1/{case.key_of_document}" if name else ""


def _identifiers(
    case: Case, numbers: dict[str, str], citizen: CitizenNumber | None
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if number := numbers.get(ids.ID_CARD):
        if citizen is not None:
            found.append(ids.identity(case.context, number))
        else:
            found.append(case.own(ids.OTHER_NUMBER, number))
    found += [
        {"system": system, "value": numbers[root]}
        for root, system in _SYSTEMS.items()
        if root in numbers
    ]
    if number := numbers.get(ids.MEDICAL_RECORD):
        found.append(case.own("medical-record", number))
    return found


def _citizen(case: Case, person: Element, number: str) -> CitizenNumber | None:
    """The identity card number, if it can be this patient's.

    It must agree with sex, birth date and age as far as the document gives them: newborns are
    often sent under their mother's number.
    """
    citizen = citizen_number(number)
    if isinstance(citizen, str):
        return None
    sex = attribute_of(person.first("administrativeGenderCode"), "code")
    if sex in _SEXES and sex != citizen.sex:
        return None
    birth = case.reader.time(person.first("birthTime"))
    if birth and not citizen.birth_date.startswith(birth[:10]):
        return None
    age = person.first("age")
    years = decimal(age.get("value")) if age is not None else None
    if age is not None and years is not None:
        years /= _PER_YEAR.get(age.get("unit"), 1)
        if abs(case.at.year - int(citizen.birth_date[:4]) - years) > Decimal(2):
            return None
    return citizen


def _basics(case: Case, person: Element) -> None:
    patient, reader = case.patient, case.reader
    sex = person.first("administrativeGenderCode")
    if sex is not None and (code := attribute_of(sex, "code")):
        reader.coding(sex)
        if code in _GENDERS:
            patient.put("gender", _GENDERS[code])
            if code == "9":
                # R4 has one word for 未知的性别 and 未说明的性别.
                exact = {"url": f"{_OWN}sex", "valueCode": code}
                patient.put("_gender", {"extension": [exact]})
        else:
            text = f"性别代码 {code[:20]!r} 不在 GB/T 2261.1 中"
            reader.problem(sex, "code", text, "code")
    birth = reader.time(person.first("birthTime"))
    if birth:
        patient.put("birthDate", birth[:10])
        # Midnight is what systems write that keep a day as a moment.
        if birth[10:19] not in ("", "T00:00:00"):
            value = {"url": _BIRTH_TIME, "valueDateTime": birth}
            patient.put("_birthDate", {"extension": [value]})
    patient.put("maritalStatus", reader.concept(person.first("maritalStatusCode")))
    language = person.first("languageCommunication", "languageCode")
    if concept := reader.concept(language):
        patient.put("communication", [{"language": concept}])


def _origins(case: Case, person: Element) -> None:
    """What R4 has no element for: people, nationality, birth place, household, work, schooling."""
    patient, reader = case.patient, case.reader
    nationality = reader.concept(person.first("nationality"))
    if nationality:
        code = {"url": "code", "valueCodeableConcept": nationality}
        patient.add("extension", {"url": _NATIONALITY, "extension": [code]})
    for kind, path in (
        ("ethnic-group", ("ethnicGroupCode",)),
        ("occupation", ("occupation", "occupationCode")),
        ("education", ("educationLevel", "educationLevelCode")),
    ):
        if concept := reader.concept(person.first(*path)):
            patient.add("extension", {"url": f"{_OWN}{kind}", "valueCodeableConcept": concept})
    for url, name in (
        (_BIRTH_PLACE, "birthplace"),
        (f"{_OWN}native-place", "nativePlace"),
        (f"{_OWN}household", "household"),
    ):
        addresses = [*person.all(name, "place", "addr"), *person.all(name, "addr")]
        for one in addresses:
            if address := _address(one):
                patient.add("extension", {"url": url, "valueAddress": address})


def _contacts(case: Case, person: Element) -> None:
    """Relatives to be told, and the employer."""
    for participant in case.root.all("participant"):
        entity = participant.first("associatedEntity")
        if entity is None or entity.first("associatedPerson") is None:
            continue
        contact: dict[str, Any] = {}
        if relation := case.reader.concept(entity.first("code")):
            contact["relationship"] = [relation]
        if name := text_of(entity.first("associatedPerson", "name")):
            contact["name"] = {"text": name}
        phones = [phone for one in entity.all("telecom") if (phone := _phone(one))]
        if phones:
            contact["telecom"] = phones
        if entity.first("addr") and (address := _address(entity.all("addr")[0])):
            contact["address"] = address
        if "name" in contact or "telecom" in contact or "address" in contact:
            case.patient.add("contact", contact)
    employer = person.first("employerOrganization")
    if employer is None:
        return
    work: dict[str, Any] = {}
    if name := text_of(employer.first("name")):
        work["organization"] = {"display": name}
    if phones := [phone for one in employer.all("telecom") if (phone := _phone(one, "work"))]:
        work["telecom"] = phones
    for one in employer.all("addr"):
        if address := _address(one, "work"):
            work["address"] = address
    if work:
        coding = {"system": _CONTACT_ROLE, "code": "E"}
        case.patient.add("contact", {"relationship": [{"coding": [coding]}], **work})


def _phone(telecom: Element, use: str = "") -> dict[str, str] | None:
    number = attribute_of(telecom, "value").removeprefix("tel:").strip()
    if not ids.is_number(number):
        return None
    found = {"system": "email" if "@" in number else "phone", "value": number}
    return {**found, "use": use} if use else found


def _address(node: Element, use: str = "") -> dict[str, Any] | None:
    """An address in parts and as one text; None if it says nothing."""
    parts = {child.name: text_of(child) for child in node.children}
    text = "".join(parts.get(name, "") for name in _LINES)
    if not text and not node.children and not is_absent(node.text):
        text = text_of(node)
    found: dict[str, Any] = {"use": use} if use else {}
    if text:
        found["text"] = text
    lines = [one for one in _PARTS if parts.get(one)]
    if lines:
        found["line"] = [parts[one] for one in lines]
        found["_line"] = [
            {"extension": [{"url": _PARTS[one], "valueString": parts[one]}]} for one in lines
        ]
    for element, name in (("city", "city"), ("district", "county"), ("state", "state")):
        if parts.get(name):
            found[element] = parts[name]
    if parts.get("postalCode"):
        found["postalCode"] = parts["postalCode"]
    return found if set(found) - {"use"} else None
