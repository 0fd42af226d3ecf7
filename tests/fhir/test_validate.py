"""Each rule of base R4: which place it names, and that one fault is told once."""

from decimal import Decimal
from typing import Any

import pytest

from minkang.fhir import decode
from minkang.fhir.validate import DEPTH, MOST, validate


def found(resource: Any) -> list[tuple[str, str]]:
    problems = validate(resource)
    assert all(p.stage == "validate" and p.text for p in problems)
    return [(p.rule, p.place) for p in problems]


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **elements}


def observation(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "a"}, **elements}


def allergy(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/1"}, **elements}


NAME = {"family": "王", "given": ["小", "明"]}
CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}


@pytest.mark.parametrize(
    ("resource", "rule", "place"),
    [
        # what it is
        ([], "type", "-"),
        ({}, "unknown-type", "-"),
        ({"resourceType": 1}, "unknown-type", "-"),
        ({"resourceType": "Resource"}, "unknown-type", "Resource"),
        ({"resourceType": "HumanName"}, "unknown-type", "HumanName"),
        # elements
        (patient(nickname="小明"), "unknown-element", "Patient.nickname"),
        (patient(name=[{**NAME, "first": "a"}]), "unknown-element", "Patient.name[0].first"),
        (patient(contact=[{"name": {"x": 1}}]), "unknown-element", "Patient.contact[0].name.x"),
        (
            patient(name=[{**NAME, "resourceType": "HumanName"}]),
            "unknown-element",
            "Patient.name[0].resourceType",
        ),
        (patient(_name=[{"id": "a"}]), "unknown-element", "Patient._name"),
        (observation(value="a"), "unknown-element", "Observation.value"),
        (observation(valueAddress={"text": "a"}), "unknown-element", "Observation.valueAddress"),
        # JSON types
        (patient(name=[1]), "type", "Patient.name[0]"),
        (patient(name=["王小明"]), "type", "Patient.name[0]"),
        (patient(active="true"), "type", "Patient.active"),
        (patient(multipleBirthInteger=True), "type", "Patient.multipleBirthInteger"),
        (patient(multipleBirthInteger=Decimal("1.0")), "type", "Patient.multipleBirthInteger"),
        (patient(birthDate=1980), "type", "Patient.birthDate"),
        (observation(valueQuantity={"value": "120"}), "type", "Observation.valueQuantity.value"),
        (
            observation(valueQuantity={"value": float("nan")}),
            "type",
            "Observation.valueQuantity.value",
        ),
        (observation(valueQuantity={"value": True}), "type", "Observation.valueQuantity.value"),
        (patient(_birthDate="a"), "type", "Patient._birthDate"),
        (patient(contained=["a"]), "type", "Patient.contained[0]"),
        # how many
        ({"resourceType": "Observation", "status": "final"}, "cardinality", "Observation.code"),
        (observation(component=[{}]), "empty", "Observation.component[0]"),
        (
            observation(component=[{"valueString": "a"}]),
            "cardinality",
            "Observation.component[0].code",
        ),
        (patient(name=NAME), "cardinality", "Patient.name"),
        (patient(birthDate=["1980-01-01"]), "cardinality", "Patient.birthDate"),
        (patient(name=[{"given": "小明"}]), "cardinality", "Patient.name[0].given"),
        (patient(link=[{"type": "seealso"}]), "cardinality", "Patient.link[0].other"),
        (
            {"resourceType": "SearchParameter", "url": "http://a.b", "name": "a", "base": []}
            | {"status": "draft", "description": "a", "code": "a", "type": "token"},
            "empty",
            "SearchParameter.base",
        ),
        # one of several types
        (
            patient(deceasedBoolean=True, deceasedDateTime="2024"),
            "choice",
            "Patient.deceased[x]",
        ),
        (
            patient(deceasedBoolean=True, _deceasedDateTime=ABSENT),
            "choice",
            "Patient.deceased[x]",
        ),
        (
            {
                "resourceType": "MedicationRequest",
                "status": "active",
                "intent": "order",
                "subject": {"reference": "Patient/1"},
            },
            "cardinality",
            "MedicationRequest.medication[x]",
        ),
        # nothing there
        (patient(name=[]), "empty", "Patient.name"),
        (patient(name=[{}]), "empty", "Patient.name[0]"),
        (patient(name=[{"family": ""}]), "empty", "Patient.name[0].family"),
        (patient(maritalStatus={}), "empty", "Patient.maritalStatus"),
        (patient(_birthDate={}), "empty", "Patient._birthDate"),
        (patient(birthDate=None), "null", "Patient.birthDate"),
        (patient(name=[None]), "null", "Patient.name[0]"),
        (patient(name=[{"given": ["小", None]}]), "null", "Patient.name[0].given[1]"),
        (
            patient(name=[{"given": ["小", None], "_given": [ABSENT, None]}]),
            "null",
            "Patient.name[0].given[1]",
        ),
        (patient(name=[{"_given": [None, ABSENT]}]), "null", "Patient.name[0]._given[0]"),
        (
            patient(name=[{"given": ["小", "明"], "_given": [ABSENT]}]),
            "alignment",
            "Patient.name[0].given",
        ),
        # letters
        (patient(id="a b"), "pattern", "Patient.id"),
        (patient(id="a" * 65), "pattern", "Patient.id"),
        (patient(language="zh  CN"), "pattern", "Patient.language"),
        (patient(language=" zh"), "pattern", "Patient.language"),
        (patient(implicitRules="a b"), "pattern", "Patient.implicitRules"),
        (patient(birthDate="1980-1-1"), "pattern", "Patient.birthDate"),
        (patient(birthDate="1980-01-01T00:00:00Z"), "pattern", "Patient.birthDate"),
        (patient(birthDate="0000"), "pattern", "Patient.birthDate"),
        (patient(birthDate="1980-01-32"), "pattern", "Patient.birthDate"),
        (patient(birthDate="1980-01-01\n"), "pattern", "Patient.birthDate"),
        (observation(issued="2024-05-01"), "pattern", "Observation.issued"),
        (
            observation(effectiveDateTime="2024-05-01T08:30:00"),
            "pattern",
            "Observation.effectiveDateTime",
        ),
        (
            observation(effectiveDateTime="2024-05-01T24:00:00Z"),
            "pattern",
            "Observation.effectiveDateTime",
        ),
        (observation(valueTime="08:30"), "pattern", "Observation.valueTime"),
        (patient(photo=[{"data": "QUJ"}]), "pattern", "Patient.photo[0].data"),
        (patient(photo=[{"data": "Q=JD"}]), "pattern", "Patient.photo[0].data"),
        (patient(name=[{"family": "a\x00"}]), "characters", "Patient.name[0].family"),
        (patient(name=[{"family": "a\x1f"}]), "characters", "Patient.name[0].family"),
        (patient(name=[{"family": "a\ud800"}]), "characters", "Patient.name[0].family"),
        # days
        (patient(birthDate="2024-02-30"), "calendar-date", "Patient.birthDate"),
        (patient(birthDate="2023-02-29"), "calendar-date", "Patient.birthDate"),
        (patient(birthDate="1900-02-29"), "calendar-date", "Patient.birthDate"),
        (patient(birthDate="2024-06-31"), "calendar-date", "Patient.birthDate"),
        (
            observation(effectiveDateTime="2024-02-30T08:00:00Z"),
            "calendar-date",
            "Observation.effectiveDateTime",
        ),
        # numbers
        (patient(multipleBirthInteger=2**31), "range", "Patient.multipleBirthInteger"),
        (patient(telecom=[{"rank": 0}]), "range", "Patient.telecom[0].rank"),
        (patient(photo=[{"size": -1}]), "range", "Patient.photo[0].size"),
        (
            observation(valueQuantity={"value": Decimal("1E+999999")}),
            "range",
            "Observation.valueQuantity.value",
        ),
        (
            observation(valueQuantity={"value": Decimal("1E-999999")}),
            "range",
            "Observation.valueQuantity.value",
        ),
        # codes
        (patient(gender="男"), "required-binding", "Patient.gender"),
        (patient(gender="M"), "required-binding", "Patient.gender"),
        (observation(status="done"), "required-binding", "Observation.status"),
        (
            allergy(clinicalStatus={"coding": [{"system": CLINICAL, "code": "gone"}]}),
            "required-binding",
            "AllergyIntolerance.clinicalStatus",
        ),
        (
            allergy(clinicalStatus={"coding": [{"system": "http://a.b", "code": "active"}]}),
            "required-binding",
            "AllergyIntolerance.clinicalStatus",
        ),
        (
            allergy(clinicalStatus={"text": "active"}),
            "required-binding",
            "AllergyIntolerance.clinicalStatus",
        ),
        # references
        (
            observation(subject={"reference": "Practitioner/1"}),
            "reference-target",
            "Observation.subject",
        ),
        (
            observation(subject={"reference": "http://a.b/fhir/Practitioner/1/_history/2"}),
            "reference-target",
            "Observation.subject",
        ),
        (
            observation(subject={"reference": "Practitioner?identifier=1"}),
            "reference-target",
            "Observation.subject",
        ),
        (observation(subject={"reference": "王小明"}), "reference-target", "Observation.subject"),
        (observation(subject={"reference": "Person"}), "reference-target", "Observation.subject"),
        (observation(subject={"reference": "Kitten/1"}), "reference-target", "Observation.subject"),
        (observation(subject={"reference": "#a"}), "reference-target", "Observation.subject"),
        (
            observation(
                contained=[{"resourceType": "Practitioner", "id": "a"}],
                subject={"reference": "#a"},
            ),
            "reference-target",
            "Observation.subject",
        ),
        (
            observation(subject={"type": "Practitioner", "display": "a"}),
            "reference-target",
            "Observation.subject",
        ),
        (
            observation(subject={"type": "Group", "reference": "Patient/1"}),
            "reference-target",
            "Observation.subject",
        ),
        (
            observation(subject={"type": "Kitten", "reference": "urn:uuid:1"}),
            "reference-target",
            "Observation.subject",
        ),
        # resources inside
        (
            patient(contained=[patient(contained=[patient()])]),
            "contained",
            "Patient.contained[0].contained",
        ),
        (
            patient(contained=[patient(gender="M")]),
            "required-binding",
            "Patient.contained[0].gender",
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "batch",
                "entry": [{"resource": patient(gender="M")}],
            },
            "required-binding",
            "Bundle.entry[0].resource.gender",
        ),
        # narrative
        (
            patient(text={"status": "generated", "div": "王小明"}),
            "narrative",
            "Patient.text.div",
        ),
        (
            patient(text={"status": "generated", "div": "<div><script>a()</script></div>"}),
            "narrative",
            "Patient.text.div",
        ),
        (
            patient(text={"status": "generated", "div": "<div><img src='a' OnError='a()'/></div>"}),
            "narrative",
            "Patient.text.div",
        ),
        (
            patient(text={"status": "generated", "div": "<div onclick='a()'>a</div>"}),
            "narrative",
            "Patient.text.div",
        ),
    ],
)
def test_a_fault_is_found_where_it_is(resource: Any, rule: str, place: str) -> None:
    assert found(resource) == [(rule, place)]


