"""Courses of long illness: as common as the surveys say, causes first, nothing after the end."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from minkang.synth.lives.courses_deaths import cause_of_death
from minkang.synth.lives.courses_habits import habits_of
from minkang.synth.record import Condition, Infection, Person
from tests.synth.lives.chronic_lives import (
    LAST,
    TODAY,
    WORLD,
    adults,
    conditions,
    dying,
    everybody,
    resident,
    there,
)


def _share(key: str, whom: Callable[[Person], bool]) -> float:
    chosen = [courses for person, courses in adults() if whom(person)]
    return 100 * sum(there(courses, key) is not None for courses in chosen) / len(chosen)


@pytest.mark.parametrize(
    ("key", "youngest", "low", "high"),
    [
        # surveys' prevalence, and room for the sample of 3,000
        ("hypertension", 18, 27, 40),
        ("hypertension", 65, 51, 64),
        ("diabetes", 18, 10, 16),
        ("copd", 40, 11, 17),
        ("coronary", 65, 12, 21),
        ("stroke-ischaemic", 40, 1.7, 4.2),
        ("dementia", 60, 3.5, 9),
        ("hepatitis-b", 30, 4, 8.5),
        ("schizophrenia", 18, 0.15, 0.9),
    ],
)
def test_prevalence_lies_where_surveys_put_it(
    key: str, youngest: int, low: float, high: float
) -> None:
    assert low < _share(key, lambda person: person.age(LAST) >= youngest) < high


def test_pressure_rises_with_age_and_osteoporosis_is_women_s() -> None:
    bands = [(18, 40), (40, 55), (55, 70), (70, 91)]

    def between(low: int, high: int) -> Callable[[Person], bool]:
        return lambda person: low <= person.age(LAST) < high

    shares = [_share("hypertension", between(*band)) for band in bands]
    assert shares == sorted(shares)
    old_women = _share("osteoporosis", lambda p: p.sex == "F" and p.age(LAST) >= 65)
    old_men = _share("osteoporosis", lambda p: p.sex == "M" and p.age(LAST) >= 65)
    assert old_women > 2.5 * old_men


def test_half_of_the_pressure_is_known_and_less_than_that_of_the_lungs() -> None:
    def known(key: str) -> float:
        ill = [found for _, courses in adults() if (found := there(courses, key)) is not None]
        return sum(course.found is not None for course in ill) / len(ill)

    assert 0.48 < known("hypertension") < 0.70
    assert 0.13 < known("copd") < 0.38


def test_smokers_lungs_and_the_diabetics_hearts_are_worse() -> None:
    men = [(habits_of(p), courses) for p, courses in adults() if p.sex == "M" and p.age(LAST) > 50]
    smoke = [there(courses, "copd") is not None for habits, courses in men if habits.smokes_from]
    clean = [
        there(courses, "copd") is not None for habits, courses in men if not habits.smokes_from
    ]
    assert sum(smoke) / len(smoke) > 1.8 * sum(clean) / len(clean)
    old = [courses for person, courses in adults() if person.age(LAST) > 55]
    sweet = [there(c, "coronary") is not None for c in old if there(c, "diabetes")]
    plain = [there(c, "coronary") is not None for c in old if not there(c, "diabetes")]
    assert sum(sweet) / len(sweet) > 1.2 * sum(plain) / len(plain)


def test_nothing_begins_is_found_or_treated_outside_the_life() -> None:
    for person, courses in everybody():
        end = min(LAST, person.death or LAST)
        for course in courses:
            assert person.birth <= course.since <= end
            for day in (course.found, course.treated, course.over):
                assert day is None or course.since <= day <= end


def test_treatment_follows_finding_and_a_complication_follows_its_cause() -> None:
    for _, courses in everybody():
        by_key = {course.key: course for course in courses}
        assert len(by_key) == len(courses)
        for course in courses:
            if course.treated is not None:
                assert course.found is not None
                assert course.treated >= course.found
            if course.cause and course.cause != "smoking":
                assert by_key[course.cause].since <= course.since
        for key in ("retinopathy", "neuropathy", "diabetic-foot"):
            late = by_key.get(key)
            if late is not None and late.found is not None:
                sugar = by_key[late.cause]
                assert sugar.found is not None
                assert sugar.found <= late.found


def test_the_dying_die_of_what_they_had() -> None:
    causes = Counter(cause_of_death(WORLD, person) for person, _ in dying())
    assert 0.18 < causes["heart"] / 600 < 0.34
    assert 0.16 < causes["brain"] / 600 < 0.30
    assert 0.13 < causes["cancer"] / 600 < 0.30
    expected = {
        "brain": ("stroke-ischaemic", "stroke-haemorrhagic"),
        "heart": ("coronary",),
        "cancer": tuple(f"{site}-cancer" for site in _SITES),
    }
    for person, courses in dying():
        keys = expected.get(cause_of_death(WORLD, person))
        if keys is not None:
            assert any(course.key in keys for course in courses)
        fatal = [course for course in courses if course.facts.get("fatal") == "1"]
        assert len(fatal) <= 1


_SITES = (
    "lung", "stomach", "colorectal", "liver", "oesophagus", "breast", "cervical", "thyroid",
    "prostate", "pancreas",
)  # fmt: skip


def test_nobody_lives_on_for_years_with_a_cancer_that_kills_in_months() -> None:
    for _, courses in adults():
        for course in courses:
            if course.key in ("pancreas-cancer", "liver-cancer", "lung-cancer"):
                years = (LAST - (course.found or course.since)).days / 365.25
                assert course.facts["stage"] != "IV" or years < 12


def test_a_notified_tuberculosis_becomes_half_a_year_of_treatment() -> None:
    case = Infection("tuberculosis", date(2024, 3, 4))
    course = there(
        conditions(resident(70001, "M", 44, infections=(case,))), "tuberculosis", case.onset
    )
    assert course is not None
    assert course.found is not None
    assert course.found - case.onset < timedelta(days=200)
    assert course.treated is not None
    assert course.over is not None
    assert timedelta(days=180) <= course.over - course.treated <= timedelta(days=560)


def test_courses_depend_on_person_and_world_alone() -> None:
    person = resident(70002, "F", 77)
    first: tuple[Condition, ...] = conditions(person)
    for number in range(20):
        conditions(resident(number, "M", 50))
    assert conditions(person) == first
    assert habits_of(person) == habits_of(person)
    assert all(course.since < TODAY for course in first)
