"""What people come to the doctor for, how often: the ailments of the long tail by age and sex.

An ailment's `rate` is first visits for it per 1,000 person-years where its age shape is 1; the
shapes and rates give the mix within an age. How many visits there are at all is calibrated to
`VISITS`, which follows the yearbook (China Health Statistics Yearbook 2023, 2-1: 6.0 visits a
person and year, of which chronic care, mothers' and children's care and vaccination are planned
elsewhere) and the shape by age of the two-week visit rate (National Health Services Survey 2018,
table 4-1-1: highest under five, lowest from 15 to 24, rising to the old).
"""

from functools import cache
from itertools import accumulate
from typing import Final

import msgspec

from minkang.synth.lives.frequencies_orders import (
    Images,
    Medicines,
    Tests,
    images,
    medicines,
    tests,
)
from minkang.synth.record import Diagnosis, Sex

BANDS: Final = (1, 3, 7, 15, 30, 45, 60, 75)
"""Age at which a band ends; the ninth band is open."""

VISITS: Final[dict[Sex, tuple[float, ...]]] = {
    "M": (6.6, 6.8, 5.6, 2.9, 1.35, 1.6, 2.5, 3.5, 4.0),
    "F": (6.4, 6.6, 5.5, 2.9, 2.0, 2.7, 3.3, 4.0, 4.1),
}
"""Visits a person and year for the long tail, by band."""

# fmt: off
AGES: Final[dict[str, tuple[float, ...]]] = {
    #            <1    1-2   3-6   7-14  15-29 30-44 45-59 60-74 75+
    "all":      (1.0,  1.0,  1.0,  1.0,  1.0,  1.0,  1.0,  1.0,  1.0),
    "newborn":  (1.0,  0.0,  0.0,  0.0,  0.0,  0.0,  0.0,  0.0,  0.0),
    "infant":   (1.0,  0.35, 0.05, 0.0,  0.0,  0.0,  0.0,  0.0,  0.0),
    "toddler":  (0.7,  1.0,  0.5,  0.05, 0.0,  0.0,  0.0,  0.0,  0.0),
    "child":    (0.7,  1.0,  1.0,  0.45, 0.0,  0.0,  0.0,  0.0,  0.0),
    "pupil":    (0.0,  0.1,  1.0,  1.0,  0.0,  0.0,  0.0,  0.0,  0.0),
    "school":   (0.0,  0.0,  0.4,  1.0,  0.5,  0.05, 0.0,  0.0,  0.0),
    "youth":    (0.0,  0.0,  0.0,  0.3,  1.0,  0.6,  0.2,  0.08, 0.03),
    "adult":    (0.0,  0.0,  0.0,  0.0,  0.8,  1.0,  1.1,  1.1,  0.9),
    "grown":    (0.0,  0.0,  0.1,  0.4,  0.8,  1.0,  1.1,  1.0,  0.7),
    "working":  (0.0,  0.0,  0.0,  0.0,  0.7,  1.0,  1.1,  0.5,  0.15),
    "middle":   (0.0,  0.0,  0.0,  0.0,  0.2,  0.6,  1.0,  1.0,  0.7),
    "old":      (0.0,  0.0,  0.0,  0.0,  0.02, 0.12, 0.45, 1.0,  1.2),
    "ancient":  (0.0,  0.0,  0.0,  0.0,  0.0,  0.01, 0.08, 0.5,  1.6),
    "fertile":  (0.0,  0.0,  0.0,  0.02, 0.8,  1.0,  0.4,  0.0,  0.0),
    "menopause":(0.0,  0.0,  0.0,  0.0,  0.0,  0.15, 1.0,  0.15, 0.0),
}
# fmt: on

