"""How much a page weighs on the way: compressed as the server compresses it (gzip)."""

import gzip
import json
import re
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from litestar import Litestar

from minkang.web import Web
from tests.web.log_in import Browser, make

_STATIC: Final = Path(str(resources.files("minkang.web") / "static"))
_LEVEL: Final = 6
KB: Final = 1024

FIRST_VISIT: Final = 150 * KB
"""Page, style sheet, scripts, icons: everything but charts."""
NEXT_VISIT: Final = 30 * KB
"""The page alone: what is built carries its hash in its name and stays with the browser."""
CHARTS: Final = 200 * KB


def _built() -> dict[str, str]:
    found: dict[str, str] = json.loads((_STATIC / "manifest.json").read_text(encoding="utf-8"))
    return found


def _weight(content: bytes) -> int:
    return len(gzip.compress(content, _LEVEL))


def _assets(page: str) -> set[str]:
    """Built files that a page asks for by itself."""
    return set(re.findall(r"/static/([\w.-]+)", page))


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("nurse", ["/login", "/doctor", "/doctor/scan", "/health-codes", "/my/sessions"]),
        ("planner", ["/home", "/population", "/region"]),
        ("supervisor", ["/home", "/glass"]),
    ],
)
async def test_a_page_is_light_on_the_first_visit_and_after(
    web: Web, application: Litestar, role: str, paths: list[str]
) -> None:
    browser = Browser(application)
    pages = {"/login": (await browser.get("/login")).text}
    await browser.log_in((await make(web, role)).login)
    for path in paths[1:] if "/login" in paths else paths:
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        pages[path] = answer.text
    chunks = set(re.findall(r'from"\./([\w.-]+)"', (_STATIC / _built()["app.js"]).read_text()))
    for path, page in pages.items():
        assert _weight(page.encode()) <= NEXT_VISIT, path
        files = _assets(page) | chunks
        assert {_built()[name] for name in ("app.css", "app.js", "boot.js")} <= files
        assert _built()["chart.js"] not in _assets(page), "charts are fetched when they are needed"
        first = sum(_weight((_STATIC / one).read_bytes()) for one in files)
        assert first + _weight(page.encode()) <= FIRST_VISIT, path


def test_the_charts_are_an_island_of_their_own() -> None:
    assert _weight((_STATIC / _built()["chart.js"]).read_bytes()) <= CHARTS


async def test_built_files_are_sent_compressed_and_kept_for_good(application: Litestar) -> None:
    browser = Browser(application, **{"accept-encoding": "gzip"})
    answer = await browser.get(f"/static/{_built()['app.css']}")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
