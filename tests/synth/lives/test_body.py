"""The body: drugs work and tire, a failing kidney shows before it is found, growth is one line."""

from datetime import date, timedelta
from itertools import pairwise
from statistics import mean

import msgspec

from minkang.synth.lives.body import (
    blood_pressure,
    body_of,
    creatinine,
    filtration,
    glucose,
    haemoglobin,
    hba1c,
    height_weight,
    lipids,
)
from minkang.synth.lives.body_kidney import dialysis_from, estimated_filtration
from minkang.synth.record import Condition, Pregnancy
from tests.synth.lives.chronic_lives import LAST, WORLD, adults, body, resident, there


def _pressure(treated: date | None) -> Condition:
    return Condition(
        "hypertension", "I10.x00x002", "高血压", date(2010, 1, 1), date(2019, 5, 1), treated,
        severity=0.6,
    )  # fmt: skip


def test_pressure_falls_under_drugs_and_not_before() -> None:
    falls = []
    for number in range(40):
        person = resident(80000 + number, "M", 62)
        ill, helped = body(person, _pressure(None)), body(person, _pressure(date(2019, 5, 1)))
        before, after = date(2019, 4, 1), date(2022, 4, 1)
        assert blood_pressure(ill, before) == blood_pressure(helped, before)
        falls.append(blood_pressure(ill, after)[0] - blood_pressure(helped, after)[0])
    assert min(falls) >= 0
    assert 8 < mean(falls) < 35


def test_sugar_falls_under_drugs_and_creeps_back() -> None:
    found = date(2018, 3, 1)
    course = Condition(
        "diabetes", "E11.900", "2型糖尿病", date(2011, 1, 1), found, found, severity=0.6
    )
    bodies = [body(resident(81000 + n, "F", 60), course) for n in range(40)]
    start = mean(hba1c(one, found - timedelta(days=5)) for one in bodies)
    treated = mean(hba1c(one, found + timedelta(days=240)) for one in bodies)
    assert start > 7.5
    assert treated < start - 0.6
    again = [
        hba1c(one, LAST) - hba1c(one, LAST - timedelta(days=500))
        for one in bodies
        if one.regimens["diabetes"][-1].since < LAST.toordinal() - 1000
    ]
    assert again
    assert min(again) >= 0


def test_glucose_and_hba1c_say_the_same() -> None:
    for person, courses in adults()[:300]:
        one = body_of(WORLD, person, courses)
        assert (glucose(one, LAST) > 7.0) == (hba1c(one, LAST) > 6.83)


def test_a_failing_kidney_raises_creatinine_before_it_is_found() -> None:
    seen = 0
    for person, courses in adults():
        kidney = there(courses, "kidney")
        if kidney is None or kidney.found is None or (kidney.found - kidney.since).days < 700:
            continue
        one = body_of(WORLD, person, courses)

        days = (kidney.found, kidney.since, kidney.since - timedelta(days=4000))
        levels = [creatinine(filtration(one, day), person.sex, 60) for day in days]
        assert levels == sorted(levels, reverse=True)
        seen += 1
    assert seen > 15


def test_creatinine_and_rate_are_each_other_s_inverse() -> None:
    for sex in ("M", "F"):
        for rate in (6.0, 15.0, 40.0, 75.0, 100.0, 118.0):
            assert abs(estimated_filtration(creatinine(rate, sex, 63), sex, 63) - rate) < 0.01


def test_dialysis_begins_when_little_is_left() -> None:
    course = Condition(
        "kidney", "N18.300", "慢性肾脏病3期", date(2008, 1, 1), date(2011, 1, 1), date(2011, 2, 1),
        severity=1.0,
    )  # fmt: skip
    one = body(resident(82000, "M", 58), course)
    start = dialysis_from(one)
    assert start is not None
    assert filtration(one, start) <= 8.6
    assert filtration(one, start - timedelta(days=400)) > 9
    assert dialysis_from(body(resident(82001, "M", 58))) is None


def test_statins_halve_part_of_ldl_and_control_is_about_half() -> None:
    course = Condition(
        "dyslipidaemia", "E78.500", "高脂血症", date(2012, 1, 1), date(2020, 1, 1),
        date(2020, 1, 1), severity=0.7,
    )  # fmt: skip
    falls = []
    for number in range(30):
        one = body(resident(83000 + number, "M", 55), course)
        if any("statin" in drug for drug in one.regimens["dyslipidaemia"][0].drugs):
            before = lipids(one, date(2019, 12, 1))["ldl"]
            falls.append(1 - lipids(one, date(2020, 9, 1))["ldl"] / before)
    assert 0.15 < mean(falls) < 0.45
    treated = [
        body_of(WORLD, person, courses)
        for person, courses in adults()
        if (ill := there(courses, "hypertension")) is not None and ill.treated is not None
    ]
    held = mean(max(0, blood_pressure(one, LAST)[0] < 140) for one in treated)
    assert 0.35 < held < 0.72


def test_a_pregnancy_thins_the_blood_and_it_comes_back() -> None:
    woman = msgspec.structs.replace(
        resident(84000, "F", 30),
        pregnancies=(Pregnancy(date(2023, 1, 10), date(2023, 10, 15), "live"),),
    )
    one = body(woman)
    assert haemoglobin(one, date(2023, 9, 1)) < haemoglobin(one, date(2022, 12, 1)) - 10
    assert haemoglobin(one, date(2024, 3, 1)) == haemoglobin(one, date(2022, 12, 1))


def test_a_child_grows_into_its_adult_height() -> None:
    person = resident(85000, "M", 24)
    one = body(person)
    years = [person.birth + timedelta(days=round(365.25 * year)) for year in range(25)]
    heights = [height_weight(one, day)[0] for day in years if day >= person.birth]
    assert all(later >= earlier - 0.6 for earlier, later in pairwise(heights))
    assert 45 < heights[0] < 56
    assert 158 < heights[-1] < 196
    assert abs(heights[18] - heights[19]) < 1.5
