"""How common each disease is, by age and sex, and from that the age at which it begins.

A table gives the share that has (had) the disease by an age; between its knots the cumulative
hazard -ln(1 - share) is linear. Drawing one number per disease and inverting the hazard gives the
surveys' prevalence at every age at once. Sources: chronic disease and risk factor surveillance
2018 (hypertension 27.5 % of 18 and over, diabetes 11.9 %), China Pulmonary Health study (COPD
13.7 % of 40 and over), stroke screening 2020 (2.6 % of 40 and over), osteoporosis survey 2018
(women of 65 and over 51.6 %), COAST dementia study (6 % of 60 and over), China Mental Health
Survey (depression 6.8 % ever; the register of severe disorders 4-5 per 1,000), hepatitis B
sero-survey 2014 with the vaccine's years. HIV is set somewhat above Shandong's so that a small
region has a case.
"""

from bisect import bisect_left
from math import log
from typing import Final

_Knots = tuple[tuple[float, float, float], ...]  # age, per cent of men, of women

# fmt: off
_SHARES: Final[dict[str, _Knots]] = {
    "hypertension": ((15, 0.5, 0.2), (21, 4.5, 1.8), (30, 12.5, 4.5), (40, 22, 11.5), (50, 36, 29),
                     (60, 49, 49), (70, 60, 63), (80, 64, 69), (90, 67, 72)),
    "diabetes": ((15, 0.1, 0.1), (24, 2.2, 1.3), (35, 7.0, 3.7), (45, 13, 9), (55, 19.8, 16.8),
                 (65, 24.6, 24.6), (75, 27, 28.5), (90, 28, 30)),
    "diabetes-type-1": ((1, 0, 0), (12, 0.025, 0.03), (30, 0.05, 0.05), (50, 0.06, 0.06)),
    "dyslipidaemia": ((15, 4, 3), (25, 16, 8), (35, 29, 13), (45, 34, 20), (55, 36, 36),
                      (65, 37, 42), (80, 38, 44)),
    "coronary": ((35, 0.2, 0.05), (45, 1.6, 0.8), (55, 5, 3.4), (65, 10.5, 9), (75, 17, 16.5),
                 (85, 22, 22), (95, 25, 25)),
    "stroke-ischaemic": ((35, 0.1, 0.05), (45, 0.55, 0.3), (55, 1.7, 1.0), (65, 3.6, 2.5),
                         (75, 6.2, 4.8), (85, 8, 7)),
    "stroke-haemorrhagic": ((35, 0.04, 0.02), (45, 0.15, 0.08), (55, 0.35, 0.2), (65, 0.6, 0.4),
                            (75, 0.9, 0.6), (85, 1.0, 0.8)),
    "kidney": ((25, 0.2, 0.2), (35, 0.7, 0.6), (45, 1.4, 1.2), (55, 2.8, 2.6), (65, 6, 6),
               (75, 10.5, 11), (85, 15, 17)),
    "atrial-fibrillation": ((40, 0.2, 0.1), (50, 0.6, 0.3), (60, 1.5, 1.1), (70, 3.4, 2.8),
                            (80, 6.5, 5.5), (90, 9, 8)),
    "heart-failure": ((40, 0.2, 0.1), (50, 0.5, 0.4), (60, 1.1, 1.0), (70, 2.4, 2.2),
                      (80, 4.6, 4.6), (90, 7, 7)),
    "copd": ((30, 0.4, 0.2), (40, 3.0, 1.6), (50, 9, 4.2), (60, 18.5, 8), (70, 29, 13),
             (80, 37, 17), (90, 40, 19)),
    "schizophrenia": ((12, 0, 0), (18, 0.08, 0.05), (25, 0.24, 0.18), (35, 0.36, 0.32),
                      (50, 0.42, 0.42)),
    "bipolar": ((13, 0, 0), (20, 0.06, 0.05), (30, 0.16, 0.15), (50, 0.24, 0.24)),
    "depression": ((12, 0.2, 0.3), (18, 1.1, 1.6), (30, 2.4, 3.8), (45, 3.8, 6.2), (60, 5.2, 8.4),
                   (75, 6.8, 10.2), (90, 8, 11.5)),
    "dementia": ((58, 0.1, 0.1), (65, 1.4, 1.7), (70, 3.2, 4), (75, 6, 8), (80, 11, 14.5),
                 (85, 18, 24), (95, 32, 40)),
    "parkinson": ((50, 0.05, 0.04), (60, 0.5, 0.35), (70, 1.5, 1.1), (80, 2.8, 2.1),
                  (90, 3.4, 2.6)),
    "hypothyroidism": ((15, 0.1, 0.3), (30, 0.3, 1.5), (45, 0.7, 3.4), (60, 1.3, 5.4), (80, 2, 7)),
    "gout": ((20, 0.2, 0), (30, 1.3, 0.02), (45, 2.9, 0.2), (60, 3.9, 0.9), (80, 4.9, 2.1)),
    "osteoporosis": ((45, 0.6, 1.5), (50, 2, 7), (55, 3.4, 17), (60, 5, 29), (65, 7.5, 41),
                     (75, 11.5, 54), (90, 20, 66)),
    "hiv": ((18, 0, 0), (25, 0.05, 0.01), (40, 0.13, 0.03), (60, 0.16, 0.04)),
    # Cancers that the ill live on with; those who die of one have theirs for certain.
    "lung-cancer": ((40, 0.03, 0.03), (50, 0.1, 0.12), (60, 0.35, 0.35), (70, 0.85, 0.75),
                    (80, 1.4, 1.1)),
    "stomach-cancer": ((40, 0.02, 0.01), (50, 0.06, 0.03), (60, 0.25, 0.09), (70, 0.65, 0.22),
                       (80, 1.0, 0.35)),
    "colorectal-cancer": ((40, 0.03, 0.02), (50, 0.1, 0.08), (60, 0.35, 0.25), (70, 0.8, 0.6),
                          (80, 1.4, 1.0)),
    "liver-cancer": ((40, 0.02, 0.005), (60, 0.12, 0.03), (80, 0.3, 0.1)),
    "oesophagus-cancer": ((50, 0.01, 0.003), (60, 0.08, 0.02), (70, 0.22, 0.07), (80, 0.35, 0.13)),
    "breast-cancer": ((30, 0, 0.05), (40, 0, 0.3), (50, 0, 0.95), (60, 0, 1.7), (70, 0, 2.2),
                      (85, 0, 2.8)),
    "cervical-cancer": ((30, 0, 0.01), (40, 0, 0.1), (50, 0, 0.26), (65, 0, 0.42), (80, 0, 0.5)),
    "thyroid-cancer": ((20, 0.02, 0.05), (30, 0.1, 0.35), (45, 0.28, 1.1), (60, 0.45, 1.8),
                       (80, 0.6, 2.2)),
    "prostate-cancer": ((55, 0.01, 0), (65, 0.15, 0), (75, 0.6, 0), (85, 1.2, 0)),
}
# fmt: on

