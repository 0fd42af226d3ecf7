"""Data elements that have no resource of their own in R4, as Observations named by their code.

So nothing that a discrete document says is lost, and nothing is said that it does not.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Item
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import element_url
from minkang.exchange.mappings.cda.fields import Concept, Value, text_of
from minkang.exchange.mappings.cda.people import person
from minkang.exchange.mappings.draft import Draft
from minkang.fhir import date_range

_AGES: Final = {"岁": ("DE02.01.026.00", "年龄（岁）"), "月": ("DE02.01.032.00", "年龄（月）")}
ELEMENTS: Final = "urn:oid:2.16.156.10011.2.2.1"
"""Data elements of WS/T 363."""


def map_left(case: Case) -> list[Draft]:
    """Whatever data elements no other part has taken, each an Observation."""
    left = list(case.body.left())
    return [draft for item in left if (draft := observation(case, item)) is not None]


def observation(case: Case, item: Item) -> Draft | None:
    """One data element, with what is nested in it as components; None if it says nothing."""
    value = _observable(case, item)
    components = [part for inner in item.nested() for part in _components(case, inner, item)]
    if value is None and not components:
        return None
    case.body.take(item)
    draft = numbered(case, "Observation", f"{item.section}/{item.code or item.label}")
    draft.put("status", "final")
    draft.put("code", name_of(case, item))
    paths = (("performer", "assignedEntity"), ("author", "assignedAuthor"))
    doers = [person(case, entity) for path in paths for entity in item.node.all(*path)]
    draft.put("performer", [*filter(None, doers), case.context.institution()])
    period = period_of(case, item.node.first("effectiveTime"))
    draft.put("effectivePeriod", period)
    if not period:
        own = case.reader.time(item.node.first("effectiveTime"))
        draft.put("effectiveDateTime", own or case.performed)
    put_value(draft.resource, value)
    draft.put("component", components)
    remark = text_of(item.node.first("text"))
    draft.put("note", [{"text": remark}] if remark else None)
    return draft


def numbered(case: Case, resource_type: str, name: str) -> Draft:
    """The next fact of a name: several of one name are counted in document order."""
    count = case.counts[resource_type, name] = case.counts.get((resource_type, name), 0) + 1
    return case.fact(resource_type, name if count == 1 else f"{name}/{count}")


def put_value(target: dict[str, Any], value: Value | None) -> None:
    """Give `value[x]`; False and 0 are values."""
    if value is not None:
        target[f"value{value[0]}"] = value[1]


def name_of(case: Case, item: Item) -> Concept:
    """The data element as code: its code, and what it is called here."""
    code = item.node.first("code")
    concept = case.reader.concept(code, "element") if code is not None else None
    text = item.label or (concept or {}).get("text") or item.code or "未命名"
    return {**(concept or {}), "text": text}


def extensions(case: Case, items: list[Item]) -> list[dict[str, Any]]:
    """Data elements that belong to a resource and have no place in it, as its extensions."""
    found = []
    for item in items:
        value = case.reader.value(item.value)
        if value is not None and item.code:
            case.body.take(item)
            found.append({"url": element_url(item.code), f"value{value[0]}": value[1]})
    return found


def map_age(case: Case) -> None:
    """The age as the document gives it: 27 of the 53 kinds have no birth date."""
    age = case.root.first("recordTarget", "patientRole", "patient", "age")
    quantity = case.reader.quantity(age)
    if quantity is None:
        return
    code, text = _AGES.get(str(quantity.get("unit", "岁")), ("", "年龄"))
    draft = case.age = numbered(case, "Observation", "age")
    draft.put("status", "final")
    coding = {"system": ELEMENTS, "code": code, "display": text}
    draft.put("code", {**({"coding": [coding]} if code else {}), "text": text})
    draft.put(
        "effectiveDateTime", case.performed or case.reader.time(case.root.first("effectiveTime"))
    )
    draft.put("valueQuantity", quantity)


def _components(case: Case, item: Item, outer: Item) -> list[dict[str, Any]]:
    found = []
    value = _observable(case, item)
    if value is not None:
        part: dict[str, Any] = {"code": name_of(case, item)}
        if item.code == outer.code:
            # R4, obs-7: a component must not have the code of the whole.
            part["code"] = {"text": part["code"]["text"]}
        put_value(part, value)
        found.append(part)
    for inner in item.nested():
        found += _components(case, inner, outer)
    return found


def _observable(case: Case, item: Item) -> Value | None:
    """A value that an Observation can have: money becomes a quantity in its currency."""
    value = case.reader.value(item.value)
    if value is not None and value[0] == "Money":
        return "Quantity", {"value": value[1]["value"], "unit": value[1]["currency"]}
    return value


def period_of(case: Case, time: Element | None) -> dict[str, str]:
    """An effectiveTime with low and high as Period; empty if it has neither.

    Problems: rule `period` where the end is before the begin.
    """
    if time is None:
        return {}
    ends = {"start": time.first("low"), "end": time.first("high")}
    found = {name: value for name, one in ends.items() if (value := case.reader.time(one))}
    if len(found) == 2 and date_range(found["end"]).high < date_range(found["start"]).low:
        high = ends["end"]
        if high is not None:
            case.reader.problem(high, "period", "停止时间早于开始时间", "value")
    return found
