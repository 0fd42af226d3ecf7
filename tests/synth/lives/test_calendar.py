"""What can happen: around admissions, before death, on open days, causes before effects."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from minkang.synth.lives.calendar import Settled, settle
from minkang.synth.record import LOCAL, Form
from tests.synth.lives.lived import BEGIN, TODAY, plan, somebody

DAY = date(2024, 3, 5)  # a Tuesday


def days(settled: list[Settled]) -> list[tuple[str, date]]:
    return [(one.plan.kind, one.start.date()) for one in settled]


def test_a_clinic_visit_during_an_admission_waits_for_the_discharge() -> None:
    stay = plan(DAY, "I", nights=8, weight=3, because="stroke")
    settled, _ = settle(somebody(), [plan(DAY + timedelta(days=3), because="gout"), stay], [])
    assert [kind for kind, _ in days(settled)] == ["I", "O"]
    assert settled[0].end is not None
    assert settled[1].start > settled[0].end


def test_the_weightier_of_two_admissions_wins() -> None:
    light = plan(DAY, "I", nights=6, weight=1, because="eye", specialty="ophthalmology")
    grave = plan(DAY + timedelta(days=2), "I", nights=9, weight=5, because="infarction")
    settled, _ = settle(somebody(), [light, grave], [])
    stays = [one for one in settled if one.plan.because == "infarction"]
    assert stays[0].start.date() == DAY + timedelta(days=2)
    for before, after in pairwise(settled):
        assert before.end is not None
        assert before.end <= after.start


@pytest.mark.parametrize("weekend", [date(2024, 3, 9), date(2024, 3, 10), date(2024, 2, 11)])
def test_clinics_are_closed_but_emergencies_are_not(weekend: date) -> None:
    settled, _ = settle(somebody(), [plan(weekend)], [])
    assert settled[0].start.date() > weekend
    assert settled[0].start.weekday() < 5
    settled, _ = settle(somebody(), [plan(weekend, "E", specialty="emergency")], [])
    assert settled[0].start.date() == weekend


def test_nothing_comes_after_a_death() -> None:
    life = somebody(death=DAY)
    last = plan(
        DAY - timedelta(days=4), "I", nights=9, outcome="死亡", weight=100, because="ending"
    )
    other = plan(DAY - timedelta(days=6), "I", nights=20, weight=2, because="hip")
    later = [plan(DAY + timedelta(days=n)) for n in range(0, 30, 5)]
    settled, _ = settle(life, [last, other, *later], [])
    assert settled[-1].plan.because == "ending"
    assert settled[-1].end is not None
    assert settled[-1].end.date() == DAY


def test_effects_follow_their_causes() -> None:
    first = plan(date(2024, 3, 9), because="nodule")  # a Saturday, put off to Monday
    second = plan(date(2024, 3, 10), because="nodule", specialty="imaging", hour=9)
    settled, _ = settle(somebody(), [second, first], [])
    assert [one.plan.specialty for one in settled] == ["internal", "imaging"]


def test_who_is_still_in_hospital_today_has_no_discharge() -> None:
    stay = plan(TODAY - timedelta(days=3), "I", nights=12, weight=3)
    settled, _ = settle(somebody(), [stay], [])
    assert settled[0].end is None


def test_plans_and_forms_outside_the_window_are_dropped() -> None:
    left = date(2024, 6, 1)
    life = somebody(left=left)
    outside = [plan(BEGIN - timedelta(days=1)), plan(left + timedelta(days=1)), plan(TODAY)]
    at = datetime(2024, 7, 1, 9, tzinfo=LOCAL)
    form = Form(life.person.key, at, "hypertension_followup", {})
    settled, forms = settle(life, outside, [form])
    assert not settled
    assert not forms


def test_a_follow_up_is_not_done_while_in_hospital() -> None:
    stay = plan(DAY, "I", nights=10, weight=3)
    life = somebody()
    at = datetime(2024, 3, 8, 9, tzinfo=LOCAL)
    kinds = ("hypertension_followup", "infectious_disease_report")
    forms = [Form(life.person.key, at, kind, {}) for kind in kinds]
    _, filed = settle(life, [stay], forms)
    assert [form.kind for form in filed] == ["infectious_disease_report"]
