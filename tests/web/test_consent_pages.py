"""Consent on the pages: what the resident decides holds at the next request, at every door."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.policy.consent import current_consent
from minkang.web import Web
from tests.web.small_region import Region, Someone


class Scene:
    """A resident with a visit at MK1, the doctor there, and one of MK3 without any relation."""

    region: Region
    who: Someone
    other: Someone
    resident: AsyncClient
    stranger: AsyncClient
    doctor: AsyncClient
    elsewhere: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.who = await region.born("海小兰", visit=True)
        made.other = await region.born("江小帆")
        made.resident = await region.account("lan", "resident", person=made.who)
        made.stranger = await region.account("fan", "resident", person=made.other)
        made.doctor = await region.account("dr-one", "doctor", "MK1")
        made.elsewhere = await region.account("dr-three", "doctor", "MK3")
        yield made


async def sees(scene: Scene, doctor: AsyncClient, who: Someone) -> set[str]:
    """What of these a doctor sees of a resident, the same at the page and at the FHIR base."""
    page = await doctor.get(f"/record/{who.person}?tab=results")
    overview = await doctor.get(f"/record/{who.person}")
    seen = {mark for mark in ("5.55", "7.77") if mark in page.text}
    seen |= {"mental"} if "抑郁发作" in overview.text else set()
    told = set()
    for patient in who.patients:
        for kind in ("Observation", "Condition"):
            answer = await doctor.get(f"/fhir/{kind}?patient={patient}")
            told |= {mark for mark in ("5.55", "7.77") if mark in answer.text}
            told |= {"mental"} if "抑郁发作" in answer.text else set()
    assert seen == told
    return seen


async def decide(client: AsyncClient, action: str, **fields: str) -> int:
    answer = await client.post("/me/consent", data={"action": action, **fields})
    return answer.status_code


async def test_what_the_resident_decides_holds_at_the_next_request_at_every_door(
    scene: Scene,
) -> None:
    doctor, resident, who = scene.doctor, scene.resident, scene.who
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "give") == 400  # without having read it
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "give", read="on") == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    assert await decide(resident, "narrow", **{"source:MK2": "on"}) == 303
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "narrow", since="2026-10-06") == 303
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "narrow", since="2026-10-05", until="2026-10-05") == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    assert await decide(resident, "narrow", **{"recipient:MK1": "on"}) == 303
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "narrow") == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    assert await decide(resident, "withdraw") == 303
    assert await sees(scene, doctor, who) == {"5.55"}
    assert await decide(resident, "withdraw") == 400
    page = (await resident.get("/me/consent")).text
    assert "已撤回" in page
    assert "不含这些机构的记录：港城中医医院" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"topic:dental": "on"},
        {"since": "yesterday"},
        {"since": "2026-02-30"},
        {"since": "2026-05-02", "until": "2026-05-01"},
        {"since": "9999-12-31"},
    ],
)
async def test_a_form_that_makes_no_sense_changes_nothing(
    fields: dict[str, str], scene: Scene
) -> None:
    pool = scene.region.web.store.pool
    before = await current_consent(pool, scene.who.person)
    assert await decide(scene.resident, "give", read="on", **fields) == 400
    assert await current_consent(pool, scene.who.person) == before


async def test_a_code_without_consent_leads_to_taking_it_on_paper(scene: Scene) -> None:
    who = await scene.region.born("白小云")
    doctor, path = scene.elsewhere, f"/record/{who.person}"
    for code in ("", "1" * 16, scene.other.code, who.number):
        answer = await doctor.post(f"{path}/consent", data={"code": code, "signed": "on"})
        assert answer.status_code == 403
        assert "纸质同意书编号" not in answer.text
    shown = await doctor.post(f"{path}/code", data={"code": who.code})
    assert shown.status_code == 403
    assert "居民没有同意" in shown.text
    assert "纸质同意书编号" in shown.text
    assert (await doctor.get(path)).status_code == 403
    for fields in ({"document": "A-17"}, {"signed": "on"}, {"signed": "on", "document": " "}):
        answer = await doctor.post(f"{path}/consent", data={"code": who.code, **fields})
        assert answer.status_code == 400
    assert await current_consent(scene.region.web.store.pool, who.person) is None
    signed = {"code": who.code, "signed": "on", "document": "A-17"}
    assert (await doctor.post(f"{path}/consent", data=signed)).status_code == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    resident = await scene.region.account("yun", "resident", person=who)
    assert "凭纸质同意书 A-17" in (await resident.get("/me/consent")).text


async def test_sensitive_topics_are_confirmed_one_by_one_and_taken_back(scene: Scene) -> None:
    who = await scene.region.born("蓝小天")
    resident = await scene.region.account("tian", "resident", person=who)
    doctor, path = scene.elsewhere, f"/record/{who.person}/code"
    assert await decide(resident, "give", read="on") == 303
    assert (await doctor.post(path, data={"code": who.code})).status_code == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    ticked = {"code": who.code, "topic:mental": "on", "topic:no-such": "on"}
    assert (await doctor.post(path, data=ticked)).status_code == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77", "mental"}
    page = (await resident.get("/me/consent")).text
    key = page.partition('name="shown" value="')[2].partition('"')[0]
    assert await decide(resident, "topics", shown=key) == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77"}
    assert await decide(resident, "topics", shown=key, **{"topic:mental": "on"}) == 303
    assert await sees(scene, doctor, who) == {"5.55", "7.77", "mental"}
    assert await decide(resident, "withdraw") == 303
    assert await sees(scene, doctor, who) == set()
    assert await decide(resident, "topics", shown="x") == 400


async def test_nobody_reaches_the_consent_of_another(scene: Scene) -> None:
    pool, who = scene.region.web.store.pool, scene.who
    before = await current_consent(pool, who.person)
    for path in (f"/me/family/{who.person}/consent", "/me/family/pnobody/consent"):
        for client in (scene.stranger, scene.doctor, scene.elsewhere):
            assert (await client.get(path)).status_code == 403
            answer = await client.post(path, data={"action": "give", "read": "on"})
            assert answer.status_code == 403
            assert who.name not in answer.text
    for client in (scene.doctor, scene.elsewhere):
        assert (await client.get("/me/consent")).status_code == 403
        assert (await client.post("/me/consent", data={"action": "give"})).status_code == 403
    assert await current_consent(pool, who.person) == before


async def test_the_text_stands_in_chinese_and_can_be_read_in_english(scene: Scene) -> None:
    scene.stranger.cookies.set("minkang_language", "en", "minkang.test")
    page = (await scene.stranger.get("/me/consent")).text
    assert "单独同意" in page
    assert "need your separate consent" in page.replace("needs", "need")
    assert "Consent, with limits" in page
    scene.stranger.cookies.delete("minkang_language")


async def test_every_change_names_who_and_where_in_the_audit_log(scene: Scene) -> None:
    since = datetime.now(UTC)
    assert await decide(scene.stranger, "give", read="on") == 303
    rows = await scene.region.web.store.pool.fetch(
        """select action, allowed, account_name, address, object_type from audit.entry
           where person = $1 and at >= $2 order by at, seq""",
        scene.other.person,
        since,
    )
    assert [(row["action"], row["object_type"]) for row in rows] == [
        ("give-consent", "Person"),
        ("give-consent", "Consent"),
    ]
    assert {(row["allowed"], row["account_name"], row["address"]) for row in rows} == {
        (True, "名fan", "192.0.2.1")
    }


async def test_a_relation_alone_opens_no_record_that_would_only_tell_a_name(scene: Scene) -> None:
    """A contract, and a visit, that a shared system sent: without a consent there is nothing to see
    for the institution they name, and page and base say so alike; the next form is still written.
    """
    region = scene.region
    doctor = await region.account("gp-four", "gp", "MK4")
    signed, seen = await region.born("白小溪"), await region.born("白小河")
    await region.shared(signed.patients[0], "MK4", "Contract")
    await region.shared(seen.patients[0], "MK4", "Encounter")
    for login, who in (("xi", signed), ("he", seen)):
        resident = await region.account(login, "resident", person=who)
        assert await closed(doctor, who) == "居民没有同意"
        assert (
            await doctor.get(f"/record/{who.person}/forms/hypertension-followup")
        ).status_code == 200
        assert await decide(resident, "give", read="on") == 303
        assert await sees(scene, doctor, who) == {"5.55", "7.77"}
        limits = dict.fromkeys(("source:MK1", "source:MK2", "source:SHARED"), "on")
        assert await decide(resident, "narrow", **limits) == 303
        assert await closed(doctor, who) == "范围内没有"
        assert await decide(resident, "narrow", since="2026-10-04", until="2026-10-06") == 303
        assert await sees(scene, doctor, who) == {"5.55", "7.77"}
        assert await decide(resident, "withdraw") == 303
        assert await closed(doctor, who) == "居民没有同意"


async def closed(doctor: AsyncClient, who: Someone) -> str:
    """Why a record is closed, at every page of it and at the base; the name is told nowhere."""
    pages = ["", "/body", "/events", "/print.pdf", f"/fact/Patient/{who.patients[0]}"]
    addresses = [f"/record/{who.person}{one}" for one in pages]
    addresses += [
        f"/fhir/{kind}?patient={who.patients[0]}" for kind in ("Observation", "Encounter")
    ]
    addresses += [f"/fhir/Patient/{patient}" for patient in who.patients]
    answers = [await doctor.get(one) for one in addresses]
    assert [one.status_code for one in answers] == [403] * len(answers)
    assert not any(who.name in one.text for one in answers)
    said = [words for words in ("居民没有同意", "范围内没有") if words in answers[0].text]
    assert len(said) == 1
    return said[0]
