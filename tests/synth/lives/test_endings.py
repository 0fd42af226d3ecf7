"""Endings: what people die of, where, and that the certificate says so in causal order."""

from collections import Counter
from datetime import timedelta

import pytest

from minkang.synth.lives import acute, endings, injuries, minor
from minkang.synth.lives.analytes import PANELS
from minkang.synth.lives.drugs import drug
from minkang.synth.lives.endings_injuries import FATAL
from minkang.synth.lives.life import Life
from minkang.synth.record import Form, Plan
from minkang.synth.texts.imaging import STUDIES
from minkang.synth.texts.symptoms import SYMPTOMS
from tests.synth.lives.crowd import lives, national
from tests.synth.lives.form_mapping import understood


@pytest.fixture(scope="module")
def dead() -> list[Life]:
    return list(lives(400, dying=True))


def test_the_spectrum_of_causes_is_the_countrys(dead: list[Life]) -> None:
    groups = Counter(e.chain.group for life in dead if (e := endings.ending_of(life)))
    total = sum(groups.values())
    assert total == len(dead)
    for group, low, high in (
        ("heart", 0.18, 0.30), ("brain", 0.16, 0.28), ("cancer", 0.18, 0.31), ("lungs", 0.05, 0.14),
        ("injury", 0.02, 0.10),
    ):  # fmt: skip
        assert low < groups[group] / total < high, (group, groups[group] / total)


def test_most_die_at_home(dead: list[Life]) -> None:
    places = Counter(e.place for life in dead if (e := endings.ending_of(life)))
    assert 0.5 < places["home"] / len(dead) < 0.75
    assert 0.12 < places["ward"] / len(dead) < 0.35


def test_causes_stand_in_causal_order_and_name_the_underlying_one(dead: list[Life]) -> None:
    for life in dead:
        ending = endings.ending_of(life)
        assert ending is not None
        days = [link.days for link in ending.chain.links]
        assert 1 <= len(days) <= 4
        assert days == sorted(days)
        assert ending.chain.underlying.code in {link.code for link in ending.chain.links}


def test_whoever_dies_of_the_heart_had_a_bad_heart(dead: list[Life]) -> None:
    ill = {"coronary", "infarction", "heart-failure", "hypertension"}
    of_heart = [d for d in dead if (e := endings.ending_of(d)) and e.chain.group == "heart"]
    with_it = sum(any(c.key in ill for c in life.conditions) for life in of_heart)
    assert with_it > 0.95 * len(of_heart)


def test_every_death_has_one_certificate_that_is_understood(dead: list[Life]) -> None:
    for number, life in enumerate(dead):
        forms = [one for one in endings.plans(life) if isinstance(one, Form)]
        assert len(forms) == 1
        assert life.person.death is not None
        filed = forms[0].at.date() - life.person.death
        assert timedelta(days=1) <= filed <= timedelta(days=6)
        if number % 20 == 0:
            assert understood(life, forms[0]) > 8


def test_nothing_is_planned_after_death_and_the_last_stay_ends_by_then(dead: list[Life]) -> None:
    for life in dead[:120]:
        death = life.person.death
        assert death is not None
        last = [p for p in endings.plans(life) if isinstance(p, Plan)]
        assert all(life.begin <= p.day <= death for p in last)
        assert all(p.day + timedelta(days=p.nights) <= death for p in last)
        assert sum(p.outcome == "死亡" for p in last) <= 1
        first_days = [
            p.day
            for module in (minor, acute, injuries)
            for p in module.plans(life)
            if isinstance(p, Plan) and "course" not in p.facts and p.kind in ("I", "E")
        ]
        assert all(day <= death for day in first_days)


def test_codes_are_national_and_visits_are_in_the_catalogues(dead: list[Life]) -> None:
    known = national("icd10")
    for fatal in FATAL:
        for code, name in (fatal.external, *((c, n) for c, n, _ in fatal.links)):
            assert name in known.get(code, ()), code
    for life in dead:
        ending = endings.ending_of(life)
        assert ending is not None
        for link in ending.chain.links:
            assert link.code in known, link
        for plan in endings.plans(life):
            if isinstance(plan, Plan):
                assert set(plan.symptoms) <= set(SYMPTOMS)
                assert set(plan.panels) <= set(PANELS)
                assert all(drug(medicine.drug) for medicine in plan.medicines)
                for study, finding in plan.images.items():
                    assert not finding or finding in STUDIES[study].findings
