"""DocumentRegister: a shared document as base64, and who registers it for whom.

The document is mapped as if it had come by itself; what the registration says of it stands on its
DocumentReference. In an attribute, line breaks become blanks: they are no part of base64.
"""

import base64
import binascii
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import map_cda
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    OWN,
    extension,
    number_of,
    numbers_of,
    period_of,
    time_of,
    value_of,
)
from minkang.exchange.mappings.wst.patient import LOCAL, mentioned
from minkang.exchange.mappings.wst.people import department, practitioner
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused

_REGISTRATION: Final = f"{OWN}registration"


def map_registration(case: Case) -> list[Contribution]:
    """What the document contributes, and what its registration adds.

    Raises:
        Refused: no document, not base64 (rule `base64`), another kind or number than the
            registration says (`document-kind`, `document-number`), or refused as a document.
    """
    registered = case.subject("clinicalDocument")
    raw, at = _document(case, registered)
    try:
        found = map_cda(case.context, raw)
    except Refused as refused:
        inside = at.place("value")
        raise Refused(
            Problem(one.stage, f"{inside} 内 {one.place}", one.rule, one.text)
            for one in refused.problems
        ) from refused
    # A document that it replaces is there too, without an original.
    (reference,) = {
        one.resource["id"]
        for one in found
        if one.resource["resourceType"] == "DocumentReference"
        and "masterIdentifier" in one.resource
    }
    document = next(one.resource for one in found if one.resource["id"] == reference)
    _agrees(case, registered, document)
    _patient(case, registered)
    draft = Draft(case.context, "DocumentReference", reference)
    draft.put("extension", [{"url": _REGISTRATION, "extension": _said(case, registered)}])
    return [*found, *draft.contributions(case.order), *case.contributions()]


def _document(case: Case, registered: Element) -> tuple[bytes, Element]:
    at = registered.first("storageCode", "originalText")
    text = "".join(value_of(at).split())
    if at is None or not text:
        place = (at or registered).place()
        raise Refused([Problem("map", place, "required", "缺少文档原始内容（originalText）")])
    try:
        return base64.b64decode(text, validate=True), at
    except (binascii.Error, ValueError) as error:
        words = "文档原始内容不是 base64"
        raise Refused([Problem("map", at.place("value"), "base64", words)]) from error


def _agrees(case: Case, registered: Element, document: dict[str, Any]) -> None:
    code = registered.first("code")
    said = attribute_of(code, "code").upper()
    really = document["type"]["coding"][0]["code"]
    if code is not None and said and said != really:
        case.reader.problem(code, "document-kind", f"登记为 {said[:10]}，文档却是 {really}", "code")
    node = registered.first("id")
    numbers = list(numbers_of(node).values())
    inside = document["masterIdentifier"]["value"]
    if node is not None and numbers and inside not in numbers:
        text = f"登记的文档流水号 {numbers[0][:40]} 与文档内的 {inside[:40]} 不同"
        case.reader.problem(node, "document-number", text)


def _patient(case: Case, registered: Element) -> None:
    """The patient under the number that they have in the source, if it is given."""
    element = registered.first("recordTarget", "patient")
    if element is not None and LOCAL in numbers_of(element.first("id")):
        mentioned(case, element)


def _said(case: Case, registered: Element) -> list[dict[str, Any]]:
    """What the registration says: as extensions, for the document says the same in its own way."""
    reader = case.reader
    found = []
    element = registered.first("recordTarget", "patient")
    number = numbers_of(element.first("id")).get(LOCAL, "") if element is not None else ""
    if number:
        patient = {"identifier": case.own("patient", number), **_ref(case, number)}
        found.append(extension("patient", "Reference", patient))
    if element is not None:
        for oid, other in numbers_of(element.first("id")).items():
            if oid != LOCAL:
                found.append(extension("number", "String", other))
        visited = period_of(reader, element.first("effectiveTime"))
        found.append(extension("visited", "Period", visited))
        provider = element.first("providerOrganization")
        if provider is not None:
            found.append(extension("provider", "Reference", department(case, provider)))
            unit = number_of(provider.first("organizationContains", "id"))
            if unit:
                found.append(extension("department", "Identifier", case.own("department", unit)))
    author = registered.first("author", "assignedAuthor")
    found.append(extension("author", "Reference", practitioner(case, author)))
    written = time_of(reader, registered.first("author", "time"))
    found.append(extension("authored", "DateTime", written))
    keeper = registered.first("custodian", "assignedCustodian", "representedOrganization")
    found.append(extension("custodian", "Reference", department(case, keeper)))
    level = reader.concept(registered.first("confidentialityCode"), "confidentiality")
    found.append(extension("confidentiality", "CodeableConcept", level))
    version = value_of(registered.first("versionNumber"))
    found.append(extension("version", "String", version))
    form = value_of(registered.first("storageCode", "translation"))
    found.append(extension("form", "String", form))
    made = time_of(reader, registered.first("effectiveTime"))
    found.append(extension("made", "DateTime", made))
    return [one for one in found if one]


def _ref(case: Case, number: str) -> dict[str, str]:
    return case.draft("Patient", number).reference
