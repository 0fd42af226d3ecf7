"""The rules: data in `rules.yaml`, read once, each with its check compiled."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from minkang.exchange.quality.checks import CHECKS
from minkang.exchange.quality.facts import Facts
from minkang.fhir import TYPE_CODES

Level = Literal["error", "warning"]
Dimension = Literal[
    "completeness", "validity", "consistency", "timeliness", "uniqueness", "linkage"
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

_PROGRAM = "1"
"""Goes up when a check judges otherwise than before: everything is then judged anew."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One rule.

    Attributes:
        id: stable name, shown and counted by.
        level: an error makes the fact wrong or useless, a warning makes it poorer.
        dimension: what it counts for.
        type: the FHIR type it judges.
        field: the element it is about, dotted.
        check: name of a function of `checks`.
        using: what the check needs beside the field.
        text: what is wrong where it fails, for the person who must mend it (Chinese).
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    level: Level
    dimension: Dimension
    type: str
    field: str
    check: str
    using: dict[str, Any] = {}
    text: Annotated[str, Meta(min_length=2)]


class RulesError(Exception):
    """The rules can't be read; says which rule and what is wrong with it."""


Judge = tuple[str, Callable[[Facts], bool | None]]
"""Id of a rule, and its check: True passed, False failed, None does not apply."""


def read_rules(text: bytes) -> tuple[Rule, ...]:
    """Rules from YAML.

    Raises:
        RulesError: a field is unknown, missing or wrong, an id comes twice, a check is unknown or
            gets what it does not take.
    """
    try:
        rules = msgspec.yaml.decode(text, type=list[Rule])
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise RulesError(str(error)) from error
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RulesError(f"{rule.id}: the id comes twice")
        seen.add(rule.id)
        if rule.type not in TYPE_CODES:
            raise RulesError(f"{rule.id}: type {rule.type!r} is no FHIR type")
        _compiled(rule)
    return tuple(rules)


def _compiled(rule: Rule) -> Callable[[Facts], bool | None]:
    factory = CHECKS.get(rule.check)
    if factory is None:
        raise RulesError(f"{rule.id}: there is no check {rule.check!r}")
    try:
        return factory(rule.field, **rule.using)
    except (TypeError, ValueError, KeyError) as error:
        raise RulesError(f"{rule.id}: using: {error}") from error


@cache
def _text() -> bytes:
    return (resources.files(__package__) / "rules.yaml").read_bytes()


@cache
def rules() -> Mapping[str, Rule]:
    """The rules that come with the program, by id, in their order."""
    return {rule.id: rule for rule in read_rules(_text())}


@cache
def judges() -> Mapping[str, tuple[Judge, ...]]:
    """The checks by FHIR type."""
    found: dict[str, list[Judge]] = {}
    for rule in rules().values():
        found.setdefault(rule.type, []).append((rule.id, _compiled(rule)))
    return {kind: tuple(several) for kind, several in found.items()}


@cache
def revision() -> str:
    """A name of exactly these rules and checks."""
    return f"{_PROGRAM}-{sha256(_text()).hexdigest()[:16]}"
