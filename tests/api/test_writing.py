"""Create, update, patch and delete one resource, by R4's http.html."""

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient

from tests.api.asked import identified, observation, patient, refused


async def test_what_is_created_has_a_place_a_version_and_a_time(system: AsyncClient) -> None:
    made = await system.post("Patient", json=patient("mine", birthDate="1980-02-29"))
    assert made.status_code == 201
    kept = made.json()
    assert kept["id"] != "mine"
    assert kept["meta"]["versionId"] == "1"
    assert made.headers["etag"] == 'W/"1"'
    assert made.headers["location"] == (f"http://minkang.test/fhir/Patient/{kept['id']}/_history/1")
    read = await system.get(f"Patient/{kept['id']}")
    assert read.json() == kept
    assert read.headers["last-modified"] == made.headers["last-modified"]


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
async def test_prefer_says_what_comes_back(
    system: AsyncClient, prefer: str, kind: str | None
) -> None:
    made = await system.post("Patient", json=patient(), headers={"prefer": prefer})
    assert made.status_code == 201
    assert "location" in made.headers
    assert (made.json()["resourceType"] if made.content else None) == kind


async def test_an_update_creates_at_a_place_of_the_clients_choice_then_replaces(
    system: AsyncClient,
) -> None:
    made = await system.put("Patient/u-1", json=patient("u-1", gender="female"))
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    changed = await system.put("Patient/u-1", json=patient("u-1", gender="male"))
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    again = await system.put("Patient/u-1", json=patient("u-1", gender="male"))
    assert (again.status_code, again.headers["etag"]) == (200, 'W/"2"')
    assert (await system.get("Patient/u-1")).json()["gender"] == "male"


async def test_digits_stay_as_they_were_written(system: AsyncClient) -> None:
    value = '{"value":1.50,"unit":"mmol/L"}'
    body = (
        '{"resourceType":"Observation","id":"digits","status":"final","code":{"text":"x"},'
        f'"valueQuantity":{value}}}'
    )
    assert (await system.put("Observation/digits", content=body)).status_code == 201
    assert value in (await system.get("Observation/digits")).text


@pytest.mark.parametrize("given", [None, "other"])
async def test_the_id_in_the_body_must_be_that_of_the_address(
    system: AsyncClient, given: str | None
) -> None:
    issue = refused(await system.put("Patient/u-2", json=patient(given)), 400, "value")
    assert issue["expression"] == ["Patient.id"]


async def test_a_resource_of_another_type_than_the_address_is_refused(system: AsyncClient) -> None:
    refused(await system.post("Patient", json=observation("a")), 400, "value")


async def test_if_match_keeps_two_writers_apart(system: AsyncClient) -> None:
    await system.put("Patient/m-1", json=patient("m-1"))
    wrong = {"if-match": 'W/"7"'}
    refused(
        await system.put("Patient/m-1", json=patient("m-1", active=True), headers=wrong),
        412,
        "conflict",
    )
    right = {"if-match": 'W/"1"'}
    done = await system.put("Patient/m-1", json=patient("m-1", active=True), headers=right)
    assert done.headers["etag"] == 'W/"2"'
    refused(await system.put("Patient/m-2", json=patient("m-2"), headers=right), 412, "conflict")
    refused(
        await system.put("Patient/m-1", json=patient("m-1"), headers={"if-match": "later"}),
        412,
        "conflict",
    )


async def test_of_two_writers_at_once_with_the_same_version_one_wins(system: AsyncClient) -> None:
    await system.put("Patient/m-3", json=patient("m-3"))
    both = [
        system.put(
            "Patient/m-3",
            json=patient("m-3", name=[{"text": f"王{number}"}]),
            headers={"if-match": 'W/"1"'},
        )
        for number in range(5)
    ]
    answers = await asyncio.gather(*both)
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412, 412]
    assert (await system.get("Patient/m-3")).headers["etag"] == 'W/"2"'


async def test_if_none_match_star_only_creates(system: AsyncClient) -> None:
    only = {"if-none-match": "*"}
    first = await system.put("Patient/n-1", json=patient("n-1"), headers=only)
    assert first.status_code == 201
    second = await system.put("Patient/n-1", json=patient("n-1", active=True), headers=only)
    refused(second, 412, "conflict")


