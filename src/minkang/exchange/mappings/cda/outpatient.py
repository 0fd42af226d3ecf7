"""C0002 outpatient and emergency record (WS/T 500.2-2016): history, diagnoses, orders.

| Data element | |
|---|---|
| DE02.10.023.00, DE05.01.022.00 | AllergyIntolerance, where the flag is true |
| DE05.01.024.00 and its name | Condition, listed by the visit |
| DE06.00.288.00, DE06.00.289.00 | ServiceRequest: content and type of an order |
| the others | Observation |
"""

from typing import Any, Final

from minkang.exchange.mappings.cda.allergies import map_allergies
from minkang.exchange.mappings.cda.body import ORDERS, Item, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import ELEMENT, map_diagnoses
from minkang.exchange.mappings.cda.facts import extensions, map_left, numbered
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.mappings.cda.people import person

_TYPE: Final = "DE06.00.289.00"
_CONTENT: Final = "DE06.00.288.00"
_REMARK: Final = "DE06.00.179.00"
_CANCELLED: Final = "取消"
_CHECKED: Final = "DE09.00.088.00"
_DEPARTMENT: Final = "DE08.10.026.00"
_EXECUTED: Final = "DE06.00.222.00"
_CANCELLED_AT: Final = "DE06.00.234.00"


def map_outpatient(case: Case) -> None:
    """C0002: allergies, diagnoses, orders, and all else that it says."""
    map_allergies(case)
    map_diagnoses(case, listed=True)
    for section in case.body.all(ORDERS):
        for act in section.acts():
            items = list(items_of(act, section.code))
            kind = next((item for item in items if item.code == _TYPE), None)
            contents = [item for item in items if item.code == _CONTENT]
            for item in contents:
                _order(case, item, kind)
    map_left(case)


def _order(case: Case, item: Item, kind: Item | None) -> None:
    text = text_of(item.value)
    if not text:
        return
    reader, node = case.reader, item.node
    case.body.take(item)
    draft = numbered(case, "ServiceRequest", f"order/{text}")
    draft.put("status", "unknown")
    draft.put("intent", "order")
    draft.put("code", {"text": text})
    if kind and (concept := reader.concept(kind.value)):
        case.body.take(kind)
        draft.put("category", [concept])
    ends = {"start": ("low",), "end": ("high",)}
    times = {end: reader.time(node.first("effectiveTime", *path)) for end, path in ends.items()}
    draft.put("occurrencePeriod", {end: time for end, time in times.items() if time})
    found: list[dict[str, Any]] = []
    author = node.first("author")
    if author is not None:
        draft.put("requester", person(case, author.first("assignedAuthor")))
        draft.put("authoredOn", reader.time(author.first("time")))
        department = text_of(author.first("assignedAuthor", "representedOrganization", "name"))
        if department and "requester" not in draft.resource:
            draft.put("requester", {"display": department})
        elif department:
            found.append({"url": f"{ELEMENT}{_DEPARTMENT}", "valueString": department})
    performer = node.first("performer")
    if performer is not None:
        entity = performer.first("assignedEntity")
        department = text_of(performer.first("assignedEntity", "representedOrganization", "name"))
        who = [person(case, entity), {"display": department} if department else None]
        draft.put("performer", [one for one in who if one])
        if time := reader.time(performer.first("time")):
            found.append({"url": f"{ELEMENT}{_EXECUTED}", "valueDateTime": time})
    for participant in node.all("participant"):
        role = participant.first("participantRole")
        title = attribute_of(role.first("code") if role else None, "displayName")
        time, who_else = reader.time(participant.first("time")), person(case, role)
        cancelled = _CANCELLED in title
        if cancelled and (time or who_else):
            draft.put("status", "revoked")
        url = f"{ELEMENT}{_CANCELLED_AT if cancelled else _CHECKED}"
        if time:
            found.append({"url": url, "valueDateTime": time})
        if who_else:
            found.append({"url": f"{url}/who", "valueReference": who_else})
    remarks = [text_of(inner.value) for inner in item.nested() if inner.code == _REMARK]
    draft.put("note", [{"text": remark} for remark in remarks if remark])
    found += extensions(case, [inner for inner in item.nested() if inner.code != _REMARK])
    draft.put("extension", found)
