"""Rules, guards and outcomes in DuckDB are those of Python, pair by pair."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import pytest

from minkang.identity.linkage.batch import Batch, Limits
from minkang.identity.linkage.definition import Definition, load_definition
from minkang.identity.linkage.features import Features
from minkang.identity.linkage.guards import GUARDS, RULES
from minkang.identity.linkage.score import score
from tests.identity.linkage.registers import some_features

_NAME = (
    "name", "names", "surname", "given", "sound", "sounds", "alike", "alikes", "alike_surname",
    "alike_given", "initials", "characters", "masked", "shorter",
)  # fmt: skip
_BIRTH = ("birth_date", "birth_year", "birth_day", "birth_parts", "birth_swapped", "moon_day")
_TAKEN = (
    _NAME, _NAME, _BIRTH, _BIRTH[:4], ("id_number", "id_raw"), ("sex",), ("phones",),
    ("address", "village", "town", "county", "division"), ("mother", "mother_sound", "kin_names"),
    ("given", "alike"), ("documents", "cards"), ("surname",), ("name", "names", "sound", "sounds"),
)  # fmt: skip
"""Columns that change together."""
_SAID: tuple[dict[str, Any], ...] = (
    {"id_number": "", "id_raw": ""}, {"id_number": "", "id_raw": ""},
    {"id_number": "", "id_raw": "", "phones": (), "cards": (), "documents": (), "kin_names": (),
     "mother": "", "kin_numbers": (), "address": ""},
    {"newborn": True, "name": "", "given": ""}, {"twin": True},
    {"twin": True, "birth_order": 1}, {"twin": True, "birth_order": 2}, {"unknown": True},
    {"died": "1999-01-01"}, {"seen": "2024-05-06"}, {"seen": ""}, {"phones": ()},
    {"cards": (("passport", "E12345678"),), "documents": (("passport", "E12345678"),)},
    {"cards": (("hospital", "1"),), "documents": ()}, {"kin_numbers": ()}, {"name": ""},
    {"birth_day": 0, "birth_date": "", "birth_year": ""},
    {"mother": "王芳", "kin_names": ("王芳",)},
)  # fmt: skip


def mixed(seed: int, count: int) -> list[tuple[Features, Features]]:
    """Pairs of which the one says much of what the other says, and something else."""
    draw, known = Random(seed), some_features()
    found = []
    for _ in range(count):
        one, other = draw.choice(known), draw.choice(known)
        changed = msgspec.structs.replace(one, source="second")
        for columns in draw.sample(_TAKEN, draw.choice((0, 1, 1, 2, 3))):
            changed = _with(changed, {column: getattr(other, column) for column in columns})
        for said in draw.sample(_SAID, draw.choice((0, 0, 1, 2))):
            changed = _with(changed, said)
        if draw.random() < 0.15:
            one = _with(one, draw.choice(_SAID))
        if draw.random() < 0.1 and one.id_number:
            changed = _with(changed, {"kin_numbers": (one.id_number,)})
        found.append((one, changed))
    return found


def _with(one: Features, fields: dict[str, Any]) -> Features:
    return msgspec.structs.replace(one, **fields)


def by_duckdb(definition: Definition, pairs: Sequence[tuple[Features, Features]]) -> dict[Any, Any]:
    """Outcome and rule of each pair that is not separate: each has a key of its own."""
    records = [one for pair in pairs for one in pair]
    with Batch(definition, Features, Limits()) as batch:
        batch.add(range(len(records)), records, [[2 * (at // 2)] for at in range(len(records))])
        rows = batch.pairs().to_pylist()
    return {row["a"] // 2: (row["outcome"], row["rule"], row["weight"]) for row in rows}


@pytest.mark.parametrize("seed", range(4))
def test_duckdb_judges_as_python_does(seed: int) -> None:
    definition = load_definition()
    pairs = mixed(seed, 5_000)
    found = by_duckdb(definition, pairs)
    for at, (a, b) in enumerate(pairs):
        scored = score(definition, a, b)
        if scored.outcome == "separate":
            assert at not in found, (scored, a, b)
        else:
            wanted = (scored.outcome, scored.rule, pytest.approx(scored.weight, abs=1e-9))
            assert found.get(at) == wanted, (scored, a, b)


def test_each_rule_and_guard_is_met_by_itself() -> None:
    """Those that separate are seen by what is left out: with that guard alone in force."""
    written = load_definition().written
    pairs = mixed(9, 12_000)
    met = Counter[str]()
    for name in dict.fromkeys(written.guards):
        alone = load_definition()
        alone = msgspec.structs.replace(alone, written=_only(written, name))
        found = by_duckdb(alone, pairs)
        for at, (a, b) in enumerate(pairs):
            scored = score(alone, a, b)
            met[scored.rule] += 1
            assert (found[at][:2] if at in found else ("separate",)) == (
                ("separate",) if scored.outcome == "separate" else (scored.outcome, scored.rule)
            ), (name, scored, a, b)
    assert {name for name in (*GUARDS, *RULES) if met[name] < 3} == set()


def _only(written: Any, guard: str) -> Any:
    return msgspec.structs.replace(written, guards=(guard,))
