r"""HL7 v2 as the two hospitals' systems write it: ADT and ORU, each in its own dialect.

haibin speaks 2.4 throughout, in UTF-8, the whole name in the family component. gangcheng's
hospital system speaks 2.3.1 and its laboratory 2.5, in GB 18030, names split, tests under local
codes with LOINC beside some. Segments end with \r; there is no MLLP frame here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Final

import msgspec

from minkang.synth.analytes import ANALYTES, LOCAL_ONLY, PANELS, Analyte, Value, range_text
from minkang.synth.institutions import Institution
from minkang.synth.visits import LOCAL, Report, Visit

_ESCAPES: Final = str.maketrans(
    {
        "\\": "\\E\\",
        "|": "\\F\\",
        "^": "\\S\\",
        "~": "\\R\\",
        "&": "\\T\\",
        "\r": "\\X0D\\",
        "\n": "\\X0A\\",
    }
)


_OFFSET: Final = "+0800"  # the region's clock has known no summer time since 1991


class Registration(msgspec.Struct, frozen=True):
    """A patient as a hospital's register has them at that moment."""

    number: str
    surname: str
    given: str
    sex: str
    birth_date: date
    id_number: str | None
    phone: str
    address: str


class Result(msgspec.Struct, frozen=True):
    """A report to be sent with the laboratory's own numbers."""

    placer: str
    filler: str
    report: Report


_SPECIAL: Final = frozenset("\\|^~&\r\n")


def escape(text: str) -> str:
    r"""Delimiters and line ends as HL7 2.4 2.10 writes them: `|` becomes \F\, `\` becomes \E\."""
    return text if _SPECIAL.isdisjoint(text) else text.translate(_ESCAPES)


def timestamp(moment: datetime) -> str:
    """HL7 TS of the region's clock with its offset: 20240301091500+0800."""
    m = moment if moment.tzinfo is LOCAL else moment.astimezone(LOCAL)
    return f"{m.year:04d}{m.month:02d}{m.day:02d}{m.hour:02d}{m.minute:02d}{m.second:02d}{_OFFSET}"


def adt(
    place: Institution,
    trigger: str,
    patient: Registration,
    visit: Visit,
    at: datetime,
    control_id: str,
    *,
    closed: bool,
) -> bytes:
    """ADT of one trigger (A01, A04, A08). `closed` gives final diagnoses and the end."""
    structured = place.source == "haibin"
    kind = f"ADT^{trigger}^ADT_A01" if structured else f"ADT^{trigger}"
    version = "2.4" if structured else "2.3.1"
    lines = [
        _msh(place, kind, version, at, control_id),
        _segment("EVN", {1: trigger, 2: timestamp(at)}),
        _pid(place.source, patient),
        _pv1(place, visit, closed=closed),
    ]
    if structured and visit.complaint:
        lines.append(_segment("PV2", {3: _parts("", visit.complaint)}))
    role = "F" if closed else "A" if visit.kind == "I" else "W"
    when = visit.end if closed and visit.end else visit.start
    for number, diagnosis in enumerate(visit.diagnoses, 1):
        coded = _parts(diagnosis.code, diagnosis.name, "ICD-10")
        fields = {1: str(number), 3: coded, 4: escape(diagnosis.name), 5: timestamp(when), 6: role}
        lines.append(_segment("DG1", fields))
    return _message(place, lines)


