"""Applications (CheckAppInfo, ExamAppInfo, PathologyAppInfo, OperationAppInfo, BloodTransAppInfo).

The application is a ServiceRequest under its number, and so is each item of it, based on the
application: reports and status messages name the application, orders the item.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.cda.element import XSI_TYPE
from minkang.exchange.mappings.cda.diagnoses import ELEMENT
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    concepts_of,
    extension,
    number_of,
    period_of,
    time_of,
    value_of,
)
from minkang.exchange.mappings.wst.people import department, practitioner, record
from minkang.exchange.mappings.wst.requests import (
    Asked,
    ask,
    asked,
    notes,
    performed_at,
    prioritise,
    withdrawn,
)
from minkang.exchange.mappings.wst.specimens import map_specimens
from minkang.exchange.mappings.wst.visits import diagnosis
from minkang.fhir import reference

_KINDS: Final = {
    "CheckApp": "检查申请",
    "ExamApp": "检验申请",
    "PathologyApp": "病理申请",
    "OperationApp": "手术申请",
    "BloodTransApp": "输血申请",
}
_ACTS: Final = {"手术申请": "procedureRequest", "输血申请": "procedureRequest"}
_YEARS: Final = f"{ELEMENT}DE02.01.026.00"


def map_application(case: Case) -> None:
    """The application and its items.

    Raises:
        Refused: patient or application has no number.
    """
    act = case.subject(_ACTS.get(_kind(case), "observationRequest"))
    one = asked(case, act)
    number = number_of(act.first("id"))
    case.required(act.first("id"), act, "申请单编号", number)
    draft = case.draft("ServiceRequest", number)
    draft.put("identifier", [case.own("application", number)])
    draft.put("category", [{"text": _kind(case)}])
    draft.put("code", {"text": _kind(case)})
    ask(draft, one)
    draft.put("status", "revoked" if withdrawn(act.first("statusCode")) else "active")
    draft.put("note", notes(act))
    prioritise(case, draft, act.first("priorityCode"))
    _details(case, draft, act)
    condition = diagnosis(
        case,
        act.first("componentOf1", "encounter", "pertinentInformation1", "observationDx")
        or act.first("pertinentInformation1", "observationDx"),
        one.visit,
        one.patient,
    )
    if condition is not None:
        draft.put("reasonReference", [condition.reference])
    specimens = map_specimens(case, act, one.patient, draft)
    draft.put("specimen", [specimen.reference for specimen in specimens])
    record(case, draft, one.people, one.patient)
    for component in act.all("component2"):
        for item in (*component.all("observationRequest"), *component.all("procedureRequest")):
            _item(case, item, draft, number, one)


def _kind(case: Case) -> str:
    return next(text for name, text in _KINDS.items() if case.service.name.startswith(name))


def _details(case: Case, draft: Draft, act: Element) -> None:
    """When, how, what came before, and how old the patient was said to be."""
    time = act.first("effectiveTime")
    period = period_of(case.reader, time)
    if set(period) == {"start"}:
        draft.put("occurrenceDateTime", period["start"])
    else:
        draft.put("occurrencePeriod", period)
    for concept in concepts_of(case.reader, act.first("methodCode"), "method"):
        draft.add("extension", extension("method", "CodeableConcept", concept))
    for reason in act.all("reason", "observation"):
        if text := value_of(reason.first("value")):
            draft.add("extension", extension("case-summary", "String", text))
    age = act.first(
        "componentOf1", "encounter", "subject", "patient", "patientPerson", "birthTime",
        "originalText",
    )  # fmt: skip
    if quantity := case.reader.quantity(age):
        draft.add("extension", {"url": _YEARS, "valueQuantity": quantity})
    for observation in act.all("pertinentInformation", "organizer", "component", "observation"):
        draft.add("supportingInfo", _finding(case, draft, observation))


def _finding(case: Case, draft: Draft, observation: Element) -> dict[str, str] | None:
    """What a transfusion is asked for with (blood group, amount ...), each an Observation."""
    code = observation.first("code")
    text = value_of(code.first("originalText")) if code is not None else ""
    concept = case.reader.concept(code, "element") if code is not None else None
    value = _value(case, observation.first("value"))
    if value is None or not (concept or text):
        return None
    named = {**(concept or {}), **({"text": text} if text else {})}
    key = attribute_of(code, "code") or text
    found = case.draft("Observation", f"{draft.resource['id']}/{key}")
    found.put("status", "final")
    found.put("code", named)
    found.put("subject", draft.resource.get("subject"))
    found.put("encounter", draft.resource.get("encounter"))
    found.put("performer", [case.context.institution()])
    found.put("effectiveDateTime", draft.resource.get("authoredOn"))
    found.resource[f"value{value[0]}"] = value[1]
    return reference("Observation", found.resource["id"])


def _value(case: Case, node: Element | None) -> tuple[str, Any] | None:
    if node is None:
        return None
    kind = node.get(XSI_TYPE).rpartition(":")[2].upper()
    if kind in ("CD", "PQ", "BL", "INT", "REAL", "TS"):
        return case.reader.value(node)
    text = value_of(node)
    if not kind and attribute_of(node, "code"):
        return case.reader.value(node)
    return ("String", text) if text else None


def _item(case: Case, item: Element, whole: Draft, application: str, one: Asked) -> None:
    """One examination, test or operation of an application."""
    number = number_of(item.first("id"))
    code = case.reader.concept(item.first("code"), "service")
    named = attribute_of(item.first("code"), "code") or (code or {}).get("text", "")
    if code is None:
        case.reader.problem(item, "required", "申请项目没有代码和名称")
        return
    draft = case.draft("ServiceRequest", f"{application}/{number or named}")
    identifiers = [case.own("order", number)] if number else []
    draft.put("identifier", identifiers)
    draft.put("requisition", case.own("application", application))
    draft.put("basedOn", [whole.reference])
    draft.put("category", whole.resource["category"])
    draft.put("status", whole.resource["status"])
    ask(draft, one)
    draft.put("code", code)
    for concept in concepts_of(case.reader, item.first("methodCode"), "method"):
        draft.add("orderDetail", concept)
    draft.put("bodySite", concepts_of(case.reader, item.first("targetSiteCode"), "body-site"))
    prioritise(case, draft, item.first("priorityCode"))
    performed_at(case, draft, item.first("location"))
    for performer in item.all("performer"):
        _surgeon(case, draft, performer)


def _surgeon(case: Case, draft: Draft, performer: Element) -> None:
    entity = performer.first("assignedEntity")
    if entity is None:
        return
    draft.add("performer", practitioner(case, entity))
    role = value_of(entity.first("code", "displayName"))
    if role:
        draft.put("performerType", {"text": role})
    unit = department(case, entity.first("representedOrganization"))
    draft.add("performer", unit)
    draft.put("occurrenceDateTime", time_of(case.reader, performer.first("time")))
