"""Batch and transaction: order, references between entries, all or nothing."""

import asyncio
import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.api.asked import (
    entry,
    identified,
    ids,
    observation,
    patient,
    refused,
    transaction,
)


def urn() -> str:
    return f"urn:uuid:{uuid4()}"


def statuses(bundle: dict[str, Any]) -> list[str]:
    return [one["response"]["status"][:3] for one in bundle["entry"]]


async def test_entries_refer_to_each_other_before_they_have_ids(system: AsyncClient) -> None:
    who, org = urn(), "urn:oid:1.2.3.4.5"
    seen = observation("x")
    seen["subject"] = {"reference": who}
    seen["performer"] = [{"reference": org}]
    seen["extension"] = [
        {"url": "http://example.org/about", "valueReference": {"reference": who}},
        {"url": "http://example.org/link", "valueUri": who},
        {"url": "http://example.org/words", "valueString": who},
    ]
    seen["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": who}]
    seen["text"] = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{who}">{who}</a></div>',
    }
    clinic = {"resourceType": "Organization", "name": "诊所"}
    answer = await system.post(
        "",
        json=transaction(
            entry("POST", "Observation", seen, urn()),
            entry("POST", "Patient", patient(), who),
            entry("POST", "Organization", clinic, org),
        ),
    )
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert bundle["type"] == "transaction-response"
    assert statuses(bundle) == ["201", "201", "201"]
    places = [one["response"]["location"].split("/_history")[0] for one in bundle["entry"]]
    kept = (await system.get(places[0])).json()
    made = "/".join(places[1].rsplit("/", 2)[1:])
    assert kept["subject"]["reference"] == made
    assert kept["performer"][0]["reference"] == "/".join(places[2].rsplit("/", 2)[1:])
    assert kept["extension"][0]["valueReference"]["reference"] == made
    assert kept["extension"][1]["valueUri"] == made
    assert kept["extension"][2]["valueString"] == who
    assert kept["identifier"][0]["value"] == who
    assert f'<a href="{made}">{who}</a>' in kept["text"]["div"]


async def test_relative_references_are_read_against_the_entrys_own_address(
    system: AsyncClient,
) -> None:
    root = "http://elsewhere.example/fhir"
    answer = await system.post(
        "",
        json=transaction(
            entry("POST", "Observation", observation("p9"), f"{root}/Observation/o9"),
            entry("POST", "Patient", patient("p9"), f"{root}/Patient/p9"),
        ),
    )
    first, second = [one["fullUrl"] for one in answer.json()["entry"]]
    kept = (await system.get(first)).json()
    assert second.endswith(kept["subject"]["reference"])
    assert kept["subject"]["reference"] != "Patient/p9"


async def test_all_or_nothing_and_the_entry_that_failed_is_named(system: AsyncClient) -> None:
    good = entry("PUT", "Patient/t-good", patient("t-good"))
    bad = entry("POST", "Patient", patient(birthDate="2023-02-29"))
    answer = await system.post("", json=transaction(good, bad))
    issue = refused(answer, 422, "value")
    assert issue["expression"] == ["Bundle.entry[1].resource.birthDate"]
    refused(await system.get("Patient/t-good"), 404, "not-found")


async def test_deletions_come_first_and_reading_last(system: AsyncClient) -> None:
    await system.put("Patient/t-old", json=patient("t-old", **identified("t-order")))
    answer = await system.post(
        "",
        json=transaction(
            entry("GET", "Patient?identifier=urn:example|t-order"),
            entry("GET", "Patient/t-new"),
            entry("PUT", "Patient/t-new", patient("t-new", **identified("t-order"))),
            entry("DELETE", "Patient/t-old"),
        ),
    )
    bundle = answer.json()
    assert statuses(bundle) == ["200", "200", "201", "204"]
    found = bundle["entry"][0]["resource"]["entry"]
    assert [one["resource"]["id"] for one in found] == ["t-new"]
    assert bundle["entry"][1]["resource"]["id"] == "t-new"


async def test_reading_that_fails_stops_the_transaction(system: AsyncClient) -> None:
    answer = await system.post(
        "",
        json=transaction(
            entry("PUT", "Patient/t-read", patient("t-read")), entry("GET", "Patient/t-nobody")
        ),
    )
    assert refused(answer, 404, "not-found")["expression"] == ["Bundle.entry[1]"]
    refused(await system.get("Patient/t-read"), 404, "not-found")


