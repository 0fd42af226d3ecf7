"""R4's constraints: broken ones are named with their place, and right resources pass."""

from typing import Any

import pytest

from minkang.fhir import decode
from minkang.fhir.definitions import definitions
from minkang.fhir.invariants import check_invariants, invariants
from minkang.fhir.path import Node, compile_path
from tests.fhir.validated_examples import official_examples, synthea_resources

WRONG_THEMSELVES: dict[str, tuple[set[str], str]] = {
    "activitydefinition-servicerequest-example.json": (
        {"txt-1", "txt-2"},
        "its narrative is white space",
    ),
    "activitydefinition-supplyrequest-example.json": (
        {"txt-1", "txt-2"},
        "its narrative is white space",
    ),
    "eventdefinition-example.json": ({"txt-1", "txt-2"}, "its narrative is white space"),
    "questionnaire-zika-virus-exposure-assessment.json": (
        {"txt-1", "txt-2"},
        "its narrative is white space",
    ),
    **{
        f"{pattern}.json": ({"sdf-4"}, "a pattern of HL7's: not abstract, and without a base")
        for pattern in ("definition", "event", "fivews", "request")
    },
}
"""Examples that break a constraint: which, and why it is theirs."""


def made_from_a_profile(name: str, rules: set[str]) -> bool:
    """Questionnaires that HL7's publisher made from profiles repeat linkIds and empty groups."""
    return name.endswith("-questionnaire.json") and rules <= {"que-1", "que-2"}


def _look_at(names: list[str]) -> None:
    examples = official_examples()
    for name in names:
        rules = {problem.rule for problem in invariants(decode(examples[name]))}
        if rules and not made_from_a_profile(name, rules):
            assert rules == WRONG_THEMSELVES.get(name, (set(), ""))[0], name
        else:
            assert name not in WRONG_THEMSELVES, name


def test_a_spread_of_the_official_examples_breaks_nothing() -> None:
    examples = official_examples()
    small = sorted(name for name, body in examples.items() if len(body) < 200_000)
    _look_at(sorted({*small[::9], *WRONG_THEMSELVES}))


@pytest.mark.prove
def test_all_official_examples_break_nothing() -> None:
    _look_at(sorted(official_examples()))


def test_synthetic_records_break_nothing() -> None:
    for resource in synthea_resources(1):
        assert invariants(resource) == []


