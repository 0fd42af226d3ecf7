"""Resources made wrong in random places, from a seed."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from minkang.fhir import Resource
from tests.fuzz.asked import Asked

_TEXTS = (
    "",
    " ",
    "2024-02-30",
    "' or '1'='1",
    "%",
    "\\",
    "a\x00b",
    "\u202e",
    "𝒳" * 40,
    "长" * 5_000,
    "Patient/",
    "Patient/../x",
    "urn:uuid:",
    "http://[::1",
    "#",
    "#/x",
    "Patient?identifier=x",
    "1e400",
    "$(id)",
    "{{7*7}}",
    "\ud800",
)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    2**70,
    1.5,
    [],
    {},
    [[]],
    [None],
    {"a": {}},
    {"extension": [{"url": "u"}]},
    {"resourceType": "Patient"},
    *_TEXTS,
)

_SEEDS: tuple[Resource, ...] = (
    {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:fuzz", "value": "1", "type": {"coding": [{"code": "MR"}]}}],
        "active": True,
        "name": [{"use": "official", "family": "单", "given": ["雄信"]}],
        "telecom": [{"system": "phone", "value": "1"}],
        "birthDate": "1970-02-28",
        "_birthDate": {"extension": [{"url": "urn:t", "valueDateTime": "1970-02-28T10:00:00Z"}]},
        "address": [{"city": "海滨", "line": ["1"], "period": {"start": "2001"}}],
        "contact": [{"name": {"text": "x"}}],
        "managingOrganization": {"reference": "Organization/o"},
        "contained": [{"resourceType": "Organization", "id": "c", "name": "x"}],
        "extension": [{"url": "urn:x", "valueReference": {"reference": "#c"}}],
    },
    {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": "urn:c", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "14749-6"}]},
        "subject": {"reference": "Patient/fuzz"},
        "effectiveDateTime": "2026-01-01T08:00:00+08:00",
        "valueQuantity": {"value": 5.4, "unit": "mmol/L", "system": "urn:u", "code": "mmol/L"},
        "component": [{"code": {"text": "x"}, "valueCodeableConcept": {"text": "y"}}],
        "referenceRange": [{"low": {"value": 3}, "text": "3-6"}],
    },
    {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:0d0f1d3a-0000-4000-8000-000000000001",
                "resource": {"resourceType": "Patient", "active": True},
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a|b"},
            },
            {
                "resource": {
                    "resourceType": "Basic",
                    "code": {"text": "x"},
                    "subject": {"reference": "urn:uuid:0d0f1d3a-0000-4000-8000-000000000001"},
                },
                "request": {"method": "PUT", "url": "Basic/b", "ifMatch": 'W/"1"'},
            },
        ],
    },
    {
        "resourceType": "Nonsense",
        "status": "active",
    },
    {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "urn:q",
        "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "2", "type": "string"}]}],
    },
)


def bodies(seed: int, count: int) -> Iterator[Asked]:
    """Requests that write a damaged resource; whether it is refused is for the server to say."""
    chance = random.Random(seed)
    for _ in range(count):
        resource = copy.deepcopy(chance.choice(_SEEDS))
        for _ in range(chance.randint(1, 3)):
            _damage(resource, chance)
        yield _written(resource, chance)


def _written(resource: Resource, chance: random.Random) -> Asked:
    kind = resource.get("resourceType")
    target = kind if isinstance(kind, str) and kind.isalpha() and kind.isascii() else "Patient"
    body = json.dumps(resource).encode()  # all but ASCII, and what is no Unicode, as escapes
    if target == "Bundle":
        return Asked(
            name="damaged bundle", method="POST", body=_spoiled(body, chance), expected="answered"
        )
    return Asked(
        name="damaged resource",
        method="POST",
        target=target + chance.choice(("", "", "/$validate")),
        body=_spoiled(body, chance),
        expected="answered",
    )


def _spoiled(body: bytes, chance: random.Random) -> bytes:
    """One time in ten also a byte is changed, inserted or cut away."""
    if chance.random() > 0.1:
        return body
    at = chance.randrange(len(body))
    return body[:at] + chance.choice((b"", bytes([chance.randrange(256)]))) + body[at + 1 :]


def _damage(resource: Resource, chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(resource)))
    damage: Callable[[Any, Any, random.Random], None] = chance.choice(
        (_replace, _replace, _replace, _remove, _rename, _wrap, _repeat)
    )
    damage(holder, key, chance)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value, as what holds it and the name or number there."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, one in items:
        yield value, key
        yield from _places(one)


def _replace(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice(_VALUES))


def _remove(holder: Any, key: Any, _: random.Random) -> None:
    if key != "resourceType":
        del holder[key]


def _rename(holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, dict) and key != "resourceType":
        holder[chance.choice((f"{key}x", f"_{key}", key.upper(), ""))] = holder.pop(key)


def _wrap(holder: Any, key: Any, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 70))):
        holder[key] = chance.choice(([holder[key]], {"extension": holder[key]}))


def _repeat(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = [holder[key]] * chance.choice((2, 500))
