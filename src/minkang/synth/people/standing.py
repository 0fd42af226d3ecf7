"""Education, work and insurance of a person, by birth year, sex and where they live."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Final

import msgspec

UNSCHOOLED: Final = "文盲或半文盲"
PRIMARY: Final = "小学教育"
MIDDLE: Final = "初级中学教育"
HIGH: Final = "普通高级中学教育"
VOCATIONAL: Final = "中等职业教育"
COLLEGE: Final = "大学专科教育"
UNIVERSITY: Final = "大学本科教育"
GRADUATE: Final = "研究生教育"

_LEVELS: Final = (UNSCHOOLED, PRIMARY, MIDDLE, HIGH, VOCATIONAL, COLLEGE, UNIVERSITY, GRADUATE)
_LIKE_THE_FAMILY: Final = 0.6
_HIGHER: Final = (COLLEGE, UNIVERSITY, GRADUATE)

# Last birth year of the cohort; per cent of each level in the town, and in villages (the census of
# 2020 for the province in broad strokes: the old unschooled, the young with higher education).
_COHORTS: Final = (
    (1939, (30, 40, 18, 7, 2, 2, 1, 0), (52, 38, 8, 2, 0, 0, 0, 0)),
    (1949, (12, 34, 33, 11, 3, 5, 2, 0), (26, 47, 23, 4, 0, 0, 0, 0)),
    (1959, (4, 18, 46, 19, 3, 7, 3, 0), (9, 38, 45, 8, 0, 0, 0, 0)),
    (1969, (1, 8, 45, 21, 7, 11, 7, 0), (2, 20, 65, 12, 1, 0, 0, 0)),
    (1979, (0, 4, 34, 16, 14, 17, 14, 1), (0, 9, 70, 11, 8, 2, 0, 0)),
    (1989, (0, 1, 19, 12, 14, 25, 26, 3), (0, 3, 60, 12, 13, 9, 3, 0)),
    (2099, (0, 1, 9, 10, 15, 28, 33, 4), (0, 1, 36, 15, 20, 18, 10, 0)),
)

PEASANT: Final = "农民"
FISHER: Final = "渔（船）民"
WORKER: Final = "工人"
MIGRANT: Final = "民工"
TRADER: Final = "商业服务"
COOK: Final = "餐饮食品业"
CLERK: Final = "干部职员"
TEACHER: Final = "教师"
MEDIC: Final = "医务人员"
AT_HOME: Final = "家务及待业"
RETIRED: Final = "离退人员"
PUPIL: Final = "学生"
IN_NURSERY: Final = "幼托儿童"
INFANT: Final = "散居儿童"

_WORK: Final = (PEASANT, FISHER, WORKER, MIGRANT, TRADER, COOK, CLERK, TEACHER, MEDIC, AT_HOME)
_URBAN: Final = (2, 1, 38, 6, 27, 8, 6, 0, 0, 12)
_URBAN_HIGHER: Final = (0, 0, 15, 0, 20, 2, 44, 9, 6, 4)
_RURAL_OLD: Final = (66, 6, 13, 4, 5, 1, 1, 0, 0, 4)
_RURAL: Final = (26, 7, 33, 9, 13, 4, 3, 0, 0, 5)
_RURAL_HIGHER: Final = (4, 1, 30, 0, 22, 2, 28, 6, 5, 2)


def _steps(weights: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(accumulate(weights))


_LEVEL_STEPS: Final = tuple((year, _steps(town), _steps(rural)) for year, town, rural in _COHORTS)
_WORK_STEPS: Final = {
    "urban": _steps(_URBAN), "urban-higher": _steps(_URBAN_HIGHER), "rural": _steps(_RURAL),
    "rural-old": _steps(_RURAL_OLD), "rural-higher": _steps(_RURAL_HIGHER),
}  # fmt: skip


class Standing(msgspec.Struct, frozen=True):
    """What the register knows of a person beside name and birth."""

    education: str
    occupation: str
    insurance: str
    works: bool  # employed on the day


def standing(
    random: Random, male: bool, birth_year: int, age: float, rural: bool, stage: str, house: float
) -> Standing:
    """The standing at an age; `stage` is that of the school attended, empty for none;
    `house` is the family's rank in schooling, 0 lowest to 1.

    Always takes the same number of draws.
    """
    level = _level(random, birth_year, rural, house)
    work = _work(random, level, birth_year, rural)
    chance, insured = random.random(), random.random()
    if age < 16 or stage:
        return _young(age, stage, insured)
    if age < 22.5 and level in _HIGHER:
        return Standing(HIGH, PUPIL, "居民", False)
    stops = 60.0 if male else 55.0 if work in (TEACHER, MEDIC, CLERK) else 50.0
    if work in (PEASANT, FISHER):
        working = age < 72 + 8 * chance
        return Standing(level, work, "职工" if insured < 0.06 else "居民", working)
    employee = insured < (0.45 if rural and age > 60 else 0.72 if rural else 0.93)
    if work == AT_HOME or (work == MIGRANT and insured > 0.3):
        employee = False
    insurance = "职工" if employee else "自费" if insured > 0.985 else "居民"
    if age >= stops:
        if work == AT_HOME or not employee:
            return Standing(level, PEASANT if rural else AT_HOME, insurance, False)
        return Standing(level, RETIRED, insurance, False)
    return Standing(level, work, insurance, work != AT_HOME)


def _young(age: float, stage: str, insured: float) -> Standing:
    insurance = "居民" if insured < 0.985 else "自费"
    level = {"primary": PRIMARY, "middle": MIDDLE, "high": HIGH}.get(stage, "")
    if stage and stage != "nursery":
        return Standing(level, PUPIL, insurance, False)
    if stage == "nursery":
        return Standing("", IN_NURSERY, insurance, False)
    return Standing("", INFANT if age < 7 else PUPIL, insurance, False)


def _level(random: Random, birth_year: int, rural: bool, house: float) -> str:
    """The level in which somebody of the cohort ends: more often than not where the family does."""
    own = random.random()
    rank = house if random.random() < _LIKE_THE_FAMILY else own
    _, town, village = next(row for row in _LEVEL_STEPS if birth_year <= row[0])
    steps = village if rural else town
    return _LEVELS[bisect(steps, rank * steps[-1])]


def _work(random: Random, level: str, birth_year: int, rural: bool) -> str:
    if level in _HIGHER:
        steps = _WORK_STEPS["rural-higher" if rural else "urban-higher"]
    elif rural:
        steps = _WORK_STEPS["rural-old" if birth_year < 1972 else "rural"]
    else:
        steps = _WORK_STEPS["urban"]
    return random.choices(_WORK, cum_weights=steps)[0]
