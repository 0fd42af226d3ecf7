"""The laboratory: plausible for everybody, adds up, flags what is out of range, has its style."""

from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.synth.lives.analytes import ANALYTES, PANELS
from minkang.synth.lives.analytes_ranges import (
    laboratory_style,
    loinc_of,
    range_of,
    range_text,
    unit_of,
)
from minkang.synth.lives.body import body_of
from minkang.synth.lives.laboratory import measured
from minkang.synth.record import Condition, Value
from tests.synth.lives.chronic_lives import LAST, WORLD, body, conditions, resident

_LIMITS = {
    # what a living body can have, in usual units
    "haemoglobin": (30, 240), "wbc": (0.2, 60), "platelets": (3, 900), "potassium": (2, 8.5),
    "sodium": (115, 165), "creatinine": (8, 1800), "urea": (0.5, 60), "glucose": (1.2, 45),
    "hba1c": (3.8, 15), "ph": (6.9, 7.7), "pco2": (12, 110), "po2": (30, 125), "alt": (1, 3000),
    "albumin": (12, 60), "bilirubin": (1, 400), "tsh": (0.003, 120), "calcium": (1.5, 3.3),
    "inr": (0.7, 6), "triglyceride": (0.2, 20), "ldl": (0.3, 9), "urate": (60, 1000),
}  # fmt: skip
_ACUTE = ("infection", "virus", "heart", "bleeding", "dehydration", "breathless", "liver",
          "kidney", "marrow", "pain")  # fmt: skip


def _number(values: tuple[Value, ...], key: str) -> float:
    return float(next(value.text for value in values if value.analyte == key))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    number=st.integers(0, 4000),
    years=st.floats(0.1, 98),
    man=st.booleans(),
    acute=st.dictionaries(st.sampled_from(_ACUTE), st.floats(0, 1), max_size=3),
)
def test_every_result_lies_within_what_a_body_can_have(
    number: int, years: float, man: bool, acute: dict[str, float]
) -> None:
    person = resident(number, "M" if man else "F", years)
    one = body_of(WORLD, person, conditions(person))
    random = Random(number)
    for panel in ("cbc", "biochemistry", "renal", "glucose", "blood-gas", "thyroid", "coagulation"):
        values = measured(one, panel, LAST, random, acute)
        assert tuple(value.analyte for value in values) == PANELS[panel].analytes
        for value in values:
            low, high = _LIMITS.get(value.analyte, (-50, 1e6))
            assert low <= float(value.text) <= high, value


def test_there_are_enough_analytes_and_every_panel_is_made_of_them() -> None:
    assert len(ANALYTES) >= 110
    assert len(PANELS) >= 30
    assert 20 <= len(PANELS["cbc"].analytes) <= 24
    for panel in PANELS.values():
        assert panel.analytes
        assert set(panel.analytes) <= set(ANALYTES)


def test_loinc_codes_carry_the_right_check_digit() -> None:
    for analyte in ANALYTES.values():
        if not analyte.loinc:
            continue
        digits, check = analyte.loinc.split("-")
        total = 0
        for place, digit in enumerate(reversed(digits)):
            doubled = int(digit) * (2 if place % 2 == 0 else 1)
            total += doubled // 10 + doubled % 10
        assert (10 - total % 10) % 10 == int(check), analyte.key


def test_a_blood_count_adds_up() -> None:
    one = body(resident(90001, "M", 50))
    for seed in range(20):
        values = measured(one, "cbc", LAST, Random(seed), {"infection": seed / 20})
        parts = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")
        assert abs(sum(_number(values, part) for part in parts) - 100) < 0.4
        count = _number(values, "wbc") * _number(values, "neutrophils") / 100
        assert abs(count - _number(values, "neutrophils-count")) < 0.05
        packed = _number(values, "rbc") * _number(values, "mcv") / 10
        assert abs(packed - _number(values, "haematocrit")) < 0.6


