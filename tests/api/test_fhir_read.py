"""The FHIR door: reads by right, refusals in FHIR's own form, all of it in the audit log."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from minkang.accounts import create_organisation, issue_token
from minkang.api import Door, fhir_routes, health_routes
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.policy import Gate
from minkang.store import Change, Scope, Store, write

TODAY = datetime.now(UTC).date().isoformat()


def about(kind: str, resource_id: str, patient: str, **more: Any) -> Resource:
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": kind, "id": resource_id, "subject": subject, **more}


def glucose(number: int, patient: str, code: str = "14749-6") -> Resource:
    coding = [{"system": "http://loinc.org", "code": code}]
    return about(
        "Observation",
        f"o-{patient}-{number}",
        patient,
        code={"coding": coding},
        effectiveDateTime=f"2026-01-{number + 1:02}",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gate(store: Store, keys: Keys, tmp_path_factory: Any) -> AsyncIterator[Gate]:
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield Gate(store, log, 180, 24)
    await log.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(store: Store, keys: Keys, gate: Gate) -> AsyncIterator[AsyncClient]:
    patients = [{"resourceType": "Patient", "id": one, "name": [{"text": one}]} for one in "ab"]
    visit = about("Encounter", "v", "a", period={"start": TODAY})
    facts = [glucose(n, "a") for n in range(5)] + [glucose(n, "b") for n in range(2)]
    hiv = about("Condition", "hiv", "a", code={"coding": [{"code": "B24"}]})
    async with store.pool.acquire() as connection, connection.transaction():
        own = [Change(one, "MK1") for one in (*patients, visit, *facts)]
        await write(store, connection, [*own, Change(hiv, "MK2")])
    while await follow(store, keys):
        pass
    for one in ("MK1", "MK2"):
        await create_organisation(store.pool, organisation_id=one, name=one, kind="hospital")
    door = Door(gate, keys, "session")
    application: Any = Litestar([fhir_routes(door), health_routes(store.pool)], openapi_config=None)
    transport = ASGITransport(application)
    async with AsyncClient(transport=transport, base_url="http://minkang.test") as made:
        yield made


@pytest.fixture
def bearer(gate: Gate, keys: Keys) -> Any:
    async def make(role: str, **more: Any) -> dict[str, str]:
        issued = await issue_token(
            gate.store.pool, keys, gate.log, role=role, now=datetime.now(UTC), **more
        )
        return {"Authorization": f"Bearer {issued.token}"}

    return make


async def test_a_doctor_reads_where_there_is_a_visit_and_nowhere_else(
    client: AsyncClient, bearer: Any
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    found = await client.get("/fhir/Observation/o-a-1", headers=doctor)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("application/fhir+json")
    assert found.headers["etag"] == 'W/"1"'
    hidden, missing = [
        await client.get(f"/fhir/Observation/{one}", headers=doctor) for one in ("o-b-1", "nope")
    ]
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
    assert hidden.json()["issue"][0]["code"] == "forbidden"
    stranger = await bearer("doctor", organisation="MK2")
    assert (await client.get("/fhir/Observation/o-a-1", headers=stranger)).status_code == 403


async def test_a_sensitive_diagnosis_of_another_institution_stays_hidden(
    client: AsyncClient, bearer: Any
) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    assert (await client.get("/fhir/Condition/hiv", headers=doctor)).status_code == 403
    page = await client.get("/fhir/Condition?patient=a", headers=doctor)
    assert page.json()["entry"] == []


async def test_a_search_goes_on_by_its_next_link(client: AsyncClient, bearer: Any) -> None:
    doctor = await bearer("doctor", organisation="MK1")
    seen: list[str] = []
    path: str | None = "/fhir/Observation?patient=Patient/a&code=http://loinc.org|14749-6&_count=2"
    while path:
        page = (await client.get(path, headers=doctor)).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        path = links.get("next")
    assert seen == [f"o-a-{n}" for n in (4, 3, 2, 1, 0)]
    other = await client.get("/fhir/Observation?patient=a&code=718-7", headers=doctor)
    assert other.json()["entry"] == []


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        ("/fhir/Observation?patient=a&colour=red", 400, "colour"),
        ("/fhir/Observation", 400, "patient"),
        ("/fhir/Observation?patient=a&_count=0", 400, "_count"),
        ("/fhir/Observation?patient=a&_after=x", 400, "_after"),
        ("/fhir/Nonsense/1", 404, None),
    ],
)
async def test_what_is_not_understood_is_an_error_that_names_it(
    client: AsyncClient, bearer: Any, path: str, status: int, place: str | None
) -> None:
    answer = await client.get(path, headers=await bearer("doctor", organisation="MK1"))
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0].get("expression") == ([place] if place else None)


async def test_without_a_token_nothing_but_metadata_and_health_answers(client: AsyncClient) -> None:
    for path in ("/fhir/Patient/a", "/fhir/Observation?patient=a", "/fhir/Patient/a/_history"):
        refused = await client.get(path, headers={"Authorization": "Bearer wrong"})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
    statement = (await client.get("/fhir/metadata")).json()
    assert {one["type"] for one in statement["rest"][0]["resource"]} >= {"Patient", "Observation"}
    assert (await client.get("/health/live")).text == "live\n"
    assert (await client.get("/health/ready")).text == "ready\n"


async def test_a_resident_reads_the_own_record_whole_and_the_centre_none(
    client: AsyncClient, bearer: Any, store: Store
) -> None:
    own = await resident_of_patient(store, Scope.whole(), "a")
    assert own is not None
    resident = await bearer("resident", person=own.person)
    assert (await client.get("/fhir/Condition/hiv", headers=resident)).status_code == 200
    assert (await client.get("/fhir/Patient/b", headers=resident)).status_code == 403
    centre = await bearer("information-centre", organisation="MK1")
    assert (await client.get("/fhir/Patient/a", headers=centre)).status_code == 403
    looks = await store.pool.fetch(
        "select role, allowed from audit.entry where action = 'read-api' and person = $1",
        own.person,
    )
    assert {("resident", True), ("information-centre", False)} <= {tuple(r.values()) for r in looks}


async def test_versions_are_listed_newest_first(
    client: AsyncClient, bearer: Any, store: Store
) -> None:
    changed = {**glucose(0, "a"), "status": "amended"}
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(changed, "MK1")])
    doctor = await bearer("doctor", organisation="MK1")
    bundle = (await client.get("/fhir/Observation/o-a-0/_history", headers=doctor)).json()
    versions = [entry["resource"]["meta"]["versionId"] for entry in bundle["entry"]]
    assert versions == ["2", "1"]
