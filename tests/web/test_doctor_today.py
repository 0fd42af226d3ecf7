"""My patients today: whose, of what kind, what is new; what was opened lately; kept fresh."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest_asyncio
from httpx import AsyncClient

from minkang.accounts import Account
from minkang.audit.own_looks import listed_to
from minkang.fhir import reference
from minkang.record.day_visits import STAY
from minkang.store import Change, write
from minkang.web import Web
from minkang.web.doctor_visits import PAGE, Chosen, work_list
from minkang.web.live import Watched
from minkang.web.wording import ZONE
from tests.web.small_region import Region, Someone

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LONG_AGO = date(2024, 2, 28)


class Ward:
    """Three residents, a doctor and a nurse of MK1, a doctor of MK2."""

    region: Region
    one: Someone
    two: Someone
    three: Someone
    doctor: AsyncClient
    other: AsyncClient

    async def visits(self, who: Someone, key: str, start: datetime, **said: Any) -> None:
        """A visit at MK1; `doctor` and `department` by name, `kind` by its class."""
        visit = {
            "resourceType": "Encounter",
            "id": key,
            "status": said.get("status", "finished"),
            "class": {"system": _ACT, "code": said.get("kind", "AMB")},
            "subject": reference("Patient", who.patients[0]),
            "serviceType": {"text": said.get("department", "内科")},
            "participant": [{"individual": {"display": said.get("doctor", "别人")}}],
            "reasonCode": [{"text": said.get("reason", "咳嗽")}],
            "period": {"start": start.isoformat()},
        }
        await self.put(visit)

    async def put(self, resource: dict[str, Any], source: str = "MK1") -> None:
        store = self.region.web.store
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, [Change(resource, source)])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ward(web: Web) -> AsyncIterator[Ward]:
    async with Region(web) as region:
        made = Ward()
        made.region = region
        made.one = await region.born("海小兰")
        made.two = await region.born("江小帆")
        made.three = await region.born("田小满")
        made.doctor = await region.account("today-dr", "doctor", "MK1")
        made.other = await region.account("today-other", "doctor", "MK2")
        yield made


def words(text: str) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """A time of today, local."""
    day = datetime.now(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), ZONE)


def account(name: str, organisation: str) -> Account:
    return Account(
        id="5f1e1d5e-0000-4000-8000-000000000001",
        login="someone",
        name=name,
        role="doctor",
        organisation=organisation,
        organisation_name=None,
        person=None,
    )


async def test_a_day_begins_and_ends_at_midnight_in_shanghai(ward: Ward) -> None:
    store = ward.region.web.store
    minute = timedelta(minutes=1)
    midnight = datetime.combine(LONG_AGO, time(0), ZONE)
    await ward.visits(ward.one, "night-before", midnight - minute)
    await ward.visits(ward.one, "night-first", midnight)
    await ward.visits(ward.two, "night-last", midnight + timedelta(days=1) - minute)
    await ward.visits(ward.two, "night-after", midnight + timedelta(days=1))
    # 07:59 in Shanghai is still the day before in UTC.
    now = datetime.combine(LONG_AGO, time(7, 59), ZONE).astimezone(UTC)
    assert now.date() < LONG_AGO
    found = await work_list(store, account("谁", "MK1"), Chosen(), now)
    keys = [one.day_visit.visit.origin.id for one in found.rows]
    assert keys == ["night-last", "night-first"]
    nobody = await work_list(store, account("谁", "MK2"), Chosen(), now)
    assert not any(nobody.counts.values())
    assert nobody.rows == ()


async def test_mine_comes_first_and_each_choice_says_how_many(ward: Ward) -> None:
    name = "名today-dr"
    await ward.visits(ward.one, "c1", at(0, 1), doctor=name, department="心内科", reason="高血压")
    await ward.visits(ward.two, "c2", at(0, 2), department="心内科", kind="EMER")
    await ward.visits(ward.three, "c3", at(0, 3), department="儿科")
    await ward.visits(ward.three, "c4", at(0, 4), status="cancelled")
    bed = {"kind": "IMP", "status": "in-progress", "department": "骨科"}
    await ward.visits(ward.two, "c5", at(9, days=-3), **bed)
    await ward.visits(ward.three, "c6", at(9, days=-3), **{**bed, "status": "finished"})
    await ward.visits(ward.three, "c7", at(9, days=-STAY.days - 1), **bed)
    page = (await ward.doctor.get("/doctor")).text
    said = words(page)
    assert "我的 1 本科室 2 全机构 4" in said
    assert "高血压" in said
    assert "田小满" not in said
    whole = words((await ward.doctor.get("/doctor", params={"whose": "all"})).text)
    assert "全部类型 4 门诊 2 急诊 1 在院 1" in whole
    beds = (
        await ward.doctor.get("/doctor/today/body", params={"whose": "all", "kind": "IMP"})
    ).text
    assert re.findall(r'id="visit-(\w+)"', beds) == ["c5"]
    assert "骨科" in beds
    assert at(9, days=-3).strftime("%m-%d") in words(beds)
    # Another institution sees none of it, and says so.
    assert "今天还没有您的就诊" in (await ward.other.get("/doctor")).text


async def test_what_is_new_is_told_until_the_record_is_opened(ward: Ward) -> None:
    who = ward.one
    await ward.put(
        {
            "resourceType": "Observation",
            "id": "today-new",
            "status": "final",
            "code": {"text": "血钾"},
            "subject": reference("Patient", who.patients[0]),
            "effectiveDateTime": at(0, 30).isoformat(),
            "valueQuantity": {"value": 4.1, "unit": "mmol/L"},
        }
    )
    said = words((await ward.doctor.get("/doctor", params={"whose": "mine"})).text)
    # What the fixture wrote at MK1 is of a clinical date weeks ago: only its own day counts here.
    assert re.search(r"海小兰 .{0,60}新结果 \d", said)
    assert (await ward.doctor.get(f"/record/{who.person}")).status_code == 200
    seen = words((await ward.doctor.get("/doctor", params={"whose": "mine"})).text)
    assert not re.search(r"海小兰 .{0,60}新结果", seen)
    assert "最近打开" in seen
    assert re.search(
        rf'href="/record/{who.person}">海小兰', (await ward.doctor.get("/doctor")).text
    )
    # What another institution sends is no news here.
    await ward.put(
        {
            "resourceType": "Observation",
            "id": "today-elsewhere",
            "status": "final",
            "code": {"text": "血钠"},
            "subject": reference("Patient", who.patients[1]),
            "effectiveDateTime": at(0, 31).isoformat(),
            "valueQuantity": {"value": 140, "unit": "mmol/L"},
        },
        "MK2",
    )
    again = words((await ward.doctor.get("/doctor", params={"whose": "mine"})).text)
    assert not re.search(r"海小兰 .{0,60}新结果", again)


async def test_a_note_of_mine_is_told_and_only_mine(ward: Ward) -> None:
    who = ward.one
    page = await ward.doctor.get(f"/record/{who.person}/notes/new")
    hidden = dict(
        re.findall(r'<input type="hidden" name="(key|version)" value="([^"]*)"', page.text)
    )
    form = {**hidden, "kind": "outpatient", "title": "门诊", "text": "血压平稳。", "visit": ""}
    made = await ward.doctor.post(f"/record/{who.person}/notes", data=form)
    assert made.status_code == 303, words(made.text)
    assert "已写记录" in (await ward.doctor.get("/doctor", params={"whose": "mine"})).text
    nurse = await ward.region.account("today-nurse", "nurse", "MK1")
    others = (await nurse.get("/doctor", params={"whose": "all"})).text
    assert "海小兰" in others
    assert "已写记录" not in others


async def test_a_long_list_has_pages(ward: Ward) -> None:
    store = ward.region.web.store
    day = datetime(2024, 5, 6, 8, tzinfo=ZONE)
    for number in range(PAGE + 3):
        await ward.visits(ward.one, f"long-{number}", day + timedelta(minutes=number))
    first = await work_list(store, account("谁", "MK1"), Chosen(), day)
    last = await work_list(store, account("谁", "MK1"), Chosen(page=99), day)
    assert (first.count, first.pages, len(first.rows)) == (PAGE + 3, 2, PAGE)
    assert (last.page, [one.day_visit.visit.origin.id for one in last.rows]) == (
        2,
        ["long-2", "long-1", "long-0"],
    )


async def test_an_open_list_that_refreshes_itself_names_nobody_twice_in_the_log(ward: Ward) -> None:
    pool = ward.region.web.store.pool
    count = "select count(*) from audit.entry where action = 'list-residents'"
    address = "/doctor/today/body?whose=all"
    assert (await ward.doctor.get(address)).status_code == 200
    before = await pool.fetchval(count)
    again = await ward.doctor.get(address, headers={"hx-trigger": "today"})
    assert again.status_code == 200
    assert await pool.fetchval(count) == before
    new = await ward.region.born("新来者")
    await ward.visits(new, "c9", at(0, 9))
    fresh = await ward.doctor.get(address, headers={"hx-trigger": "today"})
    assert "新到 1 位患者" in fresh.text
    assert await pool.fetchval(count) == before + 1
    id_ = await pool.fetchval("select id::text from accounts.account where login_key = 'today-dr'")
    named = await listed_to(pool, id_, datetime.now(UTC) - timedelta(minutes=1))
    assert new.person in named


async def test_who_may_not_be_opened_any_more_is_no_link(ward: Ward) -> None:
    who = await ward.region.born("石小川", visit=True)
    doctor = await ward.region.account("today-recent", "doctor", "MK1")
    assert (await doctor.get(f"/record/{who.person}")).status_code == 200
    assert f'href="/record/{who.person}"' in (await doctor.get("/doctor")).text
    settled = {
        "resourceType": "Encounter",
        "id": f"{who.patients[0]}-visit",
        "status": "finished",
        "class": {"system": _ACT, "code": "AMB"},
        "subject": reference("Patient", who.patients[0]),
        "period": {"start": "2020-01-02T08:00:00+08:00"},
    }
    await ward.put(settled)
    page = (await doctor.get("/doctor")).text
    assert f'href="/record/{who.person}"' not in page
    assert "现在不能打开" in page
    assert "石小川" not in page


async def test_the_page_is_told_of_its_own_institution_alone(ward: Ward) -> None:
    live = ward.region.web.live
    mark = await live.mark()
    own, other = Watched(sources=frozenset(["MK1"])), Watched(sources=frozenset(["MK2"]))
    async with live.watch(own, mark) as here, live.watch(other, mark) as there:
        assert not here.is_set()
        await ward.visits(ward.two, "c8", at(0, 8))
        await asyncio.wait_for(here.wait(), 10)
        assert not there.is_set()
    async with live.watch(own, mark) as late:
        assert late.is_set()
    async with live.watch(other, mark) as quiet:
        assert not quiet.is_set()


async def test_a_scanner_at_the_search_box_is_a_scan(ward: Ward) -> None:
    part = await ward.doctor.post("/doctor/results", data={"q": "YB12345678"})
    assert 'action="/doctor/scan"' in part.text
    assert "按扫码打开" in part.text
    named = await ward.doctor.post("/doctor/results", data={"q": ward.one.number})
    assert f'href="/record/{ward.one.person}"' in named.text
    old = ward.one.number[:6] + ward.one.number[8:17]
    assert len(old) == 15
    fifteen = await ward.doctor.post("/doctor/results", data={"q": old})
    assert f'href="/record/{ward.one.person}"' in fifteen.text
