"""Answers to DocumentAccess and DocumentRetrieve: documents found, with or without the original.

RCMR_IN000030UV01 (Find Document Metadata Response) and RCMR_IN000032UV01 (Find Document Metadata
and Content Response), in the form of the registration RCMR_IN000002UV02. What a document does not
say is left out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from minkang.exchange.wst.acknowledge import detail, quoted, wrapped
from minkang.exchange.wst.message import Wrapper
from minkang.fhir import Resource

FOUND: Final = {"DocumentAccess": "RCMR_IN000030UV01", "DocumentRetrieve": "RCMR_IN000032UV01"}
"""Service to the root of its answer."""

_OID: Final = "2.16.156.10011."
_URN: Final = "urn:oid:"
_VERSION: Final = "urn:minkang:cda:version"
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


def documents_answer(
    service: str,
    of: Wrapper,
    documents: Sequence[Resource],
    patients: Mapping[str, Resource],
    now: datetime,
) -> str:
    """The answer with some DocumentReferences; `patients` by reference (`Patient/id`)."""
    subjects = "".join(
        f'<subject typeCode="SUBJ">{_document(one, patients, service)}</subject>'
        for one in documents
    )
    code = "OK" if documents else "NF"
    content = (
        f'<controlActProcess classCode="INFO" moodCode="EVN">{subjects}<queryAck>'
        f'<queryId extension={quoted(of.query)}/><queryResponseCode code="{code}"/>'
        f'<resultTotalQuantity value="{len(documents)}"/></queryAck></controlActProcess>'
    )
    text = f"找到 {len(documents)} 份文档" if documents else "没有符合条件的文档"
    return wrapped(FOUND[service], "AA", of, detail(text), content, now)


def _document(document: Resource, patients: Mapping[str, Resource], service: str) -> str:
    number = document.get("masterIdentifier", {}).get("value", "")
    parts = [_item("id", f"{_OID}2.5.1.24", number), _coded("code", document.get("type"))]
    if made := document.get("date"):
        parts.append(f'<effectiveTime value="{_moment(made)}"/>')
    labels = document.get("securityLabel", [])[:1]
    parts += [_coded("confidentialityCode", label) for label in labels]
    parts += [
        f"<versionNumber value={quoted(said['valueString'])}/>"
        for one in document.get("identifier", [])
        for said in one.get("extension", [])
        if said.get("url") == _VERSION
    ]
    if service == "DocumentRetrieve":
        parts += _original(document)
    patient = patients.get(document.get("subject", {}).get("reference", ""))
    if patient is not None:
        parts.append(f'<recordTarget typeCode="RCT">{_patient(patient)}</recordTarget>')
    for author in document.get("author", [])[:1]:
        if name := author.get("display"):
            parts.append(
                f'<author typeCode="AUT"><assignedAuthor classCode="ASSIGNED"><assignedPerson '
                f'classCode="PSN" determinerCode="INSTANCE">{_name(name)}</assignedPerson>'
                "</assignedAuthor></author>"
            )
    if keeper := document.get("custodian", {}).get("display"):
        parts.append(
            '<custodian typeCode="CST"><assignedCustodian classCode="ASSIGNED">'
            '<representedOrganization classCode="ORG" determinerCode="INSTANCE">'
            f"{_name(keeper)}</representedOrganization></assignedCustodian></custodian>"
        )
    return (
        f'<clinicalDocument classCode="DOCCLIN" moodCode="EVN">{"".join(parts)}</clinicalDocument>'
    )


def _original(document: Resource) -> list[str]:
    """The document itself, as it came, in base64."""
    for content in document.get("content", []):
        attachment = content.get("attachment", {})
        if attachment.get("contentType", "").startswith("application/xml") and "data" in attachment:
            form = quoted(attachment["contentType"])
            original = f"<originalText value={quoted(attachment['data'])}/>"
            return [f"<storageCode>{original}<translation value={form}/></storageCode>"]
    return []


def _patient(patient: Resource) -> str:
    numbers = "".join(
        f"<item root={quoted(one['system'].removeprefix(_URN))} extension={quoted(one['value'])}/>"
        for one in patient.get("identifier", [])
        if one.get("system", "").startswith(_URN)
    )
    name = next((one["text"] for one in patient.get("name", []) if one.get("text")), "")
    identity = f"<id>{numbers}</id>" if numbers else ""
    return (
        '<patient classCode="PAT"><patientPerson classCode="PSN" determinerCode="INSTANCE">'
        f"{identity}{_name(name) if name else ''}</patientPerson></patient>"
    )


def _item(name: str, root: str, number: str) -> str:
    return f'<{name}><item root="{root}" extension={quoted(number)}/></{name}>' if number else ""


def _coded(name: str, concept: dict[str, Any] | None) -> str:
    for coding in (concept or {}).get("coding", []):
        system = str(coding.get("system", "")).removeprefix(_URN)
        display = coding.get("display", (concept or {}).get("text", ""))
        return (
            f"<{name} code={quoted(coding.get('code', ''))} codeSystem={quoted(system)}>"
            f"<displayName value={quoted(display)}/></{name}>"
        )
    return ""


def _name(text: str) -> str:
    return f'<name xsi:type="DSET_EN"><item><part value={quoted(text)}/></item></name>'


def _moment(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(_SHANGHAI).strftime("%Y%m%d%H%M%S")
