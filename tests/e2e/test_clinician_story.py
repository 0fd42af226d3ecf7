"""A clinician's day: find, read, write, follow up; refused, let in by the code, in an emergency.

Proves `record-sharing`, `hypertension-diabetes` and `consent-authorization` as far as they are the
clinician's pages.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from pypinyin import lazy_pinyin

from minkang.policy.mask import masked_name
from minkang.web.wording import ZONE
from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast
from tests.exchange.messages import adt
from tests.region import new_lab_message

pytestmark = [pytest.mark.browser, pytest.mark.prove]

DESK = {"width": 1366, "height": 768}


@pytest.fixture
def chromium_windows(platform: Installation, cast: Cast) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    del cast
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def sound(page: Page) -> None:
    """Nothing sticks out, nothing keeps anybody out."""
    assert fits(page), page.url
    assert faults(page) == []


def comes_today(platform: Installation, cast: Cast, number: str) -> None:
    """The resident comes to the hospital's cardiology now, to 王海燕 (`yisheng`)."""
    at = datetime.now(ZONE)
    patient = cast.truth.numbers["haibin"][0]
    born = cast.truth.birth_date.strftime("%Y%m%d")
    sex = "M" if cast.truth.sex in ("male", "M") else "F"
    identifiers = f"{patient}^^^haibin^PI~{cast.truth.id_number}^^^^NNCHN"
    name = f"{cast.truth.surname}^{cast.truth.given}"
    told = adt(
        control=f"clin-{number}",
        pid=f"PID|1||{identifiers}||{name}||{born}|{sex}",
        at=at.strftime("%Y%m%d%H%M%S"),
        visit=f"CLIN{number}",
        diagnosis=f"DG1|1||I10^原发性高血压^ICD-10||{at:%Y%m%d%H%M%S}|W",
    )
    # Who sends, and in which characters, is as this hospital says it.
    head = new_lab_message("haibin", cast.truth, at, f"clin-{number}").split(b"\r")[0]
    fields = head.decode("latin-1").split("|")
    fields[8] = "ADT^A04^ADT_A01"
    charset = "gb18030" if "GB" in (fields[17] if len(fields) > 17 else "") else "utf-8"
    rest = told.split(b"\r", 1)[1].decode().encode(charset)
    message = "|".join(fields).encode("latin-1") + b"\r" + rest
    assert platform.send(message) == ["AA"]


def by_pinyin(page: Page, cast: Cast) -> None:
    """Find the resident by sound, and open the record with the keyboard alone."""
    page.goto("/home")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="查找居民").click()
    box = page.get_by_role("searchbox")
    box.fill("".join(lazy_pinyin(cast.own.name)))
    found = page.locator(f"a[data-step][href='/record/{cast.own.person}']")
    found.wait_for()
    box.press("ArrowDown")
    for _ in range(25):
        if page.evaluate("document.activeElement.getAttribute('href')") == (
            f"/record/{cast.own.person}"
        ):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=cast.own.name, level=1)).to_be_visible()


def writes_a_note(page: Page, person: str) -> None:
    """An outpatient note, by the record's button."""
    page.get_by_role("link", name="写记录、随访").click()
    sound(page)
    page.locator(f"a[href^='/record/{person}/notes/new']").first.click()
    page.get_by_label("标题").fill("门诊随诊")
    page.get_by_label("正文").fill("血压控制平稳，继续原方案，三个月后复诊。")
    sound(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("门诊随诊").first).to_be_visible()


def follows_up(page: Page, person: str) -> None:
    """A blood-pressure follow-up by the norm's form."""
    page.goto(f"/record/{person}/notes")
    page.get_by_role("link", name="高血压患者随访服务记录表").first.click()
    picks = {
        "way": "1", "symptoms.1": "1", "adherence": "1", "reaction": "1", "complication": "1",
        "class": "1", "referral": "1",
    }  # fmt: skip
    for name, value in picks.items():
        page.locator(f"input[name='{name}'][value='{value}']").check()
    page.locator("[name=systolic]").fill("132")
    page.locator("[name=diastolic]").fill("84")
    later = datetime.now(ZONE).date() + timedelta(days=90)
    page.locator("[name=next]").fill(later.isoformat())
    sound(page)
    picture(page, "clinician-follow-up", whole=True)
    page.get_by_role("button", name="保存").click()
    page.goto(f"/record/{person}/notes")
    expect(page.get_by_role("rowheader", name="高血压患者随访服务记录表").first).to_be_visible()


