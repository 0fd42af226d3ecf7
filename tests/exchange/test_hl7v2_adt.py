"""ADT: patients and visits through admission, transfer, discharge, cancellation and merge."""

from itertools import permutations
from typing import Any

import pytest

from minkang.exchange.mappings.context import ID_CARD_SYSTEM
from tests.exchange.hl7v2_mapped import (
    PID,
    PV1,
    after,
    contributions,
    merged,
    only,
    refused,
    segment,
    written,
)


def adt(event: str, *segments: str, hour: int = 8) -> bytes:
    at = f"202605{1 + hour // 24:02d}{hour % 24:02d}0000"
    return written(f"ADT^{event}", f"EVN|{event}|{at}", *segments, at=at)


def pv1(**fields: str) -> str:
    return segment("PV1", **{"f2": "I", "f19": "V001", **fields})


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("A01", "in-progress"),
        ("A02", "in-progress"),
        ("A03", "finished"),
        ("A04", "in-progress"),
        ("A05", "planned"),
        ("A06", "in-progress"),
        ("A07", "in-progress"),
        ("A08", "in-progress"),
        ("A11", "cancelled"),
        ("A12", "in-progress"),
        ("A13", "in-progress"),
    ],
)
def test_each_event_alone_gives_a_valid_visit(event: str, status: str) -> None:
    assert only("Encounter", adt(event, PID, PV1))["status"] == status


def test_a_stay_ends_the_same_in_whatever_order_its_messages_come() -> None:
    messages = [
        adt("A01", PID, pv1(f3="内科^301^05", f44="20260501080000"), hour=8),
        adt("A02", PID, pv1(f3="外科^201^01", f6="内科^301^05"), hour=20),
        adt("A08", PID, pv1(f7="D01^王^海燕"), hour=30),
        adt("A03", PID, pv1(f45="20260503100000"), hour=60),
    ]
    for several in permutations(messages):
        visit = only("Encounter", *several)
        assert visit["status"] == "finished"
        assert visit["period"] == {
            "start": "2026-05-01T08:00:00+08:00",
            "end": "2026-05-03T10:00:00+08:00",
        }
        assert [one["location"]["display"] for one in visit["location"]] == [
            "外科 201 01",
            "内科 301 05",
        ]
        assert visit["participant"][0]["individual"] == {"display": "王海燕"}


def test_a_cancelled_admission_stays_cancelled_even_if_it_came_before_and_an_update_after() -> None:
    admit, cancel = adt("A01", PID, PV1, hour=8), adt("A11", PID, PV1, hour=9)
    update = adt("A08", PID, pv1(f7="D01^王^海燕"), hour=10)
    for several in permutations([admit, cancel, update]):
        assert only("Encounter", *several)["status"] == "cancelled"
    again = adt("A01", PID, PV1, hour=11)
    assert only("Encounter", again, cancel, admit)["status"] == "in-progress"


def test_a_cancelled_discharge_has_no_end_and_a_cancelled_transfer_the_old_place() -> None:
    admit = adt("A01", PID, pv1(f3="内科^301^05", f44="20260501080000"), hour=8)
    transfer = adt("A02", PID, pv1(f3="外科^201^01", f6="内科^301^05"), hour=9)
    back = adt("A12", PID, pv1(f3="内科^301^05"), hour=10)
    leave = adt("A03", PID, pv1(f45="20260503100000"), hour=60)
    stay = adt("A13", PID, pv1(f45="20260503100000"), hour=61)
    for several in permutations([admit, transfer, back, leave, stay]):
        visit = only("Encounter", *several)
        assert visit["status"] == "in-progress"
        assert visit["period"] == {"start": "2026-05-01T08:00:00+08:00"}
        assert [one["location"]["display"] for one in visit["location"]] == ["内科 301 05"]


def test_a_person_event_needs_no_visit() -> None:
    assert set(after(adt("A28", PID))) == {"Patient"}
    assert set(after(adt("A31", PID, segment("PV1", f2="N")))) == {"Patient"}


def test_an_old_message_names_its_event_in_evn() -> None:
    old = written("ADT", "EVN|A01|20260501080000", PID, PV1, version="2.2")
    assert only("Encounter", old)["status"] == "in-progress"