def oru(
    place: Institution,
    patient: Registration,
    visit: Visit,
    results: Sequence[Result],
    at: datetime,
    control_id: str,
    *,
    corrected: bool = False,
) -> bytes:
    """ORU^R01 with one OBR group for each result; `corrected` sends them with status C."""
    version = "2.4" if place.source == "haibin" else "2.5"
    lines = [
        _msh(place, "ORU^R01^ORU_R01", version, at, control_id),
        _pid(place.source, patient),
        _pv1(place, visit, closed=False),
    ]
    status = "C" if corrected else "F"
    for number, result in enumerate(results, 1):
        report = result.report
        panel, observed = PANELS[report.panel], timestamp(report.observed)
        fields = {
            1: str(number),
            2: result.placer,
            3: result.filler,
            4: _parts(panel.code, panel.name, "L"),
            7: observed,
            16: _parts(visit.doctor.code, visit.doctor.name),
            22: timestamp(at if corrected else report.reported),
            24: panel.section,
            25: status,
        }
        lines.append(_segment("OBR", fields))
        for place_in_panel, value in enumerate(report.values, 1):
            lines.append(_obx(place, patient.sex, place_in_panel, value, status, observed))
    return _message(place, lines)


def _message(place: Institution, lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r" for line in lines).encode(place.charset)


def _segment(name: str, fields: Mapping[int, str]) -> str:
    """Fields by their number; what lies between is empty."""
    line = [""] * (max(fields) + 1)
    line[0] = name
    for number, text in fields.items():
        line[number] = text
    return "|".join(line)


@lru_cache(maxsize=8192)
def _parts(*components: str) -> str:
    return "^".join([escape(component) for component in components]).rstrip("^")


def _msh(place: Institution, kind: str, version: str, at: datetime, control_id: str) -> str:
    charset = "UNICODE UTF-8" if place.source == "haibin" else "GB 18030-2000"
    head = (
        f"MSH|^~\\&|{place.source}|{place.code}|MINKANG|REGION|{timestamp(at)}||{kind}"
        f"|{control_id}|P|{version}"
    )
    return f"{head}||||||{charset}"


@lru_cache(maxsize=1024)
def _pid(source: str, patient: Registration) -> str:
    numbers = []
    if patient.number:
        numbers.append(_parts(patient.number, "", "", source, "PI"))
    if patient.id_number:
        numbers.append(_parts(patient.id_number, "", "", "", "NNCHN"))
    if source == "haibin":
        name = _parts(patient.surname + patient.given)
        address = _parts(patient.address, "", "海滨市", "山东省", "", "CHN")
        phone = _parts(patient.phone, "PRN", "CP")
    else:
        name = _parts(patient.surname, patient.given)
        address = _parts(f"山东省海滨市{patient.address}")
        phone = _parts(patient.phone)
    fields = {
        1: "1",
        3: "~".join(numbers),
        5: name,
        7: f"{patient.birth_date:%Y%m%d}",
        8: patient.sex,
        11: address,
        13: phone,
    }
    return _segment("PID", fields)


def _pv1(place: Institution, visit: Visit, *, closed: bool) -> str:
    bed = ("病区", f"{1 + int(visit.number[-2:]) % 48:02d}") if visit.kind == "I" else ("", "")
    fields = {
        1: "1",
        2: visit.kind,
        3: _parts(visit.department, *bed, place.source),
        7: _parts(visit.doctor.code, visit.doctor.name),
        19: visit.number,
        44: timestamp(visit.start),
    }
    if closed and visit.end is not None:
        fields[45] = timestamp(visit.end)
    return _segment("PV1", fields)


@cache
def _code(source: str, analyte: Analyte) -> str:
    loinc = (analyte.loinc, analyte.name, "LN") if analyte.loinc else ()
    if source == "haibin":
        return _parts(*(loinc or (analyte.local, analyte.name, "L")))
    also = () if analyte.key in LOCAL_ONLY else loinc
    return _parts(analyte.local, analyte.name, "L", *also)


def _obx(
    place: Institution, sex: str, number: int, value: Value, status: str, observed: str
) -> str:
    analyte = ANALYTES[value.analyte]
    kind, written = analyte.kind, escape(value.text)
    if value.below:
        kind, written = "SN", _parts("<", value.text)
    fields = {
        1: str(number),
        2: kind,
        3: _code(place.source, analyte),
        5: written,
        6: escape(analyte.unit),
        7: escape(range_text(analyte, sex)),
        8: value.flag,
        11: status,
        14: observed,
    }
    return _segment("OBX", fields)
