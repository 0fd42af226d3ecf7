"""The population pages: numbers for planners, the register and its differences for its own desk."""

import html
import re
from typing import Any

import argon2
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from minkang.accounts import passwords
from minkang.crypto import Keys
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.identity.register import differences, keep_divisions
from minkang.store import Store
from minkang.web import Web
from minkang.web.register_chart import WIDTH, pyramid
from minkang.web.register_words import shown_people
from tests.identity.register.rows import OTHER_TOWN, VILLAGE, put, registered

from .log_in import Browser, make

NAME, NUMBER = "欧阳慧", "11010519491231002X"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys) -> None:
    """A village of 8, another of 3; a hospital that writes one name otherwise."""
    await keep_divisions(store, {VILLAGE: "云溪社区", OTHER_TOWN: "松汀泊村"})
    rows = [registered("1")]
    rows += [_plain(str(at), VILLAGE, "male" if at % 2 else "female") for at in range(2, 9)]
    rows += [_plain(str(at), OTHER_TOWN, "male") for at in range(9, 12)]
    await put(store, keys, *rows)
    await put(
        store,
        keys,
        {
            "resourceType": "Patient",
            "id": "h1",
            "name": [{"text": "欧阳惠"}],
            "gender": "female",
            "birthDate": "1949-12-31",
            "identifier": [{"system": ID_CARD_SYSTEM, "value": NUMBER}],
        },
    )


def _plain(number: str, living: str, sex: str) -> dict[str, Any]:
    return registered(
        number, living=living, registered=living, sex=sex, name=f"居民{number}", id_number="",
        birth=f"19{60 + int(number)}-05-05", household=f"H-0{number}",
    )  # fmt: skip


async def visitor(web: Web, application: Litestar, role: str) -> Browser:
    browser = Browser(application, "192.0.2.70")
    login = (await make(web, role)).login
    await (browser.log_in(login) if role == "planner" else browser.enter(login))
    return browser


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


async def test_the_desk_sees_the_population_as_it_is(web: Web, application: Litestar) -> None:
    desk = await visitor(web, application, "information-centre")
    whole = words(await desk.get("/population?at=2026-01-15"))
    assert "共 11 人" in whole
    assert "环翠区 8" in whole
    assert "<svg" in desk.last
    assert "姓名不同 1" in whole
    town = words(await desk.get("/population?division=371002003&at=2026-01-15"))
    assert "竹岛街道" in town
    assert "云溪社区 8" in town
    early = words(await desk.get("/population?at=1900-01-01"))
    assert "这一天没有登记的人口" in early
    assert "户籍人口" in words(await desk.get("/population?basis=registered&at=nonsense"))


async def test_a_planner_learns_no_small_number(web: Web, application: Litestar) -> None:
    planner = await visitor(web, application, "planner")
    page = words(await planner.get("/population?at=2026-01-15"))
    assert "共 10 人" in page
    assert "环翠区 10" in page
    assert "<5" in page
    assert "环翠区 8" not in page
    assert "差异" not in page
    for path in ("/population/residents", "/population/events", "/population/differences"):
        assert (await planner.get(path)).status_code == 403


async def test_who_is_refused_learns_neither_of_a_row_nor_of_a_difference(
    web: Web, application: Litestar, store: Store
) -> None:
    planner = await visitor(web, application, "planner")
    (line,) = await differences(store, kind="name")
    person = await store.pool.fetchval("select person from identity.link where patient = 'row-1'")
    for known, unknown in (("residents/row-1", "residents/row-x"),
                           (f"differences/{line.id}", "differences/" + "0" * 24)):  # fmt: skip
        pages = [await planner.get(f"/population/{one}") for one in (known, unknown)]
        assert [page.status_code for page in pages] == [403, 403]
        texts = [
            page.text.replace(one, "X") for page, one in zip(pages, (known, unknown), strict=True)
        ]
        shown = [re.sub(r"[0-9a-f]{64,}|\d{4}-\d\d-\d\d \d\d:\d\d", "", one) for one in texts]
        assert shown[0] == shown[1]
        assert person not in pages[0].text
    noted = await store.pool.fetchval(
        "select count(*) from audit.entry where person = $1 and not allowed", person
    )
    assert noted == 2


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (7, "5"), (8, "10"), (12_347, "12,345")],
)
def test_small_numbers_are_hidden_and_others_rounded(people: int, told: str) -> None:
    assert shown_people(people, exact=False) == told
    assert shown_people(people, exact=True) == f"{people:,}"


