"""Results (ORU^R01): laboratory, imaging, vital signs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from minkang.synth.record import Report, Study, Vitals
from minkang.synth.speak import catalogue
from minkang.synth.speak.hl7 import escape, moment, parts, segment
from minkang.synth.speak.hl7_case import Case, header, patient, visit_line
from minkang.synth.speak.hl7_orders import placer


def laboratory(case: Case, reports: Sequence[Report], at: datetime) -> list[str]:
    """ORU^R01 with an OBR for each panel and an OBX for each result."""
    lines = _result_head(case, at)
    sex, born, habit = case.registered.sex, case.registered.birth, case.system.codes
    for number, report in enumerate(reports, 1):
        taken = moment(report.taken)
        panel = catalogue.panel(report.panel)
        lines.append(
            segment(
                "OBR",
                {
                    1: str(number),
                    2: placer(case, report.number),
                    3: case.own(report.number),
                    4: parts(panel.code, panel.name, "L"),
                    7: taken,
                    16: parts(case.doctor_code, case.doctor),
                    22: moment(report.reported),
                    24: "LAB",
                    25: "F",
                },
            )
        )
        group = catalogue.age_group((report.taken.date() - born).days)
        tail = f"|||F|||{taken}"
        for at_line, value in enumerate(report.values, 1):
            kind, coded, printed = catalogue.hl7_item(
                habit, value.analyte, case.institution, sex, group
            )
            text = escape(value.text)
            if value.below:
                kind, text = "SN", f"<^{text}"
            lines.append(f"OBX|{at_line}|{kind}|{coded}||{text}|{printed}|{value.flag}{tail}")
    return lines


def study(case: Case, one: Study, at: datetime, doctor: str) -> list[str]:
    """ORU^R01 of an imaging study, ECG or endoscopy: what was seen, and what it means."""
    lines = _result_head(case, at)
    kind = catalogue.study(one.study)
    taken = moment(one.taken)
    lines.append(
        segment(
            "OBR",
            {
                1: "1",
                2: placer(case, one.number),
                3: case.own(one.number),
                4: parts(kind.code, kind.name, "L"),
                7: taken,
                16: parts(case.doctor_code, case.doctor),
                22: moment(one.reported),
                24: kind.section,
                25: "F",
                32: parts(one.doctor, doctor),
            },
        )
    )
    for number, (code, name, text) in enumerate(
        (("59776-5", "检查所见", one.findings), ("19005-8", "检查结论", one.impression)), 1
    ):
        written = "~".join(escape(line) for line in text.split("\n"))
        lines.append(f"OBX|{number}|TX|{parts(code, name, 'LN')}||{written}||||||F|||{taken}")
    return lines


_VITALS: Final = (
    ("systolic", "8480-6", "收缩压", "mm[Hg]"),
    ("diastolic", "8462-4", "舒张压", "mm[Hg]"),
    ("pulse", "8867-4", "脉率", "/min"),
    ("breaths", "9279-1", "呼吸", "/min"),
    ("celsius", "8310-5", "体温", "Cel"),
    ("saturation", "59408-5", "血氧饱和度", "%"),
    ("height", "8302-2", "身高", "cm"),
    ("weight", "29463-7", "体重", "kg"),
    ("glucose", "14770-2", "指尖空腹血糖", "mmol/L"),
)


def measured(vitals: Vitals) -> list[tuple[str, str, str, str]]:
    """What the nurse measured: LOINC, name, number as text, unit (UCUM)."""
    return [
        (code, name, str(value), unit)
        for field, code, name, unit in _VITALS
        if (value := getattr(vitals, field)) is not None
    ]


def vital_signs(case: Case, at: datetime) -> list[str]:
    """ORU^R01 of the nurse's station; nothing measured gives no message."""
    found = measured(case.visit.vitals)
    if not found:
        return []
    lines = _result_head(case, at)
    taken = moment(at)
    number = f"VS{case.number}"
    lines.append(
        segment(
            "OBR",
            {
                1: "1",
                3: number,
                4: parts("VS", "生命体征", "L"),
                7: taken,
                22: taken,
                24: "NRS",
                25: "F",
            },
        )
    )
    lines += [
        f"OBX|{line}|NM|{parts(code, name, 'LN')}||{text}|{unit}|||||F|||{taken}"
        for line, (code, name, text, unit) in enumerate(found, 1)
    ]
    return lines


def _result_head(case: Case, at: datetime) -> list[str]:
    return [header(case, "ORU^R01", "ORU_R01", at), patient(case), visit_line(case, closed=False)]
