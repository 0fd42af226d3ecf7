"""Shared documents (WS/T 500-2016) as contributions: pure functions, one file a family.

Every kind gives its DocumentReference, patient, visit, people and diagnoses; the kinds in `WHOLE`
give all that they say. Use `map_cda`; `note_on` says of the other kinds that their body has no
mapping yet.
"""

from collections.abc import Callable
from typing import Final

from minkang.exchange.cda import kind_name, kind_of, label_of, read_document
from minkang.exchange.mappings.cda.admission import map_admission
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.composition import map_composition
from minkang.exchange.mappings.cda.consultation import map_consultation
from minkang.exchange.mappings.cda.delivery import map_delivery
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.document import map_document
from minkang.exchange.mappings.cda.facts import map_age
from minkang.exchange.mappings.cda.fields import Reader, attribute_of, text_of
from minkang.exchange.mappings.cda.identifiers import (
    EXAMINATION_REPORT,
    LABORATORY_REPORT,
    PRESCRIPTION,
    is_number,
    numbers,
)
from minkang.exchange.mappings.cda.inpatient import (
    map_death,
    map_discharge,
    map_discharge_record,
    map_front_page,
)
from minkang.exchange.mappings.cda.outpatient import map_outpatient
from minkang.exchange.mappings.cda.patient import map_patient
from minkang.exchange.mappings.cda.prescriptions import map_prescription
from minkang.exchange.mappings.cda.reports import map_examination, map_laboratory
from minkang.exchange.mappings.cda.sensitivity import seal
from minkang.exchange.mappings.cda.surgery import map_surgery
from minkang.exchange.mappings.cda.visit import map_visit
from minkang.exchange.mappings.cda.vital_signs import map_measurements
from minkang.exchange.mappings.context import Context
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem, Refused

WHOLE: Final[dict[str, Callable[[Case], None]]] = {
    "C0002": map_outpatient,
    "C0004": map_prescription,
    "C0005": map_prescription,
    "C0006": map_examination,
    "C0007": map_laboratory,
    "C0009": map_surgery,
    "C0015": map_delivery,
    "C0016": map_delivery,
    "C0020": map_measurements,
    "C0032": map_front_page,
    "C0034": map_admission,
    "C0045": map_consultation,
    "C0049": map_discharge_record,
    "C0050": map_death,
    "C0053": map_discharge,
}
"""Kinds whose whole content becomes resources."""

_NUMBERED: Final = {
    "C0004": PRESCRIPTION,
    "C0005": PRESCRIPTION,
    "C0006": EXAMINATION_REPORT,
    "C0007": LABORATORY_REPORT,
}
"""Kinds that have a number of their own beside the document's."""


def map_cda(context: Context, raw: bytes) -> list[Contribution]:
    """What a shared document contributes.

    Raises:
        Refused: not readable, of no known kind, empty, or wrong in content; every problem with
            XPath, line and rule.
    """
    root = read_document(raw, context.source.charset)
    reader = Reader(context)
    case = Case(context, reader, root, kind_of(root))
    _number(case)
    if case.body.is_empty():
        body = root.first("component", "structuredBody") or root
        text = "文档没有任何内容：所有章节都是空的"
        raise Refused([Problem("map", body.place(), "empty-document", text)])
    map_patient(case)
    map_visit(case)
    map_document(case, raw)
    map_age(case)
    mapping = WHOLE.get(case.kind)
    if mapping is not None:
        mapping(case)
        map_composition(case)
    else:
        map_diagnoses(case)
    reader.check()
    found = case.contributions()
    seal(found)
    return found


def note_on(raw: bytes, charset: str) -> Problem | None:
    """What the message log says of a document that was taken in: rule `no-mapping`, or nothing.

    Of a kind that is not whole the header and the diagnoses alone become facts.

    Raises:
        Refused: as `map_cda` does of a document that can't be read.
    """
    if label_of(raw)[0].removeprefix("document:") in WHOLE:
        return None
    root = read_document(raw, charset)
    kind = kind_of(root)
    if kind in WHOLE:
        return None
    at = root.first("code") or root
    text = f"还没有{kind_name(kind)}（{kind}）正文的映射：原文已保存，只有文档头和诊断成为数据"
    return Problem("map", at.place("code"), "no-mapping", text)


def _number(case: Case) -> None:
    """The document's number, and what its facts are numbered under.

    Raises:
        Refused: it has no number.
    """
    root = case.root
    node = root.first("id")
    number = attribute_of(node, "extension")
    if not is_number(number):
        text = "缺少文档流水号"
        raise Refused([Problem("map", (node or root).place("extension"), "required", text)])
    case.key_of_document = number
    role = root.first("recordTarget", "patientRole")
    found = numbers(role.all("id") if role is not None else [])
    own = found.get(_NUMBERED.get(case.kind, ""))
    series = text_of(root.first("setId"))
    if own:
        case.key = f"{case.kind}/{own}"
    elif is_number(series):
        case.key = f"{case.kind}/set/{series}"
    else:
        case.key = f"{case.kind}/document/{number}"