async def test_every_problem_of_an_invalid_resource_is_an_issue_with_its_place(
    system: AsyncClient,
) -> None:
    wrong = patient(None, birthDate="2024-02-30", gender="人", colour="red")
    answer = await system.post("Patient", json=wrong)
    assert answer.status_code == 422
    issues = answer.json()["issue"]
    assert {one["expression"][0] for one in issues} == {
        "Patient.birthDate",
        "Patient.gender",
        "Patient.colour",
    }
    assert any("calendar-date" in one["diagnostics"] for one in issues)


async def test_what_is_deleted_is_gone_and_its_last_version_stays(system: AsyncClient) -> None:
    await system.put("Patient/d-1", json=patient("d-1"))
    assert (await system.delete("Patient/d-1")).status_code == 204
    refused(await system.get("Patient/d-1"), 410, "deleted")
    refused(await system.get("Patient/d-1/_history/2"), 410, "deleted")
    assert (await system.get("Patient/d-1/_history/1")).status_code == 200
    assert (await system.delete("Patient/d-1")).status_code == 204
    assert (await system.delete("Patient/never-was")).status_code == 204
    refused(await system.get("Patient/never-was"), 404, "not-found")
    back = await system.put("Patient/d-1", json=patient("d-1"))
    assert (back.status_code, back.headers["etag"]) == (201, 'W/"3"')


async def test_a_deletion_can_be_answered_in_words(system: AsyncClient) -> None:
    await system.put("Patient/d-2", json=patient("d-2"))
    said = await system.delete("Patient/d-2", headers={"prefer": "return=OperationOutcome"})
    assert (said.status_code, said.json()["resourceType"]) == (200, "OperationOutcome")


async def test_if_none_exist_creates_once(system: AsyncClient) -> None:
    only = {"if-none-exist": "identifier=urn:example|c-1"}
    first = await system.post("Patient", json=patient(**identified("c-1")), headers=only)
    second = await system.post("Patient", json=patient(**identified("c-1")), headers=only)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["id"] == first.json()["id"]
    await system.post("Patient", json=patient(**identified("c-1")))
    third = await system.post("Patient", json=patient(**identified("c-1")), headers=only)
    refused(third, 412, "multiple-matches")


async def test_a_conditional_update_creates_updates_or_refuses(system: AsyncClient) -> None:
    url = "Patient?identifier=urn:example|cu-1"
    made = await system.put(url, json=patient(**identified("cu-1")))
    assert made.status_code == 201
    resource_id = made.json()["id"]
    changed = await system.put(url, json=patient(active=True, **identified("cu-1")))
    assert (changed.status_code, changed.json()["id"]) == (200, resource_id)
    assert changed.json()["meta"]["versionId"] == "2"
    wrong = await system.put(url, json=patient("another", **identified("cu-1")))
    refused(wrong, 400, "value")
    await system.post("Patient", json=patient(**identified("cu-1")))
    several = await system.put(url, json=patient(**identified("cu-1")))
    refused(several, 412, "multiple-matches")


async def test_a_conditional_update_that_finds_nothing_may_name_a_free_id(
    system: AsyncClient,
) -> None:
    url = "Patient?identifier=urn:example|cu-2"
    made = await system.put(url, json=patient("cu-free", **identified("cu-2")))
    assert (made.status_code, made.json()["id"]) == (201, "cu-free")
    taken = await system.put(
        "Patient?identifier=urn:example|cu-3", json=patient("cu-free", **identified("cu-3"))
    )
    refused(taken, 409, "conflict")


async def test_a_conditional_delete_takes_one_match_at_most(system: AsyncClient) -> None:
    url = "Patient?identifier=urn:example|cd-1"
    assert (await system.delete(url)).status_code == 204
    made = (await system.post("Patient", json=patient(**identified("cd-1")))).json()
    assert (await system.delete(url)).status_code == 204
    refused(await system.get(f"Patient/{made['id']}"), 410, "deleted")
    for _ in range(2):
        await system.post("Patient", json=patient(**identified("cd-1")))
    refused(await system.delete(url), 412, "multiple-matches")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_criteria_that_select_nothing_are_refused(system: AsyncClient, method: str) -> None:
    content = {"json": patient()} if method == "PUT" else {}
    for query in ("", "?_count=1"):
        answer = await system.request(method, f"Patient{query}", **content)  # type: ignore[arg-type]
        refused(answer, 412, "required")


