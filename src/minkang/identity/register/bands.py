"""Age bands as data: which whole years of age are counted together."""

from bisect import bisect_right
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec

UNKNOWN: Final = "unknown"
"""The band of people whose birth date is not known."""


class BandsBroken(Exception):  # noqa: N818 - reads as what happened
    """A file of age bands is wrong; the text names the set and what is wrong."""


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from"}):
    """A set of age bands.

    Attributes:
        first: the first whole year of each band, rising from 0; the last band has no end.
        law: where the set comes from.
    """

    key: str
    zh: str
    en: str
    law: str
    first: tuple[int, ...]

    def name(self, age: int | None) -> str:
        """The band of an age: `15-19`, `0`, `85+`; `unknown` without one."""
        if age is None or age < 0:
            return UNKNOWN
        return self.names[bisect_right(self.first, age) - 1]

    def name_at(self, place: int) -> str:
        """The band of a place in `width_bucket(age, first)`: 1 the first band, 0 no age."""
        return self.names[place - 1] if place > 0 else UNKNOWN

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all bands, in order."""
        ends = (*(one - 1 for one in self.first[1:]), None)
        return tuple(
            f"{begin}+" if end is None else str(begin) if begin == end else f"{begin}-{end}"
            for begin, end in zip(self.first, ends, strict=True)
        )


def load_bands(text: bytes, where: str) -> dict[str, Bands]:
    """Sets of bands by key, from YAML.

    Raises:
        BandsBroken: not such a file, or bands that do not rise from 0.
    """
    try:
        found = msgspec.yaml.decode(text, type=list[Bands])
    except msgspec.DecodeError as error:
        raise BandsBroken(f"{where}: {error}") from error
    for one in found:
        if not one.first or one.first[0] != 0 or list(one.first) != sorted(set(one.first)):
            raise BandsBroken(f"{where}: {one.key}: bands must rise from 0")
    return {one.key: one for one in found}


@cache
def bands(file: Path | None = None) -> dict[str, Bands]:
    """The sets of a file, or those that come with the platform.

    Raises:
        BandsBroken: see `load_bands`.
        OSError: the file can't be read.
    """
    if file is not None:
        return load_bands(file.read_bytes(), file.name)
    shipped: Any = resources.files("minkang.identity.register") / "bands.yaml"
    return load_bands(shipped.read_bytes(), "bands.yaml")
