"""The documents of a life: what was written as a whole, by whom, and when."""

from datetime import datetime
from typing import Final

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Origin, concept_text, moment, origin_of
from minkang.record.life import Life
from minkang.store import Stored

LISTED: Final = ("Composition", "DocumentReference", "DiagnosticReport")
TYPES: Final = (
    "AllergyIntolerance",
    "Composition",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "FamilyMemberHistory",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "ServiceRequest",
)
"""Documents, and what their sections may refer to."""

_WRONG: Final = frozenset({"entered-in-error", "cancelled"})


class Document(msgspec.Struct, frozen=True):
    """A document; `key` is type and id, `kind` what sort it is, `said` its conclusion."""

    key: str
    title: str
    kind: str
    said: str
    at: datetime | None
    authors: tuple[str, ...]
    origin: Origin
    stored: Stored


def documents_of(life: Life) -> tuple[Document, ...]:
    """All of them, newest first; a file that a Composition was read from is that one."""
    found = [
        _document(stored, life)
        for name in LISTED
        for stored in life.of(name)
        if _is_document(stored)
    ]
    named = [one for one in found if one.title]
    return tuple(sorted(named, key=lambda one: (one.at is not None, one.at), reverse=True))


def _is_document(stored: Stored) -> bool:
    """A report counts with its conclusion."""
    resource = stored.resource
    if resource.get("status") in _WRONG:
        return False
    if stored.type == "DiagnosticReport":
        return bool(str(resource.get("conclusion", "")).strip())
    related = (resource.get("context") or {}).get("related", [])
    return not any(str(one.get("reference", "")).startswith("Composition/") for one in related)


def _document(stored: Stored, life: Life) -> Document:
    resource = stored.resource
    said = (str(one.get("display", "")) for one in resource.get("author", []))
    return Document(
        f"{stored.type}/{stored.id}",
        _title(resource),
        concept_text(resource.get("type")) or concept_text(resource.get("code")),
        str(resource.get("conclusion", "")),
        moment(resource.get("date") or resource.get("issued") or resource.get("effectiveDateTime")),
        tuple(dict.fromkeys(name for name in said if name)),
        origin_of(stored, life.names),
        stored,
    )


def _title(resource: Resource) -> str:
    named = resource.get("title") or resource.get("description")
    return str(named or concept_text(resource.get("type")) or concept_text(resource.get("code")))
