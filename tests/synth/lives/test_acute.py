"""Sudden illness and planned surgery: rates, what is done, and in which order."""

from collections import Counter

from minkang.synth.lives import acute, surgery_plans
from minkang.synth.lives.acute_illnesses import ILLNESSES
from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.drugs import drug
from minkang.synth.lives.surgery_plans import SURGERIES
from minkang.synth.record import Plan
from minkang.synth.texts.imaging import STUDIES
from minkang.synth.texts.symptoms import SYMPTOMS
from tests.synth.lives.crowd import lives, national


def _plans(count: int, seed: int) -> list[Plan]:
    return [
        plan
        for life in lives(count, seed=seed)
        for module in (acute, surgery_plans)
        for plan in module.plans(life)
        if isinstance(plan, Plan)
    ]


def test_admissions_for_sudden_illness_and_surgery_are_a_few_in_a_hundred() -> None:
    plans = _plans(1200, 1)
    admitted = sum(plan.kind == "I" for plan in plans) / 24
    assert 2.2 < admitted < 6.0


def test_what_is_taken_out_is_taken_out_once() -> None:
    once = {one.key for one in SURGERIES if not one.again}
    for life in lives(500, seed=2):
        stays: Counter[str] = Counter()
        for plan in surgery_plans.plans(life):
            if isinstance(plan, Plan) and plan.kind == "I":
                stays[plan.because] += 1
        assert all(count == 1 for key, count in stays.items() if key in once)


def test_surgery_is_agreed_on_before_and_looked_at_after() -> None:
    operated = 0
    for life in lives(600, seed=3):
        by_cause: dict[str, list[Plan]] = {}
        for plan in surgery_plans.plans(life):
            assert isinstance(plan, Plan)
            by_cause.setdefault(plan.because, []).append(plan)
        for plans in by_cause.values():
            assert plans[0].facts == {"decision": "operate"}
            days = [plan.day for plan in plans[:3]]
            assert days == sorted(days)
            operated += sum(bool(plan.operations) for plan in plans)
            if len(plans) > 1:
                assert plans[1].operations
                assert plans[1].operations[0].level in (1, 2, 3, 4)
    assert operated > 15


def test_greater_surgery_is_not_done_in_towns() -> None:
    for plan in _plans(600, 4):
        if plan.care == "town":
            assert all(operation.level <= 2 for operation in plan.operations)


def test_codes_are_those_of_the_national_editions() -> None:
    diseases, operations = national("icd10"), national("icd9cm3")
    written = [one.diagnosis for one in ILLNESSES] + [one.diagnosis for one in SURGERIES]
    for diagnosis in written:
        assert diagnosis.name in diseases.get(diagnosis.code, ()), diagnosis
    done = [operation for one in ILLNESSES for operation, _ in one.operations]
    for operation in (*done, *(o for one in SURGERIES for o in one.operations)):
        assert operation.name in operations.get(operation.code, ()), operation


def test_whatever_is_ordered_is_in_the_catalogues() -> None:
    rows = [(r.symptoms, r.medicines, r.images) for r in ILLNESSES]
    rows += [(r.symptoms, r.medicines, r.images) for r in SURGERIES]
    for symptoms, medicines, images in rows:
        assert set(symptoms) <= set(SYMPTOMS)
        assert {drug(medicine.drug).unit for medicine, _ in medicines} >= set()
        for study, findings, _ in images:
            assert {f for f in findings if f} <= set(STUDIES[study].findings), study
    assert {panel for one in ILLNESSES for panel, _ in one.tests} <= set(PANELS)
    assert {panel for one in SURGERIES for panel in one.panels} <= set(PANELS)
