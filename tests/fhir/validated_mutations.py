"""Resources spoiled in one place, in the ways that senders spoil them."""

import copy
import re
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

_TEXTS = (
    *("", " ", "a", "a b", " a", "a  b", "女", "a\tb", "a\u3000b", "a\u00a0b", "x" * 70, "\x00"),
    *("2024-02-30", "2023-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01"),
    *("9999-12-31", "2024-13", "2024", "2024-06", "2024-06-31", "2024-1-1", "24:00:00", "08:30"),
    *("2024-05-01T08:30:00+08:00", "2024-05-01T08:30:00", "2024-05-01T24:00:00Z"),
    *("2024-02-30T08:30:00Z", "2024-05-01T08:30:60.5Z", "2024-05-01t08:30:00z", "２０２４"),
    *("Patient/1", "Patient/", "Patient/1/_history/2", "Nonsense/1", "patient/1", "Group/1"),
    *("Patient?identifier=a", "http://a.b/Patient/1", "http://a.b/c", "#", "#a", "urn:uuid:1"),
    *("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "urn:oid:1.2.3", "urn:oid:1.02", "a/b"),
    *("male", "final", "unknown", "QUJD", "QUJ", "QQ==", "QUJD QUJD", "Q=JD", "QUJD\n", "_-=="),
    *("<div>a</div>", "<div onclick='x'>", "<DIV>a</DIV>", "<div><script>a</script></div>"),
    *(
        " <div><a href='javascript:x'>",
        "1e-500, ",
        "{}",
        "[]",
        "null",
        "\\",
        '"',
        "\\u0000",
        "\x1f",
    ),
)
_NUMBERS = (
    *(0, 1, -1, 2**31, 2**31 - 1, -(2**31) - 1, 10**400, 1.5, True, False),
    *(Decimal("1.0"), Decimal("1E+2"), Decimal("1E-500"), Decimal("1E+308"), Decimal("1E+309")),
    *(Decimal("0." + "0" * 450 + "1"), Decimal("0." + "0" * 190 + "1E-99"), Decimal("-0.0")),
)
_NAMES = (
    *("id", "extension", "valueString", "valueBoolean", "valueQuantity", "_value", "_id", "x"),
    *("deceasedBoolean", "deceasedDateTime", "contained", "resourceType", "reference", "type"),
    *("item", "text", "coding", "_status", "status", "identifier", "display", "fhir_comments", ""),
)


def mutated(resource: dict[str, Any], random: Random) -> dict[str, Any]:
    """A copy that differs in one place; often, not always, it is wrong."""
    spoiled = copy.deepcopy(resource)
    holder, key = random.choice(list(_places(spoiled)))
    _WAYS[random.randrange(len(_WAYS))](holder, key, random)
    return spoiled


def _places(node: Any) -> list[tuple[Any, Any]]:
    places = []
    held = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(held):
        places.append((node, key))
        if isinstance(value, dict | list):
            places += _places(value)
    return places


def _delete(holder: Any, key: Any, random: Random) -> None:
    del holder[key]


def _add(holder: Any, key: Any, random: Random) -> None:
    target = holder[key] if isinstance(holder[key], dict) else holder
    if isinstance(target, dict):
        value = random.choice(["a", True, 1, {"value": 1}, {"reference": "Patient/1"}, ["a"]])
        target[random.choice(_NAMES)] = value


def _retype(holder: Any, key: Any, random: Random) -> None:
    holder[key] = random.choice([1, "a", True, {}, [], None, {"id": "a"}, ["a"], [None], [[]]])


def _text(holder: Any, key: Any, random: Random) -> None:
    holder[key] = random.choice(_TEXTS)


def _number(holder: Any, key: Any, random: Random) -> None:
    holder[key] = random.choice(_NUMBERS)


def _wrap(holder: Any, key: Any, random: Random) -> None:
    holder[key] = [holder[key]]


def _unwrap(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder[key], list) and holder[key]:
        holder[key] = holder[key][0]


def _rename(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        holder[random.choice([f"_{key}", f"{key}s", key.lower(), *_NAMES])] = holder.pop(key)


def _deepen(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict):
        inner: dict[str, Any] = {"url": "http://a.b", "valueString": "a"}
        for _ in range(random.choice([1, 2, 3, 40, 80])):
            inner = {"url": "http://a.b", "extension": [inner]}
        holder["extension"] = [inner]


def _another_value(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder, dict) and isinstance(key, str):
        stem = re.sub("[A-Z].*", "", key)
        holder[stem + random.choice(["String", "Boolean", "DateTime", "Quantity"])] = "a"


def _repeat(holder: Any, key: Any, random: Random) -> None:
    if isinstance(holder[key], list):
        holder[key] = holder[key] * 2 + random.choice([[], [None], [{}], [""]])


_WAYS: tuple[Callable[[Any, Any, Random], None], ...] = (
    *(_delete, _add, _retype, _text, _number, _wrap, _unwrap, _rename, _deepen),
    *(_another_value, _repeat),
)