def broken(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.place, problem.rule) for problem in invariants(resource)]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (
            {"resourceType": "Patient", "contact": [{"gender": "male"}]},
            [("Patient.contact[0]", "pat-1")],
        ),
        (
            {
                "resourceType": "Observation",
                "valueString": "x",
                "dataAbsentReason": {"text": "y"},
            },
            [("Observation", "obs-6")],
        ),
        (
            {
                "resourceType": "Observation",
                "code": {"coding": [{"system": "s", "code": "c"}]},
                "valueString": "x",
                "component": [{"code": {"coding": [{"system": "s", "code": "c"}]}}],
            },
            [("Observation", "obs-7")],
        ),
        (
            {"resourceType": "Patient", "name": [{"period": {"start": "2024", "end": "2023"}}]},
            [("Patient.name[0].period", "per-1")],
        ),
        (
            {"resourceType": "Observation", "valueQuantity": {"value": 1, "code": "mg"}},
            [("Observation.valueQuantity", "qty-3")],
        ),
        (
            {"resourceType": "Patient", "extension": [{"url": "u"}]},
            [("Patient.extension[0]", "ext-1")],
        ),
        (
            {
                "resourceType": "Patient",
                "birthDate": "1980",
                "_birthDate": {"extension": [{"url": "u"}]},
            },
            [("Patient.birthDate.extension[0]", "ext-1")],
        ),
        (
            {
                "resourceType": "Patient",
                "name": [{"_given": [None, {"extension": [{"url": "u"}]}]}],
            },
            [("Patient.name[0].given[1].extension[0]", "ext-1")],
        ),
        (
            {"resourceType": "Patient", "managingOrganization": {"reference": "#o"}},
            [("Patient.managingOrganization", "ref-1")],
        ),
        (
            {"resourceType": "Patient", "contained": [{"resourceType": "Group", "id": "g"}]},
            [("Patient", "dom-3")],
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {"fullUrl": "urn:a", "resource": {"resourceType": "Patient"}},
                    {
                        "fullUrl": "urn:a",
                        "resource": {"resourceType": "Patient", "contact": [{"gender": "male"}]},
                    },
                ],
            },
            [("Bundle", "bdl-7"), ("Bundle.entry[1].resource.contact[0]", "pat-1")],
        ),
        (
            {
                "resourceType": "Questionnaire",
                "item": [
                    {
                        "linkId": "1",
                        "type": "string",
                        "enableWhen": [{"operator": "exists", "answerString": "x"}],
                    }
                ],
            },
            [("Questionnaire.item[0].enableWhen[0]", "que-7")],
        ),
    ],
)
def test_a_broken_constraint_is_named_with_its_place(
    resource: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert broken(resource) == expected


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "managingOrganization": {"display": "县医院"}},
        {"resourceType": "Patient", "name": [{"period": {"start": "2024", "end": "2024-05-01"}}]},
        {
            "resourceType": "Patient",
            "managingOrganization": {"reference": "#o"},
            "contained": [
                {
                    "resourceType": "Organization",
                    "id": "o",
                    "name": "县医院",
                    "partOf": {"reference": "#p"},
                },
                {"resourceType": "Organization", "id": "p", "name": "市医院"},
            ],
        },
        {
            "resourceType": "Questionnaire",
            "item": [
                {
                    "linkId": "1",
                    "type": "string",
                    "enableWhen": [{"operator": "exists", "answerBoolean": True}],
                }
            ],
        },
    ],
)
def test_what_r4_leaves_open_or_allows_is_not_broken(resource: dict[str, Any]) -> None:
    assert broken(resource) == []


def test_the_sentence_is_chinese_and_holds_the_key_and_r4s_own_words() -> None:
    (problem,) = invariants({"resourceType": "Patient", "contact": [{"gender": "male"}]})
    assert problem.stage == "validate"
    assert problem.text == (
        "违反约束 pat-1：SHALL at least contain a contact's details or a reference to an "
        "organization"
    )


def test_good_practice_is_kept_apart() -> None:
    checked = check_invariants({"resourceType": "Patient"})
    assert checked.errors == []
    assert [problem.rule for problem in checked.advice] == ["dom-6"]


def test_what_is_no_resource_of_r4_has_no_constraints() -> None:
    assert broken({"resourceType": "Nothing"}) == []
    assert broken({"resourceType": "Patient", "": 1, "name": 3, "_name": [[]], "text": []}) == []
    assert broken({}) == []


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("HumanName", Node({"id": "x", "text": "y"}, "HumanName")),
        ("HumanName", Node({"id": "x"}, "HumanName")),
        ("birthDate", Node("2024", "date")),
        ("birthDate", Node("2024", "date", {"id": "x"})),
        ("birthDate", Node(None, "date", {"extension": [{"url": "u", "valueCode": "c"}]})),
        ("birthDate", Node(None, "date", {"id": "x"})),
    ],
)
def test_every_element_has_a_value_or_content_as_ele_1_says(name: str, node: Node) -> None:
    (rule,) = {c.expression for c in definitions().types["Element"].constraints if c.key == "ele-1"}
    patient: dict[str, Any] = {"resourceType": "Patient"}
    if name == "HumanName":
        patient["name"] = [node.value]
    else:
        patient |= {"birthDate": node.value} if node.value is not None else {}
        patient |= {"_birthDate": node.sibling} if node.sibling else {}
    place = "Patient.name[0]" if name == "HumanName" else "Patient.birthDate"
    (says,) = compile_path(rule).evaluate(node)
    assert broken(patient) == ([] if says else [(place, "ele-1")])
