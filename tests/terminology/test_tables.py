"""The tables that come with the platform: what is in them, what they say on which day."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from minkang.terminology import built_in, listed, notifiable
from minkang.terminology.builtin import (
    DIVISIONS,
    DOCUMENTS,
    EDUCATION,
    EMPLOYMENT,
    ETHNIC_GROUP,
    ICD9CM3,
    ICD10,
    KINSHIP,
    MARITAL_STATUS,
    NOTIFIABLE,
    SEX,
    canonical,
    heads,
)
from minkang.terminology.code_system import CodeSystem
from minkang.terminology.packed import packed_text

DATA = Path(__file__).parents[3] / "shared" / "data"
TODAY = "2026-11-22"


def system(url: str) -> CodeSystem:
    found = built_in(url)
    assert found is not None, url
    return found


def name(url: str, code: str) -> str:
    of = system(url)
    at = of.position(code)
    assert at is not None, code
    return of.display(at)


def rows(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        pytest.skip(f"NOT RUN: ../shared/data/{file.parent.name}/{file.name} is not there")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_table_can_be_read_and_holds_no_code_twice() -> None:
    assert len(heads()) > 200
    for url, head in heads().items():
        of = built_in(url)
        if of is None:
            assert head.short == "ucum"
            continue
        assert of.head is head
        assert len(set(of.codes)) == len(of.codes) >= len(of) > 1, head.title
        assert canonical(f"urn:minkang:cs:{head.short}") == url


def test_every_parent_is_a_code_of_its_table_and_no_way_up_is_a_circle() -> None:
    for url in heads():
        of = built_in(url)
        if of is None or len(of.codes) > 5_000:
            continue
        for at in range(len(of.codes)):
            seen = {at}
            up = of.parent(at)
            while up is not None:
                assert up not in seen, of.codes[at]
                seen.add(up)
                up = of.parent(up)


@pytest.mark.parametrize(
    ("url", "file", "count"),
    [(ICD10, "icd10_cn_insurance.csv", 33_304), (ICD9CM3, "icd9cm3_cn_insurance.csv", 13_686)],
)
def test_the_insurance_editions_are_whole(url: str, file: str, count: int) -> None:
    of = system(url)
    assert len(of) == count
    given = {row["code"]: row["name"] for row in rows(DATA / "terminology" / file)}
    held = {of.codes[at]: of.display(at) for at in of.selectable}
    assert held == given


def test_divisions_are_those_of_the_places() -> None:
    of = system(DIVISIONS)
    missing = []
    for row in rows(DATA / "places" / "county_codes.csv"):
        at = of.position(row["code"])
        if at is None:
            missing.append(row["code"])
        else:
            assert of.is_active(at, "2023-06-30"), row
            assert of.display_on(at, "2023-06-30") == row["name"]
    # What statistics invent: development zones, areas without a county, islands.
    assert all(
        int(code[4:]) >= 57 or code in ("460321", "460322", "460323", "620201") for code in missing
    )
    for row in rows(DATA / "places" / "street_codes_five_cities.csv"):
        at = of.position(row["code"])
        assert at is not None
        assert of.display(at) == row["name"]
        area = of.position(row["areaCode"])
        # A development zone is no division; what lies in it lies in the city.
        assert of.parent(at) == (of.position(f"{row['cityCode']}00") if area is None else area)


def test_a_division_that_ended_leads_to_what_took_its_place() -> None:
    of = system(DIVISIONS)
    # 崇文区 became part of 东城区 in 2010.
    assert of.current("110103", "2009-05-01") == ("110103",)
    assert of.current("110103", TODAY) == ("110101",)
    assert of.detail(of.position("110103") or 0).until == "2010"
    # Within the year of the change both are right.
    at = of.position("110103")
    assert at is not None
    assert of.is_active(at, "2010-03-01")
    assert not of.is_active(at, "2011-01-01")


def test_successors_of_successors_are_found_and_end() -> None:
    of = system(DIVISIONS)
    lost = []
    for code in of.codes:
        current = of.current(code, TODAY)
        for one in current:
            at = of.position(one)
            assert at is not None
            assert of.is_active(at, TODAY)
        if not current:
            lost.append(code)
    # Whatever county somebody was born in since 1981, it has a place today. Prefectures that
    # were dissolved have none.
    assert all(code.endswith("00") for code in lost)


def test_a_division_had_another_name_before() -> None:
    of = system(DIVISIONS)
    at = of.position("210311")
    assert at is not None
    names = {day: of.display_on(at, day) for day in ("1983-07-01", "1990-01-01", TODAY)}
    assert names == {"1983-07-01": "郊区", "1990-01-01": "旧堡区", TODAY: "千山区"}


def test_the_small_state_tables() -> None:
    assert [system(SEX).codes, len(system(MARITAL_STATUS))] == [["0", "1", "2", "9"], 8]
    assert list(system(MARITAL_STATUS).codes) == "10 20 21 22 23 30 40 90".split()
    assert len(system(ETHNIC_GROUP)) == 56
    assert name(ETHNIC_GROUP, "01") == "汉族"
    assert dict(system(ETHNIC_GROUP).properties(0, TODAY))["letters"] == "HA"
    assert name(EDUCATION, "21") == "大学本科毕业"
    assert name(EMPLOYMENT, "80") == "退（离）休人员"
    assert name(KINSHIP, "02") == "户主"
    remarried = system(MARITAL_STATUS).concept("22")
    assert remarried is not None
    assert remarried.parent == "20"


@pytest.mark.parametrize(
    ("table", "code", "display"),
    [
        ("CV02.01.101", "01", "居民身份证"),
        ("CV02.01.104", "4", "外省"),
        ("CV02.01.202", "01", "幼托儿童"),
        ("CV02.10.003", "32", "子宫体剖宫产"),
        ("CV03.00.101", "4", "从不吸"),
        ("CV03.00.402", "20", "糖尿病"),
        ("CV04.01.014", "1", "可自理"),
        ("CV04.50.005", "4", "AB型"),
        ("CV04.50.020", "2", "阳性"),
        ("CV05.01.002", "1", "疑似病例"),
        ("CV05.01.005", "09", "特禀质"),
        ("CV05.01.017", "2031", "甲型"),
        ("CV05.10.010", "3", "稳定"),
        ("CV05.10.012", "1", "控制满意"),
        ("CV05.10.013", "6", "5级"),
        ("CV06.00.207", "3", "电话"),
        ("CV06.00.208", "05", "每半年"),
        ("CV06.00.215", "4", "户口迁往外地"),
        ("CV06.00.218", "6", "建议接种疫苗"),
        ("CV07.10.003", "07", "全自费"),
        ("CV08.10.002", "1", "厅局级"),
        ("CV09.00.101", "20101", "城市"),
        ("CV09.00.202", "3", "社会举报"),
        ("CV09.00.204", "206", "取缔"),
    ],
)
def test_the_tables_of_ws_364(table: str, code: str, display: str) -> None:
    assert name(f"urn:minkang:cs:{table}", code) == display


def test_all_documents_of_ws_t_500_have_their_code_and_template() -> None:
    of = system(DOCUMENTS)
    assert list(of.codes) == [f"C{number:04}" for number in range(1, 54)]
    assert name(DOCUMENTS, "C0053") == "出院小结"
    last = dict(of.properties(52, TODAY))
    assert last["template"] == "2.16.156.10011.2.1.1.73"


# --- ICD ---


def test_an_icd_code_lies_below_its_category_its_chapter_and_ranges() -> None:
    of = system(ICD10)
    at = of.position("E11.900")
    assert at is not None
    for above in ("E11.900", "E11.9", "E11", "E10-E14", "E00-E90"):
        assert of.is_a(at, above), above
    for beside in ("E10", "E11.8", "E15-E16", "A00-B99"):
        assert not of.is_a(at, beside), beside
    concept = of.concept("E11.900")
    category = of.concept("E11")
    assert concept is not None
    assert category is not None
    assert (concept.parent, category.parent) == ("E11.9", "E00-E90")


def test_every_icd_code_has_a_chapter() -> None:
    for url in (ICD10, ICD9CM3):
        of = system(url)
        for at, code in enumerate(of.codes):
            if of.parent(at) is None:
                concept = of.concept(code)
                assert concept is not None
                assert concept.parent is not None, code


def test_a_subcategory_is_called_as_its_unspecified_code() -> None:
    assert name(ICD10, "E11.9") == name(ICD10, "E11.900") == "2型糖尿病"
    assert name(ICD10, "I10") == "特发性（原发性）高血压"
    of = system(ICD10)
    at = of.position("I10")
    assert at is not None
    assert of.is_abstract(at)


def test_an_icd_code_is_found_in_either_case() -> None:
    of = system(ICD10)
    assert of.position("e11.900") == of.position("E11.900")


# --- notifiable diseases ---


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("2005-01-01", {"甲": 2, "乙": 25, "丙": 10}),
        ("2010-01-01", {"甲": 2, "乙": 26, "丙": 11}),
        ("2014-01-01", {"甲": 2, "乙": 26, "丙": 11}),
        ("2021-01-01", {"甲": 2, "乙": 27, "丙": 11}),
        ("2023-10-01", {"甲": 2, "乙": 28, "丙": 11}),
        ("2025-09-01", {"甲": 2, "乙": 27, "丙": 11}),
        (TODAY, {"甲": 2, "乙": 29, "丙": 11}),
    ],
)
def test_the_list_of_notifiable_diseases_on_a_day(day: str, counts: dict[str, int]) -> None:
    assert Counter(one.disease_class for one in listed(day) if one.parent is None) == counts


@pytest.mark.parametrize(
    ("code", "day", "hours"),
    [
        ("cholera", TODAY, 2),
        ("anthrax", TODAY, 24),
        ("pulmonary-anthrax", TODAY, 2),
        ("sars", TODAY, 2),
        ("covid-19", "2022-12-31", 2),
        ("covid-19", "2023-01-08", 24),
        ("hand-foot-mouth", TODAY, 24),
        ("measles", "2010-01-01", None),
    ],
)
def test_the_time_limit_of_a_disease_on_a_day(code: str, day: str, hours: int | None) -> None:
    one = notifiable(code, day)
    assert one is not None
    assert one.report_hours(day) == hours


def test_a_disease_is_not_listed_before_it_was() -> None:
    assert notifiable("mpox", "2023-09-19") is None
    assert notifiable("mpox", "2023-09-20") is not None
    assert notifiable("avian-influenza-h7n9", "2025-08-31") is not None
    assert notifiable("avian-influenza-h7n9", "2025-09-01") is None
    assert system(NOTIFIABLE).current("avian-influenza-h7n9", TODAY) == ("novel-influenza",)


def test_the_table_file_is_in_order_for_a_reader() -> None:
    blocks = packed_text("tables.txt").strip().split("\n\n")
    keys = [block.split("\t")[0] for block in blocks]
    assert len(set(keys)) == len(keys)
    assert all("  " not in block for block in blocks)