def test_hypertension_diabetes_a_doctor_reads_writes_and_follows_up(
    chromium_windows: Windows, platform: Installation, cast: Cast
) -> None:
    page, person = chromium_windows.open("yisheng"), cast.own.person
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto("/doctor")
    page.locator("[data-connection=open]").wait_for()
    page.get_by_role("searchbox").focus()
    comes_today(platform, cast, "1")
    today = page.locator("#today")
    mine = today.locator(f"a[href='/record/{person}']").first
    expect(mine).to_be_visible(timeout=40_000)  # by itself; nobody asked for it
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(mine).to_contain_text("王海燕")
    sound(page)
    picture(page, "clinician-home", whole=True)
    by_pinyin(page, cast)
    sound(page)
    page.get_by_role("link", name="检验结果", exact=True).click()
    expect(page.locator("#tab-results")).to_have_attribute("aria-current", "page")
    page.locator("#items a").nth(1).click()  # the first item; before it stands: all of them
    expect(page.locator(".mk-chart").first).to_be_visible()
    sound(page)
    picture(page, "clinician-results")
    source = page.locator("details.mk-source").first
    source.locator("summary").click()
    source.get_by_role("link", name="查看原始数据").click()
    expect(page.get_by_role("heading", name="来自哪里")).to_be_visible()
    expect(page.locator("details.mk-raw table")).to_be_hidden()
    expect(page.locator(".mk-fact-value").first).to_be_visible()
    sound(page)
    picture(page, "clinician-fact", whole=True)
    page.go_back()
    expect(page.locator("#tab-results")).to_have_attribute("aria-current", "page")
    writes_a_note(page, person)
    follows_up(page, person)
    page.goto("/doctor?whose=mine")
    mine = page.locator(f"#today a[href='/record/{person}']").first
    expect(mine).to_contain_text("已写记录")
    lately = page.get_by_role("region", name="最近打开")
    expect(lately.get_by_role("link", name=cast.own.name)).to_be_visible()
    page.get_by_role("link", name=re.compile("^门诊")).click()
    expect(page).to_have_url(re.compile("kind=AMB"))
    expect(mine).to_be_visible()
    sound(page)


def test_record_sharing_the_same_on_a_phone(
    chromium_windows: Windows, platform: Installation, cast: Cast
) -> None:
    page = chromium_windows.open("yisheng", phone=True)
    comes_today(platform, cast, "2")
    there = "select from exchange.message where control_id = 'clin-2' and state = 'stored'"
    assert becomes(lambda: bool(platform.fetch(there)), 60)
    page.goto("/doctor?whose=mine")
    sound(page)
    picture(page, "clinician-home-phone", whole=True)
    page.locator(f"#today a[href='/record/{cast.own.person}']").first.click()
    expect(page.get_by_role("heading", name=cast.own.name, level=1)).to_be_visible()
    sound(page)
    picture(page, "clinician-record-phone")


def test_consent_authorization_refused_until_the_resident_shows_the_code(
    chromium_windows: Windows, platform: Installation, cast: Cast
) -> None:
    seen = f"/record/{cast.own.person}"
    chromium_windows.refusals.add(seen)
    page = chromium_windows.open("nanyi")
    page.goto(seen)
    expect(page.get_by_role("heading", name="暂时不能打开这份档案")).to_be_visible()
    sound(page)
    picture(page, "clinician-refused", whole=True)
    page.get_by_label("电子健康码").fill(cast.own.code)
    page.get_by_role("button", name="打开档案").click()
    expect(page.get_by_role("heading", name=cast.own.name, level=1)).to_be_visible()
    sound(page)


def test_record_sharing_in_an_emergency_with_a_reason(
    chromium_windows: Windows, cast: Cast
) -> None:
    seen = f"/record/{cast.own.person}"
    chromium_windows.refusals.add(seen)
    page = chromium_windows.open("beiyi")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto(seen)
    page.get_by_text("紧急情况，必须马上查阅？").click()
    page.locator("#reason").select_option("unconscious")
    page.locator("#explanation").fill("昏迷送医，需要立即了解既往用药和过敏情况")
    sound(page)
    page.get_by_role("button", name="紧急查阅").click()
    expect(page.get_by_role("heading", name=cast.own.name, level=1)).to_be_visible()
    page.goto("/doctor/glass")
    expect(page.get_by_text(masked_name(cast.own.name)).first).to_be_visible()
    expect(page.get_by_text("昏迷送医").first).to_be_visible()
    sound(page)
    picture(page, "clinician-glass", whole=True)
