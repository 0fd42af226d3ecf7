"""Orders: tests, studies, operations, medicines, and what the pharmacy handed out."""

from collections.abc import Sequence
from datetime import datetime

from minkang.synth.record import Line, Prescription, Report, Study
from minkang.synth.speak import catalogue
from minkang.synth.speak.hl7 import escape, moment, parts, segment
from minkang.synth.speak.hl7_case import Case, header, patient, visit_line
from minkang.synth.speak.systems import System


def tests_ordered(
    case: Case, ordered: Sequence[Report | Study], doctor: str, at: datetime
) -> list[str]:
    """ORM^O01 (OML^O21 from 2.5 on) with an ORC and OBR for each panel or study."""
    kind = ("OML^O21", "OML_O21") if case.system.version >= "2.5" else ("ORM^O01", "ORM_O01")
    lines = [header(case, *kind, at), patient(case), visit_line(case, closed=False)]
    who = parts(case.doctor_code, doctor)
    for number, one in enumerate(ordered, 1):
        coded = _coded(one)
        lines.append(f"ORC|NW|{placer(case, one.number)}|||||||{moment(at)}|||{who}")
        lines.append(f"OBR|{number}|{placer(case, one.number)}||{coded}||||||||||||{who}")
    return lines


def _coded(one: Report | Study) -> str:
    """What is ordered, under the institution's own code."""
    kind = catalogue.panel(one.panel) if isinstance(one, Report) else catalogue.study(one.study)
    return parts(kind.code, kind.name, "L")


def operations_ordered(case: Case, at: datetime) -> list[str]:
    """OMG^O19 (ORM^O01 before 2.4) with what the operating theatre is to do."""
    new = case.system.version >= "2.4"
    lines = [
        header(case, *(("OMG^O19", "OMG_O19") if new else ("ORM^O01", "ORM_O01")), at),
        patient(case),
        visit_line(case, closed=False),
    ]
    for number, done in enumerate(case.visit.operations, 1):
        what = parts(done.operation.code, done.operation.name, "ICD-9-CM-3")
        order = f"{case.number}-OP{number}"
        wanted = moment(done.begin)
        who = parts(case.doctor_code, case.doctor)
        lines.append(f"ORC|NW|{order}|||||||{moment(at)}|||{who}")
        lines.append(f"OBR|{number}|{order}||{what}||{wanted}||||||||||{who}")
        if done.operation.anaesthesia:
            lines.append(f"NTE|1||{escape('麻醉方式：' + done.operation.anaesthesia)}")
    return lines


def placer(case: Case, report: str) -> str:
    """The orderer's number of a report's order."""
    return f"A{case.own(report)}"


def medicines(case: Case, prescription: Prescription, doctor: str, at: datetime) -> list[str]:
    """RDE^O11 (RDE^O01 before 2.5): an ORC and RXE for each line; ORC-4 is the prescription."""
    kind = "RDE^O11" if case.system.version >= "2.5" else "RDE^O01"
    lines = [
        header(case, kind, "RDE_O11", at),
        patient(case),
        visit_line(case, closed=False),
    ]
    who = parts(prescription.doctor, doctor)
    when = moment(prescription.at)
    for number, line in enumerate(prescription.lines, 1):
        order = f"{case.own(prescription.number)}-{number}"
        lines.append(f"ORC|NW|{order}||{case.own(prescription.number)}|||||{when}|||{who}")
        lines += _given(case.system, line)
    if prescription.herbs:
        order = f"{case.own(prescription.number)}-1"
        lines.append(f"ORC|NW|{order}||{case.own(prescription.number)}|||||{when}|||{who}")
        lines.append(_herbs(prescription))
    return lines


def _given(system: System, line: Line) -> list[str]:
    drug = catalogue.drug(line.drug)
    often = catalogue.frequency(line.frequency)
    coded = parts(drug.code, drug.name, "L")
    dose, unit = catalogue.amount(line.dose)
    count, of = catalogue.amount(line.quantity)
    usage = f"{line.dose} {often} {line.route}，共{line.days}天"
    if system.version >= "2.5":
        return [
            f"TQ1|1||{parts(often)}|||{parts(str(line.days), 'd')}",
            segment(
                "RXE",
                {2: coded, 3: dose, 5: parts(unit), 7: parts("", usage), 10: count, 11: parts(of)},
            ),
            f"RXR|{parts(line.route)}",
        ]
    timing = parts("", often, f"D{line.days}")
    return [
        segment(
            "RXE",
            {
                1: timing,
                2: coded,
                3: dose,
                5: parts(unit),
                7: parts("", usage),
                10: count,
                11: parts(of),
            },
        ),
        f"RXR|{parts(line.route)}",
    ]


def _herbs(prescription: Prescription) -> str:
    formula = "、".join(f"{herb.name}{herb.grams}g" for herb in prescription.herbs)
    return segment(
        "RXE",
        {
            2: parts("", f"中药饮片：{formula}"),
            7: parts("", prescription.usage),
            10: str(prescription.doses),
            11: parts("剂"),
        },
    )


def dispensed(case: Case, prescription: Prescription, at: datetime) -> list[str]:
    """RDS^O13 (RDS^O01 before 2.5): what the pharmacy handed out."""
    kind = "RDS^O13" if case.system.version >= "2.5" else "RDS^O01"
    lines = [header(case, kind, "RDS_O13", at), patient(case), visit_line(case, closed=False)]
    when = moment(at)
    for number, line in enumerate(prescription.lines, 1):
        drug = catalogue.drug(line.drug)
        count, of = catalogue.amount(line.quantity)
        order = f"{case.own(prescription.number)}-{number}"
        lines.append(f"ORC|RE|{order}||{case.own(prescription.number)}|CM")
        coded = parts(drug.code, drug.name, "L")
        # RXE says again what was ordered: the receiver may not have seen the order.
        lines.append(segment("RXE", {2: coded, 10: count, 11: parts(of)}))
        lines.append(
            f"RXD|{number}|{coded}|{when}|{count}|{parts(of)}||{case.own(prescription.number)}"
        )
    return lines
