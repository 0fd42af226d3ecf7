"""AL1 as AllergyIntolerance (HL7 v2.5.1, 3.4.6)."""

from typing import Any

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.concepts import TERMINOLOGY
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.merge import Order

_CLINICAL = f"{TERMINOLOGY}allergyintolerance-clinical"
_CATEGORIES = {"DA": "medication", "FA": "food", "EA": "environment", "LA": "environment"}
_SEVERITIES = {"SV": "severe", "MO": "moderate", "MI": "mild"}


def map_allergies(
    context: Context, reader: Reader, message: Message, patient: Draft
) -> list[Draft]:
    """Each allergy once; a segment without a substance says nothing and is left out."""
    found: dict[str, Draft] = {}
    number = patient.resource["identifier"][0]["value"]
    for segment in message.all("AL1"):
        if one := _allergy(context, reader, segment, number, patient.order):
            one.put("patient", patient.reference)
            found[one.id] = one
    return list(found.values())


def _allergy(
    context: Context, reader: Reader, al1: Segment, patient: str, order: Order
) -> Draft | None:
    substance = reader.field_concept(al1, 3)
    if substance is None:
        return None
    code = substance.get("coding", [{}])[0].get("code") or substance["text"]
    allergy = Draft(context, "AllergyIntolerance", f"{patient}/{code}", order)
    allergy.put("code", substance)
    if category := _CATEGORIES.get(al1.value(2).upper()):
        allergy.put("category", [category])
    reaction: dict[str, Any] = {}
    told = [{"text": parts[0].strip()} for parts in al1.repetitions(5) if parts[0].strip()]
    if manifestations := [one for one in told if one["text"] != '""']:
        reaction["manifestation"] = manifestations
        if severity := _SEVERITIES.get(al1.value(4).upper()):
            reaction["severity"] = severity
        allergy.put("reaction", [reaction])
    allergy.put("onsetDateTime", reader.time(al1, 6))
    # A segment without a word on it tells of an allergy that the patient has (R4 ait-1).
    allergy.suppose("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
    return allergy
