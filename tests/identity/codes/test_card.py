"""The published card: its chain against the vector, its texts there and back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity.codes.card import (
    card_id,
    dynamic_text,
    factor,
    parse_text,
    static_text,
    user_key,
    valid_until,
)
from minkang.identity.codes.index import DerivationMissing, derivation, derive_index

ROOT = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
INDEX = "ABD17E7ED399EF68AB5660155D6E226D2C92EAC3254A4A66BED83AED0ADA1E9E"
CARD = "98FF9F2C05145CB9305E9D8A57E072BB51180CA49E5BE5E9D41BCE3A9A571928"
PROTECTION = bytes(range(16))


def test_the_chain_gives_what_was_published() -> None:
    assert factor(INDEX).hex().upper() == "92CDCE45A16799FD"
    assert user_key(ROOT, INDEX).hex().upper() == "86C63180C2806ED1F47B859DE501215B"
    assert card_id(ROOT, INDEX, "01", "11010020171225006X") == CARD


@pytest.mark.parametrize(
    ("index", "kind", "number"),
    [("AB", "01", "1" * 18), (INDEX, "1", "1" * 18), (INDEX, "01", ""), (INDEX, "01", "王")],
)
def test_what_can_be_no_card_is_refused(index: str, kind: str, number: str) -> None:
    with pytest.raises(ValueError, match=r"hexadecimal|digits"):
        card_id(ROOT, index, kind, number)


def test_a_text_is_read_as_it_was_written() -> None:
    until = datetime(2026, 11, 2, 8, 1, tzinfo=UTC)
    static = parse_text(static_text(CARD))
    assert static is not None
    assert (static.card_id, static.form) == (CARD, "static")
    dynamic = parse_text(dynamic_text(CARD, PROTECTION, until))
    assert dynamic is not None
    assert (dynamic.card_id, dynamic.form) == (CARD, "dynamic")
    assert valid_until(dynamic.sealed, PROTECTION) == until
    assert valid_until(dynamic.sealed, bytes(16)) is None


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"[0-9A-F]{32,64}:[01](:[0-9A-F]{32})?"))
def test_any_text_is_read_or_is_none(text: str) -> None:
    found = parse_text(text)
    if found is not None and found.form == "static":
        assert static_text(found.card_id) == text.strip("\n")
    if found is not None and found.form == "dynamic":
        valid_until(found.sealed, PROTECTION)


def test_a_region_names_its_own_derivation() -> None:
    assert derivation("sm3") is derive_index
    assert derive_index("01", "1", "王") != derive_index("01", "1", "汪")
    own = derivation("minkang.identity.codes.index:derive_index")
    assert own("01", "1", "王") == derive_index("01", "1", "王")


@pytest.mark.parametrize(
    "setting", ["", "sm4", "no.such:function", "os:nothing", "os:name", "a:b:c"]
)
def test_a_derivation_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(DerivationMissing):
        derivation(setting)
