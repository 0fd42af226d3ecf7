"""Lives made up for tests, without a database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from minkang.fhir import Resource
from minkang.record.life import Life
from minkang.store import Stored

NAMES = {"MK1": "一院", "MK2": "二院"}
RECEIVED = datetime(2026, 11, 20, 4, tzinfo=UTC)


def stored(resource: Resource, source: str = "MK1", received: datetime = RECEIVED) -> Stored:
    """A resource as the store gives it."""
    body = msgspec.json.encode(resource)
    kind, key = resource["resourceType"], resource["id"]
    return Stored(kind, key, 1, received, False, source, 0, body)


def life(*several: Stored) -> Life:
    """A life of these facts, in their order."""
    facts: dict[str, list[Stored]] = {}
    for one in several:
        facts.setdefault(one.type, []).append(one)
    return Life({name: tuple(found) for name, found in facts.items()}, NAMES, complete=True)


def made(kind: str, key: str, **more: Any) -> Resource:
    """A resource with what every test needs."""
    return {"resourceType": kind, "id": key, "status": "final", **more}


def encounter(key: str, start: str, **more: Any) -> Resource:
    """A visit to a clinic."""
    kind = {"class": {"code": "AMB"}, "period": {"start": start}, "status": "finished"}
    return {"resourceType": "Encounter", "id": key, **kind, **more}


def measured(key: str, code: str, value: str, at: str, **more: Any) -> Resource:
    """A laboratory result."""
    return made(
        "Observation",
        key,
        category=[{"coding": [{"code": "laboratory"}]}],
        code={"coding": [{"system": "http://loinc.org", "code": code}], "text": code},
        valueQuantity={"value": value, "unit": more.pop("unit", "mmol/L")},
        effectiveDateTime=at,
        **more,
    )


def at(visit: str) -> dict[str, Any]:
    """The visit that something belongs to."""
    return {"encounter": {"reference": f"Encounter/{visit}"}}


def text(words: str, code: str = "") -> dict[str, Any]:
    """A CodeableConcept."""
    return {"text": words, "coding": [{"code": code}] if code else []}


def all_of(several: Iterable[Resource]) -> list[Stored]:
    """Resources of one institution."""
    return [stored(one) for one in several]
