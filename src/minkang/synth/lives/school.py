"""School checks: once a year size, sight, teeth, spine and pressure; tuberculosis on entering.

All pupils are checked by the centre's team in the weeks of their school (97 %, absent ones are not
made up for); the skin test belongs to the first year of primary, middle and high school (rule on
tuberculosis in schools, 2020). What is seen stands in the plan's facts.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.desk import here, open_day
from minkang.synth.lives.eyesight import sight
from minkang.synth.lives.growth import index_at, z_index
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Plan

_CHECK: Final = Diagnosis("Z00.100", "儿童常规健康检查")
_SHORT_SIGHT: Final = Diagnosis("H52.100", "近视")
_DECAY: Final = Diagnosis("K02.900", "龋（牙）")
_SPINE: Final = Diagnosis("M41.900", "脊柱侧弯")
_OBESE: Final = Diagnosis("E66.900", "肥胖症")
_ENTERS: Final = (6, 12, 15)


def plans(life: Life) -> Iterator[Plan]:
    """The checks of the school years within the window, and the eye clinic after some of them."""
    if life.end < life.begin or not (life.age(life.end) > 5.5 and life.age(life.begin) < 19):
        return
    random = life.stream("school")
    birth = life.person.birth
    first = birth.year + (6 if (birth.month, birth.day) < (9, 1) else 7)
    spine = random.random() < 0.021
    glasses = False
    for grade in range(12):
        absent = random.random() < 0.03
        season = share(life.world.seed, "school-weeks", life.person.village, first + grade)
        day = date(first + grade, 9, 12) + timedelta(days=int(season * 75 + random.random() * 4))
        day = open_day(day)
        if first + grade == 2022 and day.month == 11:
            day = open_day(date(2023, 3, 6) + timedelta(days=int(season * 60)))
        if absent or not here(life, day):
            continue
        yield _check(life, day, grade, spine, random)
        seen = sight(life.world.seed, life.person, day)
        if seen.short and min(seen.left, seen.right) <= 0.6 and not glasses:
            glasses = True
            if random.random() < 0.7:
                yield _eyes(life, open_day(day + timedelta(days=9 + int(random.random() * 30))))


def _check(life: Life, day: date, grade: int, spine: bool, random: Random) -> Plan:
    seen = sight(life.world.seed, life.person, day)
    days = (day - life.person.birth).days
    found = [_CHECK]
    decayed = _decayed(life, life.age(day))
    bent = spine and life.age(day) > 10.5
    if seen.short:
        found.append(_SHORT_SIGHT)
    if decayed:
        found.append(_DECAY)
    if bent:
        found.append(_SPINE)
    index = index_at(life.body.frame, days) if life.body.frame is not None else 0.0
    if index and z_index(life.person.sex, days, index) > 2:
        found.append(_OBESE)
    facts = {
        "check": "school",
        "grade": str(grade + 1),
        "sight-left": f"{5 + _log(seen.left):.1f}",
        "sight-right": f"{5 + _log(seen.right):.1f}",
        "dioptres-left": f"{seen.left_dioptres:+.2f}",
        "dioptres-right": f"{seen.right_dioptres:+.2f}",
        "decayed-teeth": str(decayed),
        "spine": "bent" if bent else "straight",
    }
    if grade in (0, 6, 9):
        positive = random.random() < 0.035
        facts["tuberculin-mm"] = str(random.randint(10, 16) if positive else random.choice((0, 5)))
    return Plan(
        life.person.key, day, "P", "town", "child-health", tuple(found),
        panels=("cbc",) if grade in (0, 6, 9) else (), facts=facts, because="school-check",
    )  # fmt: skip


def _log(acuity: float) -> float:
    """Steps of the standard chart above or below 5.0 (GB 11533) for a decimal acuity."""
    table = {1.0: 0.0, 0.8: -0.1, 0.6: -0.2, 0.4: -0.4, 0.3: -0.5, 0.25: -0.6, 0.2: -0.7,
             0.15: -0.8, 0.12: -0.9, 0.1: -1.0, 0.08: -1.1, 0.06: -1.2}  # fmt: skip
    return table[acuity]


def _decayed(life: Life, age: float) -> int:
    """Decayed teeth: 67 % at seven with milk teeth, 40-45 % at twelve to fifteen."""
    own = life.stream("school-teeth")
    milk, grown, many = own.random(), own.random(), own.expovariate(0.5)
    if age < 11:
        return 1 + int(many) if milk < 0.67 - 0.05 * max(0.0, age - 7) else 0
    return 1 + int(many * 0.5) if grown < 0.30 + 0.035 * (age - 11) else 0


def _eyes(life: Life, day: date) -> Plan:
    return Plan(
        life.person.key, day, "O", "county", "ophthalmology", (_SHORT_SIGHT,),
        ("blurred-vision",), 90, facts={"refraction": "1"}, because="short-sight",
    )  # fmt: skip
