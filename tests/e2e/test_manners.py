"""The manners of every page, in Chromium: nothing typed is lost, the keyboard leads everywhere, the
back button goes back, and nobody is kept out by how a page is made.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, windows
from tests.e2e.installation import PASSWORD, Installation

pytestmark = [pytest.mark.browser, pytest.mark.prove]

FORM = "/administration/apps/new"
WORDS = "血压随访小程序，提醒居民测量血压"
PAGES = {
    "yisheng": ("/doctor", "/health-codes"),
    "jumin": ("/me", "/me/access"),
    "xinxi": ("/home", "/centre/sources"),
    "xitong": ("/administration/people", FORM),
}
"""A few pages of each kind: the crawler looks at all of them."""


@pytest.fixture
def chromium(platform: Installation) -> Iterator[Windows]:
    """Chromium; its complaints are looked at by the tests that foresee none."""
    with windows(platform) as made:
        yield made


def _purpose(page: Page) -> str:
    return page.locator("textarea").first.input_value()


def _type(page: Page) -> None:
    page.goto(FORM)
    page.locator("textarea").first.fill(WORDS)


def _all(page: Page, login: str) -> list[str]:
    found = []
    for path in PAGES[login]:
        page.goto(path)
        page.wait_for_load_state("load")
        found += [f"{login} {path}: {fault}" for fault in faults(page)]
        if not fits(page):
            found.append(f"{login} {path}: wider than the window")
    return found


@pytest.mark.parametrize("login", sorted(PAGES))
def test_no_page_keeps_anybody_out(chromium: Windows, login: str) -> None:
    page = chromium.open(login)
    assert _all(page, login) == []
    page.emulate_media(color_scheme="dark")
    assert _all(page, login) == []
    assert chromium.complaints == []


def test_the_simple_pages_keep_nobody_out_on_a_phone(chromium: Windows) -> None:
    page = chromium.open("jumin", phone=True)
    page.get_by_role("button", name="长辈模式").first.click()
    expect(page.locator("html")).to_have_attribute("data-mode", "simple")
    assert _all(page, "jumin") == []
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    assert size >= 18
    page.goto("/me/consent")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main .btn')].filter(one => one.offsetParent)
            .filter(one => one.getBoundingClientRect().height < 59.5).map(one => one.textContent)"""
    )
    assert small == [], "main buttons are 60 px high"
    page.get_by_role("button", name="标准模式").first.click()
    expect(page.locator("html")).not_to_have_attribute("data-mode", "simple")


def test_a_lost_connection_loses_no_typed_text(chromium: Windows) -> None:
    page = chromium.open("xitong")
    _type(page)
    page.context.set_offline(True)
    expect(page.locator("#notice")).to_contain_text("连接中断")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("#notice")).to_be_visible()
    assert _purpose(page) == WORDS, "the form stays where it is"
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_contain_text("网络已恢复")
    page.reload()
    assert _purpose(page) == WORDS
    expect(page.locator(".mk-draft")).to_contain_text("已恢复")
    page.get_by_role("button", name="不要了").click()
    assert _purpose(page) == ""
    page.reload()
    assert _purpose(page) == ""


def test_an_ended_session_loses_no_typed_text(chromium: Windows) -> None:
    page = chromium.open("xitong")
    _type(page)
    page.context.clear_cookies(name="minkang_session")
    chromium.refusals.add(FORM)
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", name="登录已过期")).to_be_visible()
    page.get_by_role("link", name="重新登录").click()
    page.get_by_label("账号", exact=True).fill("xitong")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"**{FORM}")
    assert _purpose(page) == WORDS


def test_what_one_has_typed_is_not_shown_to_the_next_at_the_same_computer(
    chromium: Windows,
) -> None:
    page = chromium.open("xitong")
    _type(page)
    page.locator("details.mk-menu:not([data-help]) > summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login")
    kept = page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('minkang.draft:'))")
    assert kept == []


def test_two_tabs_keep_their_own_text(chromium: Windows) -> None:
    first = chromium.open("xitong")
    _type(first)
    second = first.context.new_page()
    second.goto(FORM)
    assert _purpose(second) == ""
    second.locator("textarea").first.fill("另一件事")
    first.reload()
    assert _purpose(first) == WORDS


def test_the_keyboard_opens_the_help_and_the_search_and_leads_home(chromium: Windows) -> None:
    page = chromium.open("yisheng")
    page.goto("/health-codes")
    page.keyboard.press("Tab")
    expect(page.locator(".mk-skip")).to_be_focused()
    page.keyboard.press("Shift+Slash")
    expect(page.locator(".mk-help-panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".mk-help-panel")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/doctor")
    page.locator("main").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_keys_of_one_character_can_be_switched_off(chromium: Windows) -> None:
    page = chromium.open("yisheng")
    page.locator("[data-help] > summary").click()
    page.get_by_role("button", name="单键快捷键").click()
    page.reload()
    page.locator("main").focus()
    page.keyboard.press("Shift+Slash")
    expect(page.locator(".mk-help-panel")).to_be_hidden()


def test_the_back_button_goes_back_to_the_list_as_it_was_sorted(chromium: Windows) -> None:
    page = chromium.open("xinxi")
    page.goto("/centre/sources")
    page.get_by_role("link", name="24 小时").click()
    page.wait_for_url("**/centre/sources?sort=today")
    names = page.locator("tbody th a").all_inner_texts()
    with page.expect_response(lambda answer: "/centre/sources/live?sort=today" in answer.url):
        pass
    assert page.locator("tbody th a").all_inner_texts() == names, "the live part is sorted too"
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/centre/sources/*")
    page.go_back()
    page.wait_for_url("**/centre/sources?sort=today")
    expect(page.locator("thead th[aria-sort=ascending]")).to_have_count(1)


def test_without_script_a_list_is_sorted_and_the_simple_pages_are_chosen(
    chromium: Windows, platform: Installation
) -> None:
    page = chromium.open("xitong")
    state = page.context.storage_state()
    plain = page.context.browser
    assert plain is not None
    context = plain.new_context(
        base_url=platform.address, java_script_enabled=False, storage_state=state
    )
    bare = context.new_page()
    bare.goto("/administration/people")
    bare.get_by_role("link", name="登录名").click()
    logins = bare.locator("tbody td.mk-mono").all_inner_texts()
    assert len(logins) > 2
    assert logins == sorted(logins)
    bare.locator("[data-help] > summary").click()
    expect(bare.locator(".mk-help-panel")).to_be_visible()
    context.close()
