"""Rows of a table through their mapping, in one process, without a database."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from bench.measure import Place, Result, result
from minkang.exchange import Source
from minkang.exchange.mappings import Context
from minkang.exchange.mappings.tables import encode_row, map_row

_COUNT = 10_000
_ROUNDS = 3
_PATIENTS = 2_000


def _rows() -> list[bytes]:
    """Visits as front-end tables bring them: every visit another, patients that come again."""
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    made = []
    for number in range(_COUNT):
        at = (start + timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M:%S")
        row = {
            "visit_no": f"V{number:08}",
            "patient_no": f"P{number % _PATIENTS:06}",
            "name": "单雄信",
            "id_number": f"37109819600101{number % _PATIENTS:04}",
            "sex": "男" if number % 2 else "女",
            "birth_date": f"19{number % 90 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
            "phone": "13800000002",
            "visit_time": at,
            "department": "全科",
            "doctor": "李村医",
            "diagnosis_code": "I10.x00",
            "diagnosis_name": "原发性高血压",
            "chief_complaint": "头晕三天",
            "sbp": str(100 + number % 80),
            "dbp": str(60 + number % 40),
            "glucose": f"{4 + number % 60 / 10:.2f}",
            "updated_at": at,
        }
        made.append(encode_row(row))
    return made


def _rate(count: int, run: Callable[[], None]) -> float:
    """Things a second of processor time: the median of some rounds."""
    rates = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        run()
        rates.append(count / (time.process_time() - begun))
    return sorted(rates)[len(rates) // 2]


async def table_map(_: Place) -> Result:
    """Rows a second of one core, five resources each, from raw message to contributions.

    Reference: the same rows decoded and encoded as JSON by msgspec, once.
    """
    source = Source(
        id="bench",
        name="卫生室",
        organisation="BENCH",
        channels=("table",),
        table_mapping="clinic_visits",
    )
    context = Context(source, b"k" * 32, datetime(2026, 6, 1, tzinfo=UTC), b"h" * 32)
    raws = _rows()
    decoder = msgspec.json.Decoder(dict[str, str | None])
    encoder = msgspec.json.Encoder()

    def ours() -> None:
        for raw in raws:
            map_row(context, raw)

    def bare() -> None:
        for raw in raws:
            encoder.encode(decoder.decode(raw))

    ours()
    reference = _rate(_COUNT, bare)
    return result("table_map", _rate(_COUNT, ours), "rows/s", reference, 0.08)
