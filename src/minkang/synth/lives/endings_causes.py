"""Why a life ended: the chain of causes from conditions, and the underlying cause by the rules.

`courses_deaths.cause_of_death` says of which group of causes somebody dies, and has led the
courses up to it; here the chain of the certificate is written from what is there. The underlying
cause follows the selection and modification rules of ICD-10 volume 2 (section 4.1), of which these
matter here: hypertension with heart or brain disease gives way to that disease; a stroke of more
than a year ago is coded to its sequelae (I69); diabetes or hypertension with kidney failure to the
combination; cirrhosis of hepatitis B to the hepatitis; an injury to its external cause.
"""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.courses_deaths import cause_of_death
from minkang.synth.lives.endings_chain import Chain, Link
from minkang.synth.lives.endings_injuries import injury_chain
from minkang.synth.lives.endings_rare import deadly_infection, of_birth, of_infection, of_others
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Diagnosis


def chain_of(life: Life) -> Chain | None:
    """Why this life ended; None where it has not. Links are in causal order: later ones earlier."""
    death = life.person.death
    if death is None:
        return None
    random = life.stream("ending-cause")
    deadly = deadly_infection(life, death)
    if deadly is not None:
        return of_infection(random, deadly)
    group = cause_of_death(life.world, life.person) or "other"
    chain = _CHAINS[group](life, random, death)
    named = {link.code for link in chain.links}
    others = tuple(
        Diagnosis(c.code, c.name)
        for c in life.conditions
        if c.code not in named and c.key not in _UNSAID and _still(c, death)
    )[:2]
    return msgspec.structs.replace(chain, links=_ordered(chain.links), others=others, group=group)


_UNSAID: Final = frozenset(("infarction", "kidney", "neuropathy", "anaemia"))
"""What doctors leave away beside the chain, or have written in it by another name."""


