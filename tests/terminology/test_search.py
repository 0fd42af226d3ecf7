"""A code is found by what people type: Chinese words, pinyin initials, the beginning of a code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.terminology import built_in
from minkang.terminology.builtin import DIVISIONS, ICD10, MARITAL_STATUS
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.initials import initials


def icd() -> CodeSystem:
    found = built_in(ICD10)
    assert found is not None
    return found


def found(text: str, limit: int = 5) -> list[str]:
    of = icd()
    return [of.display(at) for at in of.search(text)[:limit]]


def codes(text: str, limit: int = 5) -> list[str]:
    of = icd()
    return [of.codes[at] for at in of.search(text)[:limit]]


def test_a_chinese_word_finds_the_whole_name_first_and_then_what_begins_so() -> None:
    names = found("高血压", 20)
    assert names[0] == "高血压"
    assert all("高血压" in name for name in names)
    assert names[1].startswith("高血压")


def test_pinyin_initials_find_it_too() -> None:
    assert "高血压" in found("gxy")
    assert found("tnb")[0] == "糖尿病"
    assert "糖尿病" in found("TNB")


def test_initials_read_words_and_not_characters() -> None:
    # 长 alone is chang; in 生长 it is zhang.
    of = icd()
    at = of.position("E34.300x001")
    assert at is None or of.display(at)
    growth = [of.display(at) for at in of.search("生长")]
    assert growth
    by_letters = {of.display(at) for at in of.search("sz")}
    assert by_letters.intersection(growth)


def test_a_code_is_found_by_its_beginning() -> None:
    assert all(code.startswith("E11") for code in codes("e11", 50))
    assert codes("E11.900")[0] == "E11.900"


def test_all_words_must_fit_in_any_order() -> None:
    forward, backward = set(codes("糖尿病 肾", 500)), set(codes("肾 糖尿病", 500))
    assert forward == backward
    assert forward
    mixed = codes("e11 肾", 50)
    assert mixed
    assert all(code.startswith("E11") for code in mixed)


def test_width_and_case_do_not_matter() -> None:
    assert codes("１型糖尿病") == codes("1型糖尿病")
    assert codes("hpv") == codes("HPV") == codes("ＨＰＶ")


def test_what_fits_nothing_finds_nothing() -> None:
    assert found("没有这种病名") == []
    assert found("zzzzzzzz") == []


def test_groups_and_chapters_are_not_found() -> None:
    of = icd()
    assert not any(of.is_abstract(at) for at in of.search("E11"))


def test_a_short_table_is_searched_the_same_way() -> None:
    of = built_in(MARITAL_STATUS)
    assert of is not None
    assert [of.codes[at] for at in of.search("yh")] == ["20"]
    assert [of.codes[at] for at in of.search("婚")][:2] == ["10", "20"]


def test_places_are_found_as_they_are_called() -> None:
    of = built_in(DIVISIONS)
    assert of is not None
    for letters, code in (("cqs", "500000"), ("ccs", "220100"), ("whs", "371000")):
        assert code in [of.codes[at] for at in of.search(letters)]


@pytest.mark.parametrize(("text", "letters"), [("2型糖尿病", "2xtnb"), ("Ⅱ度", "iid"), ("，", "")])
def test_initials(text: str, letters: str) -> None:
    assert initials(text) == letters


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_piece_of_a_name_finds_the_name(data: st.DataObject) -> None:
    of = icd()
    at = of.selectable[data.draw(st.integers(0, len(of) - 1))]
    name = of.display(at)
    begin = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(begin + 1, len(name)))
    piece = name[begin:end]
    if piece.split():
        assert at in of.search(piece)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_can_be_searched_for(text: str) -> None:
    of = icd()
    assert all(not of.is_abstract(at) for at in of.search(text)[:50])
    assert len(set(of.search(text))) == len(of.search(text))
