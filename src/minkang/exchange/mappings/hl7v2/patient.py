"""PID as Patient (HL7 v2.5.1, 3.4.2)."""

from typing import Any

import msgspec

from minkang.exchange.hl7v2 import Message, Segment
from minkang.exchange.mappings.context import Context
from minkang.exchange.mappings.hl7v2.draft import Draft
from minkang.exchange.mappings.hl7v2.fields import Reader
from minkang.exchange.mappings.hl7v2.people import addresses, names, own_number, telecoms
from minkang.exchange.merge import Order
from minkang.fhir import Problem, Refused

_GENDERS = {
    "M": "male",
    "F": "female",
    "O": "other",
    "A": "other",
    "N": "other",
    "U": "unknown",
    "0": "unknown",
    "1": "male",
    "2": "female",
    "9": "unknown",
    "男": "male",
    "女": "female",
}
_OF_ITSELF = ("resourceType", "id")
_BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"


def map_patient(context: Context, reader: Reader, message: Message, order: Order) -> Draft:
    """The Patient that a message is about.

    Raises:
        Refused: there is no PID, or it has no patient number: nothing else can be kept.
    """
    pid = message.first("PID")
    if pid is None:
        raise Refused([Problem("map", "PID", "required", "缺少 PID 段")])
    said = _said(context, pid)
    patient = Draft(context, "Patient", said.number, order)
    patient.resource |= msgspec.msgpack.decode(said.elements)
    for element in said.erased:
        patient.erase(element)
    reader.problems += said.problems
    return patient


class _Said(msgspec.Struct, frozen=True):
    """What a PID says.

    Attributes:
        number: of the patient in the source.
        elements: of the Patient, packed: what is remembered must not change with what becomes of
            one of them.
        erased: elements that are empty.
        problems: what is wrong with it.
    """

    number: str
    elements: bytes
    erased: frozenset[str]
    problems: tuple[Problem, ...]


_MOST = 4_096
_LONGEST = 2_000
_known: dict[tuple[Segment, str, str, str], _Said] = {}


def _said(context: Context, pid: Segment) -> _Said:
    """What a PID says. A patient's messages come together and hold the same PID: what was read of
    it is remembered. It follows from the segment and from who the source is.
    """
    source = context.source
    key = (pid, source.id, source.organisation, source.name)
    said = _known.get(key)
    if said is None:
        said = _read(context, pid)
        if sum(map(len, pid.fields)) <= _LONGEST:
            if len(_known) >= _MOST:
                _known.clear()
            _known[key] = said
    return said


def _read(context: Context, pid: Segment) -> _Said:
    number, identifiers = own_number(context, pid)
    if not number:
        raise Refused([Problem("map", pid.place(3), "required", "缺少患者编号（PI）")])
    reader = Reader(context)
    # Which message says it, and when, makes no difference to what it says.
    patient = Draft(context, "Patient", "", Order(0, b""))
    patient.resource["identifier"] = identifiers
    patient.resource["managingOrganization"] = context.institution()
    patient.put_or_erase("name", names(pid, 5), pid, 5)
    _birth(reader, patient, pid)
    if gender := pid.value(8):
        if gender.upper() in _GENDERS:
            patient.put("gender", _GENDERS[gender.upper()])
        else:
            reader.problem(pid, 8, "code", f"性别 {gender[:20]!r} 不在代码表 0001 中")
    elif pid.is_null(8):
        patient.erase("gender")
    patient.put_or_erase("address", addresses(pid, 11), pid, 11)
    telecom = [*telecoms(pid, 13), *telecoms(pid, 14, "work")]
    if telecom or pid.is_null(13):
        patient.put_or_erase("telecom", telecom, pid, 13)
    patient.put_or_erase("maritalStatus", _coded(reader, pid, 16, "0002"), pid, 16)
    if pid.raw(15) and (language := reader.field_concept(pid, 15)):
        patient.put("communication", [{"language": language}])
    _death(reader, patient, pid)
    (said,) = patient.contributions()
    elements = {key: said.resource[key] for key in said.resource if key not in _OF_ITSELF}
    packed = msgspec.msgpack.encode(elements)
    return _Said(number, packed, said.erased, tuple(reader.problems))


def _birth(reader: Reader, patient: Draft, pid: Segment) -> None:
    birth = reader.time(pid, 7)
    patient.put_or_erase("birthDate", birth[:10] if birth else None, pid, 7)
    if birth is None:
        return
    # Midnight is what systems write that keep a day as a moment.
    if birth[10:19] not in ("", "T00:00:00"):
        patient.put("_birthDate", {"extension": [{"url": _BIRTH_TIME, "valueDateTime": birth}]})
    else:
        patient.erase("_birthDate")


def _death(reader: Reader, patient: Draft, pid: Segment) -> None:
    """PID-29 and PID-30: one element, a date or a yes or no, replaced as a whole."""
    died, said = reader.time(pid, 29), pid.value(30).upper()
    if died:
        patient.put("deceasedDateTime", died)
        patient.erase("deceasedBoolean")
    elif said in ("Y", "N"):
        patient.resource["deceasedBoolean"] = said == "Y"
        patient.erase("deceasedDateTime")
    elif pid.is_null(29):
        patient.erase("deceasedDateTime")
        patient.erase("deceasedBoolean")


def _coded(reader: Reader, segment: Segment, field: int, table: str) -> dict[str, Any] | None:
    """A coded field; a bare code is of the HL7 table if it is a letter."""
    concept = reader.field_concept(segment, field)
    if concept is None or segment.value(field, 3):
        return concept
    code = segment.value(field)
    if len(code) == 1 and code.isalpha() and code.isascii():
        coding = reader.table(table, code.upper())
        if text := segment.value(field, 2):
            coding["display"] = text
        return {**concept, "coding": [coding]}
    return concept
