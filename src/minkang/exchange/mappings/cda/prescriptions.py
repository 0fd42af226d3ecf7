"""C0004 and C0005 prescriptions as MedicationRequests (WS/T 500.4-2016, WS/T 500.5-2016).

One for each drug; a prescription of Chinese herbs (DE08.50.049.00) is one, with its doses. What is
said of the whole prescription stays beside them as Observations, its price as Invoice.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.body import Item, item_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import ELEMENT, map_diagnoses
from minkang.exchange.mappings.cda.facts import extensions, map_left, numbered
from minkang.exchange.mappings.cda.fees import map_fees
from minkang.exchange.mappings.cda.fields import Concept, attribute_of, text_of
from minkang.exchange.mappings.cda.people import person
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.written import plain_code

_TOTAL: Final = "DE06.00.135.00"
_HERBS: Final = "DE08.50.049.00"
_DOSES: Final = "DE08.50.050.00"
_DECOCTION: Final = "DE08.50.047.00"
_USAGE: Final = "DE06.00.136.00"
RATE: Final = "urn:minkang:cda:rate"
"""Extension of a dosage: the frequency as number and unit."""
_FORM: Final = "DE08.50.011.00"
"""药物剂型代码, which stands in administrationUnitCode."""


def map_prescription(case: Case) -> None:
    """C0004 or C0005: diagnoses, drugs, herbs, price, and what else is said."""
    conditions = map_diagnoses(case)
    reasons = [one.reference for one in conditions]
    for section in case.body.all():
        for act in section.acts():
            if act.name == "substanceAdministration":
                _drug(case, act, section.code, reasons)
        for item in section.items():
            if item.code == _HERBS and (text := text_of(item.value)):
                _herbs(case, case.body.take(item), text, reasons)
    map_fees(case)
    map_left(case)


def _request(case: Case, name: str, drug: Concept, reasons: list[dict[str, str]]) -> Draft:
    draft = numbered(case, "MedicationRequest", name)
    role = case.root.first("recordTarget", "patientRole")
    number = ids.numbers(role.all("id") if role else []).get(ids.PRESCRIPTION)
    draft.put("groupIdentifier", case.own("prescription", number) if number else None)
    draft.put("status", "unknown")
    draft.put("intent", "order")
    draft.put("medicationCodeableConcept", drug)
    draft.put("authoredOn", case.reader.time(case.root.first("author", "time")))
    draft.put("requester", person(case, case.root.first("author", "assignedAuthor")))
    draft.put("reasonReference", reasons)
    return draft


def _drug(case: Case, act: Element, section: str, reasons: list[dict[str, str]]) -> None:
    labelled = act.first("consumable", "manufacturedProduct", "manufacturedLabeledDrug")
    code = labelled.first("code") if labelled is not None else None
    name = text_of(labelled.first("name")) if labelled is not None else ""
    concept = _drug_code(case, code, name)
    items = [item_of(one, section) for one in act.all("entryRelationship", "observation")]
    if concept is None and not name:
        if any(case.reader.value(item.value) for item in items) or act.first("doseQuantity"):
            case.reader.problem(labelled or act, "required", "缺少药品名称")
        return
    drug = {**(concept or {}), "text": name or (concept or {}).get("text")}
    draft = _request(case, f"drug/{drug['text']}", drug, reasons)
    draft.put("dosageInstruction", _dosage(case, act))
    total = next((item for item in items if item.code == _TOTAL), None)
    if total and (quantity := case.reader.quantity(total.value)):
        case.body.take(total)
        draft.put("dispenseRequest", {"quantity": quantity})
    found = extensions(case, [item for item in items if item is not total])
    if form := case.reader.concept(act.first("administrationUnitCode"), "drug-form"):
        found.append({"url": f"{ELEMENT}{_FORM}", "valueCodeableConcept": form})
    draft.put("extension", found)


def _drug_code(case: Case, code: Element | None, name: str) -> Concept | None:
    """The code of a drug, which in C0004 and C0005 stands as text beside its name."""
    concept = case.reader.concept(code, "drug")
    if concept is None or "coding" in concept or not name:
        return concept
    system = case.context.number_system("code:drug")
    return {"coding": [{"system": system, "code": plain_code(concept["text"])}]}


def _dosage(case: Case, act: Element) -> list[dict[str, Any]]:
    found: dict[str, Any] = {}
    if text := text_of(act.first("text")):
        found["text"] = text
    rate = act.first("rateQuantity")
    frequency = case.reader.concept(rate.first("translation"), "frequency") if rate else None
    if frequency is None and rate is not None and (value := attribute_of(rate, "value")):
        # A number with a unit such as 次/日: R4 would want both apart, the source sends one.
        frequency = {"text": f"{value}{attribute_of(rate, 'unit')}"}
    if frequency:
        found["timing"] = {"code": frequency}
    if exact := case.reader.quantity(rate):
        found["extension"] = [{"url": RATE, "valueQuantity": exact}]
    if route := case.reader.concept(act.first("routeCode"), "route"):
        found["route"] = route
    if dose := case.reader.quantity(act.first("doseQuantity")):
        found["doseAndRate"] = [{"doseQuantity": dose}]
    return [found] if found else []


def _herbs(case: Case, item: Item, text: str, reasons: list[dict[str, str]]) -> None:
    draft = _request(case, f"herbs/{text}", {"text": text}, reasons)
    dosage: dict[str, Any] = {}
    rest = []
    for inner in item.nested():
        said = text_of(inner.value)
        if inner.code == _DOSES and (doses := case.reader.quantity(inner.value)):
            draft.put("dispenseRequest", {"quantity": doses})
        elif inner.code == _USAGE and said:
            dosage["text"] = said
        elif inner.code == _DECOCTION and said:
            dosage["patientInstruction"] = said
        else:
            rest.append(inner)
    draft.put("dosageInstruction", [dosage] if dosage else None)
    draft.put("extension", extensions(case, rest))
