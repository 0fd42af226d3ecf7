"""Allergies: only where it is said that there is one.

C0002 and C0032 have a flag; C0032 demands a drug even where it is false: such a drug is no allergy.
C0034 has words alone (DE02.10.022.00): they are taken for an allergy, unconfirmed, unless something
in them denies it (否认药物过敏史). The words themselves stay an Observation in any case.
"""

from typing import Final

from minkang.exchange.mappings.cda.body import ALLERGIES, Item
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import text_of
from minkang.exchange.mappings.draft import Draft

FLAG: Final = "DE02.10.023.00"
WORDS: Final = "DE02.10.022.00"
_DENIALS: Final = frozenset("无否未不没")
_HISTORY: Final = "DE05.01.022.00"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def map_allergies(case: Case) -> None:
    """AllergyIntolerance of the section for allergies; the flag itself stays an Observation."""
    for section in case.body.all(ALLERGIES):
        for item in section.items():
            if item.code == FLAG:
                _allergy(case, item)


def map_told_allergies(case: Case) -> None:
    """AllergyIntolerance of what a patient tells in words, if it denies nothing."""
    for section in case.body.all():
        for item in section.items():
            text = text_of(item.value) if item.code == WORDS else ""
            if text and not _DENIALS & set(text):
                unconfirmed = {"system": _VERIFICATION, "code": "unconfirmed"}
                draft = _named(case, text)
                draft.put("verificationStatus", {"coding": [unconfirmed]})


def _allergy(case: Case, item: Item) -> None:
    if case.reader.value(item.value) != ("Boolean", True):
        return
    nested = [one for one in item.nested() if one.code == _HISTORY]
    texts = [text for one in nested if (text := text_of(one.value))]
    drugs = item.node.all("participant", "participantRole", "playingEntity", "desc")
    texts += [text for drug in drugs if (text := text_of(drug))]
    for text in dict.fromkeys(texts):
        _named(case, text)


def _named(case: Case, text: str) -> Draft:
    draft = case.draft("AllergyIntolerance", f"{case.patient_key}/{text}")
    draft.put("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
    draft.put("code", {"text": text})
    draft.put("patient", case.patient.reference)
    return draft
