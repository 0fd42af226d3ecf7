"""ORU and OUL: values of all types, states, files, notes, and specimens."""

import base64
from itertools import permutations
from typing import Any

import pytest

from tests.exchange.hl7v2_mapped import PID, PV1, after, only, refused, segment, written


def oru(*segments: str, hour: int = 8, **obr: str) -> bytes:
    at = f"20260501{hour:02d}0000"
    fields = {"f2": "O1", "f3": "L1^LIS", "f4": "GLU^血糖^L", "f22": at, **obr}
    return written("ORU^R01", PID, PV1, segment("OBR", **fields), *segments, at=at)


def obx(**fields: str) -> str:
    return segment("OBX", **{"f1": "1", "f3": "G^葡萄糖^L", "f11": "F", **fields})


def result(**fields: str) -> dict[str, Any]:
    return only("Observation", oru(obx(**fields)))


@pytest.mark.parametrize(
    ("kind", "value", "element", "expected"),
    [
        ("DT", "202605", "valueDateTime", "2026-05"),
        ("TM", "0830", "valueTime", "08:30:00"),
        ("TM", "早上", "valueString", "早上"),
        ("NM", "60~120", "valueString", "60\n120"),
        ("SN", "约^5", "valueString", "约5"),
        ("TX", "第一~第二", "valueString", "第一\n第二"),
        ("", "阴性", "valueString", "阴性"),
        ("CWE", "27268008^Salmonella^SCT", "valueCodeableConcept", None),
        ("XPN", "王^海燕", "valueString", "王 海燕"),
    ],
)
def test_values_of_all_types(kind: str, value: str, element: str, expected: str | None) -> None:
    found = result(f2=kind, f5=value)
    assert element in found
    if expected is not None:
        assert found[element] == expected


def test_digits_stay_as_they_were_sent() -> None:
    assert str(result(f2="NM", f5="5.60")["valueQuantity"]["value"]) == "5.60"
    assert str(result(f2="SN", f5="<^0.50")["valueQuantity"]["value"]) == "0.50"
    assert not [key for key in result(f2="NM", f5='""') if key.startswith("value")]
    assert refused(oru(obx(f2="SN", f5="^多"))) == [("OBX-5.2", "number")]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        *(("", "final"), ("F", "final"), ("P", "preliminary"), ("C", "corrected")),
        *(("D", "entered-in-error"), ("W", "entered-in-error"), ("X", "cancelled")),
        *(("O", "registered"), ("?", "unknown")),
    ],
)
def test_the_state_of_a_result(sent: str, status: str) -> None:
    assert result(f11=sent, f5="x")["status"] == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [("", "final"), ("A", "partial"), ("C", "corrected"), ("O", "registered"), ("?", "unknown")],
)
def test_the_state_of_a_report(sent: str, status: str) -> None:
    assert only("DiagnosticReport", oru(obx(f5="x"), f25=sent))["status"] == status


def test_a_correction_replaces_and_a_deletion_hides_in_any_order() -> None:
    messages = [
        oru(obx(f2="NM", f5="5.6"), hour=8),
        oru(obx(f2="NM", f5="6.5", f11="C"), hour=9),
        oru(obx(f11="D"), hour=10),
    ]
    for several in permutations(messages[:2]):
        assert str(only("Observation", *several)["valueQuantity"]["value"]) == "6.5"
    for several in permutations(messages):
        assert only("Observation", *several)["status"] == "entered-in-error"


def test_flags_of_the_table_are_codes_and_others_are_text() -> None:
    flags = result(f5="x", f8="hh~POS~偏高")["interpretation"]
    assert [flag.get("coding", [{}])[0].get("code") for flag in flags] == ["HH", "POS", None]
    assert flags[2] == {"text": "偏高"}
    (own,) = result(f5="x", f8="A1^异常^L")["interpretation"]
    assert own["text"] == "异常"


def test_a_file_in_a_result_is_the_form_of_the_report() -> None:
    data = base64.b64encode(b"%PDF").decode()
    found = after(oru(obx(f5="x"), obx(f2="ED", f3="PDF^报告单", f5=f"^AP^pdf^Base64^{data}")))
    (report,) = found["DiagnosticReport"]
    assert report["presentedForm"] == [
        {"contentType": "application/pdf", "data": data, "title": "报告单"}
    ]
    assert len(found["Observation"]) == len(report["result"]) == 1


def test_notes_and_own_segments_stay_where_they_stand() -> None:
    found = after(oru("NTE|1||标本溶血", obx(f5="x"), "NTE|1||已复查~属实", "ZLB|本院"))
    (report,), (observation,) = found["DiagnosticReport"], found["Observation"]
    assert report["extension"][0]["valueAnnotation"] == {"text": "标本溶血"}
    assert report["extension"][1] == {"url": "urn:minkang:hl7v2:ZLB", "valueString": "ZLB|本院"}
    assert observation["note"] == [{"text": "已复查\n属实"}]


def test_a_report_names_its_order_by_number() -> None:
    report = only("DiagnosticReport", oru(obx(f5="x")))
    (order,) = report["basedOn"]
    assert order["identifier"] == {"system": "urn:minkang:source:haibin:order", "value": "O1"}


def test_results_of_specimens_are_not_those_of_the_report() -> None:
    raw = written(
        "OUL^R22",
        PID,
        obx(f2="NM", f5="60"),
        PV1,
        "SPM|1|S1",
        obx(f2="NM", f5="36"),
        segment("OBR", f3="L1", f4="GLU"),
        "ORC|SC|O1",
        obx(f2="NM", f5="5.6"),
        "SPM|2|S2",
        obx(f2="NM", f5="37"),
        segment("OBR", f3="L2", f4="GLU"),
        obx(f2="NM", f5="5.7"),
    )
    found = after(raw)
    values = [str(one["valueQuantity"]["value"]) for one in found["Observation"]]
    assert values == ["5.6", "5.7"]
    assert found["DiagnosticReport"][0]["basedOn"][0]["identifier"]["value"] == "O1"
