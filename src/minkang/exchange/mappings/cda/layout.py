"""How a document is laid out, as Composition: which facts it gives, where, and under which labels.

The facts themselves are in the other resources; the Composition points to them, so that the
document can be written again without its original (`minkang.exchange.documents`). A section of it
is a section of the document; the sections inside are its acts and data elements in their order:

| | |
|---|---|
| `code`, `title` | data element and displayName; `code.text` is the qualifier |
| `entry` | the resource that says the value; extension `from` if under another key than the code |
| `section` | what is nested in it |
| extension `act` | organizer, procedure …; an observation has none |
| extension `time`, `participation` | when, and who did, ordered or checked it |
| extension `head` | what stands outside of data elements: drug, route, dose, site |
| extension `value` | a value that no resource says; and the document's own words for a fact of |
| | person or visit, which a later document may word otherwise |
"""

from html import escape
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Item, Section, is_act, item_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import Value, attribute_of, text_of
from minkang.exchange.mappings.cda.layout_heads import heads
from minkang.exchange.mappings.cda.layout_people import participations
from minkang.exchange.mappings.cda.layout_terms import ACT, FROM, HEAD, TIME, VALUE
from minkang.exchange.mappings.cda.said import label_key, said
from minkang.exchange.mappings.cda.typed import Typed, typed

_LOINC_OID: Final = "2.16.840.1.113883.6.1"
_SHARED: Final = frozenset({"AllergyIntolerance", "Condition", "Encounter", "Patient"})
"""Facts that are of person or visit: every document names them in its own words."""
_NESTING: Final = ("component", "entryRelationship")
_XHTML: Final = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'

Place = tuple[str, str, int]
"""Where a value is said: reference, key, and which of that key's values."""


class _Sources:
    """The values that the resources of a document say, each to be pointed to once if it can be."""

    def __init__(self, case: Case) -> None:
        self._by_value: dict[tuple[str, Typed], list[Place]] = {}
        for resource in case.resources():
            reference = f"{resource['resourceType']}/{resource['id']}"
            for key, values in said(resource).items():
                for index, value in enumerate(values):
                    place = (reference, key, index)
                    self._by_value.setdefault((key, value), []).append(place)
        self._used: set[Place] = set()

    def find(self, keys: tuple[str, ...], value: Typed) -> Place | None:
        """Where a value is said under one of some keys; rather where nothing points to yet."""
        found = [place for key in keys for place in self._by_value.get((key, value), ())]
        place = next((one for one in found if one not in self._used), None)
        place = place or next(iter(found), None)
        if place is not None:
            self._used.add(place)
        return place


def sections_of(case: Case) -> list[dict[str, Any]]:
    """The sections of a Composition; call it when all else is mapped."""
    sources = _Sources(case)
    found = (_section(case, sources, section) for section in case.body.sections)
    return [one for one in found if one is not None]


def _section(case: Case, sources: _Sources, section: Section) -> dict[str, Any] | None:
    inner = [made for act in section.acts() if (made := _act(case, sources, act, section.code))]
    narrative = section.node.first("text")
    text = (
        "\n".join(line for one in narrative.walk() if (line := text_of(one))) if narrative else ""
    )
    if not inner and not text:
        return None
    found: dict[str, Any] = {}
    if section.name:
        found["title"] = section.name
    code = section.node.first("code")
    if number := attribute_of(code, "code"):
        oid = attribute_of(code, "codeSystem") or _LOINC_OID
        system = case.reader.system(oid, "code:section")
        found["code"] = {"coding": [{"system": system, "code": number}]}
    if text:
        found["text"] = {"status": "additional", "div": _XHTML.format(escape(text))}
    if inner:
        found["section"] = inner
    return found


def _act(case: Case, sources: _Sources, act: Element, section: str) -> dict[str, Any] | None:
    """One act with what is nested in it; None if it says nothing."""
    found: dict[str, Any] = {}
    more: list[dict[str, Any]] = []
    item = item_of(act, section)
    if act.name != "observation":
        more.append({"url": ACT, "valueCode": act.name})
    value = case.reader.value(item.value) if act.name == "observation" else None
    entry = None
    if value is not None:
        entry = _entry(sources, item, value, more)
    pointed = [_head(sources, key, head) for key, head in heads(case, act)]
    inner = [
        made
        for name in _NESTING
        for one in act.all(name)
        for child in one.children
        if is_act(child) and (made := _act(case, sources, child, section))
    ]
    said_of = [*_time(case, act), *participations(case, act)]
    if value is None and not pointed and not inner and not said_of:
        return None
    more += [*pointed, *said_of]
    _name(case, act, found)
    if more:
        found["extension"] = more
    if entry is not None:
        found["entry"] = [entry]
    if inner:
        found["section"] = inner
    if entry is None and not inner:
        # R4, cmp-1: a section has entries, sections or a text; here all is in the extensions.
        found["text"] = {"status": "empty", "div": _XHTML.format("…")}
    return found


def _name(case: Case, act: Element, found: dict[str, Any]) -> None:
    code = act.first("code")
    if code is None or act.name in ("procedure", "substanceAdministration"):
        return
    concept: dict[str, Any] = {}
    if number := attribute_of(code, "code"):
        system = case.reader.system(attribute_of(code, "codeSystem"), "code:element")
        concept["coding"] = [{"system": system, "code": " ".join(number.split())}]
    if qualifier := attribute_of(code.first("qualifier", "name"), "displayName"):
        concept["text"] = qualifier
    if concept:
        found["code"] = concept
    if label := attribute_of(code, "displayName"):
        found["title"] = label


def _entry(
    sources: _Sources, item: Item, value: Value, more: list[dict[str, Any]]
) -> dict[str, str] | None:
    """The reference to what says a value; where nothing does, the value is kept in `more`."""
    asked = typed(value)
    place = sources.find((item.code, label_key(item.label)), asked) if asked else None
    if place is None:
        more.append({"url": VALUE, f"value{value[0]}": value[1]})
        return None
    reference, key, index = place
    if reference.partition("/")[0] in _SHARED:
        more.append({"url": VALUE, f"value{value[0]}": value[1]})
    if key != item.code or index:
        more.append({"url": FROM, "valueString": f"{key}/{index}"})
    return {"reference": reference}


def _head(sources: _Sources, key: str, value: Value) -> dict[str, Any]:
    asked = typed(value)
    place = sources.find((key,), asked) if asked else None
    parts: list[dict[str, Any]] = [{"url": "name", "valueString": key}]
    if place is None:
        parts.append({"url": "value", f"value{value[0]}": value[1]})
    else:
        parts.append({"url": "fact", "valueReference": {"reference": place[0]}})
        if place[2]:
            parts.append({"url": "index", "valueInteger": place[2]})
    return {"url": HEAD, "extension": parts}


def _time(case: Case, act: Element) -> list[dict[str, Any]]:
    node = act.first("effectiveTime")
    if node is None:
        return []
    ends = {"start": node.first("low"), "end": node.first("high")}
    period = {end: time for end, one in ends.items() if (time := case.reader.time(one))}
    found: list[dict[str, Any]] = [{"url": TIME, "valuePeriod": period}] if period else []
    if time := case.reader.time(node):
        found.append({"url": TIME, "valueDateTime": time})
    return found
