"""A hostile shared document, sent in by the hospital's own door and read in a real browser.

Script in the narrative, addresses of scripts, event handlers, styles, deep nesting, characters that
turn the direction of reading, words without an end: all of it is text, and nothing of it runs.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Page, expect

from minkang.app.platform import Platform
from minkang.exchange.credentials import issue_credential
from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast
from tests.exchange import cda_samples as samples
from tests.exchange.cda_samples import document, element, named, section, text, written

pytestmark = [pytest.mark.browser, pytest.mark.prove]

SCRIPT = "window.taken = 1; alert('脚本')"
WORD = "长" * 600 + "W" * 1_500
_DEEP = 60


def told() -> tuple[str, ...]:
    """Sections with all that a page could stumble over."""
    deep = "<paragraph>" * _DEEP + "深处" + "</paragraph>" * _DEEP
    narrative = (
        '<section><code code="10164-2" displayName="现病史"/><text>'
        f"<script>{SCRIPT}</script>"
        "<style>body { display: none }</style>"
        '<linkHtml href="javascript:window.taken=2">点这里</linkHtml>'
        '<content onclick="window.taken=3" style="position:fixed">手柄</content>'
        '<img src="x" onerror="window.taken=4"/><iframe src="//evil.example/">框</iframe>'
        "<table><caption>表&lt;b&gt;</caption><tbody><tr><th>药</th><th>量</th></tr>"
        "<tr><td>&lt;img src=x onerror=alert(5)&gt;</td><td>\u202e倒过来\u202c</td></tr>"
        "</tbody></table>"
        f"{deep}</text></section>"
    )
    script = "&lt;script&gt;window.taken=6&lt;/script&gt;{{ 7*191 }}"
    return (
        narrative,
        section("10154-3", element("DE04.01.119.00", "主诉", text(script))),
        named(
            "&lt;script&gt;",
            element("DE06.00.179.00", "&quot;&gt;&lt;svg onload=x&gt;", text(WORD)),
        ),
    )


@pytest.fixture(scope="module")
def key(platform: Installation, cast: Cast) -> str:
    """The document as the record lists it."""
    samples.there()

    async def credential(inside: Platform) -> str:
        async with inside.pool.acquire() as connection:
            now = datetime.now(UTC)
            given, _ = await issue_credential(connection, inside.keys, "haibin", "his", now)
        return given

    number = secrets.token_hex(16)
    root = document(
        "C0053",
        sections=told(),
        numbers=(("12", cast.truth.numbers["haibin"][0]), ("19", "NA")),
        id_card=cast.truth.id_number,
        name=f"{cast.truth.surname}{cast.truth.given}",
    )
    samples.set_all(root, "h:id/@extension", number)
    samples.set_all(root, "h:title", "恶意<b>文书")
    patient = "h:recordTarget/h:patientRole/h:patient"
    samples.set_all(root, f"{patient}/h:birthTime/@value", f"{cast.truth.birth_date:%Y%m%d}")
    raw = written(root)
    headers = {"authorization": f"Bearer {platform.inside(credential)}"}
    headers["content-type"] = "application/xml"
    with httpx.Client(base_url=platform.address, trust_env=False, timeout=30) as door:
        bomb = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
        assert door.post("/exchange/haibin", content=bomb, headers=headers).status_code == 422
        answer = door.post("/exchange/haibin", content=raw, headers=headers)
    assert answer.status_code == 202, answer.text
    assert becomes(lambda: platform.waiting() == 0, 60)
    last = "select id, state from exchange.message where channel = 'document' order by id desc"
    row = platform.fetch(f"{last} limit 1")[0]
    assert row["state"] == "stored"
    found: list[str] = []

    def listed() -> bool:
        page = doctor.get(f"/record/{cast.own.person}?tab=documents").text
        found.extend(re.findall(r'document=([^"]+)">恶意&lt;b&gt;文书', page))
        return bool(found)

    # What is stored is in the record once those who follow have linked it.
    with platform.logged_in("mayi") as doctor:
        assert becomes(listed, 60)
    return found[0]


@pytest.fixture
def chromium_windows(platform: Installation, cast: Cast) -> Iterator[Windows]:
    """Chromium; nothing on its console: a refused script would stand there."""
    del cast
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def read(page: Page, address: str, name: str) -> None:
    """Open the document and look at it as a browser does."""
    answer = page.goto(address)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    opened = page.locator("#document")
    expect(opened).to_be_visible()
    for words in (SCRIPT, "点这里", "手柄", "深处", "<img src=x onerror=alert(5)>", "�倒过来�",
                  "<script>window.taken=6</script>{{ 7*191 }}", WORD):  # fmt: skip
        expect(opened).to_contain_text(words)
    for tag in ("script", "style", "img", "iframe", "svg:not(.icon)"):
        assert opened.locator(tag).count() == 0, tag
    assert opened.locator("[onclick], [onerror], [style], a[href^='javascript']").count() == 0
    assert page.evaluate("window.taken") is None
    assert fits(page)
    assert faults(page) == []
    picture(page, name, whole=True)


def test_record_sharing_a_hostile_document_is_text_for_the_clinician(
    chromium_windows: Windows, cast: Cast, key: str
) -> None:
    address = f"/record/{cast.own.person}?tab=documents&document={key}"
    for phone in (False, True):
        page = chromium_windows.open("mayi", phone=phone)
        read(page, address, f"hostile-document-{'phone' if phone else 'desk'}")


def test_resident_record_a_hostile_document_is_text_for_the_resident(
    chromium_windows: Windows, key: str
) -> None:
    page = chromium_windows.open("jumin", phone=True)
    read(page, f"/me/documents?document={key}", "hostile-document-resident")
