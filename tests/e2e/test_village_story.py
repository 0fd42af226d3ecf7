"""A village doctor's day: whom to look after, who is due, a file to complete, a follow-up by form.

Proves `basic-ph-services` and `hypertension-diabetes` as far as they are the village doctor's
pages, at a desk and on a phone. A small demonstration has its residents in the town: `cunyi` works
there, too, and changes the post on the home page.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from minkang.web.wording import ZONE
from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.clicks import card, heading
from tests.e2e.installation import Installation
from tests.e2e.running import Cast

pytestmark = [pytest.mark.browser, pytest.mark.prove]

FORM = "高血压患者随访服务记录表"


@pytest.fixture
def chromium_windows(platform: Installation, cast: Cast) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw."""
    del cast
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def sound(page: Page, name: str) -> None:
    """Nothing sticks out, nothing keeps anybody out; a picture."""
    assert fits(page), page.url
    assert faults(page) == [], page.url
    picture(page, name, whole=True)


def to_the_station(page: Page) -> None:
    """The post at the community station, where the residents of a small demonstration live."""
    page.goto("/home")
    row = page.get_by_role("row").filter(has_text="云溪社区卫生服务站")
    if row.get_by_text("当前岗位").count() == 0:
        row.get_by_role("button", name="切换").click()
        expect(page.get_by_text("云溪社区卫生服务站").first).to_be_attached()


def of_my_residents(page: Page, name: str) -> None:
    """From the card on the home page to those who have hypertension, and when each is due."""
    page.goto("/home")
    card(page, "应随访居民").click()
    heading(page, "我的居民")
    sound(page, f"{name}-due")
    page.locator("#shown").select_option("later")
    page.locator("#service").select_option("hypertension")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("link", name=re.compile("^去做")).first).to_be_visible()
    sound(page, f"{name}-residents")


def completes_the_file(page: Page, person: str, name: str) -> None:
    """Open the health file and write what was missing."""
    page.goto(f"/files/{person}")
    page.get_by_role("link", name="更新档案").click()
    heading(page, "个人基本信息表")
    page.get_by_label(re.compile("^联系人姓名")).fill("于小满")
    page.get_by_label(re.compile("^联系人电话")).fill("13063110022")
    sound(page, f"{name}-sheet")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("于小满").first).to_be_visible()
    expect(page.get_by_text("13063110022").first).to_be_visible()
    sound(page, f"{name}-file")


def follows_up(page: Page, systolic: str, name: str) -> None:
    """The blood-pressure follow-up as the norm has it, by the button of the list."""
    page.get_by_role("link", name=re.compile("^去做")).first.click()
    heading(page, re.compile(FORM))
    picks = {
        "way": "2", "symptoms.1": "1", "adherence": "1", "reaction": "1", "complication": "1",
        "class": "1", "referral": "1",
    }  # fmt: skip
    for field, value in picks.items():
        page.locator(f"input[name='{field}'][value='{value}']").check()
    page.locator("[name=systolic]").fill(systolic)
    page.locator("[name=diastolic]").fill("82")
    later = datetime.now(ZONE).date() + timedelta(days=90)
    page.locator("[name=next]").fill(later.isoformat())
    sound(page, f"{name}-form")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(lambda address: "/notes" in address)


def stands_in_the_record(page: Page, person: str, systolic: str, name: str) -> None:
    """Who opens the record next finds the follow-up and its value."""
    page.goto(f"/record/{person}/notes")
    expect(page.get_by_role("rowheader", name=FORM).first).to_be_visible()
    page.goto(f"/record/{person}?tab=documents")
    expect(page.get_by_role("link", name=re.compile(FORM)).first).to_be_visible()
    page.get_by_role("link", name=re.compile(FORM)).first.click()
    expect(page.locator("#document")).to_contain_text(systolic)
    sound(page, f"{name}-document")
    page.goto(f"/record/{person}")
    expect(page.get_by_role("main")).to_contain_text(f"{systolic}/82")
    sound(page, f"{name}-record")


@pytest.mark.parametrize(("phone", "systolic"), [(False, "134"), (True, "136")])
def test_hypertension_diabetes_a_village_doctor_finds_who_is_due_and_follows_up(
    chromium_windows: Windows, phone: bool, systolic: str
) -> None:
    name = f"village-{'phone' if phone else 'desk'}"
    page = chromium_windows.open("cunyi", phone=phone)
    sound(page, f"{name}-home")
    to_the_station(page)
    of_my_residents(page, name)
    way = page.get_by_role("link", name=re.compile("^去做")).first.get_attribute("href") or ""
    person = way.split("/")[2]
    completes_the_file(page, person, name)
    of_my_residents(page, name)
    follows_up(page, systolic, name)
    stands_in_the_record(page, person, systolic, name)


def test_basic_ph_services_an_empty_village_says_so(chromium_windows: Windows) -> None:
    page = chromium_windows.open("cunyi")
    page.goto("/home")
    row = page.get_by_role("row").filter(has_text="松岚庄村卫生室")
    if row.get_by_text("当前岗位").count() == 0:
        row.get_by_role("button", name="切换").click()
    page.goto("/doctor/residents?shown=all")
    heading(page, "我的居民")
    expect(page.get_by_text("没有符合的居民")).to_be_visible()
    sound(page, "village-empty")
