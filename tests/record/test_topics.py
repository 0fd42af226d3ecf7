"""A life by topics: what belongs to which, by code, form, department and name; nothing is lost."""

import re
from typing import Any

import pytest

from minkang.fhir import Resource
from minkang.record.timeline import Stop, timeline_of
from minkang.record.topics import (
    OTHER,
    Strand,
    TopicsBroken,
    read_topics,
    said_of,
    strand_of,
    strands_of,
    topics,
)
from minkang.terminology.packed import packed_lines
from tests.record.lives import all_of, at, encounter, life, made, measured, text

ICD_10 = "urn:oid:2.16.156.10011.2.3.3.11"
ICD_9 = "urn:oid:2.16.156.10011.2.3.3.12"
CHINESE = "urn:oid:2.16.156.10011.2.3.3.14"


def strands(*resources: Resource) -> dict[str, Strand]:
    return {one.topic.key: one for one in strands_of(timeline_of(life(*all_of(resources))))}


def diagnosis(key: str, name: str, code: str = "", system: str = ICD_10, **more: Any) -> Resource:
    codings = [{"system": system, "code": code}] if code else []
    return made("Condition", key, code={"text": name, "coding": codings}, **more)


def ids(strand: Strand) -> list[list[str]]:
    return [
        [*(one.origin.id for one in stop.items), *(one.origin.id for one in stop.results)]
        for stop in strand.stops
    ]


def test_a_diagnosis_takes_the_whole_visit_along_into_each_of_its_topics() -> None:
    found = strands(
        encounter("v1", "2026-11-02T08:00:00+08:00"),
        diagnosis("c1", "高血压", "I10.x00x002", **at("v1")),
        diagnosis("c2", "2型糖尿病", "E11.900", **at("v1")),
        made("MedicationRequest", "m1", medicationCodeableConcept=text("氨氯地平"), **at("v1")),
    )
    assert set(found) == {"hypertension", "diabetes"}
    assert ids(found["hypertension"]) == [["c2", "c1", "m1"]]


def test_forms_departments_and_classes_tell_topics() -> None:
    day = "2026-11-02T08:00:00+08:00"
    found = strands(
        encounter("a", day, type=[text("高血压患者随访服务记录表")]),
        encounter("b", day, serviceType=text("中医馆")),
        encounter("c", day, **{"class": {"code": "EMER"}}),
        encounter("d", day, type=[text("第2～5次产前随访服务记录表")]),
        encounter("e", day, serviceType=text("妇产科")),
        encounter("f", day, serviceType=text("儿童保健科")),
    )
    assert {key: [one.visit.origin.id for one in each.stops if one.visit]
            for key, each in found.items()} == {
        "hypertension": ["a"], "chinese": ["b"], "emergency": ["c"], "pregnancy": ["d"],
        "child": ["f"], OTHER: ["e"],
    }  # fmt: skip


def test_procedures_reports_and_vaccinations_stand_alone() -> None:
    found = strands(
        encounter("v1", "2026-11-02T08:00:00+08:00"),
        made("DiagnosticReport", "r1", code=text("胸部CT平扫"), **at("v1")),
        made("DiagnosticReport", "r2", code=text("血常规"), **at("v1")),
        made("Procedure", "p1", code={"text": "剖宫产术"}, **at("v1")),
        made("Procedure", "p2", **at("v1"),
             code={"text": "电针治疗", "coding": [{"system": ICD_9, "code": "17.912A0"}]}),
        made("Procedure", "p3", code={"text": "献血：全血"}, **at("v1")),
        made("Immunization", "i1", vaccineCode=text("流感疫苗"), **at("v1")),
    )  # fmt: skip
    assert {key: ids(one) for key, one in found.items()} == {
        "examinations": [["r1"]], "operations": [["p1"]], "chinese": [["p2"]],
        "vaccination": [["i1"]], OTHER: [["r2", "p3"]],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "key"),
    [
        ("肺结核", "A15.000", "tuberculosis"),
        ("流行性感冒", "J11.100", "infections"),
        ("急性支气管炎", "J20.900", "breathing"),
        ("哮喘", "J45.900", "airways"),
        ("甲状腺恶性肿瘤", "C73.x00", "cancer"),
        ("贫血", "D50.900", "blood"),
        ("高脂血症", "E78.500", "lipids"),
        ("单胎顺产", "O80.000", "pregnancy"),
        ("儿童常规健康检查", "Z00.100", "child"),
        ("健康查体", "Z00.001", "check-up"),
        ("脑梗死后遗症", "I69.300", "stroke"),
        ("下肢静脉曲张", "I83.900", "circulation"),
        ("原发性高血压2级", "", "hypertension"),
        ("2型糖尿病性肾病", "", "diabetes"),
        ("左桡骨骨折", "", "injury"),
        ("风寒束表证", "", "chinese"),
        ("荨麻疹", "", OTHER),
        # Not what somebody has, and not what ICD-10 means by A07.
        ("高血压家族史", "", OTHER),
        ("关于生育的一般咨询", "Z31.600", OTHER),
    ],
)
def test_a_diagnosis_has_its_topic(name: str, code: str, key: str) -> None:
    assert set(strands(diagnosis("c", name, code, recordedDate="2026-11-02"))) == {key}


