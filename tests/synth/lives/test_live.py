"""Whole lives: nothing contradicts itself, and every process makes the same of them."""

from itertools import pairwise

import msgspec

from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.drugs import ALIASES, DRUGS
from minkang.synth.lives.live import life_of, live, planned
from minkang.synth.people import household
from minkang.synth.texts.imaging import STUDIES, finding_of
from minkang.synth.texts.symptoms import SYMPTOMS
from tests.synth.lives.lived import TODAY, lived, world


def test_the_same_household_lives_the_same_in_any_order() -> None:
    first = [msgspec.msgpack.encode(live(world(), number)) for number in (5, 17, 3)]
    again = [msgspec.msgpack.encode(live(world(), number)) for number in (3, 17, 5)]
    assert first == again[::-1]


def test_nobody_is_seen_before_birth_after_death_or_while_away() -> None:
    for one in lived():
        people = {person.key: person for person in one.household.people}
        for visit in one.visits:
            person, day = people[visit.person], visit.start.date()
            assert person.here(day)
            assert day < TODAY
            if person.death is not None and visit.end is not None:
                assert visit.end.date() <= person.death


def test_nobody_is_in_two_places() -> None:
    for one in lived():
        for person in one.household.people:
            visits = [visit for visit in one.visits if visit.person == person.key]
            for before, after in pairwise(visits):
                assert before.start < after.start
                if before.kind == "I":
                    assert before.end is not None
                    assert after.start >= before.end


def test_who_dies_in_care_is_not_seen_again() -> None:
    deaths = 0
    homes = (household(world(), number) for number in range(40, 400))
    bereaved = (home for home in homes if any(person.death for person in home.people))
    for home in bereaved:
        one = live(world(), home)
        for person in home.people:
            outcomes = [visit.outcome for visit in one.visits if visit.person == person.key]
            if "死亡" in outcomes:
                deaths += 1
                assert outcomes.index("死亡") == len(outcomes) - 1
                assert person.death is not None
        if deaths >= 2:
            return
    raise AssertionError(f"{deaths} deaths in care")


def test_visits_are_as_many_as_the_yearbook_says() -> None:
    years = sum(
        max(0, (life.end - life.begin).days + 1) / 365.25
        for one in lived()
        for life in (life_of(world(), one.household, person) for person in one.household.people)
    )
    visits = [visit for one in lived() for visit in one.visits]
    values = sum(len(report.values) for visit in visits for report in visit.reports)
    assert 4.8 < len(visits) / years < 7.5
    assert values / years > 40


def test_all_keys_of_all_plans_are_in_the_catalogues() -> None:
    unknown: set[str] = set()
    for number in range(200):
        home = household(world(), number)
        for person in home.people:
            plans, _ = planned(life_of(world(), home, person))
            for plan in plans:
                unknown.update(set(plan.symptoms) - SYMPTOMS.keys())
                unknown.update(set(plan.panels) - PANELS.keys())
                unknown.update(
                    one.drug for one in plan.medicines
                    if one.drug not in DRUGS and one.drug not in ALIASES
                )  # fmt: skip
                for study, finding in plan.images.items():
                    if study not in STUDIES or (finding and finding_of(study, finding)[0] is None):
                        unknown.add(f"{study}:{finding}")
    assert not unknown


def test_texts_hold_no_gaps() -> None:
    for one in lived():
        for visit in one.visits:
            assert 0 < len(visit.texts["complaint"]) <= 20
            for key, text in visit.texts.items():
                assert text, key
                assert "{" not in text
                assert "None" not in text
