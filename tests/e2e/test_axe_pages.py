"""Every page, one address for each route, under axe-core: light and dark, at a desk and on a phone;
the resident's also in the simple mode and with text of twice the size (WCAG 2.1, 1.4.4).
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from minkang.app.demonstration.accounts import demo_accounts
from tests.e2e.axe import faults
from tests.e2e.browsing import DESK, PHONE, Windows, fits, windows
from tests.e2e.crawl import page_routes, route_of, walk
from tests.e2e.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.prove]

LOGINS = [one.login for one in demo_accounts()]

_TAB = re.compile(r"\b(?:tab|topic)=\w+")
# Residents' pages have larger letters than others from the beginning.
_TWICE = """() => { const one = document.documentElement;
    one.style.fontSize = 2 * parseFloat(getComputedStyle(one).fontSize) + 'px'; }"""
_SIZE = "parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
_CUT = """() => [...document.querySelectorAll('main h1, main h2, main p, main a, main button,'
        + ' main dt, main dd, main th, main td, main label, main summary')]
    .filter(one => one.offsetParent && !one.closest('.visually-hidden') && one.textContent.trim())
    .filter(one => {
        const how = getComputedStyle(one);
        const hides = how.overflowX !== 'visible' || how.overflowY !== 'visible';
        return hides && how.overflowX !== 'auto' && how.overflowX !== 'scroll'
            && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
    }).map(one => one.textContent.trim().slice(0, 40))"""
"""Texts of which something is hidden."""


@pytest.fixture(scope="module")
def region() -> Iterator[Installation]:
    """The same demonstration as the crawler's."""
    with installation("--residents", "50", "--years", "1") as made:
        yield made


@pytest.fixture(scope="module")
def pages(region: Installation) -> Callable[[str], list[str]]:
    """Addresses for somebody to look at: one of each kind, of routes nobody before them reached."""
    words = tuple(one.name for _, one in region.persons()[:2])
    found: dict[str, list[str]] = {}
    taken: set[tuple[str, ...]] = set()
    for login in LOGINS:
        with region.logged_in(login) as client:
            seen = walk(client, "/", words=words, of_a_kind=1).pages
        whole = {
            (route_of(address), *_TAB.findall(address)): address
            for address, text in seen.items()
            if "<html" in text and route_of(address) in page_routes()
        }
        found[login] = [one for kind, one in whole.items() if kind not in taken]
        taken |= set(whole)
    return lambda login: found[login]


@pytest.fixture
def chromium(region: Installation) -> Iterator[Windows]:
    """A browser."""
    with windows(region) as made:
        yield made


def _looked_at(page: Page, what: str) -> list[str]:
    found = [f"{page.url} {what}: {fault}" for fault in faults(page)]
    if not fits(page):
        found.append(f"{page.url} {what}: wider than the window")
    return found


@pytest.mark.parametrize("login", LOGINS)
def test_axe_finds_nothing_grave_on_any_page(
    chromium: Windows, pages: Callable[[str], list[str]], login: str
) -> None:
    page = chromium.open(login)
    # A colour on its way from light to dark is none that anybody reads by.
    page.emulate_media(reduced_motion="reduce")
    found = []
    for address in pages(login):
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="light")
        page.goto(address)
        page.wait_for_load_state("load")
        found += _looked_at(page, "at a desk")
        page.emulate_media(color_scheme="dark")
        found += _looked_at(page, "at a desk, dark")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        found += _looked_at(page, "on a phone, dark")
        page.emulate_media(color_scheme="light")
        found += _looked_at(page, "on a phone")
    assert not found, "\n".join(found)


def test_the_residents_pages_keep_nobody_out_in_the_simple_mode(
    chromium: Windows, pages: Callable[[str], list[str]]
) -> None:
    page = chromium.open("jumin", phone=True)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="长辈模式").first.click()
    page.locator("html[data-mode=simple]").wait_for()
    found = []
    for address in pages("jumin"):
        page.goto(address)
        page.wait_for_load_state("load")
        found += _looked_at(page, "simple")
        page.emulate_media(color_scheme="dark")
        found += _looked_at(page, "simple, dark")
        page.emulate_media(color_scheme="light")
    assert not found, "\n".join(found)


def test_text_of_twice_the_size_is_neither_cut_nor_pushed_out(
    chromium: Windows, pages: Callable[[str], list[str]]
) -> None:
    page = chromium.open("jumin")
    if (plain := page.get_by_role("button", name="标准模式")).count():
        plain.first.click()
        page.locator("html:not([data-mode])").wait_for()
    found = []
    for address in [one for one in pages("jumin") if one.startswith("/me")]:
        page.goto(address)
        page.wait_for_load_state("load")
        before = page.evaluate(_SIZE)
        page.evaluate(_TWICE)
        after = page.evaluate(_SIZE)
        if after < 1.9 * before:
            found.append(f"{address}: text grows from {before} to {after} px only")
        if not fits(page):
            found.append(f"{address}: wider than the window")
        found += [f"{address}: cut: {text}" for text in page.evaluate(_CUT)]
    assert not found, "\n".join(found)
