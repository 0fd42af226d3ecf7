"""My family and who looked: a guardian's pages, and objections with their answers."""

import re
from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio
from httpx import AsyncClient

from minkang.policy.consent import current_consent
from minkang.web import Web
from tests.web.small_region import Region, Someone, id_number


class Scene:
    """A mother with two children, a stranger, two family doctors of MK4, one of MK5."""

    region: Region
    mother: Someone
    child: Someone
    youth: Someone
    stranger: Someone
    own: AsyncClient
    other: AsyncClient
    doctor: AsyncClient
    colleague: AsyncClient
    elsewhere: AsyncClient
    hospital: AsyncClient
    auditor: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.mother = await region.born("云小青", 38)
        made.child = await region.born("岳小童", 9, visit=True)
        made.youth = await region.born("岳小年", 15, visit=True)
        made.stranger = await region.born("石小生", 30, visit=True)
        made.own = await region.account("qing", "resident", person=made.mother)
        made.other = await region.account("sheng", "resident", person=made.stranger)
        made.doctor = await region.account("gp-one", "gp", "MK4")
        made.colleague = await region.account("vd-one", "village-doctor", "MK4")
        made.elsewhere = await region.account("gp-two", "gp", "MK5")
        made.hospital = await region.account("dr-hospital", "doctor", "MK1")
        made.auditor = await region.account("aud", "audit-administrator")
        yield made


def asked(one: Someone, **more: str) -> dict[str, str]:
    """The form of a request."""
    return {
        "name": one.name,
        "number": one.number,
        "kind": "child",
        "evidence": "birth-certificate",
        "document": "出-118",
        "institution": "MK4",
        **more,
    }


async def waiting(client: AsyncClient) -> list[str]:
    """The ids of the requests that a family doctor has to check."""
    page = await client.get("/families")
    assert page.status_code == 200
    return re.findall(r'name="relation" value="([0-9a-f-]{36})"', page.text)


async def guard(scene: Scene, one: Someone) -> str:
    """The mother asks for a child, the family doctor confirms; the id of the relation."""
    assert (await scene.own.post("/me/family", data=asked(one))).status_code == 303
    (request,) = await waiting(scene.doctor)
    data = {"relation": request, "decision": "confirm"}
    assert (await scene.doctor.post("/families/decide", data=data)).status_code == 303
    return request


async def test_a_guardian_reads_the_record_after_the_check_and_not_before(scene: Scene) -> None:
    path = f"/me/family/{scene.child.person}"
    pages = (path, f"{path}/access", f"{path}/consent")
    assert (await scene.own.post("/me/family", data=asked(scene.child))).status_code == 303
    for page in pages:
        assert (await scene.own.get(page)).status_code == 403
    assert await waiting(scene.elsewhere) == []
    (request,) = await waiting(scene.doctor)
    for client, status in ((scene.elsewhere, 400), (scene.hospital, 403), (scene.own, 403)):
        data = {"relation": request, "decision": "confirm"}
        assert (await client.post("/families/decide", data=data)).status_code == status
    data = {"relation": request, "decision": "confirm"}
    assert (await scene.doctor.post("/families/decide", data=data)).status_code == 303
    for page in pages:
        assert (await scene.own.get(page)).status_code == 200
    shown = (await scene.own.get(path)).text
    assert "岳小童 的档案" in shown
    assert "7.77" in shown
    assert "抑郁发作" in shown
    patient = scene.child.patients[1]
    assert "7.77" in (await scene.own.get(f"/fhir/Observation?patient={patient}")).text
    assert (await scene.own.get(f"/record/{scene.child.person}")).headers["location"] == path
    for client in (scene.other, scene.doctor):
        for page in pages:
            assert (await client.get(page)).status_code == 403
    assert (await scene.own.post("/me/family/end", data={"relation": request})).status_code == 303
    for page in pages:
        assert (await scene.own.get(page)).status_code == 403
    assert "7.77" not in (await scene.own.get(f"/fhir/Observation?patient={patient}")).text


