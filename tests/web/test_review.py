"""The identity desk: the queue, a pair, the decision, the second person; seen from browsers."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from minkang.identity.grouping import Pair
from minkang.web import Web
from tests.web.identity_desk import QUEUE, WHY, Desk, at, decided, seen
from tests.web.small_region import Region


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(web: Web) -> AsyncIterator[Desk]:
    async with Region(web) as region:
        made = Desk(region)
        made.first = await region.account("desk-one", "information-centre")
        made.second = await region.account("desk-two", "information-centre")
        made.doctor = await region.account("desk-doctor", "doctor", "MK1")
        yield made


def words(page: httpx.Response) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


async def test_the_queue_names_nobody_in_full(desk: Desk) -> None:
    pair = await desk.doubtful("何小燕", "丁大山")
    page = await desk.first.get(QUEUE)
    assert at(pair) in page.text
    text = words(page)
    assert "何**" in text
    assert "丁**" in text
    assert "何小燕" not in text
    assert "同一身份证号下姓名明显不同" in text
    assert "海滨人民医院" in text
    assert "2 次就诊" in text


async def test_the_table_has_neither_names_nor_numbers_nor_birthdays(desk: Desk) -> None:
    pair = await desk.doubtful("卢小文", "袁建国")
    answer = await desk.first.get(f"{QUEUE}/table")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert {"海滨人民医院", "港城中医医院"} <= {cell for row in rows for cell in row}
    (number,) = await desk.numbers(pair)
    for secret in ("卢小文", "袁建国", number, "1980-05-20", "13800001234", *pair):
        assert secret not in answer.text
    assert (await desk.entries("review-links"))[0]["object_type"] == "review-table"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def waiting(desk: Desk) -> Pair:
    """A pair that nobody decides on."""
    return await desk.doubtful("贺小舟", "邱建国")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("cause=two-on-one-number", True),
        ("cause=twins", False),
        ("institution=MK2", True),
        ("institution=MK4", False),
        ("since=2020-01-01", True),
        ("until=2020-01-01", False),
        ("since=nonsense&after=nonsense", True),
        ("shown=deferred", False),
    ],
)
async def test_the_queue_is_filtered(asked: str, there: bool, waiting: Pair, desk: Desk) -> None:
    page = await desk.first.get(f"{QUEUE}?{asked}")
    assert page.status_code == 200
    assert (at(waiting) in page.text) is there


async def test_bands_of_weights_part_the_queue(waiting: Pair, desk: Desk) -> None:
    found = [
        at(waiting) in (await desk.first.get(f"{QUEUE}?band={band}")).text
        for band in ("above", "upper", "lower", "under")
    ]
    assert sum(found) == 1


async def test_a_pair_says_what_agrees_and_what_it_weighs(desk: Desk) -> None:
    pair = await desk.doubtful("孔小燕", "薛大山")
    page = await desk.first.get(at(pair))
    text = words(page)
    assert "孔小燕" in text
    assert "薛大山" in text
    name = text[text.index("姓名") : text.index("性别")]
    assert "不同" in name
    assert "登记了相同的电话" in text
    assert "三天之内都到过" not in text, "the two visits are at two institutions"
    assert "相同（校验通过）" in text
    assert "合计" in text
    entry = (await desk.entries("review-links"))[0]
    assert set(entry["persons"]) == {await desk.person(one) for one in pair}
    assert entry["account_name"] == "名desk-one"


async def test_visits_near_in_time_at_one_institution_are_evidence(desk: Desk) -> None:
    pair = await desk.doubtful("阎小青", "金大山", "MK1")
    text = words(await desk.first.get(at(pair)))
    assert "三天之内都到过 海滨人民医院" in text


async def test_numbers_are_masked_until_asked_for_and_that_is_written_down(desk: Desk) -> None:
    pair = await desk.doubtful("段小燕", "侯大山")
    (number,) = await desk.numbers(pair)
    page = await desk.first.get(at(pair))
    assert number not in page.text
    assert "13800001234" not in page.text
    before = len(await desk.entries("show-numbers"))
    shown = await desk.first.post(at(pair, "/show"))
    assert number in shown.text
    assert "13800001234" in shown.text
    entries = await desk.entries("show-numbers")
    assert len(entries) == before + 1
    assert set(entries[0]["persons"]) == {await desk.person(one) for one in pair}
    assert number not in str(entries[0])


async def test_same_joins_at_once_and_undoing_parts_again(desk: Desk) -> None:
    pair = await desk.doubtful("武小燕", "谭大山")
    assert at(pair) in (await desk.first.get(QUEUE)).text
    former = {await desk.person(one) for one in pair}
    answer = await decided(desk.first, pair, "same")
    assert answer.status_code == 303, words(answer)
    assert await desk.together(pair)
    page = await desk.first.get(at(pair))
    assert "现在归为同一位居民" in words(page)
    assert WHY in words(page)
    assert at(pair) not in (await desk.first.get(QUEUE)).text

    number = page.text.partition('name="decision" value="')[2].partition('"')[0]
    form = {"decision": number, "reason": "复核发现是两个人"}
    assert (await desk.second.post(at(pair, "/revoke"), data=form)).status_code == 303
    assert {await desk.person(one) for one in pair} == former
    assert at(pair) in (await desk.first.get(QUEUE)).text
    text = words(await desk.first.get(at(pair)))
    assert "已撤销" in text
    assert "复核发现是两个人" in text


async def test_a_decision_leads_to_the_next_pair(desk: Desk) -> None:
    await desk.doubtful("莫小燕", "庞大山")
    pair = await desk.doubtful("樊小燕", "霍大山")
    answer = await decided(desk.first, pair, "different")
    target = answer.headers["location"]
    assert target.startswith(QUEUE)
    assert f"done={pair[0]}~{pair[1]}" in target
    assert not target.startswith(at(pair))
    assert "上一对已提交" in words(await desk.first.get(target))


async def test_different_is_kept_whatever_comes(desk: Desk) -> None:
    pair = await desk.doubtful("龚小燕", "程大山")
    assert (await decided(desk.first, pair, "different")).status_code == 303
    assert not await desk.together(pair)
    assert at(pair) not in (await desk.first.get(QUEUE)).text
    refused = await decided(desk.second, pair, "same")
    assert refused.status_code == 409
    assert not await desk.together(pair)


async def test_without_a_reason_or_a_verdict_nothing_is_decided(desk: Desk) -> None:
    pair = await desk.doubtful("陆小燕", "左大山")
    for verdict, reason in (("same", ""), ("same", " 好 "), ("maybe", WHY), ("", WHY)):
        answer = await decided(desk.first, pair, verdict, reason=reason)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert not await desk.together(pair)
    assert at(pair) in (await desk.first.get(QUEUE)).text


async def test_who_saw_an_older_state_is_told_and_nothing_happens(desk: Desk) -> None:
    pair = await desk.doubtful("石小燕", "崔大山")
    old = await desk.second.get(at(pair))
    assert (await decided(desk.first, pair, "different")).status_code == 303
    form = {"verdict": "same", "reason": WHY, "seen": seen(old), "days": "7"}
    answer = await desk.second.post(at(pair, "/decide"), data=form)
    assert answer.status_code == 409
    assert "有了变化" in words(answer)
    assert WHY in words(answer), "what the first one wrote is there to be read"
    assert not await desk.together(pair)


async def test_a_pair_that_somebody_has_is_not_decided_by_another(desk: Desk) -> None:
    pair = await desk.doubtful("龙小燕", "万大山")
    assert (await desk.first.post(at(pair, "/take"))).status_code == 303
    assert "这一对由您处理" in words(await desk.first.get(at(pair)))
    assert "名desk-one 正在处理" in words(await desk.second.get(at(pair)))
    assert "名desk-one 正在处理" in words(await desk.second.get(QUEUE))
    assert (await desk.second.post(at(pair, "/take"))).status_code == 409
    assert (await decided(desk.second, pair, "different")).status_code == 409
    await desk.second.post(at(pair, "/release"))
    assert (await decided(desk.second, pair, "different")).status_code == 409
    assert (await desk.first.post(at(pair, "/release"))).status_code == 303
    assert (await decided(desk.second, pair, "different")).status_code == 303


async def test_what_is_taken_comes_free_by_itself(desk: Desk) -> None:
    pair = await desk.doubtful("雷小燕", "钱大山")
    await desk.first.post(at(pair, "/take"))
    await desk.web.store.pool.execute(
        "update identity.review_desk set taken_until = now() - interval '1 second'"
    )
    assert (await desk.second.post(at(pair, "/take"))).status_code == 303
    assert "这一对由您处理" in words(await desk.second.get(at(pair)))


async def test_a_pair_is_put_off_for_some_days(desk: Desk) -> None:
    pair = await desk.doubtful("汤小燕", "尹大山")
    assert (await decided(desk.first, pair, "later", reason="等医院回话")).status_code == 303
    assert at(pair) not in (await desk.first.get(QUEUE)).text
    off = await desk.first.get(f"{QUEUE}?shown=deferred")
    assert at(pair) in off.text
    assert "等医院回话" in words(off)
    assert len(await desk.entries("put-off-link")) == 1
    assert not await desk.together(pair)
    await desk.web.store.pool.execute(
        "update identity.review_desk set deferred_until = now() - interval '1 second'"
    )
    assert at(pair) in (await desk.first.get(QUEUE)).text


@pytest.mark.parametrize("answer", ["approve", "refuse"])
async def test_sensitive_contents_are_joined_by_two_people(answer: str, desk: Desk) -> None:
    pair = await desk.doubtful(f"黎小{answer}", f"易大{answer}")
    await desk.mental(pair[1])
    page = await desk.first.get(at(pair))
    assert "含敏感内容" in words(page)
    assert "抑郁" not in page.text
    assert (await decided(desk.first, pair, "same")).status_code == 303
    assert not await desk.together(pair), "it waits for the second person"
    assert at(pair) in (await desk.second.get(f"{QUEUE}/second")).text

    own = await desk.first.get(at(pair))
    assert "须由另一位同事复核" in words(own)
    number = own.text.partition('name="decision" value="')[2].partition('"')[0]
    form = {"decision": number, "answer": "approve"}
    refused = await desk.first.post(at(pair, "/answer"), data=form)
    assert refused.status_code == 400
    assert "不能复核自己提出的" in words(refused)
    assert not await desk.together(pair)

    assert WHY in words(await desk.second.get(at(pair))), "the second sees the first's reason"
    form = {"decision": number, "answer": answer}
    assert (await desk.second.post(at(pair, "/answer"), data=form)).status_code == 303
    assert await desk.together(pair) is (answer == "approve")
    again = await desk.second.post(at(pair, "/answer"), data=form)
    assert again.status_code in (400, 409)


async def test_who_proposed_may_take_it_back(desk: Desk) -> None:
    pair = await desk.doubtful("常小燕", "武宗海")
    await desk.mental(pair[0])
    await decided(desk.first, pair, "same")
    page = await desk.first.get(at(pair))
    number = page.text.partition('name="decision" value="')[2].partition('"')[0]
    form = {"decision": number, "answer": "refuse"}
    assert (await desk.first.post(at(pair, "/answer"), data=form)).status_code == 303
    assert at(pair) in (await desk.first.get(QUEUE)).text


async def test_an_address_of_no_pair_is_not_found(desk: Desk) -> None:
    pair = await desk.doubtful("康小燕", "毛大山")
    for text in (
        "nobody",
        "nobody~somebody",
        f"{pair[0]}~{pair[0]}",
        f"{pair[0]}~",
        "~",
        "a" * 200,
    ):
        assert (await desk.first.get(f"{QUEUE}/{text}")).status_code == 404
    reverse = await desk.first.get(f"{QUEUE}/{pair[1]}~{pair[0]}")
    assert reverse.status_code == 200


async def test_a_name_with_markup_stays_text(desk: Desk) -> None:
    pair = await desk.doubtful("<script>alert(1)</script>", "邵大山")
    for page in (await desk.first.get(at(pair)), await desk.first.get(QUEUE)):
        assert "<script>alert" not in page.text


async def test_only_the_identity_desk_comes_in(desk: Desk) -> None:
    pair = await desk.doubtful("邹小燕", "武松江")
    for path in (QUEUE, at(pair), "/centre/identity", f"{QUEUE}/table", "/centre/identity/labels"):
        assert (await desk.doctor.get(path)).status_code == 403
    assert (await desk.doctor.post(at(pair, "/show"))).status_code == 403
    assert (await decided_by_form(desk.doctor, at(pair, "/decide"))).status_code == 403
    assert not await desk.together(pair)


async def decided_by_form(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Send a decision without opening the page."""
    return await client.post(path, data={"verdict": "same", "reason": WHY, "seen": ""})
