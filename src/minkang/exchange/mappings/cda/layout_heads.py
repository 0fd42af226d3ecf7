"""What an act says outside of data elements: the operation and its site, the drug and its dose.

The names are those under which `said` gives them from a resource.
"""

from collections.abc import Iterator

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import Value, attribute_of, text_of


def heads(case: Case, act: Element) -> Iterator[tuple[str, Value]]:
    """Name and value of each such thing that is said."""
    if act.name == "procedure":
        code = act.first("code")
        if text := text_of(code):
            yield "#code-text", ("String", text)
        pairs = (("#code", "code", "procedure"), ("#site", "targetSiteCode", "body-site"))
        yield from _coded(case, act, pairs[1:] if text else pairs)
    elif act.name == "substanceAdministration":
        form = ("#form", "administrationUnitCode", "drug-form")
        pairs = (("#route", "routeCode", "route"), form)
        yield from _coded(case, act, pairs)
        yield from _amounts(case, act)
        labelled = act.first("consumable", "manufacturedProduct", "manufacturedLabeledDrug")
        if labelled is not None:
            yield from _drug(labelled)
    if text := text_of(act.first("text")):
        yield "#text", ("String", text)


def _coded(
    case: Case, act: Element, names: tuple[tuple[str, str, str], ...]
) -> Iterator[tuple[str, Value]]:
    for key, name, own in names:
        concept = case.reader.concept(act.first(name), own)
        if concept is not None:
            yield key, ("CodeableConcept", concept)


def _amounts(case: Case, act: Element) -> Iterator[tuple[str, Value]]:
    for key, name in (("#dose", "doseQuantity"), ("#rate", "rateQuantity")):
        quantity = case.reader.quantity(act.first(name))
        if quantity is not None:
            yield key, ("Quantity", quantity)


def _drug(labelled: Element) -> Iterator[tuple[str, Value]]:
    code = labelled.first("code")
    number = attribute_of(code, "code") or text_of(code)
    for key, text in (("#drug", text_of(labelled.first("name"))), ("#drug-code", number)):
        if text:
            yield key, ("String", text)
