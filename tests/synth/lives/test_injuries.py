"""Injuries: who is hurt how, and that what follows follows."""

from collections import Counter
from datetime import timedelta

import pytest

from minkang.synth.lives import disability, injuries
from minkang.synth.lives.frequencies_rare import rate, table
from minkang.synth.lives.injuries_kinds import CAUSES, KINDS, MECHANISMS
from minkang.synth.record import Form, Plan
from tests.synth.lives.crowd import lives, national


def _old_women_with_broken_hips() -> list[tuple[Plan, list[Plan]]]:
    """Each admission for a broken hip with all visits for hips of the same life."""
    found = []
    for life in lives(1500, seed=1):
        if life.person.sex == "F" and life.person.age(life.end) > 72:
            hips = [p for p in injuries.plans(life) if "fracture" in p.because]
            plans = [
                p for p in hips if isinstance(p, Plan) and p.because.startswith(("hip", "tro"))
            ]
            found += [(p, plans) for p in plans if p.kind == "I" and p.operations and p.nights < 40]
    return found


def test_a_broken_hip_is_operated_and_seen_again() -> None:
    stays = [(p, all_) for p, all_ in _old_women_with_broken_hips() if p.operations[0].level >= 3]
    assert stays
    for stay, visits in stays:
        assert stay.care in ("county", "city", "tcm", "mch")
        assert stay.facts["mechanism"] in ("fall", "traffic")
        assert any(visit.day > stay.day for visit in visits)


def test_a_bite_is_followed_by_the_vaccine_at_its_days() -> None:
    series: Counter[int] = Counter()
    for life in lives(900, seed=2):
        doses: dict[str, list[Plan]] = {}
        for plan in injuries.plans(life):
            if isinstance(plan, Plan) and plan.because in ("dog-bite", "cat-scratch"):
                doses.setdefault(plan.facts["external-code"] + plan.because, []).append(plan)
        for plans in doses.values():
            if len({p.facts["dose"] for p in plans}) != len(plans):
                continue  # bitten twice
            series[len(plans)] += 1
            if len(plans) == 5:
                assert timedelta(27) < plans[4].day - plans[0].day < timedelta(31)
    assert series[5] > 0.7 * sum(series.values()) > 3


def test_the_old_fall() -> None:
    falls: Counter[bool] = Counter()
    for life in lives(2000, seed=3):
        for what, day in injuries.struck(life):
            if what.key in ("hip-fracture", "trochanter-fracture", "vertebra-fracture"):
                falls[life.person.age(day) >= 60] += 1
    assert falls[True] > 2 * falls[False]


def test_men_cut_their_hands_and_old_women_break_their_hips() -> None:
    rates = table(KINDS)
    cut = next(one for one in KINDS if one.key == "hand-cut")
    hip = next(one for one in KINDS if one.key == "hip-fracture")
    assert rate(cut, "M", 5) == pytest.approx(2 * rate(cut, "F", 5))
    assert rate(hip, "F", 8) > 1.5 * rate(hip, "M", 8) > 30 * rate(hip, "M", 4)
    assert rates["M", 5][0] > rates["F", 5][0]


def test_external_causes_and_injuries_carry_national_codes() -> None:
    known = national("icd10")
    assert {one.key for one in KINDS} - set(CAUSES) <= {"crush"}
    for rows in MECHANISMS.values():
        for code, name, _ in rows:
            assert name in known.get(code, ()), code
    for one in KINDS:
        assert one.diagnosis.name in known.get(one.diagnosis.code, ()), one.key


def test_a_disability_comes_long_after_what_caused_it() -> None:
    assessed = 0
    for life in lives(400, ill=True, seed=4):
        found = disability.disability_of(life)
        forms = [one for one in disability.plans(life) if isinstance(one, Form)]
        assert len(forms) == (found is not None and life.begin <= found.day <= life.end)
        if found is None:
            continue
        assessed += 1
        assert 1 <= found.grade <= 4
        causes = [c for c in life.conditions if c.code == found.diagnosis.code]
        assert all((found.day - c.since).days > 180 for c in causes[:1])
    assert assessed > 0
