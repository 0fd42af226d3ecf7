"""PID as Patient (HL7 v2.5.1, 3.4.2)."""

from typing import Any

from minkang.exchange.hl7v2 import Message
from minkang.exchange.mappings.context import ID_CARD_SYSTEM, Context
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.merge import Contribution, Order
from minkang.fhir import Problem, Refused

_ID_CARD_TYPES = frozenset({"NI", "NNCHN", "SFZ", "ID"})
_OWN_TYPES = frozenset({"", "PI", "MR", "PT"})
_GENDERS = {"M": "male", "F": "female", "O": "other", "U": "unknown", "1": "male", "2": "female"}
_EMPTY = '""'


def map_patient(context: Context, reader: Reader, message: Message, order: Order) -> Contribution:
    """The Patient that a message is about.

    Raises:
        Refused: there is no PID, or it has no patient number: nothing else can be kept.
    """
    pid = message.first("PID")
    if pid is None:
        raise Refused([Problem("map", "PID", "required", "缺少 PID 段")])
    number, identifiers = "", []
    for repetition in pid.repetitions(3):
        value, kind = repetition[0].strip(), (repetition[4] if len(repetition) > 4 else "").upper()
        if not value or value == _EMPTY:
            continue
        if kind in _ID_CARD_TYPES:
            identifiers.append({"system": ID_CARD_SYSTEM, "value": value.upper()})
        elif kind in _OWN_TYPES and not number:
            number = value
            identifiers.insert(0, {"system": context.number_system("patient"), "value": value})
    if not number:
        raise Refused([Problem("map", pid.place(3), "required", "缺少患者编号（PI）")])
    patient = context.start("Patient", context.id("Patient", number))
    patient["identifier"] = identifiers
    patient["managingOrganization"] = context.institution()
    erased = {
        element
        for field, element in ((5, "name"), (7, "birthDate"), (8, "gender"), (11, "address"))
        if pid.raw(field) == _EMPTY
    }
    if name := "".join(pid.components(5)[:2]).strip() if pid.raw(5) != _EMPTY else "":
        patient["name"] = [{"use": "official", "text": name}]
    if birth := reader.time(pid, 7):
        patient["birthDate"] = birth[:10]
    if (gender := pid.value(8)) and gender != _EMPTY:
        if gender.upper() in _GENDERS:
            patient["gender"] = _GENDERS[gender.upper()]
        else:
            reader.problem(pid, 8, "code", f"性别 {gender[:20]!r} 不在代码表 0001 中")
    if (address := " ".join(filter(None, pid.components(11)))) and address != _EMPTY:
        patient["address"] = [{"use": "home", "text": address}]
    telecom: list[dict[str, Any]] = [
        {"system": "phone", "value": repetition[0].strip()}
        for repetition in pid.repetitions(13)
        if repetition[0].strip() not in ("", _EMPTY)
    ]
    if telecom:
        patient["telecom"] = telecom
    elif pid.raw(13) == _EMPTY:
        erased.add("telecom")
    return Contribution(patient, order, frozenset(erased))
