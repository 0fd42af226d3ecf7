"""Whatever comes in, the answer is in FHIR's form and never says that it was our fault."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.asked import entry, observation, patient, transaction

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(
    "Patient Observation ab _history _search $validate $everything $export metadata * 1"
    " . .. patient identifier=x|y name:exact=z _count=-1 _count=0 _sort=-date _include=*"
    " _has:Observation:patient:code=1 date=ge2024 value-quantity=5.4||mg code:in=x subject.name=张"
    " _elements=id _summary=true _total=accurate _since=2024 _type=Patient _id"
    " _lastUpdated=sa2024".split()
)
SETTINGS = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
OBJECTS = [
    patient(birthDate="1980-01-01", name=[{"text": "张三", "family": "张"}], gender="male"),
    observation("ab", valueQuantity={"value": 5.4, "unit": "mmol/L", "code": "mmol/L"}),
    transaction(entry("PUT", "Patient/ab", patient("ab"), "urn:uuid:1")),
    transaction(entry("GET", "Patient?name=x"), entry("DELETE", "Patient/z"), kind="batch"),
]


def judged(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.json()["issue"]


@SETTINGS
@given(
    method=st.sampled_from(["GET", "HEAD", "DELETE", "POST", "PUT", "PATCH"]),
    path=st.lists(WORDS | TEXT, max_size=4),
    query=st.lists(st.tuples(WORDS | TEXT, WORDS | TEXT), max_size=4),
)
async def test_any_address(
    system: AsyncClient, method: str, path: list[str], query: list[tuple[str, str]]
) -> None:
    def part(text: str) -> str:
        return quote(text.encode("utf-8", "surrogatepass"), safe="$*:=|.,_-")

    address = "/".join(map(part, path)) + "?" + "&".join(f"{part(n)}={part(v)}" for n, v in query)
    judged(await system.request(method, address.lstrip("/")))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sound body with one value somewhere replaced, doubled or taken away."""
    whole = json.loads(json.dumps(draw(st.sampled_from(OBJECTS))))
    node = whole
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return whole
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and draw(st.booleans()):
            node = node[key]
            continue
        what = draw(st.sampled_from(["replace", "remove", "wrap", "add"]))
        if what == "replace":
            node[key] = draw(JSON)
        elif what == "wrap":
            node[key] = [node[key], node[key]]
        elif what == "add" and isinstance(node, dict):
            node[draw(TEXT | st.sampled_from(["reference", "resourceType", "id", "meta"]))] = draw(
                JSON
            )
        else:
            del node[key]
        return whole


@SETTINGS
@given(body=mutated())
async def test_any_resource(system: AsyncClient, body: Any) -> None:
    content = json.dumps(body).encode()
    judged(await system.post("", content=content))
    kind = body.get("resourceType") if isinstance(body, dict) else None
    kind = kind if kind in ("Patient", "Observation", "Bundle") else "Patient"
    judged(await system.post(kind, content=content))
    judged(await system.put(f"{kind}?identifier=x|y", content=content))
    judged(await system.post(f"{kind}/$validate", content=content))


@SETTINGS
@given(patch=st.lists(st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]) | JSON},
    optional={
        "path": st.sampled_from(["", "/name", "/name/0", "/name/-", "/name/9", "/birthDate", "x"])
        | JSON,
        "from": st.sampled_from(["/name", "/gender", "/meta"]) | JSON,
        "value": JSON,
    },
), max_size=3))  # fmt: skip
async def test_any_patch(system: AsyncClient, patch: Any) -> None:
    await system.put("Patient/hostile", json={**OBJECTS[0], "id": "hostile"})
    headers = {"content-type": "application/json-patch+json"}
    content = json.dumps(patch).encode()
    judged(await system.patch("Patient/hostile", content=content, headers=headers))


@SETTINGS
@given(
    name=st.sampled_from(
        "if-match if-none-match if-none-exist if-modified-since prefer accept content-type"
        " accept-encoding x-request-id host cookie authorization".split()
    ),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
)
async def test_any_header(system: AsyncClient, name: str, value: str) -> None:
    body = json.dumps({**OBJECTS[0], "id": "hostile"}).encode()
    judged(await system.get("Patient/hostile", headers={name: value}))
    judged(await system.put("Patient/hostile", content=body, headers={name: value}))
    judged(await system.post("Patient", content=body, headers={name: value}))


@pytest.mark.parametrize("value", ['"' * 5_000, "W/" * 5_000, "," * 5_000, "a=" * 5_000])
async def test_long_headers_take_no_long_time(system: AsyncClient, value: str) -> None:
    for name in ("if-match", "if-none-match", "prefer", "accept", "cookie", "accept-encoding"):
        judged(await system.get("Patient/hostile", headers={name: value}))
