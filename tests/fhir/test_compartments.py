"""Whose record a resource belongs to."""

from typing import Any

import pytest

from minkang.fhir import TYPE_CODES, patients_of
from minkang.fhir.definitions import definitions
from tests.fhir.validated_examples import synthea_resources


def to(*targets: str) -> list[dict[str, str]]:
    return [{"reference": target} for target in targets]


@pytest.mark.parametrize(
    ("resource", "patients"),
    [
        ({"resourceType": "Patient", "id": "a", "link": [{"other": to("Patient/b")[0]}]}, {"a"}),
        (
            {
                "resourceType": "Person",
                "link": [{"target": t} for t in to("Patient/a", "Person/b")],
            },
            {"a"},
        ),
        ({"resourceType": "Observation", "subject": to("Patient/a/_history/3")[0]}, {"a"}),
        (
            {
                "resourceType": "Observation",
                "subject": to("Patient/a")[0],
                "performer": to("Practitioner/c", "Patient/b"),
            },
            {"a", "b"},
        ),
        ({"resourceType": "Observation", "subject": to("Group/a")[0]}, set()),
        ({"resourceType": "Observation", "focus": to("Patient/a")}, set()),
        (
            {"resourceType": "Procedure", "performer": [{"actor": t} for t in to("Patient/a")]},
            {"a"},
        ),
        (
            {
                "resourceType": "AuditEvent",
                "agent": [{"who": to("Patient/a")[0]}, {"name": "x"}],
                "entity": [{"what": to("Patient/b")[0]}],
            },
            {"a", "b"},
        ),
        (
            {
                "resourceType": "CarePlan",
                "activity": [{"detail": {"performer": to("Patient/a")}}, {}],
            },
            {"a"},
        ),
        ({"resourceType": "Task", "for": to("Patient/a")[0], "focus": to("Task/b")[0]}, {"a"}),
        ({"resourceType": "Encounter", "subject": to("Patient/a")[0]}, {"a"}),
        ({"resourceType": "Group", "member": [{"entity": t} for t in to("Patient/a")]}, {"a"}),
        ({"resourceType": "Organization", "id": "a"}, set()),
        ({"resourceType": "Nonsense", "subject": to("Patient/a")[0]}, set()),
        ({}, set()),
    ],
)
def test_patients_of(resource: dict[str, Any], patients: set[str]) -> None:
    assert patients_of(resource) == patients


@pytest.mark.parametrize("held", ["Patient/a", 1, [1], [None], {"reference": 1}, {"x": 1}, [[]]])
def test_what_is_not_valid_is_about_nobody(held: Any) -> None:
    assert patients_of({"resourceType": "Observation", "subject": held}) == frozenset()
    assert patients_of({"resourceType": "CarePlan", "activity": held}) == frozenset()


def test_every_type_of_the_compartment_is_understood() -> None:
    for of_type in definitions().patient_compartment:
        assert of_type in TYPE_CODES
        assert patients_of({"resourceType": of_type, "id": "a"}) <= {"a"}


def test_what_synthea_writes_about_a_patient_is_in_their_compartment() -> None:
    for resource in synthea_resources(1):
        for element in ("subject", "patient"):
            text = resource.get(element, {}).get("reference", "")
            local = {"resourceType": resource["resourceType"], element: {"reference": "Patient/a"}}
            if text.startswith("urn:uuid:") and resource["resourceType"] != "SupplyDelivery":
                assert patients_of(local) == {"a"}
