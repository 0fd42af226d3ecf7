"""What HL7 v2 messages say, and what is refused, with its place."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.context import ID_CARD_SYSTEM
from minkang.exchange.sources import Source
from minkang.fhir import Refused, Resource
from tests.exchange.messages import PID, adt, oru

SOURCE = Source(
    id="haibin",
    name="海滨市人民医院",
    organisation="MKHAIBIN",
    channels=("mllp",),
    namespace="haibin",
)
CONTEXT = Context(SOURCE, b"k" * 32, datetime(2026, 5, 3, tzinfo=UTC), b"h" * 32)


def mapped(raw: bytes) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for contribution in map_message(CONTEXT, "mllp", raw):
        found.setdefault(contribution.key[0], []).append(contribution.resource)
    return found


def refused(raw: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        map_message(CONTEXT, "mllp", raw)
    return [(problem.place, problem.rule) for problem in refusal.value.problems]


def test_a_registration_gives_patient_visit_and_diagnosis() -> None:
    found = mapped(adt())
    (patient,), (encounter,), (condition,) = (
        found[kind] for kind in ("Patient", "Encounter", "Condition")
    )
    assert patient["name"] == [{"use": "official", "text": "欧阳小明"}]
    assert {"system": ID_CARD_SYSTEM, "value": "371098198503150017"} in patient["identifier"]
    assert (patient["birthDate"], patient["gender"]) == ("1985-03-15", "male")
    assert encounter["period"] == {"start": "2026-05-01T08:00:00+08:00"}
    assert encounter["subject"] == {"reference": f"Patient/{patient['id']}"}
    (attending,) = encounter["participant"]
    assert attending["individual"] == {"display": "王海燕"}
    assert attending["type"][0]["coding"][0]["code"] == "ATND"
    assert condition["encounter"] == {"reference": f"Encounter/{encounter['id']}"}
    assert condition["code"]["coding"][0]["code"] == "I10"


def test_a_report_keeps_digits_unit_and_range() -> None:
    found = mapped(oru(value="5.60"))
    (observation,) = found["Observation"]
    assert str(observation["valueQuantity"]["value"]) == "5.60"
    assert observation["referenceRange"][0]["high"] == {
        "value": Decimal("6.1"),
        "unit": "mmol/L",
    }
    assert found["DiagnosticReport"][0]["result"] == [
        {"reference": f"Observation/{observation['id']}"}
    ]


@pytest.mark.parametrize(
    ("kind", "value", "element", "expected"),
    [
        ("SN", "<^0.5", "valueQuantity", {"comparator": "<", "unit": "mmol/L"}),
        ("SN", "^1^:^128", "valueString", "1:128"),
        ("TX", "未见异常\\.br\\建议复查", "valueString", "未见异常\n建议复查"),
        ("CE", "POS^阳性^L", "valueCodeableConcept", {"text": "阳性"}),
    ],
)
def test_values_of_other_types(kind: str, value: str, element: str, expected: Any) -> None:
    (observation,) = mapped(oru(kind=kind, value=value))["Observation"]
    if isinstance(expected, dict):
        assert expected.items() <= observation[element].items()
    else:
        assert observation[element] == expected


def test_gb18030_and_utf8_say_the_same() -> None:
    assert mapped(adt(charset="GB 18030-2000")) == mapped(adt())


def test_bytes_like_delimiters_inside_gb18030_characters_do_not_split() -> None:
    # The second byte of these characters is 0x5C, 0x5E or 0x7C in GB18030.
    name = "".join(bytes([0x81, second]).decode("gb18030") for second in (0x5C, 0x5E, 0x7C, 0x7E))
    (patient,) = mapped(adt(charset="GB18030", pid=PID.replace("欧阳小明", name)))["Patient"]
    assert patient["name"][0]["text"] == name


def test_an_empty_field_erases_and_an_absent_one_does_not() -> None:
    pid = PID.replace("港湾路1号", '""').replace("13800000001", "")
    (contribution,) = [
        c for c in map_message(CONTEXT, "mllp", adt(pid=pid)) if c.key[0] == "Patient"
    ]
    assert contribution.erased - {"_birthDate"} == {"address"}
    assert "telecom" not in contribution.resource


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"hello", ("MSH", "no-header")),
        (adt(pid=""), ("PID", "required")),
        (adt(pid=PID.replace("P001^^^haibin^PI~", "")), ("PID-3", "required")),
        (adt(pid=PID.replace("19850315", "20240230")), ("PID-7", "calendar-date")),
        (adt(pid=PID.replace("|M|", "|X|")), ("PID-8", "code")),
        (adt().replace(b"ADT^A04^ADT_A01", b""), ("MSH-9", "required")),
        (oru().replace(b"ORU^R01^ORU_R01", b"ORU"), ("MSH-9.2", "unknown-event")),
        (adt(control=""), ("MSH-10", "required")),
        (adt(charset="KLINGON"), ("MSH-18", "charset")),
        (adt(visit=""), ("PV1-19", "required")),
        (oru(value="阳性"), ("OBX-5", "number")),
        (oru(value="NaN"), ("OBX-5", "number")),
        (oru(value="1E+999999"), ("OBX-5", "number")),
        (oru(extra="OBX|2|NM|^^||1"), ("OBX[2]-3", "required")),
        (oru(at="20261332"), ("OBR-22", "calendar-date")),
        (oru().replace(b"OBR|", b"NTE|"), ("OBX", "order")),
        (oru().replace(b"PV1|1", b"P"), ("第 3 段", "segment")),
        (adt()[:-40] + b"\xff\xfe" + adt()[-40:], ("第 5 段第 5 字节", "charset")),
    ],
)
def test_what_is_wrong_is_refused_with_place_and_rule(
    raw: bytes, expected: tuple[str, str]
) -> None:
    found = refused(raw)
    assert expected in found or expected[1] == found[0][1] == "charset"


def test_all_problems_of_a_message_are_told_at_once() -> None:
    pid = PID.replace("19850315", "20240230").replace("|M|", "|X|")
    assert {rule for _, rule in refused(adt(pid=pid, visit=""))} == {
        "calendar-date",
        "code",
        "required",
    }


def test_hostile_text_stays_text() -> None:
    name = "<script>alert(1)</script>"
    (patient,) = mapped(adt(pid=PID.replace("欧阳小明", name)))["Patient"]
    assert patient["name"][0]["text"] == name
