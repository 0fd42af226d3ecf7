"""The fast path never takes what the complete validation refuses."""

from collections import defaultdict
from functools import cache
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.fhir import TYPE_CODES, decode, encode
from minkang.fhir.shapes import accepts, accepts_container
from minkang.fhir.validate import check, validate
from tests.fhir.validated_examples import official_examples
from tests.fhir.validated_mutations import mutated

PATIENT = {"resourceType": "Patient", "name": [{"family": "王", "given": ["小", "明"]}]}


@cache
def _some_of_each_type() -> list[Any]:
    by_type = defaultdict(list)
    for body in official_examples().values():
        if len(body) < 6_000:
            resource = decode(body)
            by_type[resource.get("resourceType")].append(resource)
    return [r for of_type in TYPE_CODES for r in by_type.get(of_type, [])[:5]]


@settings(max_examples=400, deadline=None)
@given(random=st.randoms(use_true_random=False), times=st.integers(1, 3), indent=st.booleans())
def test_whatever_is_spoiled(random: Random, times: int, indent: bool) -> None:
    resource = random.choice(_some_of_each_type())
    for _ in range(times):
        resource = mutated(resource, random) if resource else resource
    body = encode(resource)
    if indent:
        body = msgspec.json.format(body)
    try:
        resource = decode(body)
    except msgspec.DecodeError:
        return
    if isinstance(resource.get("resourceType"), str) and accepts(resource["resourceType"], body):
        assert validate(resource) == []


@cache
def _some_with_contained() -> list[Any]:
    found = (decode(body) for body in official_examples().values() if len(body) < 20_000)
    return [one for one in found if isinstance(one, dict) and one.get("contained")][:120]


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False), times=st.integers(0, 3))
def test_whatever_is_spoiled_in_a_container(random: Random, times: int) -> None:
    resource = random.choice(_some_with_contained())
    for _ in range(times):
        resource = mutated(resource, random) if resource else resource
    if isinstance(resource, dict) and accepts_container(resource, encode(resource)):
        assert validate(resource) == []


def test_most_containers_are_taken() -> None:
    right = [one for one in _some_with_contained() if validate(one) == []]
    assert sum(accepts_container(one, encode(one)) for one in right) > len(right) / 2


_LETTERS = "0123456789-:.TZ+t aA=/#\t\n\r\u3000\u00a0\u0085é女\x7f\x1f"

_TEXT_OF: dict[str, tuple[str, dict[str, Any], str]] = {
    "base64Binary": ("Binary", {"contentType": "a/b"}, "data"),
    "canonical": ("Observation", {"status": "final", "code": {"text": "a"}}, "implicitRules"),
    "code": ("Patient", {}, "language"),
    "date": ("Patient", {}, "birthDate"),
    "dateTime": ("Patient", {}, "deceasedDateTime"),
    "id": ("Patient", {}, "id"),
    "instant": ("Observation", {"status": "final", "code": {"text": "a"}}, "issued"),
    "string": ("Schedule", {"actor": [{"display": "a"}]}, "comment"),
    "time": ("Observation", {"status": "final", "code": {"text": "a"}}, "valueTime"),
}


def _dates() -> st.SearchStrategy[str]:
    number = st.integers(0, 10_001).map(lambda n: f"{n:04}")
    two = st.integers(0, 61).map(lambda n: f"{n:02}")
    day = st.tuples(number, two, two).map("-".join)
    zone = st.sampled_from(["", "Z", "+08:00", "+14:00", "+14:01", "-13:59", "z"])
    time = st.tuples(two, two, two, st.sampled_from(["", ".0", ".", ".123456789"]), zone)
    return (
        st.tuples(day, time).map(lambda p: f"{p[0]}T{':'.join(p[1][:3])}{p[1][3]}{p[1][4]}") | day
    )


@settings(max_examples=400, deadline=None)
@given(
    of_type=st.sampled_from(sorted(_TEXT_OF)),
    text=_dates() | st.text(_LETTERS) | st.text(st.characters(exclude_categories=["Cs"])),
)
def test_whatever_a_text_is(of_type: str, text: str) -> None:
    resource_type, elements, name = _TEXT_OF[of_type]
    resource: dict[str, Any] = {"resourceType": resource_type, **elements, name: text}
    if accepts(resource_type, encode(resource)):
        assert validate(resource) == []


@pytest.mark.parametrize(
    "number",
    [
        *("1.50", "-0", "0.0", "1e2", "1E-99", "1e-400", "1e-401", "1e-999", "1E-999", "1.7e308"),
        *("1e309", "0." + "0" * 500 + "1", "9" * 400, "1e99999999", "-1E-12345"),
    ],
)
def test_numbers_of_any_size(number: str) -> None:
    body = (
        '{"resourceType":"Observation","status":"final","code":{"text":"a"},'
        f'"valueQuantity":{{"value":{number} }} }}'
    ).encode()
    if accepts("Observation", body):
        assert validate(decode(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Patient","active":true,"active":1}',
        b'{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}',
        b'{"resourceType":"Patient","name":[{ }]}',
        b'{"resourceType":"Patient","name":[{\n}]}',
        b'{"resourceType":"Patient","language":"\\u0000"}',
        b'{"resourceType":"Patient","name":[{"text":"\\u001f"}]}',
        b'{"resourceType":"Patient","name":[{"text":"\\b"}]}',
        b'{"resourceType":"Patient","generalPractitioner":[{"reference":"#a"}]}',
        b'{"resourceType":"Practitioner"}',
        b"{}",
        b"",
        b"[]",
        b"\xff",
        b'{"resourceType":"Patient"}x',
    ],
)
def test_what_it_may_not_take(body: bytes) -> None:
    assert not accepts("Patient", body)


def test_what_is_common_goes_the_fast_way() -> None:
    extension = {"url": "http://a.b/c", "extension": [{"url": "d", "valueCode": "e"}]}
    concept = {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "收缩压"}
    observation = {
        "resourceType": "Observation",
        "id": "a",
        "meta": {"profile": ["http://a.b/p|1"], "tag": [{"code": "a"}]},
        "text": {
            "status": "generated",
            "div": '<div xmlns="http://www.w3.org/1999/xhtml">血压</div>',
        },
        "extension": [extension],
        "status": "final",
        "code": concept,
        "subject": {"reference": "Patient/a", "display": "王\\小明"},
        "performer": [{"reference": "Organization/b/_history/2"}],
        "effectivePeriod": {"start": "2024-02-29", "end": "2024-03-01T08:00:00.5+08:00"},
        "component": [{"code": concept, "valueQuantity": {"value": 120, "code": "mm[Hg]"}}],
    }
    assert accepts("Observation", encode(observation))


def test_every_type_has_a_shape() -> None:
    assert [t for t in TYPE_CODES if accepts(t, b'{"resourceType":"%s"}' % t.encode())]
    assert not accepts("Nonsense", b"{}")
    assert not accepts("Resource", b'{"resourceType":"Resource"}')


def test_check_says_what_is_wrong() -> None:
    for resource in (PATIENT, {**PATIENT, "gender": "男"}):
        assert check(resource, encode(resource)) == validate(resource)


def test_a_text_known_from_one_place_is_no_better_in_another() -> None:
    status = {"resourceType": "Observation", "status": "final", "code": {"text": "a"}}
    seen = encode({**status, "effectiveDateTime": "2024-02", "subject": {"reference": "Device/a"}})
    assert accepts("Observation", seen)
    assert accepts("Observation", seen)
    assert not accepts("Observation", encode({**status, "issued": "2024-02"}))
    assert not accepts("Observation", encode({**status, "encounter": {"reference": "Device/a"}}))
