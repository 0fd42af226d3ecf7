"""The region's pages: exact for the register's desk, protected for planners, down to a room."""

import csv
import html
import io
import random
import re
from datetime import UTC, date, datetime, timedelta

import argon2
import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar
from openpyxl import load_workbook

from minkang.accounts import passwords
from minkang.crypto import Keys
from minkang.fhir.dates import LOCAL
from minkang.identity.register import keep_divisions
from minkang.record.region import definitions, keep_shapes, read_shapes
from minkang.record.region.figures import Pair
from minkang.record.region.shapes import Shape
from minkang.store import Store
from minkang.web import Web
from minkang.web.region_map import WIDTH, draw
from minkang.web.region_words import category_name, change, share
from tests.identity.register.rows import OTHER_TOWN, VILLAGE, registered
from tests.record.region_facts import (
    CENTRE,
    HOSPITAL,
    ROOM,
    SHARED,
    count,
    directory,
    put_as,
    shared_provider,
    visit,
)

from .log_in import Browser, make

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(LOCAL).date()
HOSTILE = "<script>alert(1)</script>诊所"
FORMULA = "=1+1内科"
NAMES = (
    "环翠区|文登区|威海市|竹岛街道|云溪社区|海滨医院|竹岛中心|松汀卫生室|基层云平台|信息中心|诊所|系统"
    "|特发性（原发性）高血压|2型糖尿病|内科|外科"
)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys) -> None:
    """Eleven residents in two villages; 43 visits at a hospital, 3 at a room, 12 elsewhere."""
    await directory(store)
    await keep_divisions(store, {VILLAGE: "云溪社区", OTHER_TOWN: "松汀泊村"})
    people = [
        registered(str(n), living=VILLAGE if n < 9 else OTHER_TOWN, id_number="", name=f"居民{n}",
                   birth=f"19{50 + n}-05-05", household=f"H{n}")
        for n in range(1, 12)
    ]  # fmt: skip
    await put_as(store, "R", *people)
    dice = random.Random(3)
    at = {"reference": f"Organization/{HOSPITAL}"}
    await put_as(store, HOSPITAL, *(
        visit(str(n), _day(dice, n), provider=at, codes=("I10.x00",) if n % 2 else ("E11.900",),
              department=FORMULA if n < 8 else "外科")
        for n in range(43)
    ))  # fmt: skip
    await put_as(store, SHARED, *(
        visit(f"r{n}", TODAY, provider=shared_provider(ROOM, "卫生室")) for n in range(3)
    ), *(
        visit(f"c{n}", TODAY - timedelta(days=2), provider=shared_provider("MK-X", HOSTILE))
        for n in range(12)
    ))  # fmt: skip
    await keep_shapes(store, read_shapes(_map()))
    await count(store, keys, NOW)


def _day(dice: random.Random, number: int) -> date:
    """Of 43 visits 30 in the last month, 13 in the one before."""
    back = dice.randrange(30) if number < 30 else 30 + dice.randrange(30)
    return TODAY - timedelta(days=back)


def _map() -> bytes:
    squares = {
        "371002": (0, 0), "371003": (1, 0), "371002003": (0, 0), "371002003001": (0, 0),
    }  # fmt: skip
    return msgspec.json.encode({"features": [
        {"id": code, "geometry": {"type": "Polygon", "coordinates": [
            [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]]}}
        for code, (x, y) in squares.items()
    ]})  # fmt: skip


async def visitor(web: Web, application: Litestar, role: str) -> Browser:
    browser = Browser(application, "192.0.2.71")
    login = (await make(web, role)).login
    answer = await browser.log_in(login)
    if answer.headers["location"] == "/login/enrol":
        await browser.set_up("/login/enrol")
    return browser


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    assert page.status_code == 200, page.text
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


async def test_the_desk_sees_the_region_as_it_is(web: Web, application: Litestar) -> None:
    desk = await visitor(web, application, "information-centre")
    whole = words(await desk.get("/region"))
    assert "常住人口 11" in whole
    assert "诊疗人次 45" in whole  # 30 + 3 + 12
    assert "本期 45，上一期 13" in whole
    assert "I10 特发性（原发性）高血压 15" in whole
    assert "环翠区" in whole
    assert HOSTILE in whole  # as text
    assert "<script>alert" not in desk.last
    assert 'href="/region/definitions#visits"' in desk.last
    assert "数字截至" in whole


