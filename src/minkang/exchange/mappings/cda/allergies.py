"""Allergies (C0002, C0032): only where the flag says that there is one.

C0032 demands a drug even where the flag is false: such a drug is no allergy.
"""

from typing import Final

from minkang.exchange.mappings.cda.body import ALLERGIES, Item
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import text_of

FLAG: Final = "DE02.10.023.00"
_HISTORY: Final = "DE05.01.022.00"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def map_allergies(case: Case) -> None:
    """AllergyIntolerance of the section for allergies; the flag itself stays an Observation."""
    for section in case.body.all(ALLERGIES):
        for item in section.items():
            if item.code == FLAG:
                _allergy(case, item)


def _allergy(case: Case, item: Item) -> None:
    if case.reader.value(item.value) != ("Boolean", True):
        return
    nested = [one for one in item.nested() if one.code == _HISTORY]
    texts = [text for one in nested if (text := text_of(one.value))]
    drugs = item.node.all("participant", "participantRole", "playingEntity", "desc")
    texts += [text for drug in drugs if (text := text_of(drug))]
    for text in dict.fromkeys(texts):
        draft = case.draft("AllergyIntolerance", f"{case.patient_key}/{text}")
        draft.put("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
        draft.put("code", {"text": text})
        draft.put("patient", case.patient.reference)
