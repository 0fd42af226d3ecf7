"""Chains of causes that no course leads up to: infants, rarer diseases, deadly infections."""

from datetime import date
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.endings_chain import Chain, Link
from minkang.synth.lives.life import Life
from minkang.synth.record import Diagnosis

_NEWBORN: Final = (
    # (a), (b), days of life up to which it kills
    (("P22.000", "新生儿呼吸窘迫综合征"), ("P07.300x001", "早产儿")),
    (("P21.000", "严重的出生窒息"), ("P21.000", "严重的出生窒息")),
    (("P36.900", "新生儿的细菌性脓毒症"), ("P07.300x001", "早产儿")),
    (("I50.900", "心力衰竭"), ("Q24.900", "先天性心脏畸形")),
)


def of_birth(life: Life, random: Random, death: date) -> Chain:
    """Of newborns and infants: prematurity, asphyxia, sepsis, the heart; later heart and lungs."""
    days = max(0.2, float((death - life.person.birth).days))
    if days > 28:
        rows = (
            (("I50.900", "心力衰竭"), ("Q24.900", "先天性心脏畸形")),
            (("J96.000", "急性呼吸衰竭"), ("J18.903", "重症肺炎")),
        )
        top, root = random.choices(rows, (5, 4))[0]
        span = random.uniform(2, 8) if root[0].startswith("J") else days
        course = "short"
    else:
        top, root = random.choices(_NEWBORN, (4, 2, 1.5, 3))[0]
        span, course = days, "short"
    links = (Link(*root, span),) if top == root else (Link(*top, span / 2), Link(*root, span))
    return Chain(links, Diagnosis(*root), (), course, "")


_OTHER: Final = (
    # weight, youngest age, course, (a), (b) or None, days of the last
    (3.0, 40, "short", ("R57.200", "脓毒性休克"), ("A41.900", "脓毒症"), 6),
    (2.5, 40, "short", ("R57.100", "血容量不足性休克"), ("K92.208", "上消化道出血"), 2),
    (1.5, 50, "short", ("A41.900", "脓毒症"), ("K56.700", "肠梗阻"), 5),
    (2.0, 50, "sudden", ("I46.900", "心脏停搏"), ("I26.900", "肺栓塞未提及急性肺源性心脏病"), 0.2),
    (1.2, 45, "sudden", ("R57.100", "血容量不足性休克"), ("I71.001", "主动脉夹层动脉瘤破裂"), 0.3),
    (1.5, 60, "long", ("A41.900", "脓毒症"), ("L89.900", "受压区压疮"), 60),
    (1.0, 30, "short", ("A41.900", "脓毒症"), ("K85.902", "急性重症胰腺炎"), 9),
    (0.8, 1, "sudden", ("J96.000", "急性呼吸衰竭"), ("G41.900", "癫痫持续状态"), 0.5),
    (0.8, 1, "short", ("G93.501", "脑疝"), ("A86.x00", "病毒性脑炎"), 6),
    (1.0, 1, "long", ("I50.900", "心力衰竭"), ("Q24.900", "先天性心脏畸形"), 3000),
    (1.5, 75, "short", ("R57.200", "脓毒性休克"), ("N39.000", "泌尿道感染"), 9),
    (1.2, 18, "sudden", ("I46.900", "心脏停搏"), ("R96.000", "瞬间死亡"), 0.02),
)


def of_others(life: Life, random: Random, death: date) -> Chain:
    age = life.person.age(death)
    if _in_childbed(life, death):
        root = ("O72.100", "即刻产后出血，其他的")
        links = (Link("R57.100", "血容量不足性休克", 0.2), Link(*root, 0.4))
        return Chain(links, Diagnosis(*root), (), "sudden", "")
    rows = [row for row in _OTHER if age >= row[1]]
    if not rows:
        return of_birth(life, random, death)
    row = random.choices(rows, [row[0] for row in rows])[0]
    _, _, course, top, root, days = row
    since = days * random.uniform(0.6, 1.8)
    links = (Link(*top, since * random.uniform(0.1, 0.5)), Link(*root, since))
    return Chain(links, Diagnosis(*root), (), course, "")


def _in_childbed(life: Life, death: date) -> bool:
    """Whether death came on the days around a delivery."""
    return any(0 <= (death - p.ended).days <= 42 for p in life.person.pregnancies)


class Deadly(msgspec.Struct, frozen=True):
    name: str
    code: str
    days: float


def deadly_infection(life: Life, death: date) -> Deadly | None:
    """A notifiable infection that was as bad as can be in the weeks before."""
    struck = (*life.person.infections, *life.world.struck.get(life.person.key, ()))
    for infection in struck:
        days = (death - infection.onset).days
        if infection.severity >= 0.9 and 0 <= days <= 45 and infection.disease in _DEADLY:
            code, name = _DEADLY[infection.disease]
            return Deadly(name, code, max(0.5, float(days)))
    return None


_DEADLY: Final = {
    "influenza": ("J10.000", "流行性感冒伴有肺炎，季节性流感病毒"),
    "covid-19": ("U07.100x002", "新型冠状病毒感染"),
    "haemorrhagic-fever": ("A98.500x001+N08.0*", "流行性出血热[肾综合征出血热]"),
    "severe-fever-thrombocytopenia": ("A93.802", "发热伴血小板减少综合征"),
    "measles": ("B05.200+J17.1*", "麻疹并发肺炎"),
    "japanese-encephalitis": ("A83.000", "日本脑炎"),
    "tuberculosis": ("A16.200x002", "肺结核"),
}


def of_infection(random: Random, deadly: Deadly) -> Chain:
    links = (
        Link("R57.200", "脓毒性休克", min(deadly.days, random.uniform(0.3, 3))),
        Link(deadly.code, deadly.name, deadly.days),
    )
    return Chain(links, Diagnosis(deadly.code, deadly.name), (), "short", "infection")