def test_a_code_that_is_not_of_the_table_stays_as_it_is() -> None:
    visit = only("Encounter", adt("A01", PID, pv1(f2="日间", f14="7", f36="自动出院^^L")))
    assert visit["class"] == {
        "system": "urn:minkang:source:haibin:code:patient-class",
        "code": "日间",
    }
    assert visit["hospitalization"]["admitSource"]["coding"][0]["code"] == "7"
    assert visit["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "自动出院"


def test_nothing_is_invented_for_an_empty_visit() -> None:
    visit = only("Encounter", adt("A08", PID, segment("PV1", f19="V001")))
    assert set(visit) == {
        *("resourceType", "id", "identifier", "subject", "serviceProvider"),
        *("status", "class"),
    }
    assert "code" not in visit["class"]


def test_a_diagnosis_has_its_role_and_a_deleted_one_is_an_error() -> None:
    first = segment("DG1", f1="1", f3="I10^原发性高血压^ICD-10", f6="F", f15="1", f21="A")
    second = segment("DG1", f1="2", f3="E11^2型糖尿病^ICD-10", f6="W")
    found = after(adt("A01", PID, PV1, first, second))
    (visit,) = found["Encounter"]
    assert [(d["use"]["coding"][0]["code"], d.get("rank")) for d in visit["diagnosis"]] == [
        ("F", 1),
        ("W", None),
    ]
    deleted = segment("DG1", f1="1", f3="I10^原发性高血压^ICD-10", f21="D")
    for several in permutations(
        [adt("A01", PID, PV1, first, hour=8), adt("A08", PID, PV1, deleted, hour=9)]
    ):
        condition = only("Condition", *several)
        assert "clinicalStatus" not in condition
        assert condition["verificationStatus"]["coding"][0]["code"] == "entered-in-error"


def test_allergies_come_along() -> None:
    allergy = only(
        "AllergyIntolerance", adt("A01", PID, PV1, "AL1|1|DA|P^青霉素^L|SV|皮疹~休克|2010")
    )
    assert allergy["code"]["text"] == "青霉素"
    assert allergy["reaction"] == [
        {"manifestation": [{"text": "皮疹"}, {"text": "休克"}], "severity": "severe"}
    ]
    assert allergy["onsetDateTime"] == "2010"


def test_own_segments_stay_beside_the_segment_they_follow() -> None:
    found = after(adt("A01", PID, "ZPI|职工医保|A\\T\\B", PV1, "ZPV|绿色通道"))
    (patient,), (visit,) = found["Patient"], found["Encounter"]
    assert patient["extension"] == [
        {"url": "urn:minkang:hl7v2:ZPI", "valueString": "ZPI|职工医保|A\\T\\B"}
    ]
    assert visit["extension"][0]["valueString"] == "ZPV|绿色通道"


# --- the patient ---


def patient(**fields: str) -> dict[str, Any]:
    pid = segment("PID", **{"f3": "P001", **fields})
    return only("Patient", adt("A28", pid))


def test_the_number_is_found_where_each_version_writes_it() -> None:
    own = "urn:minkang:source:haibin:patient"
    for fields in (
        {"f3": "P001"},  # 2.2: plain text
        {"f3": "P001^^^haibin^PI"},
        {"f3": "110^^^^SS~P001^^^haibin^MR"},
        {"f3": "", "f2": "P001"},  # 2.3 and before
        {"f3": "", "f4": "P001"},
        {"f3": "371098198503150017^^^^NNCHN~P001^^^^门诊号"},
    ):
        assert patient(**fields)["identifier"][0] == {"system": own, "value": "P001"}


@pytest.mark.parametrize(
    "number",
    [
        "371098198503150017^^^^NNCHN",
        "371098198503150017^^^^SFZ",
        "371098198503150017^^^^NI",
        "371098198503150017^^^^居民身份证",
        "37109819850315001X^^^^ID",  # wrong check character: identity judges it, it stays
    ],
)
def test_the_identity_card_is_known_by_its_type(number: str) -> None:
    found = patient(f3=f"P001^^^^PI~{number}")["identifier"]
    assert {"system": ID_CARD_SYSTEM, "value": number.partition("^")[0]} in found


def test_numbers_are_known_by_the_oid_of_who_gave_them_out() -> None:
    sent = "H1^^^&2.16.156.10011.1.19&ISO~37109819850315001X^^^&2.16.156.10011.1.3&ISO~P001"
    assert [(one["system"], one["value"]) for one in patient(f3=sent)["identifier"]] == [
        ("urn:minkang:source:haibin:patient", "P001"),
        ("urn:oid:2.16.156.10011.1.19", "H1"),
        (ID_CARD_SYSTEM, "37109819850315001X"),
    ]


def test_an_identity_card_without_a_type_is_known_by_its_check_character() -> None:
    card = {"system": ID_CARD_SYSTEM, "value": "371098198503150016"}
    assert card in patient(f3="P001~371098198503150016")["identifier"]
    assert card in patient(f19="371098198503150016")["identifier"]


@pytest.mark.parametrize("nothing", ["NA", "无", "-", "不详", "N/A", "null"])
def test_a_stand_in_never_becomes_a_number(nothing: str) -> None:
    found = patient(f3=f"P001^^^^PI~{nothing}^^^^NNCHN", f19=nothing)["identifier"]
    assert [one["value"] for one in found] == ["P001"]
    assert refused(adt("A28", segment("PID", f3=nothing))) == [("PID-3", "required")]


def test_another_number_in_the_field_of_the_identity_card_is_not_one() -> None:
    found = patient(f3="P001^^^^PI~H1234^^^^ID")["identifier"]
    assert not any(one["system"] == ID_CARD_SYSTEM for one in found)
    assert found[1]["value"] == "H1234"
    assert found[1]["type"]["coding"][0]["code"] == "ID"


def test_names_keep_their_representation_the_ideographic_one_first() -> None:
    names = patient(f5="OUYANG^XIAOMING^^^^^L^A~欧阳^小明^^^^^L^I~阿明^^^^^^N")["name"]
    assert [name["text"] for name in names] == ["欧阳小明", "阿明", "OUYANG XIAOMING"]
    assert (names[0]["family"], names[0]["given"]) == ("欧阳", ["小明"])
    assert names[0]["extension"][0]["valueCode"] == "IDE"
    assert names[1]["use"] == "nickname"


def test_a_family_name_with_subcomponents() -> None:
    (name,) = patient(f5="EVERYMAN&&&&Aniston^ADAM^A^III^Dr.")["name"]
    assert (name["family"], name["given"]) == ("EVERYMAN", ["ADAM", "A"])
    assert (name["suffix"], name["prefix"]) == (["III"], ["Dr."])


@pytest.mark.parametrize(
    ("sent", "day", "time"),
    [
        ("1985", "1985", None),
        ("198503", "1985-03", None),
        ("19850315", "1985-03-15", None),
        ("19850315000000+0800", "1985-03-15", None),
        ("202605010312", "2026-05-01", "2026-05-01T03:12:00+08:00"),
    ],
)
def test_a_birth_date_keeps_its_precision(sent: str, day: str, time: str | None) -> None:
    found = patient(f7=sent)
    assert found["birthDate"] == day
    extension = found.get("_birthDate", {}).get("extension", [{}])[0]
    assert extension.get("valueDateTime") == time


@pytest.mark.parametrize(
    ("sex", "gender"),
    [("M", "male"), ("2", "female"), ("女", "female"), ("0", "unknown"), ("9", "unknown")],
)
def test_sex_in_letters_and_in_chinese_codes(sex: str, gender: str) -> None:
    assert patient(f8=sex)["gender"] == gender


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("13800000001", {"system": "phone", "value": "13800000001"}),
        ("^PRN^PH^^^535^1234567", {"system": "phone", "value": "535-1234567", "use": "home"}),
        ("13800000001^PRN^CP", {"system": "phone", "value": "13800000001", "use": "mobile"}),
        ("^NET^Internet^a@b.cn", {"system": "email", "value": "a@b.cn"}),
        (f"{'^' * 11}0535-1234567", {"system": "phone", "value": "0535-1234567"}),
    ],
)
def test_telephones_of_all_versions(sent: str, expected: dict[str, str]) -> None:
    if "535^" in sent:
        expected = expected | {"value": "5351234567"}
    assert patient(f13=sent)["telecom"] == [expected]


