"""Allergies, blood groups, chronic diseases, and what of a life contradicts itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from minkang.fhir import Resource
from minkang.record.background import allergies_of, blood_groups, chronic_of, family_of, risks_of
from minkang.record.documents import documents_of
from minkang.record.gaps import Looked, died_of, gaps_of
from minkang.record.results import results_of, series_of
from minkang.record.timeline import timeline_of
from minkang.store import Stored
from tests.record.lives import NAMES, all_of, encounter, life, made, measured, stored, text

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def allergy(key: str, name: str, **more: Any) -> Resource:
    return {"resourceType": "AllergyIntolerance", "id": key, "code": text(name), **more}


def test_dangerous_allergies_come_first_and_refuted_ones_do_not_count() -> None:
    found = allergies_of(
        all_of(
            [
                allergy("a", "花粉"),
                allergy("b", "青霉素", reaction=[
                    {"severity": "severe", "manifestation": [text("休克"), text("皮疹")]}]),
                allergy("c", "磺胺", verificationStatus=text("", "refuted")),
                allergy("d", "海鲜", clinicalStatus=text("", "resolved")),
                allergy("e", "青霉素"),
                allergy("f", "否认"),
            ]
        ),
        NAMES,
    )  # fmt: skip
    assert [(one.name, one.reactions, one.high, one.none) for one in found] == [
        ("青霉素", "休克、皮疹", True, False),
        ("花粉", "", False, False),
        ("否认", "", False, True),
    ]


@pytest.mark.parametrize(
    ("pressure", "age", "controlled"),
    [
        (("139", "89"), 50, True),
        (("140", "80"), 50, False),
        (("120", "90"), 50, False),
        (("149", "89"), 65, True),
        (("150", "70"), 65, False),
        (("149", "89"), 64, False),
        (("149", "89"), None, False),
    ],
)
def test_blood_pressure_by_the_norm(
    pressure: tuple[str, str], age: int | None, controlled: bool
) -> None:
    day = "2026-11-02T08:00:00+08:00"
    series = series_of(
        results_of(
            all_of(
                [
                    measured("s", "8480-6", pressure[0], day, unit="mmHg"),
                    measured("d", "8462-4", pressure[1], day, unit="mmHg"),
                ]
            ),
            NAMES,
        )
    )
    (found,) = chronic_of(["I10.x00"], series, age)
    assert (found.disease, found.value, found.controlled) == (
        "hypertension", "/".join(pressure), controlled,
    )  # fmt: skip


def test_diabetes_by_fasting_glucose_and_nobody_is_called_controlled_without_a_value() -> None:
    series = series_of(results_of(all_of([measured("g", "1558-6", "6.9", "2026-11-02")]), NAMES))
    (found,) = chronic_of(["E11.900"], series, 60)
    assert (found.disease, found.controlled) == ("diabetes", True)
    (nothing,) = chronic_of(["E11.900"], (), 60)
    assert nothing.controlled is None
    assert chronic_of(["J06.9"], series, 60) == ()


def looked(*facts: Resource, patients: tuple[Stored, ...] = (), codes: tuple[str, ...] = ()) -> Any:
    whole = life(*all_of(facts))
    return Looked(
        patients=patients,
        names=NAMES,
        allergies=allergies_of(whole.of("AllergyIntolerance"), NAMES),
        blood=blood_groups(whole.of("Observation"), NAMES),
        stops=timeline_of(whole, died_of(patients)),
        series=series_of(results_of(whole.of("Observation"), NAMES)),
        codes=codes,
        now=NOW,
    )


def patient(key: str, source: str = "MK1", **more: Any) -> Stored:
    return stored({"resourceType": "Patient", "id": key, **more}, source)


def group(key: str, value: str) -> Resource:
    return made("Observation", key, code=text("ABO血型", "883-9"), valueCodeableConcept=text(value))


def test_contradictions_between_sources_name_both() -> None:
    found = gaps_of(
        looked(
            group("b1", "A"),
            group("b2", "B"),
            allergy("a1", "青霉素"),
            allergy("a2", "否认"),
            encounter("v", "2026-11-10"),
            patients=(
                patient("p1", gender="male", birthDate="1960-01-01", telecom=[{"value": "1"}]),
                patient("p2", "MK2", gender="female", birthDate="1960-01-10",
                        deceasedDateTime="2026-11-01"),
                patient("p3", "MK2", gender="unknown", birthDate="1960-01-01"),
            ),
        )
    )  # fmt: skip
    assert all(one.wrong for one in found)
    assert {one.kind: one.values for one in found} == {
        "two-sexes": ("female", "male"),
        "two-birth-dates": ("1960-01-01", "1960-01-10"),
        "two-blood-groups": ("A", "B"),
        "allergy-denied": ("青霉素",),
        "after-death": ("2026-11-10",),
    }
    assert next(one for one in found if one.kind == "two-sexes").institutions == ("一院", "二院")


def test_what_is_missing_is_said() -> None:
    kinds = [one.kind for one in gaps_of(looked(patients=(patient("p1"),), codes=("E11",)))]
    assert kinds == ["no-allergy-status", "no-blood-group", "no-phone", "no-haemoglobin"]
    recent = measured("h", "4548-4", "6.5", "2026-08-01", unit="%")
    kinds = [one.kind for one in gaps_of(looked(recent, codes=("E11",)))]
    assert "no-haemoglobin" not in kinds
    old = measured("h", "4548-4", "6.5", "2024-08-01", unit="%")
    assert "no-haemoglobin" in [one.kind for one in gaps_of(looked(old, codes=("E11",)))]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    facts = (group("b1", "A"), group("b2", "A"), allergy("a", "花粉"), encounter("v", "2026-11-01"))
    person = patient("p1", gender="male", birthDate="1960-01-01", telecom=[{"value": "1"}],
                     deceasedDateTime="2026-11-01T20:00:00+08:00")  # fmt: skip
    assert gaps_of(looked(*facts, patients=(person,))) == ()
    assert died_of([person]) == date(2026, 11, 1)


def test_risks_and_family() -> None:
    smoking = [
        made("Observation", "s1", code=text("吸烟状况", "72166-2"), effectiveDateTime="2020-01-01",
             valueCodeableConcept=text("吸烟")),
        made("Observation", "s2", code=text("吸烟状况", "72166-2"), effectiveDateTime="2025-01-01",
             valueCodeableConcept=text("已戒烟")),
    ]  # fmt: skip
    assert [one.value for one in risks_of(all_of(smoking), NAMES)] == ["已戒烟"]
    history = {
        "resourceType": "FamilyMemberHistory", "id": "f", "relationship": text("父亲"),
        "condition": [{"code": text("糖尿病")}, {"code": text("高血压")}],
    }  # fmt: skip
    (said,) = family_of([stored(history)], NAMES)
    assert (said.name, said.value) == ("父亲", "糖尿病、高血压")


def test_a_file_that_a_composition_was_read_from_is_one_document() -> None:
    whole = life(
        *all_of(
            [
                made("Composition", "c", title="出院小结", date="2026-01-02",
                     author=[{"display": "王医生"}, {"display": "王医生"}]),
                made("DocumentReference", "d", description="出院小结",
                     context={"related": [{"reference": "Composition/c"}]}),
                made("DocumentReference", "e", description="门诊病历", date="2026-03-02"),
                made("DiagnosticReport", "r", code=text("胸片")),
                made("DiagnosticReport", "s", code=text("CT"), conclusion="未见异常",
                     issued="2026-02-02"),
                made("Composition", "w", title="写错的") | {"status": "entered-in-error"},
            ]
        )
    )  # fmt: skip
    found = documents_of(whole)
    assert [(one.key, one.title) for one in found] == [
        ("DocumentReference/e", "门诊病历"),
        ("DiagnosticReport/s", "CT"),
        ("Composition/c", "出院小结"),
    ]
    assert found[2].authors == ("王医生",)
