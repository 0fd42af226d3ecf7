"""Specimens of applications and status messages."""

from typing import Any

from minkang.exchange.cda import Element
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import extension, number_of, time_of, value_of
from minkang.exchange.mappings.wst.people import practitioner

_BARE = {"resourceType", "id", "subject", "request", "parent"}


def map_specimens(case: Case, act: Element, patient: Draft, request: Draft | None) -> list[Draft]:
    """The specimens of an act: with a bar code each one its own, else one for the request."""
    found = []
    for node in act.all("specimen", "specimen"):
        number = number_of(node.first("id"))
        if not number and request is None:
            continue
        key = number or f"request/{request.resource['id'] if request else ''}"
        naturals: list[Element | None] = [*node.all("specimenNatural")] or [None]
        for position, natural in enumerate(naturals):
            whole = _specimen(case, f"{key}/{position}" if position else key, patient, request)
            if number and not position:
                whole.put("accessionIdentifier", case.own("specimen", number))
            kind = case.reader.concept(node.first("code"), "specimen-type")
            whole.put("type", kind or _type(natural))
            _collected(case, node, natural, whole)
            found.append(whole)
            if natural is not None:
                found += [
                    _derived(case, derived, whole, patient, request)
                    for derived in natural.all("derivedSpecimen")
                ]
    return [one for one in found if set(one.resource) - _BARE]


def _specimen(case: Case, number: str, patient: Draft, request: Draft | None) -> Draft:
    draft = case.draft("Specimen", number)
    draft.put("subject", patient.reference)
    draft.put("request", [request.reference] if request else None)
    return draft


def _derived(
    case: Case, node: Element, whole: Draft, patient: Draft, request: Draft | None
) -> Draft:
    """A part taken from a specimen, under its own bar code."""
    number = number_of(node.first("id"))
    draft = _specimen(case, number or f"{whole.resource['id']}/{node.path()}", patient, request)
    if number:
        draft.put("accessionIdentifier", case.own("specimen", number))
    natural = node.first("specimenNatural")
    draft.put("type", _type(natural))
    draft.put("parent", [whole.reference])
    quantity = case.reader.quantity(natural.first("quantity")) if natural is not None else None
    draft.put("collection", {"quantity": quantity} if quantity else None)
    return draft


def _type(natural: Element | None) -> dict[str, Any] | None:
    text = value_of(natural.first("code", "displayName")) if natural is not None else ""
    return {"text": text} if text else None


def _collected(case: Case, node: Element, natural: Element | None, whole: Draft) -> None:
    """When and by whom it was taken, how much, and what it was put into."""
    found: dict[str, Any] = {}
    quantity = case.reader.quantity(natural.first("quantity")) if natural is not None else None
    if quantity:
        found["quantity"] = quantity
    step = node.first("subjectOf1", "specimenProcessStep")
    if step is not None:
        who = practitioner(case, step.first("performer", "assignedEntity"))
        if who and "reference" in who:
            found["collector"] = who
        elif who:
            whole.add("extension", extension("collector", "Reference", who))
        if time := time_of(case.reader, step.first("effectiveTime")):
            found["collectedDateTime"] = time
        held = step.first("subject", "specimenInContainer", "containerAdditiveMaterial", "code")
        additive = value_of(held.first("displayName")) if held is not None else ""
        if additive:
            whole.put("container", [{"additiveCodeableConcept": {"text": additive}}])
    whole.put("collection", found)
