"""C0009 operation record (WS/T 500.9-2016).

| Data element | |
|---|---|
| procedure | Procedure: who, as what, from when to when, in which room |
| DE05.01.024.00 before and after | Condition with its role; those before are the reasons |
| DE06.00.073.00 anaesthesia | extension of the Procedure; who gave it is its performer |
| DE05.10.063.00 course, and what is nested in it | extensions of the Procedure |
| DE06.00.187.00 site | Procedure.bodySite |
| blood lost and given, drugs, fluids, drains | Observation, part of the Procedure |

A record of several operations does not say to which of them the course and the anaesthesia belong:
then these are Observations too.
"""

from typing import Final

from minkang.exchange.mappings.cda.body import Item
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import diagnoses
from minkang.exchange.mappings.cda.facts import extensions, observation
from minkang.exchange.mappings.cda.fields import text_of
from minkang.exchange.mappings.cda.people import person
from minkang.exchange.mappings.cda.procedures import (
    ANAESTHESIA,
    ANAESTHETIST,
    map_procedures,
    performer_as,
)
from minkang.exchange.mappings.draft import Draft

COURSE: Final = "DE05.10.063.00"
_SITE: Final = "DE06.00.187.00"
_HISTORY: Final = "11348-0"
_BEFORE: Final = "术前诊断"


def map_surgery(case: Case) -> None:
    """C0009: the operation, its diagnoses, and all that was given, lost and put in."""
    operations = map_procedures(case)
    for one in operations[:1]:
        case.performed = start_of(one) or case.performed
    given = diagnoses(case, sections=())
    reasons = [one.draft.reference for one in given if one.role.text == _BEFORE]
    for one in operations:
        one.put("reasonReference", reasons)
    if len(operations) == 1:
        complete(case, operations[0])
    map_parts(case, operations, besides=(_HISTORY,))


def complete(case: Case, operation: Draft) -> None:
    """Give the only operation of a document its anaesthesia, its course and its site."""
    for section in case.body.all():
        for item in section.items():
            if item.code == ANAESTHESIA:
                _anaesthesia(case, operation, item)
            elif item.code == COURSE:
                _course(case, operation, item)


def map_parts(case: Case, operations: list[Draft], *, besides: tuple[str, ...] = ()) -> None:
    """What is left, as Observations that are part of the operations but for some sections."""
    for item in list(case.body.left()):
        draft = observation(case, item)
        if draft is not None and item.section not in besides:
            draft.put("partOf", [one.reference for one in operations])


def start_of(operation: Draft) -> str | None:
    """When an operation began, as far as it is said."""
    resource = operation.resource
    period: dict[str, str] = resource.get("performedPeriod", {})
    found: str | None = period.get("start") or resource.get("performedDateTime")
    return found


def _anaesthesia(case: Case, operation: Draft, item: Item) -> None:
    for one in extensions(case, [item]):
        operation.add("extension", one)
    if who := person(case, item.node.first("performer", "assignedEntity")):
        operation.add("performer", performer_as(who, ANAESTHETIST))


def _course(case: Case, operation: Draft, item: Item) -> None:
    rest = []
    for inner in item.nested():
        site = text_of(inner.value) if inner.code == _SITE else ""
        if site:
            operation.add("bodySite", {"text": site})
        else:
            rest.append(inner)
    for one in extensions(case, [item, *rest]):
        operation.add("extension", one)
    case.body.take(item)
