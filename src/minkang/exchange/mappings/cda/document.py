"""The document itself as DocumentReference, with its original and a text to be read.

The original lies inside the DocumentReference, as its first attachment, byte for byte: there it is
in the compartment of its patient and under the same rules of access. A Binary would be in nobody's.
"""

import base64
from typing import Any, Final

from minkang.exchange.cda import charset_of, kind_name
from minkang.exchange.cda.kinds import KIND_SYSTEM
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.mappings.cda.people import add_provenance, person, signatures
from minkang.exchange.mappings.cda.rendition import rendition
from minkang.exchange.mappings.draft import unknown
from minkang.fhir import reference

_CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_HL7_CONFIDENTIALITY: Final = "urn:oid:2.16.840.1.113883.5.25"
_LEVELS: Final = frozenset("ULMNRV")
_VERSION: Final = "urn:minkang:cda:version"
_RELATED: Final = (
    (ids.APPLICATION, "application", "ServiceRequest"),
    (ids.PRESCRIPTION, "prescription", "MedicationRequest"),
    (ids.EXAMINATION_REPORT, "examination-report", "DiagnosticReport"),
    (ids.LABORATORY_REPORT, "laboratory-report", "DiagnosticReport"),
    (ids.SPECIMEN, "specimen", "Specimen"),
    (ids.CONSENT, "consent", "Consent"),
)


def map_document(case: Case, raw: bytes) -> None:
    """The DocumentReference, and who wrote and signed it as Provenance."""
    root, reader, own = case.root, case.reader, case.context
    document = case.draft("DocumentReference", case.key_of_document)
    master = case.own("document", case.key_of_document)
    document.put("masterIdentifier", master)
    document.put("identifier", [master, *_sets(case)])
    document.put("status", "current")
    document.put("type", document_type(case))
    document.put("description", text_of(root.first("title")))
    document.put("subject", case.patient.reference)
    made = reader.instant(root.first("effectiveTime"))
    document.put("date", made)
    authors = [person(case, one.first("assignedAuthor")) for one in root.all("author")]
    document.put("author", [one for one in authors if one])
    keeper = root.first("custodian", "assignedCustodian", "representedCustodianOrganization")
    if keeper is not None:
        code = attribute_of(keeper.first("id"), "extension")
        name = text_of(keeper.first("name"))
        code = code if ids.is_number(code) else ""
        document.put("custodian", case.organization(code, name))
    case.signers = signatures(case)
    if case.signers:
        document.put("authenticator", case.signers[0].who)
        document.put("docStatus", "final")
    document.put("securityLabel", _confidentiality(case))
    document.put("content", _content(case, raw))
    document.put("context", _context(case))
    _replacement(case, document.reference)
    recorded = made or own.received.isoformat()
    add_provenance(case, document.reference, recorded)


def document_type(case: Case) -> dict[str, Any]:
    """The kind of a document as code, with its Chinese name."""
    name = kind_name(case.kind)
    coding = {"system": KIND_SYSTEM, "code": case.kind, "display": name}
    return {"coding": [coding], "text": name}


def _sets(case: Case) -> list[dict[str, Any]]:
    """The set that all versions of a document share, with the number of this version."""
    number = text_of(case.root.first("setId")) or attribute_of(
        case.root.first("setId"), "extension"
    )
    if not ids.is_number(number):
        return []
    found = case.own("document-set", number)
    version = case.root.first("versionNumber")
    if text := text_of(version) or attribute_of(version, "value"):
        found["extension"] = [{"url": _VERSION, "valueString": text}]
    return [found]


def _confidentiality(case: Case) -> list[dict[str, Any]]:
    code = case.root.first("confidentialityCode")
    concept = case.reader.concept(code)
    if concept is None:
        return []
    for coding in concept.get("coding", []):
        hl7 = coding["system"] == _HL7_CONFIDENTIALITY or not attribute_of(code, "codeSystem")
        if hl7 and coding["code"] in _LEVELS:
            coding["system"] = _CONFIDENTIALITY
    return [concept]


def _content(case: Case, raw: bytes) -> list[dict[str, Any]]:
    """First the original, then the text."""
    title = text_of(case.root.first("title")) or kind_name(case.kind)
    charset = charset_of(raw, case.context.source.charset)
    language = attribute_of(case.root.first("languageCode"), "code")
    original: dict[str, Any] = {
        "contentType": f"application/xml; charset={charset}",
        "data": base64.b64encode(raw).decode(),
        "size": len(raw),
        "title": title,
    }
    if language.replace("-", "").isalnum() and language.isascii():
        original["language"] = language
    text = rendition(case).encode()
    readable = {
        "contentType": "text/plain; charset=utf-8",
        "data": base64.b64encode(text).decode(),
        "title": title,
    }
    template = f"urn:oid:2.16.156.10011.2.1.1.{20 + int(case.kind[1:])}"
    form = {"system": "urn:ietf:rfc:3986", "code": template}
    return [{"attachment": original, "format": form}, {"attachment": readable}]


def _context(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if case.visit is not None:
        found["encounter"] = [case.visit.reference]
        period = case.visit.resource.get("period")
        if period:
            found["period"] = dict(period)
    if "period" not in found and case.performed:
        found["period"] = {"start": case.performed}
    role = case.root.first("recordTarget", "patientRole")
    numbers = ids.numbers(role.all("id") if role is not None else [])
    related = [
        {"type": of_type, "identifier": case.own(kind, numbers[root])}
        for root, kind, of_type in _RELATED
        if root in numbers
    ]
    if related:
        found["related"] = related
    return found


def _replacement(case: Case, document: dict[str, str]) -> None:
    """The document that this one replaces or appends to; an empty parent is none."""
    codes = {"RPLC": "replaces", "APND": "appends", "XFRM": "transforms"}
    for node in case.root.all("relatedDocument"):
        parent = node.first("parentDocument", "id")
        number = attribute_of(parent, "extension") or text_of(parent)
        relation = codes.get(node.get("typeCode").upper())
        if relation is None or not ids.is_number(number) or number == case.key_of_document:
            continue
        target_id = case.context.id("DocumentReference", number, case.at)
        target = {"code": relation, "target": reference("DocumentReference", target_id)}
        case.draft("DocumentReference", case.key_of_document).add("relatesTo", target)
        if relation == "replaces":
            before = case.draft("DocumentReference", number)
            before.put("status", "superseded")
            before.put("subject", case.patient.reference)
            before.suppose("content", [{"attachment": unknown()}])
