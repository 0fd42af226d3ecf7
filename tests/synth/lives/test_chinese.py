"""Chinese medicine: every pattern has its formula, every course its therapies."""

from random import Random

from minkang.synth.lives import chinese, minor
from minkang.synth.lives.chinese_formulas import FORMULAS
from minkang.synth.lives.chinese_patterns import DISEASES
from minkang.synth.record import Plan
from tests.synth.lives.crowd import lives, national


def test_patterns_name_formulas_and_therapies_that_are_there() -> None:
    for disease in DISEASES.values():
        assert all(pattern.formula in FORMULAS for pattern in disease.patterns)
        assert set(disease.hands) <= set(chinese.THERAPIES)
        assert disease.by_hand == 0 or disease.hands
    assert {one.chinese for one in minor.AILMENTS if one.chinese} <= set(DISEASES)


def test_therapies_carry_codes_of_the_national_edition() -> None:
    known = national("icd9cm3")
    for therapy in chinese.THERAPIES.values():
        assert therapy.name in known.get(therapy.code, ())


def test_formulas_are_modified_but_stay_themselves() -> None:
    random = Random(3)
    for name, herbs in FORMULAS.items():
        made = chinese.herbs_of(random, name, (("丹参", 15),))
        names = {herb.name for herb in made}
        assert len(names) == len(made)
        assert len(names & {herb.name for herb in herbs}) >= len(herbs) - 2
        assert all(0 < herb.grams <= 60 for herb in made)


def test_a_visit_has_disease_pattern_and_either_herbs_or_hands() -> None:
    seen = 0
    for life in lives(300, seed=9):
        for plan in (*minor.plans(life), *chinese.plans(life)):
            if not isinstance(plan, Plan) or plan.diagnoses[0].system != "tcm-disease":
                continue
            seen += 1
            assert [d.system for d in plan.diagnoses] == ["tcm-disease", "tcm-pattern", "icd10"]
            assert bool(plan.herbs) != bool(plan.operations)
            assert plan.facts["tongue"].startswith(("舌", "苔"))
            assert plan.facts["pulse"].startswith("脉")
            assert ("formula" in plan.facts) == bool(plan.herbs)
    assert seen > 100
