"""An engineer connects a hospital by the wizard alone: from an empty source to live data."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast
from tests.exchange.messages import adt, oru

pytestmark = pytest.mark.browser

_log = logging.getLogger(__name__)

ID, HOSPITAL = "xincheng", "MKXINCHENG"


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def _sent(platform: Installation, raw: bytes, answer: str) -> bool:
    """What the hospital's engine gets for a message once every listener knows the source."""
    raw = raw.replace(b"|haibin|MKHAIBIN|", f"|{ID}|{HOSPITAL}|".encode())
    return becomes(lambda: platform.send(raw) == [answer], 30)


def _bundle(number: int) -> dict[str, object]:
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": f"urn:minkang:source:{ID}:patient", "value": f"P{number}"}],
        "name": [{"text": "周建国"}],
        "gender": "male",
        "birthDate": "1960-02-03",
    }
    entry = {"fullUrl": "urn:uuid:7a0e4a52-0c5e-4a35-9d5c-0d7e3a1b9c11", "resource": patient}
    return {"resourceType": "Bundle", "type": "collection", "entry": [entry]}


def _post(platform: Installation, secret: str, number: int) -> int:
    """Send a bundle as the hospital's system would, with what the wizard showed."""
    answer = httpx.post(
        f"{platform.address}/exchange/{ID}",
        json=_bundle(number),
        auth=(ID, secret),
        headers={"content-type": "application/fhir+json"},
        trust_env=False,
        timeout=20,
    )
    return answer.status_code


@pytest.mark.prove
def test_from_an_empty_source_to_live_data(
    platform: Installation, cast: Cast, chromium_windows: Windows
) -> None:
    del cast
    page = chromium_windows.open("xinxi")
    began = time.monotonic()
    _register(page)
    secret = _credentials(page)
    page.get_by_role("link", name="去联调").click()
    expect(page.get_by_text("还没有收到测试消息")).to_be_visible()

    # A message tried in the page first, and one that is wrong: it says where and why.
    page.get_by_label("粘贴消息").fill(oru(value="x").decode().replace("\r", "\n"))
    page.get_by_role("button", name="试转换").click()
    expect(page.get_by_text("OBX-5", exact=True)).to_be_visible()

    assert _sent(platform, adt(control="w-bad", at="20260231080000"), "AE")
    expect(page.get_by_text("1 处有问题")).to_be_visible()
    expect(page.get_by_text("calendar-date")).to_be_visible()
    picture(page, "wizard-test")
    page.get_by_role("button", name="清空试运行消息，重新开始").click()

    for number in range(4):
        assert _sent(platform, adt(control=f"w{number}", visit=f"W{number}"), "AA")
    assert _post(platform, "wrong", 1) == 401
    assert becomes(lambda: _post(platform, secret, 1) in (200, 201, 202), 30)
    expect(page.get_by_text("全部通过")).to_be_visible()
    assert fits(page)
    page.get_by_role("link", name="下一步：正式接入").click()
    page.get_by_label("多少分钟没有消息就告警").fill("120")
    page.get_by_label("是真实数据，接入后入库").check()
    page.get_by_role("button", name="正式接入").click()
    expect(page.get_by_role("heading", name="新城医院集成平台")).to_be_visible()
    assert becomes(lambda: platform.waiting() == 0, 30)
    assert _sent(platform, oru(control="w-live"), "AA")
    state = f"select state from exchange.message where source = '{ID}' and control_id = 'w-live'"
    assert becomes(lambda: platform.fetch(state)[0]["state"] == "stored", 30)
    page.goto(f"/centre/messages?source={ID}&control=w-live")
    expect(page.get_by_role("row", name="w-live").get_by_text("已入库")).to_be_visible()
    took = time.monotonic() - began
    _log.warning("from an empty source to live data by the wizard: %.0f s", took)
    page.goto(f"/centre/sources/{ID}")
    picture(page, "wizard-live")
    Path("test-results/wizard-seconds.txt").write_text(f"{took:.1f}\n", encoding="utf-8")


def _register(page: Page) -> None:
    """The first two steps, with a mistake, and with going back in between."""
    page.goto("/centre/sources")
    page.get_by_role("link", name="接入新来源").first.click()
    page.get_by_label("来源标识").fill("Xin Cheng")
    page.get_by_label("名称", exact=True).fill("新城医院集成平台")
    page.get_by_label("联系人和电话").fill("李工 0535-0000000")
    page.get_by_label("新机构的名称").fill("新城医院")
    page.get_by_label("新机构的编号").fill(HOSPITAL)
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_text("只能用小写字母")).to_be_visible()
    page.get_by_label("来源标识").fill(ID)
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", name="它怎样送来")).to_be_visible()
    page.get_by_role("link", name="登记").click()
    page.go_back()
    page.goto("/centre/sources")  # left, and gone on with later
    page.get_by_role("link", name="继续接入").click()
    page.get_by_label("HL7 v2 消息（MLLP）").check()
    page.get_by_label("FHIR 资源包").check()
    assert fits(page)
    page.get_by_role("button", name="保存并继续").click()


def _credentials(page: Page) -> str:
    """The third step; the secret that it shows."""
    page.get_by_placeholder("凭据的名称").fill("集成平台")
    page.get_by_role("button", name="签发凭据").click()
    secret = page.locator("#secret").inner_text()
    expect(page.get_by_text(f"curl -u '{ID}:{secret}'")).to_be_visible()
    expect(page.get_by_text(f"MSH|^~\\&|{ID}|{HOSPITAL}|")).to_be_visible()
    picture(page, "wizard-credentials")
    return secret