def test_death_is_one_element() -> None:
    alive = written("ADT^A31", segment("PID", f3="P001", f30="N"), at="20260501080000")
    dead = written("ADT^A31", segment("PID", f3="P001", f30="Y"), at="20260502080000")
    dated = written("ADT^A31", segment("PID", f3="P001", f29="20260502"), at="20260503080000")
    for several in permutations([alive, dead, dated]):
        found = only("Patient", *several)
        assert found["deceasedDateTime"] == "2026-05-02"
        assert "deceasedBoolean" not in found
    assert only("Patient", dead, alive)["deceasedBoolean"] is True


def test_null_erases_and_empty_does_not() -> None:
    full = segment("PID", f3="P001", f5="欧阳^小明", f11="港湾路1号", f13="138", f16="M")
    silent, null = segment("PID", f3="P001"), segment("PID", f3="P001", f11='""', f13='""')
    first = adt("A28", full, hour=8)
    assert "address" in only("Patient", first, adt("A31", silent, hour=9))
    found = only("Patient", adt("A31", null, hour=9), first)
    assert found.keys() & {"address", "telecom"} == set()
    assert found["name"][0]["text"] == "欧阳小明"


# --- merging ---


def merge(survivor: str, retired: str, *, event: str = "A40", hour: int = 8) -> bytes:
    return adt(event, segment("PID", f3=survivor), segment("MRG", f1=retired), hour=hour)


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40", "A46", "A47"])
def test_a_merge_retires_one_number_in_favour_of_the_other(event: str) -> None:
    found = {
        p["identifier"][0]["value"]: p for p in after(merge("P1", "P2", event=event))["Patient"]
    }
    assert found["P2"]["active"] is False
    (link,) = found["P2"]["link"]
    assert link["type"] == "replaced-by"
    assert link["other"] == {"reference": f"Patient/{found['P1']['id']}"}
    assert link["extension"] == [
        {"url": "urn:minkang:hl7v2:merged", "valueDateTime": "2026-05-01T08:00:00+08:00"}
    ]
    assert "link" not in found["P1"]
    assert found["P2"]["managingOrganization"]["reference"] == "Organization/MKHAIBIN"