_FLAT: Final = (1.0,) * 12
SEASONS: Final[dict[str, tuple[float, ...]]] = {
    "": _FLAT,
    "winter": (1.7, 1.3, 1.1, 0.9, 0.75, 0.6, 0.55, 0.55, 0.75, 0.95, 1.25, 1.6),
    "spring": (0.7, 0.8, 1.3, 1.7, 1.6, 1.1, 0.8, 0.8, 1.0, 0.9, 0.7, 0.6),
    "summer": (0.4, 0.4, 0.6, 0.8, 1.2, 1.7, 2.0, 1.9, 1.3, 0.8, 0.5, 0.4),
    "pollen": (0.5, 0.5, 0.9, 1.4, 1.2, 0.8, 0.8, 1.7, 1.9, 1.1, 0.7, 0.5),
    "holidays": (1.3, 1.3, 0.7, 0.7, 0.7, 0.8, 2.0, 2.0, 0.7, 0.7, 0.6, 0.5),
    "cold": (1.6, 1.3, 1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.8, 1.0, 1.2, 1.5),
}
"""How the months share the year (January first); only the proportions count."""


class Ailment(msgspec.Struct, frozen=True, gc=False):
    """One common reason to see a doctor, and what usual practice does about it.

    `care` names a profile of `minor_care.CARES`; `days` bounds how long it has lasted; `again` is
    the expected number of further visits and the days between; `admit` the chance of an admission
    (full at 75, less in the young) and its nights; `chinese` a disease of `chinese_patterns`;
    `recurs` the chance that a later ailment of the same person is this one again.
    """

    key: str
    diagnosis: Diagnosis
    rate: float
    ages: str
    women: float  # women's rate as a multiple of men's
    season: str
    specialty: str
    care: str
    symptoms: tuple[str, ...]
    days: tuple[int, int]
    tests: Tests
    images: Images
    medicines: Medicines
    again: tuple[float, int]
    admit: tuple[float, int]
    acute: dict[str, float]
    chinese: str
    recurs: float


def ailment(
    key: str,
    code: str,
    name: str,
    rate: float,
    ages: str,
    specialty: str,
    care: str,
    symptoms: str,
    *,
    women: float = 1.0,
    season: str = "",
    days: tuple[int, int] = (1, 7),
    order: str = "",
    image: str = "",
    drugs: str = "",
    again: tuple[float, int] = (0.15, 7),
    admit: tuple[float, int] = (0.0, 0),
    acute: dict[str, float] | None = None,
    chinese: str = "",
    recurs: float = 0.0,
) -> Ailment:
    """One row of the tables: its texts are read by `frequencies_orders`."""
    return Ailment(
        key, Diagnosis(code, name), rate, ages, women, season, specialty, care,
        tuple(symptoms.split()), days, tests(order), images(image), medicines(drugs), again, admit,
        acute or {}, chinese, recurs,
    )  # fmt: skip


class Mix(msgspec.Struct, frozen=True):
    """What one sex has at one age: first visits a year, and the ailments to choose from."""

    rate: float
    ailments: tuple[Ailment, ...]
    cumulative: tuple[float, ...]


def band(age: float) -> int:
    """The number of the age band, 0-8."""
    for number, end in enumerate(BANDS):
        if age < end:
            return number
    return len(BANDS)


def weight(ailment: Ailment, sex: Sex, number: int) -> float:
    """First visits per 1,000 person-years in that band, before calibration.

    `women` of 0 is an ailment of men alone; above 50 one of women alone.
    """
    rate = ailment.rate * AGES[ailment.ages][number]
    if ailment.women > 50:
        return rate * 2 if sex == "F" else 0.0
    women = 2 * ailment.women / (1 + ailment.women)
    return rate * (women if sex == "F" else 2 - women)


def mix(ailments: tuple[Ailment, ...], sex: Sex, number: int) -> Mix:
    """The calibrated mix of one band: first visits times (1 + further ones) give `VISITS`."""
    weights = [weight(ailment, sex, number) for ailment in ailments]
    chosen = [(a, w) for a, w in zip(ailments, weights, strict=True) if w > 0]
    visits = sum(w * (1 + a.again[0]) for a, w in chosen)
    total = sum(w for _, w in chosen)
    return Mix(
        VISITS[sex][number] * total / visits,
        tuple(a for a, _ in chosen),
        tuple(accumulate(w for _, w in chosen)),
    )


@cache
def months(season: str) -> tuple[float, ...]:
    """The cumulative shares of the months, for `random.choices`."""
    return tuple(accumulate(SEASONS[season]))
