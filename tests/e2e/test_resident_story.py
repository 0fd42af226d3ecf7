"""An old resident with a phone: from the home page to each thing she came for, and back.

Proves ehr-resident-access, report-image-query and resident-portal as far as the record goes: the
code, results with what they mean, medicines, visits, documents, the emergency sheet, who looked.
The count of taps from the home page stands in each step.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.installation import Installation

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
_FINGER = 44  # px; WCAG 2.1, 2.5.5, and the rules for the old
_TARGETS = """least => [...document.querySelectorAll(
        'main a, main button, main summary, .mk-nav a')]
    .filter(one => one.checkVisibility() && !one.closest('.visually-hidden'))
    .filter(one => one.getBoundingClientRect().height < least - 0.5)
    .map(one => one.textContent.trim())"""
_PATHS = (
    "/me",
    "/me/record",
    "/me/results",
    "/me/medicines",
    "/me/visits",
    "/me/vaccinations",
    "/me/documents",
    "/me/emergency",
    "/me/more",
)


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def heading(page: Page, text: str) -> None:
    """The page that one has come to."""
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()


def home(page: Page) -> None:
    """By the menu at the bottom of the screen."""
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="首页").tap()
    expect(page.get_by_role("heading", level=1, name=re.compile("您好"))).to_be_visible()


def open_by_tile(page: Page, name: str, title: str) -> None:
    """One tap from the home page."""
    page.get_by_role("navigation", name="常用").get_by_role("link", name=name).tap()
    heading(page, title)


def test_an_old_resident_finds_her_way_on_a_phone(chromium_windows: Windows) -> None:
    page = chromium_windows.open("jumin", phone=True)
    expect(page.locator("#code")).to_be_visible()
    assert page.locator(".mk-nav li").count() <= 5
    picture(page, "resident-1-home", whole=True)

    open_by_tile(page, "检验结果", "检验结果")  # 1 tap
    row = page.locator(".mk-own-result").first
    expect(row.locator(".mk-light")).to_have_text(re.compile(r"\S"))  # words, not colour alone
    picture(page, "resident-2-results")
    name = row.get_by_role("link").inner_text()
    row.get_by_role("link").tap()  # 2 taps
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()
    expect(page.locator("#item table tbody tr").first).to_be_visible()
    picture(page, "resident-3-one-result")
    page.go_back()
    heading(page, "检验结果")
    page.get_by_role("link", name="我的档案").tap()
    heading(page, "我的档案")
    expect(page.get_by_role("heading", name="要长期管的病")).to_be_visible()
    picture(page, "resident-4-record", whole=True)

    home(page)
    open_by_tile(page, "我的用药", "用药")  # 1 tap
    picture(page, "resident-5-medicines")

    home(page)
    open_by_tile(page, "看病记录", "看病记录")  # 1 tap
    visit = page.locator(".mk-own-visit").first
    visit.locator("summary").tap()  # 2 taps
    expect(visit.locator("dl")).to_be_visible()
    picture(page, "resident-6-visit")

    home(page)
    open_by_tile(page, "急救卡", "急救卡")  # 1 tap
    expect(page.get_by_text("急救电话 120")).to_be_visible()
    picture(page, "resident-7-emergency", whole=True)

    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="更多").tap()  # 1 tap
    heading(page, "更多")
    picture(page, "resident-8-more")
    page.get_by_role("main").get_by_role("link", name=re.compile("^谁看过")).tap()  # 2 taps
    heading(page, "谁看过我的档案")


@pytest.mark.prove
def test_the_pages_fit_a_narrow_phone_and_fingers_and_have_no_grave_fault(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("jumin", phone=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for path in _PATHS:
        page.goto(path)
        assert fits(page), path
        assert page.evaluate(_TARGETS, _FINGER) == [], path
        assert faults(page) == [], path


@pytest.mark.prove
def test_the_simple_pages_fit_too(chromium_windows: Windows) -> None:
    page = chromium_windows.open("jumin", phone=True)
    page.get_by_role("button", name="长辈模式").first.tap()
    expect(page.locator("html[data-mode=simple]")).to_be_visible()
    try:
        for path in _PATHS:
            page.goto(path)
            assert fits(page), path
            assert faults(page) == [], path
        page.goto("/me")
        picture(page, "resident-9-simple", whole=True)
    finally:
        page.get_by_role("button", name="标准模式").first.tap()
        expect(page.locator("html:not([data-mode])")).to_be_visible()


@pytest.mark.prove
def test_everything_is_there_without_script(
    platform: Installation, chromium_windows: Windows
) -> None:
    page = chromium_windows.open("jumin", phone=True)
    cookies = page.context.cookies()
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(base_url=platform.address, java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    plain = context.new_page()
    for path in _PATHS:
        answer = plain.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        expect(plain.get_by_role("heading", level=1)).to_be_visible()
        assert plain.get_by_role("button", name="读给我听").count() == 0
    plain.goto("/me/visits")
    plain.locator(".mk-own-visit summary").first.click()
    expect(plain.locator(".mk-own-visit dl").first).to_be_visible()
