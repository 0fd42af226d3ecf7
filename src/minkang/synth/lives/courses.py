"""Which courses a life carries: `conditions_of`, fixed by world and person alone.

First what begins by itself (pressure, sugar, lipids, smoke), then what comes of it, then what the
death demands (whoever dies of the brain had a stroke, and mostly the pressure before it), then
cancers, infections that last, the mind, and what age brings. A condition that kills carries
`facts["fatal"] = "1"`; `courses_deaths.cause_of_death` names the group of causes.
"""

from typing import Final

from minkang.synth.draws import stream
from minkang.synth.lives.courses_complications import complicate, infarction, reveal
from minkang.synth.lives.courses_deaths import cause_of_death
from minkang.synth.lives.courses_drafts import YEAR, Drawing, find, notice, sealed
from minkang.synth.lives.courses_ends import lead_to_death
from minkang.synth.lives.courses_habits import habits_of
from minkang.synth.lives.courses_infections import lasting_infections
from minkang.synth.lives.courses_rates import NEVER, bound, onset
from minkang.synth.lives.oncology_courses import cancers
from minkang.synth.record import Condition, Household, Person, World

_EVENTS: Final = ("infarction", "stroke-ischaemic", "stroke-haemorrhagic")
_AGEING: Final = (
    "schizophrenia", "bipolar", "depression", "dementia", "parkinson", "hypothyroidism", "gout",
    "osteoporosis",
)  # fmt: skip


def conditions_of(world: World, household: Household, person: Person) -> tuple[Condition, ...]:
    """The courses of this life until the last day that is known, oldest first.

    `found` and `treated` are None where that has not happened by then. Nothing lies after death,
    after leaving or after the last day of the region.
    """
    del household  # who shares a kitchen shares salt by the household's key: see `habits_of`
    end = world.today.toordinal() - 1
    for day in (person.death, person.left):
        if day is not None:
            end = min(end, day.toordinal())
    born = person.birth.toordinal()
    if end < born:
        return ()
    drawing = Drawing(
        stream(world.seed, "courses", person.key),
        person,
        habits_of(person),
        born,
        end,
        {},
        cause_of_death(world, person),
    )
    _first_causes(drawing)
    complicate(drawing)
    infarction(drawing)
    _lungs(drawing)
    lead_to_death(drawing)
    cancers(world, drawing)
    lasting_infections(world, drawing)
    _what_age_brings(drawing)
    _blood(drawing, world)
    _find_all(drawing)
    drafts = sorted(drawing.drafts.values(), key=lambda draft: (draft.since, draft.key))
    return tuple(sealed(drawing, draft) for draft in drafts)


def _first_causes(drawing: Drawing) -> None:
    random, habits, sex = drawing.random, drawing.habits, drawing.person.sex
    family, heavy = habits.family, habits.bmi - 24.4
    risks = {
        "hypertension": 0.80
        * 1.09**heavy
        * 1.22**habits.salt
        * (1.45 if "hypertension" in family else 1.0)
        * (1.25 if habits.drinks == 2 else 1.0),
        "diabetes": 0.76
        * 1.12**heavy
        * (2.1 if "diabetes" in family else 1.0)
        * (0.8 if habits.active else 1.1),
        "diabetes-type-1": 1.0,
        "dyslipidaemia": 0.98 * 1.07**heavy * (0.9 if habits.active else 1.05),
    }
    for key, risk in risks.items():
        drawn, severity = random.expovariate(1.0), random.random()
        if drawn > bound(key, sex) * risk:
            continue
        since = drawing.likely(key, drawing.day(onset(key, sex, drawn, risk)))
        drawing.add(key, since, severity)
    if "diabetes-type-1" in drawing.drafts:
        drawing.drafts.pop("diabetes", None)


def _lungs(drawing: Drawing) -> None:
    random, habits, man = drawing.random, drawing.habits, drawing.person.sex == "M"
    drawn, severity = random.expovariate(1.0), random.betavariate(1.4, 2.2)
    risk = (1.42 if habits.smokes_from else 0.36) if man else (3.0 if habits.smokes_from else 0.94)
    risk *= 1.6 if habits.dust else 1.0
    if drawn > bound("copd", drawing.person.sex) * risk:
        return
    age = onset("copd", drawing.person.sex, drawn, risk)
    if age < NEVER:
        draft = drawing.add("copd", drawing.likely("copd", drawing.day(age)), severity)
        if draft is not None and habits.smokes_from:
            draft.cause = "smoking"


