from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir.units import UCUM, canonical_quantity, canonical_unit
from minkang.fhir.units_table import PREFIXES, UNITS

CODES = [line.split(" ")[0] for line in UNITS.strip().splitlines()]


def quantity(value: str, code: str) -> tuple[Decimal, str]:
    found = canonical_quantity(Decimal(value), UCUM, code)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "code", "same", "as_code"),
    [
        ("5", "mg", "0.005", "g"),
        ("1", "mmol/L", "1", "mol/m3"),
        ("1", "10*9/L", "1", "10*3/uL"),
        ("1", "10*9/L", "1", "/nL"),
        ("120", "mm[Hg]", "12", "cm[Hg]"),
        ("60", "/min", "1", "/s"),
        ("60", "{beats}/min", "1", "Hz"),
        ("1", "h", "3600", "s"),
        ("1", "k[IU]/L", "1", "[iU]/mL"),
        ("72", "[in_i]", "2", "[yd_i]"),
        ("1", "[lb_av]", "453.59237", "g"),
        ("37", "Cel", "310.15", "K"),
        ("98.6", "[degF]", "37", "Cel"),
        ("6", "%", "60", "[ppth]"),
        ("24", "mg/(24.h)", "1", "mg/h"),
        ("1", "kg.m/s2", "1", "N"),
        ("1", "mL/min/{1.73_m2}", "1", "mL/min"),
        ("1", "meq/L", "1", "mmol/L"),
        ("1", "m/s/s", "1", "m.s-2"),
        ("1", "U/L", "1", "umol/min/L"),
    ],
)
def test_equal_quantities_are_equal_in_base_units(
    value: str, code: str, same: str, as_code: str
) -> None:
    assert quantity(value, code) == quantity(same, as_code)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mg", "mmol"), ("[iU]", "[arb'U]"), ("[iU]/L", "/L"), ("m2", "m"), ("mg/dL", "mg")],
)
def test_different_dimensions_stay_apart(one: str, other: str) -> None:
    assert quantity("1", one)[1] != quantity("1", other)[1]


@pytest.mark.parametrize(
    "code",
    [
        *("", "x", "mg//L", "mg/", "mm[Hg", "(mg", "mg)", "µg/L", "次/分", " mg", "mg ", "da"),
        *("10*99", "10*60.10*60", "m60.m60", "mg/0", "0.mg", "m" * 201, "{a", "mg mL", "mg{a}mL"),
        *("[pH]", "B[SPL]", "()", "."),
    ],
)
def test_what_is_no_plain_multiple_of_base_units_is_left_alone(code: str) -> None:
    assert canonical_unit(UCUM, code) is None


def test_only_ucum_is_converted() -> None:
    assert canonical_unit("http://example.org/units", "mg") is None
    assert canonical_unit("", "mg") is None
    assert canonical_quantity(Decimal(1), "", "Cel") is None


@pytest.mark.parametrize("code", CODES)
def test_every_unit_of_the_table_can_be_read(code: str) -> None:
    assert canonical_unit(UCUM, code) is not None


def test_infinite_ends_stay_infinite() -> None:
    assert quantity("Infinity", "mg")[0] == Decimal("Infinity")


@settings(deadline=None)
@given(st.sampled_from(PREFIXES.split()), st.sampled_from(["g", "L", "mol", "Pa", "[iU]"]))
def test_a_prefix_multiplies(pair: str, unit: str) -> None:
    prefix, factor = pair.split("=")
    prefixed, plain = canonical_unit(UCUM, prefix + unit), canonical_unit(UCUM, unit)
    assert prefixed is not None
    assert plain is not None
    assert prefixed == (plain[0], plain[1] * Decimal(factor))


@settings(deadline=None)
@given(st.text(alphabet="mgLsol/.()*{}[]10-2%'_ ", max_size=40))
def test_any_text_is_a_unit_or_none(text: str) -> None:
    found = canonical_unit(UCUM, text)
    assert found is None or found[1] > 0
