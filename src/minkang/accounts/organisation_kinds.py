"""Sorts of organisations as data, and the order of the tree's levels."""

from importlib import resources
from typing import Final, get_args

import msgspec

from minkang.accounts.organisations import Level

LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""From the top of the tree to its bottom."""

INSIDE: Final = frozenset({"department", "team"})
"""Levels within an institution."""


class OrganisationKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sort of organisation, and on which levels it may stand."""

    key: str
    name_zh: str
    name_en: str
    levels: tuple[Level, ...]


def _read() -> dict[str, OrganisationKind]:
    text = (resources.files("minkang.accounts") / "organisation_kinds.yaml").read_bytes()
    return {one.key: one for one in msgspec.yaml.decode(text, type=list[OrganisationKind])}


KINDS: Final = _read()
"""All sorts by key."""


def may_lie_in(level: Level, above: Level) -> bool:
    """Whether one level may lie directly in another: higher ones, and institutions (a village room
    of a township centre) and departments also in their like."""
    if level == above:
        return level in ("institution", "department")
    if level in INSIDE and LEVELS.index(above) < LEVELS.index("institution"):
        # A commission has departments of its own.
        return level == "department"
    return LEVELS.index(above) < LEVELS.index(level)
