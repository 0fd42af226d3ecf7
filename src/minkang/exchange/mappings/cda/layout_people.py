"""Who did, ordered, checked or told what an act says: its performers, authors and participants."""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.mappings.cda.identifiers import is_number
from minkang.exchange.mappings.cda.layout_terms import PARTICIPATION

_KINDS: Final = {
    "performer": "assignedEntity",
    "author": "assignedAuthor",
    "participant": "participantRole",
}


def participations(case: Case, act: Element) -> list[dict[str, Any]]:
    """An extension for each that says a person, an organization, a time or a thing."""
    found = []
    for node in act.children:
        inner = _KINDS.get(node.name)
        entity = node.first(inner) if inner else None
        if inner is None:
            continue
        parts = _parts(case, node, entity)
        if parts:
            kind = {"url": "kind", "valueCode": node.name}
            found.append({"url": PARTICIPATION, "extension": [kind, *parts]})
    return found


def _parts(case: Case, node: Element, entity: Element | None) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if time := case.reader.time(node.first("time")):
        parts.append({"url": "time", "valueDateTime": time})
    texts = _texts(entity) if entity is not None else {}
    parts += [{"url": name, "valueString": text} for name, text in texts.items() if text]
    if [one["url"] for one in parts] == ["role"]:
        # As what somebody did it says nothing without anybody.
        return []
    if parts and (kind := attribute_of(node, "typeCode")):
        parts.append({"url": "type", "valueString": kind})
    return parts


def _texts(entity: Element) -> dict[str, str]:
    thing = entity.first("playingEntity")
    organization = entity.first("representedOrganization")
    number = attribute_of(entity.first("id"), "extension") or text_of(entity.first("id"))
    person = text_of(entity.first("assignedPerson", "name"))
    found = {
        "number": number if is_number(number) else "",
        "person": person or (text_of(thing.first("name")) if thing is not None else ""),
        "role": attribute_of(entity.first("code"), "displayName"),
    }
    if thing is not None:
        found["thing"] = text_of(thing.first("desc"))
        code = thing.first("code")
        for key, name in (("code", "code"), ("system", "codeSystem"), ("name", "displayName")):
            found[key] = attribute_of(code, name) if found["thing"] else ""
    if organization is not None:
        whole = organization.first("asOrganizationPartOf", "wholeOrganization")
        found["organization"] = text_of(organization.first("name"))
        found["organization-number"] = attribute_of(organization.first("id"), "extension")
        if whole is not None:
            found["whole"] = text_of(whole.first("name"))
            found["whole-number"] = attribute_of(whole.first("id"), "extension")
    return found
