"""Who may pass the FHIR base: people one resident at a time, systems their own organisation's."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient

from minkang.accounts import AccountRefused, create_account
from minkang.api import Door, fhir_application
from minkang.api.routes import PUBLIC, ROUTES
from minkang.audit import looks_at
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.policy import Gate
from minkang.policy.consent import ConsentChange, change_consent
from minkang.store import Change, Scope, Store, write
from tests.api.asked import (
    entry,
    identified,
    ids,
    links,
    observation,
    patient,
    refused,
    transaction,
)
from tests.api.conftest import BASE, FHIR, Bearer

LATELY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
"""Long enough ago to be no call that is under way, whatever the time of the day."""


def about(kind: str, resource_id: str, patient_id: str, **more: Any) -> Resource:
    subject = {"reference": f"Patient/{patient_id}"}
    return {"resourceType": kind, "id": resource_id, "subject": subject, **more}


def glucose(number: int, patient_id: str) -> Resource:
    resource_id = f"o-{patient_id}-{number}"
    return observation(patient_id, resource_id, effectiveDateTime=f"2026-01-{number + 1:02}")


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys) -> None:
    """Two residents; the first has a visit at MK1 today and a sensitive diagnosis of MK2."""
    patients = [{"resourceType": "Patient", "id": one, "name": [{"text": one}]} for one in "ab"]
    visit = about("Encounter", "v", "a", period={"start": LATELY})
    facts = [glucose(n, "a") for n in range(5)] + [glucose(n, "b") for n in range(2)]
    hiv = about("Condition", "hiv", "a", code={"coding": [{"code": "B24"}]})
    async with store.pool.acquire() as connection, connection.transaction():
        own = [Change(one, "MK1") for one in (*patients, visit, *facts)]
        await write(store, connection, [*own, Change(hiv, "MK2")])
    while await follow(store, keys):
        pass


async def test_a_doctor_reads_where_there_is_a_visit_and_nowhere_else(
    client: AsyncClient, bearer: Bearer
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    found = await client.get("Observation/o-a-1", headers=doctor)
    assert found.status_code == 200
    assert found.headers["etag"] == 'W/"1"'
    hidden, missing = [
        await client.get(f"Observation/{one}", headers=doctor) for one in ("o-b-1", "nope")
    ]
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
    refused(hidden, 403, "forbidden")
    stranger = await bearer("doctor", organisation="MK2")
    refused(await client.get("Observation/o-a-1", headers=stranger), 403, "forbidden")


async def test_a_sensitive_diagnosis_of_another_institution_stays_hidden(
    client: AsyncClient, bearer: Bearer
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    refused(await client.get("Condition/hiv", headers=doctor), 403, "forbidden")
    for path in ("Condition?patient=a", "Patient/a/Condition", "Patient/a/*?_type=Condition"):
        assert ids(await client.get(path, headers=doctor)) == []
    everything = await client.get("Patient/a/$everything", headers=doctor)
    assert "hiv" not in everything.text
    joined = await client.get("Patient?_id=a&_has:Condition:patient:_id=hiv", headers=doctor)
    assert ids(joined) == []
    brought = await client.get("Patient?_id=a&_revinclude=Condition:patient", headers=doctor)
    assert ids(brought, "include") == []


async def test_a_doctors_search_goes_on_by_its_next_link(
    client: AsyncClient, bearer: Bearer
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    seen: list[str] = []
    path: str | None = "Observation?patient=Patient/a&code=http://loinc.org|14749-6&_count=2"
    while path:
        page = await client.get(path, headers=doctor)
        seen += ids(page)
        path = links(page).get("next")
    assert sorted(seen) == [f"o-a-{n}" for n in range(5)]


@pytest.mark.parametrize(
    "path",
    [
        "Observation",
        "Observation?code=14749-6",
        "Observation?patient=a,b",
        "Observation?patient=a&patient=b",
        "Observation?subject=Patient/b",
        "Observation?subject:Patient.name=b",
        "Patient",
        "Patient?name=a",
        "Patient?_id=a,b",
        "Patient?_has:Observation:patient:_id=o-b-1",
        "?_type=Patient,Observation,Condition",
        "_history?_type=Patient",
        "Condition/_history",
    ],
)
async def test_a_search_that_names_no_resident_finds_no_residents_data(
    client: AsyncClient, bearer: Bearer, path: str
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    answer = await client.get(path, headers=doctor)
    if answer.status_code == 200:
        shown = {one["resource"]["resourceType"] for one in answer.json().get("entry", [])}
        assert shown <= {"Encounter", "Organization", "Practitioner"}
        assert answer.json().get("total", 0) == 0
    else:
        assert answer.status_code in (400, 403)


async def test_whoever_works_with_patients_sees_the_own_visits_and_the_directory(
    client: AsyncClient, bearer: Bearer, system: AsyncClient
) -> None:
    clinic = {"resourceType": "Organization", "id": "known", "name": "诊所"}
    await system.put("Organization/known", json=clinic)
    own = await bearer("doctor", organisation="MK1")
    other = await bearer("doctor", organisation="MK2")
    assert "v" in ids(await client.get("Encounter", headers=own))
    assert ids(await client.get("Encounter", headers=other)) == []
    brought = await client.get("Encounter?_include=Encounter:subject", headers=own)
    assert ids(brought, "include") == []
    assert (await client.get("Organization/known", headers=other)).status_code == 200
    assert "known" in ids(await client.get("Organization", headers=other))


async def test_what_does_not_exist_is_refused_like_what_may_not_be_seen(
    client: AsyncClient, bearer: Bearer
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    for there, nowhere in (
        ("Patient/b", "Patient/nobody"),
        ("Observation/o-b-1", "Observation/o-nobody-1"),
        ("Observation?patient=b", "Observation?patient=nobody"),
        ("Patient/b/Observation", "Patient/nobody/Observation"),
        ("Patient/b/$everything", "Patient/nobody/$everything"),
        ("Patient/b/_history", "Patient/nobody/_history"),
        ("Patient/b/_history/1", "Patient/nobody/_history/1"),
        ("Patient/b/$validate", "Patient/nobody/$validate"),
        ("Patient?_id=b&_summary=count", "Patient?_id=nobody&_summary=count"),
    ):
        seen = await client.get(there, headers=doctor)
        unseen = await client.get(nowhere, headers=doctor)
        refused(seen, 403, "forbidden")
        assert (seen.status_code, seen.content) == (unseen.status_code, unseen.content)


async def test_a_person_writes_and_exports_nothing(client: AsyncClient, bearer: Bearer) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    headers = {**doctor, **FHIR}
    refused(await client.put("Patient/a", json=patient("a"), headers=headers), 403, "forbidden")
    refused(await client.delete("Patient/a", headers=headers), 403, "forbidden")
    for path in ("$export", "Patient/$export"):
        answer = await client.get(path, headers={**doctor, "prefer": "respond-async"})
        refused(answer, 403, "forbidden")
    mixed = transaction(
        entry("DELETE", "Patient/a"), entry("GET", "Observation/o-b-1"), kind="batch"
    )
    answer = (await client.post("", json=mixed, headers=headers)).json()
    assert [one["response"]["status"] for one in answer["entry"]] == ["403 Forbidden"] * 2


async def test_a_standing_consent_shows_what_others_sent_until_it_is_withdrawn(
    client: AsyncClient, bearer: Bearer, gate: Gate, store: Store
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    async with store.pool.acquire() as connection, connection.transaction():
        asthma = about("Condition", "asthma", "a", code={"coding": [{"code": "J45"}]})
        await write(store, connection, [Change(asthma, "MK2")])
    person = await resident_of_patient(store, Scope.whole(), "a")
    assert person is not None

    async def seen() -> list[str]:
        assert (await client.get("Condition/hiv", headers=doctor)).status_code == 403
        found = ids(await client.get("Condition?patient=a", headers=doctor))
        single = await client.get("Condition/asthma", headers=doctor)
        assert (single.status_code == 200) == ("asthma" in found)
        return found

    async def consents(kind: str) -> None:
        wanted = ConsentChange(
            person=person.person,
            patients=person.patients,
            kind=kind,  # type: ignore[arg-type]
        )
        now = datetime.now(UTC)
        await change_consent(store, gate.log, wanted, by=None, now=now)

    assert await seen() == []
    await consents("give")
    assert await seen() == ["asthma"]
    await consents("withdraw")
    assert await seen() == []


async def test_the_cdc_sees_notifiable_rows_alone(client: AsyncClient, bearer: Bearer) -> None:
    cdc = await bearer("cdc", organisation="MK2")
    assert ids(await client.get("Condition", headers=cdc)) == ["hiv"]
    assert ids(await client.get("Observation", headers=cdc)) == []
    assert (await client.get("Condition/hiv", headers=cdc)).status_code == 200
    refused(await client.get("Patient/b", headers=cdc), 403, "forbidden")


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (pattern, method)
        for pattern, methods in ROUTES.items()
        if pattern not in PUBLIC
        for method in methods
    ],
)
async def test_without_a_token_no_door_opens(
    client: AsyncClient, pattern: str, method: str
) -> None:
    values = {"{type}": "Observation", "{id}": "o-a-1", "{version}": "1", "{job}": "1"}
    path = pattern.lstrip("/")
    for name, value in values.items():
        path = path.replace(name, value)
    content = observation("a", "o-a-1") if "{id}" in pattern else observation("a")
    body: dict[str, Any] = {"json": content, "headers": dict(FHIR)}
    if method == "PATCH":
        body = {"json": [], "headers": {"content-type": "application/json-patch+json"}}
    if path.endswith("_search"):
        body = {"data": {"code": "x"}}
    if pattern == "":
        body = {"json": transaction(entry("GET", "Patient/a"), kind="batch"), "headers": FHIR}
    if method in ("GET", "DELETE"):
        body = {}
    for token in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "session=wrong"}):
        asked = {**body, "headers": {**body.get("headers", {}), **token}}
        query = "?code=x" if pattern == "/{type}" else ""
        answer = await client.request(method, path + query, **asked)
        refused(answer, 401, "login")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_resident_reads_the_own_record_whole_and_the_centre_none(
    client: AsyncClient, bearer: Bearer, store: Store
) -> None:
    own = await resident_of_patient(store, Scope.whole(), "a")
    assert own is not None
    resident = await bearer("resident", person=own.person)
    assert (await client.get("Condition/hiv", headers=resident)).status_code == 200
    refused(await client.get("Patient/b", headers=resident), 403, "forbidden")
    centre = await bearer("information-centre", organisation="MK1")
    refused(await client.get("Patient/a", headers=centre), 403, "forbidden")
    looks = await store.pool.fetch(
        "select role, allowed from audit.entry where action = 'read-api' and person = $1",
        own.person,
    )
    assert {("resident", True), ("information-centre", False)} <= {tuple(r.values()) for r in looks}


async def test_a_system_sees_what_its_organisation_sent(
    system: AsyncClient, other: AsyncClient
) -> None:
    await system.put("Patient/mk1", json=patient("mk1", **identified("of-mk1")))
    assert (await system.get("Patient/mk1")).status_code == 200
    for path in ("Patient/mk1", "Patient/mk1/_history", "Patient/mk1/_history/1"):
        refused(await other.get(path), 404, "not-found")
    for path in (
        "Patient?_id=mk1",
        "Patient?identifier=of-mk1",
        "Patient/mk1/Observation",
        "?_type=Patient&_id=mk1",
    ):
        assert ids(await other.get(path)) == []
    assert "mk1" not in (await other.get("Patient/_history?_count=1000")).text
    assert "mk1" not in (await other.get("_history?_count=1000")).text


async def test_the_directory_is_everybodys(system: AsyncClient, other: AsyncClient) -> None:
    clinic = {"resourceType": "Organization", "id": "clinic", "name": "诊所"}
    await system.put("Organization/clinic", json=clinic)
    assert (await other.get("Organization/clinic")).status_code == 200
    assert ids(await other.get("Organization?_id=clinic")) == ["clinic"]


async def test_nobody_changes_what_another_organisation_sent(
    system: AsyncClient, other: AsyncClient
) -> None:
    place = {"resourceType": "Location", "id": "ward", "name": "病房"}
    await system.put("Location/ward", json=place)
    refused(await other.put("Location/ward", json=place), 403, "forbidden")
    refused(await other.delete("Location/ward"), 403, "forbidden")
    refused(await other.delete("Location?name=病房"), 403, "forbidden")
    change = [{"op": "replace", "path": "/name", "value": "x"}]
    patch = {"content-type": "application/json-patch+json"}
    refused(await other.patch("Location/ward", json=change, headers=patch), 403, "forbidden")
    both = transaction(
        entry("PUT", "Location/own", {**place, "id": "own"}), entry("PUT", "Location/ward", place)
    )
    issue = refused(await other.post("", json=both), 403, "forbidden")
    assert issue["expression"] == ["Bundle.entry[1]"]
    refused(await other.get("Location/own"), 404, "not-found")
    assert (await system.get("Location/ward")).headers["etag"] == 'W/"1"'


async def test_every_call_of_a_system_stands_in_the_audit_log(
    system: AsyncClient, store: Store
) -> None:
    await system.put("Patient/audited", json=patient("audited"))
    await system.get("Patient/audited")
    await system.get("Patient?identifier=urn:example|320000198001010011")
    rows = await store.pool.fetch(
        """select action, object_type, object_id, role, organisation from audit.entry
           where role = 'system' order by at desc, seq desc limit 3"""
    )
    found = [tuple(row.values()) for row in rows]
    assert ("write-api", "Patient", "audited", "system", "MK1") in found
    assert ("read-api", "Patient", "audited", "system", "MK1") in found
    assert ("read-api", "Patient", "?identifier", "system", "MK1") in found


async def test_an_ambulance_station_sees_what_it_needs_of_who_is_in_a_call(
    client: AsyncClient, bearer: Bearer, store: Store
) -> None:
    def measured(name: str, code: str) -> Resource:
        coding = {"coding": [{"system": "http://loinc.org", "code": code}]}
        return observation("b", name, code=coding, effectiveDateTime="2026-01-05")

    call = about("Encounter", "call", "b", period={"start": datetime.now(UTC).isoformat()})
    allergy: Resource = {"resourceType": "AllergyIntolerance", "id": "nuts"}
    allergy["patient"] = {"reference": "Patient/b"}
    rows = [measured("group", "883-9"), measured("weight", "29463-7"), allergy]
    async with store.pool.acquire() as connection, connection.transaction():
        others = [Change(one, "MK2") for one in rows]
        await write(store, connection, [Change(call, "MK1"), *others])
    station = await bearer("dispatcher", organisation="MK1")
    assert ids(await client.get("Observation?patient=b", headers=station)) == ["group"]
    assert (await client.get("Observation/group", headers=station)).status_code == 200
    assert (await client.get("AllergyIntolerance/nuts", headers=station)).status_code == 200
    refused(await client.get("Observation/weight", headers=station), 403, "forbidden")
    refused(await client.get("Patient/a", headers=station), 403, "forbidden")
    elsewhere = await bearer("dispatcher", organisation="MK2")
    refused(await client.get("AllergyIntolerance/nuts", headers=elsewhere), 403, "forbidden")


@pytest.mark.parametrize(
    "path", ["Observation/o-a-3", "Observation?_id=o-a-3", "Observation/_history?_count=500"]
)
async def test_whom_an_answer_to_a_system_named_finds_it_among_the_looks(
    system: AsyncClient, store: Store, path: str
) -> None:
    own = await resident_of_patient(store, Scope.whole(), "a")
    assert own is not None
    before = len(await looks_at(store.pool, own.person, limit=500))
    assert (await system.get(path)).status_code == 200
    looks = await looks_at(store.pool, own.person, limit=500)
    assert len(looks) == before + 1
    assert (looks[0].role, looks[0].organisation, looks[0].allowed) == ("system", "MK1", True)


async def test_whom_a_list_of_visits_named_finds_it_among_the_looks(
    client: AsyncClient, bearer: Bearer, store: Store
) -> None:
    own = await resident_of_patient(store, Scope.whole(), "a")
    assert own is not None
    doctor = await bearer("doctor", organisation="MK1")
    before = len(await looks_at(store.pool, own.person, limit=500))
    assert "v" in ids(await client.get("Encounter", headers=doctor))
    assert len(await looks_at(store.pool, own.person, limit=500)) == before + 1
    assert ids(await client.get("Encounter?date=1990", headers=doctor)) == []
    assert len(await looks_at(store.pool, own.person, limit=500)) == before + 1


async def test_a_system_is_of_an_organisation_and_never_logs_in(bearer: Bearer, gate: Gate) -> None:
    with pytest.raises(AccountRefused, match="organisation-needed"):
        await bearer("system")
    with pytest.raises(AccountRefused, match="login-unsuitable"):
        await create_account(
            gate.store.pool,
            gate.log,
            login="his",
            name="HIS",
            role="system",
            password="correct-horse-battery-2026",
            now=datetime.now(UTC),
            organisation="MK1",
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(door: Door) -> AsyncIterator[AsyncClient]:
    """The base of `minkang serve --open`."""
    transport = ASGITransport(fhir_application(msgspec.structs.replace(door, open=True)))
    async with AsyncClient(transport=transport, base_url=BASE, headers=FHIR) as made:
        yield made


async def test_an_open_base_asks_nobody_and_writes_it_down(
    opened: AsyncClient, store: Store
) -> None:
    assert (await opened.put("Patient/open", json=patient("open"))).status_code == 201
    assert (await opened.get("Observation/o-b-1")).status_code == 200
    assert "o-a-1" in ids(await opened.get("Observation?_count=100"))
    refused(await opened.get("Patient/nobody"), 404, "not-found")
    source = await store.pool.fetchval("select source from store.resource where id = 'open'")
    assert source == "open"
    rows = await store.pool.fetch(
        "select distinct action, account, allowed from audit.entry where reason = 'open'"
    )
    assert {tuple(row.values()) for row in rows} == {
        ("write-api", None, True),
        ("read-api", None, True),
    }
