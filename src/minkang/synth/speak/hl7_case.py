"""What every message about a visit has: MSH, PID and PV1, and what they are written from.

What vendors do differently is read from `System`. `CONTROL` stands where the control id will be.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from minkang.synth.record import Visit
from minkang.synth.speak.hl7 import moment, parts
from minkang.synth.speak.registration import Registered
from minkang.synth.speak.sent import CONTROL
from minkang.synth.speak.systems import System

_CONTROL: Final = CONTROL.decode()
_CHARSETS: Final = {"utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}
_CLASSES: Final = {"O": "O", "E": "E", "I": "I", "H": "O", "P": "O"}
_CITY: Final = "威海市"
_STATE: Final = "山东省"


class Case(msgspec.Struct, frozen=True, eq=False):
    """What all messages about a visit share; equal only to itself.

    Attributes:
        system: who speaks.
        facility: code of the institution (MSH-4), empty for systems of many.
        patient: number of the patient there.
        number: of the visit.
        mark: what a system of several institutions puts before each number of this one.
        registered: as the desk knows the patient.
        visit: the visit.
        department, doctor: names; `bed` of an admission as ward, room and bed.
        doctor_code: of who attends.
    """

    system: System
    facility: str
    patient: str
    number: str
    mark: str
    registered: Registered
    visit: Visit
    department: str
    doctor: str
    doctor_code: str
    bed: tuple[str, str, str] = ("", "", "")
    institution: str = ""

    def own(self, number: str) -> str:
        """A number of the institution as its system writes it."""
        return f"{self.mark}{number}"


def header(case: Case, kind: str, structure: str, at: datetime) -> str:
    """MSH; the structure is named from 2.3.1 on, the character set from 2.3 on."""
    system = case.system
    named = f"{kind}^{structure}" if structure and system.version > "2.3" else kind
    return (
        f"MSH|^~\\&|{system.id}|{case.facility}|MINKANG|REGION|{moment(at)}||{named}|{_CONTROL}"
        f"|P|{system.version}||||||{_CHARSETS[system.charset]}"
    )


@lru_cache(maxsize=2)
def patient(case: Case) -> str:
    """PID: the system's own number, the identity card, name, birth, sex, address, telephone."""
    who, system = case.registered, case.system
    numbers = parts(case.patient, "", "", system.id, "PI")
    if who.id_number:
        numbers += f"~{parts(who.id_number, '', '', '', 'NNCHN')}"
    name = parts(who.surname, who.given) if system.split else parts(who.name)
    if system.split:
        address, phone = parts(f"{_STATE}{who.address}"), parts(who.phone)
    else:
        address = parts(who.address.removeprefix(_CITY), "", _CITY, _STATE, "", "CHN")
        phone = parts(who.phone, "PRN", "CP") if who.phone else ""
    if not who.address:
        address = ""
    b = who.birth
    born = f"{b.year:04d}{b.month:02d}{b.day:02d}"
    return f"PID|1||{numbers}||{name}||{born}|{who.sex}|||{address}||{phone}"


@lru_cache(maxsize=4)
def visit_line(case: Case, *, closed: bool) -> str:
    """PV1: class, place, doctor, visit number, begin; the end where it is known and told."""
    visit = case.visit
    ward, _, bed = case.bed
    # A ward stands before the department it belongs to, a clinic has its name alone.
    where = parts(ward, case.department, bed) if ward else parts(case.department)
    who = parts(case.doctor_code, case.doctor)
    begin = moment(visit.start)
    end = f"|{moment(visit.end)}" if closed and visit.end is not None else ""
    leaving = ""
    if closed and visit.kind == "I":
        leaving = parts(_DISPOSITIONS.get(visit.outcome, "01"), visit.outcome or "好转", "L")
    return (
        f"PV1|1|{_CLASSES[visit.kind]}|{where}||||{who}||||||||||||{case.number}"
        f"{'|' * 17}{leaving}{'|' * 8}{begin}{end}"
    )


_DISPOSITIONS: Final = {"治愈": "01", "好转": "01", "未愈": "02", "转诊": "03", "死亡": "05"}
