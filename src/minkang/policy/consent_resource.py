"""A resident's consent as FHIR Consent (R4): what clients of the FHIR base can read."""

from datetime import datetime
from typing import Any, Final

from minkang.fhir import Resource, reference
from minkang.policy.consent_record import Consent
from minkang.policy.consent_text import consent_texts
from minkang.store.grade import RESTRICTED

PLATFORM: Final = "MK-PLATFORM"
"""The organisation under which the platform's own resources are kept."""

ORGANISATION_SYSTEM: Final = "urn:minkang:organisation"
TEXT_SYSTEM: Final = "urn:minkang:consent-text"
DOCUMENT_SYSTEM: Final = "urn:minkang:consent-document"

_HL7: Final = "http://terminology.hl7.org/CodeSystem"
_PARTICIPATION: Final = f"{_HL7}/v3-ParticipationType"
_ACT: Final = f"{_HL7}/v3-ActCode"

TOPIC_LABELS: Final = {
    "hiv-std": (_ACT, "HIV", "STD"),
    "mental": (_ACT, "PSY"),
    "genetic": (_ACT, "GDIS"),
    "reproductive": (_ACT, "SEX"),
    "restricted": (f"{_HL7}/v3-Confidentiality", "R", "V"),
}
"""The security labels that stand for a sensitive topic, as store/topics.py reads them."""


def resource_id(person: str) -> str:
    """The id of the Consent of a Person: there is one, in versions."""
    return f"consent-{person}"


def resource_of(consent: Consent, patients: frozenset[str]) -> Resource:
    """The Consent in the compartment of one of the resident's Patients.

    Permit to all, with a nested deny for each organisation whose data are kept back (custodian) or
    that sees nothing (recipient), for each topic (security label), and before or after a time
    (data period). What was withdrawn is inactive and denies.

    Raises:
        ValueError: the resident has no Patient.
    """
    if not patients:
        raise ValueError("a consent needs a Patient")
    at = consent.at.isoformat()
    text = consent_texts()[consent.text_version]
    resource: Resource = {
        "resourceType": "Consent",
        "id": consent.resource,
        # What somebody keeps back tells what there is: it is not for those it is kept from.
        "meta": {"security": [dict(RESTRICTED)]},
        "status": "active" if consent.given else "inactive",
        "scope": _concept(f"{_HL7}/consentscope", "patient-privacy"),
        "category": [
            {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]},
            _concept(_ACT, "IDSCL"),
        ],
        "patient": reference("Patient", min(patients)),
        "dateTime": at,
        "organization": [_organisation(PLATFORM)],
        "policyRule": {
            "coding": [{"system": TEXT_SYSTEM, "code": text.version, "display": text.title}],
            "text": f"SM3 {consent.text_digest.hex()}",
        },
        "provision": _provision(consent) if consent.given else {"type": "deny"},
    }
    if consent.document:
        resource["identifier"] = [{"system": DOCUMENT_SYSTEM, "value": consent.document}]
    if consent.evidence == "paper":
        resource["verification"] = [{"verified": True, "verificationDate": at}]
    return resource


def _provision(consent: Consent) -> dict[str, Any]:
    sharing = consent.sharing
    denied: list[dict[str, Any]] = []
    for role, organisations in (
        ("CST", sharing.without_sources),
        ("IRCP", sharing.without_recipients),
    ):
        denied += [
            {
                "type": "deny",
                "actor": [
                    {"role": _concept(_PARTICIPATION, role), "reference": _organisation(one)}
                ],
            }
            for one in sorted(organisations)
        ]
    for topic in sorted(sharing.without_topics):
        system, *codes = TOPIC_LABELS[topic]
        labels = [{"system": system, "code": code} for code in codes]
        denied.append({"type": "deny", "securityLabel": labels})
    if sharing.since is not None:
        denied.append({"type": "deny", "dataPeriod": {"end": _moment(sharing.since)}})
    if sharing.until is not None:
        denied.append({"type": "deny", "dataPeriod": {"start": _moment(sharing.until)}})
    provision: dict[str, Any] = {"type": "permit", "period": {"start": _moment(consent.at)}}
    if denied:
        provision["provision"] = denied
    return provision


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _organisation(organisation: str) -> dict[str, Any]:
    """By identifier: the id of its Organization depends on who sent it."""
    return {
        "type": "Organization",
        "identifier": {"system": ORGANISATION_SYSTEM, "value": organisation},
    }


def _moment(at: datetime) -> str:
    return at.isoformat()
