"""Infections that stay for years: tuberculosis, hepatitis B, HIV.

Tuberculosis within the region's years is a fact of the person (`Person.infections`, and those of
planted outbreaks); hepatitis B is mostly carried since birth, by the years of the vaccine
(sero-survey 2014); HIV is drawn by `courses_rates`.
"""

from datetime import date
from typing import Final

from minkang.synth.lives.courses_drafts import OPEN, YEAR, Draft, Drawing, find
from minkang.synth.lives.courses_rates import NEVER, bound, onset
from minkang.synth.record import Infection, World

_TUBERCULOSIS: Final = frozenset(("tuberculosis", "pulmonary-tuberculosis"))
_HEPATITIS: Final = frozenset(("hepatitis-b",))
_HIV: Final = frozenset(("hiv", "aids"))


def lasting_infections(world: World, drawing: Drawing) -> None:
    """Draw tuberculosis, hepatitis B with its cirrhosis, and HIV."""
    person = drawing.person
    struck = dict.fromkeys((*person.infections, *world.struck.get(person.key, ())))
    hepatitis = _carried(drawing)
    hiv = _hiv(drawing)
    for infection in struck:
        if infection.disease in _TUBERCULOSIS:
            _tuberculosis(drawing, infection)
        elif infection.disease in _HEPATITIS:
            draft = hepatitis or drawing.add("hepatitis-b", drawing.born, 0.4)
            _known_from(drawing, draft, infection.onset)
        elif infection.disease in _HIV:
            before = infection.onset.toordinal() - drawing.random.randint(300, 2500)
            draft = hiv or drawing.add("hiv", max(drawing.day(16), before), infection.severity)
            _known_from(drawing, draft, infection.onset)


def _known_from(drawing: Drawing, draft: Draft | None, day: date) -> None:
    if draft is not None:
        draft.since = min(draft.since, day.toordinal())
        find(drawing, draft, day.toordinal(), delay=20)


def _tuberculosis(drawing: Drawing, infection: Infection) -> None:
    """Found after weeks of cough, treated for half a year; one in twenty longer, few fail."""
    random = drawing.random
    day = infection.onset.toordinal()
    draft = drawing.add("tuberculosis", day, max(0.2, infection.severity))
    if draft is None:
        return
    smear = "positive" if random.random() < 0.38 else "negative"
    resistant = random.random() < 0.04
    draft.facts = {
        "smear": smear,
        "resistant": "1" if resistant else "",
        "side": random.choice(("right-upper", "left-upper", "both")),
        "retreatment": "1" if random.random() < 0.06 else "",
    }
    if smear == "positive":
        draft.code, draft.name = "A15.000x001", "肺结核（显微镜检证实）"
    find(drawing, draft, day + 8 + round(random.expovariate(1 / 22)), delay=random.randint(0, 3))
    if draft.treated < OPEN:
        months = 18 if resistant else random.choices((6, 8, 9), (88, 8, 4))[0]
        over = draft.treated + round(months * 30.4)
        draft.over = over if over <= drawing.end else OPEN
        draft.facts["months"] = str(months)


def _carried(drawing: Drawing) -> Draft | None:
    """Carriers of hepatitis B by the year of birth, and the cirrhosis of one in eight in age."""
    random, year = drawing.random, drawing.person.birth.year
    chance, severity, wait = random.random(), random.random(), random.expovariate(1.0)
    share = 0.060 if year < 1985 else 0.045 if year < 1992 else 0.018 if year < 2002 else 0.002
    draft = drawing.drafts.get("hepatitis-b")
    if draft is None and chance < share:
        draft = drawing.add("hepatitis-b", drawing.born, severity)
    if draft is not None and wait < 1.0 and "cirrhosis" not in drawing.drafts:
        since = drawing.day(38 + wait * 170 * (1.3 - severity))
        drawing.add("cirrhosis", since, 0.7 * random.random(), "hepatitis-b")
    return draft


def _hiv(drawing: Drawing) -> Draft | None:
    drawn, severity = drawing.random.expovariate(1.0), drawing.random.random()
    if drawn > bound("hiv", drawing.person.sex):
        return None
    age = onset("hiv", drawing.person.sex, drawn)
    return drawing.add("hiv", drawing.born + round(age * YEAR), severity) if age < NEVER else None
