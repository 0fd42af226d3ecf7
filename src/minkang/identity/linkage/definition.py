"""How pairs are judged, as data: comparisons with their levels, blocking rules, thresholds.

The file is `definition.yaml`; training writes others of the same form. Every number of a level is
that of Fellegi and Sunter (1969): m, the share of the level among pairs of one resident that can be
compared, and u, that among pairs of two. A level with `frequency` takes for u the frequency of the
value itself where it is known (Winkler 1988), never below `least`, as Splink does with its
term-frequency adjustment of weight 1 and its own u as reference.
"""

import math
from collections.abc import Callable, Mapping
from importlib import resources
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgspec

from minkang.identity.linkage.predicates import KINDS, Holds, Kind, compiled

LEAST_SHARE: Final = 1e-10
"""No m or u counts below this, as in Splink."""


RuleName = Literal["id-number", "card"]
GuardName = Literal[
    "different-numbers",
    "numbers-apart",
    "two-on-one-number",
    "mother-and-child",
    "unknown-patient",
    "born-apart",
    "newborn",
    "other-twin",
    "other-twin",
    "twins",
    "relatives",
    "sex-and-birth",
    "birth-apart",
    "dead-before",
    "name-and-birth",
]
"""What rules and guards a definition may name; they are in `guards`."""


class DefinitionBrokenError(Exception):
    """A definition that cannot be used; says where."""


class LevelForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level as it is written.

    Attributes:
        when: the tests that must all hold (`predicates`); levels are tried in their order.
        null: nothing can be said: weight 0, no m and u.
        frequency: the column whose value's frequency stands for u.
        least: no frequency below this counts.
        zh, en: what the level is called.
    """

    name: str
    when: tuple[str, ...]
    zh: str
    en: str
    null: bool = False
    m: float = 0.0
    u: float = 0.0
    frequency: str = ""
    least: float = 0.0


class ComparisonForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparison as it is written; its last level holds always."""

    name: str
    zh: str
    en: str
    levels: tuple[LevelForm, ...]


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A definition as it is written.

    Attributes:
        version: which definition an edge was made by.
        prior: probability that two registrations drawn at random are of one resident.
        link, review: weights (log2 of the odds) from which pairs are linked, are looked at.
        margin: two links of one registration to two residents who cannot be one are both held
            back if their weights are no further apart.
        common: of names of at least this frequency the same village says nothing.
        same_name: levels of the comparison `name` with which two may be one person; near_name:
            those with which they may if something of the family or a card agrees too.
        guards: names of guards (`guards`), in order; rules: names of rules.
        blocking: for each rule the columns that must agree; a list agrees by any of its elements.
        frequencies: for a column the frequencies of its frequent values.
    """

    version: str
    prior: float
    link: float
    review: float
    margin: float = 0.0
    common: float = 1.0
    same_name: frozenset[str] = frozenset()
    near_name: frozenset[str] = frozenset()
    rules: tuple[RuleName, ...] = ()
    guards: tuple[GuardName, ...] = ()
    comparisons: tuple[ComparisonForm, ...]
    blocking: dict[str, tuple[str, ...]]
    frequencies: dict[str, dict[str, float]] = {}


class Level(msgspec.Struct, frozen=True, gc=False):
    """The level into which a comparison falls, and what it adds (log2 of the Bayes factor)."""

    comparison: str
    level: str
    weight: float


class Step(NamedTuple):
    """A level ready to be used: its test, and its weight.

    Of a level with frequencies `get` reads the column, and `weighed` holds the level as it weighs
    for each frequent value.
    """

    holds: Holds
    level: Level
    get: Callable[[Any], Any] | None
    weighed: Mapping[str, Level]


class Definition(msgspec.Struct, frozen=True):
    """A definition ready to be used: what is written, and what follows from it.

    Attributes:
        prior: log2 of the odds of `written.prior`.
        steps: for each comparison its levels in order.
        blocking: for each rule the columns that must agree.
    """

    written: Written
    prior: float
    steps: tuple[tuple[Step, ...], ...]
    blocking: tuple[tuple[str, tuple[Callable[[Any], Any], ...]], ...]


def make_definition(written: Written, kinds: Mapping[str, Kind] = KINDS) -> Definition:
    """A definition from its written form; `kinds` may hold tests beyond those of `predicates`.

    Raises:
        DefinitionBrokenError: a test, a share or a threshold is none, with its place.
    """
    if not 0 < written.prior < 1:
        raise DefinitionBrokenError("prior: not between 0 and 1")
    if written.review > written.link:
        raise DefinitionBrokenError("review: above link")
    steps = tuple(
        tuple(_step(written, comparison, level, kinds) for level in comparison.levels)
        for comparison in written.comparisons
    )
    for comparison in written.comparisons:
        if comparison.levels[-1].when != ("always",):
            raise DefinitionBrokenError(f"{comparison.name}: the last level must hold always")
    for name, columns in written.blocking.items():
        if not columns:
            raise DefinitionBrokenError(f"blocking/{name}: no column")
    blocking = tuple(
        (name, tuple(map(attrgetter, columns))) for name, columns in written.blocking.items()
    )
    return Definition(written, math.log2(written.prior / (1 - written.prior)), steps, blocking)


def _step(
    written: Written, comparison: ComparisonForm, level: LevelForm, kinds: Mapping[str, Kind]
) -> Step:
    place = f"{comparison.name}/{level.name}"
    try:
        test = compiled(level.when, kinds)
    except ValueError as error:
        raise DefinitionBrokenError(f"{place}: {error}") from None
    if level.null:
        return Step(test.holds, Level(comparison.name, level.name, 0.0), None, {})
    if not (0 < level.m <= 1 and 0 < level.u <= 1):
        raise DefinitionBrokenError(f"{place}: m and u must be above 0 and at most 1")
    frequencies = written.frequencies.get(level.frequency, {}) if level.frequency else {}
    weighed = {
        value: Level(comparison.name, level.name, weight_of(level.m, max(share, level.least)))
        for value, share in frequencies.items()
    }
    get = attrgetter(level.frequency) if weighed else None
    at_large = Level(comparison.name, level.name, weight_of(level.m, level.u))
    return Step(test.holds, at_large, get, weighed)


def weight_of(m: float, u: float) -> float:
    """log2 of the Bayes factor; as in Splink no share counts below 1e-10."""
    return math.log2(max(m, LEAST_SHARE) / max(u, LEAST_SHARE))


def load_definition(path: Path | None = None, kinds: Mapping[str, Kind] = KINDS) -> Definition:
    """The definition of a file; without one that which comes with the platform.

    Raises:
        DefinitionBrokenError: with the place of what is wrong.
        OSError: the file cannot be read.
    """
    data = path.read_bytes() if path else _built_in()
    try:
        written = msgspec.yaml.decode(data, type=Written)
    except msgspec.DecodeError as error:
        raise DefinitionBrokenError(f"{path or 'definition.yaml'}: {error}") from None
    return make_definition(written, kinds)


def _built_in() -> bytes:
    return (resources.files(__package__) / "definition.yaml").read_bytes()


def sql_of(level: LevelForm, kinds: Mapping[str, Kind] = KINDS) -> str:
    """The condition of a level as SQL (DuckDB) over columns with the suffixes `_l` and `_r`."""
    return compiled(level.when, kinds).sql


def dumped(written: Written) -> bytes:
    """A definition as YAML, to be read by `load_definition`."""
    return msgspec.yaml.encode(written)
