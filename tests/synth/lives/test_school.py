"""School checks: yearly for pupils, with short sight that grows through the school years."""

from datetime import date
from itertools import pairwise

from minkang.synth.lives import school
from minkang.synth.lives.eyesight import sight
from minkang.synth.lives.life import Life
from tests.synth.lives.families import life_of, person, visits, world


def _pupils(count: int) -> list[Life]:
    return [
        life_of(number, (person(number, 1, "MF"[number % 2], date(2010, 3, 1 + number % 28)),))
        for number in range(count)
    ]


def test_a_pupil_is_checked_once_a_year() -> None:
    for life in _pupils(30):
        days = [plan.day for plan in visits(school.plans(life)) if plan.kind == "P"]
        assert 7 <= len(days) <= 10
        assert len({day.year if day.month > 7 else day.year - 1 for day in days}) == len(days)


def test_short_sight_has_the_national_shares_by_age() -> None:
    people = [life.person for life in _pupils(700)]
    for year, low, high in ((2016, 0.08, 0.20), (2019, 0.26, 0.44), (2023, 0.60, 0.76),
                            (2026, 0.72, 0.88)):  # fmt: skip
        day = date(year, 9, 1)
        share = sum(sight(world().seed, one, day).short for one in people) / len(people)
        assert low < share < high, (year, share)


def test_an_eye_never_gets_better_by_itself() -> None:
    for life in _pupils(60):
        seen = [sight(world().seed, life.person, date(year, 9, 1)) for year in range(2016, 2027)]
        assert all(
            later.left_dioptres <= earlier.left_dioptres for earlier, later in pairwise(seen)
        )


def test_the_skin_test_belongs_to_the_first_year_of_a_school() -> None:
    tested = {
        plan.facts["grade"]
        for life in _pupils(20)
        for plan in visits(school.plans(life))
        if "tuberculin-mm" in plan.facts
    }
    assert "7" in tested
    assert tested <= {"1", "7", "10"}
