"""Height and weight at every age: the child's own growth, the adult's cohort and habits.

Adults of Shandong: men born about 1990 are 174 cm in the mean, women 162 cm; those born in 1940
six centimetres less, and the old lose a little more (nutrition and chronic disease report 2020).
"""

from datetime import date
from typing import Final

from minkang.synth.lives.body_frame import HEIGHT, Body, months_pregnant
from minkang.synth.lives.body_tumour import burden
from minkang.synth.lives.growth import index_at, length_at

_GROWN: Final = 18.0
_EATEN: Final = ("lung-cancer", "stomach-cancer", "oesophagus-cancer", "pancreas-cancer",
                 "liver-cancer", "tuberculosis", "hiv")  # fmt: skip


def height_weight(body: Body, day: date) -> tuple[float, float]:
    """Height in cm (lying down before two years) and weight in kg on that day."""
    age = body.age(day)
    if body.frame is not None and age < _GROWN:
        days = max(0, day.toordinal() - body.born)
        tall = length_at(body.frame, days)
        return tall, index_at(body.frame, days) * (tall / 100) ** 2
    tall = _grown_height(body, day.year, age)
    index = _index(body, day, age)
    return tall, index * (tall / 100) ** 2


def _grown_height(body: Body, year: int, age: float) -> float:
    if body.frame is not None:
        return length_at(body.frame, 6575)
    man, cohort = body.sex == "M", min(50.0, max(0.0, (year - age) - 1940))
    tall = (167.6 if man else 156.4) + 0.125 * cohort + (6.0 if man else 5.5) * body.levels[HEIGHT]
    return tall - 0.09 * max(0.0, age - 55)


def _index(body: Body, day: date, age: float) -> float:
    index = body.habits.bmi
    if age < 32:
        index = min(index, index - 0.17 * (32 - age) + 0.3)
    elif age > 68:
        index -= 0.07 * (age - 68)
    if body.frame is not None and age < 25:
        share = (age - _GROWN) / 7
        index = share * index + (1 - share) * index_at(body.frame, 6575)
    months = months_pregnant(body, day)
    if months:
        index += 0.5 * max(0.0, months - 2.5)
    for key in _EATEN:
        ill = body.there(key, day)
        if ill is not None:
            index -= 4.5 * burden(ill, day)
    sugar = body.there("diabetes", day)
    if sugar is not None and sugar.found is not None and day < sugar.found:
        index -= 0.6 * sugar.severity
    return max(14.5, index)
