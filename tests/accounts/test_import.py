"""Organisations and people from a spreadsheet: what the dry run says is done, or nothing."""

import csv
import io
import re
import secrets
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from minkang.accounts import Account, Session, log_in
from minkang.accounts.import_rows import (
    COLUMNS,
    MOST_ROWS,
    ORGANISATION_COLUMNS,
    PEOPLE_COLUMNS,
    Row,
    Sheet,
)
from minkang.accounts.initial_password import initial_password
from minkang.accounts.offered_people import KEPT, offer_rows, take_rows
from minkang.accounts.people_import import Plan, PlanChanged, carry_out_import, plan_import
from minkang.accounts.people_template import template
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.exchange.tables import TableFault
from minkang.store import Pool
from minkang.web.people_file import LARGEST, rows_of
from tests.accounts.conftest import NOW, MakeAccount


async def everything(pool: Pool) -> list[Any]:
    """What the tables of people hold, but for passwords, ids made by chance and counters."""
    rows = await pool.fetch(
        """
        select 'o', id, name, kind, level, parent, institution, ends::text
        from accounts.organisation
        union all select 'a', login_key, name, disabled::text, coalesce(staff_code, ''),
            coalesce(licence, ''), sex || '|' || phone, must_change::text from accounts.account
        union all select 'p', a.login_key, p.role, coalesce(p.organisation, ''), p.department,
            p.title, p.begins::text, p.ends::text
        from accounts.post p join accounts.account a on a.id = p.account
        order by 1, 2, 3, 4, 5, 6, 7, 8
        """
    )
    return [tuple(row) for row in rows]


def row(sheet: Sheet, number: int, **cells: str) -> Row:
    return Row(sheet, number, {column: cells.get(column) for column in COLUMNS[sheet]})


def whats(plan: Plan) -> list[str]:
    return [line.what for line in plan.lines]


def rules(plan: Plan) -> list[str]:
    return [f"{line.column}:{line.rule}" for line in plan.lines if line.rule]


@pytest.fixture
def mark() -> str:
    return secrets.token_hex(4)


def hospital(mark: str) -> list[Row]:
    return [
        row("organisations", 2, 机构编号=f"{mark}-nk", 机构名称="内科", 类型="科室",
            上级机构编号=f"{mark}-h"),
        row("organisations", 3, 机构编号=f"{mark}-h", 机构名称="某医院", 类型="综合医院"),
        row("people", 2, 登录名=f"{mark}wang", 姓名="王小明", 角色="专科医生",
            机构编号=f"{mark}-nk", 职务="主任", 人员编号=f"{mark}-1", 性别="男"),
        row("people", 3, 登录名=f"{mark}wang", 姓名="王小明", 角色="gp", 机构编号=f"{mark}-h"),
        row("people", 4, 登录名=f"{mark}li", 姓名="李四", 角色="护士", 机构编号=f"{mark}-nk",
            开始日期="2026-03-05", 结束日期="2026年12月31日"),
    ]  # fmt: skip


async def test_a_dry_run_does_nothing_and_the_import_what_it_said(
    pool: Pool, keys: Keys, log: AuditLog, mark: str
) -> None:
    before = await everything(pool)
    plan = await plan_import(pool, hospital(mark), now=NOW, by=None)
    assert whats(plan) == ["make", "make", "make", "change", "make"]
    assert await everything(pool) == before
    done = await carry_out_import(pool, log, hospital(mark), now=NOW, expected=plan.digest)
    assert done.plan == plan
    assert [one.login for one in done.passwords] == [f"{mark}wang", f"{mark}li"]
    posts = await pool.fetch(
        """select p.role, p.organisation, p.title, p.begins, p.ends, a.must_change, o.institution
           from accounts.post p join accounts.account a on a.id = p.account
           join accounts.organisation o on o.id = p.organisation
           where a.login_key like $1 order by p.role""",
        f"{mark}%",
    )
    assert [one["role"] for one in posts] == ["doctor", "gp", "nurse"]
    assert {one["institution"] for one in posts} == {f"{mark}-h"}
    assert all(one["must_change"] for one in posts)
    nurse = posts[2]
    assert nurse["begins"].isoformat() == "2026-03-04T16:00:00+00:00"
    assert nurse["ends"].isoformat() == "2026-12-31T16:00:00+00:00"
    again = await plan_import(pool, hospital(mark), now=NOW, by=None)
    assert set(whats(again)) == {"same"}
    first = done.passwords[0]
    session = await log_in(
        pool, keys, log, first.login, first.password, address="10.0.0.1", now=NOW
    )
    assert isinstance(session, Session)
    assert "password" in session.waits