PATCH = {"content-type": "application/json-patch+json"}


async def test_a_json_patch_changes_what_it_names(system: AsyncClient) -> None:
    await system.put("Patient/p-1", json=patient("p-1", gender="male"))
    change = [
        {"op": "test", "path": "/gender", "value": "male"},
        {"op": "replace", "path": "/gender", "value": "female"},
        {"op": "add", "path": "/name", "value": [{"text": "张三"}]},
    ]
    done = await system.patch("Patient/p-1", json=change, headers=PATCH)
    assert done.status_code == 200
    assert (done.json()["gender"], done.json()["name"]) == ("female", [{"text": "张三"}])
    assert done.headers["etag"] == 'W/"2"'


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ([{"op": "test", "path": "/gender", "value": "female"}], 422, "processing"),
        ([{"op": "remove", "path": "/nothing/0"}], 422, "processing"),
        ([{"op": "add", "path": "/name/x", "value": 1}], 422, "processing"),
        ([{"op": "replace", "path": "/id", "value": "other"}], 422, "processing"),
        ([{"op": "replace", "path": "", "value": 1}], 422, "processing"),
        ([{"op": "replace", "path": "/gender", "value": "人"}], 422, "code-invalid"),
        ([{"op": "burn", "path": "/gender"}], 400, "structure"),
        ([{"op": "replace"}], 400, "structure"),
        ([{"op": "add", "path": "no-slash", "value": 1}], 400, "structure"),
        ({"op": "replace"}, 400, "structure"),
        ([1], 400, "structure"),
    ],
)
async def test_a_patch_that_cannot_be_applied_changes_nothing(
    system: AsyncClient, change: Any, status: int, code: str
) -> None:
    await system.put("Patient/p-2", json=patient("p-2", gender="male", name=[{"text": "李"}]))
    refused(await system.patch("Patient/p-2", json=change, headers=PATCH), status, code)
    assert (await system.get("Patient/p-2")).headers["etag"] == 'W/"1"'


async def test_a_patch_needs_its_resource_its_type_and_its_version(system: AsyncClient) -> None:
    change = [{"op": "add", "path": "/active", "value": True}]
    refused(await system.patch("Patient/p-none", json=change, headers=PATCH), 404, "not-found")
    await system.put("Patient/p-3", json=patient("p-3"))
    refused(await system.patch("Patient/p-3", json=change), 415, "not-supported")
    stale = {**PATCH, "if-match": 'W/"9"'}
    refused(await system.patch("Patient/p-3", json=change, headers=stale), 412, "conflict")
    await system.delete("Patient/p-3")
    refused(await system.patch("Patient/p-3", json=change, headers=PATCH), 410, "deleted")


async def test_a_conditional_patch_needs_exactly_one_match(system: AsyncClient) -> None:
    change = [{"op": "add", "path": "/active", "value": True}]
    url = "Patient?identifier=urn:example|cp-1"
    refused(await system.patch(url, json=change, headers=PATCH), 404, "not-found")
    await system.post("Patient", json=patient(**identified("cp-1")))
    assert (await system.patch(url, json=change, headers=PATCH)).json()["active"] is True
    await system.post("Patient", json=patient(**identified("cp-1")))
    refused(await system.patch(url, json=change, headers=PATCH), 412, "multiple-matches")


async def test_a_missing_version_is_not_found(system: AsyncClient) -> None:
    await system.put("Patient/v-1", json=patient("v-1"))
    for version in ("2", "0", "x", "99999999999999999999"):
        refused(await system.get(f"Patient/v-1/_history/{version}"), 404, "not-found")


async def test_a_conditional_reference_outside_of_a_transaction_is_placed(
    system: AsyncClient,
) -> None:
    holder = {"reference": "Patient?identifier=x"}
    link = [{"other": {"reference": "Patient/1"}, "type": "seealso"}, {"other": holder}]
    answer = await system.post("Patient", json={"resourceType": "Patient", "link": link})
    refused(answer, 422, "value")
    assert answer.json()["issue"][0]["expression"] == ["Patient.link[1].other.reference"]
