"""A planner of the commission: from the home page to the region, a county, a hospital, a file.

Proves `population-health-platform`, `analytics-decision-support`, `plan-monitoring` as far as they
ask for the region at a glance.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import faults
from tests.e2e.browsing import Windows, fits, picture, windows
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes

pytestmark = [pytest.mark.browser, pytest.mark.prove]


@pytest.fixture
def chromium_windows(platform: Installation) -> Iterator[Windows]:
    """Chromium; nothing on its console but what the test foresaw. The region has been counted."""
    counted = "select from region.people p, region.period_count c where c.what = 'visit' limit 1"
    assert becomes(lambda: bool(platform.fetch(counted)), 60)
    with windows(platform) as made:
        yield made
        assert made.complaints == []


def sound(page: Page) -> None:
    """Nothing sticks out, nothing keeps anybody out."""
    assert fits(page), page.url
    assert faults(page) == []


def test_population_health_platform_a_planner_finds_the_region_and_goes_down_to_a_hospital(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("guihua")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto("/home")
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="区域").click()
    expect(page.get_by_role("heading", name="全区域", level=1)).to_be_visible()
    sound(page)
    picture(page, "planner-region", whole=True)
    page.get_by_label("时段", exact=True).select_option("90")
    page.get_by_label("地图按什么着色").select_option("people")
    page.get_by_role("button", name="查看").click()
    expect(page).to_have_url(re.compile(r"days=90&shade=people"))
    county = page.locator("svg.mk-region-map a[aria-label^='环翠区']")
    county.focus()  # the map is reached by the keyboard, too
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="环翠区", level=1)).to_be_visible()
    sound(page)
    page.get_by_role("link", name="海滨人民医院").first.click()
    expect(page.get_by_role("heading", name="海滨人民医院", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="主要诊断")).to_be_visible()
    sound(page)
    page.go_back()
    expect(page.get_by_role("heading", name="环翠区", level=1)).to_be_visible()


def test_plan_monitoring_every_number_says_what_it_counts_and_leaves_as_a_file(
    chromium_windows: Windows, tmp_path: Path
) -> None:
    page = chromium_windows.open("guihua")
    page.goto("/region")
    page.get_by_role("link", name="有健康记录的居民").first.click()
    expect(page).to_have_url(re.compile(r"/region/definitions#recorded$"))
    expect(page.locator("#recorded")).to_contain_text("除人口登记外至少还有一个系统")
    sound(page)
    page.go_back()
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出 Excel").click()
    file = tmp_path / "region.xlsx"
    taken.value.save_as(file)
    assert file.read_bytes()[:2] == b"PK"
    assert taken.value.suggested_filename.startswith("region-all-")


def test_analytics_decision_support_the_region_on_a_phone_for_a_supervisor(
    chromium_windows: Windows,
) -> None:
    page = chromium_windows.open("jiandu", phone=True)
    page.goto("/region")
    sound(page)
    picture(page, "supervisor-region-phone", whole=True)
    page.get_by_role("link", name="本辖区").click()
    expect(page.get_by_role("heading", name="环翠区", level=1)).to_be_visible()
    sound(page)
