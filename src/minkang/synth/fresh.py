"""One fresh laboratory message, for the demo's button and for trying a channel."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.analytes import ANALYTES, Value, flag, written
from minkang.synth.hl7_writer import Result, oru
from minkang.synth.institutions import INSTITUTIONS
from minkang.synth.laboratory import comment, measured
from minkang.synth.physiology import body_of
from minkang.synth.residents import Resident
from minkang.synth.stream import registration
from minkang.synth.visits import LOCAL, Report, Visit, own_doctor

FRESH_ANALYTES: Final = ("glucose", "hba1c", "creatinine", "egfr", "comment")
"""What the message holds, and what `values` may override."""


def new_lab_message(
    source: str,
    resident: Resident,
    at: datetime,
    control_id: str,
    values: Mapping[str, str] | None = None,
) -> bytes:
    """An ORU^R01 with glucose, HbA1c, creatinine, eGFR and a remark, sent at `at`.

    The numbers are plausible for this resident and differ with the control id; `values` maps an
    analyte key of FRESH_ANALYTES to the text to send instead (the flag follows a number; the
    comment may be any text). Children get no eGFR. Bytes are in the source's character set,
    segments end with a carriage return, without MLLP frame.

    Raises:
        ValueError: `source` is not a hospital, the resident has no number there, `at` is naive,
            a key is unknown, or a number is none.
    """
    place = INSTITUTIONS.get(source)
    numbers = resident.numbers.get(source, ())
    if place is None or source == "yunxi":
        raise ValueError(f"source {source!r} sends no laboratory messages")
    if not numbers:
        raise ValueError(f"resident {resident.key} is not registered at {source}")
    if at.tzinfo is None:
        raise ValueError("the moment of sending needs a time zone")
    given = dict(values or {})
    if unknown := set(given) - set(FRESH_ANALYTES):
        raise ValueError(f"no such result in this message: {', '.join(sorted(unknown))}")
    random = Random(f"{resident.seed}/fresh/{control_id}")
    body, day = body_of(resident), at.astimezone(LOCAL).date()
    sugar = measured(body, "glucose", day, random)
    kidney = measured(body, "renal", day, random)
    found = {value.analyte: value for value in (*sugar, *kidney)}
    found["comment"] = comment(random)
    for key, text in given.items():
        found[key] = _overridden(key, text, resident.sex)
    observed = at - timedelta(minutes=random.randint(40, 90))
    reports = tuple(
        Report(panel, observed, at, tuple(found[key] for key in keys if key in found))
        for panel, keys in (("glucose", ("glucose", "hba1c")), ("renal", FRESH_ANALYTES[2:]))
    )
    department = place.departments["endocrine"]
    visit = Visit(
        person=resident.key,
        source=source,
        kind="O",
        department=department,
        doctor=own_doctor(resident, source, department),
        start=observed - timedelta(minutes=20),
        end=None,
        diagnoses=(),
        complaint="",
        number=f"N{control_id}",
        patient_number=numbers[-1],
    )
    midnight = datetime.combine(day, time(), LOCAL)
    patient = registration(resident, source, numbers[-1], at, midnight)
    results = [
        Result(f"P{control_id}-{number}", f"L{control_id}-{number}", report)
        for number, report in enumerate(reports, 1)
    ]
    return oru(place, patient, visit, results, at, control_id)


def _overridden(key: str, text: str, sex: str) -> Value:
    analyte = ANALYTES[key]
    if analyte.kind != "NM":
        return Value(key, text)
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number for {key}") from None
    return msgspec.structs.replace(
        written(key, number, sex), text=text, flag=flag(analyte, number, sex)
    )
