"""What a hospital's system sends of a visit by HL7 v2, message by message."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from minkang.synth.draws import share
from minkang.synth.record import LOCAL, Household, Person, Report, Study, Visit
from minkang.synth.speak import hl7_orders, hl7_results, hl7_visits
from minkang.synth.speak.cases import case_of
from minkang.synth.speak.documents import (
    chinese_prescription,
    discharge_summary,
    outpatient_record,
)
from minkang.synth.speak.hl7 import joined
from minkang.synth.speak.hl7_case import Case
from minkang.synth.speak.sent import Message
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import System

_Make = Callable[[datetime, list[str]], Message]

_MINUTE: Final = timedelta(minutes=1)
_NEW_RECORD: Final = 0.3
"""Share of the departments that had moved to the record system which writes documents."""


def say_visit(setting: Setting, case: Case, person: Person) -> Iterator[Message]:
    """All messages and documents about one visit, in no order."""
    system = case.system
    message = _maker(case, person)
    yield from _coming_and_going(case, person, message)
    if system.orders:
        yield from _orders(case, message)
    yield from _results(setting, case, message)
    yield from _medicines(setting, case, message)
    yield from _words(setting, case, person, message)


def _maker(case: Case, person: Person) -> _Make:
    system, number = case.system, case.visit.number

    def message(at: datetime, lines: list[str]) -> Message:
        kind = lines[0].split("|", 9)[8]
        raw = joined(lines, system.charset)
        return Message(system.id, "mllp", at, raw, kind, person.key, number)

    return message


def _coming_and_going(case: Case, person: Person, message: _Make) -> Iterator[Message]:
    visit, system = case.visit, case.system
    died = _death_within(person, visit)
    if system.once:
        if visit.end is not None:
            at = visit.end + 2 * _MINUTE
            lines = hl7_visits.adt(case, "A03" if visit.kind == "I" else "A04", at, closed=True)
            yield message(at, hl7_visits.deceased(lines, died) if died else lines)
        return
    at = visit.start + _MINUTE
    yield message(at, hl7_visits.adt(case, "A01" if visit.kind == "I" else "A04", at, closed=False))
    if visit.end is not None:
        at = visit.end + 3 * _MINUTE
        lines = hl7_visits.adt(case, "A03" if visit.kind == "I" else "A08", at, closed=True)
        yield message(at, hl7_visits.deceased(lines, died) if died else lines)


def _death_within(person: Person, visit: Visit) -> datetime | None:
    """When the patient died in the visit; the end of a stay that ended so."""
    if person.death is None or visit.end is None or visit.outcome != "死亡":
        return None
    return visit.end


def _orders(case: Case, message: _Make) -> Iterator[Message]:
    visit = case.visit
    ordered: dict[datetime, list[Report | Study]] = {}
    tests: list[Report | Study] = [*visit.reports, *visit.studies]
    for one in tests:
        at = max(visit.start + 4 * _MINUTE, one.taken - 12 * _MINUTE)
        ordered.setdefault(min(at, one.taken), []).append(one)
    for at, several in ordered.items():
        yield message(at, hl7_orders.tests_ordered(case, several, case.doctor, at))
    if visit.operations:
        first = min(done.begin for done in visit.operations)
        at = max(visit.start + 5 * _MINUTE, first - timedelta(hours=16))
        yield message(min(at, first), hl7_orders.operations_ordered(case, min(at, first)))


def _results(setting: Setting, case: Case, message: _Make) -> Iterator[Message]:
    """Vital signs, laboratory and imaging of a visit, as they are reported."""
    seen = case.visit.start + 6 * _MINUTE
    if lines := hl7_results.vital_signs(case, seen):
        yield message(seen, lines)
    yield from _laboratory(case, message)
    for one in case.visit.studies:
        at = one.reported + _MINUTE
        name = setting.name_of(case.institution, one.doctor)
        yield message(at, hl7_results.study(case, one, at, name))


def _laboratory(case: Case, message: _Make) -> Iterator[Message]:
    for reports in _together(case.system, case.visit.reports):
        at = max(report.reported for report in reports) + _MINUTE
        yield message(at, hl7_results.laboratory(case, reports, at))


def say_laboratory(case: Case, person: Person) -> Iterator[Message]:
    """The laboratory's messages alone, of a system whose visits lie in a table."""
    yield from _laboratory(case, _maker(case, person))


