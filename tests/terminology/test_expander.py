"""What the store's search will ask: the codes of a value set, above a code, below it."""

import pytest

from minkang.fhir import Refused
from minkang.store import Scope, Store
from minkang.terminology import Expand, expander
from minkang.terminology.builtin import ICD10, SEX
from minkang.terminology.expander import TokenModifier


@pytest.fixture
def codes(store: Store) -> Expand:
    return expander(store, Scope.whole(), lambda: "2026-11-22")


async def test_the_codes_of_a_value_set(codes: Expand) -> None:
    assert set(await codes("in", "urn:minkang:vs:gbt2261.1")) == {(SEX, one) for one in "0129"}
    assert await codes("not-in", "urn:minkang:vs:gbt2261.1") == await codes(
        "in", "urn:minkang:vs:gbt2261.1"
    )


async def test_codes_below_hold_the_code_itself_and_the_groups_between(codes: Expand) -> None:
    below = await codes("below", f"{ICD10}|E11")
    found = {code for _, code in below}
    assert {"E11", "E11.9", "E11.900"} <= found
    assert all(code.startswith("E11") for code in found)
    wide = {code for _, code in await codes("below", f"{ICD10}|E10-E14")}
    assert found < wide


async def test_codes_above_lead_to_the_category(codes: Expand) -> None:
    above = [code for _, code in await codes("above", f"{ICD10}|E11.900")]
    assert above == ["E11.900", "E11.9", "E11"]


@pytest.mark.parametrize(
    ("modifier", "value", "rule"),
    [
        ("in", "urn:nobody", "unknown-value-set"),
        ("below", "E11", "token"),
        ("below", f"{ICD10}|nope", "unknown-code"),
        ("above", "urn:nobody|1", "unknown-system"),
        ("in", "urn:minkang:vs:icd10-cn", "too-costly"),
        ("below", f"{ICD10}|A00-Z99", "too-costly"),
    ],
)
async def test_what_can_not_be_told_is_refused_as_a_search(
    codes: Expand, modifier: TokenModifier, value: str, rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        await codes(modifier, value)
    (problem,) = refused.value.problems
    assert (problem.stage, problem.place, problem.rule) == ("search", f":{modifier}", rule)
