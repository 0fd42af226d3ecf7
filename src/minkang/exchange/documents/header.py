"""The header of a document: its numbers and times, who wrote and signed it, the visit, the places.

Inverse of `minkang.exchange.mappings.cda.composition` and `document`.
"""

from collections.abc import Mapping
from typing import Any, Final

from minkang.exchange.documents.extensions import extensions, first, parts, texts, value_of
from minkang.exchange.documents.facts import Facts
from minkang.exchange.documents.people import coded, contact_of, patient_of
from minkang.exchange.mappings.cda import layout_terms as terms
from minkang.exchange.mappings.cda.identifiers import ID_CARD
from minkang.exchange.mappings.cda.typed import plain

_SETS: Final = ":document-set"
_OIDS: Final = "urn:oid:"
_RELATIONS: Final = {"replaces": "RPLC", "appends": "APND", "transforms": "XFRM"}

Item = dict[str, Any]


def header(facts: Facts) -> Item:
    """All that a form asks of the whole document (`{patient.name}`, `m:each="signer"`)."""
    composition = facts.composition
    signers = [(one["mode"], _signer(one)) for one in composition.get("attester", ())]
    legal = [one for mode, one in signers if mode == "legal"]
    return {
        "document": _document(facts),
        "number": _numbers(facts),
        "patient": patient_of(facts),
        "contact": contact_of(facts),
        "author": _author(facts),
        "legal": legal[0] if legal else {},
        "signer": [one for mode, one in signers if mode != "legal"],
        "informant": _informant(facts),
        "custodian": _person(composition.get("custodian")),
        "requester": _requester(facts),
        "related": _related(facts),
        "visit": _visit(facts),
        "provider": _places(facts, terms.PROVIDER) | _belonging(facts),
        "event": _days(facts, "event") | {"code": first(facts.composition, terms.EVENT) or ""},
    }


def _document(facts: Facts) -> Item:
    document, composition = facts.document or {}, facts.composition
    found: Item = {
        "number": composition.get("identifier", {}).get("value", ""),
        "made": composition.get("date", ""),
        "version": first(composition, terms.VERSION) or "",
    }
    for identifier in document.get("identifier", ()):
        if identifier.get("system", "").endswith(_SETS):
            found["set"] = identifier.get("value", "")
    labels = document.get("securityLabel", ())
    found["confidentiality"] = coded(labels[0] if labels else None)
    return found


def _numbers(facts: Facts) -> list[Item]:
    """The numbers of patient and visit with the OIDs that say what they are."""
    found = []
    for one in extensions(facts.composition, terms.NUMBER):
        identifier = value_of(one)
        root = identifier.get("system", "").removeprefix(_OIDS)
        if root != ID_CARD:
            found.append({"root": root, "value": identifier["value"]})
    return found


def _author(facts: Facts) -> Item:
    authors = facts.composition.get("author", ())
    if not authors:
        return {}
    who = authors[0]
    time, role = first(who, terms.SIGNED), first(who, terms.ROLE)
    return {**_person(who), "time": time or "", "role": role or ""}


def _signer(attester: Mapping[str, Any]) -> Item:
    found: Item = {**_person(attester.get("party")), "time": attester.get("time", "")}
    found["role"] = first(attester, terms.ROLE) or ""
    found["title"] = coded(first(attester, terms.TITLE))
    for one in extensions(attester, terms.ORGANIZATION):
        level = parts(one)
        depth = level.get("depth") or ""
        found[f"organization{depth}"] = texts(level)
    return found


def _person(reference: Mapping[str, Any] | None) -> Item:
    """Number and name of whoever a reference names."""
    who = reference or {}
    return {
        "number": who.get("identifier", {}).get("value", ""),
        "name": who.get("display", ""),
    }


def _informant(facts: Facts) -> Item:
    for one in extensions(facts.composition, terms.INFORMANT):
        found = parts(one)
        relation = coded(found.get("relation"))
        role = {"role": relation.get("name", ""), "role_code": relation.get("code", "")}
        return {**texts(found), **role}
    return {}


def _requester(facts: Facts) -> Item:
    return next((parts(one) for one in extensions(facts.composition, terms.REQUESTER)), {})


def _related(facts: Facts) -> Item:
    for one in facts.composition.get("relatesTo", ()):
        found: Item = {"relation": _RELATIONS.get(one.get("code", ""), "RPLC")}
        found["number"] = one.get("targetIdentifier", {}).get("value", "")
        for more in extensions(one, terms.RELATED):
            found |= texts(parts(more))
        return found
    return {}


def _visit(facts: Facts) -> Item:
    found: Item = _places(facts, terms.PLACE)
    found |= _days(facts, "visit")
    for event in facts.composition.get("event", ()):
        found |= texts(event.get("period", {}))
    found["admission"] = coded(first(facts.composition, terms.ADMISSION))
    return found


def _places(facts: Facts, url: str) -> Item:
    found: Item = {}
    for one in extensions(facts.composition, url):
        place = texts(parts(one))
        number = place.get("number", "")
        found[place.get("level", "")] = {"number": number, "name": place.get("name", "")}
    return found


def _belonging(facts: Facts) -> Item:
    return next((texts(parts(one)) for one in extensions(facts.composition, terms.BELONGING)), {})


def _days(facts: Facts, of: str) -> Item:
    for one in extensions(facts.composition, terms.DAYS):
        found = parts(one)
        if found.get("of") == of:
            quantity = found["width"]
            unit = quantity.get("unit", "")
            return {"width": {"value": plain(quantity["value"]), "unit": unit}}
    return {}
