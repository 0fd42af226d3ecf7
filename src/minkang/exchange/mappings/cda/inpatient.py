"""What ends a stay: C0032 front page, C0049 discharge, C0050 death, C0053 discharge summary.

WS/T 500.32-2016, WS/T 500.49-2016, WS/T 500.50-2016, WS/T 500.53-2016.

| Data element | |
|---|---|
| diagnoses of the three sections | Condition, listed by the visit with their role |
| procedure | Procedure, with who did it |
| DE06.00.223.00 way of leaving | Encounter.hospitalization.dischargeDisposition |
| DE08.10.013.00 nested in it | Encounter.hospitalization.destination |
| DE06.00.092.00 admission, DE06.00.017.00 discharge | Encounter.period |
| DE02.01.036.00 time of death | Patient.deceasedDateTime; the patient left the stay as expired |
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
from minkang.fhir import date_range

_ADMITTED: Final = "DE06.00.092.00"
_DISCHARGED: Final = "DE06.00.017.00"
_DIED: Final = "DE02.01.036.00"
_DISPOSITION: Final = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
_LEAVING: Final = "DE06.00.223.00"
_DESTINATION: Final = "DE08.10.013.00"
_TRANSFERS: Final = "42349-1"
_TRANSFERRED_TO: Final = "urn:minkang:visit:transferred-to"


def map_discharge(case: Case) -> None:
    """C0053: diagnoses of admission and discharge, operations, and the course in words."""
    map_diagnoses(case, listed=True)
    map_procedures(case)
    map_left(case)


def map_discharge_record(case: Case) -> None:
    """C0049: diagnoses of admission and discharge, the times of both, the course in words."""
    map_diagnoses(case, listed=True, sections=())
    _period(case)
    _at_the_time_of_writing(case)
    map_left(case)


def map_death(case: Case) -> None:
    """C0050: when and of what the patient died, and how it came to it."""
    map_diagnoses(case, listed=True, sections=())
    _period(case)
    died = case.body.take_first(_DIED)
    time = case.reader.time(died.value) if died else None
    case.patient.put("deceasedDateTime", time)
    if case.visit is not None and time:
        coding = {"system": _DISPOSITION, "code": "exp", "display": "Expired"}
        case.visit.put("status", "finished")
        case.visit.put("hospitalization", {"dischargeDisposition": {"coding": [coding]}})
    _at_the_time_of_writing(case)
    map_left(case)


def _period(case: Case) -> None:
    """The times of admission and discharge, which C0049 and C0050 have in their body.

    Problems: rule `period` where the end is before the begin.
    """
    if case.visit is None:
        return
    items = {code: case.body.take_first(code) for code in (_ADMITTED, _DISCHARGED)}
    times = {code: case.reader.time(item.value) for code, item in items.items() if item}
    start, end = times.get(_ADMITTED), times.get(_DISCHARGED)
    period = {**case.visit.resource.get("period", {})}
    period |= {"start": start} if start else {}
    period |= {"end": end} if end else {}
    case.visit.put("period", period)
    if end:
        case.visit.put("status", "finished")
        left = items[_DISCHARGED]
        before = "start" in period and date_range(end).high < date_range(period["start"]).low
        if before and left and left.value:
            text = "出院日期时间早于入院日期时间"
            case.reader.problem(left.value, "period", text, "value")


def _at_the_time_of_writing(case: Case) -> None:
    """What a record says in the end was so when it was written, not when the stay began."""
    case.performed = case.reader.time(case.root.first("author", "time")) or case.performed


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
