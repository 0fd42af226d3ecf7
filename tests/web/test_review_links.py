"""A resident's registrations: seen, split, joined by hand, kept apart; and the figures of all."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from minkang.identity.grouping import pair_of
from minkang.identity.linkage.explain import RULES as WORDS
from minkang.identity.linkage.guards import GUARDS
from minkang.identity.review_labels import read_table
from minkang.web import Web
from tests.web.identity_desk import LINKS, QUEUE, WHY, Desk, at, decided
from tests.web.small_region import Region


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(web: Web) -> AsyncIterator[Desk]:
    async with Region(web) as region:
        made = Desk(region)
        made.first = await region.account("links-one", "information-centre")
        made.second = await region.account("links-two", "information-centre")
        made.doctor = await region.account("links-doctor", "doctor", "MK1")
        yield made


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


async def of(desk: Desk, patient: str) -> str:
    """The address of the links of a registration's resident."""
    return f"{LINKS}/{await desk.person(patient)}"


async def test_a_residents_registrations_are_listed_with_rule_and_institution(desk: Desk) -> None:
    pair = await desk.alike("何小燕")
    page = await desk.first.get(await of(desk, pair[0]))
    text = words(page)
    assert page.status_code == 200
    assert "何小燕" in text
    assert "海滨人民医院" in text
    assert "港城中医医院" in text
    assert "身份证号相同" in text
    (number,) = await desk.numbers(pair)
    assert number not in page.text
    entry = (await desk.entries("review-links"))[0]
    assert entry["person"] == await desk.person(pair[0])


async def test_a_registration_is_split_off_for_a_reason_and_comes_back(desk: Desk) -> None:
    pair = await desk.alike("孔小文")
    whole = await desk.person(pair[0])
    address = await of(desk, pair[0])
    for form in ({"patient": pair[1]}, {"patient": pair[1], "reason": "不"}, {"reason": WHY}):
        assert (await desk.first.post(f"{address}/split", data=form)).status_code == 400
        assert await desk.together(pair)
    form = {"patient": pair[1], "reason": "两个人同名，证件被借用"}
    assert (await desk.first.post(f"{address}/split", data=form)).status_code == 303
    assert not await desk.together(pair)
    assert (await desk.entries("decide-link"))[0]["reason"] == "different"

    page = await desk.second.get(await of(desk, pair[0]))
    text = words(page)
    assert "永不合并" in text
    assert "证件被借用" in text
    assert "名links-one" in text
    assert "人工决定" in text, "the history says why the link ended"
    assert "还没有变动" not in words(await desk.first.get(LINKS))

    number = page.text.partition('name="decision" value="')[2].partition('"')[0]
    form = {"decision": number, "reason": "查证是同一人"}
    stays = await desk.second.post(f"{address}/revoke", data={**form, "reason": ""})
    assert stays.status_code == 400
    assert not await desk.together(pair)
    answer = await desk.second.post(f"{await of(desk, pair[0])}/revoke", data=form)
    assert answer.status_code == 303
    assert await desk.together(pair)
    assert await desk.person(pair[0]) == whole
    assert "撤销决定" in words(await desk.first.get(await of(desk, pair[0])))


async def test_a_registration_of_somebody_else_is_not_split_off_here(desk: Desk) -> None:
    pair, other = await desk.alike("丁小文"), await desk.alike("薛小文")
    form = {"patient": other[0], "reason": WHY}
    answer = await desk.first.post(f"{await of(desk, pair[0])}/split", data=form)
    assert answer.status_code == 400
    assert await desk.together(other)
    assert await desk.together(pair)


async def test_registrations_are_joined_by_hand_by_way_of_a_search(desk: Desk) -> None:
    one = await desk.register("侯小文", "MK1", more={"birthDate": "1971-03-04", "telecom": []})
    other = await desk.register("贺文", "MK2", more={"birthDate": "1972-04-05", "telecom": []})
    assert not await desk.together((one, other))
    found = await desk.first.post(LINKS, data={"with": one, "q": "贺文"})
    assert "侯**" in words(found)
    assert at((one, other)) in found.text
    assert (await decided(desk.first, (one, other), "same")).status_code == 303
    assert await desk.together((one, other))
    page = await desk.first.get(await of(desk, one))
    assert "由人决定" in words(page)
    assert WHY in words(page)


