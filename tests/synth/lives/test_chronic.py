"""Plans of long illness: within the life, medicines only when known, paths that make sense."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from minkang.synth.lives import chronic
from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.chronic_medicines import medicines_of
from minkang.synth.lives.drugs import ALIASES, DRUGS
from minkang.synth.lives.life import Life
from minkang.synth.record import Condition, Infection, Plan
from tests.synth.lives.chronic_lives import LAST, adults, dying, life_of, resident


@cache
def _lived() -> tuple[tuple[Life, tuple[Plan, ...]], ...]:
    """700 living and 150 dying with their plans."""
    chosen = [*adults()[:700], *dying()[:150]]
    lives = [life_of(person, courses) for person, courses in chosen]
    return tuple(
        (life, tuple(plan for plan in chronic.plans(life) if isinstance(plan, Plan)))
        for life in lives
    )


def test_nothing_is_planned_outside_the_life() -> None:
    for life, plans in _lived():
        for plan in plans:
            assert life.begin <= plan.day <= life.end
            assert plan.person == life.person.key
            assert plan.kind != "I" or plan.nights > 0


def test_medicines_come_only_after_a_course_is_treated() -> None:
    for life, plans in _lived():
        first = min(
            (course.found for course in life.conditions if course.found is not None), default=None
        )
        for plan in plans:
            course = life.body.conditions.get(plan.because)
            if (
                plan.medicines
                and course is not None
                and plan.because not in ("copd", "tuberculosis")
            ):
                assert first is not None
                assert plan.day >= first
        for course in life.conditions:
            if course.treated is not None:
                assert not medicines_of(life, course.key, course.treated - timedelta(days=1))
            else:
                assert not medicines_of(life, course.key, LAST)


def test_all_keys_are_in_the_catalogues() -> None:
    for _, plans in _lived():
        for plan in plans:
            assert all(line.drug in DRUGS or line.drug in ALIASES for line in plan.medicines)
            assert all(panel in PANELS for panel in plan.panels)
            assert plan.symptoms
            assert plan.diagnoses
            codes = [diagnosis.code for diagnosis in plan.diagnoses]
            assert len(codes) == len(set(codes))


def _table(name: str) -> dict[str, str]:
    path = Path(__file__).parents[4] / "shared/data/terminology" / name
    if not path.exists():
        pytest.skip(f"NOT RUN: {path.name} is not there")
    with path.open(encoding="utf-8", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file)}


def test_codes_and_names_are_those_of_the_national_editions() -> None:
    diseases, operations = _table("icd10_cn_insurance.csv"), _table("icd9cm3_cn_insurance.csv")
    for life, plans in _lived():
        for course in life.conditions:
            assert diseases[course.code] == course.name
        for plan in plans:
            for diagnosis in plan.diagnoses:
                assert diseases[diagnosis.code] == diagnosis.name
            for operation in plan.operations:
                assert operations[operation.code] == operation.name


def test_patients_come_every_month_or_two_and_others_hardly() -> None:
    treated, free = [], []
    for life, plans in _lived():
        years = (life.end - life.begin).days / 365.25
        if years < 8:
            continue
        course = life.body.conditions.get("hypertension")
        if course is not None and course.treated is not None and course.treated < life.begin:
            treated.append(len(plans) / years)
        elif not life.conditions:
            free.append(len(plans) / years)
    treated.sort()
    assert 4 < treated[len(treated) // 2] < 12
    assert sum(free) / len(free) < 0.2


def test_admissions_are_a_few_in_a_hundred_a_year() -> None:
    years = sum((life.end - life.begin).days for life, _ in _lived()[:700]) / 365.25
    kinds = Counter(plan.kind for _, plans in _lived()[:700] for plan in plans)
    assert 0.02 < kinds["I"] / years < 0.09
    assert 1.2 < kinds["O"] / years < 4.5


def test_an_infarction_comes_with_troponin_and_is_followed() -> None:
    day = date(2021, 3, 3)
    known = (
        Condition("coronary", "I25.103", "冠状动脉粥样硬化性心脏病", date(2018, 1, 1), day, day),
        Condition("infarction", "I21.900", "急性心肌梗死", day, day, day, severity=0.5),
    )
    plans = [
        p for p in chronic.plans(life_of(resident(60001, "M", 61), known)) if isinstance(p, Plan)
    ]
    event = next(plan for plan in plans if plan.day == day)
    assert event.kind == "I"
    assert "heart" in event.panels
    assert event.acute["heart"] > 0.4
    assert any("36.07" in operation.code for operation in event.operations) or not event.operations
    later = [p for p in plans if p.because == "infarction" and p.day > day]
    assert len(later) >= 3
    assert not [p for p in plans if p.because == "infarction" and p.day < day]
    assert all(p.diagnoses[0].code != "I21.900" for p in later if (p.day - day).days > 30)


def test_a_lung_cancer_is_staged_operated_and_controlled() -> None:
    found, treated = date(2020, 5, 4), date(2020, 5, 20)
    facts = {"stage": "II", "kind": "腺癌", "site": "右肺上叶", "place": "right-upper",
             "way": "screening", "size": "2.1"}  # fmt: skip
    known = (
        Condition("lung-cancer", "C34.100x004", "右肺上叶恶性肿瘤", date(2019, 9, 1), found,
                  treated, facts=facts),
    )  # fmt: skip
    plans = [
        plan
        for plan in chronic.plans(life_of(resident(60002, "M", 63), known))
        if isinstance(plan, Plan) and plan.because == "lung-cancer"
    ]
    by_kind = defaultdict(list)
    for plan in sorted(plans, key=lambda plan: plan.day):
        by_kind[plan.kind].append(plan)
    assert by_kind["P"][0].day < found
    assert not by_kind["P"][0].diagnoses[0].certain
    assert by_kind["I"][0].day == treated
    assert by_kind["I"][0].operations[0].code == "32.4100"
    cycles = [plan for plan in by_kind["I"] if "cycle" in plan.facts]
    assert [plan.facts["cycle"] for plan in cycles] == ["1", "2", "3", "4"]
    assert sum("chest-ct" in plan.images for plan in by_kind["O"]) >= 10


def test_tuberculosis_is_looked_at_again_and_ends_in_cure() -> None:
    case = Infection("tuberculosis", date(2022, 2, 1))
    life = life_of(resident(60003, "F", 35, infections=(case,)))
    plans = [
        plan
        for plan in chronic.plans(life)
        if isinstance(plan, Plan) and plan.because == "tuberculosis"
    ]
    assert sum("tb" in plan.panels for plan in plans) >= 3
    assert [plan.outcome for plan in plans].count("治愈") == 1
    assert any(line.drug in ("hrze-fixed", "isoniazid", "levofloxacin")
               for plan in plans for line in plan.medicines)  # fmt: skip


def test_plans_do_not_depend_on_what_was_planned_before() -> None:
    life = life_of(resident(60004, "M", 78))
    first = list(chronic.plans(life))
    list(chronic.plans(life_of(resident(60005, "F", 66))))
    assert list(chronic.plans(life)) == first
