"""Nurse, dispatcher, maternal and child health, disease control, supervision, and two whose work is
elsewhere: from the home page to what each can do today.

Each way is walked in the clicks that docs/users/first-steps.md writes down.
"""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.clicks import heading, look_at, said, walk
from tests.e2e.installation import Installation
from tests.e2e.running import Cast
from tests.region import Resident

pytestmark = [pytest.mark.browser, pytest.mark.prove]


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def by_menu(page: Page, name: str) -> None:
    """The page is in the role's menu, too."""
    menu = page.get_by_role("navigation", name="主菜单")
    expect(menu.get_by_role("link", name=name, exact=True)).to_be_visible()


def find(page: Page, resident: Resident) -> None:
    """Type the ID number into the find box of the home page and wait for the answer."""
    box = page.get_by_label("身份证号、姓名、拼音或电子健康码")
    box.fill(resident.id_number)
    expect(page.locator("#results .mk-person").first).to_be_visible()


@pytest.mark.parametrize("login", ["jikong", "jiandu"])
def test_public_health_platform_the_region_and_its_people_are_a_click_away(
    chromium_windows: Windows, login: str
) -> None:
    page = chromium_windows.open(login)
    role = {"jikong": "疾控", "jiandu": "监管"}[login]
    with walk(page, role, "看全区域数字") as way:
        look_at(page, f"{login}-home")
        way.click(page.locator(".mk-doors a[href='/region']"))
        heading(page, "全区域")
    look_at(page, f"{login}-region")
    with walk(page, role, "看人口") as way:
        way.click(page.locator(".mk-doors a[href='/population']"))
        heading(page, "全区域")
        expect(page.get_by_text("不能由此推出任何个人")).to_be_visible()
    look_at(page, f"{login}-population")
    by_menu(page, "建档率")


def test_public_health_platform_disease_control_is_told_where_its_cases_are(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("jikong")
    expect(page.get_by_role("main")).to_contain_text("法定传染病病例目前通过接口读取")
    assert page.get_by_role("link", name="查找居民").count() == 0


def test_record_sharing_the_dispatcher_looks_in_an_emergency_and_the_supervisor_judges(
    platform: Installation, chromium_windows: Windows
) -> None:
    resident = platform.residents()[-1]
    page = chromium_windows.open("diaodu", phone=True)
    person = platform.person(resident.id_number).person
    chromium_windows.refusals.add(f"/record/{person}")
    why = f"路边昏迷，呼之不应，急需过敏史 {secrets.token_hex(2)}"
    with walk(page, "120 调度", "紧急查阅") as way:
        find(page, resident)
        assert fits(page)
        assert faults(page) == []
        picture(page, "dispatcher-find")
        way.click(page.locator("#results .mk-person").first)
        heading(page, "暂时不能打开这份档案")
        way.click(page.get_by_text("紧急情况，必须马上查阅？"))
        page.get_by_label("紧急情况", exact=True).select_option("unconscious")
        page.get_by_label("具体情况").fill(why)
        assert faults(page) == []
        picture(page, "dispatcher-glass")
        way.click(page.get_by_role("button", name="紧急查阅", exact=True))
        expect(page.locator("[data-connection]").first).to_be_attached()
    assert fits(page)
    assert faults(page) == []
    picture(page, "dispatcher-record", whole=True)
    supervisor = chromium_windows.open("jiandu")
    supervisor.goto("/glass")
    heading(supervisor, "紧急查阅复核")
    look_at(supervisor, "supervisor-glass")


def test_maternity_child_health_finds_a_small_child_and_opens_what_concerns_her(
    platform: Installation, chromium_windows: Windows
) -> None:
    youngest = max(platform.residents(), key=lambda one: one.birth_date)
    page = chromium_windows.open("fuyou")
    with walk(page, "妇幼保健", "打开居民档案") as way:
        find(page, youngest)
        look_at(page, "maternal-find")
        way.click(page.locator("#results .mk-person").first)
        heading(page, re.compile(youngest.name))
    look_at(page, "maternal-record")


def test_e_health_card_the_nurse_issues_a_code_at_the_desk(
    platform: Installation, chromium_windows: Windows, cast: Cast
) -> None:
    taken = "select from identity.code where person = $1"
    without = (
        (truth, person)
        for truth, person in platform.persons()
        if person.person not in (cast.own.person, cast.other.person)
        and not platform.fetch(taken, person.person)
    )
    truth, _ = next(without)
    page = chromium_windows.open("hushi")
    with walk(page, "护士", "办健康码") as way:
        look_at(page, "nurse-home")
        menu = page.get_by_role("navigation", name="主菜单")
        way.click(menu.get_by_role("link", name="健康码窗口"))
        heading(page, "健康码窗口")
        page.get_by_label("身份证号、健康码或已绑定的卡号").fill(truth.id_number)
        page.get_by_label("姓名", exact=True).fill(truth.name)
        way.click(page.get_by_role("button", name="查找"))
        expect(page.get_by_text("没有健康码")).to_be_visible()
        look_at(page, "nurse-desk")
        if page.get_by_label("纸质同意书编号").count():  # who never agreed signs on paper first
            page.get_by_label("纸质同意书编号").fill("故事-1")
            page.locator("#signed").check()
        way.click(page.get_by_role("button", name="发放健康码"))
        expect(said(page)).to_be_visible()
        expect(page.get_by_text("没有健康码")).to_have_count(0)
    look_at(page, "nurse-code")


@pytest.mark.parametrize(
    ("login", "role", "words"),
    [
        ("yuanxin", "医院信息科", "请带上消息编号联系信息中心"),
        ("yanjiu", "研究人员", "不向研究人员开放任何可以识别个人的页面"),
    ],
)
def test_research_data_service_a_role_without_pages_is_told_whom_to_ask(
    chromium_windows: Windows, login: str, role: str, words: str
) -> None:
    page = chromium_windows.open(login)
    with walk(page, role, "（工作不在页面上）"):
        expect(page.get_by_role("main")).to_contain_text(words)
        look_at(page, f"{login}-home")
    answer = page.request.get("/centre/messages", max_redirects=0)
    assert answer.status == 403