async def test_a_person_that_lost_its_registrations_leads_to_who_stands_for_it(desk: Desk) -> None:
    one = await desk.register("邱小文", "MK1", more={"birthDate": "1961-03-04", "telecom": []})
    other = await desk.register("邱文", "MK2", more={"birthDate": "1962-04-05", "telecom": []})
    former = {await desk.person(one), await desk.person(other)}
    await decided(desk.first, (one, other), "same")
    kept = await desk.person(one)
    (gone,) = former - {kept}
    answer = await desk.first.get(f"{LINKS}/{gone}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{LINKS}/{kept}"
    assert (await desk.first.get(f"{LINKS}/nobody")).status_code == 404


async def test_a_search_tells_whom_it_named(desk: Desk) -> None:
    pair = await desk.alike("段小文")
    (number,) = await desk.numbers(pair)
    page = await desk.first.post(LINKS, data={"q": number})
    assert await of(desk, pair[0]) in page.text
    assert number not in page.text.replace(f'value="{number}"', "")
    entry = (await desk.entries("review-links"))[0]
    assert entry["persons"] == [await desk.person(pair[0])]
    assert "请再多输入一些" in words(await desk.first.post(LINKS, data={"q": "段"}))
    assert "没有找到" in words(await desk.first.post(LINKS, data={"q": "没有此人"}))


async def test_the_overview_counts_and_the_labels_say_what_was_decided(desk: Desk) -> None:
    pair = await desk.doubtful("龚小文", "程大山")
    before = words(await desk.first.get("/centre/identity"))
    assert "发现的重复登记" in before
    await decided(desk.first, pair, "different")
    found = await desk.first.get("/centre/identity/labels")
    rows = list(csv.DictReader(io.StringIO(found.text)))
    assert {"a": pair[0], "b": pair[1], "verdict": "different"}.items() <= rows[-1].items()
    assert [(one.a, one.b, one.same) for one in read_table(found.text)][-1] == (*pair, False)
    after = words(await desk.first.get("/centre/identity"))
    assert "达到自动关联" not in after
    assert "同一人的比例" in after
    assert f"已有 {len(rows)} 对判定结果" in after
    assert "自动关联 ≥" in after
    assert (await desk.doctor.get("/centre/identity/labels")).status_code == 403


async def test_enough_decisions_propose_thresholds(desk: Desk) -> None:
    assert "满 20 对" in words(await desk.first.get("/centre/identity"))
    one, *rest = [await desk.register("雷小文", "MK1", more=known("1951")) for _ in range(5)]
    other = [await desk.register("钱大海", "MK2", more=known("1964")) for _ in range(5)]
    for patient in rest:
        assert await desk.together((one, patient))
    assert (await decided(desk.first, pair_of(one, other[0]), "different")).status_code == 303
    text = words(await desk.first.get("/centre/identity"))
    count = re.search(r"(\d+) 对校准，界限应为：自动关联 ≥ \d", text)
    assert count, text[-400:]
    assert int(count[1]) >= 25, "each of one side with each of the other"


def known(year: str) -> dict[str, Any]:
    """A birth date and a telephone number that nobody else here has."""
    phone = {"system": "phone", "value": f"1390000{year}"}
    return {"birthDate": f"{year}-03-11", "telecom": [phone]}


async def test_the_figures_follow_the_links(desk: Desk) -> None:
    def figure(text: str, name: str) -> int:
        found = re.search(rf"{name} (\d+)", text)
        assert found
        return int(found[1])

    before = words(await desk.first.get("/centre/identity"))
    await desk.alike("左小文")
    after = words(await desk.first.get("/centre/identity"))
    assert figure(after, "总览 登记份数") == figure(before, "总览 登记份数") + 2
    assert figure(after, "发现的重复登记") == figure(before, "发现的重复登记") + 1


async def test_no_page_of_the_desk_is_open_to_a_doctor(desk: Desk) -> None:
    pair = await desk.alike("石小文")
    address = await of(desk, pair[0])
    for path in (LINKS, address, QUEUE):
        assert (await desk.doctor.get(path)).status_code == 403
    for path in (f"{address}/split", f"{address}/revoke", LINKS):
        form = {"patient": pair[0], "reason": WHY, "decision": "1", "q": "石小文"}
        assert (await desk.doctor.post(path, data=form)).status_code == 403
    assert await desk.together(pair)


def test_every_guard_has_words() -> None:
    assert GUARDS.keys() <= WORDS.keys()
