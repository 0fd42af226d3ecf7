"""What the laboratory prints for a panel: the body's value, what is acute, noise, rounding, flag.

`measured` is the door. `acute` says how acute things are, each 0-1: infection (bacterial), virus,
heart (infarction), bleeding, dehydration, breathless, liver, pancreas, kidney, marrow
(chemotherapy), clot, allergy, pain, fever, failing (a failing heart), acid, ketones, shock.
What is found (as "influenza-a": 1.0, see `laboratory_texts`) turns the matching qualitative test
positive, and so does a course of the body (hepatitis B, tuberculosis).
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from random import Random
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.lives.analytes_ranges import (
    _range_in_band,
    _usual,
    band_of,
    decimals_of,
    laboratory_style,
)
from minkang.synth.lives.body_frame import LEVELS, Body
from minkang.synth.lives.laboratory_texts import text_of
from minkang.synth.lives.laboratory_values import derived, specials
from minkang.synth.record import Value

Acute = Mapping[str, float]

_Row = tuple[
    str,  # key
    bool,  # a number
    int,  # own level of the body
    float,  # middle of the healthy
    float,  # spread between the healthy
    float,  # noise of one measurement
    float,  # bias times unit factor of this laboratory
    str,  # how it is written
    float | None,  # low and high as printed
    float | None,
    float,  # below which the limit is reported; minus infinity for none
    str,  # the limit as text
]


def _middle(key: str, sex: str, band: int) -> tuple[float, float]:
    """Mean and spread of the healthy, from the standard's range."""
    low, high = _usual(key, sex, band)
    if low is not None and high is not None:
        if low > 0 and high / low > 6:
            return low + 0.3 * (high - low), (high - low) / 8
        return (low + high) / 2, (high - low) / 5.2
    if high is not None:
        return 0.42 * high, 0.12 * high
    if low is not None:
        return 1.4 * low, 0.15 * low
    return 0.0, 0.0


@lru_cache(maxsize=20_000)
def _rows(panel: str, sex: str, band: int, laboratory: str) -> tuple[_Row, ...]:
    """All that does not change between two reports of that panel at that laboratory."""
    style = laboratory_style(laboratory)
    rows: list[_Row] = []
    for key in PANELS[panel].analytes:
        analyte = ANALYTES[key]
        middle, spread = _middle(key, sex, band)
        low, high = _range_in_band(key, sex, band, laboratory)
        bias = 1.0
        if style.number and analyte.noise > 0.01:
            drawn = share(0, "laboratory-bias", laboratory, key)
            bias = 1 + (drawn - 0.5) * min(0.06, analyte.noise)
        factor = style.units[key][1] if key in style.units else 1.0
        rows.append(
            (
                key,
                analyte.kind == "NM",
                sum(key.encode()) % (LEVELS - 20) + 20,
                middle,
                spread,
                analyte.noise,
                bias * factor,
                f"%.{decimals_of(key, laboratory)}f",
                low,
                high,
                float("-inf") if analyte.floor is None else analyte.floor,
                "" if analyte.floor is None else f"{analyte.floor:g}",
            )
        )
    return tuple(rows)


def measured(
    body: Body,
    panel: str,
    day: date,
    random: Random,
    acute: Acute,
    *,
    laboratory: str = "",
) -> tuple[Value, ...]:
    """The results of a panel on a day as that laboratory (an institution's key) writes them.

    KeyError where no laboratory measures the panel.
    """
    age = body.age(day)
    known = specials(body, panel, day, acute, random)
    gauss, levels = random.gauss, body.levels
    values: list[Value] = []
    written: dict[str, float] = {"mcv": known["mcv"]} if "mcv" in known else {}
    for (
        key, number, level, middle, spread, noise, factor, form, low, high, floor, limit,
    ) in _rows(panel, body.sex, band_of(age), laboratory):  # fmt: skip
        if not number:
            values.append(Value(key, text_of(key, body, day, acute, known, random)))
            continue
        true = known.get(key)
        if true is None:
            true = derived(key, written, body, age) if noise == 0.0 else None
            if true is None:
                true = middle + spread * levels[level]
        if noise:
            true *= gauss(1.0, noise)
        if true < 0 and low is not None and low >= 0:
            true = 0.0
        if true < floor:
            written[key] = floor
            values.append(Value(key, limit, "N", True))
            continue
        written[key] = true
        text = form % (true * factor)
        shown = float(text)
        if shown == 0 and text[0] == "-":
            text = text[1:]
        flag = (
            "H"
            if high is not None and shown > high
            else "L"
            if low is not None and shown < low
            else "N"
        )
        values.append(Value(key, text, flag))
    return tuple(values)


_COMMENTS: Final = (
    "标本合格，结果已复核。",
    "轻度溶血，结果仅供参考。",
    "轻度脂血，可能影响结果，建议空腹复查。",
    "建议结合临床，必要时复查。",
    "危急值已电话通知临床。",
)


def comment(random: Random) -> Value:
    """The technician's remark under a report."""
    return Value("comment", random.choice(_COMMENTS[:4]))