def test_the_longest_bar_of_the_pyramid_fills_its_side_and_none_leaves_the_drawing() -> None:
    drawn = pyramid(("0-14", "15+"), {"0-14": 5, "15+": 10}, {"15+": 4})
    assert [bar.name for bar in drawn.bars] == ["15+", "0-14"]
    assert (drawn.bars[0].men_x, drawn.bars[0].men) == (0, WIDTH / 2 - 44)
    assert all(bar.women_x + bar.women <= WIDTH for bar in drawn.bars)
    assert pyramid(("0+",), {}, {}).bars[0].men == 0


async def test_somebody_is_looked_up_and_it_is_written_down(
    web: Web, application: Litestar
) -> None:
    desk = await visitor(web, application, "information-centre")
    assert "请输入要查的人或户" in words(await desk.get("/population/residents"))
    found = await desk.post("/population/residents", {"q": "欧阳", "division": ""})
    assert "欧**" in words(found) or "欧阳*" in words(found)
    assert NAME not in found.text
    assert NUMBER not in found.text
    href = desk.shown(r'href="(/population/residents/[^"]+)"')
    card = await desk.get(href)
    assert NAME in words(card)
    assert NUMBER not in card.text
    assert "1949-12-31 – 至今" in words(card)
    assert "出生 云溪社区" in words(card)
    noted = await web.store.pool.fetchrow(
        """select person, purpose from audit.entry where action = 'see-register'
           and object_type = 'Patient' order by at desc limit 1"""
    )
    assert noted is not None
    assert noted["person"] == await web.store.pool.fetchval(
        "select person from identity.link where patient = 'row-1'"
    )
    nobody = await desk.post("/population/residents", {"q": "独孤", "division": ""})
    assert "人口登记中没有找到" in words(nobody)
    assert (await desk.get("/population/residents/h1")).status_code == 404
    village = words(await desk.post("/population/residents", {"q": "", "division": OTHER_TOWN}))
    assert village.count("松汀泊村") == 3


async def test_what_happened_is_listed_by_day_and_kind(web: Web, application: Litestar) -> None:
    desk = await visitor(web, application, "information-centre")
    page = words(await desk.get("/population/events?kind=birth&since=1969-01-01&until=1971-12-31"))
    assert "1969-05-05 出生" in page
    assert page.count("出生 居") == 3
    assert "这些天没有登记的变动" in words(await desk.get("/population/events?kind=death"))


async def test_a_difference_is_decided_on_with_a_reason_and_taken_up_again(
    web: Web, application: Litestar, store: Store
) -> None:
    desk = await visitor(web, application, "information-centre")
    (line,) = await differences(store, kind="name")
    listed = words(await desk.get("/population/differences?kind=name"))
    assert "姓名不同 欧" in listed
    here = f"/population/differences/{line.id}"
    side = words(await desk.get(here))
    assert "姓名 欧阳慧 欧阳惠 不同" in side
    assert "出生日期 1949-12-31 1949-12-31 一致" in side
    refused = await desk.post(here, {"verdict": "care-wrong", "reason": " "})
    assert refused.status_code == 422
    assert (await desk.post(here, {"verdict": "other", "reason": "核对"})).status_code == 422
    done = await desk.post(here, {"verdict": "care-wrong", "reason": "户口簿为慧"})
    assert done.status_code == 303
    assert "户口簿为慧" in words(await desk.get(here))
    assert "没有待核对的差异" in words(await desk.get("/population/differences?kind=name"))
    assert "须由来源机构改正" in words(
        await desk.get("/population/differences?kind=name&show=decided")
    )
    await desk.post(here, {"verdict": "reopened", "reason": "机构来电"})
    assert (await differences(store, kind="name"))[0].open
    assert (await desk.get("/population/differences/" + "0" * 24)).status_code == 404


async def test_the_pages_are_there_in_english(web: Web, application: Litestar) -> None:
    desk = await visitor(web, application, "information-centre")
    await desk.post("/language", {"language": "en", "back": "/population"})
    for path in ("", "/residents", "/events", "/differences"):
        page = await desk.get(f"/population{path}")
        assert page.status_code == 200
        shown = re.sub(r"<(option|title|a|span|td|th|small|strong)[^>]*>[^<]*</", "", page.text)
        main = shown[shown.index("<main") : shown.index("</main>")]
        assert not re.findall(r"[\u4e00-\u9fff]{5,}", main), path
