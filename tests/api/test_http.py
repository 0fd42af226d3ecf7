"""HTTP's own rules at the FHIR base: formats, conditions, compression, limits, hostile input."""

import gzip
import json
import zlib
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response

from minkang.api import Door, Limits, fhir_application
from tests.api.asked import entry, observation, patient, refused, transaction
from tests.api.conftest import BASE


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def kept(system: AsyncClient) -> None:
    """A long resource and a short one."""
    await system.put("Patient/short", json=patient("short"))
    names = [{"text": f"王{number}"} for number in range(100)]
    await system.put("Patient/long", json=patient("long", name=names))


async def test_head_is_get_without_the_body(system: AsyncClient) -> None:
    got, head = await system.get("Patient/short"), await system.head("Patient/short")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]


async def test_an_unchanged_version_is_not_sent_again(system: AsyncClient) -> None:
    first = await system.get("Patient/short")
    for condition in (
        {"if-none-match": 'W/"1"'},
        {"if-none-match": '"7", W/"1"'},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = await system.get("Patient/short", headers=condition)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == 'W/"1"'
    for condition in (
        {"if-none-match": 'W/"2"'},
        {"if-modified-since": "Sun, 01 Nov 2020 08:00:00 GMT"},
        {"if-modified-since": "yesterday"},
        {"if-none-match": 'W/"2"', "if-modified-since": first.headers["last-modified"]},
    ):
        assert (await system.get("Patient/short", headers=condition)).status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+json",
        "application/json",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/fhir+xml;q=0.5, application/fhir+json; fhirVersion=4.0",
    ],
)
async def test_json_is_served_to_whoever_takes_it(system: AsyncClient, accept: str) -> None:
    answer = await system.get("Patient/short", headers={"accept": accept})
    assert answer.headers["content-type"] == "application/fhir+json;charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "text/turtle",
        "application/fhir+json;q=0",
        "application/fhir+json; fhirVersion=3.0",
    ],
)
async def test_nothing_else_is_served(system: AsyncClient, accept: str) -> None:
    answer = await system.get("Patient/short", headers={"accept": accept})
    refused(answer, 406, "not-supported")


async def test_format_wins_over_accept(system: AsyncClient) -> None:
    xml = {"accept": "application/fhir+xml"}
    for name in ("json", "application/fhir%2Bjson", "application/fhir+json"):
        answer = await system.get(f"Patient/short?_format={name}", headers=xml)
        assert answer.status_code == 200
    refused(await system.get("Patient/short?_format=xml"), 406, "not-supported")


async def test_pretty_is_the_same_in_lines(system: AsyncClient) -> None:
    plain = await system.get("Patient/short")
    pretty = await system.get("Patient/short?_pretty=true")
    assert pretty.json() == plain.json()
    assert pretty.text.count("\n") > 3


@pytest.mark.parametrize(
    "kind", ["application/xml", "text/plain", "application/json; charset=gbk", ""]
)
async def test_a_body_of_another_type_is_refused(system: AsyncClient, kind: str) -> None:
    answer = await system.post("Patient", content=b"{}", headers={"content-type": kind})
    refused(answer, 415, "not-supported")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "metadata", "GET, HEAD"),
        ("PUT", "", "GET, POST, HEAD"),
        ("POST", "Patient/short", "GET, PUT, PATCH, DELETE, HEAD"),
        ("GET", "Patient/_search", "POST"),
        ("BURN", "Patient/short", "GET, PUT, PATCH, DELETE, HEAD"),
        ("DELETE", "Patient/short/_history/1", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    system: AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await system.request(method, path)
    refused(answer, 405, "not-supported")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("Nonsense", "not-supported"),
        ("Nonsense/1", "not-supported"),
        ("_nothing", "not-supported"),
        ("Patient/short/$burn", "not-supported"),
        ("$burn", "not-supported"),
        ("Observation/short/$everything", "not-supported"),
        ("Patient/short/nothing", "not-found"),
        ("Patient/short/_history/1/x", "not-found"),
        ("Patient/short/Observation/x", "not-found"),
        ("Observation/short/Patient", "not-found"),
    ],
)
async def test_an_address_that_does_not_exist_is_404(
    system: AsyncClient, path: str, code: str
) -> None:
    refused(await system.get(path), 404, code)


