"""The message that registers a shared document: RCMR_IN000002UV02, service DocumentRegister.

WS/T 790 and the interaction messages of the maturity assessment. Everything is said as the document
itself says it; what it does not say is left empty where the message has to name it.
"""

import base64
import hashlib
from typing import Any, Final, TypeAlias

from lxml import etree
from lxml.builder import ElementMaker

from minkang.exchange.cda import Element, kind_name, kind_of, read_document
from minkang.fhir import Problem, Refused

ACTION: Final = "DocumentRegister"
_ROOT: Final = "RCMR_IN000002UV02"
_V3: Final = "urn:hl7-org:v3"
_OIDS: Final = "2.16.156.10011."
_MESSAGE: Final = f"{_OIDS}2.5.1.1"
_INTERACTION: Final = f"{_OIDS}2.5.1.2"
_DEVICE: Final = f"{_OIDS}2.5.1.3"
_KIND: Final = f"{_OIDS}2.4"
_DOCUMENT: Final = f"{_OIDS}1.1"
_ID_CARD: Final = f"{_OIDS}1.3"
_CONFIDENTIALITY: Final = f"{_OIDS}2.3.1.60"
_ORGANIZATION: Final = f"{_OIDS}1.5"
_DEPARTMENT: Final = f"{_OIDS}1.26"
_NAMES: Final = {
    "C0002": "门急诊病历",
    "C0018": "病重病危护理记录",
    "C0030": "病危重通知书",
    "C0035": "24小时内入出院记录",
    "C0036": "24小时内入院死亡记录",
}
"""Kinds whose name the message spells otherwise."""
_UNKNOWN: Final = "NA"
"""What the messages allow where a department must be named and is not known."""
_DEVICE_LENGTH: Final = 7
_CODE_LENGTH: Final = 18

Node: TypeAlias = Any
"""An element of lxml, which has no types."""
_E: Final = ElementMaker(namespace=_V3, nsmap={None: _V3})


def registration(raw: bytes, sender: str, receiver: str) -> bytes:
    """The message for a document; `sender` and `receiver` are names of systems.

    Raises:
        Refused: what came is no shared document, or it has no number or no time.
    """
    root = read_document(raw, "utf-8")
    kind = kind_of(root)
    number = _attribute(root, "extension", "id")
    made = _digits(_attribute(root, "value", "effectiveTime"))
    for value, name in ((number, "id"), (made, "effectiveTime")):
        if not value:
            text = f"文档没有 {name}，不能注册"
            raise Refused([Problem("send", root.place(), "required", text)])
    message = _E(
        _ROOT,
        # The same document is the same message, however often it is sent.
        _E.id(root=_MESSAGE, extension=hashlib.sha256(raw).hexdigest()[:32]),
        _E.creationTime(value=made),
        _E.interactionId(root=_INTERACTION, extension=_ROOT),
        _E.processingCode(code="P"),
        _E.processingModeCode("T"),
        _E.acceptAckCode(code="AL"),
        _device("receiver", "RCV", receiver),
        _device("sender", "SND", sender),
        _E.controlActProcess(
            _E.subject(_registered(root, raw, kind, number, made), typeCode="SUBJ"),
            classCode="CACT",
            moodCode="EVN",
        ),
        ITSVersion="XML_1.0",
    )
    written: bytes = etree.tostring(message, encoding="UTF-8", xml_declaration=True)
    return written


def _registered(root: Element, raw: bytes, kind: str, number: str, made: str) -> Node:
    confidential = root.first("confidentialityCode")
    name = confidential.get("displayName") if confidential is not None else ""
    return _E.clinicalDocument(
        _id(_DOCUMENT, number),
        _E.code(
            _E.displayName(value=_NAMES.get(kind, kind_name(kind))),
            code=kind,
            codeSystem=_KIND,
            codeSystemName="卫生信息共享文档规范编码体系",
        ),
        _E.statusCode(),
        _E.effectiveTime(value=made),
        _E.confidentialityCode(
            _E.displayName(value=name or "正常访问保密级别"),
            code=_attribute(root, "code", "confidentialityCode") or "N",
            codeSystem=_CONFIDENTIALITY,
            codeSystemName="访问保密级别",
        ),
        _E.versionNumber(value=_attribute(root, "value", "versionNumber") or "1"),
        _E.storageCode(
            _E.originalText(value=base64.b64encode(raw).decode()), _E.translation("XML")
        ),
        _patient(root, made),
        _author(root, made),
        _custodian(root),
        classCode="DOCCLIN",
        moodCode="EVN",
    )


