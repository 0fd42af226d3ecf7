"""Medicines by substance, and what of them does not go together."""

from datetime import UTC, datetime
from typing import Any

import pytest

from minkang.record.medicines import Finding, findings_of, medicines_of
from minkang.record.substances import substance_of
from minkang.store import Stored
from tests.record.stored_facts import NAMES, stored

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def prescription(number: str, name: str, day: str, source: str = "MK1", **more: Any) -> Stored:
    supply = {"expectedSupplyDuration": {"value": 28, "unit": "d", "code": "d"}}
    return stored(
        {
            "resourceType": "MedicationRequest",
            "id": number,
            "status": "active",
            "intent": "order",
            "authoredOn": day,
            "medicationCodeableConcept": {"text": name},
            "dispenseRequest": supply,
            **more,
        },
        source,
    )


def allergy(said: str, status: str = "active") -> Stored:
    clinical = {"coding": [{"code": status}]}
    return stored(
        {
            "resourceType": "AllergyIntolerance",
            "id": "al",
            "code": {"text": said},
            "clinicalStatus": clinical,
        }
    )


def found(given: list[Stored], *allergies: Stored) -> tuple[Finding, ...]:
    return findings_of(medicines_of(given, NAMES, NOW), allergies, NAMES, NOW)


@pytest.mark.parametrize(
    ("name", "substance", "atc"),
    [
        ("盐酸二甲双胍缓释片", "二甲双胍", "A10BA02"),
        ("硝苯地平缓释片(Ⅱ)", "硝苯地平", "C08CA05"),
        ("阿托伐他汀钙片", "阿托伐他汀", "C10AA05"),
        ("注射用头孢曲松钠", "头孢曲松", "J01DD04"),
        ("连花清瘟胶囊", "连花清瘟", ""),
    ],
)
def test_a_name_leads_to_its_substance(name: str, substance: str, atc: str) -> None:
    assert (substance_of({}, name).name, substance_of({}, name).atc) == (substance, atc)


def test_a_code_that_was_sent_counts_before_the_name() -> None:
    concept = {"coding": [{"system": "http://www.whocc.no/atc", "code": "A10BA02"}]}
    assert substance_of(concept, "格华止").name == "二甲双胍"


def test_now_is_what_the_days_reach_to() -> None:
    every = medicines_of(
        [
            prescription("1", "苯磺酸氨氯地平片", "2026-11-01"),
            prescription("2", "阿莫西林胶囊", "2026-09-01"),
            prescription("3", "盐酸二甲双胍片", "2026-11-19", status="stopped"),
            prescription("4", "华法林钠片", "2026-11-19", status="cancelled"),
        ],
        NAMES,
        NOW,
    )
    assert [(one.substance.name, one.now) for one in every] == [
        ("氨氯地平", True),
        ("二甲双胍", False),
        ("阿莫西林", False),
    ]


def test_one_medicine_from_two_institutions_at_once_is_marked() -> None:
    first = prescription("1", "苯磺酸氨氯地平片", "2026-11-01")
    second = prescription("2", "氨氯地平片", "2026-11-10", "MK2")
    (finding,) = found([first, second])
    assert (finding.rule, finding.institutions) == ("same-substance", ("二院", "一院"))
    assert found([first, prescription("3", "氨氯地平片", "2026-08-01", "MK2")]) == ()
    assert found([first, prescription("4", "氨氯地平片", "2026-11-10")]) == ()


def test_two_of_one_group_from_two_institutions_are_marked() -> None:
    first = prescription("1", "阿托伐他汀钙片", "2026-11-01")
    (finding,) = found([first, prescription("2", "瑞舒伐他汀钙片", "2026-11-10", "MK2")])
    assert (finding.rule, finding.about) == ("same-group", "C10AA")
    assert found([first, prescription("3", "瑞舒伐他汀钙片", "2026-11-10")]) == ()


def test_drops_double_no_tablets() -> None:
    first = prescription("1", "左氧氟沙星片", "2026-11-10")
    assert found([first, prescription("2", "左氧氟沙星滴眼液", "2026-11-10", "MK2")]) == ()


def test_a_dispensing_is_told_apart_and_doubles_nothing() -> None:
    dispensed = {
        "resourceType": "MedicationDispense",
        "id": "d",
        "status": "completed",
        "whenHandedOver": "2026-11-19",
        "medicationCodeableConcept": {"text": "苯磺酸氨氯地平片"},
        "authorizingPrescription": [{"reference": "MedicationRequest/1"}],
    }
    given = [prescription("1", "苯磺酸氨氯地平片", "2026-11-18"), stored(dispensed, "MK2")]
    (medicine,) = medicines_of(given, NAMES, NOW)
    assert [one.kind for one in medicine.given] == ["dispensing", "prescription"]
    assert found(given) == ()


@pytest.mark.parametrize(
    ("name", "said", "rule"),
    [
        ("阿莫西林胶囊", "青霉素类", "allergy"),
        ("头孢呋辛酯片", "青霉素", "allergy-crossing"),
        ("复方磺胺甲噁唑片", "磺胺类", "allergy"),
        ("布洛芬缓释胶囊", "阿司匹林", "allergy"),
        ("连花清瘟胶囊", "连花清瘟", "allergy"),
    ],
)
def test_what_an_allergy_speaks_against_is_marked(name: str, said: str, rule: str) -> None:
    (finding,) = found([prescription("1", name, "2026-11-18")], allergy(said))
    assert finding.rule == rule
    assert finding.names == (name, said)


def test_an_allergy_that_is_over_or_of_something_else_marks_nothing() -> None:
    given = [prescription("1", "阿莫西林胶囊", "2026-11-18")]
    assert found(given, allergy("青霉素", "resolved")) == ()
    assert found(given, allergy("花粉")) == ()


def test_days_written_into_the_dosage_count() -> None:
    how: dict[str, Any] = {
        "dosageInstruction": [{"text": "100mg 每日一次 口服，共28天"}],
        "dispenseRequest": {},
    }
    (medicine,) = medicines_of(
        [prescription("1", "阿司匹林肠溶片", "2026-11-01", **how)], NAMES, NOW
    )
    assert medicine.now
    assert not medicine.given[0].assumed
