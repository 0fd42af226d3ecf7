"""The texts that residents agree to: each version as it was published, with its digest."""

from datetime import date
from functools import cache
from importlib import resources

import msgspec

from minkang.crypto import sm3


class ConsentText(msgspec.Struct, frozen=True):
    """One version of the form of consent; Chinese is what counts, English is for reading."""

    version: str
    published: date
    title: str
    chinese: tuple[str, ...]
    english: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """The SM3 of title and paragraphs, one a line: what a signature was given to."""
        return sm3("\n".join((self.title, *self.chinese)).encode())


@cache
def consent_texts() -> dict[str, ConsentText]:
    """All versions by their name, the oldest first."""
    file = resources.files("minkang.policy") / "consent_texts.yaml"
    found = msgspec.yaml.decode(file.read_bytes(), type=tuple[ConsentText, ...])
    return {one.version: one for one in found}


def text_in_force() -> ConsentText:
    """The text that is agreed to now: the one published last."""
    return max(consent_texts().values(), key=lambda one: (one.published, one.version))
