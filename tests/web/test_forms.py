"""A follow-up by form: checked, advised, kept with all that it says, changed and withdrawn."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.record.due import follow_due
from minkang.store import Query, Scope, read, search
from minkang.web import Web
from minkang.web.wording import ZONE
from tests.web.small_region import Region, Someone

FORM = "hypertension-followup"


class Scene:
    """A resident of fifty with a visit at MK1, and who follows them up there."""

    region: Region
    who: Someone
    doctor: AsyncClient
    colleague: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.who = await region.born("邹小凤", visit=True)
        made.doctor = await region.account("follows", "gp", "MK1")
        made.colleague = await region.account("follows-too", "nurse", "MK1")
        yield made


def day(after: int = 0) -> str:
    """A day counted from today here."""
    return (datetime.now(ZONE).date() + timedelta(days=after)).isoformat()


def well(**other: str) -> dict[str, str]:
    """A follow-up as it should be."""
    return {
        "date": day(),
        "way": "1",
        "symptoms.1": "1",
        "systolic": "132",
        "diastolic": "84",
        "adherence": "1",
        "reaction": "1",
        "complication": "1",
        "class": "1",
        "referral": "1",
        "next": day(90),
    } | {name.replace("_", "-"): text for name, text in other.items()}


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(key|version)" value="([^"]*)"', page)
    return dict(found)


def at(who: Someone) -> str:
    return f"/record/{who.person}/forms/{FORM}"


async def fills(
    scene: Scene, who: Someone, typed: dict[str, str], response: str = ""
) -> tuple[str, Response]:
    path = at(who) + (f"?response={response}" if response else "")
    page = await scene.doctor.get(path)
    assert page.status_code == 200, page.text
    form = hidden(page.text)
    return form["key"], await scene.doctor.post(at(who), data={**form, **typed})


async def facts(scene: Scene, who: Someone, key: str) -> dict[str, dict[str, object]]:
    """What stands under a key, by what follows it."""
    types = (
        "Observation", "Encounter", "Composition", "ServiceRequest", "MedicationStatement",
        "QuestionnaireResponse", "Condition", "EpisodeOfCare",
    )  # fmt: skip
    page = await search(
        scene.region.web.store, Scope.whole(), Query(types=types, patients=who.patients, limit=500)
    )
    return {
        one.id.removeprefix(key).removeprefix("-"): one.resource
        for one in page.matches
        if one.id.startswith(key)
    }


async def test_it_is_kept_with_all_that_it_says_and_stands_in_the_record_at_once(
    scene: Scene,
) -> None:
    who = await scene.region.born("方小梅", visit=True)
    typed = well(weight="70", height="168", **{"medicine-name.0": "苯磺酸氨氯地平片"})
    key, answer = await fills(scene, who, typed)
    assert answer.status_code == 303, answer.text
    made = await facts(scene, who, key)
    assert {"", "visit", "pressure", "bmi", "medicine1", "next", "document"} <= made.keys()
    assert made["visit"]["status"] == "finished"
    assert made["next"]["occurrenceDateTime"] == day(90)
    record = await scene.doctor.get(f"/record/{who.person}")
    assert "高血压" in record.text
    assert "132" in record.text
    shown = await scene.doctor.get(f"/record/{who.person}/notes")
    assert "高血压患者随访服务记录表" in shown.text


async def test_nothing_is_kept_of_a_form_with_a_fault_and_nothing_typed_is_lost(
    scene: Scene,
) -> None:
    who = await scene.region.born("丁小娟", visit=True)
    key, answer = await fills(scene, who, well(systolic="84", diastolic="132", tests="心电图正常"))
    assert answer.status_code == 422
    assert "舒张压应低于收缩压" in answer.text
    assert "心电图正常" in answer.text
    assert await facts(scene, who, key) == {}


async def test_while_it_is_filled_the_norm_speaks_and_dependent_questions_come(
    scene: Scene,
) -> None:
    path = f"{at(scene.who)}/check"
    quiet = await scene.doctor.post(path, data=well())
    assert "按规范应归为：控制满意" in quiet.text
    assert 'name="reaction-words"' not in quiet.text
    loud = await scene.doctor.post(path, data=well(systolic="182", reaction="2"))
    assert "紧急处理后转诊" in loud.text
    assert 'name="reaction-words"' in loud.text
    assert f"下次随访最晚 {day(14)}" in loud.text


async def test_an_emergency_is_not_kept_without_a_referral(scene: Scene) -> None:
    who = await scene.region.born("潘小静", visit=True)
    high = well(systolic="182", next=day(10), **{"class": "2"})
    _, refused = await fills(scene, who, high)
    assert refused.status_code == 422
    assert "紧急转诊" in refused.text
    to = {"referral": "2", "referral-reason": "血压过高", "referral-to": "海滨人民医院心内科"}
    key, answer = await fills(scene, who, {**high, **to})
    assert answer.status_code == 303, answer.text
    made = await facts(scene, who, key)
    assert made["referral"]["performer"] == [{"display": "海滨人民医院心内科"}]


async def test_the_second_failure_running_is_known_from_the_form_before(scene: Scene) -> None:
    who = await scene.region.born("胡小蓉", visit=True)
    high = well(systolic="160", next=day(10), **{"class": "2"})
    _, answer = await fills(scene, who, {**high, "date": day(-14), "next": day(-2)})
    assert answer.status_code == 303, answer.text
    advice = await scene.doctor.post(f"{at(who)}/check", data=high)
    assert "建议转诊到上级医院" in advice.text
    assert "连续两次" in advice.text


async def test_what_seldom_changes_is_carried_over_but_not_what_was_measured(
    scene: Scene,
) -> None:
    who = await scene.region.born("崔小红", visit=True)
    typed = well(height="168.5", **{"medicine-name.0": "缬沙坦胶囊", "medicine-times.0": "1"})
    _, answer = await fills(scene, who, typed)
    assert answer.status_code == 303
    page = (await scene.doctor.get(at(who))).text
    assert 'name="height" value="168.5"' in page
    assert 'value="缬沙坦胶囊"' in page
    assert 'name="systolic" value=""' in page


async def test_disease_and_care_are_written_once(scene: Scene) -> None:
    who = await scene.region.born("秦小丽", visit=True)
    for after in (-100, -10):
        _, answer = await fills(scene, who, well(date=day(after), next=day(after + 90)))
        assert answer.status_code == 303, answer.text
    page = await search(
        scene.region.web.store,
        Scope.whole(),
        Query(types=("Condition", "EpisodeOfCare"), patients=who.patients),
    )
    standing = [one for one in page.matches if one.source == "MK1" and len(one.id) >= 32]
    assert sorted(one.type for one in standing) == ["Condition", "EpisodeOfCare"]
    assert {one.version for one in standing} == {1}


async def test_a_change_takes_back_what_it_no_longer_says(scene: Scene) -> None:
    who = await scene.region.born("江小芬", visit=True)
    typed = well(weight="70", height="168", tests="心电图正常")
    key, _ = await fills(scene, who, typed)
    again, answer = await fills(scene, who, well(systolic="128", weight="70"), response=key)
    assert (again, answer.status_code) == (key, 303), answer.text
    made = await facts(scene, who, key)
    assert made["bmi"]["status"] == "entered-in-error"
    assert made["tests"]["status"] == "entered-in-error"
    assert made["weight"]["status"] == "amended"
    told = await read(scene.region.web.store, Scope.whole(), "Provenance", f"{key}-by2")
    assert told is not None
    assert told.resource["activity"]["coding"][0]["code"] == "UPDATE"


async def test_two_who_change_the_same_form_are_told_what_differs(scene: Scene) -> None:
    who = await scene.region.born("史小燕", visit=True)
    key, _ = await fills(scene, who, well())
    page = await scene.colleague.get(f"{at(who)}?response={key}")
    other = hidden(page.text)
    _, first = await fills(scene, who, well(systolic="136"), response=key)
    assert first.status_code == 303
    second = await scene.colleague.post(at(who), data={**other, **well(systolic="126")})
    assert second.status_code == 409
    assert "136" in second.text
    assert "126" in second.text
    made = await facts(scene, who, key)
    pressure = made["pressure"]["component"]
    assert [one["valueQuantity"]["value"] for one in pressure] == [136, 84]  # type: ignore[attr-defined]


async def test_a_withdrawn_form_takes_all_with_it_and_counts_no_more(scene: Scene) -> None:
    who = await scene.region.born("顾小霞", visit=True)
    key, _ = await fills(scene, who, well(weight="70"))
    path = f"/record/{who.person}/notes/{key}/withdraw"
    version = hidden((await scene.doctor.get(path)).text)["version"]
    done = await scene.doctor.post(path, data={"version": version, "reason": "写错了病人"})
    assert done.status_code == 303
    made = await facts(scene, who, key)
    assert {one["status"] for one in made.values()} == {"entered-in-error"}
    assert (await scene.doctor.get(f"{at(who)}?response={key}")).status_code == 404


async def test_the_yearly_check_of_the_old_is_a_form_and_counts_as_done(scene: Scene) -> None:
    who = await scene.region.born("康小兰", visit=True)
    path = f"/record/{who.person}/forms/elderly-checkup"
    page = await scene.doctor.get(path)
    assert f'name="date" value="{day()}"' in page.text
    assert "血压目标" not in page.text
    typed = {
        "date": day(), "way": "2", "symptoms.1": "1", "systolic": "138", "diastolic": "82",
        "heart-rate": "72", "self-rated": "2", "self-care": "1", "memory": "1", "mood": "1",
        "ecg": "2", "ecg-words": "房颤", "judged-as": "2", "judged-as-words": "房颤",
        "guidance.3": "3", "referral": "1",
    }  # fmt: skip
    warned = await scene.doctor.post(f"{path}/check", data=typed)
    assert "建议转诊到上级医院" in warned.text
    wrong = await scene.doctor.post(path, data={**hidden(page.text), **typed, "judged-as": "1"})
    assert wrong.status_code == 422
    assert "检查有异常，不能评价为正常" in wrong.text
    answer = await scene.doctor.post(path, data={**hidden(page.text), **typed})
    assert answer.status_code == 303, answer.text
    shown = await scene.doctor.get(answer.headers["location"])
    assert 'href="/doctor/residents"' in shown.text
    while await follow_due(scene.region.web.store):
        pass
    done = await scene.region.web.store.pool.fetchval(
        "select count(*) from due.fact where what = 'done:elderly' and patient = any($1)",
        list(who.patients),
    )
    assert done == 1


async def test_the_age_of_a_child_stands_in_its_form_and_decides_what_is_asked(
    scene: Scene,
) -> None:
    path = f"/record/{scene.who.person}/forms/child-checkup"
    young = await scene.doctor.post(f"{path}/check", data={"stage": "1"})
    assert 'name="feeding"' in young.text
    assert 'name="left-eye"' not in young.text
    older = await scene.doctor.post(f"{path}/check", data={"stage": "3"})
    assert 'name="feeding"' not in older.text
    assert 'name="left-eye"' in older.text


async def test_there_is_no_form_of_another_name(scene: Scene) -> None:
    path = f"/record/{scene.who.person}/forms/no-such-form"
    assert (await scene.doctor.get(path)).status_code == 404
    assert (await scene.doctor.post(path, data=well())).status_code == 404
