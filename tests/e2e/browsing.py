"""Chromium at the pages: several people, each with a window of their own, and all they complain of.

Playwright's synchronous interface: its tests are plain functions, since it brings its own loop.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.e2e.installation import PASSWORD
from tests.e2e.running import chromium

# Other tests run beside: a page may be slow, and is waited for.
expect.set_options(timeout=20_000)

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PICTURES = Path("test-results/story")

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Reachable(Protocol):
    """What has pages."""

    @property
    def address(self) -> str:
        """Where they are."""
        ...


class Windows:
    """Opens windows; remembers errors, and refusals that a test announced as expected."""

    def __init__(self, browser: Browser, installation: Reachable) -> None:
        self._browser, self._installation = browser, installation
        self.complaints: list[str] = []
        self.refusals: set[str] = set()
        self.reloads: dict[Page, int] = {}

    def open(self, login: str, *, phone: bool = False, scale: float = 2) -> Page:
        """A new window in which somebody logs in by the page; `scale`: a phone's pixels a point."""
        context = self._browser.new_context(
            base_url=self._installation.address,
            viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=scale if phone else 1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("response", self._look)
        page.on("requestfailed", lambda r: self._failed(r.url, str(r.failure)))
        page.goto("/login")
        page.get_by_label("账号", exact=True).fill(login)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            path = urlsplit(str(message.location.get("url", ""))).path
            if "403" in message.text and path in self.refusals:
                return
            self.complaints.append(f"{path}: {message.text}")

    def _look(self, response: Response) -> None:
        if not response.url.startswith(self._installation.address):
            self.complaints.append(f"asked elsewhere: {response.url}")
        path = urlsplit(response.url).path
        if response.status >= 400 and path not in self.refusals:
            self.complaints.append(f"{path}: {response.status}")

    def _failed(self, url: str, why: str) -> None:
        # What a page was still asking for when it was left is given up, as it should be.
        if "ERR_ABORTED" not in why:
            self.complaints.append(f"{urlsplit(url).path}: {why}")


@contextmanager
def windows(installation: Reachable) -> Iterator[Windows]:
    """Chromium, closed at the end with everything in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
        try:
            yield Windows(browser, installation)
        finally:
            browser.close()


def open_record(page: Page, path: str) -> None:
    """Open a record and wait until it is told of what is new."""
    page.goto(path)
    page.locator("[data-connection=open]").wait_for()


def watch_for(page: Page, text: str) -> None:
    """From now on notice when a text comes into the page; it must not be reloaded meanwhile."""
    page.evaluate(
        """text => {
            window.watched = new Promise(seen => {
                const look = () => {
                    if (document.body.textContent.includes(text)) { seen(Date.now()); }
                };
                new MutationObserver(look).observe(
                    document.body, {childList: true, subtree: true, characterData: true});
                look();
            });
        }""",
        text,
    )


def seen_at(page: Page, seconds: float = 10) -> float:
    """When the watched text came into the page, in seconds since 1970; waits for it."""
    found = page.evaluate(
        """milliseconds => Promise.race([
            window.watched,
            new Promise(late => setTimeout(() => late(null), milliseconds)),
        ])""",
        seconds * 1000,
    )
    assert found is not None, f"not seen within {seconds} s"
    return float(found) / 1000


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the window in test-results/."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(
        page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )
