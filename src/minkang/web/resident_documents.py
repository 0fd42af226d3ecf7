"""A resident's documents: the list by day, and one of them to read, section by section."""

from datetime import datetime
from typing import Any, Final

from minkang.record.fact import concept_text, moment, origin_of
from minkang.store import Stored
from minkang.web.resident_asked import OwnAsked
from minkang.web.resident_reading import plain_sections

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
_LISTED: Final = ("Composition", "DocumentReference", "DiagnosticReport")
_WRONG: Final = frozenset({"entered-in-error", "cancelled"})
_SHOWN: Final = 100


def documents_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/documents.html shows: the documents, newest first, and the opened one."""
    found = {
        f"{stored.type}/{stored.id}": stored
        for name in _LISTED
        for stored in asked.life.of(name)
        if _is_document(stored)
    }
    rows = [_row(one, asked) for one in found.values()]
    kept = [row for row in rows if row["name"]]
    kept.sort(key=lambda row: row["at"].timestamp() if row["at"] else 0.0, reverse=True)
    opened = found.get(asked.query.get("document", ""))
    return {
        "documents": kept[:_SHOWN],
        "opened": None if opened is None else _opened(opened, asked),
    }


def _is_document(stored: Stored) -> bool:
    """A report counts with its conclusion; a file that a Composition was read from is that one."""
    resource = stored.resource
    if resource.get("status") in _WRONG:
        return False
    if stored.type == "DiagnosticReport":
        return bool(str(resource.get("conclusion", "")).strip())
    related = (resource.get("context") or {}).get("related", [])
    return not any(str(one.get("reference", "")).startswith("Composition/") for one in related)


def _row(stored: Stored, asked: OwnAsked) -> dict[str, Any]:
    resource = stored.resource
    return {
        "key": f"{stored.type}/{stored.id}",
        "name": _title(resource),
        "said": str(resource.get("conclusion", "")),
        "at": _written(resource),
        "institution": origin_of(stored, asked.life.names).organisation_name,
    }


def _opened(stored: Stored, asked: OwnAsked) -> dict[str, Any]:
    authors = (str(one.get("display", "")) for one in stored.resource.get("author", []))
    return {
        **_row(stored, asked),
        "authors": list(dict.fromkeys(name for name in authors if name))[:2],
        "sections": plain_sections(stored.resource, asked.life),
    }


def _title(resource: dict[str, Any]) -> str:
    named = resource.get("title") or resource.get("description")
    return str(named or concept_text(resource.get("type")) or concept_text(resource.get("code")))


def _written(resource: dict[str, Any]) -> datetime | None:
    return moment(
        resource.get("date") or resource.get("issued") or resource.get("effectiveDateTime")
    )
