"""What a process makes of R4's definitions when a resource type is met first, made beforehand.

For each type a decoder and an extractor are made, 10 to 50 ms; together as much as some thousand
resources take to be written. Whoever comes first should not wait for it.
"""

import asyncio
import gc

from minkang.api.links import relink
from minkang.fhir import TYPE_CODES, encode
from minkang.fhir.extract import extract
from minkang.fhir.validate import check

_FREQUENT = (
    "Patient", "Observation", "Encounter", "Condition", "Procedure", "MedicationRequest",
    "DiagnosticReport", "Immunization", "Organization", "Practitioner", "Location",
    "DocumentReference", "Bundle", "CarePlan", "CareTeam", "Claim", "ExplanationOfBenefit",
    "Provenance", "AllergyIntolerance", "Device", "ImagingStudy", "MedicationAdministration",
    "Medication", "SupplyDelivery", "PractitionerRole",
)  # fmt: skip
_PAUSE = 0.02
_YOUNG, _MIDDLE, _OLD = 20_000, 20, 50


async def warm_up() -> None:
    """Make it for all types, the frequent ones at once, the others with room for requests."""
    relink({}, {}, None)
    for kind in _FREQUENT:
        _make(kind)
        await asyncio.sleep(0)
    set_collector()
    for kind in TYPE_CODES:
        _make(kind)
        await asyncio.sleep(_PAUSE)


def set_collector() -> None:
    """Tell the collector of reference cycles to leave alone what stands now, for it stays, and to
    come less often, for decoded resources are many objects without cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def _make(kind: str) -> None:
    resource = {"resourceType": kind}
    check(resource, encode(resource))
    extract(resource)
