"""The key that wraps data keys: in a file of the key folder, or behind a program (KMS, HSM).

    envelope.key           wraps from now on
    envelope.next.key      made and given to all servers, not yet in use
    envelope.previous.key  what was wrapped under it is still read
    envelope.command       instead: a JSON array, program and arguments; the key never comes here

A data key is kept wrapped beside the data it seals; without the wrapping key it is noise.
"""

import os
import subprocess
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from minkang.crypto.digests import hmac_sm3
from minkang.crypto.key_files import KeyFilesMissing, new_key_file, read_key_file
from minkang.crypto.sm4 import KEY_BYTES, Sm4Key

ENVELOPE, NEXT, PREVIOUS = "envelope.key", "envelope.next.key", "envelope.previous.key"
COMMAND = "envelope.command"
_SECONDS = 30


class Wrapping(Protocol):
    """Wraps data keys and unwraps them."""

    def name(self) -> str:
        """What the key that wraps now is called; no secret."""

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """A data key, wrapped; `about` says which it is and is needed to unwrap it."""

    def unwrap(self, wrapped: bytes, about: bytes, name: str) -> bytes:
        """The data key that was wrapped under the key of that name.

        Raises:
            KeyFilesMissing: there is no such key here.
            SealBroken: it is not what was wrapped.
        """


class FileWrapping(msgspec.Struct, frozen=True):
    """Key files of a folder. They are read anew each time: it is rare, and they may change."""

    folder: Path

    def name(self) -> str:
        """The fingerprint of `envelope.key`. Raises KeyFilesMissing."""
        return _name(read_key_file(self.folder / ENVELOPE))

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Wrap under `envelope.key`. Raises KeyFilesMissing."""
        return _sm4(read_key_file(self.folder / ENVELOPE)).seal(key, about)

    def unwrap(self, wrapped: bytes, about: bytes, name: str) -> bytes:
        """Unwrap with whichever file has that fingerprint. Raises KeyFilesMissing, SealBroken."""
        for file in (ENVELOPE, NEXT, PREVIOUS):
            path = self.folder / file
            if path.exists() and _name(secret := read_key_file(path)) == name:
                return _sm4(secret).unseal(wrapped, about)
        raise KeyFilesMissing(
            f"{self.folder}: no envelope key of fingerprint {name}; what it wraps can't be read: "
            "put the file back from where you keep copies"
        )


class CommandWrapping(msgspec.Struct, frozen=True):
    """A program: `PROGRAM ... name`, `... wrap ABOUT`, `... unwrap ABOUT NAME`.

    Key in and out in hexadecimal by standard input and output, ABOUT in hexadecimal, too. It ends
    with status 0 when it did.
    """

    command: tuple[str, ...]

    def name(self) -> str:
        """As the program says. Raises KeyFilesMissing."""
        return self._run("name", given="")

    def wrap(self, key: bytes, about: bytes) -> bytes:
        """Let it wrap. Raises KeyFilesMissing."""
        return _bytes(self._run("wrap", about.hex(), given=key.hex()))

    def unwrap(self, wrapped: bytes, about: bytes, name: str) -> bytes:
        """Let it unwrap. Raises KeyFilesMissing: also when it finds what was wrapped altered."""
        return _bytes(self._run("unwrap", about.hex(), name, given=wrapped.hex()))

    def _run(self, *arguments: str, given: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - named by whoever may write the key folder
                [*self.command, *arguments],
                input=given,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            # An error's own text might hold what was given to it.
            raise KeyFilesMissing(f"{self.command[0]}: {type(error).__name__}") from None
        if done.returncode:
            raise KeyFilesMissing(f"{self.command[0]} {arguments[0]} ended with {done.returncode}")
        return done.stdout.strip()


AnyWrapping: TypeAlias = FileWrapping | CommandWrapping


def wrapping_of(folder: Path) -> AnyWrapping:
    """How data keys are wrapped by the keys of a folder.

    Raises:
        KeyFilesMissing: `envelope.command` can't be read or is no array of texts.
    """
    path = folder / COMMAND
    if not path.exists():
        return FileWrapping(folder)
    try:
        command = msgspec.json.decode(path.read_bytes(), type=tuple[str, ...])
    except (OSError, msgspec.DecodeError) as error:
        raise KeyFilesMissing(f"{path}: cannot be read as a JSON array: {error}") from error
    if not command:
        raise KeyFilesMissing(f"{path}: names no program")
    return CommandWrapping(command)


def can_wrap(folder: Path) -> bool:
    """Whether there is a key to wrap with."""
    return (folder / ENVELOPE).exists() or (folder / COMMAND).exists()


def make_envelope_key(folder: Path) -> None:
    """Make the file of an installation that has none. Raises FileExistsError, OSError."""
    new_key_file(folder / ENVELOPE)


def make_next_key(folder: Path) -> None:
    """Make the key that shall wrap later, if it is not made yet. Raises OSError."""
    if not (folder / NEXT).exists():
        new_key_file(folder / NEXT)


def has_next_key(folder: Path) -> bool:
    """Whether a key that shall wrap later was made."""
    return (folder / NEXT).exists()


def take_next_key(folder: Path) -> None:
    """Let the next key be the one that wraps; the one before stays readable.

    The caller has seen to it that nothing is wrapped under `envelope.previous.key`, which goes.
    Each of the two renamings leaves all keys there that are needed. Raises OSError.
    """
    if (folder / ENVELOPE).exists():
        (folder / ENVELOPE).replace(folder / PREVIOUS)
    (folder / NEXT).rename(folder / ENVELOPE)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def finish_taking(folder: Path) -> None:
    """Finish `take_next_key` where it was killed between its renamings. Raises OSError."""
    if has_next_key(folder) and not (folder / ENVELOPE).exists():
        take_next_key(folder)


def _sm4(secret: bytes) -> Sm4Key:
    return Sm4Key(hmac_sm3(secret, b"minkang envelope")[:KEY_BYTES])


def _name(secret: bytes) -> str:
    return hmac_sm3(secret, b"minkang envelope name")[:8].hex()


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise KeyFilesMissing("the wrapping program did not answer in hexadecimal") from None
