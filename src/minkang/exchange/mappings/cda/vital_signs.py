"""Vital signs (C0015, C0016, C0020, C0034) as Observations that charts and limits can be put on.

Beside the data element stands the LOINC code of R4's vital signs, beside the written unit its UCUM
code, where both are certain. Systolic and diastolic pressure of one organizer are one Observation.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Item, Section, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import (
    ELEMENTS,
    map_left,
    name_of,
    numbered,
    observation,
    put_value,
)
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft

LOINC: Final = "http://loinc.org"
_UCUM: Final = "http://unitsofmeasure.org"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
SYSTOLIC: Final = "DE04.10.174.00"
DIASTOLIC: Final = "DE04.10.176.00"
SIGNS: Final = {
    "DE04.10.081.00": ("9279-1", "Respiratory rate"),
    "DE04.10.082.00": ("9279-1", "Respiratory rate"),
    "DE04.10.118.00": ("8867-4", "Heart rate"),
    "DE04.10.167.00": ("8302-2", "Body height"),
    SYSTOLIC: ("8480-6", "Systolic blood pressure"),
    DIASTOLIC: ("8462-4", "Diastolic blood pressure"),
    "DE04.10.186.00": ("8310-5", "Body temperature"),
    "DE04.10.188.00": ("29463-7", "Body weight"),
    "DE04.10.206.00": ("8867-4", "Heart rate"),
}
"""Data element to code and name in LOINC."""
_PRESSURE: Final = ("85354-9", "Blood pressure panel with all children optional")
PACEMAKER: Final = "起搏"
"""DE04.10.206.00 is in C0020 the rate of the pacemaker, not that of the heart."""
_UNITS: Final = {
    "℃": "Cel",
    "°C": "Cel",
    "次/min": "/min",
    "次/分": "/min",
    "次/分钟": "/min",
    "mmHg": "mm[Hg]",
    "kg": "kg",
    "g": "g",
    "cm": "cm",
}


def map_measurements(case: Case) -> None:
    """C0020 (WS/T 500.20-2016): diagnoses, vital signs, what nurses saw; days of the stay."""
    map_diagnoses(case)
    for section in case.body.all():
        for act in section.acts():
            vital_signs(case, section, act)
    map_left(case)
    stay = case.root.first("componentOf", "encompassingEncounter", "effectiveTime", "width")
    _days(case, stay, "实际住院天数", "DE06.00.310.00")
    service = case.root.first("documentationOf", "serviceEvent", "effectiveTime", "width")
    _days(case, service, "手术或分娩后天数", "")


def vital_signs(case: Case, section: Section, act: Element) -> list[Draft]:
    """The vital signs that an entry of a section gives; none if it gives none."""
    items = [item for item in items_of(act, section.code) if item.code in SIGNS]
    if act.name == "organizer" and {SYSTOLIC, DIASTOLIC} <= {item.code for item in items}:
        pair = {item.code: item for item in items}
        both = _pressure(case, act, [pair[SYSTOLIC], pair[DIASTOLIC]])
        rest = [item for item in items if item not in (pair[SYSTOLIC], pair[DIASTOLIC])]
        return [one for one in (both, *(_sign(case, item) for item in rest)) if one]
    return [one for item in items if (one := _sign(case, item)) is not None]


def with_standard(draft: Draft, code: tuple[str, str]) -> Draft:
    """An Observation whose code has LOINC before the data element, its unit UCUM if it is known."""
    own = draft.resource["code"]
    draft.put("code", _standard(own, code))
    if quantity := draft.resource.get("valueQuantity"):
        draft.put("valueQuantity", _measured(quantity))
    return draft


def _sign(case: Case, item: Item) -> Draft | None:
    draft = observation(case, item)
    if draft is None or PACEMAKER in item.label:
        return draft
    draft.put("category", _category())
    return with_standard(draft, SIGNS[item.code])


def _pressure(case: Case, act: Element, items: list[Item]) -> Draft | None:
    components = []
    for item in items:
        value = case.reader.value(item.value)
        if value is None:
            continue
        case.body.take(item)
        part: dict[str, Any] = {"code": _standard(name_of(case, item), SIGNS[item.code])}
        put_value(part, (value[0], _measured(value[1])) if value[0] == "Quantity" else value)
        components.append(part)
    if not components:
        return None
    draft = numbered(case, "Observation", f"{items[0].section}/blood-pressure")
    draft.put("status", "final")
    draft.put("category", _category())
    name = attribute_of(act.first("code"), "displayName") or "血压"
    draft.put("code", _standard({"text": name}, _PRESSURE))
    draft.put("performer", [case.context.institution()])
    draft.put("effectiveDateTime", case.performed)
    draft.put("component", components)
    return draft


def _standard(concept: dict[str, Any], code: tuple[str, str]) -> dict[str, Any]:
    loinc = {"system": LOINC, "code": code[0], "display": code[1]}
    return {**concept, "coding": [loinc, *concept.get("coding", [])]}


def _measured(quantity: dict[str, Any]) -> dict[str, Any]:
    code = _UNITS.get(str(quantity.get("unit")))
    return {**quantity, "system": _UCUM, "code": code} if code else quantity


def _category() -> list[dict[str, Any]]:
    return [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}]


def _days(case: Case, width: Element | None, text: str, code: str) -> None:
    """Days that stand in the header; a data element without a code is known by its name alone."""
    quantity = case.reader.quantity(width)
    if quantity is None:
        return
    draft = numbered(case, "Observation", f"header/{text}")
    draft.put("status", "final")
    coding = {"system": ELEMENTS, "code": code, "display": text}
    draft.put("code", {**({"coding": [coding]} if code else {}), "text": text})
    draft.put("effectiveDateTime", case.performed)
    draft.put("valueQuantity", quantity)
