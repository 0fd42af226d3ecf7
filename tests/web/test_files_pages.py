"""The pages of health files: the keeper's, the resident's, the desk of corrections, the rates."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import argon2
import httpx
import pytest
import pytest_asyncio

from minkang.accounts import passwords
from minkang.crypto import Keys
from minkang.record.files import file_of_person
from minkang.store import Store
from minkang.web import Web
from tests.record.files_region import OTHER, STATION, person, village
from tests.web.small_region import Region, Someone

MISSING = 4


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


class Cast:
    """The keeper of the village, one of another place, a hospital's doctor, two residents."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.browsers: dict[str, httpx.AsyncClient] = {}

    def __getitem__(self, login: str) -> httpx.AsyncClient:
        return self.browsers[login]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cast(web: Web, store: Store, keys: Keys) -> AsyncIterator[Cast]:
    patch = pytest.MonkeyPatch()
    patch.setattr(
        passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    await village(store, keys)
    async with Region(web) as region:
        found = Cast(store)
        for login, role, organisation, serial in (
            ("keeper", "village-doctor", STATION, 0), ("second", "gp", STATION, 0),
            ("stranger", "village-doctor", OTHER, 0), ("hospital", "doctor", "MK1", 0),
            ("planner", "planner", "CO1", 0),
            ("one", "resident", None, 1), ("four", "resident", None, MISSING),
        ):  # fmt: skip
            someone = None
            if serial:
                who = await person(store, serial)
                someone = Someone(who.person, who.name, "", "", ("", ""), datetime.now(UTC).date())
            found.browsers[login] = await region.account(login, role, organisation, someone)
        yield found
    patch.undo()


def words(page: httpx.Response, status: int = 200) -> str:
    """What a person reads on a page."""
    assert page.status_code == status, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def version(page: httpx.Response) -> str:
    """The version that a page's forms carry."""
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


async def at(store: Store, serial: int) -> str:
    """The address of a resident's file."""
    return f"/files/{(await person(store, serial)).person}"


async def test_the_work_list_leads_to_the_file_with_names_masked(cast: Cast, store: Store) -> None:
    page = words(await cast["keeper"].get("/files"))
    assert "未建档 1" in page
    assert "居民4" not in page
    assert f"{await at(store, MISSING)}/sheet" in (await cast["keeper"].get("/files")).text
    sheet = await cast["keeper"].get("/files?file=csv")
    assert "未建档" in sheet.content.decode("utf-8-sig")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "没有要处理的档案" in words(await cast["stranger"].get("/files"))


async def test_a_file_is_seen_by_who_keeps_it_alone_and_written_down(
    cast: Cast, store: Store
) -> None:
    where = await at(store, 1)
    page = words(await cast["keeper"].get(where))
    assert "居民1" in page
    assert "37100200300100001" in page
    for other in ("stranger", "hospital", "planner", "one"):
        known, unknown = [await cast[other].get(one) for one in (where, "/files/nobody")]
        assert known.status_code == unknown.status_code == 403
        assert "37100200300100001" not in known.text
    looked = await store.pool.fetchval(
        """select count(*) from audit.entry
           where action = 'keep-file' and person = $1 and not allowed""",
        where.removeprefix("/files/"),
    )
    assert looked == 4


async def test_of_two_doctors_the_second_sees_both_versions(cast: Cast, store: Store) -> None:
    where = f"{await at(store, 2)}/sheet"
    first, second = [await cast[one].get(where) for one in ("keeper", "second")]
    form = {"shown": "phone", "phone": "13911112222", "version": version(first)}
    assert (await cast["keeper"].post(where, data=form)).status_code == 303
    late = form | {"phone": "13933334444", "version": version(second)}
    told = await cast["second"].post(where, data=late)
    page = words(told, 409)
    assert "13911112222" in page
    assert "13933334444" in page
    assert "名keeper" in page
    again = late | {"version": version(told)}
    assert (await cast["second"].post(where, data=again)).status_code == 303
    assert "13933334444" in words(await cast["keeper"].get(where.removesuffix("/sheet")))


async def test_a_value_that_cannot_be_is_told_and_nothing_is_lost(cast: Cast, store: Store) -> None:
    where = f"{await at(store, 3)}/sheet"
    form = {
        "shown": "phone",
        "phone": "不知道",
        "version": version(await cast["keeper"].get(where)),
    }
    told = await cast["keeper"].post(where, data=form)
    assert "填写的内容不符合要求" in words(told, 400)
    assert 'value="不知道"' in told.text


async def test_a_resident_begins_a_file_online_and_the_doctor_opens_it(
    cast: Cast, store: Store
) -> None:
    assert "在线申请建档" in words(await cast["four"].get("/me/file"))
    form = {"shown": "phone", "phone": "13700000004"}
    assert (await cast["four"].post("/me/file", data=form)).status_code == 303
    assert "等待医生核对" in words(await cast["four"].get("/me/file"))
    assert "居民在线申请建档" in words(await cast["keeper"].get("/files?kind=asked"))
    where = await at(store, MISSING)
    page = await cast["keeper"].get(where)
    assert "13700000004" in page.text
    done = await cast["keeper"].post(where, data={"action": "accept", "version": version(page)})
    assert done.status_code == 303
    file = await file_of_person(store.pool, where.removeprefix("/files/"))
    assert file is not None
    assert (file.state, file.number) == ("open", "37100200300100004")


async def test_a_correction_is_asked_answered_and_becomes_a_new_version(
    cast: Cast, store: Store
) -> None:
    form = {"item": "phone", "wrong": "13800000001", "right": "13855556666", "evidence": "换号了"}
    assert (await cast["one"].post("/me/corrections", data=form)).status_code == 303
    assert "等待答复" in words(await cast["one"].get("/me/corrections"))
    desk = await cast["keeper"].get("/corrections")
    found = re.search(r'href="(/corrections/[0-9a-f-]{36})"', desk.text)
    assert found
    assert (await cast["stranger"].get(found[1])).status_code == 404
    page = await cast["keeper"].get(found[1])
    assert "13855556666" in page.text
    answer = {
        "action": "accept", "version": version(page), "words": "已核实并更正",
        "shown": "phone", "phone": "13855556666",
    }  # fmt: skip
    assert (await cast["keeper"].post(found[1], data=answer)).status_code == 303
    assert (await cast["keeper"].post(found[1], data=answer)).status_code == 409
    assert "已核实并更正" in words(await cast["one"].get("/me/corrections"))
    assert "13855556666" in words(await cast["one"].get("/me/file"))
    kept = await store.pool.fetch(
        "select action, detail from audit.entry where action like '%correction' order by at, seq"
    )
    assert [one["action"] for one in kept] == ["ask-correction", "answer-correction"]
    assert not any("138" in (one["detail"] or "") for one in kept)
    notice = await store.pool.fetchval(
        "select kind from policy.notice where person = $1", (await person(store, 1)).person
    )
    assert notice == "correction-accepted"


async def test_a_hospitals_fact_is_for_the_hospital_to_answer(cast: Cast, store: Store) -> None:
    form = {"item": "result", "wrong": "血糖 55", "right": "血糖 5.5"}
    assert (await cast["one"].post("/me/corrections", data=form)).status_code == 303
    assert "没有等待答复的申请" in words(await cast["hospital"].get("/corrections"))
    desk = await cast["keeper"].get("/corrections")
    (where,) = re.findall(r'href="(/corrections/[0-9a-f-]{36})"', desk.text)
    page = await cast["keeper"].get(where)
    passed = {"action": "forward", "version": version(page), "to": "MK1", "words": "请核对原始报告"}
    assert (await cast["keeper"].post(where, data=passed)).status_code == 303
    assert "已转原机构核实" in words(await cast["one"].get("/me/corrections"))
    before = await store.pool.fetchval("select count(*) from store.history where source = 'MK1'")
    seen = await cast["hospital"].get(where)
    assert "请核对原始报告" in words(seen)
    answer = {"action": "refuse", "version": version(seen), "words": "原始报告就是 55"}
    assert (await cast["hospital"].post(where, data=answer)).status_code == 303
    assert "原始报告就是 55" in words(await cast["one"].get("/me/corrections"))
    after = await store.pool.fetchval("select count(*) from store.history where source = 'MK1'")
    assert before == after


async def test_a_planner_sees_rates_without_small_numbers(cast: Cast) -> None:
    page = words(await cast["planner"].get("/files/rates"))
    assert "<5" in page
    assert "国家基本公共卫生服务规范（第三版）" in page
    exact = words(await cast["keeper"].get("/files/rates"))
    assert "<5" not in exact
    assert "100.0%" in exact
    assert (await cast["planner"].get("/files")).status_code == 403


async def test_the_home_says_what_waits(cast: Cast, store: Store) -> None:
    home = await cast["keeper"].get("/home")
    assert 'href="/files"' in home.text
    assert "健康档案" in words(home)
