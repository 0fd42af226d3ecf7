"""The map of a source as a table: out and back, and every wrong line named."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.terminology import Coding, Meaning, Waiting, systems_of
from minkang.terminology.builtin import ICD10
from minkang.terminology.map_table import COLUMNS, Table, read_table, table_of

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OWN = systems_of("haibin")
SYSTEM = f"{OWN}code:zd"


def waiting(code: str, display: str = "", **decided: object) -> Waiting:
    return Waiting(
        source="haibin",
        system=SYSTEM,
        code=code,
        display=display,
        target=ICD10,
        count=3,
        first_seen=NOW,
        last_seen=NOW,
        samples=(),
        places=(),
        **decided,  # type: ignore[arg-type]
    )


def lines(*rows: str, encoding: str = "utf-8") -> Table:
    return read_table("\r\n".join((",".join(COLUMNS), *rows)).encode(encoding), OWN)


def test_what_was_decided_comes_back_as_it_was() -> None:
    mapped = {"mapped": NOW, "mapped_by": "林", "mapped_system": ICD10, "mapped_code": "I10.x00"}
    table = read_table(
        table_of(
            [
                waiting(
                    "G1", "高血压", mapped_display="特发性高血压", equivalence="wider", **mapped
                ),
                waiting("G2", "其他", mapped=NOW, equivalence="unmatched"),
                waiting("G3"),
            ]
        ),
        OWN,
    )
    assert table.problems == ()
    assert table.lines == (2, 3)
    target = Coding(ICD10, "I10.x00", "特发性高血压")
    assert table.meanings == (
        Meaning(Coding(SYSTEM, "G1", "高血压"), target, "wider"),
        Meaning(Coding(SYSTEM, "G2", "其他"), None),
    )


def test_a_spreadsheet_may_save_it_in_gb18030() -> None:
    table = lines(f"{SYSTEM},G1,高血压,,urn:minkang:cs:icd10-cn,I10.x00,,", encoding="gb18030")
    assert table.meanings[0].local.display == "高血压"
    assert table.meanings[0].target == Coding(ICD10, "I10.x00")


def test_a_formula_is_no_formula_any_more() -> None:
    sent = table_of([waiting("=HYPERLINK(1)", "-1", mapped=NOW)])
    assert b",'=HYPERLINK(1),'-1," in sent
    (meaning,) = read_table(sent, OWN).meanings
    assert (meaning.local.code, meaning.local.display) == ("=HYPERLINK(1)", "-1")


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("urn:minkang:source:other:code:zd,G1,,,x,I10.x00,,", "own-system"),
        (f"{SYSTEM},,,,{ICD10},I10.x00,,", "code"),
        (f"{SYSTEM},G1,,,,I10.x00,,", "target"),
        (f"{SYSTEM},G1,,,{ICD10},I10.x00,,无对应", "target"),
        (f"{SYSTEM},G1,,,{ICD10},I10.x00,,差不多", "equivalence"),
        (f"{SYSTEM},OK,,,{ICD10},I10.x00,,近似", "twice"),
    ],
)
def test_a_wrong_line_is_named(row: str, rule: str) -> None:
    table = lines(f"{SYSTEM},OK,,,{ICD10},I10.x00,,等同", "", row)
    assert [(one.place, one.rule) for one in table.problems] == [("4", rule)]
    assert len(table.meanings) == 1


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"\xff\xff\xff", "encoding"),
        (b"", "columns"),
        ("代码,名称\n1,2".encode(), "columns"),
        (f'{",".join(COLUMNS)}\n"a"b,"'.encode(), "columns"),
        ("\n".join((",".join(COLUMNS), *("x" * 20_001))).encode(), "too-many"),
    ],
)
def test_what_is_no_table_is_refused_whole(raw: bytes, rule: str) -> None:
    table = read_table(raw, OWN)
    assert [(one.place, one.rule) for one in table.problems] == [("1", rule)]
    assert table.meanings == ()


texts = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(texts, texts), max_size=8, unique_by=lambda one: one[0]))
def test_any_code_comes_back_as_it_went(codes: list[tuple[str, str]]) -> None:
    sent = table_of([waiting(code, display, mapped=NOW) for code, display in codes])
    found = [(one.local.code, one.local.display) for one in read_table(sent, OWN).meanings]
    assert found == codes


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    table = read_table(",".join(COLUMNS).encode() + b"\n" + raw, OWN)
    assert len(table.meanings) == len(table.lines)
    assert all(int(one.place) >= 1 for one in table.problems)
