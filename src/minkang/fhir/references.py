"""References between resources of one server: `Type/id` and nothing else."""

import re
from functools import lru_cache
from typing import Any

from minkang.fhir.types import TYPE_CODES

ID_PATTERN = re.compile(r"[A-Za-z0-9\-.]{1,64}")
"""FHIR R4 2.24.0.1, datatype id."""

_REMEMBERED = 120


def reference(resource_type: str, resource_id: str) -> dict[str, str]:
    """The Reference to a resource of this server."""
    return {"reference": f"{resource_type}/{resource_id}"}


def local_reference(value: Any) -> tuple[str, str] | None:
    """Type and id that a Reference points to, or None if it points elsewhere or nowhere."""
    if not isinstance(value, dict):
        return None
    text = value.get("reference")
    if not isinstance(text, str):
        return None
    # A cache of what strangers send must not grow by its texts.
    return _known(text) if len(text) <= _REMEMBERED else _local(text)


def _local(text: str) -> tuple[str, str] | None:
    resource_type, _, rest = text.partition("/")
    resource_id = rest.partition("/_history/")[0]
    if resource_type in TYPE_CODES and ID_PATTERN.fullmatch(resource_id):
        return resource_type, resource_id
    return None


_known = lru_cache(maxsize=50_000)(_local)


def survivor_of(patient: dict[str, Any]) -> str | None:
    """The reference to the Patient that replaces this one (`link.type` is `replaced-by`)."""
    for link in patient.get("link", ()):
        if link.get("type") == "replaced-by":
            return str(link["other"].get("reference", "")) or None
    return None
