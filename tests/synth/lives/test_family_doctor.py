"""The family doctor: four follow-ups a year, true pressures, and check-ups of the old."""

import statistics
from collections import Counter
from datetime import date

import pytest

from minkang.synth.lives import family_doctor
from minkang.synth.lives.body import blood_pressure
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import managed_of
from minkang.synth.record import Form
from tests.synth.lives.families import forms, old_people, stays_within
from tests.synth.lives.form_mapping import understood

Seen = list[tuple[Life, list[Form]]]


@pytest.fixture(scope="module")
def old() -> Seen:
    return [(life, forms(family_doctor.plans(life))) for life in old_people(130)]


def test_everybody_has_one_file(old: Seen) -> None:
    counts = [sum(form.kind == "basic_information" for form in made) for _, made in old]
    assert max(counts) == 1
    assert sum(counts) > 0.93 * len(old)


def test_a_managed_patient_is_seen_about_four_times_a_year(old: Seen) -> None:
    yearly = []
    for life, made in old:
        for one in managed_of(life):
            if one.key == "hypertension" and one.since < date(2019, 1, 1):
                seen = [form for form in made if form.kind == "hypertension_followup"]
                years = (life.end - max(one.since, life.begin)).days / 365.25
                if years > 2:
                    yearly.append(len(seen) / years)
    assert len(yearly) > 20
    assert 3.0 < statistics.mean(yearly) < 5.0


def test_follow_ups_measure_the_pressure_that_the_body_has(old: Seen) -> None:
    differences = [
        int(form.values["收缩压"]) - blood_pressure(life.body, form.at.date())[0]
        for life, made in old
        for form in made
        if form.kind == "hypertension_followup"
    ]
    assert abs(statistics.mean(differences)) < 1.5
    assert statistics.stdev(differences) < 8


def test_medicines_are_those_of_the_day(old: Seen) -> None:
    for life, made in old:
        begun = {condition.key: condition.treated for condition in life.conditions}
        for form in made:
            if form.kind == "hypertension_followup" and "药物1名称" in form.values:
                treated = begun["hypertension"]
                assert treated is not None
                assert treated <= form.at.date()


def test_seven_in_ten_of_the_old_come_to_their_check_up(old: Seen) -> None:
    came = asked = 0
    for life, made in old:
        years = Counter(form.at.year for form in made if form.kind == "health_checkup")
        assert not years or max(years.values()) == 1
        for year in range(2018, 2026):
            if life.begin <= date(year, 1, 1) and date(year, 12, 31) <= life.end:
                asked += 1
                came += years[year]
    assert 0.62 < came / asked < 0.80


def test_nothing_is_filed_for_who_is_not_here(old: Seen) -> None:
    assert all(stays_within(life, family_doctor.plans) for life, _ in old[:20])


def test_what_follows_is_the_same_every_time(old: Seen) -> None:
    life, made = old[3]
    assert forms(family_doctor.plans(life)) == made


def test_all_forms_of_the_family_doctor_are_understood(old: Seen) -> None:
    seen: Counter[str] = Counter()
    for life, made in old[:70]:
        for form in made:
            if seen[form.kind] < 3 and form.kind != "family_doctor_contract":
                assert understood(life, form) >= 6
            seen[form.kind] += 1
    assert {"hypertension_followup", "diabetes_followup", "health_checkup"} <= set(seen)
