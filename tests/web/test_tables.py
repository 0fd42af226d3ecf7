"""Tables that people sort and take away: the same rows and columns on the page and in the file."""

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import RequestFactory
from openpyxl import load_workbook

from minkang.web import Web
from minkang.web.tables import Column, address, file_of, table_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE
from tests.web.log_in import Browser, make

_COLUMNS = (
    Column("name", "姓名", lambda one: one[0]),
    Column("count", "数量", lambda one: one[1], number=True),
    Column("at", "时间", lambda one: one[2]),
)
_NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
_ROWS: list[tuple[str, int | None, datetime | None]] = [
    ("张三", 10, _NOON),
    ("=HYPERLINK(1)", 9, None),
    ("阿明", None, _NOON),
]


def _visitor(web: Web, **query: str) -> Visitor:
    request: Any = RequestFactory().get("/centre/sources", query_params={**query})
    return Visitor(web, request, None, _NOON)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["张三", "=HYPERLINK(1)", "阿明"]),
        ("name", ["=HYPERLINK(1)", "阿明", "张三"]),
        ("-name", ["张三", "阿明", "=HYPERLINK(1)"]),
        ("count", ["=HYPERLINK(1)", "张三", "阿明"]),
        ("-count", ["张三", "=HYPERLINK(1)", "阿明"]),
        ("no-such-column", ["张三", "=HYPERLINK(1)", "阿明"]),
    ],
)
async def test_rows_are_sorted_by_what_they_show_and_empty_ones_stand_last(
    web: Web, sort: str, names: list[str]
) -> None:
    table = table_of(_visitor(web, sort=sort), _COLUMNS, _ROWS)
    assert [row[0] for row in table.rows] == names


async def test_a_head_turns_the_order_round_and_keeps_what_is_filtered(web: Web) -> None:
    table = table_of(_visitor(web, sort="name", q="王", after="x"), _COLUMNS, _ROWS, more=True)
    name, count, _ = table.heads
    assert (name.order, count.order) == ("ascending", "")
    assert name.href == "/centre/sources?sort=-name&q=%E7%8E%8B&after=x"
    assert count.href == "/centre/sources?sort=count&q=%E7%8E%8B&after=x"
    assert dict(table.files)["CSV"] == "/centre/sources?sort=name&q=%E7%8E%8B&file=csv"
    assert table.partly


async def test_an_address_leaves_out_what_is_empty(web: Web) -> None:
    request = _visitor(web, q="王", file="csv").request
    assert address(request, q="") == "/centre/sources"


async def test_a_csv_has_the_rows_of_the_page_and_no_formula(web: Web) -> None:
    answer = file_of(_visitor(web, sort="-count"), _COLUMNS, _ROWS, name="x", kind="csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines == [
        ["姓名", "数量", "时间"],
        ["张三", "10", "2026-11-23 12:00"],
        ["'=HYPERLINK(1)", "9", ""],
        ["阿明", "", "2026-11-23 12:00"],
    ]


async def test_a_workbook_has_numbers_times_and_text_as_what_they_are(web: Web) -> None:
    answer = file_of(_visitor(web), _COLUMNS, [*_ROWS, ("a\x00b", 1, None)], name="x", kind="xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    wall = _NOON.astimezone(ZONE).replace(tzinfo=None)
    assert [cell.value for cell in rows[1]] == ["张三", 10, wall]
    assert (rows[2][0].value, rows[2][0].data_type) == ("=HYPERLINK(1)", "s")
    assert rows[4][0].value == "ab"


async def test_a_list_is_sorted_and_taken_away_and_that_is_written_down(
    web: Web, application: Litestar
) -> None:
    here = "/administration/people"
    administrator = Browser(application)
    account = await make(web, "system-administrator", login="zz-administrator")
    await administrator.enter(account.login)
    await administrator.get(f"{here}?sort=-login")
    assert re.search(
        r'aria-sort="descending"><a class="mk-sort" href="[^"]*sort=login', administrator.last
    )
    first = re.search(r'<td class="mk-mono"[^>]*>([^<]+)<', administrator.last)
    assert first
    assert first[1] == account.login
    answer = await administrator.get(f"{here}?file=csv&q=zz-admin")
    assert answer.headers["content-disposition"].endswith("people.csv")
    assert [line.split(",")[1] for line in answer.text.splitlines()] == ["登录名", account.login]
    written = await web.store.pool.fetchval(
        """select count(*) from audit.entry
           where action = 'manage-people' and object_id = 'table.csv' and account = $1""",
        account.id,
    )
    assert written == 1


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("nurse", "/centre/sources"),
        ("nurse", "/centre/messages"),
        ("planner", "/population/differences"),
        ("nurse", "/administration/people"),
        ("nurse", "/audit"),
    ],
)
async def test_who_may_not_see_the_page_gets_no_file(
    web: Web, application: Litestar, role: str, path: str
) -> None:
    browser = Browser(application)
    await browser.log_in((await make(web, role)).login)
    answer = await browser.get(f"{path}?file=xlsx")
    assert answer.status_code == 403
    assert "spreadsheetml" not in answer.headers["content-type"]
