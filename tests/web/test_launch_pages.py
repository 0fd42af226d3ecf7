"""The record in the doctor's own system: what opens it, what stays shut, and what is told."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from minkang.accounts.apps import approve_app, suspend_app
from minkang.crypto import Keys
from minkang.store import Store
from tests.api.smart_flow import key_pair
from tests.web.launching import DOCTOR, HIS, Hospital, allow, bearer, hospital
from tests.web.small_region import Someone

GLASS = {"reason": "unconscious", "explanation": "昏迷送医，需要立即了解既往用药和过敏情况"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def his(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Hospital]:
    async with hospital(store, keys, tmp_path_factory.mktemp("his")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def who(his: Hospital) -> Someone:
    """A resident who was at MK1 yesterday."""
    return await his.region.born("何小燕", visit=True)


def why(text: str) -> str:
    """The reason that a page of a refusal gives to programs."""
    found = re.search(r'data-launch-refused="([a-z-]+)"', text)
    assert found is not None, text
    return found[1]


async def test_a_link_opens_the_record_in_the_hospitals_page(his: Hospital, who: Someone) -> None:
    async with his.browser() as client:
        answer = await client.get(await his.link(who), headers={"referer": f"{HIS}/visit/1"})
        assert answer.status_code == 303
        path = answer.headers["location"]
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Secure-minkang_frame=")
        for attribute in ("HttpOnly", "Secure", "SameSite=None", "Partitioned"):
            assert f"; {attribute}" in cookie
        assert f"; Path={path.removesuffix('/record')};" in cookie
        page = await client.get(path)
    assert page.status_code == 200
    assert who.name in page.text
    assert "5.55" in page.text
    assert f"frame-ancestors {HIS};" in page.headers["content-security-policy"]
    assert "*" not in page.headers["content-security-policy"]
    assert "海滨医院 HIS" in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"


async def test_every_link_of_the_page_stays_in_the_frame_or_opens_a_window(
    his: Hospital, who: Someone
) -> None:
    async with his.browser() as client:
        path = await his.opened(client, who)
        page = (await client.get(path)).text
        assert f"/record/{who.person}" not in page
        for tag in re.findall(r"<a\b[^>]*>", page):
            place = re.search(r'href="([^"]*)"', tag)
            assert place is not None
            inside = place[1].startswith((f"{path}?", f"{path}/", "#"))
            assert inside or 'target="_blank"' in tag, tag
        for place in re.findall(r'(?:hx-get|hx-post|sse-connect|action)="([^"]*)"', page):
            assert place.startswith(path), place
        part = await client.get(f"{path}/body?tab=results", headers={"hx-request": "true"})
        assert part.status_code == 200
        assert "5.55" in part.text
        for name in re.findall(rf'href="{re.escape(path)}(\?[^"#]*)"', page):
            assert (await client.get(path + name.replace("&amp;", "&"))).status_code == 200


async def test_a_link_opens_once(his: Hospital, who: Someone) -> None:
    link = await his.link(who)
    async with his.browser() as first, his.browser() as second:
        assert (await first.get(link)).status_code == 303
        again = await second.get(link)
        assert (again.status_code, why(again.text)) == (403, "used")
        assert "链接已经用过" in again.text
        assert f"frame-ancestors {HIS};" in again.headers["content-security-policy"]
        assert "minkang_frame" not in again.headers.get("set-cookie", "")
    refused = [one for one in await his.entries("open-launch", who.person) if not one["allowed"]]
    assert refused[-1]["reason"] == "used"


async def test_a_link_is_worthless_after_five_minutes(his: Hospital, who: Someone) -> None:
    link = await his.link(who)
    await his.web.store.pool.execute(
        "update policy.launch set expires = $1 where opened is null",
        datetime.now(UTC) - timedelta(seconds=1),
    )
    async with his.browser() as client:
        answer = await client.get(link)
    assert (answer.status_code, why(answer.text)) == (403, "expired")
    assert "五分钟" in answer.text


@pytest.mark.parametrize("place", [0, 40, -1])
async def test_a_changed_link_opens_nothing_and_no_page_may_hold_the_refusal(
    his: Hospital, who: Someone, place: int
) -> None:
    link = await his.link(who)
    token = list(link.removeprefix("/launch/"))
    token[place] = "0" if token[place] != "0" else "1"
    async with his.browser() as client:
        answer = await client.get(f"/launch/{''.join(token)}")
    assert (answer.status_code, why(answer.text)) == (403, "link")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_another_page_that_holds_the_frame_is_refused(his: Hospital, who: Someone) -> None:
    link = await his.link(who)
    async with his.browser() as client:
        answer = await client.get(link, headers={"referer": "https://evil.example/his"})
        assert (answer.status_code, why(answer.text)) == (403, "ancestor")
        # It was not used up by somebody who should not have had it.
        assert (await client.get(link, headers={"referer": f"{HIS}/"})).status_code == 303


async def test_a_framed_session_opens_this_record_and_no_other_page(
    his: Hospital, who: Someone
) -> None:
    other = await his.region.born("许小静", visit=True)
    async with his.browser() as client:
        path = await his.opened(client, who)
        base = path.removesuffix("/record")
        for place in ("/doctor", "/home", f"/record/{who.person}", f"/record/{other.person}"):
            answer = await client.get(place)
            assert answer.status_code == 303, place
            assert answer.headers["location"].startswith("/login")
        assert (await client.get(f"{path}/apps")).status_code == 403
        assert (await client.get(f"{path}/nowhere")).status_code == 404
        assert (await client.get(f"{base}/doctor")).status_code == 404
        assert (await client.get(f"/fhir/Patient/{who.patients[0]}")).status_code == 401


async def test_the_session_is_of_the_browser_that_opened_it(his: Hospital, who: Someone) -> None:
    async with his.browser() as client, his.browser() as thief:
        path = await his.opened(client, who)
        answer = await thief.get(path)
        assert (answer.status_code, why(answer.text)) == (403, "ended")
        assert f"frame-ancestors {HIS};" in answer.headers["content-security-policy"]


async def test_two_frames_of_one_browser_do_not_disturb_each_other(
    his: Hospital, who: Someone
) -> None:
    other = await his.region.born("苏小兰", visit=True)
    async with his.browser() as client:
        first, second = await his.opened(client, who), await his.opened(client, other)
        assert who.name in (await client.get(first)).text
        page = (await client.get(second)).text
        assert other.name in page
        assert who.name not in page


async def test_a_session_ends_by_itself(his: Hospital, who: Someone) -> None:
    async with his.browser() as client:
        path = await his.opened(client, who)
        await his.web.store.pool.execute(
            "update policy.launch set ends = $1 where ends is not null", datetime.now(UTC)
        )
        answer = await client.get(path)
    assert (answer.status_code, why(answer.text)) == (403, "ended")
    assert "本次查阅的时间已到" in answer.text


async def test_who_left_the_institution_opens_nothing_and_goes_on_with_nothing(
    his: Hospital, who: Someone
) -> None:
    await his.region.account("linshi", "doctor", "MK1")
    async with his.browser() as client:
        path = await his.opened(client, who, practitioner="linshi")
        link = await his.link(who, practitioner="linshi")
        await his.web.store.pool.execute(
            """update accounts.post set ends = now() where account =
               (select id from accounts.account where login = 'linshi')"""
        )
        for place in (path, link):
            answer = await client.get(place)
            assert (answer.status_code, why(answer.text)) == (403, "left")
    answer = await his.asked(who, practitioner="linshi")
    assert answer.status_code == 422


async def test_a_suspended_system_opens_nothing_and_its_frames_go_dark(
    his: Hospital, who: Someone
) -> None:
    pool, log, now = his.web.store.pool, his.web.gate.log, datetime.now(UTC)
    async with his.browser() as client:
        path, link = await his.opened(client, who), await his.link(who)
        await suspend_app(pool, log, his.app.id, now=now)
        for place in (path, link):
            answer = await client.get(place)
            assert (answer.status_code, why(answer.text)) == (403, "system")
        assert (await his.asked(who)).status_code == 401
        await approve_app(pool, log, his.app.id, now=now)
        his.bearer = await bearer(his)
        assert (await client.get(path)).status_code == 200


async def test_without_a_relation_the_page_says_how_to_get_one_and_the_glass_opens_it(
    his: Hospital,
) -> None:
    stranger = await his.region.born("陌生人")
    async with his.browser() as client:
        path = await his.opened(client, stranger, purpose="emergency")
        shut = await client.get(path)
        assert shut.status_code == 403
        assert "5.55" not in shut.text
        token = re.search(r'name="_csrf_token" value="([^"]+)"', shut.text)
        assert token is not None
        assert f'action="{path}/glass"' in shut.text
        without = await client.post(f"{path}/glass", data=GLASS)
        assert without.status_code == 403
        answer = await client.post(f"{path}/glass", data={**GLASS, "_csrf_token": token[1]})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        page = await client.get(path)
    assert page.status_code == 200
    assert "7.77" in page.text
    looks = await his.entries("open-record", stranger.person)
    assert [one["allowed"] for one in looks] == [False, True]
    assert looks[-1]["purpose"] == "emergency"


async def test_the_token_of_another_frame_moves_nothing(his: Hospital) -> None:
    stranger, other = await his.region.born("生人甲"), await his.region.born("生人乙")
    async with his.browser() as client:
        path, second = await his.opened(client, stranger), await his.opened(client, other)
        token = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get(second)).text)
        assert token is not None
        answer = await client.post(f"{path}/glass", data={**GLASS, "_csrf_token": token[1]})
        assert answer.status_code == 403
        assert (await client.get(path)).status_code == 403


async def test_the_log_says_by_which_system_the_record_was_opened(
    his: Hospital, who: Someone
) -> None:
    async with his.browser() as client:
        path = await his.opened(client, who, visit="O-2026-7")
        await client.get(path)
    begun = (await his.entries("begin-launch", who.person))[-1]
    assert (begun["role"], begun["detail"]["visit"]) == ("system", "O-2026-7")
    opened = (await his.entries("open-launch", who.person))[-1]
    assert (opened["allowed"], opened["role"]) == (True, "doctor")
    assert opened["detail"]["system"] == "海滨医院 HIS"
    look = (await his.entries("open-record", who.person))[-1]
    assert (look["allowed"], look["role"]) == (True, "doctor")
    assert (look["detail"]["app"], look["detail"]["launch"]) == (his.app.id, True)


async def test_a_link_that_the_system_signed_itself_opens_the_record_once(
    his: Hospital, who: Someone
) -> None:
    said: dict[str, Any] = {
        "institution": "MK1",
        "practitioner": DOCTOR,
        "patient": {"reference": f"Patient/{who.patients[0]}"},
        "visit": "O-3",
    }
    link = f"/launch?link={his.signed(**said)}"
    async with his.browser(referer=f"{HIS}/") as client:
        first = await client.get(link)
        assert first.status_code == 303, first.text
        second = await client.get(first.headers["location"])
        assert who.name in (await client.get(second.headers["location"])).text
        again = await client.get(link)
        assert (again.status_code, why(again.text)) == (403, "link")
        refused: tuple[tuple[dict[str, Any], str], ...] = (
            ({"institution": "MK2"}, "institution"),
            ({"patient": {"id_number": who.number}}, "id-number"),
            ({"patient": {}}, "patient"),
            ({"practitioner": "nobody"}, "practitioner-unknown"),
            ({"aud": "https://other.example/launch"}, "link"),
            ({"iss": "https://other.example"}, "link"),
            ({"exp": 1}, "link"),
            ({"jti": None}, "link"),
            ({"visit": 7}, "claims"),
        )
        for wrong, code in refused:
            answer = await client.get(f"/launch?link={his.signed(**{**said, **wrong})}")
            assert (answer.status_code, why(answer.text)) == (403, code), wrong
        stranger = his.signed(key_pair(), **said)
        assert why((await client.get(f"/launch?link={stranger}")).text) == "link"
        assert why((await client.get("/launch")).text) == "link"


async def test_an_origin_that_is_taken_away_holds_no_frame_any_more(
    his: Hospital, who: Someone
) -> None:
    async with his.browser() as client:
        path = await his.opened(client, who)
        await allow(his, origins=("https://new.mk1.example",))
        page = await client.get(path)
        assert "frame-ancestors https://new.mk1.example;" in page.headers["content-security-policy"]
        assert HIS not in page.headers["content-security-policy"]
        await allow(his)