async def test_a_planner_learns_no_small_number_and_none_as_it_is(
    web: Web, application: Litestar
) -> None:
    planner = await visitor(web, application, "planner")
    whole = words(await planner.get("/region"))
    assert "常住人口 10" in whole
    assert "本期 45，上一期 15" in whole
    room = words(await planner.get(f"/region/institution/{ROOM}"))
    assert "诊疗人次 <5" in room
    assert not re.search(r"诊疗人次 [1-4]\b", room)
    county = words(await planner.get("/region/371003"))
    assert "常住人口 <5" in county
    for page in (whole, room, county):
        # Since when the figures stand is no figure, at 13:43 either.
        text, stamps = re.subn(r"数字截至 \d{4}-\d\d-\d\d \d\d:\d\d", "", page)
        assert stamps, page
        assert not re.search(r"(?<![-\d:])(13|43|33)(?![-\d%])", text), page


async def test_from_the_region_down_to_an_institution_and_back(
    web: Web, application: Litestar
) -> None:
    planner = await visitor(web, application, "planner")
    await planner.get("/region?days=90&shade=people")
    planner.shown(r'<a href="(/region/371002\?days=90&amp;shade=people)" aria-label="环翠区 10">')
    town = words(await planner.get("/region/371002?days=90"))
    assert "竹岛街道 10" in town
    village = words(await planner.get("/region/371002003?days=90"))
    assert "云溪社区" in village
    assert "本级和未注明" in village  # the centre stands in the town, in no village of it
    bottom = words(await planner.get("/region/371002003001?days=90"))
    assert "没有更下一级的区划" in bottom
    assert "海滨医院" in bottom
    hospital = words(await planner.get(f"/region/institution/{HOSPITAL}?days=90"))
    assert "综合医院" in hospital
    assert "环翠区 竹岛街道 云溪社区" in hospital
    centre = words(await planner.get(f"/region/institution/{CENTRE}"))
    assert "下级机构 1" in centre
    assert "松汀卫生室" in centre
    assert "上级 竹岛中心" in words(await planner.get(f"/region/institution/{ROOM}"))


async def test_no_part_of_the_map_is_a_dead_end(web: Web, application: Litestar) -> None:
    planner = await visitor(web, application, "planner")
    await keep_shapes(web.store, [Shape("371003999", "空镇", (((0, 0), (0, 1), (1, 1), (0, 0)),))])
    page = await planner.get("/region/371003")
    links = re.findall(r'<a href="(/region/[0-9]+)\?[^"]*" aria-label', page.text)
    assert "/region/371003999" in links
    for link in links:
        assert (await planner.get(link)).status_code == 200, link


@pytest.mark.parametrize(
    "path",
    ["/region/999999", "/region/abc", "/region/3710020030010", "/region/institution/nowhere",
     "/region/export?division=x"],
)  # fmt: skip
async def test_what_there_is_not_is_not_found(web: Web, application: Litestar, path: str) -> None:
    planner = await visitor(web, application, "planner")
    assert (await planner.get(path)).status_code == 404


async def test_every_look_is_written_down_and_others_are_refused(
    web: Web, application: Litestar, store: Store
) -> None:
    planner = await visitor(web, application, "planner")
    await planner.get("/region/371002")
    await planner.get("/region/export?division=371002")
    rows = await store.pool.fetch(
        """select object_type, object_id, person from audit.entry where action = 'see-region'
           order by at desc limit 2"""
    )
    assert {(row["object_type"], row["object_id"]) for row in rows} == {
        ("region", "371002"), ("region-export", "371002"),
    }  # fmt: skip
    assert all(row["person"] is None for row in rows)
    for role in ("doctor", "researcher", "resident", "system-administrator"):
        other = await visitor(web, application, role)
        for path in ("/region", f"/region/institution/{HOSPITAL}", "/region/export"):
            assert (await other.get(path)).status_code == 403, (role, path)


