"""What each figure counts, as data (`definitions.yaml`): pages, exports and tests read the same."""

from functools import cache
from importlib import resources
from typing import Final

import msgspec


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure.

    Attributes:
        zh, en: what it is called; what_zh, what_en: what is counted.
        tables: from which tables.
        part: as of when it is (`parts.Part`).
        persons: it counts people or what happened to them: small numbers are protected.
    """

    key: str
    zh: str
    en: str
    what_zh: str
    what_en: str
    tables: tuple[str, ...]
    part: str
    persons: bool = False


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which numbers on something needs attention."""

    fall_share: float
    fall_least: int
    low_score: float
    score_fall: float


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limits: Limits
    figures: tuple[Definition, ...]


@cache
def _told() -> _Told:
    file = resources.files("minkang.record.region") / "definitions.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=_Told)


def definitions() -> dict[str, Definition]:
    """All figures by key, in the order of the page."""
    return {one.key: one for one in _told().figures}


def limits() -> Limits:
    """From which numbers on something needs attention."""
    return _told().limits


KEYS: Final = tuple(definitions())
"""Keys of all figures."""
