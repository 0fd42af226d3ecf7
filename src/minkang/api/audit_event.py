"""An entry of the audit log as a FHIR AuditEvent (R4), in the shape of IHE BALP.

Made when it is asked for, from the row: nothing is stored twice, and what is verified is the row.
The codes are DICOM's (PS3.16, CID 400 and 401) where it has one, `rest` for the FHIR base.
"""

from typing import Any, Final, Literal
from uuid import UUID

from minkang.audit import Found

FhirAction = Literal["C", "R", "U", "D", "E"]

READS: Final = ("open-record", "open-glass", "read-api", "see-who-looked", "read-message")
UPDATES: Final = ("write-api", "give-consent", "narrow-consent", "withdraw-consent", "set-disabled")
CREATES: Final = ("create-account", "give-post", "issue-token", "break-glass")

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_OWN = "urn:minkang:audit"
_TYPES: Final[dict[str, tuple[str, str]]] = {
    "log-in": ("110114", "User Authentication"),
    "log-out": ("110114", "User Authentication"),
    "export": ("110106", "Export"),
    "export-audit": ("110106", "Export"),
    "find-residents": ("110112", "Query"),
    "list-residents": ("110112", "Query"),
    "cross-reference": ("110112", "Query"),
    "read-audit": ("110101", "Audit Log Used"),
    "verify-audit": ("110101", "Audit Log Used"),
    "archive-audit": ("110101", "Audit Log Used"),
    "create-account": ("110113", "Security Alert"),
    "give-post": ("110113", "Security Alert"),
    "end-post": ("110113", "Security Alert"),
    "break-glass": ("110113", "Security Alert"),
}
_PURPOSES: Final[dict[str, tuple[str, str]]] = {
    "treatment": ("TREAT", "treatment"),
    "public-health": ("PUBHLTH", "public health"),
    "management": ("HOPERAT", "healthcare operations"),
    "supervision": ("HOPERAT", "healthcare operations"),
    "research": ("HRESCH", "healthcare research"),
    "own-record": ("PATRQT", "patient requested"),
    "emergency": ("ETREAT", "emergency treatment"),
    "operations": ("HSYSADMIN", "health system administration"),
    "administration": ("HSYSADMIN", "health system administration"),
}


def event_id(found: Found) -> str:
    """The id of the AuditEvent of an entry: its place."""
    return f"{found.writer.hex}-{found.seq}"


def place_of_event(event: str) -> tuple[UUID, int] | None:
    """The place that an id names; None if it is none."""
    writer, _, seq = event.partition("-")
    if len(writer) != 32 or not (seq.isascii() and seq.isdecimal()) or len(seq) > 18:
        return None
    try:
        return UUID(writer), int(seq)
    except ValueError:
        return None


def action_of(action: str) -> FhirAction:
    """FHIR's letter for an action: what neither creates, reads nor updates is carried out (E)."""
    if action in READS:
        return "R"
    if action in UPDATES:
        return "U"
    return "C" if action in CREATES else "E"


def audit_event(found: Found, organisation_name: str = "") -> dict[str, Any]:
    """The AuditEvent."""
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": event_id(found),
        "type": _type(found),
        "subtype": [{"system": _OWN, "code": found.action}],
        "action": action_of(found.action),
        "recorded": found.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "outcome": "0" if found.allowed else "4",
        "agent": [_agent(found, organisation_name)],
        "source": {
            "observer": {"identifier": {"system": f"{_OWN}:writer", "value": str(found.writer)}},
            "type": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
                    "code": "4",
                    "display": "Application Server",
                }
            ],
        },
    }
    if found.reason:
        event["outcomeDesc"] = found.reason
    if found.purpose in _PURPOSES:
        code, display = _PURPOSES[found.purpose]
        system = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        coding = {"system": system, "code": code, "display": display}
        event["purposeOfEvent"] = [{"coding": [coding]}]
    entities = [_resident(one) for one in found.named]
    if found.object_type and not (found.person and found.object_id == found.person):
        entities.append(_object(found))
    if entities:
        event["entity"] = entities
    return event


def _type(found: Found) -> dict[str, str]:
    if found.action in ("read-api", "write-api"):
        system = "http://terminology.hl7.org/CodeSystem/audit-event-type"
        return {"system": system, "code": "rest", "display": "RESTful Operation"}
    code, display = _TYPES.get(
        found.action,
        ("110110", "Patient Record") if found.named else ("110100", "Application Activity"),
    )
    return {"system": _DCM, "code": code, "display": display}


def _agent(found: Found, organisation_name: str) -> dict[str, Any]:
    agent: dict[str, Any] = {"requestor": True}
    if found.account is not None:
        agent["who"] = {
            "identifier": {"system": f"{_OWN}:account", "value": found.account},
            "display": found.account_name or found.account,
        }
    elif found.account_name:
        agent["who"] = {"display": found.account_name}
    if found.role:
        agent["role"] = [{"coding": [{"system": f"{_OWN}:role", "code": found.role}]}]
    if found.organisation:
        agent["location"] = {
            "identifier": {"system": f"{_OWN}:organisation", "value": found.organisation},
            "display": organisation_name or found.organisation,
        }
    if rules := found.detail.get("rules"):
        agent["policy"] = [f"urn:minkang:policy:{rule}" for rule in rules]
    if found.address:
        agent["network"] = {"address": found.address, "type": "2"}
    return agent


def _resident(name: str) -> dict[str, Any]:
    reference = name if name.startswith("Patient/") else f"Person/{name}"
    types = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
    roles = "http://terminology.hl7.org/CodeSystem/object-role"
    return {
        "what": {"reference": reference},
        "type": {"system": types, "code": "1", "display": "Person"},
        "role": {"system": roles, "code": "1", "display": "Patient"},
    }


def _object(found: Found) -> dict[str, Any]:
    text = f"{found.object_type}/{found.object_id}" if found.object_id else found.object_type
    types = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
    return {
        "what": {"identifier": {"system": f"{_OWN}:object", "value": text}},
        "type": {"system": types, "code": "2", "display": "System Object"},
    }
