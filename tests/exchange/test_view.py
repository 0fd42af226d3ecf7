"""What an engineer sees of a raw message."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.exchange.mappings.tables import encode_row
from minkang.exchange.view import mask, masked_text, open_columns, parts
from minkang.fhir import Problem, encode
from tests.exchange.conftest import YUNXI
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


def test_of_a_row_only_what_the_mapping_takes_for_no_person_is_shown() -> None:
    opened = open_columns(YUNXI)
    row = {"sbp": "120", "name": "张三", "patient_no": "P001", "visit_no": "V1", "xm": "张三"}
    (part,) = parts("table", "utf-8", encode_row(row), (), opened)
    assert {field.place for field in part.fields if not field.masked} == {"sbp", "visit_no"}
    nothing = open_columns(msgspec.structs.replace(YUNXI, table_mapping="none"))
    (part,) = parts("table", "utf-8", encode_row(row), (), nothing)
    assert all(field.masked for field in part.fields)


DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>
<id root="2.16.156.10011.1.3" extension="371098198503150017"/><telecom value="13800000001"/>
<patient><name>欧阳小明</name><birthTime value="19850315"/></patient>
<providerOrganization><name>海滨医院</name></providerOrganization>
</patientRole></recordTarget>
<component><section><value><![CDATA[<patient>欧阳小明</patient>]]></value><text>电话13800000001，诉头痛</text></section><section/></component>
</ClinicalDocument>"""

PERSONAL = ("371098198503150017", "13800000001", "欧阳小明", "19850315", "1985-03-15", "港湾路")


def test_a_document_is_shown_by_element_with_the_place_of_its_problem() -> None:
    place = "/ClinicalDocument/recordTarget/patientRole/patient/birthTime/@value 第 4 行"
    problem = Problem("map", place, "calendar-date", "")
    shown = parts("document", "utf-8", DOCUMENT.encode(), (problem,))
    texts = " ".join(field.text for part in shown for field in part.fields)
    assert not [secret for secret in PERSONAL if secret in texts]
    assert "海滨医院" in texts
    assert "诉头痛" in texts
    assert [f.place for part in shown for f in part.fields if f.bad] == [place]
    assert [(part.name, part.depth) for part in shown[:3]] == [
        ("ClinicalDocument", 0),
        ("recordTarget", 1),
        ("patientRole", 2),
    ]
    assert (
        "section[1]/text 第" in next(part for part in shown if part.name == "text").fields[0].place
    )


def test_a_bundle_is_shown_by_object_and_only_people_are_masked() -> None:
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:x", "value": "371098198503150017"}],
        "name": [{"text": "欧阳小明"}],
        "birthDate": "1985-03-15",
        "address": [{"line": ["港湾路1号"]}],
        "gender": "male",
        "text": {"div": "<div>欧阳小明</div>"},
        "telecom": "13800000001",
    }
    result = {
        "resourceType": "Observation",
        "subject": {"reference": "Patient/1", "display": "欧阳小明"},
        "code": {"coding": [{"code": "2345-7", "display": "葡萄糖"}]},
        "note": [{"text": "请打13800000001"}],
        "text": {"div": "<div>欧阳小明</div>"},
        "valueAttachment": {"data": "5qyn6Ziz5bCP5piO" * 50},
    }
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient}, {"resource": result}]}
    problem = Problem("map", "Bundle.entry[0].resource.birthDate", "calendar-date", "")
    shown = parts("fhir", "utf-8", encode(bundle), (problem,))
    texts = " ".join(field.text for part in shown for field in part.fields)
    assert not [secret for secret in PERSONAL if secret in texts]
    assert "gender=male" in texts
    assert "display=葡萄糖" in texts
    assert "reference=Patient/1" in texts
    assert "5qyn" not in texts
    bad = [f.text for part in shown for f in part.fields if f.bad]
    assert bad == ["birthDate=****-**-**"]


def test_what_is_not_xml_or_json_is_shown_hidden() -> None:
    assert parts("document", "utf-8", b"<a", ()) == []
    assert parts("fhir", "utf-8", b"{", ()) == []
    assert parts("fhir", "utf-8", b"[1]", ()) == []


def test_a_message_without_end_is_cut_off_with_a_word() -> None:
    many = {"resourceType": "List", "entry": [{"flag": {"text": str(n)}} for n in range(2_000)]}
    shown = parts("fhir", "utf-8", encode(many), ())
    assert len(shown) < 3_100
    assert "没有显示" in shown[-1].fields[0].text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["document", "wst", "fhir", "mllp"]))
def test_nothing_that_arrives_breaks_the_page(raw: bytes, channel: str) -> None:
    parts(channel, "utf-8", raw, ())
    parts(channel, "gb18030", raw, ())