async def test_a_conditional_reference_means_what_is_there_or_just_came(
    system: AsyncClient,
) -> None:
    await system.put("Practitioner/t-doc", json={
        "resourceType": "Practitioner", "id": "t-doc", **identified("t-doc"),
    })  # fmt: skip
    seen = observation("x", performer=[{"reference": "Practitioner?identifier=urn:example|t-doc"}])
    seen["subject"] = {"reference": "Patient?identifier=urn:example|t-fresh"}
    answer = await system.post(
        "",
        json=transaction(
            entry("POST", "Observation", seen),
            entry("PUT", "Patient/t-fresh", patient("t-fresh", **identified("t-fresh"))),
        ),
    )
    assert answer.status_code == 200, answer.text
    kept = (await system.get(answer.json()["entry"][0]["response"]["location"])).json()
    assert kept["performer"][0]["reference"] == "Practitioner/t-doc"
    assert kept["subject"]["reference"] == "Patient/t-fresh"


async def test_a_conditional_reference_to_none_or_many_fails(system: AsyncClient) -> None:
    for _ in range(2):
        await system.post("Patient", json=patient(**identified("t-twin")))
    for value, code in (("t-none", "not-found"), ("t-twin", "multiple-matches")):
        seen = observation("x")
        seen["subject"] = {"reference": f"Patient?identifier=urn:example|{value}"}
        answer = await system.post("", json=transaction(entry("POST", "Observation", seen)))
        assert refused(answer, 412, code)["expression"] == ["Bundle.entry[0]"]


async def test_outside_of_a_transaction_there_are_no_conditional_references(
    system: AsyncClient,
) -> None:
    seen = observation("x")
    seen["subject"] = {"reference": "Patient?identifier=urn:example|t-doc"}
    assert (await system.post("Observation", json=seen)).status_code == 422


async def test_if_none_exist_links_to_what_is_there(system: AsyncClient) -> None:
    made = (await system.post("Patient", json=patient(**identified("t-ine")))).json()
    who = urn()
    seen = observation("x")
    seen["subject"] = {"reference": who}
    only = {"ifNoneExist": "identifier=urn:example|t-ine"}
    answer = await system.post(
        "",
        json=transaction(
            entry("POST", "Patient", patient(**identified("t-ine")), who, **only),
            entry("POST", "Observation", seen),
        ),
    )
    bundle = answer.json()
    assert statuses(bundle) == ["200", "201"]
    kept = (await system.get(bundle["entry"][1]["response"]["location"])).json()
    assert kept["subject"]["reference"] == f"Patient/{made['id']}"


async def test_conditions_of_an_entry_are_those_of_its_headers(system: AsyncClient) -> None:
    await system.put("Patient/t-cond", json=patient("t-cond"))
    changed = patient("t-cond", active=True)
    for condition in ({"ifMatch": 'W/"5"'}, {"ifNoneMatch": "*"}):
        answer = await system.post(
            "", json=transaction(entry("PUT", "Patient/t-cond", changed, **condition))
        )
        assert refused(answer, 412, "conflict")["expression"] == ["Bundle.entry[0]"]
    fitting = entry("PUT", "Patient/t-cond", changed, ifMatch='W/"1"')
    assert statuses((await system.post("", json=transaction(fitting))).json()) == ["200"]
    unchanged = entry("GET", "Patient/t-cond", ifNoneMatch='W/"2"')
    assert statuses((await system.post("", json=transaction(unchanged))).json()) == ["304"]


async def test_conditional_entries_are_matched(system: AsyncClient) -> None:
    url = "Patient?identifier=urn:example|t-cu"
    put = transaction(entry("PUT", url, patient(**identified("t-cu"))))
    assert statuses((await system.post("", json=put)).json()) == ["201"]
    assert statuses((await system.post("", json=put)).json()) == ["200"]
    gone = transaction(entry("DELETE", url))
    assert statuses((await system.post("", json=gone)).json()) == ["204"]
    assert statuses((await system.post("", json=gone)).json()) == ["204"]
    assert ids(await system.get(url)) == []


