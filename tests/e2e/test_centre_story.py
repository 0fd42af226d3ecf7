"""The information centre: from the home page to the alarm, the message, the code, the pair.

Two colleagues, `xinxi` and `xinxi2`. Each way is walked in the clicks that
docs/users/first-steps.md writes down, and what was done is undone: others use the demonstration.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Windows, windows
from tests.e2e.clicks import card, heading, look_at, said, walk
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes

pytestmark = [pytest.mark.browser, pytest.mark.prove]

CENTRE = "信息中心"
WHY = "窗口电话核实过"


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def limit(page: Page, source: str, minutes: int) -> None:
    """After how many minutes without a message a source is called silent."""
    page.goto(f"/centre/sources/{source}#settings")
    page.get_by_label("多少分钟没有消息就告警").fill(str(minutes))
    page.locator("#settings").get_by_role("button", name="保存").click()
    expect(said(page)).to_contain_text("已保存")


def test_institution_onboarding_a_silent_source_raises_an_alarm_and_somebody_takes_it_on(
    platform: Installation, chromium_windows: Windows
) -> None:
    page = chromium_windows.open("xinxi")
    longest = platform.fetch(
        """select s.id, s.name, s.silent_after from exchange.source s
           join exchange.hour h on h.source = s.id and h.last is not null
           where s.enabled and s.stage = 'live' group by s.id order by max(h.last), s.id limit 1"""
    )[0]

    def lasting() -> bool:
        asked = (
            "select from exchange.alarm where source = $1 and raised is not null and ended is null"
        )
        return bool(platform.fetch(asked, longest["id"]))

    limit(page, longest["id"], 1)
    try:
        assert becomes(lasting, 180)
        with walk(page, CENTRE, "处理告警") as way:
            expect(page.locator(".mk-todo-card.is-danger").first).to_contain_text("告警")
            look_at(page, "centre-home")
            way.click(card(page, "告警"))
            heading(page, "告警")
            one = page.locator(".mk-problem").filter(has_text=longest["name"])
            expect(one).to_contain_text("超过 1 分钟没有消息或心跳")
            look_at(page, "centre-alarms")
            way.click(one.get_by_role("button", name="认领"))
            expect(one).to_contain_text("林晓明 已认领")
    finally:
        limit(page, longest["id"], longest["silent_after"])
    assert becomes(lambda: not lasting(), 180), "an alarm ends by itself with its reason"
    page.goto("/centre/alarms")
    expect(page.get_by_role("region", name="已结束")).to_contain_text("林晓明")


def test_data_quality_a_message_put_aside_says_where_it_is_wrong_and_is_replayed(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xinxi")
    with walk(page, CENTRE, "看没有入库的消息并重放") as way:
        way.click(card(page, "隔离区"))
        heading(page, "隔离区")
        look_at(page, "centre-quarantine")
        row = page.locator("tbody tr").filter(has_text="PV1-44").first
        expect(row).to_contain_text("不是日历上的日期")
        way.click(row.get_by_role("button", name="重放", exact=True))
        done = page.get_by_role("status").filter(has_text="重放 1 条")
        expect(done).to_contain_text("入库 0 条，仍被隔离 1 条")
    page.locator("tbody tr").filter(has_text="PV1-44").first.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("PV1-44")
    look_at(page, "centre-message")


def test_data_quality_from_the_score_of_a_source_to_the_rule_that_costs_it(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xinxi")
    with walk(page, CENTRE, "看一个来源的质量") as way:
        way.click(page.get_by_role("main").get_by_role("link", name=re.compile("^质量")))
        heading(page, "质量")
        look_at(page, "centre-quality")
        way.click(page.get_by_role("main").get_by_role("link", name="海滨人民医院").first)
        heading(page, re.compile("海滨人民医院"))
        look_at(page, "centre-quality-source")


def test_information_exchange_a_day_of_a_source_is_compared_with_what_it_says_it_sent(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xinxi")
    with walk(page, CENTRE, "看一天是否到齐") as way:
        way.click(page.get_by_role("main").get_by_role("link", name=re.compile("^对账")))
        heading(page, "对账")
        look_at(page, "centre-reconciliation")
        day = page.get_by_role("link", name=re.compile(r"^海滨人民医院 .* 已对平$"))
        way.click(day.first)
        heading(page, re.compile("海滨人民医院"))
        expect(page.get_by_role("main")).to_contain_text("来源自报")
        look_at(page, "centre-reconciliation-day")


def test_standards_coding_a_code_of_a_hospital_is_mapped_and_the_mapping_taken_back(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xinxi")
    with walk(page, CENTRE, "对照一个编码") as way:
        way.click(card(page, "待对照编码"))
        heading(page, "编码对照")
        look_at(page, "centre-codes")
        row = page.locator("tbody tr").filter(has_text="MedicationRequest.dosageInstruction.route")
        way.click(row.filter(has_text="口服").first.locator("th").get_by_role("link"))
        heading(page, re.compile("口服"))
        here = page.url
        page.get_by_label("目标编码系统").first.select_option(label="用药途径代码表")
        page.get_by_label("代码、名称或拼音首字母").fill("口服")
        way.click(page.get_by_role("button", name="查找", exact=True))
        found = page.get_by_role("list", name="查找结果").get_by_role("listitem")
        expect(found.first).to_contain_text("口服")
        look_at(page, "centre-code")
        way.click(found.first.get_by_role("button"))
    page.goto(here)
    done = page.get_by_role("status").filter(has_text="已对照为")
    expect(done).to_contain_text("林晓明")
    done.get_by_role("button", name="撤销").click()
    page.goto(here)
    expect(done).to_have_count(0)


def test_empi_a_pair_is_joined_only_when_a_second_person_agrees(chromium_windows: Windows) -> None:
    page = chromium_windows.open("xinxi")
    with walk(page, CENTRE, "核对是否同一人") as way:
        way.click(card(page, "待核对登记"))
        heading(page, "主索引")
        look_at(page, "centre-pairs")
        way.click(page.get_by_role("link", name="从第一对开始"))
        expect(page.get_by_role("heading", name="逐项对照")).to_be_visible()
        expect(page.get_by_text("其中有敏感内容")).to_be_visible()
        look_at(page, "centre-pair")
        pair = page.url
        way.click(page.get_by_text("同一人", exact=True).and_(page.locator("label strong")))
        page.get_by_label("理由", exact=True).fill(WHY)
        way.click(page.get_by_role("button", name="提交", exact=True))
        expect(page.get_by_role("status").filter(has_text="上一对已提交")).to_be_visible()
    page.goto(pair)
    expect(page.get_by_text("须由另一位同事复核，不能复核自己提出的。")).to_be_visible()
    second = chromium_windows.open("xinxi2")
    with walk(second, CENTRE, "复核同事提出的合并") as way:
        way.click(card(second, "待第二人复核"))
        row = second.locator("tbody tr").filter(has_text=WHY)
        expect(row).to_contain_text("林晓明")
        look_at(second, "centre-second")
        way.click(row.first.get_by_role("link"))
        expect(second.get_by_text(WHY).first).to_be_visible()
        way.click(second.get_by_role("button", name="不同意"))
        expect(second.get_by_text("复核未通过").first).to_be_visible()
    page.goto("/centre/identity/review/second")
    expect(page.get_by_text(WHY)).to_have_count(0)


def test_population_health_platform_a_difference_of_the_register_is_settled_and_reopened(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("xinxi2")
    with walk(page, CENTRE, "核对一条登记差异") as way:
        way.click(card(page, "登记差异"))
        heading(page, "与就诊资料的差异")
        look_at(page, "centre-differences")
        way.click(page.get_by_role("main").get_by_role("link", name="出生日期不同").first)
        heading(page, "出生日期不同")
        page.get_by_label("理由", exact=True).fill(WHY)
        look_at(page, "centre-difference")
        way.click(page.get_by_role("region", name="核对", exact=True).get_by_role("button").first)
        expect(page.get_by_role("region", name="核对记录")).to_contain_text(WHY)
    page.get_by_label("理由", exact=True).fill("故事结束，重新核对")
    page.get_by_role("button", name="重新核对").click()
    expect(page.get_by_role("region", name="核对", exact=True)).to_be_visible()
