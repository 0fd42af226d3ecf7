"""Tables as files: what hospitals save from Excel, and what nobody should send."""

import datetime as dt
import io
import zipfile
from contextlib import suppress
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from minkang.exchange.tables import Line, TableFault, lines_of


def read(raw: bytes, charset: str = "utf-8") -> list[Line]:
    return list(lines_of(io.BytesIO(raw), charset))


def rows(raw: bytes, charset: str = "utf-8") -> list[Any]:
    return [one.row if one.fault is None else one.fault.rule for one in read(raw, charset)]


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        ("编号,姓名\r\n1, 王 \r\n".encode(), "utf-8"),
        ("\ufeff编号,姓名\n1,王\n".encode(), "gb18030"),
        ("编号\t姓名\n1\t王\n".encode("gb18030"), "gb18030"),
        ("编号;姓名\n\n1;王".encode(), "utf-8"),
        ("编号,姓名\n1,王\n".encode("utf-16"), "utf-8"),
        ('编号,"姓名"\n"1","王",\n'.encode(), "utf-8"),
    ],
)
def test_csv_is_read_as_it_was_saved(raw: bytes, charset: str) -> None:
    assert rows(raw, charset) == [{"编号": "1", "姓名": "王"}]


def test_lines_are_counted_where_rows_begin_and_bad_rows_stop_nothing() -> None:
    found = read(b'a,b\n1,"x\ny"\n2\n3,4,5\n6,\n')
    assert [(one.number, one.fault.rule if one.fault else one.row) for one in found] == [
        (2, {"a": "1", "b": "x\ny"}),
        (4, "ragged"),
        (5, "ragged"),
        (6, {"a": "6", "b": None}),
    ]


@pytest.mark.parametrize(
    ("raw", "line", "rule"),
    [
        (b"", 1, "no-header"),
        (b"\n", 1, "no-header"),
        (b"a,b,a\n", 1, "column-twice"),
        (b"a,,b\n", 1, "no-column-name"),
        (b"a,minkang:withdrawn\n", 1, "reserved-column"),
        (b"a,b\n1,2\n1,\0\n", 3, "nul"),
        (b'a,b\n1,2\n"1,2\n' + b"3,4\n" * 2_000, 3, "quotes"),
        (b'a,b\n1,"2\n', 2, "quotes"),
        ("a,b\n1,2\n3,王\n".encode("gb18030"), 3, "charset"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, 1, "old-excel"),
        (b"PK\x03\x04 no archive", 1, "workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_line(raw: bytes, line: int, rule: str) -> None:
    with pytest.raises(TableFault) as fault:
        read(raw)
    assert (fault.value.line, fault.value.rule) == (line, rule)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.text('a,"\n\r\t;', max_size=60).map(str.encode),
        st.binary(max_size=40).map(b"PK\x03\x04".__add__),
        st.binary(max_size=40).map(b"PAR1".__add__),
    ),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_any_bytes_are_rows_or_a_fault(raw: bytes, charset: str) -> None:
    with suppress(TableFault):
        assert all(one.number >= 2 for one in read(raw, charset))


def workbook(*lines: list[Any], merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(line)
    for cell in sheet[2] if sheet.max_row > 1 else ():
        if isinstance(cell.value, dt.datetime):
            cell.number_format = "yyyy-mm-dd hh:mm"
    if merged:
        sheet.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_gives_texts_as_a_person_sees_them() -> None:
    raw = workbook(
        ["编号", "生日", "时间", "数", "小数", "是", "空", None],
        ["007", dt.date(1960, 1, 2), dt.datetime(2026, 5, 1, 9, 30), 12, 0.1 + 0.2, True, None],  # noqa: DTZ001
        [],
        ["008"],
    )
    assert read(raw) == [
        Line(
            2,
            {
                "编号": "007",
                "生日": "1960-01-02",
                "时间": "2026-05-01 09:30:00",
                "数": "12",
                "小数": "0.3",
                "是": "true",
                "空": None,
            },
        ),
        Line(
            4, {**dict.fromkeys(["编号", "生日", "时间", "数", "小数", "是", "空"]), "编号": "008"}
        ),
    ]


@pytest.mark.parametrize(
    ("value", "rule"),
    [("=1+1", "formula"), (371098196001010011, "digits-lost"), ("#N/A", "cell-error")],
)
def test_what_a_workbook_does_not_hold_is_told_by_cell(value: Any, rule: str) -> None:
    found = read(workbook(["a", "b"], ["1", value], ["2", "x"]))
    fault = found[0].fault
    assert fault is not None
    assert (fault.line, fault.column, fault.rule) == (2, "b", rule)
    assert found[1].row == {"a": "2", "b": "x"}


def test_merged_cells_are_refused_by_place() -> None:
    with pytest.raises(TableFault, match="3: A: merged"):
        read(workbook(["a"], ["1"], ["2"], [None], merged="A3:A4"))


def changed(raw: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return file.getvalue()


def test_bombs_and_entities_in_a_workbook_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = workbook(["a"], ["1"])
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(TableFault, match="entities"):
        read(changed(raw, "xl/worksheets/sheet1.xml", entity))
    with pytest.raises(TableFault, match="workbook"):
        read(changed(raw, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"))
    monkeypatch.setattr("minkang.exchange.tables.workbook._MOST_BYTES", 100_000)
    with pytest.raises(TableFault, match="too-long"):
        read(changed(raw, "xl/worksheets/sheet1.xml", b" " * 200_000))


def test_parquet_gives_the_same_rows() -> None:
    table = pa.table(
        {
            "编号": ["1", None],
            "生日": [dt.date(1960, 1, 2), None],
            "时间": [dt.datetime(2026, 5, 1, 9, 30), None],  # noqa: DTZ001
            "是": [True, None],
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    assert rows(file.getvalue()) == [
        {"编号": "1", "生日": "1960-01-02", "时间": "2026-05-01T09:30:00+08:00", "是": "true"},
        dict.fromkeys(["编号", "生日", "时间", "是"]),
    ]
    file = io.BytesIO()
    parquet.write_table(pa.table({"多": [[1, 2]]}), file)
    with pytest.raises(TableFault, match="nested"):
        read(file.getvalue())