def binary(patch: Any) -> dict[str, Any]:
    data = base64.b64encode(json.dumps(patch).encode()).decode()
    return {
        "resourceType": "Binary",
        "contentType": "application/json-patch+json",
        "data": data,
    }


@pytest.mark.parametrize("kind", ["transaction", "batch"])
async def test_a_patch_comes_as_a_binary(system: AsyncClient, kind: str) -> None:
    await system.put(f"Patient/t-{kind}", json=patient(f"t-{kind}"))
    change = [{"op": "add", "path": "/active", "value": True}]
    bundle = transaction(entry("PATCH", f"Patient/t-{kind}", binary(change)), kind=kind)
    assert statuses((await system.post("", json=bundle)).json()) == ["200"]
    assert (await system.get(f"Patient/t-{kind}")).json()["active"] is True


ONE, TWO = patient("t-1"), patient("t-1", active=True)


@pytest.mark.parametrize(
    ("entries", "status", "code", "place"),
    [
        ([entry("PUT", "Patient/t-1", ONE), entry("PUT", "Patient/t-1", TWO)],
         400, "duplicate", "Bundle.entry[1]"),
        ([entry("PUT", "Patient/t-1", ONE), entry("DELETE", "Patient/t-1")],
         400, "duplicate", "Bundle.entry[0]"),
        ([entry("POST", "Patient", ONE, "urn:uuid:1"), entry("POST", "Patient", ONE, "urn:uuid:1")],
         400, "duplicate", "Bundle.entry[1]"),
        ([entry("POST", "Patient", ONE, ifNoneExist="name=zz"),
          entry("POST", "Patient", ONE, ifNoneExist="name=zz")],
         400, "duplicate", "Bundle.entry[1]"),
        ([entry("PUT", "Patient/t-1", ONE, "http://x.example/Patient/1/_history/2")],
         400, "invariant", "Bundle.entry[0]"),
        ([entry("PUT", "Patient/t-2", ONE)], 400, "value", "Bundle.entry[0].resource.id"),
        ([entry("PUT", "Patient/t-1", observation("a", "t-1"))],
         400, "value", "Bundle.entry[0].resource"),
        ([entry("POST", "Patient")], 400, "value", "Bundle.entry[0].resource"),
        ([entry("POST", "Nonsense", ONE)],
         400, "not-supported", "Bundle.entry[0].request.url"),
        ([entry("POST", "Patient/$validate", ONE)],
         400, "not-supported", "Bundle.entry[0].request.url"),
        ([entry("PUT", "Patient", ONE)], 400, "not-supported", "Bundle.entry[0].request.url"),
        ([entry("PUT", "Patient/%zz", ONE)], 400, "invalid", "Bundle.entry[0].request.url"),
        ([entry("PUT", "Patient?colour=red", ONE)], 400, "not-supported", "Bundle.entry[0]"),
        ([entry("PATCH", "Patient/t-1", ONE)],
         400, "not-supported", "Bundle.entry[0].resource"),
        ([{"fullUrl": "urn:uuid:1", "resource": ONE}], 400, "required", "Bundle.entry[0]"),
        ([entry("BURN", "Patient/t-1")], 422, "code-invalid", "Bundle.entry[0].request.method"),
        ([entry("GET", "Nonsense/1")], 404, "not-supported", "Bundle.entry[0]"),
    ],
)  # fmt: skip
async def test_a_transaction_that_makes_no_sense_is_refused_at_its_entry(
    system: AsyncClient, entries: list[dict[str, Any]], status: int, code: str, place: str
) -> None:
    issue = refused(await system.post("", json=transaction(*entries)), status, code)
    assert issue["expression"] == [place]
    refused(await system.get("Patient/t-1"), 404, "not-found")


async def test_a_reference_to_an_entry_that_is_not_there_is_refused(system: AsyncClient) -> None:
    seen = observation("x")
    seen["subject"] = {"reference": urn()}
    answer = await system.post("", json=transaction(entry("POST", "Observation", seen)))
    assert refused(answer, 400, "not-found")["expression"] == ["Bundle.entry[0]"]


