"""Writing notes: at once in the record, changed with a check, never deleted, only by right."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.store import Scope, read
from minkang.web import Web
from tests.web.small_region import Region, Someone

HOSTILE = '<script>alert(1)</script> 头痛三天\n\n血压 150/95，"建议" & 复查'


class Scene:
    """A resident with a visit at MK1, two doctors there, one elsewhere."""

    region: Region
    who: Someone
    doctor: AsyncClient
    colleague: AsyncClient
    elsewhere: AsyncClient
    resident: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.region = region
        made.who = await region.born("吕小兰", visit=True)
        made.doctor = await region.account("writes", "doctor", "MK1")
        made.colleague = await region.account("writes-too", "nurse", "MK1")
        made.elsewhere = await region.account("writes-not", "doctor", "MK3")
        made.resident = await region.account("lan", "resident", person=made.who)
        yield made


def fields(page: str) -> dict[str, str]:
    """The hidden fields that a form sends back."""
    return {
        name: value
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
        if name in ("key", "version")
    }


async def writes(
    scene: Scene, title: str, text: str, who: AsyncClient | None = None
) -> tuple[str, Response]:
    """A new note by its page; its key and the answer."""
    client = who or scene.doctor
    page = await client.get(f"/record/{scene.who.person}/notes/new")
    assert page.status_code == 200, page.text
    hidden = fields(page.text)
    form = {**hidden, "kind": "outpatient", "title": title, "text": text, "visit": ""}
    answer = await client.post(f"/record/{scene.who.person}/notes", data=form)
    return hidden["key"], answer


async def stored(scene: Scene, key: str) -> tuple[int, dict[str, object], str]:
    found = await read(scene.region.web.store, Scope.whole(), "Composition", key)
    assert found is not None
    return found.version, found.resource, found.source


async def test_a_note_is_of_the_own_institution_by_its_author_and_audited(scene: Scene) -> None:
    key, answer = await writes(scene, "门诊记录", HOSTILE)
    assert answer.status_code == 303, answer.text
    version, note, source = await stored(scene, key)
    assert (version, source, note["status"]) == (1, "MK1", "final")
    assert note["subject"] == {"reference": f"Patient/{scene.who.patients[0]}"}
    told = await read(scene.region.web.store, Scope.whole(), "Provenance", f"{key}-by1")
    assert told is not None
    assert told.resource["target"] == [{"reference": f"Composition/{key}"}]
    assert told.resource["agent"][0]["who"]["display"] == "名writes"
    row = await scene.region.web.store.pool.fetchrow(
        "select person, allowed, role from audit.entry where action = 'write-note'"
        " and object_id = $1",
        key,
    )
    assert row is not None
    assert tuple(row) == (scene.who.person, True, "doctor")
    page = await scene.doctor.get(answer.headers["location"])
    assert "已保存" in page.text
    again = await scene.doctor.get(f"/record/{scene.who.person}/notes/{key}")
    assert "<script>alert" not in again.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 头痛三天\n\n血压 150/95" in again.text


async def test_the_same_form_sent_twice_is_one_note(scene: Scene) -> None:
    page = await scene.doctor.get(f"/record/{scene.who.person}/notes/new")
    form = {**fields(page.text), "kind": "progress", "title": "病程", "text": "病情平稳"}
    path = f"/record/{scene.who.person}/notes"
    for _ in range(2):
        assert (await scene.doctor.post(path, data=form)).status_code == 303
    version, _, _ = await stored(scene, form["key"])
    assert version == 1


async def test_what_is_missing_is_said_and_what_was_typed_stays(scene: Scene) -> None:
    key, answer = await writes(scene, "", "只有正文")
    assert answer.status_code == 422
    assert "请写标题" in answer.text
    assert "只有正文" in answer.text
    assert await read(scene.region.web.store, Scope.whole(), "Composition", key) is None


async def test_a_note_about_a_visit_of_somebody_else_is_not_taken(scene: Scene) -> None:
    other = await scene.region.born("施小云", visit=True)
    page = await scene.doctor.get(f"/record/{scene.who.person}/notes/new")
    form = {**fields(page.text), "kind": "outpatient", "title": "x", "text": "x"}
    form["visit"] = f"{other.patients[0]}-visit"
    answer = await scene.doctor.post(f"/record/{scene.who.person}/notes", data=form)
    assert answer.status_code == 422


async def test_two_who_change_the_same_note_are_told_and_see_both(scene: Scene) -> None:
    key, _ = await writes(scene, "两人", "原来的内容")
    path = f"/record/{scene.who.person}/notes"
    mine = fields((await scene.doctor.get(f"{path}/{key}")).text)
    theirs = fields((await scene.colleague.get(f"{path}/{key}")).text)
    assert mine == theirs == {"key": key, "version": "1"}
    common = {"kind": "outpatient", "title": "两人", "visit": ""}
    first = await scene.colleague.post(path, data={**theirs, **common, "text": "护士改的"})
    assert first.status_code == 303
    second = await scene.doctor.post(path, data={**mine, **common, "text": "医生改的"})
    assert second.status_code == 409
    assert "护士改的" in second.text
    assert "医生改的" in second.text
    assert "名writes-too" in second.text
    version, _, _ = await stored(scene, key)
    assert version == 2
    # Having seen both, the doctor decides.
    settled = {**fields(second.text), **common, "text": "护士改的\n医生改的"}
    assert settled["version"] == "2"
    assert (await scene.doctor.post(path, data=settled)).status_code == 303
    version, note, _ = await stored(scene, key)
    assert (version, note["status"]) == (3, "amended")


async def test_it_is_withdrawn_by_its_author_with_a_reason_and_stays_readable(
    scene: Scene,
) -> None:
    key, _ = await writes(scene, "写错人", "这段写错了人")
    path = f"/record/{scene.who.person}/notes/{key}"
    assert (await scene.colleague.get(f"{path}/withdraw")).status_code == 404
    assert (
        await scene.colleague.post(f"{path}/withdraw", data={"reason": "不是我写的"})
    ).status_code == 404
    page = await scene.doctor.get(f"{path}/withdraw")
    version = fields(page.text)["version"]
    short = await scene.doctor.post(f"{path}/withdraw", data={"version": version, "reason": "错"})
    assert short.status_code == 422
    done = await scene.doctor.post(
        f"{path}/withdraw", data={"version": version, "reason": "写错了病人"}
    )
    assert done.status_code == 303
    number, note, _ = await stored(scene, key)
    assert (number, note["status"]) == (2, "entered-in-error")
    shown = await scene.doctor.get(path)
    assert "已作废" in shown.text
    assert "这段写错了人" in shown.text
    late = {"key": key, "version": "1", "kind": "outpatient", "title": "x", "text": "x"}
    answer = await scene.doctor.post(f"/record/{scene.who.person}/notes", data=late)
    assert answer.status_code == 409


async def test_without_a_relation_nobody_writes_and_the_note_is_not_there(scene: Scene) -> None:
    key, _ = await writes(scene, "只给本机构", "内容保密")
    path = f"/record/{scene.who.person}/notes"
    for address in (path, f"{path}/new", f"{path}/{key}"):
        answer = await scene.elsewhere.get(address)
        assert answer.status_code == 403
        assert "内容保密" not in answer.text
    sent = {"key": key, "version": "1", "kind": "outpatient", "title": "x", "text": "x"}
    assert (await scene.elsewhere.post(path, data=sent)).status_code == 403
    assert (await scene.resident.get(path)).status_code == 403
    assert (await stored(scene, key))[0] == 1


async def test_a_key_of_another_resident_changes_nothing(scene: Scene) -> None:
    key, _ = await writes(scene, "甲的", "甲的内容")
    other = await scene.region.born("乔小雨", visit=True)
    path = f"/record/{other.person}/notes"
    assert (await scene.doctor.get(f"{path}/{key}")).status_code == 404
    for version in ("0", "1"):
        sent = {"key": key, "version": version, "kind": "outpatient", "title": "x", "text": "换掉"}
        assert (await scene.doctor.post(path, data=sent)).status_code == 404
    assert (await stored(scene, key))[0] == 1