_YEARS: Final = 116
NEVER: Final = 1000.0
"""An age that nobody reaches."""


def _cumulated(knots: _Knots, column: int) -> tuple[float, ...]:
    """Cumulative hazard at each whole age."""
    points = [(max(0.0, knots[0][0] - 12), 0.0)]
    points += [(row[0], -log(1 - row[column] / 100)) for row in knots]
    points.append((float(_YEARS), points[-1][1] * 1.05))
    values, place = [], 0
    for age in range(_YEARS + 1):
        while place + 1 < len(points) - 1 and points[place + 1][0] <= age:
            place += 1
        (left, low), (right, high) = points[place], points[place + 1]
        share = min(1.0, max(0.0, (age - left) / (right - left)))
        values.append(low + (high - low) * share)
    return tuple(values)


_HAZARDS: Final = {
    (key, sex): _cumulated(knots, column)
    for key, knots in _SHARES.items()
    for column, sex in ((1, "M"), (2, "F"))
}
_MOST: Final = {pair: values[-1] for pair, values in _HAZARDS.items()}

Turns = tuple[tuple[float, float], ...]
"""(age from which, factor on the hazard), rising; what was before the first counts as 1."""


def onset(key: str, sex: str, drawn: float, risk: float = 1.0, turns: Turns = ()) -> float:
    """Age in years at which the disease begins, `NEVER` where it does not.

    `drawn` is an exponential number of mean 1: the hazard that this life bears. `risk` multiplies
    the hazard throughout, `turns` from certain ages on as causes come in.
    """
    left = drawn / risk
    hazards = _HAZARDS[key, sex]
    if not turns:
        return _age_at(hazards, left) if left < hazards[-1] else NEVER
    reached, factor, age = 0.0, 1.0, 0.0
    for turn, following in turns:
        until = _hazard_at(hazards, turn)
        step = (until - reached) * factor
        if step >= left:
            return _age_at(hazards, reached + left / factor)
        left -= step
        reached, factor, age = max(reached, until), following, turn
    goal = reached + left / factor
    return max(age, _age_at(hazards, goal)) if goal < hazards[-1] else NEVER


def bound(key: str, sex: str) -> float:
    """The hazard of a whole life at risk 1: no drawn number above it can lead to the disease."""
    return _MOST[key, sex]


def _hazard_at(hazards: tuple[float, ...], age: float) -> float:
    whole = min(_YEARS - 1, max(0, int(age)))
    return hazards[whole] + (hazards[whole + 1] - hazards[whole]) * min(1.0, age - whole)


def _age_at(hazards: tuple[float, ...], goal: float) -> float:
    place = bisect_left(hazards, goal)
    if place == 0:
        return 0.0
    low, high = hazards[place - 1], hazards[place]
    return place - 1 + (goal - low) / (high - low)