async def test_who_leaves_is_ended_and_changes_are_made(
    pool: Pool, log: AuditLog, mark: str
) -> None:
    await carry_out_import(pool, log, hospital(mark), now=NOW)
    later = NOW + timedelta(days=40)
    wang, li = f"{mark}wang", f"{mark}li"
    nk, h = f"{mark}-nk", f"{mark}-h"
    rows = [
        row("people", 2, 登录名=wang, 姓名="王小明", 角色="gp", 机构编号=h, 结束日期="2026-03-31"),
        row("people", 3, 登录名=wang, 姓名="王晓明", 角色="专科医生", 机构编号=nk, 职务="院长"),
        row("people", 4, 登录名=li, 姓名="李四", 账号状态="停用"),
        row("organisations", 2, 机构编号=h, 机构名称="某某医院"),
    ]
    done = await carry_out_import(pool, log, rows, now=later)
    assert whats(done.plan) == ["end", "change", "end", "change"]
    found = await everything(pool)
    assert ("o", h, "某某医院", "hospital", "institution", None, h, None) in found
    assert ("a", li, "李四", "true", "", "", "|", "true") in found
    held = [one[5] for one in found if one[:2] == ("p", wang) and one[7] is None]
    assert held == ["院长"]
    ends = [
        row("organisations", 2, 机构编号=h, 机构名称="某某医院", 状态="停用"),
        row("organisations", 3, 机构编号=nk, 机构名称="内科", 状态="撤销"),
    ]
    closed = await carry_out_import(pool, log, ends, now=later)
    assert whats(closed.plan) == ["end", "end"]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"角色": "飞行员"}, "角色:unknown-word"),
        ({"角色": ""}, "角色:role-needed"),
        ({"角色": "系统管理员", "机构编号": ""}, ""),
        ({"角色": "接入系统"}, "角色:role-of-machines"),
        ({"角色": "居民"}, "角色:person-needed"),
        ({"机构编号": ""}, "机构编号:organisation-needed"),
        ({"机构编号": "nowhere"}, "机构编号:organisation-unknown"),
        ({"姓名": ""}, "姓名:empty"),
        ({"姓名": "=cmd|' /C calc'!A0"}, "姓名:formula"),
        ({"姓名": "@SUM(A1)"}, "姓名:formula"),
        ({"姓名": "+8+HYPERLINK(1)"}, "姓名:formula"),
        ({"姓名": "王" * 300}, "姓名:too-long"),
        ({"登录名": "a b"}, "登录名:login-unsuitable"),
        ({"开始日期": "昨天"}, "开始日期:date"),
        ({"开始日期": "2026-02-30"}, "开始日期:date"),
        ({"开始日期": "20260230"}, "开始日期:date"),
        ({"开始日期": "1999-01-01"}, "开始日期:dates-unsuitable"),
        ({"结束日期": "2026-02-01"}, "开始日期:dates-unsuitable"),
        ({"性别": "其他"}, "性别:unknown-word"),
        ({"电话": "打我"}, "电话:phone-unsuitable"),
        ({"电话": "+86 631-5200000"}, ""),
        ({"账号状态": "停用"}, "登录名:account-unknown"),
    ],
    ids=str,
)
async def test_a_wrong_cell_is_named_by_column_and_rule_and_nothing_is_half_done(
    pool: Pool, log: AuditLog, mark: str, cells: dict[str, str], rule: str
) -> None:
    good = hospital(mark)
    usual = {"登录名": f"{mark}x", "姓名": "某人", "角色": "护士", "机构编号": f"{mark}-h"}
    rows = [*good, row("people", 9, **(usual | cells))]
    plan = await plan_import(pool, rows, now=NOW, by=None)
    assert rules(plan) == ([rule] if rule else [])
    if rule:
        before = await everything(pool)
        with pytest.raises(PlanChanged):
            await carry_out_import(pool, log, rows, now=NOW)
        assert await everything(pool) == before


async def test_roles_that_exclude_each_other_are_refused_in_one_file(pool: Pool, mark: str) -> None:
    rows = [
        *hospital(mark),
        row("people", 8, 登录名=f"{mark}wang", 姓名="王小明", 角色="审计管理员"),
    ]
    plan = await plan_import(pool, rows, now=NOW, by=None)
    assert rules(plan) == ["角色:roles-apart"]


