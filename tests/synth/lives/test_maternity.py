"""Pregnancies: in order of time, with a birth that happens in hospital, and plausible shares."""

from collections import Counter
from datetime import date, timedelta

import pytest

from minkang.synth.lives import maternity
from minkang.synth.lives.life import Life
from minkang.synth.lives.maternity_course import course_of
from tests.synth.lives.families import family, forms, stays_within, visits, world
from tests.synth.lives.form_mapping import understood

BORN = date(2021, 9, 16)


def _mothers(count: int, weeks: float = 39.2, outcome: str = "live") -> list[Life]:
    return [family(number, BORN, weeks, outcome)[0] for number in range(count)]


def test_a_pregnancy_is_followed_from_the_first_test_to_six_weeks_after() -> None:
    kinds: Counter[str] = Counter()
    mothers = _mothers(40)
    for mother in mothers:
        made = list(maternity.plans(mother))
        kinds.update(form.kind for form in forms(iter(made)))
        clinics = [plan for plan in visits(iter(made)) if plan.kind == "O" and plan.day < BORN]
        assert 8 <= len(clinics) <= 20
        assert stays_within(mother, maternity.plans)
    for kind in ("first_antenatal_visit", "postnatal_visit", "postnatal_42_day_visit"):
        assert 0.9 * len(mothers) <= kinds[kind] <= len(mothers)
    assert kinds["antenatal_visit"] >= 3.6 * len(mothers)


def test_the_child_is_born_while_the_mother_is_in_hospital() -> None:
    for mother in _mothers(40):
        stay = next(one for one in visits(maternity.plans(mother)) if "birth-time" in one.facts)
        assert stay.day <= BORN < stay.day + timedelta(days=stay.nights)
        hour = int(stay.facts["birth-time"][11:13])
        assert stay.day < BORN or (stay.hour is not None and stay.hour <= hour)
        assert stay.diagnoses[-1].code.startswith("Z37")
        assert stay.operations


def test_shares_of_caesareans_diabetes_and_high_pressure() -> None:
    courses = [course_of(world().seed, mother.person, 0) for mother in _mothers(600)]
    of = len(courses)
    assert 0.24 < sum(course.mode == "caesarean" for course in courses) / of < 0.46  # first births
    assert 0.10 < sum(course.diabetes for course in courses) / of < 0.20
    assert 0.02 < sum(bool(course.pressure) for course in courses) / of < 0.08
    assert sum(course.loss >= 1000 for course in courses) / of < 0.03
    for course in courses:
        high = course.fasting >= 5.1 or course.one >= 10.0 or course.two >= 8.5
        assert high == course.diabetes


def test_risk_grows_with_age_and_illness_and_purple_stands_apart() -> None:
    mother = _mothers(1)[0]
    course = course_of(world().seed, mother.person, 0)
    healthy = {"age": 27.0, "bmi": 21.0, "scars": 0, "miscarriages": 0, "abortions": 0,
               "diabetes": False, "pressure": "", "thyroid": False, "placenta": False,
               "syphilis": False, "anaemia": 0}  # fmt: skip

    def colour(**other: object) -> tuple[str, bool]:
        fields = {name: getattr(course, name) for name in course.__struct_fields__}
        graded = type(course)(**{**fields, **healthy, **other})
        found, _, purple = graded.risks(38)
        return found, purple

    assert colour() == ("green", False)
    assert colour(age=36.0) == ("yellow", False)
    assert colour(age=41.0) == ("orange", False)
    assert colour(pressure="severe") == ("orange", False)
    assert colour(syphilis=True) == ("green", True)


@pytest.mark.parametrize(("weeks", "outcome"), [(8.5, "miscarried"), (7.5, "ended"), (16, "ended")])
def test_a_pregnancy_that_ends_early_has_no_birth_and_is_looked_after(
    weeks: float, outcome: str
) -> None:
    for mother in _mothers(12, weeks, outcome):
        made = list(maternity.plans(mother))
        assert all("birth-time" not in plan.facts for plan in visits(iter(made)))
        assert any(plan.day == BORN for plan in visits(iter(made)))
        assert not forms(iter(made), "postnatal_visit")
        assert all(form.at.date() < BORN for form in forms(iter(made)))


def test_all_forms_of_a_pregnancy_are_understood() -> None:
    for mother in _mothers(2):
        for form in forms(maternity.plans(mother)):
            assert understood(mother, form) >= 10
