"""Orders: what is asked for, and what becomes of it, in any order of messages."""

from itertools import permutations
from typing import Any

import pytest

from tests.exchange.hl7v2_mapped import PID, PV1, after, only, refused, segment, written


def orm(
    control: str, *details: str, hour: int = 8, status: str = "", kind: str = "ORM^O01", **orc: str
) -> bytes:
    at = f"202605{1 + hour // 24:02d}{hour % 24:02d}0000"
    begin = segment("ORC", **{"f1": control, "f2": "O1^HIS", "f5": status, "f9": at, **orc})
    return written(kind, PID, PV1, begin, *details, at=at)


OBR = segment(
    "OBR", f1="1", f4="24725-4^头颅CT^LN", f5="S", f13="外伤后头痛", f31="S06^颅内损伤^I10"
)
RXO = segment("RXO", f1="A01^阿莫西林^L", f2="0.5", f4="g^克", f7="^一日三次", f11="20", f12="粒")


def test_an_order_says_what_for_whom_by_whom_and_why() -> None:
    found = after(
        orm(
            "NW",
            "TQ1|1||||||20260502090000||S",
            OBR,
            "NTE|1||急查",
            "DG1|1||S06.9^颅内损伤^ICD-10",
            "ZOR|本院项目",
            f3="F1^RIS",
            f4="G1",
            f12="D01^王^海燕",
        )
    )
    (
        (order,),
        (patient,),
    ) = found["ServiceRequest"], found["Patient"]
    assert (order["status"], order["intent"], order["priority"]) == ("active", "order", "stat")
    assert order["code"]["coding"][0]["system"] == "http://loinc.org"
    assert order["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert order["encounter"]["reference"].startswith("Encounter/")
    assert order["requester"] == {"display": "王海燕"}
    assert order["authoredOn"] == "2026-05-01T08:00:00+08:00"
    assert order["occurrenceDateTime"] == "2026-05-02T09:00:00+08:00"
    assert [note["text"] for note in order["note"]] == ["外伤后头痛", "急查"]
    assert [reason["text"] for reason in order["reasonCode"]] == ["颅内损伤", "颅内损伤"]
    assert [i["type"]["coding"][0]["code"] for i in order["identifier"]] == ["PLAC", "FILL"]
    assert order["requisition"]["value"] == "G1"
    assert order["extension"][0]["url"] == "urn:minkang:hl7v2:ZOR"


@pytest.mark.parametrize(
    ("control", "status", "service", "medicine"),
    [
        ("NW", "", "active", "active"),
        ("OK", "IP", "active", "active"),
        ("SC", "CM", "completed", "completed"),
        ("SC", "HD", "on-hold", "on-hold"),
        ("SC", "ER", "entered-in-error", "entered-in-error"),
        ("XO", "", "active", "active"),
        ("HD", "", "on-hold", "on-hold"),
        ("RL", "", "active", "active"),
        ("CA", "SC", "revoked", "cancelled"),
        ("OC", "", "revoked", "cancelled"),
        ("CR", "", "revoked", "cancelled"),
        ("UA", "", "revoked", "cancelled"),
        ("DC", "", "revoked", "stopped"),
        ("DR", "", "revoked", "stopped"),
        ("RP", "", "revoked", "stopped"),
        ("UC", "", "unknown", "unknown"),
        ("SC", "", "unknown", "unknown"),
        ("??", "??", "unknown", "unknown"),
    ],
)
def test_the_control_code_decides(control: str, status: str, service: str, medicine: str) -> None:
    assert only("ServiceRequest", orm(control, OBR, status=status))["status"] == service
    assert only("MedicationRequest", orm(control, RXO, status=status))["status"] == medicine


def test_an_order_ends_the_same_in_whatever_order_its_messages_come() -> None:
    new = orm("NW", OBR, hour=8)
    begun = orm("SC", "OBR|1", hour=9, status="IP", f3="F1^RIS")
    unable = orm("UC", "OBR|1", hour=11)
    cancelled = orm("CA", "OBR|1", hour=10)
    for several in permutations([new, begun, cancelled, unable]):
        order = only("ServiceRequest", *several)
        assert order["status"] == "revoked"
        assert order["code"]["text"] == "头颅CT"
        assert order["authoredOn"] == "2026-05-01T08:00:00+08:00"


def test_a_cancelled_medicine_is_known_before_its_order() -> None:
    new, cancelled = orm("NW", RXO, hour=8), orm("OC", "RXO|", hour=9)
    alone = only("MedicationRequest", cancelled)
    assert alone["status"] == "cancelled"
    assert "coding" not in alone["medicationCodeableConcept"]
    for several in permutations([new, cancelled]):
        order = only("MedicationRequest", *several)
        assert order["status"] == "cancelled"
        assert order["medicationCodeableConcept"]["text"] == "阿莫西林"


def test_without_detail_nobody_knows_what_is_cancelled() -> None:
    assert refused(orm("CA")) == [("ORC", "required")]
    assert refused(orm("NW", OBR, f2="")) == [("ORC-2", "required")]


def test_a_medicine_has_dose_route_times_and_amount() -> None:
    raw = orm(
        "NW",
        "TQ1|1||TID||||20260501|20260508|R",
        RXO,
        "RXR|PO^口服^L",
        kind="OMP^O09",
    )
    order = only("MedicationRequest", raw)
    (dosage,) = order["dosageInstruction"]
    assert str(dosage["doseAndRate"][0]["doseQuantity"]["value"]) == "0.5"
    assert dosage["doseAndRate"][0]["doseQuantity"]["unit"] == "克"
    assert dosage["text"] == "一日三次"
    assert dosage["timing"]["code"] == {"text": "TID"}
    assert dosage["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-05-01", "end": "2026-05-08"}
    }
    assert dosage["route"]["text"] == "口服"
    assert order["dispenseRequest"]["quantity"]["unit"] == "粒"
    assert order["priority"] == "routine"


