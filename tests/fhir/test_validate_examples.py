"""What others hold for right is right, and what they got wrong is named."""

from collections.abc import Iterator
from typing import Any

import pytest

from minkang.fhir import Problem, decode, encode
from minkang.fhir.shapes import accepts
from minkang.fhir.validate import check, validate
from tests.fhir.validated_examples import official_examples, synthea_resources

_NO_BASE = ("cardinality", "SearchParameter.base", "base is 1..*, and these name none")

WRONG_THEMSELVES = {
    "devicemetric-example.json": (
        "reference-target",
        "DeviceMetric.parent",
        "a parent is a Device, not a DeviceDefinition",
    ),
    "deviceusestatement-example.json": (
        "reference-target",
        "DeviceUseStatement.reasonReference[0]",
        "a reason is none of R4's Procedures",
    ),
    "medicationrequest0301.json": (
        "reference-target",
        "MedicationRequest.dispenseRequest.performer",
        "an Organization dispenses, not a Practitioner",
    ),
    "observation-example-clinical-gender.json": (
        "reference-target",
        "Observation.performer[0]",
        "an Encounter performs nothing",
    ),
    "package-min-ver.json": ("unknown-type", "-", "not a resource"),
    "questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": (
        "pattern",
        "SearchParameter.id",
        "an id has at most 64 characters, this one 67",
    ),
    **{
        f"{kind.lower()}-extensions-{kind}-{name}.json": _NO_BASE
        for kind in ("CodeSystem", "ValueSet")
        for name in ("author", "effective", "end", "keyword", "workflow")
    },
}
"""Examples that break R4: rule, place, why it is theirs."""


def made_from_a_profile(name: str, problems: list[Problem]) -> bool:
    """Questionnaires that HL7's publisher made from profiles lack linkId (1..1) in hints."""
    return name.endswith("-questionnaire.json") and all(
        p.rule == "cardinality" and p.place.endswith(".linkId") for p in problems
    )


def test_every_official_example_is_accepted_unless_it_is_wrong_itself() -> None:
    hints = 0
    wrong = {}
    for name, body in official_examples().items():
        problems = check(decode(body), body)
        if problems and made_from_a_profile(name, problems):
            hints += 1
        elif problems:
            wrong[name] = [(p.rule, p.place) for p in problems]
    assert wrong == {name: [(rule, at)] for name, (rule, at, _) in WRONG_THEMSELVES.items()}
    assert hints == 187


def test_what_the_fast_path_takes_the_complete_validation_takes() -> None:
    taken = 0
    for number, body in enumerate(official_examples().values()):
        resource = decode(body)
        if number % 5 == 0 and accepts(resource.get("resourceType", ""), body):
            assert validate(resource) == []
            taken += 1
    assert taken > 450


@pytest.fixture(scope="module")
def synthea() -> Iterator[Any]:
    return synthea_resources(4)


def test_synthea_is_accepted(synthea: Iterator[Any]) -> None:
    slow = set()
    for resource in synthea:
        body = encode(resource)
        assert validate(resource) == []
        if not accepts(resource["resourceType"], body):
            slow.add(resource["resourceType"])
    assert slow <= {"ExplanationOfBenefit"}, "which contains resources"
