"""C0015 vaginal delivery and C0016 caesarean section (WS/T 500.15-2016, WS/T 500.16-2016).

| Data element | |
|---|---|
| the delivery itself | Procedure: who signed as what, from when to when, anaesthesia, course |
| DE05.10.109.00, DE05.10.007.00 diagnoses in words | Condition with its role |
| what was measured after it | Observation at DE06.00.218.00, the time before it in its section |
| newborn, Apgar | Observation about the newborn (`newborn`) |
| the others | Observation, part of the Procedure |

One code has several meanings, told apart by label and section: DE06.00.218.00 is the end of the
operation among the procedures and the time of observation after it; DE04.10.250.00 is the begin of
contractions and the full opening of the cervix.
"""

from typing import Final

from minkang.exchange.mappings.cda.body import Item, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import observation
from minkang.exchange.mappings.cda.fields import begin_of
from minkang.exchange.mappings.cda.newborn import map_newborn
from minkang.exchange.mappings.cda.procedures import map_procedures, performer_as
from minkang.exchange.mappings.cda.surgery import complete, map_parts, start_of
from minkang.exchange.mappings.cda.vital_signs import vital_signs
from minkang.exchange.mappings.draft import Draft
from minkang.fhir import date_range

_NAMES: Final = {"C0015": "阴道分娩", "C0016": "剖宫产"}
_OPERATION: Final = "47519-4"
_AFTERWARDS: Final = "57076-2"
_HISTORY: Final = "11348-0"
_BORN: Final = "DE02.01.014.00"
_BEGUN: Final = "DE06.00.221.00"
_TIME: Final = "DE06.00.218.00"
_SCRIBE: Final = "记录"


def map_delivery(case: Case) -> None:
    """C0015 or C0016: the delivery, the mother before and after it, the newborn."""
    delivery = _delivery(case)
    case.performed = start_of(delivery) or case.performed
    complete(case, delivery)
    map_diagnoses(case, sections=())
    _after(case)
    map_newborn(case, delivery)
    map_parts(case, [delivery], besides=(_HISTORY,))


def _delivery(case: Case) -> Draft:
    """The Procedure: C0015 has none in its body, C0016 may have only its code."""
    operations = map_procedures(case)
    delivery = operations[0] if operations else case.fact("Procedure", "delivery")
    delivery.put("status", "completed")
    if not operations:
        delivery.put("code", {"text": _NAMES[case.kind]})
    for signer in case.signers:
        if _SCRIBE not in signer.role:
            delivery.add("performer", performer_as(signer.who, signer.role))
    _times(case, delivery)
    return delivery


def _times(case: Case, delivery: Draft) -> None:
    """From the begin to the end of the operation, else from the first to the last birth.

    Problems: rule `period` where the end is before the begin.
    """
    items = [item for section in case.body.all() for item in section.items()]
    start = next((i for i in items if i.code == _BEGUN), None)
    end = next((i for i in items if i.code == _TIME and i.section == _OPERATION), None)
    period = {"start": _time(case, start), "end": _time(case, end)}
    known = {key: value for key, value in period.items() if value}
    if known:
        delivery.put("performedPeriod", known)
        for item in (start, end):
            if item is not None:
                case.body.take(item)
        if len(known) == 2 and date_range(known["end"]).high < date_range(known["start"]).low:
            node = end.value if end else None
            case.reader.problem(node or case.root, "period", "手术结束早于手术开始", "value")
        return
    births = [time for item in items if item.code == _BORN and (time := _time(case, item))]
    births.sort(key=begin_of)
    if len(births) > 1:
        delivery.put("performedPeriod", {"start": births[0], "end": births[-1]})
    elif births:
        delivery.put("performedDateTime", births[0])


def _time(case: Case, item: Item | None) -> str | None:
    return case.reader.time(item.value) if item else None


def _after(case: Case) -> None:
    """What was seen afterwards, each at the time of observation that stands before it."""
    for section in case.body.all(_AFTERWARDS):
        times = [i for i in section.items() if i.code == _TIME and _time(case, i)]
        # One time is that of the whole section, wherever it stands.
        at = _time(case, times[0]) if len(times) == 1 else None
        for act in section.acts():
            drafts = vital_signs(case, section, act)
            for item in items_of(act, section.code):
                if case.body.is_taken(item):
                    continue
                if item.code == _TIME:
                    at = _time(case, item) or at
                if one := observation(case, item):
                    drafts.append(one)
            for draft in drafts:
                draft.put("effectiveDateTime", at)
