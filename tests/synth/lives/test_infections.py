"""Notifiable infections: seen, proved, reported in time, and understood by the platform."""

from datetime import date, timedelta

import msgspec
import pytest

from minkang.synth.lives import infections
from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.drugs import drug
from minkang.synth.lives.infections_care import LASTING, PROOFS, TREATED
from minkang.synth.lives.life import Life
from minkang.synth.people.diseases import DISEASES
from minkang.synth.record import Form, Infection, Plan
from minkang.synth.texts.symptoms import SYMPTOMS
from tests.synth.lives.crowd import lives, national
from tests.synth.lives.form_mapping import columns_of, understood

ONSET = date(2025, 6, 10)


def _struck(disease: str, count: int, origin: str = "", severity: float = 0.3) -> list[Life]:
    made = []
    for life in lives(count, seed=8):
        infection = Infection(disease, ONSET, origin, severity=severity)
        person = msgspec.structs.replace(life.person, infections=(infection,))
        if life.begin < ONSET - timedelta(days=30):
            made.append(msgspec.structs.replace(life, person=person))
    return made


def _split(life: Life) -> tuple[list[Plan], list[Form]]:
    both = list(infections.plans(life))
    return [p for p in both if isinstance(p, Plan)], [f for f in both if isinstance(f, Form)]


@pytest.mark.parametrize("disease", sorted(DISEASES))
def test_every_disease_is_reported_by_a_card_that_is_understood(disease: str) -> None:
    forms = [form for life in _struck(disease, 8) for form in _split(life)[1]]
    assert forms
    assert not {column for form in forms for column in form.values} - columns_of(forms[0].kind)
    if DISEASES[disease].code:  # what the national table has no code for is written as its name
        for life in _struck(disease, 3):
            for form in _split(life)[1]:
                assert understood(life, form) > 3


def test_cards_come_after_the_visit_and_mostly_within_a_day() -> None:
    late = 0
    cards = 0
    for life in _struck("influenza", 250):
        plans, forms = _split(life)
        for form in forms:
            assert form.at.date() >= plans[0].day >= ONSET
            late += form.at.date() > plans[0].day + timedelta(days=1)
            cards += 1
    assert 0.9 < cards / 250 <= 1.0
    assert late / cards < 0.08


def test_the_lighter_ones_of_an_outbreak_stay_at_home() -> None:
    light = sum(bool(_split(life)[0]) for life in _struck("measles", 120, "o1", 0.15))
    grave = sum(bool(_split(life)[0]) for life in _struck("measles", 120, "o1", 0.7))
    assert light < 0.6 * grave


def test_a_proved_case_has_the_test_that_proves_it() -> None:
    for life in _struck("brucellosis", 60):
        plans, forms = _split(life)
        if any(form.values["病例分类1"] == "3" for form in forms):
            assert "brucella" in plans[0].panels
            assert plans[0].acute["brucellosis"] == 1.0


def test_small_children_have_a_parent_and_no_years_of_age() -> None:
    for life in _struck("hand-foot-mouth", 150):
        for form in _split(life)[1]:
            days = (ONSET - life.person.birth).days
            assert ("实足年龄" in form.values) == (days >= 365)


def test_tables_are_whole_and_their_codes_national() -> None:
    known = national("icd10")
    assert set(TREATED) | set(LASTING) == set(DISEASES)
    for key, how in TREATED.items():
        assert how.diagnosis.name in known.get(how.diagnosis.code, ()), key
        assert set(how.symptoms) <= set(SYMPTOMS)
        assert {panel for panel, _ in how.tests} <= set(PANELS), key
        assert all(drug(medicine.drug) for medicine, _ in how.medicines)
    assert {panel for rows in PROOFS.values() for panel, _ in rows} <= set(PANELS)
