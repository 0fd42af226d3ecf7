"""HL7's examples of R4: put to the running server, read back equal, found by their own values."""

from collections.abc import Iterator

import httpx
import msgspec
import pytest

from minkang.fhir import Resource, decode
from tests.conformance.own_values import queries
from tests.fhir.test_validate_examples import WRONG_THEMSELVES
from tests.fhir.validated_examples import official_examples

SAMPLE = 10
"""`make test` takes every tenth example."""

CHUNK = 20
"""Conditions asked for at once."""

LONGEST_ADDRESS = 6_000

UNUSUAL = {
    "phonetic": "patient-example.json",
    "requisition": "servicerequest-example-myringotomy.json",
    "chromosome-window-coordinate": "sequence-graphic-example-4.json",
    "referenceseqid-variant-coordinate": "sequence-complex-variant.json",
    "referenceseqid-window-coordinate": "sequence-complex-variant.json",
}
"""Parameters that few resources have, with an example that has."""

TOO_LONG = {"observation-decimal.json", "observation-example-body-height.json"}
"""Examples with quantities of more digits than an IEEE double holds: not found by all of them."""

BAD_ID = "questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json"
"""Its id has 67 characters: refused as an address before anything is validated."""

_sorted = msgspec.json.Encoder(decimal_format="number", order="sorted")


def examples() -> Iterator[tuple[str, Resource]]:
    """Examples by name; the two without an id get one."""
    for name, body in sorted(official_examples().items()):
        resource = decode(body)
        if "resourceType" in resource:
            yield name, {"id": name.removesuffix(".json"), **resource}


def same(resource: Resource) -> bytes:
    """What must not change: all but the version and when it was written; digits as they are."""
    meta = {
        name: value
        for name, value in resource.get("meta", {}).items()
        if name not in ("versionId", "lastUpdated")
    }
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return _sorted.encode({**rest, "meta": meta} if meta else rest)


def faults(client: httpx.Client, name: str, resource: Resource) -> Iterator[str]:
    """What is wrong with how the server keeps an example."""
    place = f"{resource['resourceType']}/{resource['id']}"
    put = client.put(place, content=_sorted.encode(resource))
    if put.status_code == 422:
        yield from _refusal(name, resource, put)
        return
    if name == BAD_ID and put.status_code == 400:
        return
    if put.status_code not in (200, 201):
        yield f"PUT: {put.status_code} {put.text[:300]}"
        return
    if name in WRONG_THEMSELVES:
        yield "was accepted"
        return
    read = client.get(place)
    if read.status_code != 200 or same(decode(read.content)) != same(resource):
        yield f"GET: {read.status_code}, or not the same"
    # By sound a person is found by the name as it is said, without titles.
    asked = [one for one in queries(resource) if one[0] != "phonetic"]
    for chunk in _chunks(asked):
        if _finds(client, resource, chunk):
            continue
        for one in chunk:
            known = name in TOO_LONG and "quantity" in one[0]
            if not known and not _finds(client, resource, [one]):
                yield f"not found by {one[0]}={one[1]}"


def _refusal(name: str, resource: Resource, put: httpx.Response) -> Iterator[str]:
    """A refusal must be one of those known, for the known rule and place."""
    issues = [
        (one["expression"][0], one["diagnostics"]) for one in put.json()["issue"] if one["severity"]
    ]
    if name in WRONG_THEMSELVES:
        rule, place, _ = WRONG_THEMSELVES[name]
        if not any(at == place and rule in text for at, text in issues):
            yield f"refused for another reason: {issues}"
    elif not (name.endswith("-questionnaire.json") and all(".linkId" in at for at, _ in issues)):
        yield f"refused: {issues[:3]} {resource['resourceType']}"


def _chunks(pairs: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    chunk: list[tuple[str, str]] = []
    for pair in pairs:
        length = len(str(httpx.QueryParams([*chunk, pair])))
        if chunk and (len(chunk) == CHUNK or length > LONGEST_ADDRESS):
            yield chunk
            chunk = []
        chunk.append(pair)
    if chunk:
        yield chunk


def _finds(client: httpx.Client, resource: Resource, pairs: list[tuple[str, str]]) -> bool:
    asked = httpx.QueryParams([("_id", resource["id"]), *pairs])
    answer = client.get(f"{resource['resourceType']}?{asked}")
    if answer.status_code != 200:
        return False
    entries = decode(answer.content).get("entry", [])
    return [one["resource"]["id"] for one in entries] == [resource["id"]]


def wrong(client: httpx.Client, every: int) -> dict[str, list[str]]:
    """Examples with what is wrong with them."""
    found = {}
    for number, (name, resource) in enumerate(examples()):
        if number % every == 0 and (complaints := list(faults(client, name, resource))):
            found[name] = complaints
    return found


def test_a_sample_is_kept_as_it_is_and_found_by_its_own_values(client: httpx.Client) -> None:
    assert wrong(client, SAMPLE) == {}


@pytest.mark.prove
def test_every_example_is_kept_as_it_is_and_found_by_its_own_values(client: httpx.Client) -> None:
    assert wrong(client, 1) == {}


@pytest.mark.parametrize(("code", "name"), UNUSUAL.items())
def test_an_example_is_found_by_its_own_value_of(
    client: httpx.Client, code: str, name: str
) -> None:
    resource = dict(examples())[name]
    client.put(f"{resource['resourceType']}/{resource['id']}", content=_sorted.encode(resource))
    own = [one for one in queries(resource) if one[0] == code]
    assert own
    assert all(_finds(client, resource, [one]) for one in own)