def test_acute_things_move_what_they_move() -> None:
    one = body(resident(90002, "F", 66))

    def value(panel: str, key: str, **acute: float) -> float:
        return _number(measured(one, panel, LAST, Random(1), acute), key)

    assert value("cbc", "wbc", infection=0.8) > value("cbc", "wbc") + 4
    assert value("inflammation", "crp", infection=0.6) > 40
    assert value("heart", "troponin", heart=0.7) > 1
    assert value("cbc", "haemoglobin", bleeding=0.7) < value("cbc", "haemoglobin") - 25
    assert value("renal", "urea", dehydration=0.8) > value("renal", "urea") + 3
    assert value("cbc", "neutrophils-count", marrow=0.8) < 1.8


def test_healthy_results_are_mostly_unflagged() -> None:
    flags = [
        value.flag
        for number in range(120)
        for panel in ("cbc", "liver", "electrolytes")
        for value in measured(
            body(resident(91000 + number, "F", 35)), panel, LAST, Random(number), {}
        )
    ]
    assert 0.90 < flags.count("N") / len(flags) < 0.99


def test_flags_follow_the_printed_range() -> None:
    for laboratory in ("", "MK0007", "MK0011", "MK0042"):
        for years in (1.5, 8, 30, 70):
            one = body(resident(92000, "M", years))
            for value in measured(one, "biochemistry", LAST, Random(3), {}, laboratory=laboratory):
                low, high = range_of(value.analyte, "M", years, laboratory)
                shown = float(value.text)
                expected = (
                    "H" if high is not None and shown > high
                    else "L" if low is not None and shown < low else "N"
                )  # fmt: skip
                assert value.flag == expected


def test_one_laboratory_in_some_prints_mass_units_with_their_own_codes() -> None:
    keys = [f"MK{number:04d}" for number in range(120)]
    foreign = [key for key in keys if laboratory_style(key).units]
    assert 2 <= len(foreign) <= 24
    assert unit_of("glucose", foreign[0]) == "mg/dL"
    assert loinc_of("glucose", foreign[0]) == "2345-7"
    assert unit_of("glucose") == "mmol/L"
    one = body(resident(92001, "F", 40))
    usual = _number(measured(one, "glucose", LAST, Random(2), {}), "glucose")
    mass = _number(measured(one, "glucose", LAST, Random(2), {}, laboratory=foreign[0]), "glucose")
    assert 14 < mass / usual < 22
    assert range_text("glucose", "F", 40) == "3.90-6.10"


def test_serology_tells_the_carrier_and_stays_the_same() -> None:
    carrier = Condition("hepatitis-b", "B18.100", "慢性乙型病毒性肝炎", date(1980, 1, 1))
    one, other = body(resident(93000, "M", 46), carrier), body(resident(93000, "M", 46))
    texts = [
        {value.analyte: value.text for value in measured(which, "hepatitis-b", LAST, Random(s), {})}
        for which in (one, other)
        for s in (1, 2)
    ]
    assert texts[0]["hbsag"] == texts[1]["hbsag"] == "阳性(+)"
    assert texts[2]["hbsag"] == "阴性(-)"
    assert texts[0] == texts[1]
    groups = {measured(one, "blood-group", LAST, Random(s), {}) for s in range(5)}
    assert len(groups) == 1


def test_sputum_turns_negative_under_treatment() -> None:
    begun = date(2024, 2, 1)
    course = Condition(
        "tuberculosis", "A15.000x001", "肺结核", date(2024, 1, 1), begun, begun,
        facts={"smear": "positive"},
    )  # fmt: skip
    one = body(resident(94000, "M", 40), course)
    days = (date(2024, 2, 1), date(2024, 4, 5), date(2024, 7, 1))
    found = [measured(one, "tb", day, Random(1), {})[0].text for day in days]
    assert found[0].startswith("阳性")
    assert found[1:] == ["阴性(-)", "阴性(-)"]
    assert all(a <= b for a, b in pairwise(days))
