"""Each kind of rule: what it tells of, what it leaves alone, and what it says when it is wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.quality.facts import Facts
from minkang.exchange.quality.judge import judge
from minkang.exchange.quality.rule import RulesError, judges, read_rules, rules

NOW = datetime(2026, 11, 22, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ICD10 = "urn:oid:2.16.156.10011.2.3.3.11"
OWN = "urn:minkang:source:haibin:x"
FLAGS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [
        {"system": OWN, "value": "P1"},
        {"system": "urn:oid:2.16.156.10011.1.3", "value": "11010519491231002X"},
    ],
    "name": [{"text": "李秀英"}],
    "gender": "female",
    "birthDate": "1949-12-31",
    "telecom": [{"value": "13800000001"}],
    "address": [{"text": "港湾路1号"}],
}
VISIT: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "v",
    "identifier": [{"system": OWN, "value": "V1"}],
    "status": "finished",
    "class": {"code": "AMB"},
    "subject": {"reference": "Patient/p"},
    "period": {"start": "2026-11-21T09:00:00+08:00", "end": "2026-11-21T09:30:00+08:00"},
    "serviceType": {"text": "内科"},
    "participant": [{"individual": {"display": "王海燕"}}],
}
DIAGNOSIS: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c",
    "subject": {"reference": "Patient/p"},
    "encounter": {"reference": "Encounter/v"},
    "code": {"coding": [{"system": ICD10, "code": "I10.x00"}], "text": "高血压"},
    "recordedDate": "2026-11-21T09:10:00+08:00",
}
RESULT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "category": [{"coding": [{"code": "laboratory"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "钾"},
    "effectiveDateTime": "2026-11-21T09:00:00+08:00",
    "valueQuantity": {"value": Decimal("4.1"), "unit": "mmol/L"},
    "referenceRange": [{"low": {"value": Decimal("3.5")}, "high": {"value": Decimal("5.3")}}],
    "interpretation": [{"coding": [{"system": FLAGS, "code": "N"}]}],
}
REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport",
    "id": "r",
    "identifier": [{"system": OWN, "value": "L1"}],
    "status": "final",
    "code": {"text": "电解质"},
    "subject": {"reference": "Patient/p"},
    "encounter": {"reference": "Encounter/v"},
    "basedOn": [{"reference": "ServiceRequest/s"}],
    "effectiveDateTime": "2026-11-21T09:20:00+08:00",
    "issued": "2026-11-21T11:00:00+08:00",
    "resultsInterpreter": [{"display": "陈仲和"}],
    "result": [{"reference": "Observation/o"}],
}
ORDER: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "s",
    "authoredOn": "2026-11-21T09:05:00+08:00",
}
_GOOD = (PATIENT, VISIT, DIAGNOSIS, RESULT, REPORT)


def failed(resource: dict[str, Any], **others: Any) -> set[str]:
    """Rules that fail of a resource among good ones."""
    around = {
        "received": NOW,
        "since": SINCE,
        "patient": PATIENT,
        "visit": VISIT,
        "order": ORDER,
        "mentioned": frozenset({"Condition", "DiagnosticReport"}),
        "shared": False,
    }
    return set(judge(Facts(resource=resource, **{**around, **others})).failed)


@pytest.mark.parametrize(
    ("amount", "wrong"), [("0", True), ("-3", True), ("0.5", False), ("28", False)]
)
def test_nothing_is_prescribed_in_noughts(amount: str, wrong: bool) -> None:
    quantity = {"value": Decimal(amount), "unit": "片"}
    medicine = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "completed",
        "dosageInstruction": [{"doseAndRate": [{"doseQuantity": quantity}]}],
        "dispenseRequest": {"quantity": quantity},
    }
    positive = {"prescription-dose-positive", "prescription-amount-positive"}
    assert failed(medicine) & positive == (positive if wrong else set())


@pytest.mark.parametrize("resource", _GOOD, ids=lambda one: one["resourceType"])
def test_what_is_right_fails_nothing(resource: dict[str, Any]) -> None:
    assert failed(resource) == set()


def _coded(code: str) -> dict[str, Any]:
    return {"coding": [{"system": ICD10, "code": code}], "text": "诊断"}


def _measured(value: str, **more: Any) -> dict[str, Any]:
    return {"valueQuantity": {"value": Decimal(value), "unit": "mmol/L"}, **more}


def _numbered(number: str) -> dict[str, Any]:
    system = "urn:oid:2.16.156.10011.1.3"
    own = {"system": OWN, "value": "P1"}
    return {"identifier": [own, {"system": system, "value": number}]}


@pytest.mark.parametrize(
    ("good", "changed", "rule"),
    [
        (PATIENT, {"identifier": [{"system": OWN, "value": "P1"}]}, "patient-identity-number"),
        (PATIENT, _numbered("110105194912310021"), "patient-identity-number-check"),
        (PATIENT, {"birthDate": "1949-12-30"}, "patient-birth-date-in-number"),
        (PATIENT, {"gender": "male"}, "patient-sex-in-number"),
        (PATIENT, {"name": [{"text": "无名氏"}]}, "patient-name-form"),
        (PATIENT, {"telecom": [{"value": "12345"}]}, "patient-phone-form"),
        (PATIENT, {"deceasedDateTime": "1940"}, "patient-death-after-birth"),
        (VISIT, {"class": {"extension": [{"url": "x", "valueCode": "unknown"}]}}, "visit-class"),
        (VISIT, {"serviceType": {"text": " "}}, "visit-department"),
        (VISIT, {"period": {"start": "2026-11-21", "end": "2026-11-20"}}, "visit-times"),
        (VISIT, {"period": {"start": "2027-11-21"}}, "visit-start-past"),
        (VISIT, {"period": {"start": "1949-12-30", "end": "1949-12-30"}}, "visit-after-birth"),
        (VISIT, {"period": {"start": "2026-11-19T09:00:00+08:00"}}, "visit-in-time"),
        (DIAGNOSIS, {"code": {"text": "高血压"}}, "diagnosis-code"),
        (DIAGNOSIS, {"code": _coded("I99.x99")}, "diagnosis-code-known"),
        (DIAGNOSIS, {"code": _coded("C61.x00")}, "diagnosis-sex"),
        (DIAGNOSIS, {"code": _coded("P07.300")}, "diagnosis-age"),
        (DIAGNOSIS, {"recordedDate": "2026-11-01"}, "diagnosis-within-visit"),
        (RESULT, _measured("41"), "result-plausible"),
        (RESULT, {"valueQuantity": {"value": 4, "unit": "mg/dL"}}, "result-unit-of-item"),
        (RESULT, {"valueQuantity": {"value": 4}}, "result-unit"),
        (RESULT, _measured("6.1"), "result-flag"),
        (RESULT, _measured("4.1", interpretation=[{"coding": [{"code": "H"}]}]), "result-flag"),
        (
            RESULT,
            {"referenceRange": [{"low": {"value": 5}, "high": {"value": 3}}]},
            "result-range-order",
        ),
        (RESULT, {"code": {"text": "钾"}}, "result-standard-code"),
        (REPORT, {"result": []}, "report-content"),
        (REPORT, {"issued": "2026-11-21T09:00:00+08:00"}, "report-times"),
        (REPORT, {"issued": "2026-11-21T09:00:00+08:00"}, "report-after-order"),
        (REPORT, {"basedOn": []}, "report-names-order"),
    ],
)
def test_what_is_wrong_is_told(good: dict[str, Any], changed: dict[str, Any], rule: str) -> None:
    assert rule in failed({**good, **changed})
    assert rules()[rule].type == good["resourceType"]


@pytest.mark.parametrize(
    ("resource", "around", "rule"),
    [
        (VISIT, {"mentioned": frozenset()}, "visit-diagnosis"),
        (VISIT, {"shared": True}, "visit-twice"),
        (DIAGNOSIS, {"visit": None}, "diagnosis-visit"),
        (REPORT, {"order": None}, "report-order"),
        (REPORT, {"received": datetime(2026, 11, 25, tzinfo=UTC)}, "report-in-time"),
    ],
)
def test_what_hangs_on_others_is_told(
    resource: dict[str, Any], around: dict[str, Any], rule: str
) -> None:
    assert rule in failed(resource, **around)


def test_what_is_not_there_is_told_by_completeness_alone() -> None:
    for good in _GOOD:
        bare = {"resourceType": good["resourceType"], "id": "x"}
        alone = Facts(resource=bare, received=NOW, since=SINCE)
        told = {rules()[rule].dimension for rule in judge(alone).failed}
        assert told <= {"completeness", "linkage"}, good["resourceType"]


def test_what_was_cancelled_is_not_judged() -> None:
    assert failed({"resourceType": "Encounter", "id": "v", "status": "cancelled"}) == set()


def test_what_came_before_the_source_was_connected_is_not_late() -> None:
    old = {**VISIT, "period": {"start": "2020-01-01", "end": "2020-01-01"}}
    assert "visit-in-time" not in failed(old)


_RULE = "- {id: a, level: error, dimension: validity, type: Patient, field: x, check: present}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: a, level: error}", "dimension"),
        (_RULE, "text"),
        (_RULE.replace("}", ", text: 错了}").replace("id: a", "id: A b"), "matching regex"),
        (_RULE.replace("check: present}", "check: none, text: 错了}"), "no check 'none'"),
        (_RULE.replace("}", ", using: {what: 1}, text: 错了}"), "a: using"),
        (_RULE.replace("Patient", "Pat").replace("}", ", text: 错了}"), "no FHIR type"),
    ],
)
def test_a_wrong_rule_is_named(text: str, said: str) -> None:
    with pytest.raises(RulesError, match=said):
        read_rules(text.encode())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(judges())),
    st.sampled_from(["2026", "2026-11", "2026-11-21", "2026-02-30", "soon", ""]),
)
def test_no_time_however_written_breaks_a_rule(kind: str, time: str) -> None:
    """What was stored is valid FHIR in its structure, but its times may be anything."""
    resource = {
        "resourceType": kind,
        "id": "x",
        "birthDate": time,
        "period": {"start": time, "end": time},
        "issued": time,
        "effectiveDateTime": time,
        "recordedDate": time,
        "authoredOn": time,
        "date": time,
    }
    judge(Facts(resource=resource, received=NOW, since=SINCE, patient=resource, visit=resource))
