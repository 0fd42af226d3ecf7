"""What an app sees: of what its user may, what was granted to it, at every door of the base."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from minkang.accounts import Account, create_account
from minkang.api.export_run import run_next
from minkang.crypto import Keys
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.policy import Gate
from minkang.store import Change, Scope, Store, write
from tests.api.asked import entry, ids, links, observation, patient, refused, transaction
from tests.api.conftest import FHIR
from tests.api.smart_flow import (
    assertion,
    bearing,
    code_for,
    code_form,
    key_pair,
    public,
    registered,
    serving,
    signed_form,
    token_of,
)

TODAY = datetime.now(UTC).date().isoformat()
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LAB = "patient/Patient.rs patient/Observation.rs?category=laboratory"

Headers = dict[str, str]
Granted = Callable[..., Awaitable[Headers]]


def fact(number: str, about: str, category: str, code: str) -> Resource:
    """A result of a category and a code."""
    return observation(
        about,
        f"{number}-{about}",
        category=[{"coding": [{"system": CATEGORY, "code": category}]}],
        code={"coding": [{"system": "urn:codes", "code": code}]},
        effectiveDateTime=TODAY,
    )


def of(about: str, kind: str, resource_id: str, **more: Any) -> Resource:
    """A resource about a resident."""
    subject = {"subject": {"reference": f"Patient/{about}"}}
    return {"resourceType": kind, "id": resource_id, **subject, **more}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def region(store: Store, keys: Keys, gate: Gate) -> None:
    """Two residents, both seen at MK1 today: each a laboratory result, a pulse, a report."""
    del gate
    resources: list[Resource] = []
    for one in "ab":
        lab, pulse = fact("lab", one, "laboratory", "crea"), fact("pulse", one, "vital-signs", "hr")
        report = of(
            one,
            "DiagnosticReport",
            f"report-{one}",
            status="final",
            code={"text": "x"},
            result=[{"reference": f"Observation/{lab['id']}"}],
        )
        visit = of(
            one,
            "Encounter",
            f"visit-{one}",
            status="finished",
            period={"start": TODAY},
            **{"class": {"code": "AMB"}},
        )
        member = {**lab, "hasMember": [{"reference": f"Observation/{pulse['id']}"}]}
        resources += [patient(one, name=[{"text": one}]), visit, pulse, member, report]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(each, "MK1") for each in resources])
    # What is a laboratory result now was something else before.
    was = {**fact("moved", "a", "social-history", "smoke"), "valueString": "SECRET"}
    now = fact("moved", "a", "laboratory", "crea")
    for version in (was, now):
        async with store.pool.acquire() as connection, connection.transaction():
            await write(store, connection, [Change(version, "MK1")])
    while await follow(store, keys):
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(gate: Gate, keys: Keys) -> AsyncIterator[AsyncClient]:
    """The authorization server."""
    async with serving(gate, keys) as made:
        yield made


async def person_of(store: Store, one: str) -> str:
    """The Person of a Patient."""
    found = await resident_of_patient(store, Scope.whole(), one)
    assert found is not None
    return found.person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doctor(gate: Gate) -> Account:
    """A doctor of MK1, who may open both residents' records."""
    return await create_account(
        gate.store.pool,
        gate.log,
        login="smart-doctor",
        name="李医生",
        role="doctor",
        password="correct-horse-battery-2026",
        organisation="MK1",
        now=datetime.now(UTC),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def granted(
    gate: Gate, keys: Keys, server: AsyncClient, store: Store, doctor: Account
) -> Granted:
    """Makes the headers of an app that the doctor opened for resident a."""
    app = await registered(gate, scopes=("patient/*.cruds", "user/*.cruds"))
    about = await person_of(store, "a")

    async def make(scopes: str, account: Account = doctor, whom: str | None = about) -> Headers:
        code = await code_for(gate, keys, app, account, scopes, about=whom)
        return bearing(await token_of(server, code_form(app, code)))

    return make


def named(answer: Response) -> set[str]:
    """Type and id of all that an answer holds, also inside of entries."""
    if answer.status_code >= 400:
        return set()
    found, waiting = set(), [answer.json()]
    while waiting:
        one = waiting.pop()
        if one.get("resourceType") not in (None, "Bundle", "OperationOutcome"):
            found.add(f"{one['resourceType']}/{one['id']}")
        waiting += [each["resource"] for each in one.get("entry", ()) if "resource" in each]
    return found


DOORS = [
    "Patient/{p}",
    "Observation/lab-{p}",
    "Observation/pulse-{p}",
    "DiagnosticReport/report-{p}",
    "Encounter/visit-{p}",
    "Observation/lab-{p}/_history",
    "Observation/pulse-{p}/_history",
    "Observation/pulse-{p}/_history/1",
    "Observation/lab-{p}/_history/1",
    "Patient/{p}/_history",
    "Observation?patient={p}",
    "Observation?subject=Patient/{p}",
    "Observation?subject:Patient._id={p}",
    "Observation?patient={p}&_sort=-date",
    "Observation?patient={p}&category=vital-signs",
    "Observation?patient={p}&code=urn:codes|hr",
    "Observation?patient={p}&category:not=laboratory",
    "Observation?patient={p}&_include=Observation:has-member",
    "Observation?patient={p}&_include=*",
    "Observation?patient={p}&_include:iterate=Observation:subject",
    "DiagnosticReport?patient={p}&_include=DiagnosticReport:result",
    "Observation?_id=lab-{p},pulse-{p}",
    "Observation",
    "Patient?_id={p}",
    "Patient?name={p}",
    "Patient?_id={p}&_revinclude=Observation:subject",
    "Patient?_id={p}&_revinclude=*",
    "Patient?_id={p}&_revinclude:iterate=Observation:subject&_include:iterate=*",
    "Patient/{p}/Observation",
    "Patient/{p}/*",
    "Patient/{p}/Observation?_include=*",
    "Patient/{p}/$everything",
    "?_type=Observation,Patient",
    "?_type=Observation&_id=pulse-{p}",
    "_history",
    "Observation/_history",
]


@pytest.mark.parametrize("path", DOORS)
async def test_an_app_for_one_resident_reaches_no_other_though_its_user_may(
    client: AsyncClient, granted: Granted, path: str
) -> None:
    app = await granted("patient/*.rs user/Practitioner.rs")
    other = await client.get(path.replace("{p}", "b"), headers=app)
    assert not {one for one in named(other) if one.endswith("b")}
    assert '"Patient/b"' not in other.text


async def test_the_user_reaches_both_and_the_app_all_of_its_one(
    client: AsyncClient, granted: Granted
) -> None:
    whole = await granted("user/*.rs", whom=None)
    for one in "ab":
        assert (await client.get(f"Patient/{one}", headers=whole)).status_code == 200
    app = await granted("patient/*.rs")
    seen: set[str] = set()
    for path in DOORS:
        seen |= named(await client.get(path.replace("{p}", "a"), headers=app))
    assert {
        "Patient/a", "Observation/lab-a", "Observation/pulse-a", "DiagnosticReport/report-a",
        "Encounter/visit-a", "Observation/moved-a",
    } <= seen  # fmt: skip


@pytest.mark.parametrize("path", DOORS)
async def test_a_category_narrows_every_door(
    client: AsyncClient, granted: Granted, path: str
) -> None:
    app = await granted(LAB)
    answer = await client.get(path.replace("{p}", "a"), headers=app)
    assert named(answer) <= {"Patient/a", "Observation/lab-a", "Observation/moved-a"}
    assert "SECRET" not in answer.text
    assert '"code":"hr"' not in answer.text
    assert "total" not in answer.json() or answer.json()["total"] <= 2


async def test_a_category_shows_what_is_in_it(client: AsyncClient, granted: Granted) -> None:
    system = LAB.replace("=laboratory", f"={CATEGORY}|laboratory")
    for scopes in (LAB, system, LAB.replace("=laboratory", "=laboratory,imaging")):
        app = await granted(scopes)
        assert (await client.get("Observation/lab-a", headers=app)).status_code == 200
        found = await client.get("Observation?patient=a&_total=accurate", headers=app)
        assert sorted(ids(found)) == ["lab-a", "moved-a"]
        assert found.json()["total"] == 2
        counted = await client.get("Observation?patient=a&_summary=count", headers=app)
        assert counted.json()["total"] == 2
    nothing = await granted("patient/Observation.rs?category=never-seen")
    assert ids(await client.get("Observation?patient=a", headers=nothing)) == []


async def test_what_a_version_said_before_it_came_into_the_category_stays_hidden(
    client: AsyncClient, granted: Granted
) -> None:
    app, whole = await granted(LAB), await granted("patient/*.rs")
    for path in ("Observation/moved-a/_history/1", "Observation/moved-a/_history"):
        assert "SECRET" in (await client.get(path, headers=whole)).text
        assert "SECRET" not in (await client.get(path, headers=app)).text
    assert (await client.get("Observation/moved-a/_history/2", headers=app)).status_code == 200


@pytest.mark.parametrize(
    "question",
    [
        "Patient?_id=a&_has:Observation:patient:code=urn:codes|{code}",
        "Patient?_id=a&_has:Observation:patient:category={category}",
        "Patient?_id=a&_has:Observation:patient:_id={id}",
        "Observation?patient=a&code=urn:codes|crea&has-member.code=urn:codes|{code}",
        "Observation?patient=a&_id={id}&_total=accurate",
        "Observation?patient=a&_id={id}&_summary=count",
    ],
)
async def test_no_question_tells_that_something_outside_the_category_is_there(
    client: AsyncClient, granted: Granted, question: str
) -> None:
    there = {"code": "hr", "category": "vital-signs", "id": "pulse-a"}
    absent = {"code": "none", "category": "none", "id": "none-a"}
    app, whole = await granted(LAB), await granted("patient/*.rs")

    async def told(values: dict[str, str], headers: Headers) -> str:
        answer = await client.get(question.format(**values), headers=headers)
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        return json.dumps([sorted(named(answer)), bundle.get("total"), sorted(links(answer))])

    assert await told(there, app) == await told(absent, app)
    assert await told(there, whole) != await told(absent, whole)


async def test_reading_and_searching_are_different_rights(
    client: AsyncClient, granted: Granted
) -> None:
    reads, searches = await granted("patient/Observation.r"), await granted("patient/Observation.s")
    assert (await client.get("Observation/lab-a", headers=reads)).status_code == 200
    assert (await client.get("Observation/lab-a/_history", headers=reads)).status_code == 200
    no_search = await client.get("Observation?patient=a", headers=reads)
    refused(no_search, 403, "forbidden")
    assert "insufficient_scope" in no_search.headers["www-authenticate"]
    assert "lab-a" in ids(await client.get("Observation?patient=a", headers=searches))
    refused(await client.get("Observation/lab-a", headers=searches), 403, "forbidden")
    brought = await client.get("Patient?_id=a&_revinclude=Observation:subject", headers=searches)
    refused(brought, 403, "forbidden")


async def test_a_batch_opens_no_more_than_its_entries_by_themselves(
    client: AsyncClient, granted: Granted
) -> None:
    app = await granted(LAB)
    paths = [path.replace("{p}", one) for path in DOORS for one in "ab"]
    asked = transaction(*(entry("GET", path) for path in paths), kind="batch")
    answer = await client.post("", json=asked, headers={**app, **FHIR})
    assert answer.status_code == 200, answer.text
    assert named(answer) == {"Patient/a", "Observation/lab-a", "Observation/moved-a"}
    for text in ("SECRET", '"code":"hr"', '"Patient/b"'):
        assert text not in answer.text


async def test_a_refusal_for_want_of_a_scope_stands_in_the_audit_log(
    client: AsyncClient, granted: Granted, store: Store
) -> None:
    app = await granted("patient/Observation.rs")
    refused(await client.get("Condition?patient=a", headers=app), 403, "forbidden")
    row = await store.pool.fetchrow(
        """select allowed, role, person from audit.entry where reason = 'outside-app-scopes'
           order by at desc, seq desc limit 1"""
    )
    assert row is not None
    assert (row["allowed"], row["role"]) == (False, "doctor")
    assert row["person"] == await person_of(store, "a")


async def test_a_residents_app_reads_the_own_record_and_writes_nothing(
    client: AsyncClient, granted: Granted, gate: Gate, store: Store
) -> None:
    person = await person_of(store, "b")
    resident = await create_account(
        gate.store.pool,
        gate.log,
        login="smart-resident",
        name="王居民",
        role="resident",
        password="correct-horse-battery-2026",
        person=person,
        now=datetime.now(UTC),
    )
    own = await granted("patient/*.cruds", resident, person)
    assert (await client.get("Observation/lab-b", headers=own)).status_code == 200
    assert ids(await client.get("Observation", headers=own)) != []
    headers = {**own, **FHIR}
    new = fact("new", "b", "laboratory", "crea")
    refused(await client.put("Observation/new-b", json=new, headers=headers), 403, "forbidden")
    strange = await granted("patient/*.rs", resident, await person_of(store, "a"))
    for path in ("Observation/lab-a", "Patient/a", "Observation/lab-b"):
        refused(await client.get(path, headers=strange), 403, "forbidden")
    assert ids(await client.get("Observation?patient=b", headers=strange)) == []


# -- systems: export and writing ------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def machine(gate: Gate, server: AsyncClient) -> Granted:
    """Makes the headers of a system of MK1 with some scopes."""
    key = key_pair()
    app = await registered(
        gate, kind="system", organisation="MK1", scopes=("system/*.cruds",), keys=public(key)
    )

    async def make(scopes: str) -> Headers:
        form = signed_form(assertion(app, key), grant_type="client_credentials", scope=scopes)
        return bearing(await token_of(server, form))

    return make


async def exported(client: AsyncClient, headers: Headers, path: str) -> str:
    """The place of an export that was asked for."""
    answer = await client.get(path, headers={**headers, "prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    place: str = answer.headers["content-location"]
    return place


async def in_export(client: AsyncClient, headers: Headers, place: str) -> set[str]:
    """Type and id of all that an export holds."""
    made = await client.get(place, headers=headers)
    assert made.status_code == 200, made.text
    found = set()
    for one in made.json()["output"]:
        text = (await client.get(one["url"], headers=headers)).text
        resources = [json.loads(line) for line in text.splitlines()]
        found |= {f"{each['resourceType']}/{each['id']}" for each in resources}
    return found


async def test_an_export_holds_what_its_app_was_granted_and_is_no_other_apps(
    client: AsyncClient, machine: Granted, gate: Gate, server: AsyncClient, exports: Path
) -> None:
    narrow = await machine("system/Observation.rs?category=laboratory")
    whole = await machine("system/*.rs")
    places = {}
    for name, headers in (("narrow", narrow), ("whole", whole)):
        for path in ("$export", "Patient/$export"):
            places[name, path] = await exported(client, headers, path)
            assert await run_next(gate.store, exports)
    for path in ("$export", "Patient/$export"):
        found = await in_export(client, narrow, places["narrow", path])
        assert found == {"Observation/lab-a", "Observation/lab-b", "Observation/moved-a"}
        assert "Observation/pulse-a" in await in_export(client, whole, places["whole", path])
        assert (await client.get(places["whole", path], headers=narrow)).status_code == 404
        assert (await client.get(places["narrow", path], headers=whole)).status_code == 200
    key = key_pair()
    other = await registered(
        gate, kind="system", organisation="MK1", scopes=("system/*.cruds",), keys=public(key)
    )
    form = signed_form(assertion(other, key), grant_type="client_credentials", scope="system/*.rs")
    theirs = bearing(await token_of(server, form))
    assert (await client.get(places["narrow", "$export"], headers=theirs)).status_code == 404


async def test_what_an_app_writes_lies_within_its_scopes(
    client: AsyncClient, machine: Granted
) -> None:
    scopes = "system/Observation.cu?category=laboratory system/Observation.rs"
    headers = {**await machine(scopes), **FHIR}
    lab, pulse = fact("w1", "a", "laboratory", "crea"), fact("w2", "a", "vital-signs", "hr")
    assert (await client.put("Observation/w1-a", json=lab, headers=headers)).status_code == 201
    for call in (
        client.put("Observation/w2-a", json=pulse, headers=headers),
        client.post("Observation", json=pulse, headers=headers),
        client.put("Observation/w1-a", json={**pulse, "id": "w1-a"}, headers=headers),
        client.put("Observation/pulse-a", json={**lab, "id": "pulse-a"}, headers=headers),
        client.delete("Observation/w1-a", headers=headers),
        client.put("Patient/w3", json=patient("w3"), headers=headers),
        client.put("Observation?_id=pulse-a", json=lab | {"id": "pulse-a"}, headers=headers),
        client.delete("Observation?_id=w1-a", headers=headers),
        client.patch(
            "Observation/w1-a",
            json=[{"op": "replace", "path": "/category/0/coding/0/code", "value": "vital-signs"}],
            headers={**headers, "content-type": "application/json-patch+json"},
        ),
    ):
        refused(await call, 403, "forbidden")
    kept = await client.get("Observation/w1-a", headers=headers)
    assert kept.headers["etag"] == 'W/"1"'
    assert (await client.get("Observation/pulse-a", headers=headers)).headers["etag"] == 'W/"1"'


async def test_a_transaction_writes_nothing_if_one_entry_lies_outside(
    client: AsyncClient, machine: Granted
) -> None:
    headers = {**await machine("system/Observation.cu?category=laboratory"), **FHIR}
    whole = await machine("system/*.rs")
    lab, pulse = fact("t1", "a", "laboratory", "crea"), fact("t2", "a", "vital-signs", "hr")
    for last in (
        entry("PUT", "Observation/t2-a", pulse),
        entry("DELETE", "Observation/lab-a"),
        entry("POST", "Patient", patient()),
    ):
        both = transaction(entry("PUT", "Observation/t1-a", lab), last)
        answer = await client.post("", json=both, headers=headers)
        assert refused(answer, 403, "forbidden")["expression"] == ["Bundle.entry[1]"]
        assert (await client.get("Observation/t1-a", headers=whole)).status_code == 404
    batch = transaction(
        entry("PUT", "Observation/t2-a", pulse), entry("GET", "Observation/lab-a"), kind="batch"
    )
    said = (await client.post("", json=batch, headers=headers)).json()["entry"]
    assert [one["response"]["status"] for one in said] == ["403 Forbidden"] * 2


async def test_a_conditional_creation_does_not_tell_what_the_app_may_not_search(
    client: AsyncClient, machine: Granted
) -> None:
    headers = {**await machine("system/Observation.c"), **FHIR}
    answer = await client.post(
        "Observation",
        json=fact("c", "a", "vital-signs", "hr"),
        headers={**headers, "if-none-exist": "_id=pulse-a"},
    )
    assert answer.status_code == 201
    assert "pulse-a" not in answer.headers["location"]
