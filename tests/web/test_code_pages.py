"""Health codes on the pages: a resident's phone, the desk, the doctor's scanner."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.identity import resident
from minkang.identity.codes import current_code, show
from minkang.policy.guardian_steps import Claim, claim_guardian, decide_guardian
from minkang.store import Scope
from minkang.web import Web
from tests.identity.codes.people import own_account, somebody
from tests.web.small_region import Region, Someone

PAGE = "/me/health-code"


class Scene:
    """A resident, a stranger, a doctor and a nurse of MK3, a family doctor of MK4."""

    region: Region
    who: Someone
    resident: AsyncClient
    stranger: AsyncClient
    doctor: AsyncClient
    nurse: AsyncClient

    async def token(self, who: Someone) -> str:
        """What the resident's screen shows now."""
        web = self.region.web
        code = await current_code(web.store.pool, who.person)
        assert code is not None
        scanner = web.scanner
        now = datetime.now(UTC)
        made = await show(
            web.store, web.keys, scanner.held, code.id, now=now, validity=scanner.validity
        )
        return made.text

    async def act(self, client: AsyncClient, who: Someone, action: str, **more: str) -> Response:
        return await client.post(f"{PAGE}/{who.person}", data={"action": action, **more})

    async def state(self, who: Someone) -> str:
        code = await current_code(self.region.web.store.pool, who.person)
        return code.state if code else ""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.who = await region.born("海小兰")
        made.resident = await region.account("code-lan", "resident", person=made.who)
        made.stranger = await region.account(
            "code-fan", "resident", person=await region.born("江小帆")
        )
        made.doctor = await region.account("code-dr", "doctor", "MK3")
        made.nurse = await region.account("code-nurse", "nurse", "MK3")
        yield made


def pictures(answer: Response) -> list[bytes]:
    """The pictures that a page brings along."""
    found = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", answer.text)
    return [base64.b64decode(one) for one in found]


async def with_code(scene: Scene, name: str, age: int = 50) -> tuple[Someone, AsyncClient]:
    who = await scene.region.born(name, age)
    client = await scene.region.account(f"code-{who.person}", "resident", person=who)
    assert (await scene.act(client, who, "issue", read="on")).status_code == 303
    return who, client


async def test_a_resident_gets_a_code_with_the_separate_consent(scene: Scene) -> None:
    who, client = scene.who, scene.resident
    empty = await client.get(PAGE)
    assert "领取健康码" in empty.text
    assert not pictures(empty)
    refused = await scene.act(client, who, "issue")
    assert refused.status_code == 400
    assert "请先阅读全文并勾选同意" in refused.text
    assert await scene.state(who) == ""
    assert (await scene.act(client, who, "issue", read="on")).status_code == 303
    assert await scene.state(who) == "issued"
    shown = await client.get(PAGE)
    assert len(pictures(shown)) == 1
    assert "同意" in (await client.get("/me/consent")).text
    again = await scene.act(client, who, "issue", read="on")
    assert (again.status_code, "已经有健康码" in again.text) == (400, True)


async def test_the_code_is_renewed_by_itself(scene: Scene) -> None:
    who, client = await with_code(scene, "林自新")
    home = await client.get("/me")
    live = f"{PAGE}/{who.person}/live"
    assert f'hx-get="{live}"' in home.text
    assert "<script>" not in home.text
    first, second = pictures(await client.get(live)), pictures(await client.get(live))
    assert len(first) == len(second) == 1
    assert first != second
    assert b"<animate" in first[0]
    assert b"script" not in first[0]


async def test_what_is_printed_stays_and_opens_nothing(scene: Scene) -> None:
    who, client = await with_code(scene, "印小章")
    pages = [await client.get(f"{PAGE}/{who.person}/print") for _ in range(2)]
    assert pictures(pages[0]) == pictures(pages[1])
    assert len(pictures(pages[0])) == 2  # the number, and the published card
    card = re.search(r"[0-9A-F]{64}", pages[0].text)
    assert card is not None
    answer = await scene.doctor.post("/doctor/scan", data={"code": f"{card[0]}:1"})
    assert answer.headers["location"] == f"/record/{who.person}"
    assert (await scene.doctor.get(f"/record/{who.person}")).status_code == 403


async def test_one_tap_stops_a_code_and_its_number_everywhere(scene: Scene) -> None:
    who, client = await with_code(scene, "丁一停")
    text = await scene.token(who)
    doctor = await scene.region.account("code-dr-stop", "doctor", "MK3")
    assert (await scene.act(client, who, "freeze")).status_code == 303
    assert not pictures(await client.get(PAGE))
    for code in (text, who.code):
        answer = await doctor.post("/doctor/scan", data={"code": code})
        assert (answer.status_code, "这个码无效" in answer.text) == (403, True)
        typed = await doctor.post(f"/record/{who.person}/code", data={"code": code})
        assert typed.status_code == 403
    assert (await scene.act(client, who, "resume")).status_code == 303
    assert (await scene.act(client, who, "lost")).status_code == 303
    back = await scene.act(client, who, "resume")
    assert (back.status_code, await scene.state(who)) == (400, "lost")
    assert (await scene.act(client, who, "reissue")).status_code == 303
    assert await scene.state(who) == "issued"
    assert (await scene.act(client, who, "revoke")).status_code == 303
    assert "领取健康码" in (await client.get(PAGE)).text
    assert (await scene.act(client, who, "dance")).status_code == 400


