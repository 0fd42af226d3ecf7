"""The audit administrator's pages: any entry is found, shown, exported; the log can be verified."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from minkang.audit import Entry, archive_until
from minkang.audit.runs import run_next
from minkang.web import Web
from tests.audit.tampering import tamper
from tests.web.small_region import Region, Someone

PAGES = ("/audit", "/audit/unusual", "/audit/verification", "/audit/archive/1")


class Scene:
    """A resident whose record a doctor opened, another doctor who was refused, and an auditor."""

    web: Web
    who: Someone
    auditor: AsyncClient
    doctor: AsyncClient
    stranger: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.web = web
        made.who = await region.born("海小兰", visit=True)
        made.auditor = await region.account("shenji", "audit-administrator")
        made.doctor = await region.account("hai-one", "doctor", "MK1")
        made.stranger = await region.account("dr-three", "doctor", "MK3")
        assert (await made.doctor.get(f"/record/{made.who.person}")).status_code == 200
        assert (await made.stranger.get(f"/record/{made.who.person}")).status_code == 403
        yield made


async def found(client: AsyncClient, **query: str) -> list[str]:
    """The marks of the entries that a search shows."""
    answer = await client.get("/audit", params=query)
    assert answer.status_code == 200, answer.text
    return re.findall(r'href="/audit/entry/([0-9a-f.]+)"', answer.text)


async def actions_of(scene: Scene, marks: list[str]) -> list[tuple[str, bool]]:
    rows = []
    for mark in marks:
        _, writer, seq = mark.split(".")
        row = await scene.web.store.pool.fetchrow(
            "select action, allowed from audit.entry where writer = $1::uuid and seq = $2",
            writer,
            int(seq),
        )
        assert row is not None
        rows.append((row["action"], row["allowed"]))
    return rows


async def test_entries_are_found_by_person_actor_result_action_and_time(scene: Scene) -> None:
    auditor, person = scene.auditor, scene.who.person
    opened = ("open-record", True)
    refused = ("open-record", False)
    by_person = await actions_of(scene, await found(auditor, person=person))
    assert {opened, refused} <= set(by_person)
    by_patient = await found(auditor, person=f"Patient/{min(scene.who.patients)}")
    assert opened in await actions_of(scene, by_patient)
    of_doctor = await actions_of(scene, await found(auditor, actor="hai-one"))
    assert opened in of_doctor
    assert refused not in of_doctor
    only_refused = await actions_of(scene, await found(auditor, person=person, kind="refused"))
    assert set(only_refused) == {refused}
    by_action = await actions_of(scene, await found(auditor, action="open-record"))
    assert set(by_action) == {opened, refused}
    assert await found(auditor, person=person, until="2020-01-01T00:00") == []
    assert await found(auditor, institution="MK1", action="open-record", kind="refused") == []
    unclear = await auditor.get("/audit", params={"since": "gestern"})
    assert "时间看不懂" in unclear.text


async def test_each_search_leaves_an_entry_that_says_what_was_looked_for(scene: Scene) -> None:
    await found(scene.auditor, person=scene.who.person)
    row = await scene.web.store.pool.fetchrow(
        "select action, object_id from audit.entry order by at desc, seq desc limit 1"
    )
    assert row is not None
    assert tuple(row) == ("read-audit", f"?person={scene.who.person}")


async def test_one_entry_is_shown_in_full_with_its_neighbours(scene: Scene) -> None:
    [mark, *_] = await found(scene.auditor, person=scene.who.person, kind="refused")
    page = (await scene.auditor.get(f"/audit/entry/{mark}")).text
    assert scene.who.person in page
    assert "已拒绝" in page
    assert page.count("/audit/entry/") >= 3
    for wrong in ("1.2", f"0.{'0' * 32}.7", "x"):
        assert (await scene.auditor.get(f"/audit/entry/{wrong}")).status_code == 404


async def test_an_export_is_a_table_and_an_entry_of_its_own(scene: Scene) -> None:
    log = scene.web.gate.log
    evil = Entry(action="read-api", allowed=True, account_name="=1+1", object_id="evil-name")
    await log.record(evil)
    answer = await scene.auditor.post("/audit/export", data={"action": "read-api"})
    assert answer.status_code in (200, 201)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "evil-name" in answer.text
    assert ",'=1+1," in answer.text
    row = await scene.web.store.pool.fetchrow(
        "select object_id from audit.entry where action = 'export-audit' and allowed"
    )
    assert row is not None
    assert row["object_id"] == "?action=read-api"


async def test_a_verification_is_asked_for_made_and_shown(scene: Scene) -> None:
    web = scene.web
    folder = web.settings.home / "audit"

    async def verified() -> str:
        answer = await scene.auditor.post("/audit/verification", data={"what": "whole"})
        assert answer.status_code == 303
        assert "等待中" in (await scene.auditor.get("/audit/verification")).text
        assert await run_next(web.store.pool, web.keys, folder, "") is not None
        return (await scene.auditor.get("/audit/verification/live")).text

    page = await verified()
    assert "不完整" not in page
    assert "完整" in page
    await web.gate.log.checkpoint()
    whole = (await scene.auditor.get("/audit/verification")).text
    assert web.keys.signer is not None
    assert web.keys.signer.public.name in whole
    change = "update audit.entry set reason = $1 where writer = $2 and seq = 2"
    writer = web.gate.log.writer
    before = await web.store.pool.fetchval(
        "select reason from audit.entry where writer = $1 and seq = 2", writer
    )
    await tamper(web.store.pool, change, "x", writer)
    page = await verified()
    await tamper(web.store.pool, change, before, writer)
    assert "不完整" in page
    assert str(writer) in page
    assert "记录被改动、插入或移动" in page


async def test_unusual_use_is_pointed_at_with_the_way_to_its_entries(scene: Scene) -> None:
    noon = datetime.now(UTC).replace(hour=4, minute=5) - timedelta(days=1)
    many: dict[str, Any] = {"account": "many", "account_name": "多医生", "role": "doctor"}
    await scene.web.gate.log.record_many(
        [
            Entry(action="open-record", allowed=True, person=f"p{n}", at=noon, **many)
            for n in range(30)
        ]
        + [Entry(action="open-record", allowed=False, at=noon, **many) for _ in range(10)]
        + [
            Entry(
                action="open-record",
                allowed=True,
                person="p1",
                at=noon.replace(hour=17),
                account="night",
                account_name="夜医生",
                role="doctor",
            )
        ]
    )
    page = (await scene.auditor.get("/audit/unusual?days=7")).text
    assert page.count("多医生") == 2
    assert "夜医生" in page
    href = re.findall(r'href="(/audit\?actor=many[^"]*)"', page)[0].replace("&amp;", "&")
    assert "多医生" in (await scene.auditor.get(href)).text


async def test_an_archive_is_searched_on_its_own_page(scene: Scene) -> None:
    web = scene.web
    log, pool = web.gate.log, web.store.pool
    old = datetime(2020, 1, 1, tzinfo=UTC)
    await log.record(Entry(action="open-record", allowed=True, account_name="旧医生", at=old))
    folder = web.settings.home / "audit"
    assert (await scene.auditor.get("/audit/archive/1")).status_code == 404
    late = datetime.now(UTC) + timedelta(days=1)
    assert await archive_until(log, pool, web.keys, folder, late)
    assert 'href="/audit/archive/1"' in (await scene.auditor.get("/audit/verification")).text
    page = (await scene.auditor.get("/audit/archive/1", params={"kind": "allowed"})).text
    assert "旧医生" in page
    by_person = await scene.auditor.get(
        "/audit/archive/1", params={"person": scene.who.person, "kind": "refused"}
    )
    assert "已拒绝" in by_person.text


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("doctor", "/record/{person}"),
        ("doctor", "/doctor"),
        ("doctor", "/fhir/Patient/{patient}"),
        ("doctor", "/fhir/Observation?patient={patient}"),
        ("auditor", "/audit"),
        ("auditor", "/fhir/AuditEvent"),
    ],
)
async def test_where_nothing_can_be_written_down_nothing_is_shown(
    scene: Scene, who: str, path: str
) -> None:
    client = scene.doctor if who == "doctor" else scene.auditor
    address = path.format(person=scene.who.person, patient=scene.who.patients[0])
    assert (await client.get(address)).status_code == 200
    pool = scene.web.store.pool
    await pool.execute("alter table audit.entry rename to hidden")
    try:
        answer = await client.get(address)
    finally:
        await pool.execute("alter table audit.hidden rename to entry")
    assert answer.status_code == 503
    for secret in (scene.who.name, scene.who.number, "5.55", scene.who.person):
        assert secret not in answer.text
    assert (await client.get(address)).status_code == 200


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_but_the_audit_administrator_reads_the_log(scene: Scene, path: str) -> None:
    assert (await scene.doctor.get(path)).status_code == 403
