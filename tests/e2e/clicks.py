"""Clicks counted on the way to a task, against what docs/users/first-steps.md says of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.e2e.axe import faults
from tests.e2e.browsing import fits, picture

SHEET: Final = Path("docs/users/first-steps.md")
_ROW: Final = re.compile(r"^\| (.+?) \| (.+?) \| .* \| (\d+) \|$", re.MULTILINE)
_DESK: Final = {"width": 1366, "height": 768}
_PHONE: Final = {"width": 390, "height": 844}


class NotWritten(Exception):  # noqa: N818 - reads as what happened
    """The table of first steps has no such row, or several."""


def written(role: str, task: str) -> int:
    """How many clicks the table says that a role needs for a task.

    Raises:
        NotWritten: there is not one such row.
    """
    rows = _ROW.findall(SHEET.read_text(encoding="utf-8"))
    found = [
        int(clicks) for roles, what, clicks in rows if what == task and role in roles.split("、")
    ]
    if len(found) != 1:
        raise NotWritten(f"{role}: {task}: {len(found)} rows in {SHEET}")
    return found[0]


class Walk:
    """Somebody on the way: every click counts, typing does not."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """One click, or one tap on a phone."""
        self.clicks += 1
        target.click()


@contextmanager
def walk(page: Page, role: str, task: str) -> Iterator[Walk]:
    """From the role's home to the end of the task, in exactly the clicks that are written."""
    page.goto("/")
    made = Walk(page)
    yield made
    assert made.clicks == written(role, task), f"{role}: {task}: {made.clicks} clicks"


def look_at(page: Page, name: str) -> None:
    """The page as it stands, on a desk's screen and at a phone's width: nothing sticks out, nothing
    keeps anybody out; a picture of each. The window is left at the size of a desk's.
    """
    for kind, size in (("phone", _PHONE), ("desk", _DESK)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert fits(page), f"{page.url} at {kind}"
        assert faults(page) == [], f"{page.url} at {kind}"
        picture(page, f"{name}-{kind}", whole=kind == "phone")


def card(page: Page, title: str) -> Locator:
    """What needs doing, on a home page: waiting, or with nothing left to do."""
    return page.locator(".mk-todo a").filter(has_text=re.compile(rf"^\s*{title}"))


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait for the page that one has come to."""
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()


def said(page: Page) -> Locator:
    """What a page says of what was just done."""
    return page.locator(".mk-box[role=status]").first
