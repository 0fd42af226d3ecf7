"""The information centre sees what is wrong or not proven, and asks for what is missing."""

import html
import json
import re
from datetime import date, datetime, timedelta

import httpx
import msgspec
import pytest

from minkang.app.platform import Platform
from minkang.exchange.reconciliation import keep_counts, read_counts
from minkang.fhir.dates import LOCAL
from tests.e2e.installation import Installation
from tests.e2e.processes import becomes
from tests.e2e.running import Cast, People


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


LOST = 3
"""Visits that the second hospital says it had and nobody has seen."""


@pytest.fixture(scope="module")
def judged(platform: Installation, cast: Cast) -> Installation:
    """The demonstration, once its worker has judged and compared everything."""
    del cast
    today = datetime.now(LOCAL).date()
    lost = [
        {
            "day": today - timedelta(days=days),
            "type": "visits",
            "count": 1,
            "items": [f"V90000{days}"],
        }
        for days in range(4, 4 + LOST)
    ]

    async def report(inside: Platform) -> None:
        async with inside.pool.acquire() as connection:
            reported = read_counts(msgspec.json.encode(lost), "application/json")
            await keep_counts(connection, "gangcheng", reported)

    platform.inside(report)

    def done() -> bool:
        (row,) = platform.fetch(
            """select not exists (select from exchange.reconcile_due)
                   and coalesce((select c.transaction >= (
                           select max(r.transaction) from store.resource r
                           where r.type in (select type from exchange.judged))
                       from store.consumer c where c.name = 'quality'), false) as done"""
        )
        return bool(row["done"])

    assert becomes(done, 120)
    return platform


def test_what_a_hospital_reports_is_proven_by_what_is_held(judged: Installation) -> None:
    """One reports what it sent, one has lost visits, the clinic reports nothing.

    What was put aside of the first for what is wrong with it is not held, and so is told, too.
    """
    rows = judged.fetch(
        """select source, state, count(*) as days, sum(missing)::int as missing
           from exchange.reconciled where day >= current_date - 29 and day < current_date
           group by source, state"""
    )
    found = {(row["source"], row["state"]): row for row in rows}
    assert ("haibin", "proven") in found
    assert found["haibin", "proven"]["missing"] == 0
    assert ("haibin", "unproven") not in found
    assert found["gangcheng", "differs"]["missing"] >= LOST
    assert {state for source, state in found if source == "yunxi"} <= {"unproven"}


def test_the_page_of_quality_leads_to_what_failed(judged: Installation, people: People) -> None:
    del judged
    centre = people["xinxi"]
    page = centre.get("/centre/quality?days=30")
    assert "海滨人民医院" in words(page)
    assert re.search(r"\d+\.\d (良好|一般|较差)", words(page))
    one = centre.get("/centre/quality/haibin?days=30")
    failing = re.findall(r"rule=([a-z0-9-]+)", one.text)
    assert failing
    shown = words(centre.get(f"/centre/quality/haibin?days=30&rule={failing[0]}"))
    assert "打开消息" in shown
    assert "**" in shown, "numbers are masked"


def test_a_day_that_nobody_reported_is_never_green(judged: Installation, people: People) -> None:
    del judged
    day = datetime.now(LOCAL).date() - timedelta(days=3)
    text = words(people["xinxi"].get(f"/centre/reconciliation/yunxi/{day}"))
    assert "未对账" in text
    assert "已对平" not in text


def test_missing_visits_are_asked_for_by_their_numbers(
    judged: Installation, people: People
) -> None:
    centre = people["xinxi"]
    (row,) = judged.fetch(
        """select max(day) as day from exchange.reconciled
           where source = 'gangcheng' and day = current_date - 4 and missing > 0"""
    )
    day: date = row["day"]
    assert "有差异" in words(centre.get("/centre/reconciliation"))
    address = f"/centre/reconciliation/gangcheng/{day}"
    assert "V90000" in words(centre.get(address))
    done = centre.post(f"{address}/resend", data={"kind": "visits"})
    assert done.status_code == 303
    assert "待来源取走" in words(centre.get(done.headers["location"]))
    (request,) = judged.fetch("select * from exchange.resend_request where source = 'gangcheng'")
    assert request["made_by"] == "林晓明"
    assert len(request["numbers"]) == 1


def test_days_are_judged_again_by_command(judged: Installation) -> None:
    since = datetime.now(LOCAL).date() - timedelta(days=2)
    done = judged.command("quality", "run", "--since", str(since), "--json")
    assert done.returncode == 0, done.stderr
    # The patients of the demonstration came today.
    assert json.loads(done.stdout)["judged"] >= len(judged.residents())


def test_the_weekly_report_holds_every_part(judged: Installation, people: People) -> None:
    del judged
    year, week, _ = datetime.now(LOCAL).date().isocalendar()
    page = people["xinxi"].get(f"/centre/sources/haibin/report?week={year}-W{week:02}")
    text = words(page)
    for part in ("收到的消息", "没能入库的消息", "质量", "对账", "没有对照的代码"):
        assert part in text
    assert "没有消息的小时" in text
    assert people["xinxi"].get("/centre/sources/haibin/report?week=2026-W99").status_code == 404


def test_the_pages_name_nobody(judged: Installation, people: People) -> None:
    for path in (
        "/centre/quality",
        "/centre/quality/haibin?days=30&rule=patient-twice",
        "/centre/reconciliation",
        "/centre/sources/haibin/report",
    ):
        text = people["xinxi"].get(path).text
        for one in judged.residents():
            for secret in (one.name, one.id_number, one.phone):
                assert secret not in text
