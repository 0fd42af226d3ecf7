"""Searches with hostile values in every parameter of every type, from a seed."""

import random
from collections.abc import Iterator
from urllib.parse import quote

from minkang.fhir import TYPE_CODES
from minkang.fhir.search import Parameter
from minkang.fhir.search_parameters import parameters_of
from tests.fuzz.asked import Asked

INJECTIONS = (
    "' or '1'='1",
    "'; drop table store.resource; --",
    "1) or (1=1",
    "$1",
    '"; select pg_sleep(30); --',
    "\\' or 1=1 --",
    "x') union select null,null--",
)
"""SQL that would match everything, fail or wait if it ever became part of a statement."""

_VALUES = (
    *INJECTIONS,
    "%",
    "_",
    "%%%%",
    "\\",
    "\\\\",
    "\\,",
    "|",
    "||",
    "|||",
    "$",
    "$$",
    ",",
    ",,,",
    "a|b|c|d",
    ".*",
    "(a+)+$",
    "[",
    "*",
    "null",
    "true",
    "-1",
    "1e308",
    "1e-308",
    "-0",
    "9" * 60,
    "ap0",
    "gt9999-12-31",
    "lt0001",
    "2024-02-30",
    "2024",
    "ne2024-02-29T23:59:60Z",
    "Patient/x",
    "http://a b",
    "urn:oid:",
    "1||",
    "5.4|http://unitsofmeasure.org|mg/dL",
    "5.4|http://unitsofmeasure.org|(((((",
    "5.4|http://unitsofmeasure.org|10*999999",
    "\u0000",
    "\u202e",
    "é" * 100,
    "长",
    "𝒳",
    "a" * 3_000,
    " ",
    "+",
)
_MODIFIERS = (
    "",
    "",
    "",
    ":exact",
    ":contains",
    ":not",
    ":missing",
    ":text",
    ":above",
    ":below",
    ":in",
    ":of-type",
    ":identifier",
    ":Patient",
    ":nonsense",
    ":",
    "::",
)


def searches(seed: int, count: int) -> Iterator[Asked]:
    """Random types, parameters, modifiers, chains and values."""
    chance = random.Random(seed)
    for _ in range(count):
        kind = chance.choice(sorted(TYPE_CODES))
        pairs = [_pair(kind, chance) for _ in range(chance.choice((1, 1, 2, 5)))]
        yield Asked(name="random search", target=f"{kind}?{'&'.join(pairs)}", expected="answered")


def injections(kinds: list[str]) -> Iterator[Asked]:
    """Each piece of SQL in each parameter of some types."""
    for kind in kinds:
        for number, parameter in enumerate(parameters_of(kind).values()):
            value = INJECTIONS[number % len(INJECTIONS)]
            yield Asked(
                name="SQL in a value",
                target=f"{kind}?{parameter.code}={quote(value)}",
                expected="answered",
            )
        yield Asked(name="SQL in a name", target=f"{kind}?{quote(INJECTIONS[0])}=x")
        for name in ("_sort", "_include", "_revinclude", "_elements", "_count", "_after", "_total"):
            yield Asked(name=f"SQL in {name}", target=f"{kind}?{name}={quote(INJECTIONS[1])}")


def _pair(kind: str, chance: random.Random) -> str:
    name = _name(kind, chance, chance.choice((0, 0, 0, 1, 3)))
    value = chance.choice(_VALUES)
    if chance.random() < 0.1:
        value = ",".join(chance.choices(_VALUES, k=20))
    return f"{quote(name, safe=':._-')}={quote(value)}"


def _name(kind: str, chance: random.Random, deeper: int) -> str:
    parameter: Parameter = chance.choice(list(parameters_of(kind).values()))
    if deeper and parameter.kind == "reference":
        target = chance.choice(sorted(parameter.targets or TYPE_CODES))
        typed = f":{target}" if chance.random() < 0.7 else ""
        return f"{parameter.code}{typed}.{_name(target, chance, deeper - 1)}"
    if deeper and chance.random() < 0.3:
        other = chance.choice(sorted(TYPE_CODES))
        pointing = [p for p in parameters_of(other).values() if p.kind == "reference"]
        if pointing:
            code = chance.choice(pointing).code
            return f"_has:{other}:{code}:{_name(other, chance, deeper - 1)}"
    return parameter.code + chance.choice(_MODIFIERS)