def _patient(root: Element, made: str) -> Node:
    role = root.first("recordTarget", "patientRole")
    person = role.first("patient") if role is not None else None
    visits = role.all("id") if role is not None else []
    cards = [one.get("extension") for one in (person.all("id") if person is not None else [])]
    visit = root.first("componentOf", "encompassingEncounter", "effectiveTime")
    begun = _digits(_attribute(visit, "value", "low") or (visit.get("value") if visit else ""))
    return _E.recordTarget(
        _E.patient(
            _E.id(
                *(
                    _E.item(root=one.get("root"), extension=one.get("extension"))
                    for one in visits
                    if one.get("root") and one.get("extension")
                )
            ),
            _E.statusCode(),
            _E.effectiveTime(_E.low(value=(begun or made)[:8]), _E.high()),
            _E.patientPerson(
                _id(_ID_CARD, next((one for one in cards if one), "")),
                _E.name(_text(person, "name")),
                classCode="PSN",
                determinerCode="INSTANCE",
            ),
            _provider(root),
            classCode="PAT",
        ),
        typeCode="RCT",
    )


def _provider(root: Element) -> Node:
    """The institution that is named by its code, and its department."""
    numbered = [
        one
        for one in root.below("id")
        if one.parent is not None
        and one.parent.name.endswith("Organization")
        and len(one.get("extension")) == _CODE_LENGTH
    ]
    organization = numbered[0].parent if numbered else None
    departments = (
        one.get("extension")
        for one in root.below("id")
        if one.get("root") == _DEPARTMENT and len(one.get("extension")) >= len(_UNKNOWN)
    )
    return _E.providerOrganization(
        _id(_ORGANIZATION, numbered[0].get("extension") if numbered else ""),
        _E.name(_text(organization, "name")),
        _E.organizationContains(_id(_DEPARTMENT, next(departments, _UNKNOWN)), classCode="PART"),
        classCode="ORG",
        determinerCode="INSTANCE",
    )


def _author(root: Element, made: str) -> Node:
    author = root.first("author")
    assigned = author.first("assignedAuthor") if author is not None else None
    person = assigned.first("assignedPerson") if assigned is not None else None
    return _E.author(
        _E.time(_digits(_attribute(author, "value", "time")) or made),
        _E.assignedAuthor(
            _id(f"{_OIDS}1.7", _attribute(assigned, "extension", "id")),
            _E.assignedPerson(
                _E.name(_text(person, "name")), classCode="PSN", determinerCode="INSTANCE"
            ),
            classCode="ASSIGNED",
        ),
        typeCode="AUT",
    )


def _custodian(root: Element) -> Node:
    assigned = root.first("custodian", "assignedCustodian")
    kept = assigned.first("representedCustodianOrganization") if assigned is not None else None
    return _E.custodian(
        _E.assignedCustodian(
            _E.representedOrganization(
                _id(_ORGANIZATION, _attribute(kept, "extension", "id")),
                _E.name(_text(kept, "name")),
                classCode="ORG",
                determinerCode="INSTANCE",
            ),
            classCode="ASSIGNED",
        ),
        typeCode="CST",
    )


def _device(name: str, kind: str, system: str) -> Node:
    return _E(
        name,
        _E.device(
            _id(_DEVICE, system.ljust(_DEVICE_LENGTH, "-")[:36]),
            classCode="DEV",
            determinerCode="INSTANCE",
        ),
        typeCode=kind,
    )


def _id(oid: str, number: str) -> Node:
    return _E.id(_E.item(root=oid, extension=number))


def _attribute(element: Element | None, attribute: str, *path: str) -> str:
    found = element.first(*path) if element is not None and path else element
    return found.get(attribute) if found is not None else ""


def _text(element: Element | None, name: str) -> str:
    found = element.first(name) if element is not None else None
    return found.text if found is not None else ""


def _digits(time: str) -> str:
    """A time to the second; what is not said is the beginning of it."""
    digits = "".join(one for one in time if one.isdigit())[:14]
    return digits.ljust(14, "0") if len(digits) >= 8 else ""
