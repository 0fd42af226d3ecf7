"""The answer to PatientInfoQuery: PRPA_IN201306UV02 (Find Candidates Response).

Patients in the form of the registration PRPA_IN201311UV02. What a Patient does not say is left out;
of numbers that sources gave out, only those of the asking one are told. The electronic health code
of the resident is one of `asOtherIDs`, a health card number in the scope of the platform.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from minkang.exchange.wst.acknowledge import detail, quoted, wrapped
from minkang.exchange.wst.message import Wrapper
from minkang.fhir import Resource

ANSWER: Final = "PRPA_IN201306UV02"
LOCAL: Final = "2.16.156.10011.2.5.1.4"
ID_CARD: Final = "2.16.156.10011.1.3"
HEALTH_CARD: Final = "2.16.156.10011.1.19"
PLATFORM: Final = "MINKANG"
"""The scoping organization of electronic health codes."""

_URN: Final = "urn:oid:"
_OWN: Final = "urn:minkang:patient:"
_GENDERS: Final = {"male": ("1", "男性"), "female": ("2", "女性")}
_PARTS: Final = (("state", "STA"), ("city", "CTY"), ("district", "CNT"), ("postalCode", "ZIP"))


def patients_answer(
    of: Wrapper,
    patients: Sequence[Resource],
    codes: Mapping[str, str],
    local_system: str,
    now: datetime,
) -> str:
    """The answer with some Patients; `local_system` is that of the asking source's numbers.

    `codes`: the electronic health codes by the ids of the Patients.
    """
    subjects = "".join(
        '<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">'
        '<statusCode code="active"/><subject1 typeCode="SBJ">'
        f"{_patient(one, codes.get(str(one.get('id')), ''), local_system)}"
        "</subject1></registrationEvent></subject>"
        for one in patients
    )
    code = "OK" if patients else "NF"
    content = (
        f'<controlActProcess classCode="CACT" moodCode="EVN">{subjects}<queryAck>'
        f'<queryId extension={quoted(of.query)}/><queryResponseCode code="{code}"/>'
        f'<resultTotalQuantity value="{len(patients)}"/></queryAck></controlActProcess>'
    )
    text = f"找到 {len(patients)} 位患者" if patients else "没有符合条件的患者"
    return wrapped(ANSWER, "AA", of, detail(text), content, now)


def _patient(patient: Resource, health_code: str, local_system: str) -> str:
    numbers = {one.get("system", ""): one.get("value", "") for one in patient.get("identifier", [])}
    local = numbers.get(local_system, "")
    state = "inactive" if patient.get("active") is False else "active"
    keeper = patient.get("managingOrganization", {}).get("display", "")
    provider = (
        f'<providerOrganization classCode="ORG" determinerCode="INSTANCE">{_name(keeper)}'
        "</providerOrganization>"
        if keeper
        else ""
    )
    person = _person(patient, numbers, health_code)
    return (
        f'<patient classCode="PAT">{_id(LOCAL, local)}<statusCode code="{state}"/>'
        f"<patientPerson>{person}</patientPerson>{provider}</patient>"
    )


def _person(patient: Resource, numbers: dict[str, str], health_code: str) -> str:
    """The parts in the order of the schema."""
    parts = []
    if card := numbers.get(_URN + ID_CARD):
        parts.append(_id(ID_CARD, card))
        parts.append('<idCategory code="01"><displayName value="居民身份证"/></idCategory>')
    parts += [_name(one["text"]) for one in patient.get("name", [])[:1] if one.get("text")]
    parts.append(_telecom(patient))
    if patient.get("gender") in _GENDERS:
        code, display = _GENDERS[patient["gender"]]
        parts.append(_code("administrativeGenderCode", code, "2.16.156.10011.2.3.3.4", display))
    if birth := patient.get("birthDate", "").replace("-", ""):
        parts.append(f'<birthTime value="{birth}"/>')
    parts += [_address(one) for one in patient.get("address", [])[:1]]
    parts.append(_concept("maritalStatusCode", patient.get("maritalStatus")))
    said = {
        one["url"]: one["valueCodeableConcept"]
        for one in patient.get("extension", [])
        if "valueCodeableConcept" in one
    }
    if people := _concept("item", said.get(f"{_OWN}ethnic-group")):
        parts.append(f"<ethnicGroupCode>{people}</ethnicGroupCode>")
    parts.append(_work(patient, said.get(f"{_OWN}occupation")))
    parts += [
        f'<asOtherIDs classCode="PAT">{_id(root, numbers[_URN + root])}</asOtherIDs>'
        for root in (HEALTH_CARD, "2.16.156.10011.1.2")
        if _URN + root in numbers
    ]
    if health_code:
        parts.append(
            f'<asOtherIDs classCode="PAT">{_id(HEALTH_CARD, health_code)}'
            f"<scopingOrganization>{_id('2.16.156.10011.1.5', PLATFORM)}</scopingOrganization>"
            "</asOtherIDs>"
        )
    parts += [_kin(one) for one in patient.get("contact", []) if "name" in one][:1]
    return "".join(parts)


def _work(patient: Resource, occupation: dict[str, Any] | None) -> str:
    contacts: list[dict[str, Any]] = patient.get("contact", [])
    employer = next((one for one in contacts if "organization" in one), None)
    inside = _concept("occupationCode", occupation)
    if employer is not None:
        name = _name(employer["organization"].get("display", ""))
        reached = _telecom(employer)
        inside += (
            f'<employerOrganization classCode="ORG" determinerCode="INSTANCE">{name}'
            f'<contactParty classCode="CON">{reached}</contactParty></employerOrganization>'
        )
    return f'<asEmployee classCode="EMP">{inside}</asEmployee>' if inside else ""


def _kin(contact: dict[str, Any]) -> str:
    relation = "".join(_concept("code", one) for one in contact.get("relationship", [])[:1])
    name = _name(contact["name"].get("text", ""))
    return (
        f"<personalRelationship>{relation}{_telecom(contact)}"
        f'<relationshipHolder1 classCode="PSN" determinerCode="INSTANCE">{name}'
        "</relationshipHolder1></personalRelationship>"
    )


def _telecom(holder: dict[str, Any]) -> str:
    items = "".join(
        f"<item value={quoted(one['value'])}/>"
        for one in holder.get("telecom", [])
        if one.get("value")
    )
    return f'<telecom xsi:type="DSET_TEL">{items}</telecom>' if items else ""


def _address(address: dict[str, Any]) -> str:
    parts = [("SAL", address.get("text", ""))]
    parts += [(kind, address.get(name, "")) for name, kind in _PARTS]
    written = "".join(f'<part type="{k}" value={quoted(v)}/>' for k, v in parts if v)
    return f'<addr xsi:type="LIST_AD"><item>{written}</item></addr>'


def _concept(name: str, concept: dict[str, Any] | None) -> str:
    for coding in (concept or {}).get("coding", []):
        display = coding.get("display") or (concept or {}).get("text", "")
        system = str(coding.get("system", "")).removeprefix(_URN)
        return _code(name, coding.get("code", ""), system, display)
    return ""


def _code(name: str, code: str, system: str, display: str) -> str:
    return (
        f"<{name} code={quoted(code)} codeSystem={quoted(system)}>"
        f"<displayName value={quoted(display)}/></{name}>"
    )


def _id(root: str, number: str) -> str:
    item = f'<item root="{root}" extension={quoted(number)}/>' if number else ""
    return f"<id>{item}</id>" if item else ""


def _name(text: str) -> str:
    return f'<name xsi:type="LIST_EN"><item><part value={quoted(text)}/></item></name>'
