"""Red cells, white cells and platelets, and the iron behind them.

Children's set points follow the middle of WS/T 779-2021; adults' the middle of WS/T 405-2012.
"""

from datetime import date
from typing import Final

from minkang.synth.lives.body_frame import (
    PLATELETS,
    RED,
    VOLUME,
    WHITE,
    Body,
    days_treated,
    months_pregnant,
    toward,
)
from minkang.synth.lives.body_kidney import filtration
from minkang.synth.lives.body_tumour import burden

_CANCERS: Final = ("stomach-cancer", "colorectal-cancer", "lung-cancer", "liver-cancer")
_LYMPHOCYTES: Final = ((0.5, 62.0), (1.0, 58.0), (2.0, 54.0), (4.0, 46.0), (6.0, 42.0), (9.0, 38.0))


def haemoglobin(body: Body, day: date) -> float:
    """g/L without acute bleeding."""
    age, man = body.age(day), body.sex == "M"
    own = body.levels[RED]
    if age < 14:
        red = _childs(age) + 6.5 * own
    elif man:
        red = 154 - 0.28 * max(0.0, age - 50) + 7.5 * own - 6 * max(0.0, 16 - age)
    else:
        red = 134 - 0.10 * max(0.0, age - 60) + 7 * own
    anaemia = body.there("anaemia", day)
    if anaemia is not None:
        low = (104 if man else 103) - 30 * anaemia.severity
        red = toward(low, red - 5, days_treated(anaemia, day), 40)
    rate = filtration(body, day) if "kidney" in body.conditions else 90.0
    if rate < 45:
        red -= (45 - rate) * 1.05
        if "erythropoietin" in body.drugs("kidney", day) or "roxadustat" in body.drugs(
            "kidney", day
        ):
            red = max(red, 98 + 5 * own)
    for key in _CANCERS:
        if (cancer := body.there(key, day)) is not None:
            red -= 30 * burden(cancer, day)
    if body.there("cirrhosis", day) is not None:
        red -= 14
    months = months_pregnant(body, day)
    if months:
        red -= 17 * min(1.0, months / 7)
    return max(45.0, red)


def _childs(age: float) -> float:
    if age < 0.16:
        return 175 - 320 * age
    if age < 0.6:
        return 122.0
    return min(140.0, 120 + 1.6 * age)


def cell_volume(body: Body, day: date) -> float:
    """MCV in fL: iron deficiency makes small cells."""
    age = body.age(day)
    volume = 90 + 2.6 * body.levels[VOLUME]
    if age < 12:
        volume = 79 + 0.75 * age + 2.2 * body.levels[VOLUME] + (20 if age < 0.1 else 0)
    anaemia = body.there("anaemia", day)
    if anaemia is not None:
        volume = toward(77 - 8 * anaemia.severity, volume - 1, days_treated(anaemia, day), 75)
    return volume


def ferritin(body: Body, day: date) -> float:
    """ug/L."""
    man, age = body.sex == "M", body.age(day)
    own = body.levels[RED]
    level = 165 + 45 * own if man else (48 + 14 * own if age < 50 else 105 + 28 * own)
    if age < 14:
        level = 42 + 9 * own
    anaemia = body.there("anaemia", day)
    if anaemia is not None:
        level = 4.5 + 5 * (1 - anaemia.severity) + min(50.0, 0.3 * days_treated(anaemia, day))
    return max(3.0, level - 4 * months_pregnant(body, day))


def white_cells(body: Body, day: date) -> tuple[float, float, float]:
    """White cells (10^9/L), per cent neutrophils and per cent lymphocytes in health."""
    age = body.age(day)
    white, lymph = 6.1 + 1.05 * body.levels[WHITE], 33 + 4.5 * body.levels[VOLUME]
    if age < 10:
        white = 9.6 - 0.3 * min(9.0, age) + 1.2 * body.levels[WHITE]
        lymph = next((share for below, share in _LYMPHOCYTES if age < below), 36.0)
        lymph += 4 * body.levels[VOLUME]
    if body.habits.smokes(age):
        white += 0.9
    months = months_pregnant(body, day)
    if months:
        white += 0.35 * months
        lymph -= 1.4 * months
    if body.there("cirrhosis", day) is not None:
        white *= 0.72
    lymph = min(78.0, max(12.0, lymph))
    return max(2.6, white), 100 - lymph - 8.4, lymph


def platelets(body: Body, day: date) -> float:
    """10^9/L in health and long illness."""
    age = body.age(day)
    count = 232 + 38 * body.levels[PLATELETS] - 0.5 * max(0.0, age - 50)
    if age < 12:
        count += 85 - 5 * age
    if body.there("anaemia", day) is not None:
        count += 40
    cirrhosis = body.there("cirrhosis", day)
    if cirrhosis is not None:
        count = min(count, 118 - 55 * cirrhosis.severity)
    if months_pregnant(body, day) > 6:
        count -= 22
    return max(25.0, count)
