"""Who writes into whose record: what all that one writing makes has in common."""

from datetime import datetime
from typing import Any, Final

import msgspec

ACCOUNT_SYSTEM: Final = "urn:minkang:account"
ORGANISATION_SYSTEM: Final = "urn:minkang:organisation"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """One writing.

    Attributes:
        key: id of what is written, 32 hexadecimal digits; ids of its parts begin with it.
        version: of what is changed; 0: it is new.
        patient: id of the Patient in whose compartment it lies.
        institution: id of the organisation that it comes from.
        account, account_name: who writes.
        start: FHIR dateTime of the visit.
        now: aware.
    """

    key: str
    version: int
    patient: str
    institution: str
    institution_name: str
    account: str
    account_name: str
    start: str
    now: datetime


def account_reference(about: About) -> dict[str, Any]:
    """Who writes, by account and name: whoever has one need not stand in a directory."""
    return {
        "type": "Practitioner",
        "identifier": {"system": ACCOUNT_SYSTEM, "value": about.account},
        "display": about.account_name,
    }


def organisation_reference(about: About) -> dict[str, Any]:
    """The institution, by identifier: the id of its Organization depends on who sent it."""
    return {
        "type": "Organization",
        "identifier": {"system": ORGANISATION_SYSTEM, "value": about.institution},
        "display": about.institution_name,
    }


def provenance_of(about: About, targets: list[tuple[str, str]]) -> dict[str, Any]:
    """Who made or changed these resources, when, for which institution (FHIR R4 Provenance)."""
    code, display = ("CREATE", "create") if about.version == 0 else ("UPDATE", "revise")
    return {
        "resourceType": "Provenance",
        "id": f"{about.key}-by{about.version + 1}",
        "target": [{"reference": f"{kind}/{name}"} for kind, name in targets],
        "occurredDateTime": about.now.isoformat(timespec="seconds"),
        "recorded": about.now.isoformat(timespec="seconds"),
        "activity": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation",
                    "code": code,
                    "display": display,
                }
            ]
        },
        "agent": [
            {
                "type": {
                    "coding": [
                        {
                            "system": (
                                "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
                            ),
                            "code": "author",
                        }
                    ]
                },
                "who": account_reference(about),
                "onBehalfOf": organisation_reference(about),
            }
        ],
    }