async def test_a_guardian_decides_for_a_child_and_not_for_a_youth(scene: Scene) -> None:
    pool = scene.region.web.store.pool
    data = {"action": "give", "read": "on"}
    requests = [await guard(scene, one) for one in (scene.child, scene.youth)]
    child = f"/me/family/{scene.child.person}"
    assert (await scene.own.post(f"{child}/consent", data=data)).status_code == 303
    given = await current_consent(pool, scene.child.person)
    assert given is not None
    assert given.given
    youth = f"/me/family/{scene.youth.person}"
    page = await scene.own.get(f"{youth}/consent")
    assert page.status_code == 200
    assert "您可以看，不能改" in page.text
    assert (await scene.own.post(f"{youth}/consent", data=data)).status_code == 403
    assert await current_consent(pool, scene.youth.person) is None
    row = await pool.fetchrow(
        "select allowed from audit.entry where person = $1 and reason = 'of-age'",
        scene.youth.person,
    )
    assert row is not None
    assert row["allowed"] is False
    # What is the youth's own, the guardian does not read.
    record = (await scene.own.get(youth)).text
    assert "7.77" in record
    assert "抑郁发作" not in record
    for request in requests:
        await scene.own.post("/me/family/end", data={"relation": request})


async def test_asking_does_not_tell_who_exists(scene: Scene) -> None:
    pages = []
    for one in (
        asked(scene.stranger),
        asked(scene.stranger, name="石大生"),
        asked(scene.stranger, number=id_number(date(2015, 1, 1), 999)),
    ):
        answer = await scene.own.post("/me/family", data=one)
        assert (answer.status_code, answer.headers["location"]) == (303, "/me/family?done=asked")
        page = (await scene.own.get("/me/family")).text
        (relation,) = re.findall(r'name="relation" value="([0-9a-f-]{36})"', page)
        pages.append(re.sub(r"[0-9a-f]{32,}|石.生", "", page.replace(relation, "")))
        assert (await scene.own.post("/me/family", data=one)).status_code == 400
        await scene.own.post("/me/family/end", data={"relation": relation})
    # What differs is only how many past requests there are.
    lines = [len(page.splitlines()) for page in pages]
    assert lines[1] - lines[0] == lines[2] - lines[1]


async def test_a_form_with_something_wrong_is_shown_again(scene: Scene) -> None:
    good = asked(scene.child)
    for spoilt in (
        {"name": ""},
        {"number": "371082"},
        {"institution": "MK1"},
        {"evidence": "court-of-cards"},
        {"document": ""},
        {"ends": "tomorrow"},
        {"evidence": "entrusted"},
    ):
        answer = await scene.own.post("/me/family", data={**good, **spoilt})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert await waiting(scene.doctor) == []


async def test_what_the_desk_recorded_is_confirmed_by_a_colleague(scene: Scene) -> None:
    form = {
        "guardian": scene.mother.code,
        "ward": scene.child.code,
        "kind": "child",
        "evidence": "household-register",
        "document": "户-1",
    }
    for wrong in ({"ward": scene.mother.number}, {"guardian": "1" * 16}):
        answer = await scene.doctor.post("/families", data={**form, **wrong})
        assert answer.status_code == 400
    assert (await scene.doctor.post("/families", data=form)).status_code == 303
    assert await waiting(scene.doctor) == []  # the own ones have no form
    (request,) = await waiting(scene.colleague)
    data = {"relation": request, "decision": "confirm"}
    assert (await scene.doctor.post("/families/decide", data=data)).status_code == 400
    refused = {"relation": request, "decision": "refuse"}
    assert (await scene.colleague.post("/families/decide", data=refused)).status_code == 400
    refused["words"] = "户口簿上没有这个孩子"
    assert (await scene.colleague.post("/families/decide", data=refused)).status_code == 303
    assert refused["words"] in (await scene.own.get("/me/family")).text
    assert (await scene.own.get(f"/me/family/{scene.child.person}")).status_code == 403


# Who looked


async def marks(client: AsyncClient, base: str = "/me") -> list[str]:
    """The places of the entries to which one can object."""
    page = await client.get(f"{base}/access")
    assert page.status_code == 200
    return re.findall(r'name="mark" value="([^"]+)"', page.text)


