"""What an engineer sees of a raw message."""

from minkang.exchange.mappings.tables import encode_row
from minkang.exchange.view import mask, masked_text, parts
from minkang.fhir import Problem
from tests.exchange.messages import adt, oru


def test_what_identifies_a_person_is_masked_and_the_rest_is_not() -> None:
    shown = parts("mllp", "utf-8", adt(), ())
    texts = {field.place: field for part in shown for field in part.fields}
    assert texts["PID-5"].text == "****"
    assert texts["PID-3"].masked
    assert "371098198503150017" not in texts["PID-3"].text
    assert texts["DG1-3"].text == "I10^原发性高血压^ICD-10"


def test_the_faulty_field_is_marked() -> None:
    problem = Problem("map", "OBX-5", "number", "")
    shown = parts("mllp", "utf-8", oru(value="x"), (problem,))
    assert [f.place for part in shown for f in part.fields if f.bad] == ["OBX-5"]


def test_a_faulty_component_marks_its_field_and_own_segments_are_masked() -> None:
    problem = Problem("map", "OBX[1]-5[2].5", "base64", "")
    raw = oru(extra="OBX|2|NM|x||1\rZPI|13800000001")
    shown = parts("mllp", "utf-8", raw, (problem,))
    texts = {field.place: field for part in shown for field in part.fields}
    assert texts["OBX[1]-5"].bad
    assert texts["ZPI-1"].text == "1*********1"


def test_a_row_is_shown_by_column() -> None:
    problem = Problem("map", "行 visit_no=V1，列 sbp", "number", "")
    (part,) = parts("table", "utf-8", encode_row({"sbp": "abc", "name": "张三"}), (problem,))
    assert {f.place: (f.text, f.bad) for f in part.fields} == {
        "sbp": ("sbp=abc", True),
        "name": ("name=**", False),
    }


def test_what_can_not_be_taken_apart_is_shown_hidden() -> None:
    raw = b"MSH|^~\\&|x|y\rPID|1||12345678\x00|" + "张三".encode()
    assert parts("mllp", "utf-8", b"nonsense", ()) == []
    text = masked_text(raw, "utf-8")
    assert "12345678" not in text
    assert "张" not in text
    assert "\x00" not in text
    assert mask("371098198503150017") == "3****************7"