async def test_by_page_no_administrators_and_nothing_about_oneself(
    pool: Pool, make_account: MakeAccount, mark: str
) -> None:
    own = await make_account(role="system-administrator")
    rows = [
        row("people", 2, 登录名=f"{mark}a", 姓名="某人", 角色="安全管理员"),
        row("people", 3, 登录名=own.login, 姓名="改名"),
    ]
    plan = await plan_import(pool, rows, now=NOW, by=own)
    assert rules(plan) == ["角色:operator-only", "登录名:own-account"]


async def test_the_same_organisation_twice_is_refused_both_times(pool: Pool, mark: str) -> None:
    rows = [
        row("organisations", n, 机构编号=mark, 机构名称=f"名{n}", 类型="诊所、门诊部")
        for n in (2, 3)
    ]
    assert rules(await plan_import(pool, rows, now=NOW, by=None)) == ["机构编号:twice"] * 2


async def test_what_has_changed_since_it_was_shown_is_not_done(
    pool: Pool, log: AuditLog, mark: str
) -> None:
    shown = await plan_import(pool, hospital(mark), now=NOW, by=None)
    await carry_out_import(pool, log, hospital(mark)[1:2], now=NOW)
    with pytest.raises(PlanChanged) as changed:
        await carry_out_import(pool, log, hospital(mark), now=NOW, expected=shown.digest)
    assert whats(changed.value.plan)[1] == "same"


async def test_without_audit_nothing_is_imported(pool: Pool, log: AuditLog, mark: str) -> None:
    before = await everything(pool)
    await log.close()
    with pytest.raises(AuditUnavailable):
        await carry_out_import(pool, log, hospital(mark), now=NOW)
    assert await everything(pool) == before


async def test_rows_that_were_offered_are_taken_once_by_the_same_person_in_time(
    pool: Pool, mark: str
) -> None:
    async def offer() -> Any:
        return await offer_rows(pool, hospital(mark), b"digest", account="me", now=NOW)

    number = await offer()
    assert await take_rows(pool, number, account="other", now=NOW) is None
    taken = await take_rows(pool, number, account="me", now=NOW + KEPT)
    assert taken is not None
    assert (taken.rows, taken.digest) == (hospital(mark), b"digest")
    assert await take_rows(pool, number, account="me", now=NOW) is None
    late = await offer()
    assert await take_rows(pool, late, account="me", now=NOW + KEPT + timedelta(seconds=1)) is None


logins = st.sampled_from(["hyp-a", "hyp-b", "hyp-c", "h y", ""])
places = st.sampled_from(["", "HYP-1", "HYP-2", "HYP-3", "nowhere"])
days = st.sampled_from(["", "2026-02-20", "2026-03-01", "2026-09-09", "9999-99-99"])
people = st.fixed_dictionaries(
    {
        "登录名": logins,
        "姓名": st.sampled_from(["甲", "乙", "=1"]),
        "角色": st.sampled_from(["", "护士", "doctor", "审计管理员", "规划人员", "无"]),
        "机构编号": places,
        "职务": st.sampled_from(["", "组长"]),
        "人员编号": st.sampled_from(["", "HYP1", "HYP2"]),
        "开始日期": days,
        "结束日期": days,
        "账号状态": st.sampled_from(["", "", "启用", "停用"]),
    }
)
organisations = st.fixed_dictionaries(
    {
        "机构编号": places,
        "机构名称": st.sampled_from(["一", "二"]),
        "类型": st.sampled_from(["", "综合医院", "科室", "村卫生室"]),
        "上级机构编号": places,
        "状态": st.sampled_from(["", "", "在用", "停用"]),
    }
)


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(organisations, max_size=4), st.lists(people, max_size=5))
async def test_whatever_the_rows_the_import_does_what_its_dry_run_said(
    pool: Pool,
    log: AuditLog,
    organisations: list[dict[str, str]],
    people: list[dict[str, str]],
) -> None:
    rows = [row("organisations", n, **cells) for n, cells in enumerate(organisations, 2)]
    rows += [row("people", n, **cells) for n, cells in enumerate(people, 2)]
    before = await everything(pool)
    plan = await plan_import(pool, rows, now=NOW, by=None)
    assert await everything(pool) == before
    assert [line.number for line in plan.lines] == [one.number for one in rows]
    if plan.refused:
        with pytest.raises(PlanChanged):
            await carry_out_import(pool, log, rows, now=NOW, expected=plan.digest)
        assert await everything(pool) == before
        return
    done = await carry_out_import(pool, log, rows, now=NOW, expected=plan.digest)
    assert done.plan == plan
    assert (await everything(pool) != before) == bool(plan.changes)


