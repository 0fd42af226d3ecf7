"""Where a fact comes from, and small readings shared by everything a record shows."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from minkang.fhir import date_range
from minkang.store import Stored


class Origin(msgspec.Struct, frozen=True):
    """The resource that a fact is read from, and the institution that it came from."""

    type: str
    id: str
    organisation: str
    organisation_name: str
    received: datetime


Names = Mapping[str, str]
"""Organisation id to its name."""


def origin_of(stored: Stored, names: Names) -> Origin:
    """The origin of a stored resource; an institution without a known name shows its id."""
    name = names.get(stored.source, stored.source)
    return Origin(stored.type, stored.id, stored.source, name, stored.updated)


@lru_cache(8_192)
def moment(text: str | None) -> datetime | None:
    """The beginning of what a FHIR date covers; None for none."""
    return date_range(text).low if text else None


def concept_text(concept: Any) -> str:
    """What a CodeableConcept is called: its text, else the first display or code."""
    if not isinstance(concept, dict):
        return ""
    if concept.get("text"):
        return str(concept["text"])
    for coding in concept.get("coding", []):
        if coding.get("display") or coding.get("code"):
            return str(coding.get("display") or coding["code"])
    return ""


def concept_code(concept: Any) -> str:
    """The first code of a CodeableConcept, empty if there is none."""
    codings = concept.get("coding", []) if isinstance(concept, dict) else []
    return str(codings[0].get("code", "")) if codings else ""
