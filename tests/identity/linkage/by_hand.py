"""The definition as tests of single cases use it: the platform's, with m and u set by hand."""

from pathlib import Path

import msgspec

from minkang.identity.linkage.definition import (
    ComparisonForm,
    Definition,
    load_definition,
    make_definition,
)

_Shares = dict[str, dict[str, tuple[float, float]]]


def definition_by_hand(frequencies: dict[str, dict[str, float]] | None = None) -> Definition:
    """Levels, rules, guards and keys of the platform; weights that training does not move."""
    shares = msgspec.yaml.decode((Path(__file__).parent / "hand.yaml").read_bytes(), type=_Shares)
    written = load_definition().written
    return make_definition(
        msgspec.structs.replace(
            written,
            prior=5e-7,
            link=9.0,
            review=2.0,
            margin=6.0,
            common=2e-4,
            frequencies=frequencies or {},
            comparisons=tuple(_with(one, shares[one.name]) for one in written.comparisons),
        )
    )


def _with(comparison: ComparisonForm, shares: dict[str, tuple[float, float]]) -> ComparisonForm:
    levels = tuple(
        one
        if one.null
        else msgspec.structs.replace(one, m=shares[one.name][0], u=shares[one.name][1])
        for one in comparison.levels
    )
    return msgspec.structs.replace(comparison, levels=levels)
