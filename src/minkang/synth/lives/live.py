"""A household's years: courses, plans, calendar, visits.

Everything follows from the world and the household's number; what one module plans never depends
on another module's draws.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from minkang.synth.lives import (
    acute,
    blood_donation,
    check_ups,
    children,
    chinese,
    chronic,
    dental_eyes,
    disability,
    ems,
    endings,
    family_doctor,
    infections,
    injuries,
    maternity,
    minor,
    school,
    surgery_plans,
    vaccination,
    work,
)
from minkang.synth.lives.body import body_of
from minkang.synth.lives.calendar import settle
from minkang.synth.lives.courses import conditions_of
from minkang.synth.lives.furnish import furnish
from minkang.synth.lives.life import Life, days_here
from minkang.synth.people import household as household_of
from minkang.synth.record import Condition, Form, Household, Lived, Person, Plan, Visit, World

Plans = Callable[[Life], Iterable[Plan | Form]]

MODULES: Final[tuple[Plans, ...]] = (
    endings.plans,
    chronic.plans,
    acute.plans,
    injuries.plans,
    surgery_plans.plans,
    infections.plans,
    maternity.plans,
    children.plans,
    vaccination.plans,
    school.plans,
    family_doctor.plans,
    check_ups.plans,
    work.plans,
    minor.plans,
    chinese.plans,
    dental_eyes.plans,
    disability.plans,
    blood_donation.plans,
    ems.plans,
)
"""Who plans: each exposes `plans(life)`; their order decides nothing but ties."""


def life_of(world: World, household: Household, person: Person) -> Life:
    """The person's life as the modules see it."""
    conditions = conditions_of(world, household, person)
    begin, end = days_here(world, person)
    body = body_of(world, person, conditions)
    return Life(world, person, household, conditions, body, begin, end)


def planned(life: Life) -> tuple[list[Plan], list[Form]]:
    """What all modules want to happen, not yet settled."""
    plans: list[Plan] = []
    forms: list[Form] = []
    for module in MODULES:
        for one in module(life):
            if isinstance(one, Plan):
                plans.append(one)
            else:
                forms.append(one)
    return plans, forms


def live_one(life: Life, *, slips: bool = True) -> tuple[list[Visit], list[Form]]:
    """One person's visits and forms, each in order of time."""
    plans, forms = planned(life)
    settled, filed = settle(life, plans, forms)
    visits, more = furnish(life, settled, slips=slips)
    calls = ems.calls_of(life, settled, visits)
    return visits, sorted((*filed, *more, *calls), key=_at)


def live(world: World, household: Household | int, *, slips: bool = True) -> Lived:
    """The household's years. `slips` False writes every text without slips of the hand."""
    if isinstance(household, int):
        household = household_of(world, household)
    conditions: dict[str, tuple[Condition, ...]] = {}
    visits: list[Visit] = []
    forms: list[Form] = []
    for person in household.people:
        life = life_of(world, household, person)
        conditions[person.key] = life.conditions
        seen, filed = live_one(life, slips=slips)
        visits += seen
        forms += filed
    visits.sort(key=lambda visit: (visit.start, visit.person))
    forms.sort(key=lambda form: (form.at, form.person, form.kind))
    return Lived(household, conditions, tuple(visits), tuple(forms))


def _at(form: Form) -> tuple[datetime, str]:
    return form.at, form.kind
