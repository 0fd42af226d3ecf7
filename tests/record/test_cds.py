"""Rules of advice: what a record says at the moment of an order."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from minkang.fhir import encode
from minkang.record.cds import on_orders, on_view
from minkang.record.cds.advice import LONGEST, plain
from minkang.record.cds.knowledge import ingredient_of, item_of, knowledge
from minkang.record.life import Life
from minkang.store import Stored

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NAMES = {"MK1": "海滨人民医院", "MK2": "港城中医医院"}
LOINC = "http://loinc.org"


def stored(kind: str, source: str = "MK2", **resource: Any) -> Stored:
    """A resource of an institution, as the store gives it."""
    whole = {"resourceType": kind, "id": f"{kind.lower()}-{len(resource)}", **resource}
    return Stored(kind, whole["id"], 1, NOW, False, source, 0, encode(whole))


def life(*facts: Stored) -> Life:
    kinds: dict[str, tuple[Stored, ...]] = {}
    for one in facts:
        kinds[one.type] = (*kinds.get(one.type, ()), one)
    return Life(kinds, NAMES, complete=True)


def value(loinc: str, name: str, number: str, ago: timedelta, **more: Any) -> Stored:
    return stored(
        "Observation",
        status=more.pop("status", "final"),
        code={"coding": [{"system": LOINC, "code": loinc}], "text": name},
        effectiveDateTime=(NOW - ago).isoformat(),
        valueQuantity={"value": Decimal(number), "unit": "g/L"},
        **more,
    )


def examination(name: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "id": "d1", "code": {"text": name}, **more}


def medicine(name: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "medicationCodeableConcept": {"text": name},
        **more,
    }


def test_a_blood_count_of_three_days_ago_is_told_with_its_value() -> None:
    (told,) = on_orders(
        life(value("718-7", "血红蛋白", "128", timedelta(days=3))), [examination("血常规")], NOW
    )
    assert (told.rule, told.what, told.urgency) == ("repeat", "blood-count", "warning")
    assert told.summary == "血常规：3 天前已在港城中医医院做过：血红蛋白 128 g/L"
    assert told.drop == "ServiceRequest/d1"
    assert [one.code for one in told.reasons] == [
        "changed", "fast", "weighty", "emergency", "legal", "other",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "status", "told"),
    [(7, "final", 1), (7.01, "final", 0), (1, "preliminary", 0), (1, "entered-in-error", 0)],
)
def test_it_counts_for_so_many_days_and_only_when_it_is_final(
    days: float, status: str, told: int
) -> None:
    known = life(value("718-7", "血红蛋白", "128", timedelta(days=days), status=status))
    assert len(on_orders(known, [examination("血常规")], NOW)) == told


def test_what_is_ordered_by_code_is_known_whatever_it_is_called() -> None:
    known = life(value("4548-4", "HbA1c", "7.1", timedelta(days=20)))
    order = examination("糖化检测", code={"coding": [{"system": LOINC, "code": "4548-4"}]})
    (told,) = on_orders(known, [order | {"code": {**order["code"], "text": "某项"}}], NOW)
    assert told.what == "hba1c"
    assert on_orders(known, [examination("血常规")], NOW) == []


def test_an_examination_that_is_not_listed_is_mentioned_for_three_days_without_reasons() -> None:
    report = stored(
        "DiagnosticReport",
        status="final",
        code={"text": "骨密度测定"},
        effectiveDateTime=(NOW - timedelta(days=2)).isoformat(),
        conclusion="骨量减少",
    )
    (told,) = on_orders(life(report), [examination("骨密度测定")], NOW)
    assert (told.what, told.urgency, told.reasons) == ("unlisted", "info", ())
    assert "骨量减少" in told.summary
    assert on_orders(life(report), [examination("骨密度测定")], NOW + timedelta(days=2)) == []


def test_values_out_of_range_come_first() -> None:
    low = {"interpretation": [{"coding": [{"code": "L"}]}]}
    at = timedelta(days=1)
    known = life(value("6690-2", "白细胞", "6.1", at), value("718-7", "血红蛋白", "88", at, **low))
    (told,) = on_orders(known, [examination("血常规")], NOW)
    assert told.summary.endswith("血红蛋白 88 g/L ↓；白细胞 6.1 g/L")
    assert "昨天" in told.summary


@pytest.mark.parametrize(
    ("name", "ingredient"),
    [
        ("阿莫西林胶囊", "阿莫西林"),
        ("盐酸二甲双胍缓释片 0.5g", "二甲双胍"),
        ("苯磺酸氨氯地平片", "氨氯地平"),
        ("阿司匹林肠溶片", "阿司匹林"),
        ("注射用头孢曲松钠", "头孢曲松"),
        ("碘化钾", "碘化钾"),
        ("胶囊", "胶囊"),
        ("", ""),
    ],
)
def test_a_medicine_is_known_by_its_ingredient(name: str, ingredient: str) -> None:
    assert ingredient_of(name) == ingredient


@pytest.mark.parametrize(
    ("allergen", "ordered", "what"),
    [("青霉素", "阿莫西林胶囊", "penicillins"), ("阿司匹林过敏", "阿司匹林肠溶片", "nsaids")],
)
def test_an_allergy_to_the_medicine_or_its_class_is_critical(
    allergen: str, ordered: str, what: str
) -> None:
    known = life(stored("AllergyIntolerance", code={"text": allergen}))
    (told,) = on_orders(known, [medicine(ordered)], NOW)
    assert (told.rule, told.urgency, told.what) == ("allergy", "critical", what)
    assert allergen in told.summary
    assert on_orders(known, [medicine("二甲双胍片")], NOW) == []


@pytest.mark.parametrize(
    "more",
    [
        {"verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}},
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
    ],
)
def test_an_allergy_that_does_not_stand_says_nothing(more: dict[str, Any]) -> None:
    known = life(stored("AllergyIntolerance", code={"text": "青霉素"}, **more))
    assert on_orders(known, [medicine("阿莫西林胶囊")], NOW) == []
    assert on_view(known, frozenset(), NOW) == []


def test_the_same_medicine_is_told_until_it_is_used_up() -> None:
    before = stored(
        "MedicationRequest",
        status="completed",
        medicationCodeableConcept={"text": "二甲双胍片"},
        authoredOn=(NOW - timedelta(days=10)).isoformat(),
        dosageInstruction=[{"text": "0.5g 每日三次 口服，共14天"}],
    )
    order = [medicine("盐酸二甲双胍缓释片")]
    (told,) = on_orders(life(before), order, NOW)
    assert (told.rule, told.urgency) == ("duplicate", "warning")
    assert told.summary == "10 天前港城中医医院已开二甲双胍片，估计用到 11-24"
    assert on_orders(life(before), order, NOW + timedelta(days=4)) == []
    assert on_orders(life(before), [medicine("格列美脲片")], NOW) == []


def test_a_chart_opens_with_three_cards_and_own_visits_are_none_of_them() -> None:
    facts = [
        stored("AllergyIntolerance", code={"text": "青霉素"}),
        stored(
            "Condition",
            code={"coding": [{"code": "E11.9"}], "text": "2型糖尿病"},
            recordedDate="2026-10-05",
        ),
        stored("Condition", code={"coding": [{"code": "J06.9"}], "text": "上感"}, id="c2"),
        stored(
            "Encounter",
            "MK2",
            status="finished",
            period={"start": (NOW - timedelta(days=9)).isoformat()},
            reasonCode=[{"text": "腰痛"}],
            **{"class": {"code": "AMB"}},
        ),
        stored(
            "Encounter",
            "MK1",
            status="finished",
            period={"start": NOW.isoformat()},
            **{"class": {"code": "AMB"}},
        ),
    ]
    told = on_view(life(*facts), frozenset({"MK1"}), NOW)
    assert [(one.rule, one.summary) for one in told] == [
        ("allergies", "过敏：青霉素"),
        ("chronic", "慢性病：糖尿病"),
        ("last-visit", "9 天前在港城中医医院门诊：腰痛"),
    ]


def test_what_a_record_says_shows_as_text_and_fits_on_a_card() -> None:
    hostile = "<img src=x onerror=alert(1)> [点我](javascript:1) " * 9
    known = life(stored("AllergyIntolerance", code={"text": hostile}))
    (told,) = on_view(known, frozenset(), NOW)
    assert len(told.summary) <= LONGEST
    assert "<" not in told.detail
    assert not re.search(r"(?<!\\)\]\(", told.detail)
    assert plain("a|b") == "a\\|b"


def test_the_list_is_consistent() -> None:
    known = knowledge()
    names = [one.id for one in known.recognised]
    codes = [code for one in known.recognised for code in one.loinc]
    assert len(set(names)) == len(names)
    assert len(set(codes)) == len(codes)
    for one in known.recognised:
        assert all(item_of([], word) is one for word in one.words), one.name
