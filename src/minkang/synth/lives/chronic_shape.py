"""What all plans of chronic disease share: how a course is written, and days within a life."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Final

from minkang.synth.lives.body import filtration
from minkang.synth.lives.courses_catalogue import STAGES_OF_KIDNEY_DISEASE
from minkang.synth.lives.life import Life
from minkang.synth.record import Care, Condition, Diagnosis

_LATER: Final = {
    "infarction": (28, Diagnosis("I25.200", "陈旧性心肌梗死")),
    "stroke-ischaemic": (90, Diagnosis("I69.300", "脑梗死后遗症")),
    "stroke-haemorrhagic": (90, Diagnosis("I69.100x001", "脑出血后遗症")),
}
_SUGAR: Final = frozenset(("retinopathy", "neuropathy", "diabetic-foot"))


def named(life: Life, condition: Condition, day: date) -> Diagnosis:
    """How a doctor writes that course on that day: by stage, and old events as old ones."""
    later = _LATER.get(condition.key)
    if later is not None and (day - condition.since).days > later[0]:
        return later[1]
    if condition.key == "kidney":
        rate = filtration(life.body, day)
        for least, code, name in STAGES_OF_KIDNEY_DISEASE:
            if rate >= least:
                return Diagnosis(code, name)
    if condition.key == "tuberculosis" and condition.over is not None and day > condition.over:
        return Diagnosis("Z86.104", "结核个人史")
    if condition.cause == "diabetes-type-1" and condition.key in _SUGAR:
        return _TYPE_1[condition.key]
    return Diagnosis(condition.code, condition.name)


_TYPE_1: Final = {
    "retinopathy": Diagnosis("E10.301+H36.0*", "1型糖尿病性视网膜病变"),
    "neuropathy": Diagnosis("E10.401+G63.2*", "1型糖尿病性周围神经病"),
    "diabetic-foot": Diagnosis("E10.503", "1型糖尿病性足病"),
}


def known(life: Life, day: date, keys: tuple[str, ...]) -> tuple[Condition, ...]:
    """The courses of these keys that are known on that day, in the order of `keys`."""
    conditions = life.body.conditions
    return tuple(
        condition
        for key in keys
        if (condition := conditions.get(key)) is not None
        and condition.found is not None
        and condition.found <= day
        and (condition.over is None or day <= condition.over)
    )


def beside(life: Life, day: date, without: str, most: int = 4) -> tuple[Diagnosis, ...]:
    """What else is written beside the leading diagnosis: the known chronic courses."""
    return tuple(
        named(life, condition, day)
        for condition in known(life, day, _BESIDE)
        if condition.key != without
    )[:most]


_BESIDE: Final = (
    "infarction", "coronary", "heart-failure", "atrial-fibrillation", "stroke-ischaemic",
    "stroke-haemorrhagic", "kidney", "diabetes", "diabetes-type-1", "hypertension", "copd",
    "dyslipidaemia", "neuropathy", "retinopathy", "cirrhosis", "parkinson", "dementia", "gout",
    "hypothyroidism", "osteoporosis",
)  # fmt: skip


def within(life: Life, day: date | None) -> bool:
    """Whether that day lies in the days of this life within the window."""
    return day is not None and life.begin <= day <= life.end


def after(day: date, days: float) -> date:
    """That many days later."""
    return date.fromordinal(day.toordinal() + round(days))


def at_random(
    life: Life, random: Random, begin: date, end: date | None, yearly: float, winter: float = 0.0
) -> Iterator[date]:
    """Days of events at a yearly rate between two days; `winter` 0-1 crowds them into the cold."""
    if yearly <= 0:
        return
    now = max(begin, life.begin).toordinal()
    last = (life.end if end is None else min(end, life.end)).toordinal()
    most = yearly * (1 + winter)
    while True:
        now += max(1, round(random.expovariate(most) * 365.25))
        if now > last:
            return
        day = date.fromordinal(now)
        if winter and random.random() > (1 + winter * _COLD[day.month - 1]) / (1 + winter):
            continue
        yield day


_COLD: Final = (1.0, 0.9, 0.5, 0.0, -0.5, -0.8, -0.9, -0.9, -0.5, 0.0, 0.5, 0.9)


def hospital(random: Random, severity: float = 0.5) -> Care:
    """County or city, the graver the farther."""
    return "city" if random.random() < 0.22 + 0.3 * severity else "county"