async def test_a_doctor_scans_and_the_record_opens_once(scene: Scene) -> None:
    who, client = await with_code(scene, "宋扫开")
    text = await scene.token(who)
    assert (await scene.doctor.get("/doctor/scan")).status_code == 200
    opened = await scene.doctor.post("/doctor/scan", data={"code": f" {text}\r\n"})
    assert (opened.status_code, opened.headers["location"]) == (303, f"/record/{who.person}")
    record = await scene.doctor.get(f"/record/{who.person}")
    assert (record.status_code, "7.77" in record.text) == (200, True)
    again = await scene.nurse.post("/doctor/scan", data={"code": text})
    assert (again.status_code, "已过期或已经用过" in again.text) == (403, True)
    assert (await scene.nurse.get(f"/record/{who.person}")).status_code == 403
    history = await client.get(PAGE)
    assert "已开放档案" in history.text
    assert "健康码已过期或已用过，未放行" in history.text


async def test_a_token_is_taken_at_the_record_as_the_number_is(scene: Scene) -> None:
    who, _ = await with_code(scene, "温录入")
    path = f"/record/{who.person}"
    other, _ = await with_code(scene, "旁人")
    text = await scene.token(other)
    assert (await scene.nurse.post(f"{path}/code", data={"code": text})).status_code == 403
    text = await scene.token(who)
    assert (await scene.nurse.post(f"{path}/code", data={"code": text})).status_code == 303
    assert (await scene.nurse.get(path)).status_code == 200
    assert (await scene.doctor.post(f"{path}/code", data={"code": text})).status_code == 403
    assert (await scene.doctor.post(f"{path}/code", data={"code": who.code})).status_code == 303


async def test_a_scan_without_a_consent_leads_to_taking_it_on_paper(scene: Scene) -> None:
    who, client = await with_code(scene, "费未同")
    assert (await client.post("/me/consent", data={"action": "withdraw"})).status_code == 303
    answer = await scene.doctor.post("/doctor/scan", data={"code": await scene.token(who)})
    assert (answer.status_code, "纸质同意书编号" in answer.text) == (403, True)
    path = f"/record/{who.person}"
    assert (await scene.doctor.get(path)).status_code == 403
    typed = await scene.doctor.post(f"{path}/code", data={"code": await scene.token(who)})
    kept = re.search(r'name="code" value="([^"]*)"', typed.text)
    assert kept is not None
    signed = {"code": kept[1], "signed": "on", "document": "A-9"}
    assert (await scene.doctor.post(f"{path}/consent", data=signed)).status_code == 303
    assert (await scene.doctor.get(path)).status_code == 200


async def test_a_stranger_neither_sees_nor_stops_a_code(scene: Scene) -> None:
    who, _ = await with_code(scene, "安不见")
    for path in ("", "/live", "/print"):
        answer = await scene.stranger.get(f"{PAGE}/{who.person}{path}")
        assert answer.status_code == 403
        assert not pictures(answer)
    assert (await scene.act(scene.stranger, who, "lost")).status_code == 403
    assert (await scene.act(scene.doctor, who, "lost")).status_code == 403
    assert await scene.state(who) == "issued"


async def guard(scene: Scene, parent: Someone, child: Someone) -> None:
    store, log = scene.region.web.store, scene.region.web.gate.log
    now = datetime.now(UTC)
    claim = Claim(
        guardian=parent.person,
        ward=child.person,
        ward_name=child.name,
        kind="child",
        evidence="birth-certificate",
        document="出生证 1",
        institution="MK4",
        begins=child.born,
    )
    asked = await claim_guardian(store, log, claim, by=own_account(parent.person), now=now)
    await decide_guardian(
        store,
        log,
        asked.id,
        by=somebody("gp-codes", "gp", "MK4"),
        confirmed=True,
        born=child.born,
        words="",
        now=now,
    )


async def test_a_guardian_keeps_the_code_of_a_child_until_it_decides_itself(scene: Scene) -> None:
    parent, client = await with_code(scene, "梁家长")
    young, older = await scene.region.born("梁小宝", 5), await scene.region.born("梁大宝", 15)
    for child in (young, older):
        await guard(scene, parent, child)
    assert (await scene.act(client, young, "issue", read="on")).status_code == 303
    assert len(pictures(await client.get(f"{PAGE}/{young.person}"))) == 1
    assert "梁小宝" in (await client.get(PAGE)).text
    refused = await scene.act(client, older, "issue", read="on")
    assert (refused.status_code, await scene.state(older)) == (403, "")
    assert "由本人决定" in refused.text
    opened = await scene.doctor.post("/doctor/scan", data={"code": await scene.token(young)})
    assert opened.headers["location"] == f"/record/{young.person}"
    assert (await scene.act(client, young, "lost")).status_code == 303