async def test_tables_leave_as_csv_and_as_a_workbook_protected_as_the_page(
    web: Web, application: Litestar
) -> None:
    planner = await visitor(web, application, "planner")
    file = await planner.get("/region/export?table=institutions")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    by_code = {row[0]: row for row in rows[1:]}
    assert by_code[HOSPITAL][8:] == ["30", "15"]
    assert by_code[ROOM][8] == "<5"
    departments = (await planner.get("/region/export?table=departments")).content.decode()
    assert f"'{FORMULA}" in departments
    desk = await visitor(web, application, "information-centre")
    book = load_workbook(io.BytesIO((await desk.get("/region/export")).content))
    assert len(book.sheetnames) == 11
    sheet = book["机构"]
    told = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert told[ROOM][8] == 3
    assert told[HOSPITAL][9] == 13
    assert all(cell.data_type != "f" for one in book for row in one.iter_rows() for cell in row)


async def test_every_number_leads_to_what_it_means(web: Web, application: Litestar) -> None:
    planner = await visitor(web, application, "planner")
    linked: set[str] = set()
    for path in ("/region", f"/region/institution/{HOSPITAL}"):
        linked |= set(re.findall(r'/region/definitions#([a-z-]+)"', (await planner.get(path)).text))
    page = await planner.get("/region/definitions")
    anchors = set(re.findall(r'<tr id="([a-z-]+)"', page.text))
    assert linked <= anchors == set(definitions())
    assert anchors - linked == set()
    assert "region.fact" in words(page)


async def test_the_pages_are_there_in_english(web: Web, application: Litestar) -> None:
    planner = await visitor(web, application, "planner")
    await planner.post("/language", {"language": "en", "back": "/region"})
    for path in ("", "/371002", f"/institution/{HOSPITAL}", "/definitions"):
        page = await planner.get(f"/region{path}")
        shown = re.sub(r"<(a|text|th|title|h1|polygon|strong)[^>]*>[^<]*</", "", words(page))
        left = re.sub(NAMES, "", shown)
        assert not re.findall(r"[\u4e00-\u9fff]{5,}", left), (path, left)


async def test_a_new_platform_says_that_it_still_counts(
    web: Web, application: Litestar, store: Store, keys: Keys
) -> None:
    planner = await visitor(web, application, "planner")
    kept = await store.pool.fetch("delete from region.part returning name, as_of, seconds")
    try:
        assert "正在第一次统计" in words(await planner.get("/region"))
    finally:
        await store.pool.executemany(
            "insert into region.part (name, as_of, seconds) values ($1, $2, $3)",
            [tuple(row) for row in kept],
        )


async def test_homes_say_what_needs_attention_and_how_far_records_reach(
    web: Web, application: Litestar
) -> None:
    planner = await visitor(web, application, "planner")
    home = words(await planner.get("/home"))
    assert "区域需要关注" in home
    assert "记录覆盖率" in home


def test_shares_and_changes_tell_no_small_number() -> None:
    assert share(3, 700, exact=False) == share(3, 4, exact=False) == share(0, 0, exact=True) == "—"
    assert share(3, 700, exact=True) == "0.4%"
    assert share(348, 700, exact=False) == "50%"
    assert change(Pair(3, 100), exact=False) is None
    assert change(Pair(100, 3), exact=False) is None
    fell = change(Pair(49, 102), exact=False)
    assert fell is not None
    assert (fell.way, fell.text) == ("down", "50%")
    same = change(Pair(49, 51), exact=False)
    assert same is not None
    assert same.way == "same"


def test_the_map_is_drawn_within_its_frame_and_shaded_by_value() -> None:
    shapes = {
        code: Shape(code, code, (((x, 0), (x + 1, 0), (x + 1, 1), (x, 1), (x, 0)),))
        for x, code in enumerate(("11", "12", "13"))
    }
    drawn = draw(shapes, {"11": "一"}, {"11": 100.0, "12": 10.0, "13": None}, {"11": "100"})
    assert drawn is not None
    assert [area.level for area in drawn.areas] == [5, 1, 0]
    assert drawn.areas[0].name == "一"
    points = [
        tuple(map(float, point.split(",")))
        for area in drawn.areas for path in area.paths for point in path.split()
    ]  # fmt: skip
    assert all(0 <= x <= WIDTH and 0 <= y <= drawn.height for x, y in points)
    assert drawn.areas[0].x < drawn.areas[1].x < drawn.areas[2].x
    assert draw({}, {}, {}, {}) is None


def test_a_category_that_icd_does_not_name_is_called_by_its_rest() -> None:
    assert category_name("I10") == "特发性（原发性）高血压"
    assert category_name("J06") == "急性上呼吸道感染"
    assert category_name("Z99").endswith("等") or category_name("Z99")
    assert category_name("X00") != ""
