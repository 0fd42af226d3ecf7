"""Screening of those who are not known to have cancer: lung by CT, bowel by stool and scope.

After the urban screening programme of the country: lung at 50-74 for heavy smokers, bowel at 45-74.
About a quarter of those invited take part; one in four scans shows a nodule to be watched.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from minkang.synth.draws import share
from minkang.synth.lives.chronic_shape import after, within
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis, Operation, Plan

_POLYP: Final = Operation("45.4200x003", "纤维结肠镜下结肠息肉切除术", 2)


def plans(life: Life) -> Iterator[Plan]:
    """Rounds of screening within the window; the one that finds a cancer is in `oncology`."""
    age = life.age(life.end)
    if age < 45 or life.age(life.begin) > 75:
        return
    seed, key = life.world.seed, life.person.key
    habits = life.body.habits
    if habits.pack_years(age) > 20 and share(seed, "screening-lung", key) < 0.3:
        yield from _lung(life)
    if share(seed, "screening-bowel", key) < 0.2:
        yield from _bowel(life)


def _not_known(life: Life, cancer: str, day: date) -> bool:
    condition = life.body.conditions.get(cancer)
    return condition is None or condition.found is None or day < after(condition.found, -60)


def _lung(life: Life) -> Iterator[Plan]:
    random = life.stream("screening-lung")
    nodule = random.random() < 0.26
    day = after(life.begin, random.uniform(10, 900))
    while day <= life.end:
        if 50 <= life.age(day) < 75 and _not_known(life, "lung-cancer", day):
            yield Plan(
                life.person.key, day, "P", random.choice(("county", "city")), "check-up",
                (Diagnosis("R91.x04", "孤立性肺结节") if nodule
                 else Diagnosis("Z00.001", "健康查体"),),
                symptoms=("checkup",), panels=("tumour-lung",) if random.random() < 0.5 else (),
                images={"chest-ct": "nodule" if nodule else "emphysema"
                        if life.has("copd", day) else ""}, facts={"programme": "lung-screening"},
            )  # fmt: skip
        day = after(day, random.uniform(330, 420) if nodule else random.uniform(700, 1100))


def _bowel(life: Life) -> Iterator[Plan]:
    random = life.stream("screening-bowel")
    day = after(life.begin, random.uniform(10, 1100))
    while day <= life.end:
        if 45 <= life.age(day) < 75 and _not_known(life, "colorectal-cancer", day):
            yield Plan(
                life.person.key, day, "P", "town", "check-up", (Diagnosis("Z00.001", "健康查体"),),
                symptoms=("checkup",), panels=("occult-blood",),
                facts={"programme": "bowel-screening"},
            )  # fmt: skip
            scope = after(day, random.randint(10, 40))
            if random.random() < 0.14 and within(life, scope):
                polyp = random.random() < 0.35
                yield Plan(
                    life.person.key, scope, "O", "county", "digestive",
                    (Diagnosis("K63.500", "结肠息肉") if polyp else Diagnosis("K64.900", "痔"),),
                    symptoms=("asymptomatic",), panels=("cbc", "coagulation", "before-operation"),
                    images={"colonoscopy": "polyp" if polyp else "haemorrhoids",
                            **({"pathology": "adenoma"} if polyp else {})},
                    operations=(_POLYP,) if polyp else (),
                )  # fmt: skip
        day = after(day, random.uniform(900, 1300))
