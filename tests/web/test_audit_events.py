"""The audit log as FHIR AuditEvents: for audit administrators all, for residents their own part."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.audit import Entry
from minkang.web import Web
from tests.web.small_region import Region, Someone

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


class Scene:
    """A resident whose record was opened, another one, an auditor, and a doctor."""

    web: Web
    who: Someone
    other: Someone
    resident: AsyncClient
    auditor: AsyncClient
    doctor: AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(web: Web) -> AsyncIterator[Scene]:
    async with Region(web) as region:
        made = Scene()
        made.web = web
        made.who = await region.born("海小兰", visit=True)
        made.other = await region.born("江小帆")
        made.auditor = await region.account("shenji", "audit-administrator")
        made.resident = await region.account("lan", "resident", person=made.who)
        made.doctor = await region.account("dr-one", "doctor", "MK1")
        await web.gate.log.record_many(
            [
                entry("open-record", 0, person=made.who.person, account="acc-1"),
                entry("open-record", 1, person=made.who.person, account="acc-2", allowed=False),
                entry("list-residents", 2, persons=(made.who.person, made.other.person)),
                entry("read-api", 3, persons=(f"Patient/{made.who.patients[0]}", "Patient/x")),
                entry("open-record", 4, person=made.other.person, account="acc-1"),
                entry("create-account", 5, object_type="Account", object_id="acc-9"),
            ]
        )
        yield made


def entry(action: str, hour: int, *, allowed: bool = True, **more: Any) -> Entry:
    at = NOON + timedelta(hours=hour)
    return Entry(action=action, allowed=allowed, at=at, purpose="treatment", reason="t", **more)


def subtypes(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    found = answer.json().get("entry", [])
    return [one["resource"]["subtype"][0]["code"] for one in found]


async def search(client: AsyncClient, **query: Any) -> Response:
    return await client.get("/fhir/AuditEvent", params={"date": "2026-03-01", **query})


async def test_the_auditor_searches_by_every_parameter(scene: Scene) -> None:
    async def found(**query: Any) -> list[str]:
        return subtypes(await search(scene.auditor, **query))

    every = ["create-account", "open-record", "read-api", "list-residents"] + ["open-record"] * 2
    assert await found() == every
    patient = f"Patient/{scene.who.patients[1]}"
    assert await found(patient=patient) == every[2:]
    assert await found(agent="acc-1") == ["open-record", "open-record"]
    assert await found(entity="Account/acc-9") == ["create-account"]
    assert await found(action="R") == ["open-record", "read-api", "open-record", "open-record"]
    assert await found(action="C") == ["create-account"]
    assert await found(action="E") == ["list-residents"]
    assert await found(outcome="4", patient=patient) == ["open-record"]
    assert await found(subtype="read-api") == ["read-api"]
    assert await found(date="ge2026-03-01T07:30:00Z", agent="acc-1") == ["open-record"]
    assert await found(date="lt2020-01-01") == []
    assert await found(action="D") == []


async def test_pages_show_each_event_once_newest_first(scene: Scene) -> None:
    shown: list[str] = []
    answer = await search(scene.auditor, _count=2)
    while True:
        bundle = answer.json()
        shown += [one["resource"]["id"] for one in bundle["entry"]]
        following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        if not following:
            break
        answer = await scene.auditor.get(following[0])
    whole = (await search(scene.auditor)).json()["entry"]
    assert shown == [one["resource"]["id"] for one in whole]
    assert len(shown) == len(set(shown)) == 6


async def test_an_event_is_read_by_its_id_and_has_the_shape_of_fhir(scene: Scene) -> None:
    [found] = (await search(scene.auditor, outcome="4")).json()["entry"]
    event = (await scene.auditor.get(f"/fhir/AuditEvent/{found['resource']['id']}")).json()
    assert event == found["resource"]
    assert event["action"] == "R"
    assert event["recorded"] == "2026-03-01T05:00:00.000Z"
    assert event["type"]["code"] == "110110"
    assert event["agent"][0]["requestor"] is True
    assert event["agent"][0]["who"]["identifier"]["value"] == "acc-2"
    assert event["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    assert event["entity"][0]["what"]["reference"] == f"Person/{scene.who.person}"
    valid = await scene.auditor.get("/fhir/metadata")
    [described] = [
        one for one in valid.json()["rest"][0]["resource"] if one["type"] == "AuditEvent"
    ]
    assert "patient, agent, date" in described["documentation"]


async def test_residents_see_their_own_events_and_nobody_elses_name_in_them(scene: Scene) -> None:
    answer = await search(scene.resident)
    assert subtypes(answer) == ["read-api", "list-residents", "open-record", "open-record"]
    assert scene.other.person not in answer.text
    assert "Patient/x" not in answer.text
    of_other = await search(scene.resident, patient=f"Patient/{scene.other.patients[0]}")
    assert subtypes(of_other) == []
    of_auditor = (await search(scene.auditor, subtype="create-account")).json()["entry"]
    hidden = await scene.resident.get(f"/fhir/AuditEvent/{of_auditor[0]['resource']['id']}")
    unknown = await scene.resident.get(f"/fhir/AuditEvent/{'0' * 32}-1")
    nonsense = await scene.resident.get("/fhir/AuditEvent/x")
    assert hidden.status_code == unknown.status_code == nonsense.status_code == 403
    assert hidden.text == unknown.text == nonsense.text


@pytest.mark.parametrize(
    "query",
    [
        {"site": "x"},
        {"patient.name": "x"},
        {"agent:Practitioner.name": "x"},
        {"action:not": "R"},
        {"date": "ap2026"},
        {"outcome": "0,4"},
        {"_after": "nonsense"},
        {"nothing": "x"},
    ],
    ids=lambda one: next(iter(one)),
)
async def test_what_the_log_cannot_be_searched_by_is_refused(
    scene: Scene, query: dict[str, str]
) -> None:
    answer = await scene.auditor.get("/fhir/AuditEvent", params=query)
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_who_is_neither_gets_nothing_of_the_log(scene: Scene) -> None:
    answer = await search(scene.doctor)
    assert "open-record" not in answer.text
    assert answer.status_code in (200, 400, 403)


async def test_reading_the_log_is_written_down(scene: Scene) -> None:
    await search(scene.auditor, agent="acc-1")
    row = await scene.web.store.pool.fetchrow(
        """select action, object_type, object_id, role from audit.entry
           order by at desc, seq desc limit 1"""
    )
    assert row is not None
    assert tuple(row) == ("read-audit", "AuditEvent", "?date&agent", "audit-administrator")
