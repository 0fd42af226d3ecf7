"""OrderInfoAdd, OrderInfoUpdate: drugs as MedicationRequest, all else as ServiceRequest."""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    concept_of,
    extension,
    name_of,
    number_of,
    period_of,
    value_of,
)
from minkang.exchange.mappings.wst.people import department, record
from minkang.exchange.mappings.wst.requests import Asked, ask, asked, notes, withdrawn

_DRUG: Final = "01"


def map_order(case: Case) -> None:
    """Each order of a group.

    Raises:
        Refused: patient or order has no number.
    """
    group = case.subject("placerGroup")
    one = asked(case, group)
    for component in group.all("component2"):
        request = component.first("substanceAdministrationRequest")
        if request is not None:
            draft = _order(case, component, request, one)
            record(case, draft, one.people, one.patient)


def _order(case: Case, component: Element, request: Element, one: Asked) -> Draft:
    number = number_of(request.first("id"))
    case.required(request.first("id"), request, "医嘱号", number)
    product = request.first("consumable2", "manufacturedProduct1")
    is_drug = attribute_of(request.first("code"), "code") == _DRUG
    draft = case.draft("MedicationRequest" if is_drug else "ServiceRequest", number)
    draft.put("identifier", [case.own("order", number)])
    ask(draft, one)
    gone = withdrawn(request.first("statusCode"))
    ended = "stopped" if is_drug else "revoked"
    draft.put("status", ended if gone else "active")
    kinds = [
        concept
        for node, own in (
            (request.first("code"), "order-type"),
            (request.first("pertinentInformation", "observation", "value"), "order-class"),
        )
        if (concept := case.reader.concept(node, own))
    ]
    draft.put("category", kinds)
    draft.put("note", notes(request))
    _group(case, draft, component, request)
    if is_drug:
        _medicine(case, draft, request, product)
    else:
        _service(case, draft, request, product)
    return draft


def _group(case: Case, draft: Draft, component: Element, request: Element) -> None:
    """Its place among the others, and the order that it belongs to."""
    if place := value_of(component.first("sequenceNumber")):
        draft.add("extension", extension("sequence", "String", place))
    parent = number_of(request.first("occurrenceOf", "parentRequestReference", "id"))
    if parent:
        draft.put("basedOn", [{"identifier": case.own("order", parent)}])
    unit = department(case, request.first("location", "serviceDeliveryLocation", "location"))
    if unit and "reference" in unit:
        is_drug = draft.resource["resourceType"] == "MedicationRequest"
        draft.put("performer", unit if is_drug else [unit])


def _service(case: Case, draft: Draft, request: Element, product: Element | None) -> None:
    """What is to be done; what is only said of drugs is kept if it is said all the same."""
    material = product.first("manufacturedProduct") if product is not None else None
    code = _named(case, material)
    text = value_of(request.first("text"))
    draft.put("code", code or ({"text": text} if text else None))
    draft.put("occurrenceTiming", _timing(case, request))
    dosage = _dosage(case, request)
    dosage.pop("timing", None)
    draft.add("extension", extension("dosage", "Dosage", dosage))
    supply = request.first("component2", "supplyRequest")
    quantity = case.reader.quantity(supply.first("quantity")) if supply is not None else None
    draft.put("quantityQuantity", quantity)
    _package(case, draft, request, product)


def _medicine(case: Case, draft: Draft, request: Element, product: Element | None) -> None:
    material = product.first("manufacturedProduct") if product is not None else None
    text = value_of(request.first("text"))
    drug = _named(case, material) or ({"text": text} if text else None)
    if drug is None:
        case.reader.problem(request, "required", "药品医嘱缺少药品")
    draft.put("medicationCodeableConcept", drug)
    dosage = _dosage(case, request)
    draft.put("dosageInstruction", [dosage] if dosage else None)
    supply = request.first("component2", "supplyRequest")
    if supply is not None:
        found: dict[str, Any] = {}
        if period := period_of(case.reader, supply.first("expectedUseTime")):
            found["validityPeriod"] = period
        if quantity := case.reader.quantity(supply.first("quantity")):
            found["quantity"] = quantity
        draft.put("dispenseRequest", found)
    _package(case, draft, request, product)


def _named(case: Case, material: Element | None) -> dict[str, Any] | None:
    if material is None:
        return None
    concept = case.reader.concept(material.first("code"), "drug")
    name = name_of(material.first("name"))
    if concept is not None:
        return {**concept, "text": name} if name else concept
    return {"text": name} if name else None


def _timing(case: Case, request: Element) -> dict[str, Any]:
    time = request.first("effectiveTime")
    found: dict[str, Any] = {}
    if period := period_of(case.reader, time):
        found["repeat"] = {"boundsPeriod": period}
    if time is not None and (often := case.reader.concept(time.first("code"), "frequency")):
        found["code"] = often
    return found


def _dosage(case: Case, request: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if timing := _timing(case, request):
        found["timing"] = timing
    if route := case.reader.concept(request.first("routeCode"), "route"):
        found["route"] = route
    if dose := case.reader.quantity(request.first("doseQuantity")):
        found["doseAndRate"] = [{"doseQuantity": dose}]
    total = request.first("doseCheckQuantity", "item")
    if total is not None:
        numerator = case.reader.quantity(total.first("numerator"))
        denominator = case.reader.quantity(total.first("denominator"))
        if numerator and denominator:
            found["maxDosePerPeriod"] = {"numerator": numerator, "denominator": denominator}
        elif numerator:
            # Of so much in all no period is given (R4: a Ratio has both or neither).
            found["extension"] = [extension("total-dose", "Quantity", numerator)]
    return found


def _package(case: Case, draft: Draft, request: Element, product: Element | None) -> None:
    """Form, package and insurance class of the drug, of which a request has no elements."""
    reader = case.reader
    form = reader.concept(request.first("administrationUnitCode"), "dose-form")
    draft.add("extension", extension("dose-form", "CodeableConcept", form))
    if product is None:
        return
    draft.add("extension", extension("package-number", "String", number_of(product.first("id"))))
    content = product.first("manufacturedProduct", "asContent")
    packaged = content.first("containerPackagedProduct") if content is not None else None
    if packaged is not None:
        size = reader.quantity(packaged.first("capacityQuantity"))
        draft.add("extension", extension("package-size", "Quantity", size))
    insured = concept_of(reader, product.first("subjectOf3", "policy", "code"), "insurance-class")
    draft.add("extension", extension("insurance-class", "CodeableConcept", insured))
