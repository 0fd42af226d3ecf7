"""`_summary` and `_elements` give the parts that R4 names, marked as such."""

from typing import Any

import pytest
from httpx import AsyncClient

from minkang.api.subset import Subset, part_of
from minkang.api.summary import summary_of
from minkang.fhir import decode, encode
from minkang.fhir.validate import check
from tests.api.asked import observation, patient, refused
from tests.fhir.validated_examples import official_examples

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
MARKED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
REASON = {"extension": [{"url": "urn:reason", "valueCode": "unknown"}]}


def rich_patient(resource_id: str) -> dict[str, Any]:
    """A Patient with elements of every sort."""
    return patient(
        resource_id,
        text={"status": "generated", "div": DIV},
        extension=[{"url": "urn:x", "valueString": "left out"}],
        modifierExtension=[{"url": "urn:m", "valueBoolean": True}],
        name=[{"family": "张", "_family": REASON, "extension": REASON["extension"]}],
        birthDate="1980",
        _birthDate=REASON,
        _gender=REASON,
        deceasedBoolean=False,
        maritalStatus={"text": "左"},
        photo=[{"contentType": "image/png", "data": "AAAA"}],
        contact=[{"name": {"family": "王"}}],
        link=[{"other": {"reference": "Patient/x"}, "type": "seealso", "id": "l1"}],
    )


def test_a_summary_holds_what_r4_marks_and_what_may_change_the_meaning() -> None:
    assert summary_of(rich_patient("r")) == {
        "resourceType": "Patient",
        "id": "r",
        "modifierExtension": [{"url": "urn:m", "valueBoolean": True}],
        "name": [{"family": "张"}],
        "birthDate": "1980",
        "_gender": REASON,
        "deceasedBoolean": False,
        "link": [{"other": {"reference": "Patient/x"}, "type": "seealso"}],
    }


def test_a_summary_goes_into_backbones_and_data_types() -> None:
    value = {"value": 5, "unit": "mmol/L"}
    made = observation(
        "p",
        "o",
        note=[{"text": "left out"}],
        component=[
            {
                "code": {"text": "a"},
                "valueQuantity": value,
                "interpretation": [{"text": "left out"}],
            }
        ],
    )
    found = summary_of(made)
    assert set(found) == {"resourceType", "id", "status", "code", "subject", "component"}
    assert found["component"] == [{"code": {"text": "a"}, "valueQuantity": value}]
    media = {"resourceType": "Media", "status": "completed"}
    content = {"contentType": "image/png", "data": "AAAA", "title": "x"}
    document = {"resourceType": "DocumentReference", "status": "current"}
    document |= {"content": [{"attachment": content}]}  # type: ignore[dict-item]
    short = {"contentType": "image/png", "title": "x"}
    assert summary_of(document)["content"] == [{"attachment": short}]
    assert "content" in summary_of({**media, "content": content}), "it must have one"


def test_an_element_that_has_nothing_but_extensions_is_not_left_empty() -> None:
    made = patient("p", name=[REASON, {"given": ["a", None], "_given": [None, REASON]}])
    assert summary_of(made)["name"] == made["name"]


def test_numbers_keep_their_digits_and_resources_inside_stay_whole() -> None:
    bundle = decode(
        b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":'
        b'"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1.50},'
        b'"note":[{"text":"kept"}]}}]}'
    )
    found = encode(summary_of(bundle))
    assert b'"value":1.50' in found
    assert b'"note"' in found


_EVERY = 4
"""One example in so many is looked at in `make test`, each of them in `make prove`."""


@pytest.mark.parametrize("every", [_EVERY, pytest.param(1, marks=pytest.mark.prove)])
def test_parts_of_the_official_examples_are_valid(every: int) -> None:
    """But for rules that look at what a part does not hold."""
    broken = {}
    for name, body in list(official_examples().items())[::every]:
        whole = decode(body)
        if not isinstance(whole, dict) or check(whole, body):
            continue
        for summary in ("true", "text", "data"):
            part = part_of(whole, Subset(summary))
            problems = [one for one in check(part, encode(part)) if "-" not in one.rule]
            if problems:
                broken[f"{name} {summary}"] = problems[0]
    assert not broken


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("_summary=true", {"modifierExtension", "name", "birthDate", "_gender", "deceasedBoolean"}),
        ("_summary=text", {"text"}),
        ("_elements=photo", {"photo"}),
        ("_elements=gender,deceased", {"_gender", "deceasedBoolean"}),
    ],
)
async def test_every_door_that_gives_resources_gives_the_same_part(
    system: AsyncClient, query: str, kept: set[str]
) -> None:
    await system.put("Patient/rich", json=rich_patient("rich"))
    read = (await system.get(f"Patient/rich?{query}")).json()
    extra = {"link"} if query == "_summary=true" else set()
    assert set(read) == {"resourceType", "id", "meta", *kept, *extra}
    assert read["meta"]["tag"] == [MARKED]
    assert read["meta"]["versionId"]
    version = (await system.get(f"Patient/rich/_history/1?{query}")).json()
    (found,) = (await system.get(f"Patient?_id=rich&{query}")).json()["entry"]
    history = (await system.get(f"Patient/rich/_history?{query}")).json()
    assert version == found["resource"] == history["entry"][0]["resource"] == read


async def test_what_a_type_must_have_is_always_there(system: AsyncClient) -> None:
    await system.put(
        "Observation/must", json=observation("rich", "must", issued="2024-01-01T00:00:00Z")
    )
    part = (await system.get("Observation/must?_elements=issued")).json()
    assert set(part) == {"resourceType", "id", "meta", "issued", "status", "code"}
    text = (await system.get("Observation/must?_summary=text")).json()
    assert set(text) == {"resourceType", "id", "meta", "status", "code"}


async def test_what_is_brought_along_is_a_part_too(system: AsyncClient) -> None:
    await system.put("Patient/rich", json=rich_patient("rich"))
    await system.put("Observation/along", json=observation("rich", "along"))
    query = "Observation?_id=along&_include=Observation:patient&_summary=true"
    page = (await system.get(query)).json()
    parts = {one["search"]["mode"]: one["resource"] for one in page["entry"]}
    assert set(parts) == {"match", "include"}
    assert all(one["meta"]["tag"] == [MARKED] for one in parts.values())
    assert "photo" not in parts["include"]
    assert "_summary=true" in page["link"][0]["url"]


async def test_the_whole_carries_no_mark(system: AsyncClient) -> None:
    await system.put("Patient/rich", json=rich_patient("rich"))
    for query in ("", "?_summary=false"):
        assert "tag" not in (await system.get(f"Patient/rich{query}")).json()["meta"]


@pytest.mark.parametrize(
    "query",
    ["_summary=some", "_elements=name.family", "_elements=Patient.name.family", "_elements=*"],
)
async def test_wrong_parts_are_refused(system: AsyncClient, query: str) -> None:
    await system.put("Patient/rich", json=rich_patient("rich"))
    place = query.partition("=")[0]
    for path in ("Patient/rich", "Patient", "Patient/rich/_history"):
        issue = refused(await system.get(f"{path}?{query}"), 400, "value")
        assert issue["expression"] == [place]
