"""The narrative of a section of a patient summary: what its entries say, as escaped XHTML."""

from collections.abc import Sequence
from html import escape
from typing import Any

from minkang.fhir import Resource
from minkang.record.fact import concept_text

_TIMES = (
    "onsetDateTime", "recordedDate", "authoredOn", "dateAsserted", "effectiveDateTime",
    "occurrenceDateTime", "performedDateTime", "issued",
)  # fmt: skip


def narrative(title: str, entries: Sequence[Resource]) -> dict[str, Any]:
    """A Narrative: the title and a line for each entry. What came from outside is escaped."""
    lines = "".join(f"<li>{_escaped(_line(one))}</li>" for one in entries)
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{_escaped(title)}</p>'
        f"<ul>{lines}</ul></div>",
    }


def _line(resource: Resource) -> str:
    name = concept_text(
        resource.get("code")
        or resource.get("vaccineCode")
        or resource.get("medicationCodeableConcept")
    ) or str((resource.get("medicationReference") or {}).get("display", ""))
    return " ".join(part for part in (name, _value(resource), _time(resource)) if part)


def _value(resource: Resource) -> str:
    parts = resource.get("component") or [resource]
    told = []
    for part in parts:
        if quantity := part.get("valueQuantity"):
            unit = quantity.get("unit", "")
            told.append(f"{quantity.get('comparator', '')}{quantity.get('value', '')} {unit}")
        elif "valueString" in part:
            told.append(str(part["valueString"]))
        elif "valueCodeableConcept" in part:
            told.append(concept_text(part["valueCodeableConcept"]))
    return " / ".join(one.strip() for one in told)


def _time(resource: Resource) -> str:
    found = next((str(resource[name])[:10] for name in _TIMES if resource.get(name)), "")
    period = resource.get("performedPeriod") or resource.get("effectivePeriod") or {}
    return found or str(period.get("start", ""))[:10]


def _escaped(text: str) -> str:
    """Text for XHTML; control signs that XML does not know are left out."""
    return escape("".join(sign for sign in text if sign >= " " or sign in "\t\n"))