async def desk(scene: Scene, who: Someone, path: str = "", **more: str) -> Response:
    data = {"number": who.number, "name": who.name, **more}
    return await scene.nurse.post(f"/health-codes{path}", data=data)


async def test_the_desk_issues_a_code_on_paper_and_stops_and_prints_it(scene: Scene) -> None:
    who = await scene.region.born("纪窗口")
    assert "等待核对" in (await scene.nurse.get("/health-codes")).text
    found = await desk(scene, who)
    assert (found.status_code, "没有健康码" in found.text) == (200, True)
    for fields in ({}, {"signed": "on"}, {"document": "A-7"}):
        assert (await desk(scene, who, "/change", action="issue", **fields)).status_code == 400
        assert await scene.state(who) == ""
    paper = {"signed": "on", "document": "A-7"}
    assert (await desk(scene, who, "/change", action="issue", **paper)).status_code in (200, 201)
    assert await scene.state(who) == "issued"
    lost = await desk(scene, who, "/change", action="lost", reason="手机丢失")
    assert "手机丢失" in lost.text
    assert await scene.state(who) == "lost"
    await desk(scene, who, "/change", action="resume")
    assert await scene.state(who) == "issued"
    assert len(pictures(await desk(scene, who, "/print"))) == 2
    assert (await desk(scene, who, "/change", action="dance")).status_code == 400


async def test_the_desk_finds_nobody_by_half_of_the_papers(scene: Scene) -> None:
    who = await scene.region.born("艾半张")
    answers = [
        await scene.nurse.post("/health-codes", data={"number": number, "name": name})
        for number, name in (
            (who.number, "别人"),
            (who.number, ""),
            ("", who.name),
            ("1" * 18, who.name),
            (scene.who.number, who.name),
        )
    ]
    assert {one.status_code for one in answers} == {400}
    assert all("都相符的居民" in one.text for one in answers)
    by_code = await scene.nurse.post("/health-codes", data={"number": who.code, "name": who.name})
    assert who.name in by_code.text
    assert by_code.status_code == 200


async def test_cards_are_bound_at_the_desk_and_a_second_owner_waits(scene: Scene) -> None:
    first, second = await scene.region.born("甲有卡"), await scene.region.born("乙有卡")
    card = {"kind": "insurance", "card": "YB-7788 9900"}
    assert (await desk(scene, first, "/bind", **card)).status_code == 400  # nobody has seen it
    bound = await desk(scene, first, "/bind", **card, seen="on")
    assert "卡证已绑定" in bound.text
    assert "9900" in bound.text
    scanned = await scene.doctor.post("/doctor/scan", data={"code": "yb77889900"})
    assert scanned.headers["location"] == f"/record/{first.person}"
    claimed = await desk(scene, second, "/bind", **card, seen="on")
    assert "已绑定给另一位居民" in claimed.text
    found = re.search(r'name="card" value="(\d+)"', (await scene.doctor.get("/health-codes")).text)
    assert found is not None
    own = await scene.nurse.post("/health-codes/claim", data={"card": found[1], "decision": "move"})
    assert (own.status_code, "另一位同事" in own.text) == (400, True)
    moved = await scene.doctor.post(
        "/health-codes/claim", data={"card": found[1], "decision": "move"}
    )
    assert "已改绑" in moved.text
    scanned = await scene.doctor.post("/doctor/scan", data={"code": "YB77889900"})
    assert scanned.headers["location"] == f"/record/{second.person}"
    there = re.search(r'name="card" value="(\d+)"', (await desk(scene, second)).text)
    assert there is not None
    gone = await desk(scene, second, "/unbind", card=there[1])
    assert "已解除绑定" in gone.text
    assert (await scene.doctor.post("/doctor/scan", data={"code": "YB77889900"})).status_code == 403


async def test_hostile_text_at_the_scanner_is_answered(scene: Scene) -> None:
    nurse = await scene.region.account("code-hostile", "nurse", "MK3")
    for text in ("<script>alert(1)</script>", "MK1" + "A" * 96, "\x00", "A" * 500):
        answer = await nurse.post("/doctor/scan", data={"code": text})
        assert answer.status_code == 403
        assert "<script>alert" not in answer.text


async def test_a_resident_of_no_number_is_served_by_the_code(scene: Scene) -> None:
    who, _ = await with_code(scene, "阮持码")
    text = await scene.token(who)
    found = await scene.nurse.post("/health-codes", data={"number": text, "name": who.name})
    assert f'name="number" value="{who.code}"' in found.text
    known = await resident(scene.region.web.store, Scope.whole(), who.person)
    assert known is not None
    assert known.code == who.code
