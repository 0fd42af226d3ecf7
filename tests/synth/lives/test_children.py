"""Children: they grow like children, are checked at their ages, and their forms are understood."""

import statistics
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from minkang.synth.lives import children
from minkang.synth.lives.children_birth import child_of
from minkang.synth.lives.growth import (
    frame_of,
    from_birth,
    length_at,
    weight_at,
    z_length,
    z_weight,
)
from tests.synth.lives.families import family, forms, stays_within, visits
from tests.synth.lives.form_mapping import understood

BORN = date(2019, 5, 14)


@pytest.mark.parametrize("sex", ["M", "F"])
def test_children_grow_half_a_deviation_above_the_who_median(sex: Any) -> None:
    frames = [frame_of(7, f"child-{n}", sex) for n in range(400)]
    for days in (365, 1096, 2922):
        scores = [z_length(sex, days, length_at(frame, days)) for frame in frames]
        assert 0.25 < statistics.mean(scores) < 0.65
        assert 0.75 < statistics.stdev(scores) < 1.15
    weights = [z_weight(sex, 1096, weight_at(frame, 1096)) for frame in frames]
    assert sum(z < -2 for z in weights) <= 8  # plans: at most 1 % underweight


def test_length_never_shrinks_and_a_small_newborn_catches_up() -> None:
    frame = frame_of(7, "child", "F")
    small = from_birth(frame, 2100, 45.0)
    ages = [days for days in range(0, 6200, 31) if abs(days - 730) > 31]
    lengths = [length_at(small, days) for days in ages]
    assert all(later >= earlier - 0.05 for earlier, later in pairwise(lengths))
    assert weight_at(small, 0) == pytest.approx(2.1, abs=0.02)
    gaps = [length_at(frame, days) - length_at(small, days) for days in (0, 180, 720)]
    assert gaps[0] > 4 > gaps[1] > gaps[2] > -0.01
    assert gaps[2] < 0.6


def test_a_child_is_checked_at_its_ages_and_nobody_twice() -> None:
    stages = [
        [form.values["月龄"] for form in forms(children.plans(family(n, BORN)[1]), "child_checkup")]
        for n in range(40)
    ]
    assert all(len(set(names)) == len(names) for names in stages)
    assert statistics.mean(map(len, stages)) > 10.8  # twelve are asked for


def test_mother_and_child_tell_the_same_birth() -> None:
    mother, child = family(3, BORN)
    first = forms(children.plans(child), "birth_certificate")[0]
    assert first.values["母亲身份证号"] == mother.person.id_number
    assert first.values["出生时间"].startswith(BORN.isoformat())
    known = child_of(child)
    assert known.newborn is not None
    assert first.values["出生体重"] == str(known.newborn.grams)
    assert first.values["出生孕周"] == "39"


def test_a_child_born_early_is_light_and_goes_to_intensive_care() -> None:
    for number in range(6):
        child = family(number, BORN, weeks=31.5)[1]
        admitted = [one for one in visits(children.plans(child)) if one.kind == "I"]
        assert admitted[0].day == BORN
        assert admitted[0].nights >= 19
        newborn = child_of(child).newborn
        assert newborn is not None
        assert 900 < newborn.grams < 2500


@pytest.mark.parametrize("weeks", [39.4, 34.0])
def test_all_forms_of_children_are_understood(weeks: float) -> None:
    seen = set()
    for number in range(3):
        child = family(number, BORN + timedelta(days=40 * number), weeks)[1]
        assert stays_within(child, children.plans)
        for form in forms(children.plans(child)):
            assert understood(child, form) >= 3
            seen.add(form.kind)
    assert seen == {"birth_certificate", "newborn_visit", "child_checkup"}
