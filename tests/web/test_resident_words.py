"""The plain words for residents: all are there, none is said twice, the right one is found."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from minkang.record import Result
from minkang.record.fact import Origin
from minkang.web.resident_results import bar, ends_of, judged
from minkang.web.resident_words import (
    ItemWords,
    WordsError,
    item_groups,
    item_source,
    item_words,
    items,
    medicine_words,
    medicines,
    problem_source,
    problem_words,
    problems,
    read_items,
)

ITEMS = items().items
PROBLEMS = problems().problems
MEDICINES = medicines().medicines


def result(text: str, flag: str = "") -> Result:
    """One value of systolic pressure as a source sent it."""
    origin = Origin("Observation", "x", "MK1", "海滨人民医院", datetime(2026, 11, 1, tzinfo=UTC))
    return Result(
        item="8480-6",
        name="收缩压",
        text=text,
        number=Decimal(text),
        unit="mmHg",
        flag=flag,
        low=None,
        high=None,
        range_text="",
        at=None,
        status="final",
        origin=origin,
    )


def test_the_commonest_sixty_items_are_explained_in_both_languages() -> None:
    assert len(ITEMS) >= 60
    for one in ITEMS:
        for told in (one.what, one.high, one.low):
            assert bool(told.zh) == bool(told.en), one.called
        assert one.what.zh, one.called
        assert item_source(one), one.called
        assert one.group in item_groups()


def test_every_problem_has_its_meaning_and_source() -> None:
    for one in PROBLEMS:
        assert one.means.zh, one.icd
        assert one.means.en, one.icd
        assert bool(one.do.zh) == bool(one.do.en)
        assert problem_source(one)


def test_sentences_are_short_enough_to_read() -> None:
    """A sentence of more than 45 characters loses a reader of little schooling."""
    texts = [told.zh for one in ITEMS for told in (one.what, one.high, one.low)]
    texts += [told.zh for one in PROBLEMS for told in (one.means, one.do)]
    texts += [told.zh for one in MEDICINES for told in (one.purpose, one.mind)]
    long = [
        sentence
        for text in texts
        for sentence in text.replace("；", "。").split("。")
        if len(sentence) > 45
    ]
    assert not long


def test_an_item_is_found_by_its_code_and_else_by_its_name() -> None:
    by_code, by_name = item_words("4548-4", "HbA1c"), item_words("MK1:HBA1C", "糖化血红蛋白")
    assert by_code is not None
    assert by_code == by_name
    assert item_words("99999-9", "没有的项目") is None


def test_a_diagnosis_is_found_by_the_longest_beginning_of_its_code() -> None:
    found = problem_words("R73.001", "空腹血糖受损")
    assert found is not None
    assert "还没到糖尿病" in found.means.zh
    complaint = problem_words("R05.x00", "咳嗽")
    assert complaint is not None
    assert "还不是病名" in complaint.means.zh
    diabetes = problem_words("", "2型糖尿病伴肾病")
    assert diabetes is not None
    assert diabetes.lasting
    assert problem_words("", "气血亏虚证") is None


def test_of_two_parts_of_a_name_the_longer_one_speaks() -> None:
    found = medicine_words("硝苯地平控释片")
    assert found is not None
    assert "脚踝" in found.mind.zh
    other = medicine_words("甘精胰岛素注射液")
    assert other is not None
    assert "打针" in other.purpose.zh
    assert medicine_words("没有的药") is None


ONE_ITEM = """
sources: {lab: a book}
groups: {sugar: {zh: 血糖, en: Sugar}}
items:
  - {loinc: ["1-1"], called: [糖], group: sugar, what: {zh: 糖, en: sugar}, source: lab}
"""


def test_a_file_of_words_is_refused_with_the_place() -> None:
    assert len(read_items(ONE_ITEM.encode()).items) == 1
    for spoilt, said in (
        (ONE_ITEM.replace("source: lab", "source: nowhere"), "items, 1: source nowhere"),
        (ONE_ITEM.replace("group: sugar", "group: salt"), "items, 1: group salt"),
        (ONE_ITEM + ONE_ITEM.splitlines()[-1] + "\n", "1-1 stands twice"),
        (ONE_ITEM.replace("what:", "whit:"), r"items\[0\]"),
    ):
        with pytest.raises(WordsError, match=said):
            read_items(spoilt.encode())


def pressure() -> ItemWords:
    """The words for the upper pressure, which bring a usual range."""
    found = item_words("8480-6", "")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "light", "side"),
    [
        ("89", "watch", "low"),
        ("90", "ok", ""),
        ("139", "ok", ""),
        ("140", "watch", "high"),
        ("179", "watch", "high"),
        ("180", "alarm", "high"),
    ],
)
def test_pressure_of_adults_is_judged_by_the_national_guideline(
    text: str, light: str, side: str
) -> None:
    found = judged(result(text), pressure(), 70)
    assert (found.light, found.side, found.by_usual) == (light, side, True)


def test_children_are_not_judged_by_the_range_of_adults() -> None:
    assert judged(result("140"), pressure(), 9).light == "plain"
    assert judged(result("140"), pressure(), None).light == "plain"


def test_what_the_laboratory_says_comes_first() -> None:
    assert judged(result("150", flag="N"), pressure(), 70).light == "ok"
    assert judged(result("150", flag="HH"), pressure(), 70).light == "alarm"
    assert judged(result("150", flag="L"), pressure(), 70).side == "low"
    assert judged(result("5"), None, 70).light == "plain"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3.9-6.1", "3.9", "6.1"),
        ("3.90 ~ 6.10", "3.90", "6.10"),
        ("3.9--6.1", "3.9", "6.1"),
        ("115～150", "115", "150"),
        ("<5.20", None, "5.20"),
        ("≤ 7", None, "7"),
        (">60", "60", None),
        ("≥1.0", "1.0", None),
        ("阴性", None, None),
        ("男 130-175 女 115-150", None, None),
        ("", None, None),
        ("-" * 5_000, None, None),
    ],
)
def test_a_range_written_as_text_is_read(text: str, low: str | None, high: str | None) -> None:
    expected = tuple(None if end is None else Decimal(end) for end in (low, high))
    assert ends_of(text) == expected


def test_the_bar_shows_where_a_value_lies() -> None:
    inside = bar(Decimal(5), Decimal(4), Decimal(6))
    assert (inside["begin"], inside["end"], inside["at"]) == (30, 70, 50)
    assert bar(Decimal(6), Decimal(4), Decimal(6))["at"] == 70
    assert bar(Decimal(600), Decimal(4), Decimal(6))["at"] == 98
    assert bar(Decimal(-600), Decimal(4), Decimal(6))["at"] == 2
    assert bar(Decimal(5), None, Decimal(5))["at"] == 60
    assert bar(Decimal(5), Decimal(5), None)["at"] == 40
    assert bar(None, Decimal(4), Decimal(6)) == {}
    assert bar(Decimal(5), None, None) == {}