def _ordered(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """At most four, each begun no later than the one above it."""
    kept: list[Link] = []
    for link in links[:4]:
        since = max(link.days, kept[-1].days if kept else 0.0)
        kept.append(Link(link.code, link.name, since))
    return tuple(kept)


def _still(condition: Condition, day: date) -> bool:
    found = condition.found is not None and condition.found <= day
    return found and (condition.over is None or condition.over >= day - timedelta(days=1))


def _of(life: Life, *keys: str) -> Condition | None:
    """The condition of these keys that kills, else the first that is there."""
    here = [c for c in life.conditions if c.key in keys]
    for condition in here:
        if condition.facts.get("fatal"):
            return condition
    return here[0] if here else None


def _days(condition: Condition | None, death: date, guess: float) -> float:
    """Days from when it was found to death, `guess` where there is no such course."""
    if condition is None:
        return guess
    known = condition.since if condition.found is None else min(condition.found, death)
    return max(0.1, float((death - known).days))


def _pressure(life: Life, death: date) -> tuple[Link, ...]:
    condition = _of(life, "hypertension")
    if condition is None or condition.found is None:
        return ()
    return (Link("I10.x00x002", "高血压", _days(condition, death, 3000)),)


_HEART_OF_PRESSURE: Final = ("I11.000", "高血压心脏病伴有（充血性）心力衰竭")


def _heart(life: Life, random: Random, death: date) -> Chain:
    infarction = _of(life, "infarction")
    coronary = _of(life, "coronary")
    failure = _of(life, "heart-failure")
    root = Link("I25.103", "冠状动脉粥样硬化性心脏病", _days(coronary, death, 1500))
    pressure = _pressure(life, death)
    if infarction is not None and (death - infarction.since).days <= 28:
        since = max(0.05, float((death - infarction.since).days))
        if since < 1:
            since = random.choice((0.03, 0.06, 0.12, 0.3, 0.6))
        top = random.choice(
            (("R57.000", "心源性休克"), ("I49.000", "心室颤动和扑动"), ("I46.900", "心脏停搏"))
        )
        links = (Link(*top, since / 4), Link("I21.900", "急性心肌梗死", since), root, *pressure)
        course = "sudden" if since < 1 else "short"
        return Chain(links, Diagnosis("I21.900", "急性心肌梗死"), (), course, "")
    if failure is not None and (failure.facts.get("fatal") or random.random() < 0.5):
        links = (
            Link("I50.900", "心力衰竭", random.uniform(3, 20)),
            Link("I50.908", "慢性心力衰竭", _days(failure, death, 700)),
            root,
            *pressure,
        )
        return Chain(links, Diagnosis("I25.103", root.name), (), "long", "")
    if coronary is None and pressure and random.random() < 0.5:
        links = (Link("I50.900", "心力衰竭", random.uniform(1, 9)),
                 Link(*_HEART_OF_PRESSURE, pressure[0].days / 3))  # fmt: skip
        return Chain(links, Diagnosis(links[1].code, links[1].name), (), "short", "")
    links = (Link("I46.900", "心脏停搏", random.choice((0.01, 0.02, 0.05))), root, *pressure)
    return Chain(links, Diagnosis("I25.103", root.name), (), "sudden", "")


def _brain(life: Life, random: Random, death: date) -> Chain:
    stroke = _of(life, "stroke-haemorrhagic", "stroke-ischaemic")
    bleeding = stroke is not None and stroke.key == "stroke-haemorrhagic"
    since = _days(stroke, death, 5)
    pressure = _pressure(life, death)
    name = ("I61.900x002", "脑出血") if bleeding else ("I63.900", "脑梗死")
    if since > 365:
        name = ("I69.100", "脑内出血后遗症") if bleeding else ("I69.300", "脑梗死后遗症")
        top = random.choice((("J69.001", "吸入性肺炎"), ("J18.900", "肺炎"), ("R64.x00", "恶病质")))
        links = (
            Link("J96.000", "急性呼吸衰竭", random.uniform(0.3, 4)),
            Link(*top, random.uniform(5, 25)),
            Link(*name, since),
            *pressure,
        )
        return Chain(links, Diagnosis(*name), (), "long", "")
    if since > 21:
        links = (Link("J69.001", "吸入性肺炎", min(since, random.uniform(4, 18))),
                 Link(*name, since), *pressure)  # fmt: skip
        return Chain(links, Diagnosis(*name), (), "long", "")
    links = (
        Link("G93.501", "脑疝", min(since, random.uniform(0.2, 3))),
        Link(*name, since),
        *pressure,
    )
    return Chain(links, Diagnosis(*name), (), "sudden" if since < 1 else "short", "")


_SPREAD: Final = {
    "lung-cancer": (("C79.300x002", "脑继发恶性肿瘤"), ("C79.500x001", "骨继发恶性肿瘤")),
    "breast-cancer": (("C79.500x001", "骨继发恶性肿瘤"), ("C78.000", "肺部继发性恶性肿瘤")),
    "prostate-cancer": (("C79.500x001", "骨继发恶性肿瘤"),),
    "liver-cancer": (("C78.000", "肺部继发性恶性肿瘤"),),
}
_TO_LIVER: Final = (("C78.700", "肝部和肝内胆管继发性恶性肿瘤"),)


def _cancer(life: Life, random: Random, death: date) -> Chain:
    cancers = [c for c in life.conditions if c.key.endswith("-cancer")]
    fatal = [c for c in cancers if c.facts.get("fatal")] or cancers
    if not fatal:
        return _leukaemia(random)
    primary = fatal[0]
    since = _days(primary, death, 300)
    spread = random.choice(_SPREAD.get(primary.key, _TO_LIVER))
    tops = [("R64.x00", "恶病质"), ("J96.000", "急性呼吸衰竭"), ("R57.901", "循环衰竭")]
    if primary.key == "liver-cancer":
        tops = [("K72.900x003+G94.3*", "肝性脑病"), ("K92.208", "上消化道出血")]
    links = (
        Link(*random.choice(tops), random.uniform(1, 12)),
        Link(*spread, min(since, random.uniform(40, 300))),
        Link(primary.code, primary.name, since),
    )
    return Chain(links, Diagnosis(primary.code, primary.name), (), "long", "")


def _leukaemia(random: Random) -> Chain:
    links = (
        Link("A41.900", "脓毒症", random.uniform(2, 9)),
        Link("C95.900", "白血病", random.uniform(120, 900)),
    )
    return Chain(links, Diagnosis("C95.900", "白血病"), (), "long", "")


def _lungs(life: Life, random: Random, death: date) -> Chain:
    copd = _of(life, "copd")
    fail = Link("J96.000", "急性呼吸衰竭", random.uniform(0.3, 5))
    links: tuple[Link, ...]
    if copd is None:
        links = (fail, Link("J18.903", "重症肺炎", random.uniform(4, 15)))
        return Chain(links, Diagnosis("J18.903", "重症肺炎"), (), "short", "")
    worse = ("J44.000", "慢性阻塞性肺病伴有急性下呼吸道感染")
    links = (fail, Link(*worse, random.uniform(5, 20)),
             Link("J44.900", "慢性阻塞性肺病", _days(copd, death, 4000)))  # fmt: skip
    if random.random() < 0.35:
        heart = Link("I27.900x002", "慢性肺源性心脏病", random.uniform(400, 2000))
        links = (*links[:2], heart, links[2])
    return Chain(links, Diagnosis(*worse), (), "long", "")


def _liver(life: Life, random: Random, death: date) -> Chain:
    cirrhosis = _of(life, "cirrhosis")
    top = random.choice(
        (("K72.900x003+G94.3*", "肝性脑病"), ("K92.208", "上消化道出血"), ("K72.900", "肝衰竭"))
    )
    links = [Link(*top, random.uniform(0.5, 12)),
             Link("K74.607", "肝硬化失代偿期", _days(cirrhosis, death, 1500))]  # fmt: skip
    underlying = Diagnosis("K74.607", "肝硬化失代偿期")
    hepatitis = _of(life, "hepatitis-b")
    if hepatitis is not None:
        links.append(Link(hepatitis.code, hepatitis.name, _days(hepatitis, death, 9000)))
        underlying = Diagnosis(hepatitis.code, hepatitis.name)
    return Chain(tuple(links), underlying, (), "long", "")


def _diabetes(life: Life, random: Random, death: date) -> Chain:
    sugar = _of(life, "diabetes", "diabetes-type-1")
    since = _days(sugar, death, 4000)
    links: tuple[Link, ...]
    if random.random() < 0.25:
        top = ("E11.101", "2型糖尿病性酮症酸中毒")
        links = (Link(*top, random.uniform(0.5, 4)), Link("E11.900", "2型糖尿病", since))
        return Chain(links, Diagnosis(*top), (), "short", "")
    links = (
        Link("A41.900", "脓毒症", random.uniform(1, 10)),
        Link("L03.107", "下肢蜂窝织炎", random.uniform(12, 40))
        if random.random() < 0.4
        else Link("N39.000", "泌尿道感染", random.uniform(6, 20)),
        Link("E11.700", "2型糖尿病伴有多个并发症", since),
    )
    return Chain(links, Diagnosis("E11.700", "2型糖尿病伴有多个并发症"), (), "long", "")


def _kidney(life: Life, random: Random, death: date) -> Chain:
    kidney = _of(life, "kidney")
    since = _days(kidney, death, 2500)
    top = random.choice((("E87.500", "高钾血症"), ("I50.900", "心力衰竭")))
    links = [Link(*top, random.uniform(0.2, 6)),
             Link("N18.500", "慢性肾脏病5期", min(since, random.uniform(100, 900)))]  # fmt: skip
    sugar, pressure = _of(life, "diabetes"), _pressure(life, death)
    if sugar is not None:
        links.append(Link("E11.200", "2型糖尿病伴有肾的并发症", _days(sugar, death, 4000)))
        return Chain(tuple(links), Diagnosis("E11.200", links[-1].name), (), "long", "")
    if pressure:
        links.append(Link("I12.000", "高血压肾脏病伴有肾衰竭", pressure[0].days))
        return Chain(tuple(links), Diagnosis("I12.000", links[-1].name), (), "long", "")
    links.append(Link("N03.900", "慢性肾炎综合征", since))
    return Chain(tuple(links), Diagnosis("N03.900", "慢性肾炎综合征"), (), "long", "")


def _nerves(life: Life, random: Random, death: date) -> Chain:
    root = _of(life, "dementia", "parkinson")
    code, name = (root.code, root.name) if root is not None else ("G30.900", "阿尔茨海默病")
    links = (
        Link("J69.001", "吸入性肺炎", random.uniform(4, 20)),
        Link(code, name, _days(root, death, 2200)),
    )
    return Chain(links, Diagnosis(code, name), (), "long", "")


def _injury(life: Life, random: Random, death: date) -> Chain:
    found = injury_chain(random, life.person.age(death), life.person.sex)
    hours = {"sudden": 0.05, "short": random.uniform(0.3, 6), "long": random.uniform(20, 120)}
    days = hours[found.course]
    links = (
        *(Link(code, name, days * share) for code, name, share in found.links),
        Link(*found.external, days),
    )
    return Chain(links, Diagnosis(*found.external), (), found.course, "", injury=True)


_CHAINS: Final[dict[str, Callable[[Life, Random, date], Chain]]] = {
    "birth": of_birth,
    "injury": _injury,
    "cancer": _cancer,
    "heart": _heart,
    "brain": _brain,
    "lungs": _lungs,
    "liver": _liver,
    "diabetes": _diabetes,
    "kidney": _kidney,
    "nerves": _nerves,
    "other": of_others,
}
