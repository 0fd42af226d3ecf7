"""The slow evaluation is right where it can be seen with bare eyes."""

from typing import Any

import pytest

from minkang.fhir.search_dates import span
from minkang.fhir.search_syntax import parse_search
from tests.fhir.naive_search import found

REGION: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "male",
        "birthDate": "1970-03-01",
        "name": [{"text": "王小明", "family": "王", "given": ["小明"]}],
        "managingOrganization": {"reference": "Organization/o1"},
        "identifier": [
            {
                "system": "http://s",
                "value": "7",
                "type": {"coding": [{"system": "http://t", "code": "MR"}], "text": "病案号"},
            }
        ],
        "telecom": [{"system": "phone", "value": "139"}],
    },
    {"resourceType": "Patient", "id": "p2", "deceasedBoolean": True, "birthDate": "1970"},
    {"resourceType": "Organization", "id": "o1", "name": "民康县人民医院"},
    {
        "resourceType": "Observation",
        "id": "b1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}], "text": "血压"},
        "subject": {"reference": "Patient/p1"},
        "effectivePeriod": {"start": "2024-05-01"},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
                "valueQuantity": {
                    "value": 150,
                    "system": "http://unitsofmeasure.org",
                    "code": "mm[Hg]",
                    "unit": "mmHg",
                },
            }
        ],
    },
    {
        "resourceType": "Observation",
        "id": "b2",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "subject": {"reference": "Patient/p2/_history/3"},
        "effectiveDateTime": "2024-04-30",
        "valueQuantity": {"value": 37, "system": "http://unitsofmeasure.org", "code": "Cel"},
    },
]

SYSTOLIC = "http://loinc.org|8480-6"


@pytest.mark.parametrize(
    ("resource_type", "name", "value", "expected"),
    [
        ("Patient", "gender", "male", "p1"),
        ("Patient", "gender", "http://hl7.org/fhir/administrative-gender|male", "p1"),
        ("Patient", "gender:not", "male", "p2"),
        ("Patient", "gender:missing", "true", "p2"),
        ("Patient", "deceased", "true,false", "p1 p2"),
        ("Patient", "deceased:not", "true", "p1"),
        ("Patient", "_id", "p2,p1", "p1 p2"),
        ("Patient", "identifier", "http://s|7", "p1"),
        ("Patient", "identifier", "|7", ""),
        ("Patient", "identifier:of-type", "http://t|MR|7", "p1"),
        ("Patient", "identifier:text", "病案", "p1"),
        ("Patient", "phone", "139", "p1"),
        ("Patient", "email", "139", ""),
        ("Patient", "name", "小", "p1"),
        ("Patient", "name:exact", "王小", ""),
        ("Patient", "name:contains", "小明", "p1"),
        ("Patient", "birthdate", "1970", "p1 p2"),
        ("Patient", "birthdate", "1970-03-01", "p1"),
        ("Patient", "birthdate", "gt1970-03-01", "p2"),
        ("Patient", "birthdate", "lt1970-03-01", "p2"),
        ("Patient", "organization", "Organization/o1", "p1"),
        ("Patient", "organization.name", "民康", "p1"),
        ("Patient", "organization.name", "市", ""),
        ("Patient", "_has:Observation:patient:code", "8310-5", "p2"),
        ("Patient", "_has:Observation:subject:code", "8310-5,85354-9", "p1 p2"),
        (
            "Organization",
            "_has:Patient:organization:_has:Observation:patient:status",
            "final",
            "o1",
        ),
        ("Observation", "subject", "p2", "b2"),
        ("Observation", "patient", "Patient/p1,Patient/p2", "b1 b2"),
        ("Observation", "subject:Patient.organization.name", "民", "b1"),
        ("Observation", "date", "2024-05", ""),
        ("Observation", "date", "ge2024-05-01", "b1"),
        ("Observation", "date", "sa2024-04", "b1"),
        ("Observation", "code:text", "血压", "b1"),
        ("Observation", "combo-code", "8480-6", "b1"),
        ("Observation", "component-value-quantity", "150||mmHg", "b1"),
        ("Observation", "component-value-quantity", "gt2|http://unitsofmeasure.org|m[Hg]", ""),
        ("Observation", "component-value-quantity", "15|http://unitsofmeasure.org|cm[Hg]", "b1"),
        ("Observation", "value-quantity", "310.1|http://unitsofmeasure.org|K", ""),
        ("Observation", "value-quantity", "310.15|http://unitsofmeasure.org|K", "b2"),
        ("Observation", "combo-code-value-quantity", f"{SYSTOLIC}$gt140", "b1"),
        ("Observation", "combo-code-value-quantity", f"{SYSTOLIC}$lt140", ""),
        ("Observation", "combo-code-value-quantity", "8310-5$37.0", "b2"),
        ("Observation", "code-value-quantity:missing", "true", "b1"),
    ],
)
def test_searches(resource_type: str, name: str, value: str, expected: str) -> None:
    search = parse_search((resource_type,), [(name, value)])
    assert [resource["id"] for resource in found(REGION, search)] == expected.split()


def test_all_conditions_hold() -> None:
    search = parse_search(("Patient",), [("birthdate", "1970"), ("gender", "male")])
    assert [resource["id"] for resource in found(REGION, search)] == ["p1"]


def test_approximate_dates_are_as_wide_as_they_are_old() -> None:
    search = parse_search(("Observation",), [("date", "ap2024-04-29")])
    _, day_after = span("2024-04-29")
    assert found(REGION, search, now=day_after) == []
    in_a_month = span("2024-06-01")[0]
    assert [r["id"] for r in found(REGION, search, now=in_a_month)] == ["b1", "b2"]


def test_codes_are_compared_without_case_and_ids_with_it() -> None:
    search = parse_search(("Patient",), [("gender", "MALE")])
    assert [resource["id"] for resource in found(REGION, search)] == ["p1"]
    assert found(REGION, parse_search(("Patient",), [("_id", "P1")])) == []


def test_what_needs_a_terminology_is_not_answered() -> None:
    search = parse_search(("Observation",), [("code:in", "http://vs")])
    with pytest.raises(NotImplementedError):
        found(REGION, search)
