"""Status messages: what has been done with an order or an application, each step a Task.

CheckStatusInfo, ExamStatusInfo, OperationStatusInfo, OrderFillerStatusInfo (Update). The Task is
numbered by what it is about and the step, so that a step sent again is the same one. Whether the
order itself stands is said by its own messages only.
"""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import (
    concept_of,
    extension,
    number_of,
    numbers_of,
    time_of,
    value_of,
)
from minkang.exchange.mappings.wst.patient import mentioned
from minkang.exchange.mappings.wst.people import department, practitioner
from minkang.exchange.mappings.wst.specimens import map_specimens
from minkang.exchange.mappings.wst.visits import Visit, visit_of

_UNDONE: Final = (("取消", "cancelled"), ("拒", "rejected"), ("删除", "entered-in-error"))


def map_steps(case: Case) -> None:
    """CheckStatusInfoUpdate, OperationStatusInfoUpdate: a step for each application named.

    Raises:
        Refused: patient or application has no number.
    """
    group = case.subject("placerGroup")
    patient, visit = _about(case, group)
    for component in group.all("component2"):
        for request in (
            *component.all("observationRequest"),
            *component.all("procedureRequest"),
        ):
            number = number_of(request.first("id"))
            case.required(request.first("id"), request, "申请单编号", number)
            focus = _request(case, number, patient)
            step = request.first("component1", "processStep", "code")
            task = _task(case, focus.reference, number, step, (patient, visit))
            performer = request.first("performer")
            _done(case, task, performer, performer)
            _where(case, task, request.first("location"))


def map_fillers(case: Case) -> None:
    """OrderFillerStatusInfoUpdate: a step of an order.

    Raises:
        Refused: patient or order has no number.
    """
    group = case.subject("placerGroup")
    patient, visit = _about(case, group)
    for request in group.all("component2", "observationRequest"):
        found = numbers_of(request.first("id"))
        application = found.get(ids.APPLICATION, "")
        order = next((n for oid, n in found.items() if oid != ids.APPLICATION), "")
        case.required(request.first("id"), request, "医嘱号或申请单号", order or application)
        # Whether an order is of a drug or not this message does not say: only its number is named.
        focus: dict[str, Any] = {"identifier": case.own("order", order)}
        wanted = _request(case, application, patient) if application else None
        if wanted is not None and not order:
            focus = wanted.reference
        step = request.first("component1", "processStep", "code")
        task = _task(case, focus, order or application, step, (patient, visit))
        if order and application:
            task.put("groupIdentifier", case.own("application", application))
        task.put("code", concept_of(case.reader, request.first("code"), "order-type"))
        if reason := value_of(request.first("reason")):
            task.put("statusReason", {"text": reason})
        specimens = map_specimens(case, request, patient, wanted)
        inputs = [_input("标本", specimen) for specimen in specimens]
        task.put("input", inputs)
        transcriber = group.first("transcriber")
        _done(case, task, transcriber, transcriber)
        _where(case, task, group.first("location"))


def map_laboratory_steps(case: Case) -> None:
    """ExamStatusInfoUpdate: a step of a laboratory application, with its specimen.

    Raises:
        Refused: patient or application has no number.
    """
    report = case.subject("observationReport")
    patient, visit = _about(case, report)
    number = number_of(report.first("id"))
    case.required(report.first("id"), report, "电子申请单编号", number)
    focus = _request(case, number, patient)
    specimens = map_specimens(case, report, patient, focus)
    verifier = report.first("specimen", "specimen", "subjectOf1", "specimenProcessStep", "verifier")
    step = verifier.first("modeCode") if verifier is not None else None
    task = _task(case, focus.reference, number, step, (patient, visit))
    task.put("description", value_of(report.first("text")))
    state = attribute_of(report.first("statusCode"), "code")
    task.add("extension", extension("application-status", "String", state))
    task.put("input", [_input("标本", specimen) for specimen in specimens])
    _done(case, task, verifier, verifier)
    if verifier is not None:
        unit = verifier.first("assignedEntity", "representedOrganization")
        task.add("extension", extension("department", "Reference", department(case, unit)))
        said = value_of(step.first("originalText")) if step is not None else ""
        task.put("note", [{"text": said}] if said else None)


def _about(case: Case, act: Element) -> tuple[Draft, Visit | None]:
    encounter = act.first("componentOf1", "encounter") or act.first("componentOf", "encounter")
    element = encounter.first("subject", "patient") if encounter is not None else None
    if element is None:
        raise case.missing(act, "患者")
    patient = mentioned(case, element)
    return patient, visit_of(case, encounter, patient)


def _request(case: Case, number: str, patient: Draft) -> Draft:
    """The application, which may have come by then or not."""
    draft = case.draft("ServiceRequest", number)
    draft.suppose("identifier", [case.own("application", number)])
    draft.put("subject", patient.reference)
    draft.suppose("status", "unknown")
    draft.suppose("intent", "order")
    return draft


def _task(
    case: Case,
    focus: dict[str, Any],
    number: str,
    step: Element | None,
    about: tuple[Draft, Visit | None],
) -> Draft:
    concept = case.reader.concept(step, "step") if step is not None else None
    if concept is None:
        raise case.missing(step or case.process, "状态")
    named = concept.get("coding", [{}])[0].get("code") or concept["text"]
    task = case.draft("Task", f"{number}/{named}")
    task.put("intent", "order")
    done = next((code for word, code in _UNDONE if word in concept["text"]), "completed")
    task.put("status", done)
    task.put("businessStatus", concept)
    task.put("focus", focus)
    patient, visit = about
    task.put("for", patient.reference)
    task.put("encounter", visit.draft.reference if visit else None)
    return task


def _done(case: Case, task: Draft, participant: Element | None, timed: Element | None) -> None:
    """By whom, and when."""
    if participant is None:
        return
    who = practitioner(case, participant.first("assignedEntity"))
    task.put("owner", who)
    time = time_of(case.reader, timed.first("time")) if timed is not None else None
    task.put("executionPeriod", {"start": time} if time else None)


def _where(case: Case, task: Draft, location: Element | None) -> None:
    if location is None:
        return
    unit = department(
        case, location.first("serviceDeliveryLocation", "serviceProviderOrganization")
    )
    task.add("extension", extension("department", "Reference", unit))


def _input(name: str, specimen: Draft) -> dict[str, Any]:
    return {"type": {"text": name}, "valueReference": specimen.reference}
