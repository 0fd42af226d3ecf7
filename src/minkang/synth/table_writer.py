"""Yunxi's front-end table: one row a visit, every column text, as small vendors build them."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from minkang.synth.hl7_writer import Registration
from minkang.synth.visits import LOCAL, Visit

VISIT_COLUMNS: Final = (
    "visit_no",
    "patient_no",
    "name",
    "id_number",
    "sex",
    "birth_date",
    "phone",
    "visit_time",
    "department",
    "doctor",
    "diagnosis_code",
    "diagnosis_name",
    "chief_complaint",
    "sbp",
    "dbp",
    "glucose",
    "updated_at",
)
"""The columns in the order of the source's CREATE TABLE; all are text there."""

Row = dict[str, str | None]


def visit_row(visit: Visit, patient: Registration, updated: datetime) -> Row:
    """A visit as its row; times are the region's clock, `2024-03-01 09:15:00`."""
    pressure = visit.pressure or (None, None)
    diagnosis = visit.diagnoses[0]
    return {
        "visit_no": visit.number,
        "patient_no": patient.number,
        "name": patient.surname + patient.given,
        "id_number": patient.id_number,
        "sex": "男" if patient.sex == "M" else "女",
        "birth_date": patient.birth_date.isoformat(),
        "phone": patient.phone,
        "visit_time": _clock(visit.start),
        "department": visit.department,
        "doctor": visit.doctor.name,
        "diagnosis_code": diagnosis.code,
        "diagnosis_name": diagnosis.name,
        "chief_complaint": visit.complaint,
        "sbp": None if pressure[0] is None else str(pressure[0]),
        "dbp": None if pressure[1] is None else str(pressure[1]),
        "glucose": visit.fingerstick,
        "updated_at": _clock(updated),
    }


def rows_as_csv(rows: Iterable[Row], *, mark: bool = True) -> bytes:
    """UTF-8 CSV with a header; `mark` puts the byte order mark first that Excel needs."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, VISIT_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")


def _clock(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
