"""Old age as forms and visits see it: what somebody can still do, memory, mood, and care at home.

Dependence (five items of the service rule: 0-3 independent, 4-8 light, 9-18 medium, 19 and more
heavy) grows with age and with what strokes, dementia and fractures leave behind; about 4 % of
those over 65 depend on others much.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.desk import open_day
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Plan

CONSTITUTIONS: Final = ("平和质", "气虚质", "阳虚质", "阴虚质", "痰湿质", "湿热质", "血瘀质",
                        "气郁质", "特禀质")  # fmt: skip
_HOME_BED: Final = Diagnosis("Z74.000", "由于活动能力降低而需要帮助")


def dependence(life: Life, day: date) -> int:
    """Points of the self-care scale on that day, 0-24."""
    own = share(life.world.seed, "dependence", life.person.key)
    age = life.age(day)
    points = max(0.0, (age - 70) * 0.16) * own * 2
    for key, most in (("stroke-ischaemic", 11), ("stroke-haemorrhagic", 15), ("parkinson", 9),
                      ("heart-failure", 4)):  # fmt: skip
        ill = life.has(key, day)
        if ill is not None:
            points += most * ill.severity * own
    demented = life.has("dementia", day)
    if demented is not None:
        years = (day - demented.since).days / 365.25
        points += min(20.0, 2.4 * years * (0.5 + demented.severity))
    return min(24, int(points))


def memory(life: Life, day: date) -> int:
    """Points of the mini-mental state, 0-30."""
    own = share(life.world.seed, "memory", life.person.key)
    points = 30 - 2.5 * own - max(0.0, life.age(day) - 72) * 0.12 * own
    demented = life.has("dementia", day)
    if demented is not None:
        points -= 5 + 3.0 * (day - demented.since).days / 365.25 * demented.severity
    return max(4, round(points))


def constitution(life: Life) -> str:
    """The body type of Chinese medicine that the questionnaire of 33 questions comes to."""
    drawn = share(life.world.seed, "constitution", life.person.key)
    limits = (0.36, 0.52, 0.66, 0.75, 0.86, 0.91, 0.96, 0.985, 1.0)
    return next(n for n, limit in zip(CONSTITUTIONS, limits, strict=True) if drawn < limit)


def home_care(life: Life) -> Iterator[Plan]:
    """Visits at home to those who can hardly leave it: a bed at home, every five weeks."""
    if life.age(life.end) < 65:
        return
    random = life.stream("home-care")
    accepts = random.random() < 0.6
    day = max(life.begin, life.person.birth + timedelta(days=23742))
    day += timedelta(days=int(random.random() * 35))
    while day <= life.end:
        step, pressure = 31 + int(random.random() * 12), random.random()
        if accepts and dependence(life, day) >= 12:
            yield Plan(
                life.person.key,
                open_day(day),
                "H",
                "town",
                "general",
                (_HOME_BED, *_known(life, day)),
                panels=("glucose",) if life.has("diabetes", day) and pressure < 0.4 else (),
                facts={"dependence": str(dependence(life, day)), "home-bed": "1"},
                because="home-care",
            )
            day += timedelta(days=step)
        else:
            day += timedelta(days=190)


def _known(life: Life, day: date) -> tuple[Diagnosis, ...]:
    return tuple(
        Diagnosis(condition.code, condition.name)
        for condition in life.known(day)
        if condition.key
        in ("stroke-ischaemic", "stroke-haemorrhagic", "dementia", "hypertension", "diabetes")
    )[:3]
