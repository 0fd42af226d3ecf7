"""Components and parts of whole components."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from minkang.identity.linkage.components import components, parts

PAIRS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda one: one[0] != one[1])
)


def walked(pairs: list[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """The component of each node that is in a pair, by walking from it."""
    near: dict[int, set[int]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    found = {}
    for node in near:
        seen, ahead = {node}, [node]
        while ahead:
            new = near[ahead.pop()] - seen
            seen |= new
            ahead += new
        found[node] = frozenset(seen)
    return found


@given(PAIRS)
def test_a_component_is_what_can_be_walked_to(pairs: list[tuple[int, int]]) -> None:
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    found = components(ends[:, 0], ends[:, 1])
    for node, members in walked(pairs).items():
        assert found[node] == min(members)


@given(PAIRS, PAIRS, st.integers(1, 9))
def test_parts_are_whole_and_lose_nothing(
    pairs: list[tuple[int, int]], ties: list[tuple[int, int]], least: int
) -> None:
    table = pa.table(
        {
            "a": pa.array([min(one) for one in pairs], pa.int32()),
            "b": pa.array([max(one) for one in pairs], pa.int32()),
        }
    )
    whole = walked([*pairs, *ties])
    seen: list[int] = []
    told: list[tuple[int, int]] = []
    for nodes, part in parts(table, ties, least):
        assert all(whole[node] <= set(nodes) for node in nodes)
        between = [(row["a"], row["b"]) for row in part.to_pylist()]
        assert all({*one} <= set(nodes) for one in between)
        seen += nodes
        told += between
    assert sorted(seen) == sorted(whole)
    assert sorted(told) == sorted((min(one), max(one)) for one in pairs)