def test_a_code_of_chinese_medicine_is_none_of_icd_10() -> None:
    code = diagnosis("c", "眩晕病", "A07.01.01", CHINESE, recordedDate="2026-11-02")
    assert set(strands(code)) == {"chinese"}


def test_every_disease_of_the_national_table_has_one_topic() -> None:
    """Left over are only reasons to come that are no disease (Z), and codes for use (U)."""
    beginnings = [(one.key, re.compile(one.diagnoses)) for one in topics() if one.diagnoses]
    wrong = {
        code: keys
        for line in packed_lines("icd10_cn.txt.zst")
        if (code := line.split("\t")[0])[0] not in "UZ"
        and len(keys := [key for key, pattern in beginnings if pattern.match(code)]) != 1
    }
    assert wrong == {}


def test_pressure_tells_the_course_of_hypertension_and_does_not_make_it() -> None:
    pressure = measured("o1", "8480-6", "150", "2026-11-03T09:00:00+08:00", unit="mmHg")
    other = measured("o2", "2160-0", "80", "2026-11-03T09:00:00+08:00")
    assert set(strands(pressure, other)) == {OTHER}
    known = diagnosis("c", "高血压", "I10", recordedDate="2026-11-01")
    found = strands(pressure, other, known)
    assert ids(found["hypertension"]) == [["o1"], ["c"]]
    assert ids(found[OTHER]) == [["o1", "o2"]]


def test_a_stop_says_what_makes_it_one_of_the_topic() -> None:
    found = strands(
        encounter("v1", "2026-11-02T08:00:00+08:00", reasonCode=[text("头晕")]),
        diagnosis("c1", "脑梗死后遗症", "I69.300", **at("v1")),
        diagnosis("c2", "高血压", "I10", **at("v1")),
        encounter("v2", "2026-11-03T08:00:00+08:00", reasonCode=[text("头晕")]),
        measured("o1", "8480-6", "150", "2026-11-03T09:00:00+08:00", unit="mmHg", **at("v2")),
        made("DiagnosticReport", "r1", code=text("颅脑CT平扫"), **at("v2")),
        encounter("v3", "2026-11-04T08:00:00+08:00", serviceType=text("中医馆")),
    )

    def said(key: str) -> list[tuple[str, ...]]:
        return [said_of(stop, found[key].topic) for stop in found[key].stops]

    assert said("hypertension") == [("8480-6 150 mmHg",), ("高血压",)]
    assert said("stroke") == [("脑梗死后遗症",)]
    assert said("examinations") == [("颅脑CT平扫",)]
    assert said("chinese") == [()]
    assert said(OTHER) == [("头晕",)]


def test_what_was_ruled_out_makes_no_topic() -> None:
    status: dict[str, Any] = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
    tuberculosis = diagnosis("c", "肺结核", "A15.000", **at("v1"), **status)
    found = strands(encounter("v1", "2026-11-02T08:00:00+08:00"), tuberculosis)
    assert set(found) == {OTHER}
    assert ids(found[OTHER]) == [[]]


def test_an_empty_life_has_no_topics() -> None:
    assert strands_of(()) == ()


def test_a_topic_tells_first_last_and_where() -> None:
    found = strands(
        diagnosis("c1", "高血压", "I10", recordedDate="2024-03-01"),
        diagnosis("c2", "高血压", "I10", recordedDate="2026-03-01"),
        diagnosis("c3", "高血压", "I10"),
    )
    one = found["hypertension"]
    assert one.first is not None
    assert one.last is not None
    assert (one.first.year, one.last.year) == (2024, 2026)
    assert len(one.stops) == 3
    assert one.institutions == ("一院",)
    assert strand_of([one], "hypertension") is one
    assert strand_of([one], "nothing") is None


def test_every_stop_is_somewhere() -> None:
    stops: tuple[Stop, ...] = timeline_of(
        life(
            *all_of(
                [
                    encounter("v1", "2026-11-02T08:00:00+08:00"),
                    encounter("v2", "2026-11-03T08:00:00+08:00"),
                    diagnosis("c", "头痛", "R51.x00", **at("v2")),
                    measured("o", "2160-0", "80", "2026-11-04"),
                ]
            )
        )
    )
    told = {stop.at for strand in strands_of(stops) for stop in strand.stops}
    assert told == {one.at for one in stops}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("topics: [{key: a, zh: 甲, en: A, from: x}]", "a: nothing"),
        ("topics: [{key: a, zh: 甲, en: A, from: x, named: '('}]", "a: ("),
        ("topics: [{key: other, zh: 甲, en: A, from: x, named: b}]", "other: a key"),
        ("topics: [{key: a, zh: 甲, en: A, from: x, nam: b}]", "nam"),
        ("topics: [", "expected"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused_with_the_place(wrong: str, said: str) -> None:
    with pytest.raises(TopicsBroken, match=re.escape(said)):
        read_topics(wrong)
