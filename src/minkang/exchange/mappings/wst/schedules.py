"""SourceAndScheduleInfoAdd, SourceAndScheduleInfoUpdate: Schedule and Slot (号源)."""

from typing import Any

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.written import decimal
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    extension,
    number_of,
    numbers_of,
    period_of,
    value_of,
)
from minkang.exchange.mappings.wst.people import practitioner, record, stated


def map_schedules(case: Case) -> None:
    """Each schedule, and what of it can be booked.

    Raises:
        Refused: a schedule has no number.
    """
    case.subject("schedule")
    people = stated(case, "enterer", case.process.first("dataEnterer"))
    for slot in case.process.all("subject", "schedule", "resourceSlot"):
        number = number_of(slot.first("id"))
        case.required(slot.first("id"), slot, "排班标识", number)
        schedule = case.draft("Schedule", number)
        schedule.put("identifier", [case.own("schedule", number)])
        schedule.resource["active"] = True
        if specialty := case.reader.concept(slot.first("profession"), "profession"):
            schedule.put("specialty", [specialty])
        if level := case.reader.concept(slot.first("code"), "slot-level"):
            schedule.put("serviceType", [level])
        total = value_of(slot.first("totalNumber"))
        schedule.add("extension", extension("total", "String", total))
        schedule.put("actor", [*_doctor(case, slot), *_department(case, slot)])
        periods = [
            period
            for position, frame in enumerate(slot.all("timeFrame"), 1)
            if (period := _slot(case, frame, schedule, f"{number}/{position}"))
        ]
        if periods:
            start = min(period["start"] for period in periods)
            end = max(period["end"] for period in periods)
            schedule.put("planningHorizon", {"start": start, "end": end})
        record(case, schedule, people)


def _doctor(case: Case, slot: Element) -> list[dict[str, str]]:
    """The doctor, with title and identity as the schedule gives them."""
    entity = slot.first("directTarget", "IdentifiedEntity")
    if entity is None:
        return []
    who = practitioner(case, entity)
    number = number_of(entity.first("id"))
    if number:
        draft = case.draft("Practitioner", number)
        identifiers = [case.own("staff", number)]
        identifiers += [
            ids.identity(case.context, one)
            for one in numbers_of(entity.first("Person", "id")).values()
        ]
        draft.suppose("identifier", identifiers)
        if title := case.reader.concept(entity.first("code"), "title-level"):
            draft.suppose("extension", [extension("title-level", "CodeableConcept", title)])
    return [who] if who else []


def _department(case: Case, slot: Element) -> list[dict[str, str]]:
    number = number_of(slot.first("deptId"))
    if not number:
        return []
    organization = case.draft("Organization", f"department/{number}")
    organization.suppose("identifier", [case.own("department", number)])
    organization.suppose("partOf", case.context.institution())
    draft = case.draft("Location", f"department/{number}")
    draft.suppose("identifier", [case.own("department", number)])
    draft.suppose("managingOrganization", organization.reference)
    return [draft.reference]


def _slot(case: Case, frame: Element, schedule: Draft, number: str) -> dict[str, str]:
    """A part of the time, in which several may be booked; free while any is left."""
    period = period_of(case.reader, frame.first("effectiveTime"))
    if "T" not in period.get("start", "") or "T" not in period.get("end", ""):
        case.reader.problem(frame, "required", "分时段缺少开始或结束时间")
        return {}
    left = decimal(value_of(frame.first("remainNumber")) or "?")
    draft = case.draft("Slot", number)
    draft.put("schedule", schedule.reference)
    # Without a number left nobody says that it is full.
    draft.put("status", "busy" if left == 0 else "free")
    draft.put("start", period["start"])
    draft.put("end", period["end"])
    if kind := case.reader.concept(frame.first("code"), "slot-type"):
        draft.put("serviceType", [kind])
    said: list[tuple[str, Any]] = [
        ("total", value_of(frame.first("totalFrameNumber"))),
        ("left", value_of(frame.first("remainNumber"))),
    ]
    for name, value in said:
        draft.add("extension", extension(name, "String", value))
    return period
