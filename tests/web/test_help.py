"""Every page says what it is for and how one works with it."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from minkang.web import Web
from minkang.web.help import HELP, help_of
from tests.web.log_in import Browser, make

# What browsers fetch beside pages: parts that refresh themselves, pictures, files, other doors.
_NO_PAGES = re.compile(
    r"^/(static|fhir|health|metrics|wst|cds-services|exchange|login/oidc|launch|\.well-known)\b"
    r"|/(live|events|body|table|template|labels|export|download)$"
    r"|\.(svg|png|csv|xlsx|pdf|json|ics)$"
    r"|^/audit/archive/"
)


def _pages(application: Litestar) -> Iterator[str]:
    for route in application.routes:
        if isinstance(route, HTTPRoute) and "GET" in route.methods:
            path = re.sub(r":\w+\}", "}", route.path)
            if not _NO_PAGES.search(path):
                yield path


def test_every_page_has_a_help_text(application: Litestar) -> None:
    silent = sorted(path for path in _pages(application) if path not in HELP)
    assert not silent, f"web/help says nothing of {', '.join(silent)}"


def test_no_help_is_left_of_a_page_that_is_gone(application: Litestar) -> None:
    routes = {re.sub(r":\w+\}", "}", route.path) for route in application.routes}
    gone = sorted(HELP.keys() - routes)
    assert not gone, f"web/help speaks of {', '.join(gone)}"


@pytest.mark.parametrize("path", sorted(HELP))
def test_a_help_is_short_and_whole(path: str) -> None:
    assert 10 <= len(HELP[path]) <= 160, "two or three sentences"
    assert HELP[path].endswith("。")


def test_a_form_has_the_help_of_its_page() -> None:
    assert help_of("/centre/quarantine/replay") == HELP["/centre/quarantine"]
    assert help_of("/nowhere/at/all") == ""
    assert help_of("") == ""


async def test_the_help_stands_on_the_page_in_the_visitors_language(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    account = await make(web, "nurse")
    await browser.log_in(account.login)
    await browser.get("/doctor")
    assert HELP["/doctor"] in browser.last
    browser.client.cookies.set("minkang_language", "en", "region.example")
    await browser.get("/doctor")
    assert HELP["/doctor"] not in browser.last
    assert "Find a resident by ID number" in browser.last
