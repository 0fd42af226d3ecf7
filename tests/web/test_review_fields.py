"""Two registrations field by field: what agrees, what is close, what is masked."""

from typing import Any

import pytest

from minkang.identity.match import ID_CARD_SYSTEM
from minkang.web.review_fields import Field, fields_of, masked


def same(text: str) -> str:
    return text


def patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "a",
        "name": [{"text": "何小燕"}],
        "gender": "female",
        "birthDate": "1980-05-20",
        "identifier": [{"system": ID_CARD_SYSTEM, "value": "371082198005200021"}],
        "telecom": [{"system": "phone", "value": "13800001234"}],
        **more,
    }


def field(key: str, one: dict[str, Any], other: dict[str, Any], *, shown: bool = False) -> Field:
    return next(line for line in fields_of(one, other, same, shown=shown) if line.key == key)


@pytest.mark.parametrize(
    ("key", "more", "state"),
    [
        ("name", {}, "same"),
        ("name", {"name": [{"text": "何燕小"}]}, "near"),
        ("name", {"name": [{"text": "何晓燕"}]}, "near"),
        ("name", {"name": [{"text": "丁大山"}]}, "differs"),
        ("name", {"name": []}, "one"),
        ("sex", {"gender": "male"}, "differs"),
        ("born", {"birthDate": "1980-05-21"}, "near"),
        ("born", {"birthDate": "1980-05"}, "differs"),
        ("phone", {"telecom": [{"value": "139"}, {"value": "13800001234"}]}, "same"),
        ("phone", {"telecom": []}, "one"),
        ("number", {"identifier": []}, "one"),
        ("cards", {}, "none"),
        ("kin", {"contact": [{"name": {"text": "何母"}}]}, "one"),
    ],
)
def test_how_a_field_agrees(key: str, more: dict[str, Any], state: str) -> None:
    assert field(key, patient(), patient(**more)).state == state
    assert field(key, patient(**more), patient()).state == state


def test_a_number_that_is_close_says_where_and_stays_masked() -> None:
    other = patient(identifier=[{"system": ID_CARD_SYSTEM, "value": "371082198005210021"}])
    line = field("number", patient(), other)
    assert line.state == "near"
    assert line.note == "第 14 位不同", "the day of birth in it"
    assert line.a == ("3710**********0021",)
    assert "198005" not in str(line)
    assert field("number", patient(), other, shown=True).a == ("371082198005200021",)


def test_a_sources_own_numbers_are_no_evidence() -> None:
    one = patient(identifier=[{"system": "urn:minkang:source:haibin:patient", "value": "P1"}])
    other = patient(identifier=[{"system": "urn:minkang:source:gang:patient", "value": "P2"}])
    assert field("cards", one, other).state == "none"


def test_pinyin_is_not_taken_for_another_name() -> None:
    spelled = {"text": "he xiaoyan", "extension": [{"valueCode": "SYL"}]}
    one = patient(name=[spelled, {"text": "何小燕"}])
    assert field("name", one, patient()).state == "same"
    assert "former" not in {line.key for line in fields_of(one, patient(), same, shown=False)}


@pytest.mark.parametrize("value", ["1", "12345678", "123456789", "371082198005200021"])
@pytest.mark.parametrize("key", ["number", "cards", "phone"])
def test_no_mask_lets_a_number_through(key: str, value: str) -> None:
    shown = masked(key, value)
    assert shown != value
    assert len(shown.replace("*", "")) <= 8


def test_hostile_patients_do_not_fail() -> None:
    empty: dict[str, Any] = {"resourceType": "Patient", "id": "b"}
    odd = patient(name=[{"family": "何", "given": ["小", "燕"]}, {}], telecom=[{}], address=[{}])
    for one in (empty, odd, patient()):
        for other in (empty, odd, patient()):
            assert fields_of(one, other, same, shown=False)