def _together(system: System, reports: Sequence[Report]) -> list[list[Report]]:
    """Reports by the message they go in: a day's together, or each alone."""
    found: dict[object, list[Report]] = {}
    for report in reports:
        key = report.taken.astimezone(LOCAL).date() if system.daily else report.number
        found.setdefault(key, []).append(report)
    return list(found.values())


def _medicines(setting: Setting, case: Case, message: _Make) -> Iterator[Message]:
    for one in case.visit.prescriptions:
        doctor = setting.name_of(case.institution, one.doctor)
        at = one.at + _MINUTE
        if one.herbs and case.system.id == "gangcheng":
            continue  # its Chinese pharmacy sends the prescription as a document
        yield message(at, hl7_orders.medicines(case, one, doctor, at))
        if case.system.daily and one.lines:
            later = one.at + 25 * _MINUTE
            yield message(later, hl7_orders.dispensed(case, one, later))


def _words(setting: Setting, case: Case, person: Person, message: _Make) -> Iterator[Message]:
    """Records in words: as documents, as MDM, or not at all."""
    visit, system = case.visit, case.system
    if system.id == "gangcheng":
        for one in visit.prescriptions:
            if one.herbs:
                yield chinese_prescription(setting, case, person, one)
    if visit.end is None or not system.notes:
        return
    at = visit.end + 20 * _MINUTE
    if visit.kind == "I":
        if system.notes == "documents":
            yield discharge_summary(setting, case, person, at)
        else:
            parts = [(_TITLES[key], visit.texts[key]) for key in _STAY if visit.texts.get(key)]
            if parts:
                yield message(
                    at, hl7_visits.note(case, ("DS", "出院小结"), f"CY{case.number}", parts, at)
                )
        return
    parts = [(_TITLES[key], visit.texts[key]) for key in _CLINIC if visit.texts.get(key)]
    if not parts:
        return
    new = share(setting.world.seed, "new-record", case.institution, visit.department) < _NEW_RECORD
    if system.notes == "documents" and new:
        yield outpatient_record(setting, case, person, at)
    else:
        yield message(at, hl7_visits.note(case, ("CN", "门诊病历"), f"BL{case.number}", parts, at))


_TITLES: Final = {
    "complaint": "主诉",
    "present-illness": "现病史",
    "past-history": "既往史",
    "examination": "体格检查",
    "advice": "处理意见",
    "admission-course": "诊疗经过",
    "discharge-condition": "出院情况",
    "discharge-orders": "出院医嘱",
}
_CLINIC: Final = ("complaint", "present-illness", "past-history", "examination", "advice")
_STAY: Final = (
    "complaint",
    "present-illness",
    "admission-course",
    "discharge-condition",
    "discharge-orders",
)


def moved(
    setting: Setting, household: Household, person: Person, visits: Sequence[Visit]
) -> Iterator[Message]:
    """ADT^A31 of the hospitals that knew the resident, when they are told of a move."""
    if person.moved is None:
        return
    told: dict[str, Visit] = {}
    for visit in visits:
        if not setting.has_system(visit.institution):
            continue
        if setting.system(visit.institution).way == "hl7" and visit.start.date() < person.moved:
            told[visit.institution] = visit
    for number, visit in enumerate(told.values()):
        system = setting.system(visit.institution)
        at = datetime.combine(person.moved, _MOVING, LOCAL) + timedelta(days=3, minutes=7 * number)
        if person.death is not None and at.date() >= person.death:
            continue
        if at.date() >= setting.world.today:
            continue
        case = case_of(setting, system, household, person, visit, at)
        raw = joined(hl7_visits.told_of_a_move(case, at), system.charset)
        yield Message(system.id, "mllp", at, raw, "ADT^A31", person.key)


_MOVING: Final = datetime(2000, 1, 1, 10, 5).time()  # noqa: DTZ001 - a time of day
