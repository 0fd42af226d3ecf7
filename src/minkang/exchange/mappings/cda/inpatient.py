"""C0032 front page and C0053 discharge summary (WS/T 500.32-2016, WS/T 500.53-2016).

| Data element | |
|---|---|
| diagnoses of the three sections | Condition, listed by the visit with their role |
| procedure | Procedure, with who did it |
| DE06.00.223.00 way of leaving | Encounter.hospitalization.dischargeDisposition |
| DE08.10.013.00 nested in it | Encounter.hospitalization.destination |
| encompassingEncounter/code of C0032 | Encounter.hospitalization.admitSource |
| amounts of money | Invoice |
| allergy | AllergyIntolerance, where the flag is true |
| the others | Observation |
"""

from typing import Any, Final

from minkang.exchange.mappings.cda.allergies import map_allergies
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import map_left
from minkang.exchange.mappings.cda.fees import map_fees
from minkang.exchange.mappings.cda.fields import text_of
from minkang.exchange.mappings.cda.procedures import map_procedures

_LEAVING: Final = "DE06.00.223.00"
_DESTINATION: Final = "DE08.10.013.00"
_TRANSFERS: Final = "42349-1"
_TRANSFERRED_TO: Final = "urn:minkang:visit:transferred-to"


def map_discharge(case: Case) -> None:
    """C0053: diagnoses of admission and discharge, operations, and the course in words."""
    map_diagnoses(case, listed=True)
    map_procedures(case)
    map_left(case)


def map_front_page(case: Case) -> None:
    """C0032: what a stay was for, what was done, how it ended and what it cost."""
    map_diagnoses(case, listed=True)
    map_procedures(case)
    map_allergies(case)
    map_fees(case)
    _stay(case)
    map_left(case)


def _stay(case: Case) -> None:
    """How the patient came and left, and through which departments; nothing without a visit."""
    if case.visit is None:
        return
    found: dict[str, Any] = {}
    code = case.root.first("componentOf", "encompassingEncounter", "code")
    if source := case.reader.concept(code, "admit-source"):
        found["admitSource"] = source
    leaving = case.body.take_first(_LEAVING)
    if leaving is not None:
        if concept := case.reader.concept(leaving.value):
            found["dischargeDisposition"] = concept
        for inner in leaving.nested():
            if inner.code == _DESTINATION and (text := text_of(inner.value)):
                found["destination"] = {"display": text}
    case.visit.put("hospitalization", found)
    path = ("author", "assignedAuthor", "representedOrganization", "name")
    names = [
        text
        for section in case.body.all(_TRANSFERS)
        for act in section.acts()
        for one in act.all(*path)
        if (text := text_of(one))
    ]
    case.visit.put("extension", [{"url": _TRANSFERRED_TO, "valueString": name} for name in names])