@pytest.mark.parametrize(
    "resource",
    [
        patient(),
        patient(name=[NAME], birthDate="2024-02-29", gender="female"),
        patient(birthDate="2000-02-29"),
        patient(birthDate="9999-12-31"),
        patient(birthDate="1980"),
        patient(birthDate="1980-06"),
        patient(_birthDate=ABSENT),
        patient(birthDate="1980", _birthDate=ABSENT),
        patient(_gender=ABSENT),
        patient(name=[{"given": ["小", None], "_given": [None, ABSENT]}]),
        patient(name=[{"_given": [ABSENT, ABSENT]}]),
        patient(name=[{"family": "a\u3000b\t\r\nc 𠮷"}]),
        patient(photo=[{"data": "QUJD QUJD\nQQ=="}]),
        observation(effectiveDateTime="2016-12-31T23:59:60Z"),
        observation(effectiveDateTime="2024-05-01T08:30:00.123456789+08:00"),
        observation(valueQuantity={"value": 0}),
        observation(valueQuantity={"value": Decimal("-1.50")}),
        observation(valueQuantity={"value": 1.5}),
        {"resourceType": "Observation", "_status": ABSENT, "code": {"text": "a"}},
        allergy(clinicalStatus={"coding": [{"code": "local"}, {"code": "active"}]}),
        allergy(clinicalStatus={"coding": [{"system": CLINICAL, "code": "active"}]}),
        observation(subject={"reference": "Patient/1/_history/2"}),
        observation(subject={"reference": "http://a.b/fhir/Patient/1"}),
        observation(subject={"reference": "http://a.b/patients?who=1"}),
        observation(subject={"reference": "Patient?identifier=1"}),
        observation(subject={"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}),
        observation(subject={"type": "Patient", "identifier": {"value": "1"}}),
        observation(subject={"type": "Patient", "reference": "Patient/1"}),
        observation(contained=[patient(id="a")], subject={"reference": "#a"}),
        patient(contained=[observation(id="a", subject={"reference": "#"})]),
        patient(meta={"profile": ["http://a.b/whatever"]}),
        patient(text={"status": "generated", "div": "<div>once = 1</div>"}),
        {"resourceType": "Binary", "contentType": "made/up"},
        {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": patient()}]},
    ],
)
def test_what_is_right(resource: Any) -> None:
    assert found(resource) == []


def test_every_problem_is_told() -> None:
    resource = patient(
        gender="M", birthDate="2024-02-30", name=[{"given": [""]}, {"x": 1}], link=[{}], y=None
    )
    assert found(resource) == [
        ("required-binding", "Patient.gender"),
        ("calendar-date", "Patient.birthDate"),
        ("empty", "Patient.name[0].given[0]"),
        ("unknown-element", "Patient.name[1].x"),
        ("empty", "Patient.link[0]"),
        ("unknown-element", "Patient.y"),
    ]


def _nested(levels: int) -> dict[str, Any]:
    extension: dict[str, Any] = {"url": "http://a.b", "valueString": "a"}
    for _ in range(levels):
        extension = {"url": "http://a.b", "extension": [extension]}
    return patient(extension=[extension])


def test_depth_has_an_end() -> None:
    assert found(_nested(DEPTH - 2)) == []
    (problem,) = found(_nested(DEPTH - 1))
    assert problem == ("depth", "Patient" + ".extension[0]" * DEPTH)
    assert len(found(_nested(800))) == 1


def test_a_hostile_name_is_not_repeated_at_length() -> None:
    (problem,) = validate(patient(**{"x" * 100_000: 1}))
    assert len(problem.place) < 100
    assert len(problem.text) < 200


def test_the_list_of_problems_has_an_end() -> None:
    problems = validate(patient(**{f"x{n}": 1 for n in range(MOST + 9)}))
    assert len(problems) == MOST + 1
    assert problems[-1].rule == "too-many"


def test_decimals_come_as_they_were_written() -> None:
    body = b'{"resourceType":"Patient","multipleBirthInteger":1.0}'
    assert found(decode(body)) == [("type", "Patient.multipleBirthInteger")]
