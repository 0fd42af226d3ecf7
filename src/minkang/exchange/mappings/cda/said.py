"""What a resource says as data elements of WS/T 363: the inverse of the mappings of documents.

Keys are codes of data elements (`DE05.01.024.00`), labels (`text:年龄`) where an element has no
code, and names with `#` for what stands outside of data elements in a document (`#route`). The
values of a key are in the order of the resource. What R4 knows more exactly than a document (LOINC
beside the source's own code) is not given.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from minkang.exchange.mappings.cda.typed import Typed, concept, typed
from minkang.fhir import Resource

Said = dict[str, list[Typed]]
"""Key to its values."""

ELEMENT: Final = "urn:minkang:data-element:"
FLAGS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
LOINC: Final = "http://loinc.org"
_TESTS: Final = frozenset({"laboratory", "exam"})
_RATE: Final = "urn:minkang:cda:rate"


class _Elements:
    """Data elements being gathered."""

    def __init__(self) -> None:
        self.said: Said = {}

    def add(self, key: str, value: Typed | None) -> None:
        if value is not None and value.text:
            self.said.setdefault(key, []).append(value)

    def text(self, key: str, text: Any) -> None:
        if text:
            self.add(key, Typed("ST", str(text)))

    def time(self, key: str, time: Any) -> None:
        if time:
            self.add(key, Typed("TS", str(time)))

    def concept(self, key: str, content: Mapping[str, Any] | None) -> None:
        if content:
            self.add(key, concept(content))

    def quantity(self, key: str, content: Mapping[str, Any] | None) -> None:
        if content:
            self.add(key, typed(("Quantity", content)))


def said(resource: Resource) -> Said:
    """The data elements of a resource; of a type that has none its extensions."""
    found = _Elements()
    of_type = _TYPES.get(resource["resourceType"])
    if of_type is not None:
        of_type(resource, found)
    for one in resource.get("extension", ()):
        url = str(one.get("url", ""))
        if url.startswith(ELEMENT):
            found.add(url.removeprefix(ELEMENT), _value(one))
    return found.said


def _value(holder: Mapping[str, Any]) -> Typed | None:
    """The `value[x]` of an element."""
    return next(
        (typed((key[5:], value)) for key, value in holder.items() if key.startswith("value")),
        None,
    )


def label_key(label: str) -> str:
    """The key of an element that has a label only."""
    return f"text:{label or '未命名'}"


def _observation(resource: Resource, found: _Elements) -> None:
    if _is_test(resource):
        _test(resource, found)
        return
    for note in resource.get("note", ()):
        found.text("#text", note.get("text"))
    for part in (resource, *resource.get("component", ())):
        value = _value(part)
        name = part.get("code", {})
        for coding in name.get("coding", ()):
            found.add(coding.get("code", ""), value)
        found.add(label_key(name.get("text", "")), value)


def _is_test(resource: Resource) -> bool:
    categories = [c for one in resource.get("category", ()) for c in one.get("coding", ())]
    return any(coding.get("code") in _TESTS for coding in categories)


def _test(resource: Resource, found: _Elements) -> None:
    """A result of a report: item, value with unit, flag, method."""
    code = resource.get("code", {})
    item = concept(code, skip=(LOINC,)) or concept(code)
    if item is not None and item.type == "CD":
        found.text("DE04.30.019.00", item.text)
    found.add("DE04.30.019.00", item)
    value = _value(resource)
    if value is not None and value.type == "N":
        found.add("DE04.30.015.00", Typed("N", value.text))
        found.text("DE04.30.016.00", value.more)
    found.add("DE04.30.015.00", value)
    for one in resource.get("interpretation", ()):
        found.add("DE04.30.017.00", concept(one, skip=(FLAGS,)))
    found.text("DE02.10.027.00", resource.get("method", {}).get("text"))


def _condition(resource: Resource, found: _Elements) -> None:
    code = resource.get("code", {})
    value = concept(code)
    for key in ("DE05.01.024.00", "DE05.10.130.00"):
        found.add(key, value if value and value.type == "CD" else None)
    for key in ("DE05.01.025.00", "DE05.10.172.00", "DE05.10.007.00", "DE05.10.109.00"):
        found.text(key, code.get("text"))
    for note in resource.get("note", ()):
        found.text("#text", note.get("text"))


def _procedure(resource: Resource, found: _Elements) -> None:
    code = resource.get("code", {})
    found.concept("#code", code)
    for coding in code.get("coding", ()):
        found.text("#code-text", coding.get("code"))
    found.text("#code-text", code.get("text"))
    found.text("DE06.00.094.00", code.get("text"))
    for site in resource.get("bodySite", ()):
        found.concept("#site", site)
        found.text("DE06.00.187.00", site.get("text"))
    period = resource.get("performedPeriod", {})
    found.time("DE06.00.221.00", period.get("start"))
    found.time("DE06.00.218.00", period.get("end"))
    found.text("DE06.00.256.00", resource.get("location", {}).get("display"))


def _medication(resource: Resource, found: _Elements) -> None:
    drug = resource.get("medicationCodeableConcept", {})
    for key in ("#drug", "DE08.50.049.00", "DE08.50.022.00"):
        found.text(key, drug.get("text"))
    for coding in drug.get("coding", ()):
        found.text("#drug-code", coding.get("code"))
    total = resource.get("dispenseRequest", {}).get("quantity")
    for key in ("DE06.00.135.00", "DE08.50.050.00"):
        found.quantity(key, total)
    for one in resource.get("dosageInstruction", ()):
        found.text("DE06.00.136.00", one.get("text"))
        found.text("#text", one.get("text"))
        found.text("DE08.50.047.00", one.get("patientInstruction"))
        found.concept("#route", one.get("route"))
        for dose in one.get("doseAndRate", ()):
            found.quantity("#dose", dose.get("doseQuantity"))
        for more in one.get("extension", ()):
            if more.get("url") == _RATE:
                found.add("#rate", _value(more))
    for one in resource.get("extension", ()):
        if one.get("url") == f"{ELEMENT}DE08.50.011.00":
            found.add("#form", _value(one))


def _order(resource: Resource, found: _Elements) -> None:
    found.text("DE06.00.288.00", resource.get("code", {}).get("text"))
    for one in resource.get("category", ()):
        found.concept("DE06.00.289.00", one)
        found.text("DE06.00.319.00", one.get("text"))
    for note in resource.get("note", ()):
        for key in ("DE06.00.179.00", "DE06.00.214.00"):
            found.text(key, note.get("text"))
    for one in resource.get("reasonCode", ()):
        found.text("DE06.00.039.00", one.get("text"))


def _report(resource: Resource, found: _Elements) -> None:
    conclusion = str(resource.get("conclusion", ""))
    for key in ("DE04.50.130.00", "DE04.50.132.00", "DE06.00.018.00"):
        for text in dict.fromkeys((conclusion, *conclusion.split("\n"))):
            found.text(key, text)
    found.text("DE04.30.018.00", resource.get("code", {}).get("text"))
    for one in resource.get("performer", ()):
        for key in ("DE08.10.013.00", "DE08.10.026.00"):
            found.text(key, one.get("display"))


def _specimen(resource: Resource, found: _Elements) -> None:
    found.text("DE04.50.134.00", resource.get("type", {}).get("text"))
    for one in resource.get("condition", ()):
        found.text("DE04.50.135.00", one.get("text"))


def _invoice(resource: Resource, found: _Elements) -> None:
    if total := resource.get("totalGross"):
        found.add("HDSD00.11.142", typed(("Money", total)))
    for line in resource.get("lineItem", ()):
        name = line.get("chargeItemCodeableConcept", {})
        for price in line.get("priceComponent", ()):
            amount = typed(("Money", price["amount"])) if "amount" in price else None
            for coding in name.get("coding", ()):
                found.add(coding.get("code", ""), amount)
            found.add(label_key(name.get("text", "")), amount)


def _encounter(resource: Resource, found: _Elements) -> None:
    period = resource.get("period", {})
    found.time("DE06.00.092.00", period.get("start"))
    found.time("DE06.00.017.00", period.get("end"))
    stay = resource.get("hospitalization", {})
    found.concept("DE06.00.223.00", stay.get("dischargeDisposition"))
    found.text("DE08.10.013.00", stay.get("destination", {}).get("display"))


def _patient(resource: Resource, found: _Elements) -> None:
    found.time("DE02.01.036.00", resource.get("deceasedDateTime"))


def _family(resource: Resource, found: _Elements) -> None:
    for note in resource.get("note", ()):
        found.text("DE02.10.103.00", note.get("text"))
    for one in resource.get("condition", ()):
        found.text("DE02.10.103.00", one.get("code", {}).get("text"))


def _allergy(resource: Resource, found: _Elements) -> None:
    for key in ("DE05.01.022.00", "DE02.10.022.00"):
        found.text(key, resource.get("code", {}).get("text"))


_TYPES: Final[Mapping[str, Callable[[Resource, _Elements], None]]] = {
    "AllergyIntolerance": _allergy,
    "Condition": _condition,
    "DiagnosticReport": _report,
    "Encounter": _encounter,
    "FamilyMemberHistory": _family,
    "Invoice": _invoice,
    "MedicationRequest": _medication,
    "Observation": _observation,
    "Patient": _patient,
    "Procedure": _procedure,
    "ServiceRequest": _order,
    "Specimen": _specimen,
}
