"""A course while it is being drawn: whole days as ordinals, open to change until it is sealed."""

from datetime import date
from random import Random
from typing import Final

import msgspec

from minkang.synth.lives.courses_catalogue import DISEASES
from minkang.synth.lives.courses_habits import Habits
from minkang.synth.record import Condition, Person

YEAR: Final = 365.25
OPEN: Final = 10**7
"""A day that never comes."""

LONGEST: Final = {
    "hypertension": 34.0, "diabetes": 25.0, "dyslipidaemia": 26.0, "coronary": 18.0,
    "atrial-fibrillation": 13.0, "stroke-ischaemic": 13.0, "stroke-haemorrhagic": 12.0,
    "kidney": 14.0, "heart-failure": 9.0, "copd": 24.0, "dementia": 10.0, "parkinson": 12.0,
    "hypothyroidism": 24.0, "gout": 25.0, "osteoporosis": 22.0,
}  # fmt: skip
"""Years beyond which few still live with it, or lived in times that hardly had it."""


class Draft(msgspec.Struct, gc=False):
    """A course of one person; days are proleptic ordinals, `OPEN` where there is none."""

    key: str
    since: int
    severity: float
    found: int = OPEN
    treated: int = OPEN
    over: int = OPEN
    cause: str = ""
    code: str = ""
    name: str = ""
    facts: dict[str, str] = {}


class Drawing(msgspec.Struct, gc=False):
    """One person's courses in the making. `end` is the last day that is lived or known."""

    random: Random
    person: Person
    habits: Habits
    born: int
    end: int
    drafts: dict[str, Draft]
    cause: str  # of death, "" for those who live

    def day(self, age: float) -> int:
        """The day on which the person is that many years old."""
        return self.born + round(age * YEAR)

    def age(self, day: int) -> float:
        """Years lived on that day."""
        return (day - self.born) / YEAR

    def likely(self, key: str, since: int) -> int:
        """The same day, or mostly a later one where that lies too long ago (`LONGEST`).

        Shares by age are of today's people; this keeps them and moves when they fell ill.
        """
        years = LONGEST.get(key, 200.0)
        place, kept = self.random.random(), self.random.random()
        if self.end - since > years * YEAR and kept < 0.9:
            return self.end - round((0.05 + 0.95 * place) * years * YEAR)
        return since

    def add(self, key: str, since: int, severity: float, cause: str = "") -> Draft | None:
        """Begin a course unless it would begin after the end; an earlier one of its key stands."""
        if since > self.end:
            return None
        known = self.drafts.get(key)
        if known is not None:
            if since >= known.since:
                return known
            known.since = since
            return known
        draft = Draft(key, max(since, self.born), severity, cause=cause)
        self.drafts[key] = draft
        return draft


# How long a course goes unnoticed: share that nobody ever finds, mean years before 60 and after
# (check-ups are yearly from 65), share treated, mean days from finding to treatment.
# fmt: off
_NOTICED: Final[dict[str, tuple[float, float, float, float, float]]] = {
    "hypertension": (0.26, 10.0, 6.0, 0.88, 25),
    "diabetes": (0.40, 13.0, 10.0, 0.88, 20),
    "diabetes-type-1": (0.0, 0.1, 0.1, 1.0, 1),
    "dyslipidaemia": (0.5, 15.0, 9.0, 0.55, 60),
    "coronary": (0.10, 1.6, 1.5, 0.92, 5),
    "atrial-fibrillation": (0.2, 2.2, 1.6, 0.7, 20),
    "heart-failure": (0.05, 0.7, 0.7, 0.97, 3),
    "kidney": (0.15, 3.6, 2.6, 0.8, 20),
    "retinopathy": (0.3, 3.2, 3.0, 0.4, 30),
    "neuropathy": (0.4, 3.0, 3.0, 0.7, 10),
    "diabetic-foot": (0.0, 0.05, 0.05, 1.0, 2),
    "copd": (0.62, 10.0, 8.0, 0.75, 10),
    "schizophrenia": (0.04, 0.8, 0.8, 0.93, 3),
    "bipolar": (0.2, 2.0, 2.0, 0.85, 5),
    "depression": (0.72, 0.7, 0.7, 0.85, 4),
    "dementia": (0.5, 2.6, 2.6, 0.5, 30),
    "parkinson": (0.2, 1.2, 1.2, 0.95, 5),
    "hypothyroidism": (0.35, 3.5, 3.0, 0.85, 6),
    "anaemia": (0.6, 0.6, 0.6, 0.9, 2),
    "gout": (0.12, 0.4, 0.4, 0.6, 120),
    "osteoporosis": (0.72, 5.0, 5.0, 0.7, 20),
    "hepatitis-b": (0.4, 38.0, 25.0, 0.28, 400),
    "cirrhosis": (0.08, 1.2, 1.2, 0.95, 3),
    "hiv": (0.08, 3.5, 3.5, 0.97, 15),
}
# fmt: on


_LOOKED_FOR: Final = {
    key: date(year, 1, 1).toordinal()
    for key, year in (
        ("", 1965), ("hypertension", 1990), ("diabetes", 1992), ("dyslipidaemia", 2002),
        ("copd", 2003), ("osteoporosis", 2006), ("kidney", 2002), ("hypothyroidism", 1996),
        ("hepatitis-b", 1990), ("neuropathy", 2000), ("retinopathy", 1996), ("dementia", 2000),
    )
}  # fmt: skip
"""The day from which one measured for it outside large hospitals; nothing is found before."""


def notice(drawing: Drawing, draft: Draft) -> None:
    """Draw when the course is found and treated. Who cares for health is found earlier."""
    never, young, old, treats, days = _NOTICED[draft.key]
    random, pace = drawing.random, 2.0 ** (-0.5 * drawing.habits.care)
    left, lucky = random.expovariate(1.0), random.random()
    treated, delay = random.random(), random.expovariate(1.0)
    if lucky < never * (1.25 - 0.5 * draft.severity):
        return
    years_young = max(0.0, 60 - drawing.age(draft.since))
    used = years_young / (young * pace)
    waiting = left * young * pace if left < used else years_young + (left - used) * old * pace
    found = draft.since + round(waiting * YEAR * (1.3 - 0.6 * draft.severity))
    first = _LOOKED_FOR.get(draft.key, _LOOKED_FOR[""])
    if found < first:
        found = max(draft.since, first + round(900 * min(2.5, left * pace)))
    find(drawing, draft, found, treat=treated < treats, delay=delay * days)


def find(drawing: Drawing, draft: Draft, day: int, *, treat: bool = True, delay: float = 0) -> None:
    """Let the course be found on a day, unless it is known already or that day never comes."""
    day = max(day, draft.since)
    if day > drawing.end or day >= draft.found:
        return
    draft.found = day
    begins = day + round(delay)
    draft.treated = begins if treat and begins <= drawing.end else OPEN


def sealed(drawing: Drawing, draft: Draft) -> Condition:
    """The finished record of a course: nothing after the end, no cause that came later."""
    disease = DISEASES[draft.key]
    if draft.over > drawing.end:
        draft.over = OPEN
    cause = drawing.drafts.get(draft.cause)
    if cause is not None and cause.since > draft.since:
        draft.cause = ""
    return Condition(
        draft.key,
        draft.code or disease.code,
        draft.name or disease.name,
        date.fromordinal(draft.since),
        date.fromordinal(draft.found) if draft.found < OPEN else None,
        date.fromordinal(draft.treated) if draft.treated < OPEN else None,
        date.fromordinal(draft.over) if draft.over < OPEN else None,
        round(draft.severity, 3),
        draft.cause,
        draft.facts,
    )
