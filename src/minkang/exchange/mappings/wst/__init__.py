"""Interaction messages (WS/T 790, S0001 to S0081) as contributions: pure functions by family.

What a message only mentions (a patient in an order, a doctor, a department) is supposed until its
own registration says it; an update has the numbers of what it updates, so the order of
`creationTime` decides. Use `map_wst` on a message as the inbox keeps it.
"""

from collections.abc import Callable
from typing import Final

from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.wst.applications import map_application
from minkang.exchange.mappings.wst.appointments import map_act_booking, map_booking
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.documents import map_registration
from minkang.exchange.mappings.wst.orders import map_order
from minkang.exchange.mappings.wst.organizations import map_organization, map_provider
from minkang.exchange.mappings.wst.patient import map_card, map_merge, map_patient
from minkang.exchange.mappings.wst.schedules import map_schedules
from minkang.exchange.mappings.wst.status import map_fillers, map_laboratory_steps, map_steps
from minkang.exchange.mappings.wst.terminology import map_terminology
from minkang.exchange.mappings.wst.visits import map_discharge, map_transfer, map_visit
from minkang.exchange.merge import Contribution
from minkang.exchange.wst import opened, read_message
from minkang.fhir import Problem, Refused

MAPPINGS: Final[dict[str, Callable[[Case], None]]] = {
    "PatientInfoRegister": map_patient,
    "PatientInfoUpdate": map_patient,
    "PatientInfoMerge": map_merge,
    "EncounterCardInfoAdd": map_card,
    "EncounterCardInfoUpdate": map_card,
    "OrganizationInfoRegister": map_organization,
    "OrganizationInfoUpdate": map_organization,
    "ProviderInfoRegister": map_provider,
    "ProviderInfoUpdate": map_provider,
    "SourceAndScheduleInfoAdd": map_schedules,
    "SourceAndScheduleInfoUpdate": map_schedules,
    "OutPatientInfoAdd": map_visit,
    "OutPatientInfoUpdate": map_visit,
    "InPatientInfoAdd": map_visit,
    "InPatientInfoUpdate": map_visit,
    "TransferInfoAdd": map_transfer,
    "TransferInfoUpdate": map_transfer,
    "DischargeInfoAdd": map_discharge,
    "DischargeInfoUpdate": map_discharge,
    "OutPatientAppointStatusInfoAdd": map_booking,
    "OutPatientAppointStatusInfoUpdate": map_booking,
    "CheckAppointStatusInfoAdd": map_act_booking,
    "CheckAppointStatusInfoUpdate": map_act_booking,
    "OperationScheduleInfoAdd": map_act_booking,
    "OperationScheduleInfoUpdate": map_act_booking,
    "OrderInfoAdd": map_order,
    "OrderInfoUpdate": map_order,
    **{
        f"{kind}AppInfo{what}": map_application
        for kind in ("Check", "Exam", "Pathology", "Operation", "BloodTrans")
        for what in ("Add", "Update")
    },
    "CheckStatusInfoUpdate": map_steps,
    "OperationStatusInfoUpdate": map_steps,
    "ExamStatusInfoUpdate": map_laboratory_steps,
    "OrderFillerStatusInfoUpdate": map_fillers,
    "TerminologyRegister": map_terminology,
    "TerminologyUpdate": map_terminology,
}
"""Service to its mapping; DocumentRegister has one of its own."""


def map_wst(context: Context, raw: bytes) -> list[Contribution]:
    """What an interaction message contributes, as `wst.kept` wrote it.

    Raises:
        Refused: not readable, of no service that brings something, or wrong in content; every
            problem with XPath, line and rule.
    """
    service, message = opened(raw)
    root = read_message(message, context.source.charset, service)
    case = Case(context, service, root)
    if service.name == "DocumentRegister":
        return map_registration(case)
    mapping = MAPPINGS.get(service.name)
    if mapping is None:
        text = f"{service.title}（{service.name}）是查询，不带来数据"
        raise Refused([Problem("map", root.place(), "query", text)])
    mapping(case)
    return case.contributions()
