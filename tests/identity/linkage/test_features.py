"""What is read out of a registration, whatever a source writes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity.linkage.births import birth_of
from minkang.identity.linkage.blocking import blocking_keys
from minkang.identity.linkage.features import (
    Features,
    columns_of,
    decode,
    encode,
    features_from,
    features_of,
)
from minkang.identity.linkage.stated import Stated
from minkang.identity.match import ID_CARD_SYSTEM

from .registrations import WANG, changed, number

REPRESENTATION = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"


def test_a_patient_of_a_channel_is_read_whole() -> None:
    patient = {
        "resourceType": "Patient",
        "identifier": [
            {"system": "urn:minkang:source:h1:patient", "value": "00012"},
            {"system": ID_CARD_SYSTEM, "value": number("1980-03-05", 11).lower()},
            {"system": "urn:oid:2.16.156.10011.1.19", "value": "A1234 5678"},
            {"system": "urn:minkang:source:h1:patient-ppn", "value": "e12345678",
             "type": {"coding": [{"code": "PPN"}]}},
        ],
        "name": [
            {"text": "WANG JIANGUO",
             "extension": [{"url": REPRESENTATION, "valueCode": "SYL"}]},
            {"use": "official", "text": "王 建国"},
            {"use": "old", "text": "王卫国"},
        ],
        "gender": "male",
        "birthDate": "1980-03-05",
        "telecom": [
            {"system": "phone", "value": "+86 138-0000-0001"},
            {"system": "email", "value": "a@example.invalid"},
        ],
        "address": [
            {"use": "work", "text": "别处"},
            {"use": "home", "text": "山东省威海市环翠区张村镇前双岛村 12 号"},
        ],
        "contact": [
            {"relationship": [{"coding": [{"code": "MTH"}]}], "name": {"text": "李秀英"}},
            {"relationship": [{"text": "朋友"}], "name": {"text": "赵六"}},
        ],
        "multipleBirthInteger": 2,
        "deceasedDateTime": "2024-05-06T07:08:09+08:00",
    }  # fmt: skip
    found = features_of(patient, "h1")
    assert (found.name, found.surname, found.given) == ("王建国", "王", "建国")
    assert set(found.names) == {"王建国", "王卫国", "wang jianguo"}
    assert {"wangjianguo", "jianguowang"} <= set(found.sounds)
    assert found.id_number == number("1980-03-05", 11)
    assert found.cards == (("health-card", "A12345678"), ("passport", "E12345678"))
    assert found.documents == (("passport", "E12345678"),)
    assert found.phones == ("13800000001",)
    assert found.county == "环翠区"
    assert found.town == "环翠区张村镇"
    assert found.village == "环翠区张村镇前双岛村"
    assert (found.mother, found.kin_names) == ("李秀英", ("李秀英",))
    assert (found.birth_order, found.twin, found.died) == (2, True, "2024-05-06")
    assert found.source == "h1"


def test_relatives_of_their_own_are_read_as_contacts_are() -> None:
    mother = {
        "resourceType": "RelatedPerson",
        "relationship": [{"coding": [{"code": "MTH"}], "text": "母亲"}],
        "name": [{"text": "李芳"}],
        "identifier": [{"system": ID_CARD_SYSTEM, "value": number("1990-01-02", 4)}],
    }
    found = features_of({"name": [{"text": "王子涵"}]}, "s", [mother])
    assert found.mother == "李芳"
    assert found.kin_numbers == (number("1990-01-02", 4),)


@pytest.mark.parametrize(
    ("name", "mother", "sex", "order", "twin"),
    [
        ("王芳之子", "王芳", "male", 0, False),
        ("王芳之女", "王芳", "female", 0, False),
        ("王芳之婴", "王芳", "", 0, False),
        ("欧阳慧婴", "欧阳慧", "", 0, False),
        ("王芳之次女", "王芳", "female", 0, False),
        ("王芳大双", "王芳", "", 1, True),
        ("王芳二双", "王芳", "", 2, True),
        ("王芳之子(新生儿)", "王芳", "male", 0, False),
        ("王芳之女2", "王芳", "female", 2, False),
    ],
)
def test_a_newborn_without_a_name_goes_by_the_mothers(
    name: str, mother: str, sex: str, order: int, twin: bool
) -> None:
    found = features_from(Stated(name=name))
    assert (found.name, found.newborn) == ("", True)
    assert (found.mother, found.sex, found.birth_order, found.twin) == (mother, sex, order, twin)


@pytest.mark.parametrize(
    "name", ["孙大双", "李之子", "王大宝", "陈双双", "王子", "于宝宝", "张小女", "欧阳小双"]
)
def test_a_name_that_looks_like_a_newborns_is_a_name(name: str) -> None:
    found = features_from(Stated(name=name))
    assert (found.name, found.newborn) == (name, False)


def test_who_is_unknown_has_no_name() -> None:
    for name in ("无名氏", "无名氏(男)", "无名氏3", "未知", "Unknown Male"):
        found = features_from(Stated(name=name))
        assert (found.name, found.unknown) == ("", True)
    assert not features_from(Stated(name="测试")).unknown


def test_a_number_says_whose_it_is() -> None:
    own = changed(WANG)
    assert (own.id_number, own.other_number) == (number("1980-03-05", 11), "")
    parent = changed(WANG, birth_date="2015-06-01")
    assert (parent.id_number, parent.guardian_number) == ("", True)
    assert parent.kin_numbers == (number("1980-03-05", 11),)
    spouse = changed(WANG, id_number=number("1982-07-09", 12))
    assert (spouse.id_number, spouse.id_raw) == ("", "")
    assert spouse.other_number == number("1982-07-09", 12)
    assert not spouse.guardian_number


@pytest.mark.parametrize("birth", ["1980-05-03", "1980-01-01", "1980-03-06", "1980", "1990-03-05",
                                   "1980-01-19", ""])  # fmt: skip
def test_a_slip_in_the_birth_date_takes_nobodys_number_away(birth: str) -> None:
    assert changed(WANG, birth_date=birth).id_number == number("1980-03-05", 11)


def test_old_and_mistyped_numbers_are_kept_for_comparison() -> None:
    right = number("1980-03-05", 11)
    old = right[:6] + right[8:17]
    assert changed(WANG, id_number=old).id_number == right
    assert changed(WANG, id_number=f" {right[:6]} {right[6:]} ").id_number == right
    wrong = right[:10] + "9" + right[11:]
    found = changed(WANG, id_number=wrong)
    assert (found.id_number, found.id_raw) == ("", wrong)
    for nothing in ("无", "000000000000000000", "N/A", "1"):
        assert changed(WANG, id_number=nothing).id_raw == ""


def test_permits_and_passports_are_told_by_their_form() -> None:
    typed = {
        "H12345678": "hk-macao", "M1234567801": "hk-macao", "830000199001010012": "taiwan",
        "E12345678": "passport", "USA123456789012": "foreign-resident", "ABC1234": "other",
    }  # fmt: skip
    for text, kind in typed.items():
        assert features_from(Stated(cards=(("", text),))).cards == ((kind, text),)


def test_surnames_are_read_as_surnames() -> None:
    for name, letters in (("单雄信", "shanxiongxin"), ("尉迟恭", "yuchigong"), ("解缙", "xiejin")):
        assert letters in features_from(Stated(name=name)).sounds
    assert "danxiongxin" in features_from(Stated(name="单雄信")).sounds
    assert (
        features_from(Stated(name="Wei ZHANG")).alikes
        == features_from(Stated(name="ZHANG, Wei")).alikes
    )


def test_features_come_back_as_they_were_kept() -> None:
    found = changed(WANG, cards=(("passport", "E12345678"),))
    assert decode(encode(found)) == found
    assert columns_of(found)["cards"] == ["passport|E12345678"]
    assert set(columns_of(found)) == set(Features.__struct_fields__)


HOSTILE = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="王芳之子双大小婴儿单😀🏼\ud800\u200f\0 ·X19٣", max_size=30),
    st.sampled_from(["", "王" * 500, "X" * 500, "😀" * 70, "\ud83d", "19800305", "0" * 18]),
)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "value", "system", "coding", "code", "use", "extension", "given"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(
    ["name", "identifier", "gender", "birthDate", "telecom", "address", "contact", "extension",
     "multipleBirthInteger", "deceasedDateTime"]), JSON))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_patient_makes_it_fail(patient: dict[str, Any]) -> None:
    found = features_of(patient, "s")
    assert decode(encode(found)) == found
    assert all(key.encode() for key in blocking_keys(found))


@given(st.builds(
    Stated, name=HOSTILE, other_names=st.tuples(HOSTILE), sex=HOSTILE, birth_date=HOSTILE,
    id_number=HOSTILE, cards=st.tuples(st.tuples(HOSTILE, HOSTILE)), phones=st.tuples(HOSTILE),
    address=HOSTILE, division=HOSTILE, mother=HOSTILE, father=HOSTILE, died=HOSTILE, source=HOSTILE,
    kin_numbers=st.tuples(HOSTILE), birth_order=st.integers(),
))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_row_makes_it_fail(stated: Stated) -> None:
    found = features_from(stated)
    assert decode(encode(found)) == found
    assert len(blocking_keys(found)) <= 40


def test_keys_are_few_and_shared_where_something_important_is() -> None:
    own = set(blocking_keys(changed(WANG)))
    assert 5 <= len(own) <= 12
    for other in (
        changed(WANG, name="王健国", id_number="", phones=(), mother=""),
        changed(WANG, name="王建园", id_number="", phones=(), mother=""),
        changed(WANG, name="Jianguo Wang", id_number="", phones=(), mother=""),
        changed(WANG, birth_date="1980-05-03", id_number="", phones=(), mother=""),
        changed(WANG, name="", birth_date="", phones=()),
        changed(WANG, name="王芳之子", birth_date="", id_number=""),
    ):
        assert own & set(blocking_keys(other))
    assert not own & set(blocking_keys(changed(Stated(name="王建国"))))


@pytest.mark.parametrize(
    "new_year",
    [
        "1950-02-17", "1960-01-28", "1970-02-06", "1980-02-16", "1990-01-27", "2000-02-05",
        "2005-02-09", "2010-02-14", "2015-02-19", "2020-01-25", "2023-01-22", "2025-01-29",
    ],
)  # fmt: skip
def test_the_mean_moon_is_within_a_day_of_the_almanac(new_year: str) -> None:
    """The first of the lunar year begins with a new moon."""
    assert (birth_of(new_year).moon - 1 + 1) % 30 <= 2
