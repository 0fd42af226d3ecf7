"""Our own token: nothing but what was made counts, and no text does harm."""

from hypothesis import given, settings
from hypothesis import strategies as st

from minkang.identity.codes.token import (
    PREFIX,
    Token,
    is_genuine,
    looks_like_token,
    mac_of,
    make_token,
    parse_token,
)

SECRET, OTHER = b"s" * 32, b"o" * 32
TEXT = make_token(mac_of(SECRET), "show", key=3, code=77, issued=1_790_000_000)


def counts(text: str, secret: bytes = SECRET, bound_to: str = "") -> bool:
    token = parse_token(text)
    return token is not None and is_genuine(token, mac_of(secret), bound_to)


def parsed(text: str) -> Token:
    token = parse_token(text)
    assert token is not None
    return token


def test_a_token_says_what_it_was_made_for() -> None:
    token = parsed(TEXT)
    assert (token.kind, token.key, token.code, token.issued) == ("show", 3, 77, 1_790_000_000)
    assert counts(TEXT)
    assert TEXT.isalnum()
    assert TEXT.upper() == TEXT


def test_two_tokens_of_one_moment_differ() -> None:
    mac = mac_of(SECRET)
    made = {make_token(mac, "show", key=1, code=1, issued=1) for _ in range(200)}
    assert len(made) == 200


def test_another_regions_key_does_not_count() -> None:
    assert not counts(TEXT, OTHER)


def test_a_visit_token_counts_where_it_was_given_alone() -> None:
    text = make_token(mac_of(SECRET), "visit", key=1, code=2, issued=3, bound_to="MK1")
    assert counts(text, bound_to="MK1")
    assert not counts(text, bound_to="MK2")
    assert not counts(text)


def test_every_bit_counts() -> None:
    raw = TEXT.encode()
    for place in range(len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            assert not counts(changed.decode("latin-1")), (place, bit)


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 98), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=+/\n\0 "))
def test_every_character_counts(place: int, letter: str) -> None:
    changed = TEXT[:place] + letter + TEXT[place + 1 :]
    assert counts(changed) == (changed == TEXT)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=300) | st.from_regex(PREFIX + r"[A-Z2-7]{0,200}"))
def test_no_text_does_harm(text: str) -> None:
    looks_like_token(text)
    assert not counts(text)
