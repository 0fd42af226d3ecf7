"""Binary: what it holds goes in and out as it is, and as the resource for who asks for that."""

import base64

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from minkang.api import Door, Limits, fhir_application
from tests.api.asked import entry, ids, refused, transaction
from tests.api.conftest import BASE

PDF = b"%PDF-1.4\n\x00\xff\xfe not text"
FHIR = {"accept": "application/fhir+json"}


async def kept(client: AsyncClient, content: bytes, media: str, **headers: str) -> str:
    """Send content; the id of the Binary."""
    answer = await client.post(
        "Binary", content=content, headers={"content-type": media, **headers}
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def test_bytes_come_back_as_they_were_sent(system: AsyncClient) -> None:
    one = await kept(system, PDF, "application/pdf")
    for accept in ("application/pdf", "application/*", "*/*", "text/html, */*;q=0.8"):
        answer = await system.get(f"Binary/{one}", headers={"accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content == PDF
        assert answer.headers["etag"] == 'W/"1"'
        assert answer.headers["vary"] == "accept"


async def test_who_asks_for_fhir_gets_the_resource(system: AsyncClient) -> None:
    one = await kept(system, PDF, "application/pdf")
    asked = [
        (f"Binary/{one}", "application/fhir+json"),
        (f"Binary/{one}", "application/json"),
        (f"Binary/{one}", "application/fhir+json, */*;q=0.1"),
        (f"Binary/{one}", "application/pdf;q=0.5, application/fhir+json"),
        (f"Binary/{one}?_format=json", "*/*"),
        (f"Binary/{one}?_summary=true", "*/*"),
    ]
    for path, accept in asked:
        found = (await system.get(path, headers={"accept": accept})).json()
        assert (found["resourceType"], found["contentType"]) == ("Binary", "application/pdf")
    assert "data" not in found, "content is no part of a summary"
    whole = (await system.get(f"Binary/{one}", headers=FHIR)).json()
    assert base64.b64decode(whole["data"]) == PDF


async def test_a_resource_is_taken_as_one_and_read_as_what_it_holds(system: AsyncClient) -> None:
    data = base64.b64encode("民康".encode()).decode()
    made = {"resourceType": "Binary", "contentType": "text/plain; charset=utf-8", "data": data}
    put = await system.put("Binary/words", json={**made, "id": "words"})
    assert put.status_code == 201, put.text
    read = await system.get("Binary/words", headers={"accept": "text/plain"})
    assert read.headers["content-type"] == "text/plain; charset=utf-8"
    assert read.text == "民康"


async def test_content_by_put_and_its_versions(system: AsyncClient) -> None:
    for number, content in enumerate((b"one", b"two"), 1):
        put = await system.put("Binary/v", content=content, headers={"content-type": "text/plain"})
        assert put.status_code == (201 if number == 1 else 200), put.text
        assert put.json()["meta"]["versionId"] == str(number)
    plain = {"accept": "text/plain"}
    assert (await system.get("Binary/v", headers=plain)).content == b"two"
    assert (await system.get("Binary/v/_history/1", headers=plain)).content == b"one"
    tag = {**plain, "if-none-match": 'W/"2"'}
    assert (await system.get("Binary/v", headers=tag)).status_code == 304
    head = await system.head("Binary/v", headers=plain)
    assert (head.headers["content-length"], head.content) == ("3", b"")
    assert (await system.delete("Binary/v")).status_code == 204
    refused(await system.get("Binary/v", headers=plain), 410, "deleted")


async def test_json_that_is_no_binary_is_content(system: AsyncClient) -> None:
    content = b'{"resourceType":"Patient", "x":1.50}'
    one = await kept(system, content, "application/fhir+json")
    whole = (await system.get(f"Binary/{one}", headers=FHIR)).json()
    assert whole["contentType"] == "application/fhir+json"
    assert base64.b64decode(whole["data"]) == content
    refused(await system.post("Binary", content=b"{", headers={}), 400, "invalid")


async def test_the_security_context_comes_by_its_header(system: AsyncClient) -> None:
    about = {"X-Security-Context": "Patient/p1"}
    one = await kept(system, PDF, "application/pdf", **about)
    whole = (await system.get(f"Binary/{one}", headers=FHIR)).json()
    assert whole["securityContext"] == {"reference": "Patient/p1"}


async def test_a_reader_who_takes_neither_is_refused(system: AsyncClient) -> None:
    one = await kept(system, PDF, "application/pdf")
    for accept in ("image/png", "application/pdf;q=0", "text/*", "application/fhir+xml"):
        answer = await system.get(f"Binary/{one}", headers={"accept": accept})
        refused(answer, 406, "not-supported")
    refused(await system.get(f"Binary/{one}?_format=xml"), 406, "not-supported")
    refused(await system.get("Patient/x", headers={"accept": "image/png"}), 406, "not-supported")


async def test_stored_pages_do_not_run_as_ours(system: AsyncClient) -> None:
    one = await kept(system, b"<script>alert(1)</script>", "text/html")
    answer = await system.get(f"Binary/{one}", headers={"accept": "text/html"})
    policies = answer.headers.get_list("content-security-policy")
    assert "default-src 'none'; sandbox" in policies
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("media", ["evil\nSet-Cookie: a=b", "no type", "a/b;c=\n", "文/件"])
async def test_an_odd_content_type_does_not_get_into_the_headers(
    system: AsyncClient, media: str
) -> None:
    made = {"resourceType": "Binary", "id": "odd", "contentType": media, "data": "AAAA"}
    put = await system.put("Binary/odd", json=made)
    if put.status_code == 422:
        return
    answer = await system.get("Binary/odd", headers={"accept": "*/*"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] in ("application/octet-stream", "a/b")


async def test_in_bundles_and_searches_it_is_a_resource(system: AsyncClient) -> None:
    one = await kept(system, PDF, "application/pdf")
    batch = transaction(entry("GET", f"Binary/{one}"), kind="batch")
    answer = await system.post("", json=batch)
    assert answer.json()["entry"][0]["resource"]["resourceType"] == "Binary"
    wrong = entry("PUT", "Binary/wrong", {"resourceType": "Patient", "id": "wrong"})
    answer = await system.post("", json=transaction(wrong, kind="batch"))
    assert answer.json()["entry"][0]["response"]["status"] == "400 Bad Request"
    assert ids(await system.get(f"Binary?_id={one}")) == [one]
    history = (await system.get(f"Binary/{one}/_history")).json()
    assert history["entry"][0]["resource"]["contentType"] == "application/pdf"


async def test_what_is_no_content_is_refused(door: Door, system: AsyncClient) -> None:
    pdf = {"content-type": "application/pdf"}
    refused(await system.post("Binary", content=b"", headers=pdf), 400, "invalid")
    for media in ("", "pdf", "application/fhir+xml"):
        answer = await system.post("Binary", content=PDF, headers={"content-type": media})
        refused(answer, 415, "not-supported")
    small = msgspec.structs.replace(door, limits=Limits(body=1_000))
    transport = ASGITransport(fhir_application(small))
    async with AsyncClient(transport=transport, base_url=BASE, headers=system.headers) as narrow:
        for size in (751, 1_001):
            refused(await narrow.post("Binary", content=b"x" * size, headers=pdf), 413, "too-long")
        assert (await narrow.post("Binary", content=b"x" * 750, headers=pdf)).status_code == 201


async def test_content_is_for_nobody_without_a_token(
    system: AsyncClient, client: AsyncClient
) -> None:
    one = await kept(system, PDF, "application/pdf")
    accept, sent = {"accept": "application/pdf"}, {"content-type": "application/pdf"}
    refused(await client.get(f"Binary/{one}", headers=accept), 401, "login")
    refused(await client.post("Binary", content=PDF, headers=sent), 401, "login")