@pytest.mark.parametrize(
    ("bundle", "status"),
    [
        ({"resourceType": "Patient"}, 400),
        ({"resourceType": "Bundle", "type": "collection"}, 400),
        ({"resourceType": "Bundle"}, 400),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 422),
        ({"resourceType": "Bundle", "type": "batch", "entry": [1]}, 422),
        ({"resourceType": "Bundle", "type": "batch", "colour": "red"}, 422),
    ],
)
async def test_only_a_sound_batch_or_transaction_is_carried_out(
    system: AsyncClient, bundle: dict[str, Any], status: int
) -> None:
    answer = await system.post("", json=bundle)
    assert answer.status_code == status, answer.text


async def test_an_empty_bundle_does_nothing(system: AsyncClient) -> None:
    for kind in ("batch", "transaction"):
        answer = await system.post("", json={"resourceType": "Bundle", "type": kind})
        assert answer.json() == {"resourceType": "Bundle", "type": f"{kind}-response"}


async def test_the_entries_of_a_batch_stand_for_themselves(system: AsyncClient) -> None:
    answer = await system.post(
        "",
        json=transaction(
            entry("GET", "Patient/b-1"),
            entry("PUT", "Patient/b-1", patient("b-1")),
            entry("POST", "Patient", patient(gender="人")),
            entry("GET", "Patient/b-nobody"),
            entry("DELETE", "Patient/b-2"),
            entry("GET", "http://minkang.test/fhir/Patient?_id=b-1"),
            entry("GET", "/Patient/b-1/_history"),
            entry("GET", "Nonsense"),
            entry("POST", "Patient/$validate", patient()),
            kind="batch",
        ),
    )
    bundle = answer.json()
    assert bundle["type"] == "batch-response"
    assert statuses(bundle) == ["200", "201", "422", "404", "204", "200", "200", "404", "200"]
    failed = bundle["entry"][2]["response"]["outcome"]
    assert failed["issue"][0]["expression"] == ["Patient.gender"]
    assert bundle["entry"][1]["response"]["etag"] == 'W/"1"'
    assert "resource" not in bundle["entry"][1]


async def test_what_was_written_comes_back_if_asked_for(system: AsyncClient) -> None:
    whole = {"prefer": "return=representation"}
    for kind in ("batch", "transaction"):
        bundle = transaction(entry("POST", "Patient", patient(active=True)), kind=kind)
        answer = await system.post("", json=bundle, headers=whole)
        (one,) = answer.json()["entry"]
        assert one["resource"]["active"] is True
        assert one["response"]["location"].endswith(f"{one['resource']['id']}/_history/1")


async def test_two_equal_conditional_creations_at_once_make_one(system: AsyncClient) -> None:
    only = {"if-none-exist": "identifier=urn:example|race"}
    answers = await asyncio.gather(
        *(
            system.post("Patient", json=patient(**identified("race")), headers=only)
            for _ in range(6)
        )
    )
    assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
    assert len({one.json()["id"] for one in answers}) == 1


async def test_transactions_that_cross_each_other_all_get_through(system: AsyncClient) -> None:
    names = [f"cross-{number}" for number in range(6)]

    def bundle(turn: int) -> dict[str, Any]:
        order = names if turn % 2 else names[::-1]
        active = {"active": bool(turn % 3)}
        return transaction(
            *(entry("PUT", f"Patient/{name}", patient(name, **active)) for name in order),
            entry("PUT", "Patient?identifier=urn:example|cross", patient(**identified("cross"))),
        )

    answers = await asyncio.gather(*(system.post("", json=bundle(turn)) for turn in range(8)))
    assert {one.status_code for one in answers} == {200}
    assert len(ids(await system.get("Patient?identifier=urn:example|cross"))) == 1


async def test_a_document_inside_keeps_its_own_links(system: AsyncClient) -> None:
    inner = urn()
    document = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": inner, "resource": patient("inside")},
            {"fullUrl": urn(), "resource": {
                **observation("x"), "subject": {"reference": inner}}},
        ],
    }  # fmt: skip
    answer = await system.post("", json=transaction(entry("POST", "Bundle", document)))
    assert answer.status_code == 200, answer.text
    kept = (await system.get(answer.json()["entry"][0]["response"]["location"])).json()
    assert kept["entry"][1]["resource"]["subject"]["reference"] == inner
