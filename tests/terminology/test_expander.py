"""What the store's search will ask: the codes of a value set, above a code, below it."""

import msgspec
import pytest

from minkang.fhir import Refused
from minkang.fhir.search_syntax import parse_search
from minkang.store import Change, CodeModifier, Expand, Scope, Store, find, write
from minkang.terminology import expander
from minkang.terminology.builtin import ICD10, SEX


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
    codes: Expand, modifier: CodeModifier, value: str, rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        await codes(modifier, value)
    (problem,) = refused.value.problems
    assert (problem.stage, problem.place, problem.rule) == ("search", f":{modifier}", rule)


# --- in the store's search ---


@pytest.fixture
async def searched(store: Store, codes: Expand) -> Store:
    """A store that asks, with a patient whose three diagnoses are in ICD-10."""
    asking = msgspec.structs.replace(store, expand=codes)
    patient = {"resourceType": "Patient", "id": "p", "gender": "female"}
    changes = [Change(patient, "MK1")]
    for number, code in enumerate(("E11.900", "E14.900", "I10.x00")):
        condition = {
            "resourceType": "Condition",
            "id": f"c{number}",
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": ICD10, "code": code}]},
        }
        changes.append(Change(condition, "MK1"))
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, changes)
    return asking


async def found(store: Store, kind: str, name: str, value: str) -> set[str]:
    page = await find(store, Scope.whole(), parse_search((kind,), [(name, value)], base=""))
    return {one.id for one in page.matches}


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("code:below", f"{ICD10}|E11", {"c0"}),
        ("code:below", "urn:minkang:cs:icd10-cn|E10-E14", {"c0", "c1"}),
        ("code:above", f"{ICD10}|I10.x00", {"c2"}),
        ("code:in", f"{ICD10}?fhir_vs=isa/E10-E14", {"c0", "c1"}),
        ("code:not-in", f"{ICD10}?fhir_vs=isa/E10-E14", {"c2"}),
        ("code:in", f"{ICD10}?fhir_vs=isa/A00", set()),
    ],
)
async def test_a_search_finds_by_value_sets_and_hierarchies(
    searched: Store, name: str, value: str, ids: set[str]
) -> None:
    assert await found(searched, "Condition", name, value) == ids


async def test_it_does_so_behind_references_and_for_bare_codes(searched: Store) -> None:
    assert await found(
        searched, "Patient", "_has:Condition:subject:code:below", f"{ICD10}|I10"
    ) == {"p"}
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    assert await found(searched, "Condition", "subject:Patient.gender:in", gender) == {
        "c0",
        "c1",
        "c2",
    }
    assert await found(searched, "Patient", "gender:not-in", gender) == set()


async def test_without_terminology_such_a_search_is_refused(store: Store) -> None:
    with pytest.raises(Refused) as refused:
        await found(store, "Condition", "code:below", f"{ICD10}|E11")
    assert refused.value.problems[0].rule == "modifier"
