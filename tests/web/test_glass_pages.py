"""Breaking the glass on the pages: from the refusal to the resident's notice and the review."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.web import Web
from tests.web.small_region import Region, Someone

WHY = {"reason": "unconscious", "explanation": "昏迷送医，需要立即了解既往用药和过敏情况"}


class Scene:
    """A resident of elsewhere, an emergency doctor, and those who review."""

    region: Region
    who: Someone
    resident: AsyncClient
    doctor: AsyncClient
    colleague: AsyncClient
    security: AsyncClient
    supervisor: AsyncClient
    elsewhere: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.who = await region.born("何小燕", visit=True)
        made.resident = await region.account("yan", "resident", person=made.who)
        made.doctor = await region.account("er", "doctor", "MK3")
        made.colleague = await region.account("er-too", "doctor", "MK3")
        made.security = await region.account("sec", "security-administrator")
        made.supervisor = await region.account("sup", "supervisor", "MK3")
        made.elsewhere = await region.account("sup-two", "supervisor", "MK2")
        yield made


async def broken(scene: Scene, who: Someone) -> str:
    """The doctor breaks the glass; the id of the opening."""
    answer = await scene.doctor.post(f"/record/{who.person}/glass", data=WHY)
    assert answer.status_code == 303, answer.text
    row = await scene.region.web.store.pool.fetchrow(
        "select id from policy.glass where person = $1 order by opened desc limit 1", who.person
    )
    assert row is not None
    return str(row["id"])


async def test_without_a_reason_the_record_stays_shut_and_the_attempt_is_on_record(
    scene: Scene,
) -> None:
    path = f"/record/{scene.who.person}"
    refused = await scene.doctor.get(path)
    assert refused.status_code == 403
    assert 'action="/record/' in refused.text
    assert "/glass" in refused.text
    for fields in (
        {},
        {"reason": "unconscious"},
        {**WHY, "explanation": "急"},
        {**WHY, "reason": "x"},
    ):
        answer = await scene.doctor.post(f"{path}/glass", data=fields)
        assert answer.status_code == 403
        assert 'role="alert"' in answer.text
    assert (await scene.doctor.get(path)).status_code == 403
    row = await scene.region.web.store.pool.fetchrow(
        """select count(*) as n from audit.entry where action = 'break-glass' and person = $1
           and not allowed and reason = 'no-reason'""",
        scene.who.person,
    )
    assert row is not None
    assert row["n"] == 4


async def test_it_opens_the_whole_record_for_this_doctor_for_a_while(scene: Scene) -> None:
    who = scene.who
    await broken(scene, who)
    page = await scene.doctor.get(f"/record/{who.person}")
    assert page.status_code == 200
    assert "抑郁发作" in page.text
    told = await scene.doctor.get(f"/fhir/Observation?patient={who.patients[1]}")
    assert "7.77" in told.text
    assert (await scene.colleague.get(f"/record/{who.person}")).status_code == 403
    home = await scene.resident.get("/me")
    assert "名er 因紧急情况打开了您的档案" in home.text
    looks = await scene.resident.get("/me/access?kind=emergency")
    assert "名er" in looks.text
    assert "紧急查阅" in looks.text
    # Its time is over.
    await scene.region.web.store.pool.execute(
        """update policy.glass set opened = opened - interval '61 minutes',
           until = until - interval '61 minutes' where person = $1""",
        who.person,
    )
    assert (await scene.doctor.get(f"/record/{who.person}")).status_code == 403
    told = await scene.doctor.get(f"/fhir/Observation?patient={who.patients[1]}")
    assert "7.77" not in told.text


async def test_the_notice_is_put_away_by_its_resident_alone(scene: Scene) -> None:
    who = await scene.region.born("许小静")
    resident = await scene.region.account("jing", "resident", person=who)
    await broken(scene, who)
    home = (await resident.get("/me")).text
    found = re.search(r"/me/notices/([0-9a-f-]{36})/seen", home)
    assert found is not None
    assert (await scene.resident.post(found[0])).status_code == 303
    assert found[0] in (await resident.get("/me")).text
    assert (await resident.post(found[0])).status_code == 303
    assert found[0] not in (await resident.get("/me")).text
    assert (await scene.doctor.post(found[0])).status_code == 403


async def test_the_review_goes_from_question_to_decision(scene: Scene) -> None:
    who = await scene.region.born("邵小梅")
    resident = await scene.region.account("mei", "resident", person=who)
    glass = await broken(scene, who)
    await scene.doctor.get(f"/record/{who.person}")
    queue = await scene.security.get("/glass")
    assert f"/glass/{glass}" in queue.text
    assert "邵小梅" not in queue.text
    assert "邵" in queue.text
    one = await scene.security.get(f"/glass/{glass}")
    assert WHY["explanation"] in one.text
    assert "查看健康档案" in one.text
    assert "抑郁" not in one.text

    path = f"/glass/{glass}/review"
    asked = {"review": "asked", "words": "为什么没有联系家属？"}
    assert (await scene.security.post(path, data=asked)).status_code == 303
    own = await scene.doctor.get("/doctor/glass")
    assert asked["words"] in own.text
    assert asked["words"] not in (await scene.colleague.get("/doctor/glass")).text
    answer = f"/doctor/glass/{glass}/answer"
    assert (await scene.colleague.post(answer, data={"words": "我替他说"})).status_code == 400
    assert (await scene.doctor.post(answer, data={"words": "家属电话无人接听"})).status_code == 303

    decided = {"review": "not-justified", "words": "当时患者清醒"}
    assert (await scene.doctor.get(f"/record/{who.person}")).status_code == 200
    assert (await scene.security.post(path, data=decided)).status_code == 303
    assert (await scene.doctor.get(f"/record/{who.person}")).status_code == 403
    assert (await scene.security.post(path, data=decided)).status_code == 400
    assert "理由不成立" in (await resident.get("/me")).text
    assert f"/glass/{glass}" not in (await scene.security.get("/glass")).text
    assert f"/glass/{glass}" in (await scene.security.get("/glass?show=decided")).text


@pytest.mark.parametrize("review", ["justified", "not-justified", "asked"])
async def test_a_supervisor_reviews_the_own_institutions_and_no_others(
    review: str, scene: Scene
) -> None:
    who = await scene.region.born(f"任小{review}")
    glass = await broken(scene, who)
    data = {"review": review, "words": "已经核对急诊记录"}
    assert f"/glass/{glass}" not in (await scene.elsewhere.get("/glass")).text
    assert (await scene.elsewhere.get(f"/glass/{glass}")).status_code == 404
    assert (await scene.elsewhere.post(f"/glass/{glass}/review", data=data)).status_code == 404
    assert (await scene.supervisor.post(f"/glass/{glass}/review", data=data)).status_code == 303
    wrong = {"review": "maybe", "words": "已经核对急诊记录"}
    assert (await scene.supervisor.post(f"/glass/{glass}/review", data=wrong)).status_code == 400


async def test_who_breaks_the_glass_neither_reviews_it_nor_reads_the_queue(scene: Scene) -> None:
    glass = await broken(scene, scene.who)
    data = {"review": "justified", "words": "我自己看没问题"}
    for client in (scene.doctor, scene.colleague, scene.resident):
        assert (await client.get("/glass")).status_code == 403
        assert (await client.get(f"/glass/{glass}")).status_code == 403
        assert (await client.post(f"/glass/{glass}/review", data=data)).status_code == 403
    assert (await scene.security.get("/glass/no-such")).status_code == 404


async def test_residents_and_reviewers_cannot_break_the_glass(scene: Scene) -> None:
    who = await scene.region.born("杜小满")
    for client in (scene.resident, scene.security, scene.supervisor):
        answer = await client.post(f"/record/{who.person}/glass", data=WHY)
        assert answer.status_code == 403
        assert (await client.get("/doctor/glass")).status_code == 403
    row = await scene.region.web.store.pool.fetchrow(
        "select count(*) as n from policy.glass where person = $1", who.person
    )
    assert row is not None
    assert row["n"] == 0
