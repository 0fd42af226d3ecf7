"""Stored resources as a record reads them, for tests that need no database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from minkang.fhir import Resource, encode
from minkang.store import Stored

NAMES = {"MK1": "一院", "MK2": "二院"}
LOINC = "http://loinc.org"


def coded(code: str, text: str, system: str = LOINC) -> Resource:
    """A CodeableConcept with one code."""
    return {"coding": [{"system": system, "code": code}], "text": text}


def observation(number: str, code: str, text: str, day: str, **more: Any) -> Resource:
    """A laboratory Observation without a value."""
    category = coded("laboratory", "", "http://terminology.hl7.org/CodeSystem/observation-category")
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "category": [category],
        "code": coded(code, text),
        "effectiveDateTime": day,
        **more,
    }


def quantity(value: str, unit: str) -> dict[str, Any]:
    """The element `valueQuantity`, with the digits as sent."""
    return {"valueQuantity": {"value": Decimal(value), "unit": unit}}


def stored(resource: Resource, source: str = "MK1") -> Stored:
    """A resource as it comes out of the store."""
    body = encode(resource)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Stored(resource["resourceType"], resource["id"], 1, at, False, source, 0, body)