async def test_a_long_answer_is_packed_for_whoever_asks(system: AsyncClient) -> None:
    plain = await system.get("Patient/long", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for coding in ("gzip", "deflate"):
        packed = await system.get("Patient/long", headers={"accept-encoding": coding})
        assert packed.headers["content-encoding"] == coding
        assert int(packed.headers["content-length"]) < len(plain.content) // 2
        assert packed.content == plain.content
    short = await system.get("Patient/short", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers


async def test_a_packed_request_is_unpacked(system: AsyncClient) -> None:
    body = json.dumps(patient("packed")).encode()
    for coding, content in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        headers = {"content-encoding": coding}
        answer = await system.put("Patient/packed", content=content, headers=headers)
        assert answer.status_code in (200, 201)


@pytest.mark.parametrize(
    ("coding", "content", "status"),
    [
        ("gzip", b"not packed", 400),
        ("gzip", gzip.compress(b'{"resourceType":"Patient"}', mtime=0)[:-9], 400),
        ("br", b"{}", 415),
    ],
)
async def test_a_badly_packed_request_is_refused(
    system: AsyncClient, coding: str, content: bytes, status: int
) -> None:
    headers = {"content-encoding": coding}
    answer = await system.post("Patient", content=content, headers=headers)
    assert answer.status_code == status


async def test_a_request_id_comes_back(system: AsyncClient) -> None:
    answer = await system.get("Patient/short", headers={"x-request-id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    odd = await system.get("Patient/short", headers={"x-request-id": "a b"})
    assert "x-request-id" not in odd.headers


async def test_every_answer_is_guarded(system: AsyncClient, client: AsyncClient) -> None:
    for answer in (
        await system.get("Patient/short"),
        await system.get("Patient/nobody"),
        await client.get("metadata"),
        await client.get("Patient/short"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


DEEP = '{"resourceType":"Patient","extension":' + "[" * 70 + "]" * 70 + "}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"[]",
        b'"Patient"',
        b"null",
        b'{"resourceType":"Patient",}',
        b'{"resourceType":"Patient"} x',
        b'{"resourceType":"Patient","id":"\xff"}',
        b'{"resourceType":"Patient","name":[{"text":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"text":"a\\u0000b"}]}',
        b'{"resourceType":"Patient","a\\u0000b":1}',
        b'{"resourceType":"Patient","name":[{"text":"a\x00b"}]}',
        b'{"resourceType":"Patient","multipleBirthInteger":' + b"9" * 5_000 + b"}",
        b'{"resourceType":"Patient","x":1.5e99999999999999999999}',
        DEEP.encode(),
        b"[" * 100_000,
    ],
)
async def test_a_body_that_is_no_sound_json_object_is_400(system: AsyncClient, body: bytes) -> None:
    answer = await system.post("Patient", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": ["Patient"]},
        {"resourceType": {"a": 1}},
        {"resourceType": None},
        {"resourceType": "Patient", "meta": 1},
        {"resourceType": "Patient", "meta": {"tag": "x"}},
        {"resourceType": "Patient", "id": {"a": 1}},
        {"resourceType": "Patient", "name": [None]},
        {"resourceType": "Patient", "contained": "x"},
        {"resourceType": "Patient", "birthDate": "0000-00-00"},
        {"resourceType": "Patient", "": ""},
    ],
)
async def test_json_of_the_wrong_shape_is_never_our_fault(
    system: AsyncClient, body: dict[str, Any]
) -> None:
    for answer in (
        await system.post("Patient", json=body),
        await system.put("Patient/shape", json={**body, "id": "shape"}),
        await system.put("Patient?identifier=x", json=body),
        await system.post("", json=body),
        await system.post("", json=transaction(entry("POST", "Patient", body))),
        await system.post("Patient/$validate", json={**body, "resourceType": "Parameters"}),
    ):
        assert 400 <= answer.status_code < 500 or answer.status_code in (200, 201), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "Patient/%zz",
        "Patient/%",
        "Patient/a%00b",
        "Patient/%ff",
        "Patient?name=%zz",
        "Patient?name=%ff",
        "Patient?name=a%00b",
        "Patient?%00=1",
        "Patient?name=%ed%a0%80",
    ],
)
async def test_a_malformed_address_is_400(door: Door, path: str) -> None:
    answer = await _raw(door, "GET", f"/fhir/{path}")
    assert answer.status_code == 400, answer.text


async def _raw(door: Door, method: str, target: str) -> Response:
    """A request whose address no client would write."""
    path, _, query = target.encode().partition(b"?")
    said: dict[str, Any] = {"body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            said.update(message)
        else:
            said["body"] += message["body"]

    scope = {
        "type": "http", "method": method, "path": "/", "raw_path": path, "query_string": query,
        "headers": [], "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await fhir_application(door)(scope, receive, send)
    return Response(said["status"], content=said["body"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def narrow(door: Door, system: AsyncClient) -> AsyncClient:
    """The base with small limits."""
    limits = Limits(body=2_000, address=300, headers=2_000, entries=3)
    small = msgspec.structs.replace(door, limits=limits)
    transport = ASGITransport(fhir_application(small))
    return AsyncClient(transport=transport, base_url=BASE, headers=system.headers)


async def test_too_long_a_body_is_413_even_when_packed(narrow: AsyncClient) -> None:
    body = json.dumps(patient(name=[{"text": "长" * 3_000}])).encode()
    refused(await narrow.post("Patient", content=body), 413, "too-long")

    async def parts() -> Any:
        for _ in range(100):
            yield b" " * 100

    refused(await narrow.post("Patient", content=parts()), 413, "too-long")
    packed = {"content-encoding": "gzip"}
    bomb = gzip.compress(b" " * 1_000_000)
    assert len(bomb) < 2_000
    refused(await narrow.post("Patient", content=bomb, headers=packed), 413, "too-long")


async def test_addresses_headers_and_bundles_have_limits(narrow: AsyncClient) -> None:
    refused(await narrow.get("Patient?name=" + "a" * 400), 414, "too-long")
    refused(await narrow.get("Patient", headers={"x-long": "a" * 3_000}), 431, "too-long")
    many = transaction(*[entry("GET", "Patient/1")] * 4)
    refused(await narrow.post("", json=many), 413, "too-costly")


async def test_a_request_that_takes_too_long_is_given_up(door: Door, system: AsyncClient) -> None:
    hasty = msgspec.structs.replace(door, limits=Limits(seconds=0.0))
    transport = ASGITransport(fhir_application(hasty))
    async with AsyncClient(transport=transport, base_url=BASE, headers=system.headers) as impatient:
        answer = await impatient.get("Patient?_id=short")
    refused(answer, 503, "timeout")
    assert answer.headers["retry-after"]


async def test_an_odd_host_is_not_repeated_in_links(system: AsyncClient) -> None:
    answer = await system.post("Patient", json=patient(), headers={"host": "evil.example/<x>"})
    assert "evil" not in answer.headers["location"]


async def test_an_observation_is_read_as_it_was_sent(system: AsyncClient) -> None:
    sent = observation("short", "as-sent", valueQuantity={"value": 5, "unit": "mmol/L"})
    await system.put("Observation/as-sent", json=sent)
    found = (await system.get("Observation/as-sent")).json()
    assert {**found, "meta": None} == {**sent, "meta": None}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("_elements=gender", {"resourceType", "id", "meta", "gender"}),
        ("_elements=Patient.gender,name", {"resourceType", "id", "meta", "gender", "name"}),
        ("_summary=text", {"resourceType", "id", "meta", "text"}),
        ("_summary=data", {"resourceType", "id", "meta", "gender", "name", "birthDate"}),
    ],
)
async def test_a_part_of_a_resource_is_marked_as_such(
    system: AsyncClient, query: str, kept: set[str]
) -> None:
    whole = patient(
        "parts",
        gender="male",
        name=[{"text": "张"}],
        birthDate="1980",
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    )
    await system.put("Patient/parts", json=whole)
    part = (await system.get(f"Patient/parts?{query}")).json()
    assert set(part) == kept
    assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
    refused(await system.get("Patient/parts?_colour=red"), 400, "not-supported")
