"""The long tail: how often people come, to whom, and that all of it can be written down."""

import statistics
from collections import Counter
from datetime import date

import pytest

from minkang.synth.lives import blood_donation, dental_eyes, minor
from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.drugs import drug
from minkang.synth.lives.frequencies import VISITS, band
from minkang.synth.lives.frequencies_orders import images, medicines
from minkang.synth.record import Form, Plan
from minkang.synth.texts.imaging import STUDIES
from minkang.synth.texts.symptoms import SYMPTOMS
from tests.synth.lives.crowd import lives, national


@pytest.fixture(scope="module")
def plans() -> list[tuple[int, Plan]]:
    return [
        (band(life.person.age(plan.day)), plan)
        for life in lives(900)
        for plan in minor.plans(life)
        if isinstance(plan, Plan) and life.begin <= plan.day <= life.end
    ]


def test_visits_a_year_follow_the_yearbook_by_age() -> None:
    years: Counter[int] = Counter()
    seen: Counter[int] = Counter()
    for life in lives(1000, seed=2):
        number = band(life.person.age(life.end))
        years[number] += (life.end - life.begin).days
        seen[number] += sum(life.begin <= p.day <= life.end for p in minor.plans(life))  # type: ignore[union-attr]
    for number in range(2, 9):
        rate = seen[number] / years[number] * 365
        wanted = statistics.mean((VISITS["M"][number], VISITS["F"][number]))
        assert 0.7 * wanted < rate < 1.45 * wanted, (number, rate)
    assert seen[2] / years[2] > 2 * seen[4] / years[4] < seen[7] / years[7]


def test_most_is_seen_near_home_and_a_third_of_that_by_chinese_medicine(
    plans: list[tuple[int, Plan]],
) -> None:
    near = [plan for _, plan in plans if plan.care in ("village", "town")]
    assert 0.5 < len(near) / len(plans) < 0.7
    chinese = sum(plan.specialty == "tcm" for plan in near) / len(near)
    assert 0.25 < chinese < 0.60


def test_admissions_are_few_in_the_young_and_many_in_the_old(plans: list[tuple[int, Plan]]) -> None:
    share = {n: [p.kind == "I" for b, p in plans if b == n] for n in (4, 8)}
    assert statistics.mean(share[8]) > 1.5 * statistics.mean(share[4])
    nights = [plan.nights for _, plan in plans if plan.kind == "I"]
    assert 6 < statistics.mean(nights) < 10


def test_village_rooms_order_no_tests_and_no_films(plans: list[tuple[int, Plan]]) -> None:
    assert not any(p.panels or p.images for _, p in plans if p.care == "village" and p.kind == "O")


def test_antibiotics_are_given_too_often_for_a_cold() -> None:
    cold = next(one for one in minor.AILMENTS if one.key == "cold")
    antibiotics = {"amoxicillin", "cefdinir", "azithromycin", "cefuroxime", "levofloxacin"}
    chance = 1.0
    for medicine, share in cold.medicines:
        chance *= 1 - share if medicine.drug in antibiotics else 1
    assert 0.2 < 1 - chance < 0.55  # published: 30-50 % at primary institutions


def test_colds_come_in_winter_and_gastroenteritis_in_summer() -> None:
    months: dict[str, Counter[int]] = {"cold": Counter(), "gastroenteritis": Counter()}
    for life in lives(600, seed=3):
        for plan in minor.plans(life):
            if isinstance(plan, Plan) and plan.because in months:
                months[plan.because][plan.day.month] += 1
    cold, gut = months["cold"], months["gastroenteritis"]
    assert cold[12] + cold[1] + cold[2] > 1.5 * (cold[6] + cold[7] + cold[8])
    assert gut[7] + gut[8] + gut[6] > 1.5 * (gut[12] + gut[1] + gut[2])


def test_a_longer_region_has_had_the_same_years_before() -> None:
    life = next(life for life in lives(40, seed=4) if life.person.age(life.end) > 60)
    early = date(2025, 12, 31)
    whole = [p for p in minor.plans(life) if isinstance(p, Plan) and p.day <= early]
    assert whole == [p for p in minor.plans(life) if isinstance(p, Plan) and p.day <= early]
    assert len(whole) > 0


def test_ailments_carry_codes_and_names_of_the_national_edition() -> None:
    known = national("icd10")
    for one in minor.AILMENTS:
        assert one.diagnosis.name in known.get(one.diagnosis.code, ()), one.key
    keys = [one.key for one in minor.AILMENTS]
    assert len(keys) == len(set(keys)) >= 225


def test_whatever_is_ordered_is_in_the_catalogues() -> None:
    for one in minor.AILMENTS:
        assert set(one.symptoms) <= set(SYMPTOMS), one.key
        assert {panel for panel, _ in one.tests} <= set(PANELS), one.key
        for medicine, _ in one.medicines:
            assert drug(medicine.drug).key
        for study, findings, _ in one.images:
            wanted = {finding for finding in findings if finding}
            assert wanted <= set(STUDIES[study].findings), (one.key, study)


def test_order_texts_are_read_and_nothing_is_prescribed_twice() -> None:
    rows = medicines("ibuprofen 3 .5, ibuprofen 5 .2, cefaclor 5 .3")
    assert [(m.drug, m.days, share) for m, share in rows] == [
        ("ibuprofen", 3, 0.5),
        ("cefaclor", 5, 0.3),
    ]
    assert images("chest-film:/pneumonia .3") == (("chest-film", ("", "pneumonia"), 0.3),)
    with pytest.raises(ValueError, match="unpack"):
        medicines("ibuprofen 3")


def test_blood_is_given_by_the_grown_half_a_year_apart() -> None:
    donations = [
        (life, form) for life in lives(1500, seed=5) for form in blood_donation.plans(life)
    ]
    assert 4 < len(donations) / 3 < 25  # 12 in 1,000 a year
    for life, form in donations:
        assert 18 <= life.person.age(form.at.date()) < 60
        assert isinstance(form, Form)


def test_teeth_are_looked_after_at_their_ages() -> None:
    for life in lives(300, seed=6):
        for plan in dental_eyes.plans(life):
            assert isinstance(plan, Plan)
            assert plan.specialty == "dental"
            age = life.person.age(plan.day)
            assert plan.because != "sealant" or 5.4 < age < 10.2
