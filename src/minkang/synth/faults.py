"""What real vendors get wrong: messages and rows that must end in quarantine, and why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

import msgspec

from minkang.synth.analytes import ANALYTES
from minkang.synth.hl7_writer import adt, oru
from minkang.synth.institutions import INSTITUTIONS, Institution
from minkang.synth.residents import Resident
from minkang.synth.stream import Event, registration, results_of
from minkang.synth.table_writer import Row, visit_row
from minkang.synth.visits import Visit

IMPOSSIBLE_DATE: Final = "impossible-date"  # 20240230
NOT_A_NUMBER: Final = "not-a-number"  # OBX-2 says NM, OBX-5 is words
NO_PATIENT_NUMBER: Final = "no-patient-number"  # PID-3 is empty
UNKNOWN_EVENT: Final = "unknown-event"  # ADT, and no event
BROKEN_ROW: Final = "broken-row"  # sbp is 'abc'

# (rule, source, ADT or ORU or row), in turn
_KINDS: Final = (
    (IMPOSSIBLE_DATE, "haibin", "ADT"),
    (NOT_A_NUMBER, "gangcheng", "ORU"),
    (NO_PATIENT_NUMBER, "gangcheng", "ADT"),
    (UNKNOWN_EVENT, "haibin", "ADT"),
    (BROKEN_ROW, "yunxi", "row"),
    (IMPOSSIBLE_DATE, "gangcheng", "ORU"),
    (NOT_A_NUMBER, "haibin", "ORU"),
    (BROKEN_ROW, "yunxi", "row"),
)


class Faulty(msgspec.Struct, frozen=True):
    """One thing that must be refused: `key` is its control id or visit number."""

    source: str
    at: datetime
    key: str
    expected: str
    person: str


def spoil(raw: bytes, charset: str, segment: str, number: int, text: str) -> bytes:
    """The message with one field of every such segment replaced, as is, without escaping."""
    lines = raw.decode(charset).split("\r")
    for place, line in enumerate(lines):
        fields = line.split("|")
        if fields[0] == segment:
            fields[number - (1 if segment == "MSH" else 0)] = text
            lines[place] = "|".join(fields)
    return "\r".join(lines).encode(charset)


def _spoil_number(raw: bytes, charset: str) -> bytes:
    lines = raw.decode(charset).split("\r")
    for place, line in enumerate(lines):
        fields = line.split("|")
        if fields[0] == "OBX" and fields[2] == "NM":
            fields[5] = "标本溶血请重抽"
            lines[place] = "|".join(fields)
            break
    return "\r".join(lines).encode(charset)


def faults(
    visits: Sequence[Visit],
    residents: Mapping[str, Resident],
    seed: int,
    midnight: datetime,
) -> tuple[list[Event], list[tuple[Row, Faulty]]]:
    """One fault for every 25 residents, five at least: messages as events, rows with their note.

    Each is an additional visit of a real resident, so that its loss changes nothing else. A kind
    is left out where no visit suits it (very small regions).
    """
    random = Random(f"{seed}/faults")
    suited = {
        ("haibin", "ADT"): [v for v in visits if v.source == "haibin" and v.kind == "O"],
        ("haibin", "ORU"): [v for v in visits if v.source == "haibin" and _measured(v)],
        ("gangcheng", "ADT"): [v for v in visits if v.source == "gangcheng" and v.kind == "O"],
        ("gangcheng", "ORU"): [v for v in visits if v.source == "gangcheng" and _measured(v)],
        ("yunxi", "row"): [v for v in visits if v.source == "yunxi"],
    }
    events: list[Event] = []
    rows: list[tuple[Row, Faulty]] = []
    for place in range(max(5, len(residents) // 25)):
        rule, source, kind = _KINDS[place % len(_KINDS)]
        if not suited[source, kind]:
            continue
        base = random.choice(suited[source, kind])
        visit = msgspec.structs.replace(base, number=f"{base.number}X{place}")
        at = (base.end or base.start) + timedelta(hours=3, minutes=random.randrange(60))
        resident = residents[visit.person]
        if kind == "row":
            patient = registration(resident, source, visit.patient_number, at, midnight)
            row = visit_row(visit, patient, at) | {"sbp": "abc"}
            rows.append((row, Faulty(source, at, visit.number, rule, visit.person)))
        else:
            write = _faulty_writer(rule, kind, resident, visit, at, midnight)
            events.append(Event(at, source, visit.person, write, rule))
    return events, rows


def _measured(visit: Visit) -> bool:
    return visit.kind == "O" and any(
        ANALYTES[value.analyte].kind == "NM" and not value.below
        for report in visit.reports[:1]
        for value in report.values
    )


def _faulty_writer(
    rule: str, kind: str, resident: Resident, visit: Visit, at: datetime, midnight: datetime
) -> Callable[[str], bytes]:
    place = INSTITUTIONS[visit.source]
    patient = registration(resident, visit.source, visit.patient_number, at, midnight)
    if kind == "ADT":
        good = partial(adt, place, "A04", patient, visit, at, closed=True)
    else:
        good = partial(oru, place, patient, visit, results_of(visit)[:1], at)
    return partial(_spoiled, good, rule, kind, place)


def _spoiled(
    good: Callable[[str], bytes], rule: str, kind: str, place: Institution, control_id: str
) -> bytes:
    raw, charset = good(control_id), place.charset
    match rule:
        case "impossible-date" if kind == "ADT":
            return spoil(raw, charset, "PV1", 44, "20240230091500+0800")
        case "impossible-date":
            return spoil(raw, charset, "OBR", 7, "20240230091500+0800")
        case "not-a-number":
            return _spoil_number(raw, charset)
        case "no-patient-number":
            return spoil(raw, charset, "PID", 3, "")
        case _:
            return spoil(raw, charset, "MSH", 9, "ADT")
