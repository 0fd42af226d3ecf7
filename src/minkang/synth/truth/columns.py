"""The tables of the truth and their columns: names and types, in order.

Days are dates, moments are timestamps in Asia/Shanghai, money is in cents (分). Empty text says
that there is none. `facts` and `values` are JSON objects.
"""

from typing import Final

import pyarrow as pa

_TEXT: Final = pa.string()
_DAY: Final = pa.date32()
_TIME: Final = pa.timestamp("us", tz="Asia/Shanghai")
_INT: Final = pa.int32()
_REAL: Final = pa.float64()
_YES: Final = pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


# fmt: off
TABLES: Final = {
    "people": _schema(
        person=_TEXT, household=_TEXT, village=_TEXT, surname=_TEXT, given=_TEXT, sex=_TEXT,
        birth=_DAY, id_number=_TEXT, phone=_TEXT, address=_TEXT, nation=_TEXT, education=_TEXT,
        occupation=_TEXT, marital=_TEXT, insurance=_TEXT, relation=_TEXT, mother=_TEXT,
        father=_TEXT, spouse=_TEXT, site=_TEXT, death=_DAY, arrived=_DAY, left=_DAY, married=_DAY,
        moved=_DAY, former_address=_TEXT, former_phone=_TEXT,
    ),
    "pregnancies": _schema(
        person=_TEXT, last_period=_DAY, ended=_DAY, outcome=_TEXT, children=_TEXT, parity=_INT,
    ),
    "infections": _schema(
        person=_TEXT, disease=_TEXT, onset=_DAY, origin=_TEXT, infector=_TEXT, severity=_REAL,
    ),
    "conditions": _schema(
        person=_TEXT, key=_TEXT, code=_TEXT, name=_TEXT, since=_DAY, found=_DAY, treated=_DAY,
        over=_DAY, severity=_REAL, cause=_TEXT, facts=_TEXT,
    ),
    "visits": _schema(
        visit=_TEXT, person=_TEXT, patient=_TEXT, institution=_TEXT, source=_TEXT,
        department=_TEXT, doctor=_TEXT, kind=_TEXT, start=_TIME, end=_TIME, outcome=_TEXT,
        because=_TEXT, referred_from=_TEXT, refer=_TEXT, reports=_INT, studies=_INT,
        prescriptions=_INT, operations=_INT, total_cents=pa.int64(), insured_cents=pa.int64(),
    ),
    "diagnoses": _schema(
        visit=_TEXT, person=_TEXT, institution=_TEXT, rank=_INT, code=_TEXT, name=_TEXT,
        system=_TEXT, certain=_YES,
    ),
    "forms": _schema(
        person=_TEXT, kind=_TEXT, at=_TIME, institution=_TEXT, doctor=_TEXT, because=_TEXT,
        values=_TEXT,
    ),
    "registrations": _schema(
        person=_TEXT, institution=_TEXT, source=_TEXT, patient=_TEXT, first=_DAY, last=_DAY,
        visits=_INT, name=_TEXT, sex=_TEXT, birth=_DAY, id_number=_TEXT, phone=_TEXT,
        address=_TEXT, true_name=_TEXT, true_id_number=_TEXT,
    ),
    "messages": _schema(
        source=_TEXT, channel=_TEXT, name=_TEXT, number=_TEXT, at=_TIME, person=_TEXT,
        visit=_TEXT, expected=_TEXT,
    ),
    "dirt": _schema(
        kind=_TEXT, source=_TEXT, institution=_TEXT, person=_TEXT, message=_TEXT, at=_TIME,
        before=_TEXT, after=_TEXT, expected=_TEXT,
    ),
    "lost": _schema(
        source=_TEXT, message=_TEXT, visit=_TEXT, person=_TEXT, at=_TIME, kind=_TEXT,
    ),
    "outbreaks": _schema(
        outbreak=_TEXT, kind=_TEXT, name=_TEXT, disease=_TEXT, place=_TEXT, person=_TEXT,
        infected=_TIME, onset=_TIME, infector=_TEXT, setting=_TEXT, generation=_INT,
        severity=_REAL,
    ),
    "indicators": _schema(
        indicator=_TEXT, year=_INT, month=_INT, part=_TEXT, value=_REAL, numerator=_REAL,
        denominator=_REAL, unit=_TEXT,
    ),
}
# fmt: on
