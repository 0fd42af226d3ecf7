"""Check-ups beside the family doctor's: nobody's illness is overlooked, no X-ray harms a child."""

from datetime import date, timedelta
from itertools import pairwise

from minkang.synth.lives import check_ups, work
from minkang.synth.lives.desk import expecting, open_day
from minkang.synth.lives.managed import unaware
from tests.synth.lives.families import family, life_of, old_people, person, visits, world


def test_who_was_at_a_check_up_has_no_long_unknown_illness() -> None:
    for life in old_people(60, 1962):
        for plan in visits(check_ups.plans(life)):
            if plan.because == "check-up":
                assert not unaware(life, plan.day)


def test_no_check_up_falls_into_a_pregnancy() -> None:
    for number in range(40):
        mother = family(number, date(2020, 6, 4))[0]
        assert not any(expecting(mother, plan.day) for plan in visits(check_ups.plans(mother)))


def test_women_are_screened_every_third_year() -> None:
    gaps = []
    for number in range(60):
        life = life_of(number, (person(number, 1, "F", date(1975, 7, 1 + number % 28)),))
        days = [plan.day for plan in visits(check_ups.plans(life)) if "hpv" in plan.panels]
        gaps += [later.year - earlier.year for earlier, later in pairwise(days)]
    assert gaps
    assert set(gaps) <= {3, 6, 9}


def test_the_exposed_are_checked_for_their_hazard_and_others_not() -> None:
    place = world().place
    sites = [
        site for village in place.villages[:4] for site in place.of_kind(village.code, "employer")
    ]  # fmt: skip
    dusty = next(site for site in sites if any("尘" in hazard for hazard in site.hazards))
    clean = next(site for site in sites if site.trade in ("金融服务", "信息服务", "商业零售"))
    seen = []
    for number in range(60):
        exposed = person(number, 1, "M", date(1980, 2, 3), site=dusty.key, insurance="职工")
        seen.append(visits(work.plans(life_of(number, (exposed,)))))
        clerk = person(number, 1, "M", date(1980, 2, 3), site=clean.key, insurance="职工")
        assert not visits(work.plans(life_of(number, (clerk,))))
    checked = [plans for plans in seen if plans]
    assert 0.1 < len(checked) / len(seen) < 0.5
    assert all("chest-film" in plan.images for plans in checked for plan in plans)


def test_desks_are_closed_on_weekends_and_in_the_week_of_spring_festival() -> None:
    day = date(2019, 1, 1)
    while day < date(2026, 1, 1):
        opened = open_day(day)
        assert day <= opened <= day + timedelta(days=12)
        assert opened.weekday() < 5
        day += timedelta(days=1)
    assert open_day(date(2024, 2, 10)) >= date(2024, 2, 16)
