"""How far an eye sees: short sight begins at some age of childhood and grows until sixteen.

Shares of the short-sighted by age come to 14 % at six, 36 % of primary, 71 % of junior and 80 % of
senior pupils (national survey of 2020, health commission); girls and towns somewhat earlier.
"""

from bisect import bisect_left
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.record import Person

_AGES: Final = (5.0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20)
_SHARES: Final = (0.07, 0.13, 0.19, 0.27, 0.35, 0.44, 0.53, 0.61, 0.68, 0.73, 0.77, 0.8, 0.815,
                  0.825, 0.835)  # fmt: skip
# Decimal acuity without glasses by dioptres of short sight, in steps of a half.
_ACUITY: Final = (1.0, 0.8, 0.6, 0.4, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.1, 0.08, 0.06)


class Eyes(msgspec.Struct, frozen=True, gc=False):
    """Of one person: age of onset (99 where never), dioptres a year, difference of right to left.

    `weak` is the best acuity that an eye reaches with glasses or before short sight.
    """

    onset: float
    yearly: float
    right: float
    weak: float


class Sight(msgspec.Struct, frozen=True, gc=False):
    """Decimal acuity without glasses, and dioptres (negative is short-sighted), left and right."""

    left: float
    right: float
    left_dioptres: float
    right_dioptres: float

    @property
    def short(self) -> bool:
        """Short sight: half a dioptre and more with an acuity below 1.0 (WS/T 663-2020)."""
        return min(self.left_dioptres, self.right_dioptres) <= -0.5 and (
            self.left < 1.0 or self.right < 1.0
        )


@lru_cache(maxsize=64)
def eyes_of(seed: int, person: Person) -> Eyes:
    """The eyes of that person."""
    random = stream(seed, "eyes", person.key)
    drawn = random.random() * (0.94 if person.sex == "F" else 1.06)
    if drawn < _SHARES[0]:
        onset = 3.6 + 1.4 * drawn / _SHARES[0]
    elif drawn > _SHARES[-1]:
        onset = 99.0
    else:
        at = bisect_left(_SHARES, drawn)
        share = (drawn - _SHARES[at - 1]) / (_SHARES[at] - _SHARES[at - 1])
        onset = _AGES[at - 1] + share * (_AGES[at] - _AGES[at - 1])
    yearly = max(0.2, random.gauss(0.62, 0.2))
    return Eyes(onset, yearly, random.gauss(0, 0.3), 0.6 if random.random() < 0.015 else 1.0)


def sight(seed: int, person: Person, day: date) -> Sight:
    """What the chart shows on that day; children below six do not yet reach 1.0."""
    eyes, age = eyes_of(seed, person), person.age(day)
    years = min(age, 16.5) - eyes.onset
    near = -0.5 - eyes.yearly * years if years >= 0 else 0.25
    left, right = near, near + (eyes.right if near < 0 else 0.0)
    left, right = round(left * 4) / 4, round(right * 4) / 4
    best = min(eyes.weak, 0.6 if age < 4.5 else 0.8 if age < 5.7 else 1.0)
    return Sight(_acuity(left, best), _acuity(right, best), left, right)


def _acuity(dioptres: float, best: float) -> float:
    if dioptres > -0.25:
        return best
    return min(best, _ACUITY[min(12, int(-dioptres * 2 + 0.01))])