# --- files


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def comma_separated(*lines: tuple[str, ...], charset: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode(charset)


def test_both_sheets_of_a_workbook_are_read_and_others_left_alone() -> None:
    raw = workbook(
        说明=[["随便"]],
        人员=[["登录名", "姓名", "人员编号"], ["wang", "王", 12345]],
        机构=[["机构编号", "机构名称"], ["H1", "某院"], [], ["H2", "又一院"]],
    )
    found = [(one.sheet, one.number, one.cells) for one in rows_of(raw)]
    assert found == [
        ("people", 2, {"登录名": "wang", "姓名": "王", "人员编号": "12345"}),
        ("organisations", 2, {"机构编号": "H1", "机构名称": "某院"}),
        ("organisations", 4, {"机构编号": "H2", "机构名称": "又一院"}),
    ]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_is_known_by_its_heading(charset: str) -> None:
    raw = comma_separated(("机构编号", "机构名称"), ("H1", "某院"), charset=charset)
    assert [(one.sheet, one.cells["机构名称"]) for one in rows_of(raw)] == [
        ("organisations", "某院")
    ]
    assert rows_of(comma_separated(("登录名", "姓名"), ("a", "甲")))[0].sheet == "people"


def test_the_template_has_the_columns_and_no_rows() -> None:
    assert rows_of(template()) == []
    names = zipfile.ZipFile(io.BytesIO(template())).namelist()
    assert "xl/worksheets/sheet3.xml" in names
    assert set(ORGANISATION_COLUMNS) & set(PEOPLE_COLUMNS) == {"机构编号"}


def _formula() -> bytes:
    return workbook(人员=[["登录名", "姓名"], ["wang", "=HYPERLINK(1)"], ["li", "李"]])


def test_a_formula_in_a_workbook_is_a_fault_of_its_row() -> None:
    one, other = rows_of(_formula())
    assert one.fault is not None
    assert one.fault[:2] == ("姓名", "formula")
    assert other.cells == {"登录名": "li", "姓名": "李"}


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
    return out.getvalue()


def _entities() -> bytes:
    raw = workbook(人员=[["登录名", "姓名"], ["wang", "王"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.startswith("xl/worksheets/"):
                text = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + text
            new.writestr(part, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", ""),
        (b"\x00\x01\x02", ""),
        (b"PK\x03\x04 no archive", "workbook"),
        (b"\xd0\xcf\x11\xe0 old", "old-excel"),
        (_bomb(), "too-many"),
        (_entities(), "entities"),
        (b"a" * (LARGEST + 1), "too-many"),
        (comma_separated(("登录名", "姓名", "密码"), ("a", "b", "c")), "columns"),
        (comma_separated(("登录名",), ("a",)), "columns"),
        (workbook(机构=[["登录名", "姓名"], ["a", "b"]]), "columns"),
        (
            comma_separated(("登录名", "姓名"), *[("a", "b")] * (MOST_ROWS + 1)),
            "too-many",
        ),
    ],
    ids=[
        "empty", "bytes", "no-archive", "old", "bomb", "entities", "huge", "unknown-column",
        "missing-column", "wrong-sheet", "many-rows",
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_whole(raw: bytes, rule: str) -> None:
    if not rule:
        try:
            assert rows_of(raw) == []
        except TableFault:
            return
    else:
        with pytest.raises(TableFault) as fault:
            rows_of(raw)
        assert fault.value.rule == rule


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        assert isinstance(rows_of(raw), list)
    except TableFault as fault:
        assert fault.text or fault.rule  # noqa: PT017 - either is right, nothing else


def test_first_passwords_are_long_speakable_and_never_the_same() -> None:
    made = {initial_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-z]{4}[2-9]-){3}[a-z]{4}[2-9]", one) for one in made)


def test_an_account_is_frozen_and_hashable() -> None:
    one = Account("1", "x", "某人", "doctor", "MK1", "某院", None, scopes=("a",))
    assert hash(one) == hash(
        Account("1", "x", "某人", "doctor", "MK1", "某院", None, scopes=("a",))
    )
