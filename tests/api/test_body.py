"""The depth of JSON is told from its bytes, without any recursion."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from minkang.api.body import is_deeper

TREES = st.recursive(
    st.none() | st.text(st.sampled_from('[]{}"\\a,:'), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.sampled_from('[]{}"\\a'), max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(TREES, st.integers(0, 8))
def test_it_is_the_depth_that_counting_finds(tree: Any, limit: int) -> None:
    for indent in (None, 1):
        assert is_deeper(json.dumps(tree, indent=indent).encode(), limit) == (depth(tree) > limit)


def test_brackets_that_do_not_fit_are_left_to_the_decoder() -> None:
    assert is_deeper(b"[" * 1_000_000, 64) is False
    assert is_deeper(b'"' + b"[" * 1_000, 64) is False


def test_long_strings_full_of_escapes_are_no_trouble() -> None:
    assert is_deeper(b'["' + b"\\n" * 1_000_000 + b'"' + b",[]" * 100 + b"]", 64) is False
