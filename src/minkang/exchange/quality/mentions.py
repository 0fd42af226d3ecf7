"""What resources say of each other, as short texts that can be compared in the database.

A visit or an order says what it `is`; what belongs to one says that it is `of` it. What no two
resources of a source should have in common is a text under `same`.
"""

import hashlib
from typing import Any, Final

from minkang.crypto import hmac_sm3
from minkang.exchange.quality.checks_people import numbers
from minkang.exchange.quality.facts import is_said, values
from minkang.fhir import Resource, encode, local_reference

Mention = tuple[str, str]
"""Role (`is`, `of`, `same`) and target."""

_OF_VISIT: Final = {
    "ChargeItem": ("context",),
    "Condition": ("encounter",),
    "DiagnosticReport": ("encounter",),
    "MedicationRequest": ("encounter",),
    "Procedure": ("encounter",),
    "ServiceRequest": ("encounter",),
}
_REPLACED: Final = "replaced-by"
_VOID: Final = ("entered-in-error", "cancelled", "revoked")


def visit_of(resource: Resource) -> str | None:
    """The id of the Encounter that a resource belongs to."""
    for element in _OF_VISIT.get(resource["resourceType"], ()):
        found = local_reference(resource.get(element))
        if found is not None and found[0] == "Encounter":
            return found[1]
    return None


def orders_of(resource: Resource) -> tuple[str, ...]:
    """The orders that a report answers, as targets."""
    found = []
    for one in resource.get("basedOn", ()):
        if (local := local_reference(one)) is not None:
            found.append("/".join(local))
        elif target := _numbered(one.get("identifier")):
            found.append(target)
    return tuple(found)


def mentions(id_key: bytes, source: str, resource: Resource) -> frozenset[Mention]:
    """Everything that a resource says of itself and of others; nothing if it was withdrawn."""
    kind = resource["resourceType"]
    if resource.get("status") in _VOID:
        return frozenset()
    found: set[Mention] = set()
    if (visit := visit_of(resource)) is not None and not _is_refuted(resource):
        found.add(("of", f"Encounter/{visit}"))
    if kind == "DiagnosticReport":
        found.update(("of", target) for target in orders_of(resource))
    elif kind in ("Encounter", "ServiceRequest"):
        found.add(("is", f"{kind}/{resource['id']}"))
        for one in resource.get("identifier", ()) if kind == "ServiceRequest" else ():
            if target := _numbered(one):
                found.add(("is", target))
    if kind == "Encounter" and _has_diagnosis(resource):
        found.add(("of", f"Encounter/{resource['id']}"))
    found.update(("same", f"{source}|{kind}|{one}") for one in _unique(id_key, resource))
    return frozenset(found)


def _numbered(identifier: Any) -> str | None:
    if not isinstance(identifier, dict) or not identifier.get("value"):
        return None
    return f"order|{identifier.get('system', '')}|{identifier['value']}"


def _has_diagnosis(visit: Resource) -> bool:
    """Whether a visit lists its diagnoses itself: with a code, not as a complaint in words."""
    return bool(visit.get("diagnosis")) or any(values(visit, ("reasonCode", "coding", "code")))


def _is_refuted(resource: Resource) -> bool:
    path = ("verificationStatus", "coding", "code")
    return any(one in ("refuted", "entered-in-error") for one in values(resource, path))


def _unique(id_key: bytes, resource: Resource) -> list[str]:
    """What no two may share: an identity number (keyed), what makes up a visit or a report."""
    kind = resource["resourceType"]
    if kind == "Patient":
        if any(one.get("type") == _REPLACED for one in resource.get("link", ())):
            return []
        return [hmac_sm3(id_key, one.upper().encode()).hex() for one in numbers(resource)]
    parts: tuple[str, ...] = {
        "Encounter": ("subject", "class", "serviceType", "period.start"),
        "DiagnosticReport": ("subject", "code", "effectiveDateTime", "issued"),
    }.get(kind, ())
    said = [list(values(resource, tuple(part.split(".")))) for part in parts]
    if not parts or not all(map(is_said, said)):
        return []
    return [hashlib.sha256(encode(said)).hexdigest()[:32]]