def test_merges_form_a_chain_in_any_order_with_the_patient_before_or_after() -> None:
    messages = [
        adt("A28", segment("PID", f3="P2", f5="欧阳^小明"), hour=7),
        merge("P1", "P2", hour=8),
        merge("P0", "P1", hour=9),
    ]
    expected = merged(c for raw in messages for c in contributions(raw))
    for several in permutations(messages):
        assert merged(c for raw in several for c in contributions(raw)) == expected
    named = [p for p in expected.values() if p.get("name")]
    assert [p["active"] for p in named] == [False]


def unlink(one: str, other: str, *, hour: int) -> bytes:
    return adt("A37", segment("PID", f3=one), segment("PID", f3=other), hour=hour)


def test_a_merge_is_undone_whichever_number_comes_first_and_in_any_order() -> None:
    for pair in (("P1", "P2"), ("P2", "P1")):
        messages = [merge("P1", "P2", hour=8), unlink(*pair, hour=9)]
        for several in permutations(messages):
            for patient in after(*several)["Patient"]:
                assert patient.keys() & {"link", "active"} == set()
        merged_again = after(*messages, merge("P1", "P2", hour=10))["Patient"]
        assert sorted(p.get("active", True) for p in merged_again) == [False, True]


def test_half_an_unlink_is_refused() -> None:
    assert refused(adt("A37", segment("PID", f3="P1"))) == [("PID", "required")]
    same = adt("A37", segment("PID", f3="P1"), segment("PID", f3="P1"))
    assert refused(same) == [("PID[2]-3", "same-patient")]


def test_several_pairs_in_one_message() -> None:
    pair = [segment("PID", f3="P1"), "MRG|P2", segment("PID", f3="P3"), "MRG|P4"]
    assert len(after(adt("A40", *pair))["Patient"]) == 4


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ([segment("PID", f3="P1")], ("MRG", "required")),
        (["MRG|P2", segment("PID", f3="P1")], ("MRG", "order")),
        ([segment("PID", f3="P1"), "MRG|"], ("MRG-1", "required")),
        ([segment("PID", f3="P1"), "MRG|P1"], ("MRG-1", "same-patient")),
    ],
)
def test_half_a_merge_is_refused(segments: list[str], expected: tuple[str, str]) -> None:
    assert refused(adt("A40", *segments)) == [expected]
