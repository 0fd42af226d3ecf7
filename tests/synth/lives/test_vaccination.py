"""Vaccination: the schedule of its day, intervals, lots, and how many children have what."""

from collections import defaultdict
from datetime import date, timedelta

import pytest

from minkang.synth.lives import vaccination
from minkang.synth.lives.vaccines import lot_of, programme
from tests.synth.lives.families import family, forms, old_people, stays_within
from tests.synth.lives.form_mapping import understood

BORN = date(2020, 8, 3)


def _due(birth: date) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for due in programme(birth):
        found[due.vaccine].append(due.months)
    return found


def test_the_schedule_follows_its_editions() -> None:
    old, new, newest = _due(date(2017, 3, 1)), _due(date(2021, 3, 1)), _due(date(2025, 3, 1))
    assert (old["mr"], old["mmr"], old["ipv"]) == ([8], [18], [2])
    assert (new["mmr"], new["ipv"], new["dtap"]) == ([8, 18], [2, 3], [3, 4, 5, 18, 72])
    assert newest["dtap"] == [2, 4, 6, 18, 72]
    assert old["dt"] == [72]
    assert "dt" not in newest


def test_nearly_all_have_their_doses_by_two_years() -> None:
    wanted = {
        ("乙型肝炎疫苗", "3"): 0.95, ("麻疹流行性腮腺炎风疹疫苗", "2"): 0.92,
        ("结核疫苗", "1"): 1.0, ("脑膜炎球菌疫苗", "2"): 0.94, ("甲型肝炎疫苗", "1"): 0.92,
    }  # fmt: skip
    have = dict.fromkeys(wanted, 0)
    for number in range(150):
        child = family(number, BORN)[1]
        given = {
            (form.values["疫苗名称"], form.values["剂次"])
            for form in forms(vaccination.plans(child))
            if (form.at.date() - BORN).days <= 730
        }
        for key in wanted:
            have[key] += key in given
    assert {key: have[key] / 150 >= least for key, least in wanted.items()} == dict.fromkeys(
        wanted, True
    )


def test_no_dose_is_given_twice_or_too_soon_after_another() -> None:
    for number in range(80):
        child = family(number, BORN)[1]
        last: dict[str, date] = {}
        seen = set()
        for form in forms(vaccination.plans(child)):
            name, dose = form.values["疫苗名称"], form.values["剂次"]
            day = date.fromisoformat(form.values["接种日期"])
            assert day == form.at.date()
            if name == "流行性感冒疫苗":
                continue
            assert (name, dose) not in seen
            seen.add((name, dose))
            if name in last:
                assert (day - last[name]).days >= 21, (name, dose)
            last[name] = day


def test_a_lot_is_in_date_and_shared_by_neighbours() -> None:
    children = [family(number, BORN)[1] for number in (0, 4, 8)]  # of one village
    lots: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for child in children:
        for form in forms(vaccination.plans(child)):
            assert form.values["疫苗有效期"] > form.values["接种日期"]
            lots[form.values["疫苗名称"], form.at.year, (form.at.month - 1) // 3].add(
                form.values["疫苗批号"]
            )
    assert sum(len(numbers) == 1 for numbers in lots.values()) > 0.8 * len(lots)
    day = date(2021, 5, 6)
    assert lot_of(7, "mmr", "a", day) == lot_of(7, "mmr", "a", day + timedelta(days=20))


def test_the_old_were_vaccinated_against_covid_in_their_order() -> None:
    firsts = []
    people = list(old_people(60))
    for life in people:
        assert stays_within(life, vaccination.plans)
        doses = [
            form.at.date() for form in forms(vaccination.plans(life))
            if form.values["疫苗名称"] == "新型冠状病毒疫苗"
        ]  # fmt: skip
        assert doses == sorted(doses)
        firsts += doses[:1]
    assert min(firsts) >= date(2021, 3, 29)
    assert 0.7 < len(firsts) / len(people) < 1.0


@pytest.mark.parametrize("number", range(3))
def test_entries_of_the_card_are_understood(number: int) -> None:
    child = family(number, BORN)[1]
    made = forms(vaccination.plans(child))
    assert len(made) > 15
    for form in made[:24]:
        assert understood(child, form) >= 3
