"""Bundles written out for the tests, and what the mapping makes of them."""

from datetime import UTC, datetime
from typing import Any

from minkang.exchange.mappings import Context
from minkang.exchange.mappings.fhir import map_fhir
from minkang.exchange.merge import Contribution
from minkang.exchange.sources import Source
from minkang.fhir import Problem, Refused, Resource, encode

SOURCE = Source(
    id="gangwan",
    name="港湾医院",
    organisation="MKGANGWAN",
    channels=("fhir", "document", "mllp"),
    number_period="year",
)
CONTEXT = Context(SOURCE, b"k" * 32, datetime(2026, 5, 1, tzinfo=UTC), b"h" * 32)


def bundle(*entries: dict[str, Any], kind: str = "collection", **more: Any) -> Resource:
    return {"resourceType": "Bundle", "type": kind, **more, "entry": list(entries)}


def entry(
    resource: Resource | None, url: str = "", method: str = "", full_url: str = ""
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if full_url:
        made["fullUrl"] = full_url
    if resource is not None:
        made["resource"] = resource
    if method:
        made["request"] = {"method": method, "url": url}
    return made


def patient(resource_id: str = "P1", **more: Any) -> Resource:
    named = {"id": resource_id} if resource_id else {}
    return {"resourceType": "Patient", **named, "name": [{"text": "欧阳小明"}], **more}


def result(resource_id: str = "", about: str = "Patient/P1", **more: Any) -> Resource:
    named = {"id": resource_id} if resource_id else {}
    made: Resource = {"resourceType": "Observation", **named, "status": "final"}
    made |= {"code": {"text": "血糖"}, "subject": {"reference": about}}
    return {**made, **more}


def mapped(given: Resource, context: Context = CONTEXT) -> dict[str, Contribution]:
    """The contributions by `Type/number of the source`, as far as it stays as identifier."""
    found = {}
    for one in map_fhir(context, encode(given)):
        kind, resource_id = one.key
        names = [
            i["value"]
            for i in one.resource.get("identifier", ())
            if i.get("system") == context.number_system(f"fhir-{kind}")
        ]
        found[f"{kind}/{names[0] if names else resource_id}"] = one
    return found


def problems(raw: bytes, context: Context = CONTEXT) -> tuple[Problem, ...]:
    """Everything that is wrong with a message."""
    try:
        map_fhir(context, raw)
    except Refused as refused:
        return refused.problems
    return ()


def rules(raw: bytes) -> list[tuple[str, str]]:
    """Place and rule of everything that is wrong with a message."""
    return [(one.place, one.rule) for one in problems(raw)]


def of_type(found: dict[str, Contribution], kind: str) -> Contribution:
    (one,) = (one for one in found.values() if one.key[0] == kind)
    return one
