"""The three administrators: from the home page to the person, the policy, the app, the log.

`xitong` makes accounts, `anquan` and `anquan2` decide what may be seen, `shenji` watches all of
them; none of them can do the work of another. Each way is walked in the clicks that
docs/users/first-steps.md writes down, and what was done is undone: others use the demonstration.
"""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Windows, windows
from tests.e2e.clicks import card, heading, look_at, said, walk
from tests.e2e.installation import Installation
from tests.e2e.running import Cast

pytestmark = [pytest.mark.browser, pytest.mark.prove]

SYSTEM, SECURITY, AUDIT = "系统管理员", "安全管理员", "审计管理员"
RULE = "医务人员可查找居民，结果只显示掩码后的姓名、性别、年龄"


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def door(page: Page, name: str) -> Locator:
    """Where somebody may go, on the home page."""
    return page.locator(".mk-doors a").filter(has_text=re.compile(rf"^\s*{name}"))


def test_unified_identity_access_a_nurse_comes_moves_on_and_leaves(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xitong")
    login, name = f"hushi-{secrets.token_hex(3)}", "莫小棠"
    with walk(page, SYSTEM, "添加人员") as way:
        look_at(page, "system-home")
        way.click(door(page, "人员"))
        heading(page, "人员")
        look_at(page, "system-people")
        way.click(page.get_by_role("link", name="添加人员"))
        page.get_by_label("登录名").fill(login)
        page.get_by_label("姓名").fill(name)
        page.get_by_label("角色").select_option("nurse")
        page.get_by_label("机构").select_option(label=hospital(page))
        look_at(page, "system-person-new")
        way.click(page.get_by_role("button", name="建立账号"))
        heading(page, "账号已建立")
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    page.get_by_role("link", name="已记下，去这个人的页面").click()
    heading(page, re.compile(name))
    look_at(page, "system-person")
    row = page.get_by_role("row").filter(has_text="海滨人民医院").first
    row.locator("summary").click()
    row.get_by_label("原因").fill("轮转结束")
    row.get_by_role("button", name="结束这个岗位").click()
    expect(said(page)).to_contain_text("岗位的结束已记下")
    with walk(page, SYSTEM, "给没有岗位的人补岗位") as way:
        way.click(card(page, "没有岗位的人员"))
        heading(page, "人员")
        row = page.get_by_role("row").filter(has_text=login)
        way.click(row.get_by_role("link"))
        page.get_by_label("角色").select_option("nurse")
        page.get_by_label("机构").select_option(label=hospital(page))
        way.click(page.get_by_role("button", name="授予", exact=True))
        expect(said(page)).to_contain_text("岗位已授予")
    page.get_by_role("button", name="停用账号").click()
    expect(page.locator(".mk-head").get_by_text("已停用")).to_be_visible()


def hospital(page: Page) -> str:
    """The choice of the demonstration's first hospital, as its list words it."""
    words = page.get_by_label("机构").locator("option").all_text_contents()
    return next(one for one in words if "海滨人民医院" in one)


def test_data_security_privacy_the_policy_is_tried_changed_by_two_and_taken_back(
    platform: Installation, chromium_windows: Windows, cast: Cast
) -> None:
    first = chromium_windows.open("anquan")
    with walk(first, SECURITY, "试算一个人能不能看") as way:
        look_at(first, "security-home")
        way.click(door(first, "访问策略"))
        heading(first, "访问策略")
        look_at(first, "security-policy")
        way.click(first.get_by_role("link", name="试算"))
        heading(first, "策略试算")
        first.get_by_label("居民（电子健康码，或平台内编号）").fill(cast.own.person)
        first.get_by_label("登录名").fill("nanyi")
        first.get_by_label("想做什么").select_option("open-record")
        way.click(first.get_by_role("button", name="为什么"))
        expect(first.get_by_role("heading", name=re.compile("周南"))).to_contain_text("拒绝")
    expect(first.get_by_role("main")).not_to_contain_text(cast.own.name)
    look_at(first, "security-policy-why")

    before = in_force(platform)
    second = chromium_windows.open("anquan2")
    propose(first)
    try:
        with walk(second, SECURITY, "复核一次策略修改") as way:
            way.click(card(second, "策略修改"))
            waiting = second.get_by_role("status").get_by_role("link", name=re.compile("待批准"))
            way.click(waiting.last)
            expect(second.get_by_text("与现行版本的文字差异")).to_be_visible()
            way.click(second.get_by_role("button", name="批准，立即执行"))
            expect(second.locator("h1")).not_to_contain_text("待批准")
        assert in_force(platform) > before
    finally:
        if in_force(platform) > before:
            roll_back(first, second, before)
    restored = "select text from policy.version where number = any($1::int[])"
    assert len({row["text"] for row in platform.fetch(restored, [before, in_force(platform)])}) == 1


def in_force(platform: Installation) -> int:
    """The number of the version of the policy that decides now."""
    asked = "select max(number) as n from policy.version where state = 'in-force'"
    return int(platform.fetch(asked)[0]["n"])


def propose(page: Page) -> None:
    """Reword a rule, so that nobody may see more or less while the others' tests go on."""
    page.goto("/security/policy/edit")
    table = page.get_by_label("策略表（YAML）")
    text = table.input_value()
    assert text.count(RULE) == 1
    table.fill(text.replace(RULE, f"{RULE}（说明已修订）"))
    page.get_by_label("为什么改").fill("把说明写清楚")
    page.get_by_role("button", name="检查").click()
    expect(page.get_by_role("heading", name=re.compile("0 种情形的结果会变"))).to_be_visible()
    look_at(page, "security-policy-edit")
    page.get_by_role("button", name="提交，待另一位批准").click()
    expect(page.get_by_text("须由另一位安全管理员批准")).to_be_visible()
    expect(page.get_by_role("button", name="批准，立即执行")).to_have_count(0)


def roll_back(first: Page, second: Page, number: int) -> None:
    """The version that was in force before is proposed by one and approved by the other."""
    first.goto(f"/security/policy/versions/{number}")
    first.get_by_label("为什么恢复这一版").fill("故事结束")
    first.get_by_role("button", name="提出恢复这一版").click()
    expect(first.get_by_text("须由另一位安全管理员批准")).to_be_visible()
    second.goto(first.url)
    second.get_by_role("button", name="批准，立即执行").click()
    expect(second.get_by_role("button", name="批准，立即执行")).to_have_count(0)


def test_data_security_privacy_an_app_reads_nothing_before_the_other_administrator_agrees(
    chromium_windows: Windows,
) -> None:
    system, name = chromium_windows.open("xitong"), f"血压助手 {secrets.token_hex(2)}"
    with walk(system, SYSTEM, "登记一个接入应用") as way:
        way.click(door(system, "接入应用"))
        way.click(system.get_by_role("link", name="登记应用"))
        for label, words in (
            ("名称", name),
            ("用途", "让居民记录血压"),
            ("责任单位", "海滨人民医院"),
            ("联系方式", "信息科"),
            ("回调地址", "https://app.example/back"),
            ("权限范围", "patient/Observation.rs"),
        ):
            system.get_by_label(label, exact=True).fill(words)
        look_at(system, "system-app")
        way.click(system.get_by_role("button", name="保存"))
        heading(system, name)
    security = chromium_windows.open("anquan2")
    with walk(security, SECURITY, "审核一个接入应用") as way:
        way.click(card(security, "应用申请"))
        way.click(security.get_by_role("link", name=name))
        look_at(security, "security-app")
        way.click(security.get_by_role("button", name="批准"))
        expect(security.get_by_text("已批准").first).to_be_visible()
    security.get_by_role("link", name="全部应用").click()
    security.get_by_role("link", name=name).click()
    security.get_by_role("button", name="停用").click()
    expect(security.get_by_text("已停用").first).to_be_visible()


def test_cyber_security_the_data_key_is_changed_while_everybody_works(
    platform: Installation, chromium_windows: Windows
) -> None:
    page = chromium_windows.open("anquan")
    with walk(page, SECURITY, "更换数据密钥") as way:
        way.click(door(page, "密钥"))
        heading(page, "密钥")
        look_at(page, "security-keys")
        way.click(page.get_by_role("button", name="更换数据密钥"))
        expect(said(page)).to_contain_text("已换新的数据密钥")
    assert platform.whole()
    with walk(page, SECURITY, "看安全自查") as way:
        way.click(door(page, "安全自查"))
        heading(page, "安全自查")
        look_at(page, "security-list")


def test_consent_authorization_an_emergency_look_is_judged_by_somebody_else(
    platform: Installation, chromium_windows: Windows, cast: Cast
) -> None:
    why = f"昏迷患者，须立即知道过敏史 {secrets.token_hex(2)}"
    with platform.logged_in("diaodu") as dispatcher:
        form = {"reason": "unconscious", "explanation": why}
        assert dispatcher.post(f"/record/{cast.other.person}/glass", data=form).status_code == 303
    page = chromium_windows.open("anquan")
    with walk(page, SECURITY, "复核紧急查阅") as way:
        way.click(card(page, "紧急查阅复核"))
        heading(page, "紧急查阅复核")
        look_at(page, "security-glass")
        way.click(page.get_by_role("row").filter(has_text="赵鸣").last.get_by_role("link"))
        expect(page.get_by_role("main")).to_contain_text(why)
        expect(page.get_by_role("main")).not_to_contain_text(cast.other.name)
        look_at(page, "security-glass-one")
        page.get_by_label("意见或问题").fill("与急救记录一致")
        way.click(page.get_by_role("button", name="理由成立", exact=True))
        expect(page.get_by_role("main")).to_contain_text("与急救记录一致")


def test_data_security_privacy_the_auditor_searches_answers_and_verifies(
    platform: Installation, chromium_windows: Windows, cast: Cast
) -> None:
    with platform.logged_in("yisheng") as doctor:
        assert doctor.get(f"/record/{cast.own.person}").status_code in (200, 403)
    words = f"那天我没有去看病，请查一查 {secrets.token_hex(2)}"
    resident = chromium_windows.open("jumin", phone=True)
    with walk(resident, "居民", "看谁看过我的档案，提出异议") as way:
        way.click(resident.get_by_role("main").get_by_role("link", name=re.compile("谁看过")))
        entry = resident.get_by_role("listitem").filter(has_text="王海燕").first
        way.click(entry.get_by_text("有异议？"))
        entry.get_by_label("您的异议").fill(words)
        way.click(entry.get_by_role("button", name="提交"))
        expect(resident.locator("#objections")).to_contain_text(words)
    page = chromium_windows.open("shenji")
    with walk(page, AUDIT, "答复居民异议") as way:
        look_at(page, "audit-home")
        way.click(card(page, "居民异议"))
        heading(page, "居民异议")
        asked = page.locator(".mk-list > li").filter(has_text=words)
        expect(asked).not_to_contain_text(cast.own.name)
        look_at(page, "audit-objections")
        asked.get_by_label("答复（居民会看到）").fill("当天确有您的就诊登记，查阅合规。")
        way.click(asked.get_by_role("button", name="查阅合规"))
        expect(page.get_by_text(words)).to_have_count(0)
    resident.reload()
    expect(resident.locator("#objections")).to_contain_text("当天确有您的就诊登记")

    with walk(page, AUDIT, "查一位居民被谁看过") as way:
        way.click(door(page, "审计日志"))
        heading(page, "审计日志")
        page.get_by_label("居民编号").fill(cast.own.person)
        way.click(page.get_by_role("button", name="筛选"))
        expect(page.get_by_role("region", name="记录")).to_contain_text("王海燕")
    look_at(page, "audit-search")
    page.get_by_role("region", name="记录").locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="同一条链上的前后记录")).to_be_visible()
    look_at(page, "audit-entry")

    with walk(page, AUDIT, "核验日志") as way:
        way.click(card(page, "审计日志核验"))
        heading(page, "完整性核验")
        way.click(page.get_by_role("button", name="核验最近 7 天"))
        first = page.locator("main .mk-list > li").first
        expect(first).to_contain_text("完整", timeout=120_000)
        expect(first).not_to_contain_text("不完整")
    look_at(page, "audit-verification")