def _what_age_brings(drawing: Drawing) -> None:
    random, sex = drawing.random, drawing.person.sex
    for key in _AGEING:
        drawn, severity = random.expovariate(1.0), random.random()
        if drawn > bound(key, sex) * 2:
            continue
        risk = 1.5 if key == "gout" and drawing.habits.drinks == 2 else 1.0
        since = drawing.day(onset(key, sex, drawn, risk))
        draft = drawing.add(key, drawing.likely(key, since), severity)
        if draft is not None and key == "depression" and random.random() < 0.75:
            draft.over = draft.since + round(random.uniform(0.7, 4) * YEAR)
        stroke = drawing.drafts.get("stroke-ischaemic")
        if (
            draft is not None
            and key == "dementia"
            and stroke is not None
            and stroke.since < draft.since
        ):
            draft.code, draft.name = "F01.900", "血管性痴呆"
            draft.cause = "stroke-ischaemic"
        if draft is not None and key == "osteoporosis" and sex == "F":
            draft.code, draft.name = "M81.000", "绝经后骨质疏松"


def _blood(drawing: Drawing, world: World) -> None:
    """An iron deficiency within the region's years: women of child-bearing age, the very old."""
    random, begin = drawing.random, world.begin.toordinal() - 700
    chance, place, severity = random.random(), random.random(), random.betavariate(1.3, 2)
    since = max(begin, drawing.born) + round(place * max(1, drawing.end - max(begin, drawing.born)))
    age = drawing.age(since)
    woman = drawing.person.sex == "F"
    share = (0.30 if woman else 0.02) if 14 <= age < 50 else 0.22 if age >= 70 else 0.07
    if age < 14 or chance > share:
        return
    draft = drawing.add("anaemia", since, severity)
    if draft is not None:
        draft.over = since + round(random.uniform(1.2, 3.5) * YEAR)


def _find_all(drawing: Drawing) -> None:
    """When each course comes to be known: by itself, and by what an event brings to light."""
    random, drafts = drawing.random, drawing.drafts
    for key in _EVENTS:
        if (draft := drafts.get(key)) is not None:
            if draft.facts.get("at-home") != "1":
                find(drawing, draft, draft.since)
            if draft.found <= drawing.end and random.random() < 0.25:
                draft.treated = draft.found
    for draft in drafts.values():
        if draft.key not in _EVENTS and draft.found > drawing.end and draft.key in NOTICED_ALONE:
            notice(drawing, draft)
    for key in (*_EVENTS, "heart-failure"):
        event = drafts.get(key)
        if event is None or event.found > drawing.end:
            continue
        for other in reveal(drawing, event):
            hidden = drafts.get(other)
            if hidden is None or not hidden.since <= event.found < hidden.found:
                continue
            if random.random() < 0.85:
                find(drawing, hidden, event.found, delay=random.randint(0, 8))
    _after_their_cause(drawing)
    anaemia = drafts.get("anaemia")
    if anaemia is not None and anaemia.treated <= drawing.end:
        anaemia.over = anaemia.treated + random.randint(120, 240)


def _after_their_cause(drawing: Drawing) -> None:
    """A complication of diabetes is only found in those whose diabetes is known by then."""
    for key in ("retinopathy", "neuropathy", "diabetic-foot"):
        draft = drawing.drafts.get(key)
        if draft is None or draft.found > drawing.end:
            continue
        sugar = drawing.drafts[draft.cause]
        if sugar.found > draft.found:
            find(drawing, sugar, draft.found, delay=2)
        elif sugar.treated > draft.found:
            sugar.treated = max(sugar.found, draft.found)
    infarct, coronary = drawing.drafts.get("infarction"), drawing.drafts.get("coronary")
    if infarct is not None and coronary is not None and infarct.found <= drawing.end:
        find(drawing, coronary, infarct.found, delay=0)


NOTICED_ALONE: Final = frozenset(
    (
        "hypertension", "diabetes", "diabetes-type-1", "dyslipidaemia", "coronary",
        "atrial-fibrillation", "heart-failure", "kidney", "retinopathy", "neuropathy",
        "diabetic-foot", "copd", "schizophrenia", "bipolar", "depression", "dementia", "parkinson",
        "hypothyroidism", "anaemia", "gout", "osteoporosis", "hepatitis-b", "cirrhosis", "hiv",
    )
)  # fmt: skip
