from pathlib import Path

import pytest

from minkang.crypto import KeyFilesMissing, hmac_sm3, keyed_hash64, load_keys, sm3


def test_sm3_agrees_with_the_standards_first_example() -> None:
    # GB/T 32905-2016, annex A.1: the message "abc"
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abc").hex() == expected


def test_a_keyed_hash_depends_on_the_key() -> None:
    assert keyed_hash64(b"a" * 32, "x") != keyed_hash64(b"b" * 32, "x")
    assert hmac_sm3(b"k", b"x") != sm3(b"kx")


def test_keys_are_made_once_and_read_again(tmp_path: Path) -> None:
    first = load_keys(tmp_path / "keys", create=True)
    assert load_keys(tmp_path / "keys", create=True) == first
    secret = list((tmp_path / "keys").glob("*.key"))
    assert len(secret) >= 5
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in secret)


def test_a_partial_set_of_keys_is_never_completed(tmp_path: Path) -> None:
    load_keys(tmp_path, create=True)
    (tmp_path / "index.key").unlink()
    with pytest.raises(KeyFilesMissing, match=r"index\.key"):
        load_keys(tmp_path, create=True)
