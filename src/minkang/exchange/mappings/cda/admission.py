"""C0034 admission record (WS/T 500.34-2016): history, examination, what is thought of it.

| Data element | |
|---|---|
| diagnoses 初步, 修正, 确定, 补充, each with its date and rank | Condition, listed by the visit |
| DE02.10.022.00 allergies in words | AllergyIntolerance, unless they are denied |
| DE02.10.103.00 family history in words | FamilyMemberHistory of no certain member |
| vital signs | Observation with LOINC |
| the others | Observation |
"""

from typing import Final

from minkang.exchange.mappings.cda.allergies import map_told_allergies
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import map_left, name_of, numbered
from minkang.exchange.mappings.cda.fields import text_of
from minkang.exchange.mappings.cda.vital_signs import vital_signs

_FAMILY: Final = "DE02.10.103.00"
_ROLE_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def map_admission(case: Case) -> None:
    """C0034: allergies, family, diagnoses, vital signs, and all else that it says."""
    map_told_allergies(case)
    _family(case)
    map_diagnoses(case, listed=True, sections=())
    for section in case.body.all():
        for act in section.acts():
            vital_signs(case, section, act)
    map_left(case)


def _family(case: Case) -> None:
    """The family history: which relative it speaks of is only in the words."""
    for section in case.body.all():
        for item in section.items():
            text = text_of(item.value) if item.code == _FAMILY else ""
            if not text:
                continue
            case.body.take(item)
            draft = numbered(case, "FamilyMemberHistory", _FAMILY)
            del draft.resource["subject"]
            draft.resource.pop("encounter", None)
            draft.put("patient", case.patient.reference)
            draft.put("status", "partial")
            coding = {"system": _ROLE_CODE, "code": "FAMMEMB", "display": "family member"}
            draft.put("relationship", {"coding": [coding], "text": name_of(case, item)["text"]})
            draft.put("note", [{"text": text}])