async def test_the_list_is_whole_and_can_be_searched(scene: Scene) -> None:
    who = scene.stranger
    await scene.hospital.get(f"/record/{who.person}")
    await scene.elsewhere.get(f"/record/{who.person}")
    found = await scene.elsewhere.post("/doctor/results", data={"q": who.number})
    assert found.status_code == 200

    async def listed(query: str) -> str:
        page = await scene.other.get(f"/me/access?{query}")
        assert page.status_code == 200
        return page.text.partition('aria-label="查阅记录"')[2]

    everything = await listed("")
    assert "名dr-hospital" in everything
    assert "没有诊疗关系" in everything
    assert "出现在列表中" in everything
    assert "名gp-two" not in await listed("institution=MK1")
    assert "名dr-hospital" in await listed("institution=MK1")
    assert "名dr-hospital" not in await listed("kind=refused")
    assert "名gp-two" in await listed("kind=listed")
    assert "名dr-hospital" not in await listed("since=2020-01-01&until=2020-12-31")
    for odd in ("since=x&until=9999-99-99", "before=nonsense", "kind=all", "before=1.2.3"):
        assert await listed(odd)


async def test_an_objection_is_answered_in_time_by_the_audit_administrator(scene: Scene) -> None:
    await scene.hospital.get(f"/record/{scene.stranger.person}")
    mark = (await marks(scene.other))[0]
    said = {"mark": mark, "words": "我没有去过这家医院"}
    for client in (scene.own, scene.hospital):
        assert (await client.post("/me/access/objection", data=said)).status_code in (400, 403)
    short = await scene.other.post("/me/access/objection", data={"mark": mark, "words": "不"})
    assert short.status_code == 400
    assert (await scene.other.post("/me/access/objection", data=said)).status_code == 303
    assert (await scene.other.post("/me/access/objection", data=said)).status_code == 400
    for odd in ("", "1.2", "1.2.3", f"{mark}0", "x.y.z"):
        answer = await scene.other.post(
            "/me/access/objection", data={"mark": odd, "words": "我没有去过这家医院"}
        )
        assert answer.status_code == 400

    queue = (await scene.auditor.get("/objections")).text
    assert said["words"] in queue
    assert scene.stranger.name not in queue
    found = re.search(r"/objections/([0-9a-f-]{36})/answer", queue)
    assert found is not None
    reply = {"founded": "yes", "words": "经查为误操作，已责成该院整改"}
    for client in (scene.other, scene.hospital):
        assert (await client.get("/objections")).status_code == 403
        assert (await client.post(found[0], data=reply)).status_code == 403
    assert (await scene.auditor.post(found[0], data=reply)).status_code == 303
    assert (await scene.auditor.post(found[0], data=reply)).status_code == 400
    shown = (await scene.other.get("/me/access")).text
    assert reply["words"] in shown
    assert "异议成立" in shown
    assert "已有答复" in (await scene.other.get("/me")).text
    assert reply["words"] in (await scene.auditor.get("/objections?show=answered")).text


async def test_a_guardian_objects_for_the_child_and_a_stranger_does_not(scene: Scene) -> None:
    request = await guard(scene, scene.child)
    base = f"/me/family/{scene.child.person}"
    await scene.hospital.get(f"/record/{scene.child.person}")
    mark = (await marks(scene.own, base))[0]
    said = {"mark": mark, "words": "孩子当天在学校"}
    assert (await scene.other.post(f"{base}/access/objection", data=said)).status_code == 403
    # The entry is the child's: it is none of the guardian's own list.
    assert (await scene.own.post("/me/access/objection", data=said)).status_code == 400
    assert (await scene.own.post(f"{base}/access/objection", data=said)).status_code == 303
    await scene.own.post("/me/family/end", data={"relation": request})
    assert (await scene.own.post(f"{base}/access/objection", data=said)).status_code == 403


async def test_resident_a_never_reaches_b_by_any_of_these_pages(scene: Scene) -> None:
    """All pages of residents, with everybody's ids in every place."""
    persons = [scene.mother, scene.child, scene.youth]
    for who in persons:
        for path in ("", "/access", "/consent", "?item=14749-6", "/access?kind=emergency"):
            answer = await scene.other.get(f"/me/family/{who.person}{path}")
            assert answer.status_code == 403
            assert who.name not in answer.text
        for own in ("/me", "/me/access", "/me/consent", "/me/family", "/me/record"):
            for name in ("person", "account", "for", "ward"):
                text = (await scene.other.get(f"{own}?{name}={who.person}")).text
                assert who.name not in text
        for path in ("/me/consent", "/me/family", "/me/family/end", "/me/access/objection"):
            fields = {"person": who.person, "ward": who.person, "relation": who.person}
            text = (await scene.other.post(path, data=fields)).text
            assert who.name not in text
    assert await current_consent(scene.region.web.store.pool, scene.youth.person) is None
