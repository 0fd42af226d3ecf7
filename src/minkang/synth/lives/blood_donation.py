"""Giving blood: some give every year, most never; columns as a blood station keeps them.

Donors are 18 to 55 (those who have given before, to 60) by 献血者健康检查要求 (GB
18467-2011), which also sets weight, pressure, haemoglobin and the interval of half a year; about
12 in 1,000 residents give in a year, as the national figures say.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.lives.life import Life
from minkang.synth.record import LOCAL, Form

_BARRED: Final = (
    "hepatitis-b", "hiv", "tuberculosis", "diabetes", "coronary", "stroke-ischaemic",
    "stroke-haemorrhagic", "schizophrenia", "bipolar", "kidney", "heart-failure",
)  # fmt: skip
_PLACES: Final = ("市区献血屋", "流动献血车", "单位团体献血", "血站机采室")


def plans(life: Life) -> Iterator[Form]:
    """The donations of this life, in order of time."""
    random = life.stream("blood-donation")
    zeal = random.random()
    if zeal > 0.07 or life.person.age(life.end) < 18:
        return
    yearly = 0.08 if zeal > 0.02 else 0.55
    last: date | None = None
    for year in range(life.begin.year, life.end.year + 1):
        draws = life.stream(f"blood-donation-{year}")
        day = date(year, draws.randint(1, 12), draws.randint(1, 28))
        age = life.person.age(day)
        limit = 60 if last is not None else 55
        if draws.random() >= yearly or not 18 <= age < limit or not life.begin <= day <= life.end:
            continue
        if last is not None and (day - last).days < 183:
            continue
        if any(life.has(key, day) for key in _BARRED) or _expecting(life, day):
            continue
        last = day
        yield _donation(life, draws, day)


def _expecting(life: Life, day: date) -> bool:
    """Pregnant, or within a year of a delivery."""
    return any(
        p.last_period <= day <= p.ended + timedelta(days=365) for p in life.person.pregnancies
    )


def _donation(life: Life, random: Random, day: date) -> Form:
    group = life.body.blood_group
    at = datetime.combine(day, time(random.randint(9, 16), random.randrange(60)), LOCAL)
    man = life.person.sex == "M"
    platelets = random.random() < 0.08
    alt = round(random.lognormvariate(3.05, 0.42))
    fit = alt <= 50 and random.random() < 0.99
    values = {
        "献血日期": at.strftime("%Y-%m-%d %H:%M:%S"),
        "献血类型": "机采血小板" if platelets else "全血",
        "献血量": random.choice(("1治疗量", "2治疗量"))
        if platelets
        else random.choices(("200ml", "300ml", "400ml"), (0.2, 0.25, 0.55))[0],
        "献血地点": _PLACES[3] if platelets else random.choice(_PLACES[:3]),
        "ABO血型": group[:-1],
        "Rh血型": "阳性" if group[-1] == "+" else "阴性",
        "体重": f"{random.gauss(72 if man else 59, 7):.0f}kg",
        "收缩压": str(round(min(138, random.gauss(120 if man else 114, 8)))),
        "舒张压": str(round(min(88, random.gauss(76, 6)))),
        "血红蛋白": f"{max(121 if man else 116, random.gauss(150 if man else 131, 8)):.0f}g/L",
        "ALT": f"{alt}U/L",
        "HBsAg": "阴性",
        "抗-HCV": "阴性",
        "抗-HIV": "阴性",
        "梅毒螺旋体抗体": "阴性",
        "检测结论": "合格" if fit else "不合格",
    }
    return Form(
        person=life.person.key,
        at=at,
        kind="blood_donation",
        values=values,
        institution=_station(life),
        because="blood-donation",
    )


def _station(life: Life) -> str:
    """The key of the city's blood station."""
    place: Any = life.world.place
    if place is None:
        return ""
    for key, institution in place.by_key.items():
        if institution.kind == "blood-station":
            return str(key)
    return ""