def test_what_the_pharmacy_encoded_comes_before_what_was_asked_for() -> None:
    rxe = segment("RXE", f2="B02^阿莫西林胶囊^L", f3="0.25", f4="0.5", f5="g^克")
    order = only("MedicationRequest", orm("NW", RXO, rxe, kind="RDE^O11"))
    assert order["medicationCodeableConcept"]["text"] == "阿莫西林胶囊"
    (dosage,) = order["dosageInstruction"]
    assert str(dosage["doseAndRate"][0]["doseRange"]["high"]["value"]) == "0.5"


def test_what_was_handed_out_belongs_to_its_order() -> None:
    rxd = segment(
        "RXD", f1="1", f2="A01^阿莫西林^L", f3="20260501", f4="20", f5="粒", f10="D^李^伟"
    )
    found = after(orm("RE", RXO, rxd, kind="RDS^O13"))
    (order,), (given,) = found["MedicationRequest"], found["MedicationDispense"]
    assert given["authorizingPrescription"] == [{"reference": f"MedicationRequest/{order['id']}"}]
    assert (given["whenHandedOver"], str(given["quantity"]["value"])) == ("2026-05-01", "20")
    assert given["performer"] == [{"actor": {"display": "李伟"}}]


def test_quantity_and_timing_of_older_versions() -> None:
    raw = orm("NW", segment("OBR", f4="CT"), f7="1^QD^^20260502090000^^A")
    order = only("ServiceRequest", raw)
    assert (order["priority"], order["occurrenceDateTime"]) == ("asap", "2026-05-02T09:00:00+08:00")


def test_several_orders_and_earlier_results_in_one_message() -> None:
    second = segment("ORC", f1="NW", f2="O2")
    earlier = [PID, PV1, segment("ORC", f1="NW", f2="O0"), "OBR|1||F0|GLU^血糖^L", "OBX|1|NM|G||5"]
    found = after(orm("NW", OBR, second, segment("ODS", f3="D1^低盐^L"), *earlier, kind="OML^O21"))
    assert [one["code"]["text"] for one in found["ServiceRequest"]] == ["头颅CT", "低盐"]


def test_orders_without_numbers_are_known_by_their_group() -> None:
    raw = orm("NW", OBR, f2="", f4="G1")
    again = orm("SC", OBR, f2="", f4="G1", status="CM", hour=9)
    assert only("ServiceRequest", raw, again)["status"] == "completed"
    assert (
        only("ServiceRequest", orm("NW", "OBR|1||F1|CT", f2=""))["identifier"][0]["value"] == "F1"
    )


def test_a_code_that_is_not_known_keeps_its_system() -> None:
    order = only("ServiceRequest", orm("NW", "OBR|1|||CT01^头颅平扫^本院 项目^24725-4^CT Head^LN"))
    codings: list[dict[str, Any]] = order["code"]["coding"]
    assert [one["system"] for one in codings] == [
        "urn:minkang:source:haibin:code:本院-项目",
        "http://loinc.org",
    ]
