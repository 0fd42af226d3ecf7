"""Data keys are unwrapped by the key that wrapped them, in a file or behind a program."""

import json
import sys
from pathlib import Path

import pytest

from minkang.crypto import KeyFilesMissing, SealBroken, new_key
from minkang.crypto.wrapping import (
    FileWrapping,
    finish_taking,
    make_envelope_key,
    make_next_key,
    take_next_key,
    wrapping_of,
)

PROGRAM = """
import sys
from minkang.crypto import Sm4Key
key = Sm4Key(bytes(range(16)))
given = bytes.fromhex(sys.stdin.read())
match sys.argv[1:]:
    case ["name"]: print("hsm-7")
    case ["wrap", about]: print(key.seal(given, bytes.fromhex(about)).hex())
    case ["unwrap", about, "hsm-7"]: print(key.unseal(given, bytes.fromhex(about)).hex())
    case _: sys.exit(4)
"""


def test_a_key_is_wrapped_for_its_number(tmp_path: Path) -> None:
    make_envelope_key(tmp_path)
    wrapping, key = wrapping_of(tmp_path), new_key()
    wrapped = wrapping.wrap(key, b"one")
    assert key not in wrapped
    assert wrapping.unwrap(wrapped, b"one", wrapping.name()) == key
    with pytest.raises(SealBroken):
        wrapping.unwrap(wrapped, b"two", wrapping.name())


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    make_envelope_key(tmp_path)
    with pytest.raises(FileExistsError):
        make_envelope_key(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["envelope.key"]


def test_a_lost_envelope_key_is_named(tmp_path: Path) -> None:
    make_envelope_key(tmp_path)
    wrapping = wrapping_of(tmp_path)
    wrapped, name = wrapping.wrap(new_key(), b""), wrapping.name()
    (tmp_path / "envelope.key").unlink()
    make_envelope_key(tmp_path)
    with pytest.raises(KeyFilesMissing, match=name):
        wrapping.unwrap(wrapped, b"", name)


def test_at_every_step_of_a_change_all_keys_can_be_unwrapped(tmp_path: Path) -> None:
    make_envelope_key(tmp_path)
    wrapping, key = FileWrapping(tmp_path), new_key()
    old, name = wrapping.wrap(key, b""), wrapping.name()
    make_next_key(tmp_path)
    assert wrapping.unwrap(old, b"", name) == key
    # As if killed between the two renamings.
    (tmp_path / "envelope.key").rename(tmp_path / "envelope.previous.key")
    assert wrapping.unwrap(old, b"", name) == key
    finish_taking(tmp_path)
    assert wrapping.name() != name
    assert wrapping.unwrap(old, b"", name) == key
    finish_taking(tmp_path)
    make_next_key(tmp_path)
    take_next_key(tmp_path)
    with pytest.raises(KeyFilesMissing, match=name):
        wrapping.unwrap(old, b"", name)


def test_a_program_may_wrap_and_the_key_never_comes_here(tmp_path: Path) -> None:
    (tmp_path / "hsm.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "hsm.py")]
    (tmp_path / "envelope.command").write_text(json.dumps(command))
    wrapping, key = wrapping_of(tmp_path), new_key()
    wrapped = wrapping.wrap(key, b"one")
    assert wrapping.name() == "hsm-7"
    assert wrapping.unwrap(wrapped, b"one", "hsm-7") == key
    for about, name in ((b"two", "hsm-7"), (b"one", "hsm-8")):
        with pytest.raises(KeyFilesMissing, match="ended with") as refused:
            wrapping.unwrap(wrapped, about, name)
        assert wrapped.hex() not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '"rm"', "[1]"])
def test_a_command_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "envelope.command").write_text(text)
    with pytest.raises(KeyFilesMissing, match=r"envelope\.command"):
        wrapping_of(tmp_path)
