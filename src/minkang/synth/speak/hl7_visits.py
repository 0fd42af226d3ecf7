"""Messages about visits: coming and going (ADT), and what was written in words (MDM)."""

from collections.abc import Sequence
from datetime import datetime

from minkang.synth.speak.hl7 import escape, moment, parts, segment
from minkang.synth.speak.hl7_case import Case, header, patient, visit_line


def adt(case: Case, trigger: str, at: datetime, *, closed: bool) -> list[str]:
    """ADT of one trigger: with complaint and diagnoses; `closed` gives the end and final ones."""
    visit = case.visit
    lines = [
        header(case, f"ADT^{trigger}", "ADT_A03" if trigger == "A03" else "ADT_A01", at),
        f"EVN|{trigger}|{moment(at)}",
        patient(case),
        visit_line(case, closed=closed),
    ]
    if complaint := visit.texts.get("complaint"):
        lines.append(f"PV2|||{parts('', complaint)}")
    when = moment(visit.end if closed and visit.end else visit.start)
    diagnoses = visit.diagnoses if closed or visit.kind == "I" else visit.diagnoses[:1]
    for number, one in enumerate(diagnoses, 1):
        system = "ICD-10" if one.system == "icd10" else "GB/T15657"
        role = "A" if not closed and visit.kind == "I" else "F" if closed and one.certain else "W"
        coded = parts(one.code, one.name, system) if one.code else ""
        lines.append(f"DG1|{number}||{coded}|{escape(one.name)}|{when}|{role}")
    if closed and visit.fees is not None:
        classes = "~".join(parts(name, _yuan(cents)) for name, cents in visit.fees.classes.items())
        lines.append(f"ZFY|{_yuan(visit.fees.total)}|{_yuan(visit.fees.insured)}|{classes}")
    return lines


def _yuan(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def told_of_a_move(case: Case, at: datetime) -> list[str]:
    """ADT^A31: the patient's address and telephone as they are now."""
    return [header(case, "ADT^A31", "ADT_A05", at), f"EVN|A31|{moment(at)}", patient(case)]


def note(
    case: Case, kind: tuple[str, str], number: str, text: Sequence[tuple[str, str]], at: datetime
) -> list[str]:
    """MDM^T02: a record in words, with a line for each of its parts (title, text)."""
    signed = parts(case.doctor_code, case.doctor)
    lines = [
        header(case, "MDM^T02", "MDM_T02", at),
        f"EVN|T02|{moment(at)}",
        patient(case),
        visit_line(case, closed=case.visit.end is not None),
        segment(
            "TXA",
            {
                1: "1",
                2: parts(*kind),
                3: "TX",
                4: moment(case.visit.start),
                6: moment(at),
                9: signed,
                12: number,
                16: kind[1],
                17: "AU",
                22: signed,
                25: kind[1],
            },
        ),
    ]
    for line, (title, words) in enumerate(text, 1):
        written = escape(f"{title}：{words}" if title else words)
        lines.append(f"OBX|{line}|TX|{parts('', title)}||{written}||||||F")
    return lines


def deceased(lines: list[str], died: datetime) -> list[str]:
    """The same message with the death of the patient in its PID (PID-29, PID-30)."""
    return [_with_death(line, died) if line.startswith("PID|") else line for line in lines]


def _with_death(line: str, died: datetime) -> str:
    fields = line.split("|")
    fields += [""] * (31 - len(fields))
    fields[29], fields[30] = moment(died), "Y"
    return "|".join(fields)
