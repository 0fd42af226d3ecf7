"""Roles as data: what they are called, where their pages begin, which exclude each other."""

from collections.abc import Iterable
from importlib import resources
from typing import Final, Literal

import msgspec

Kind = Literal["clinical", "staff", "resident", "machine", "administrator"]
Need = Literal["person", "organisation"]


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role.

    Attributes:
        kind: what sort of role; `machine` never logs in.
        home: path of the page that log-in leads to.
        needs: what a post of this role can't be without.
        what_zh, what_en: what it is for, in a sentence.
    """

    key: str
    name_zh: str
    name_en: str
    kind: Kind
    home: str
    what_zh: str
    what_en: str
    needs: tuple[Need, ...] = ()


class Apart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody who holds a role of `one` may hold another one of `other`."""

    one: frozenset[str]
    other: frozenset[str]
    why_zh: str
    why_en: str

    def parts(self, first: str, second: str) -> bool:
        """Whether it forbids these two together."""
        if first == second:
            return False
        return (first in self.one and second in self.other) or (
            second in self.one and first in self.other
        )


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    roles: tuple[Role, ...]
    apart: tuple[Apart, ...]


class RolesBroken(Exception):  # noqa: N818 - reads as what happened
    """The file of roles contradicts itself; says where."""


def read_roles(text: bytes) -> tuple[dict[str, Role], tuple[Apart, ...]]:
    """Roles by key and the rules that keep some apart, from YAML.

    Raises:
        RolesBroken: it has another shape, a key stands there twice, or a rule names none.
    """
    try:
        table = msgspec.yaml.decode(text, type=_Table)
    except msgspec.MsgspecError as error:
        raise RolesBroken(f"roles.yaml: {error}") from error
    roles = {role.key: role for role in table.roles}
    if len(roles) != len(table.roles):
        raise RolesBroken("roles.yaml: a key stands there twice")
    for rule in table.apart:
        if unknown := sorted((rule.one | rule.other) - roles.keys()):
            raise RolesBroken(f"roles.yaml: apart names {', '.join(unknown)}")
    return roles, table.apart


BY_KEY, APART = read_roles(
    (resources.files("minkang.accounts") / "roles.yaml").read_bytes()
)  # fmt: skip

ROLES: Final = tuple(BY_KEY)
"""Keys of all roles."""

CLINICAL: Final = frozenset(key for key, role in BY_KEY.items() if role.kind == "clinical")
ADMINISTRATORS: Final = frozenset(
    key for key, role in BY_KEY.items() if role.kind == "administrator"
)
"""三员: system, security and audit administrator."""

MACHINES: Final = frozenset(key for key, role in BY_KEY.items() if role.kind == "machine")
"""Roles that come with a token and never log in."""


def conflict(role: str, held: Iterable[str]) -> tuple[str, Apart] | None:
    """The first of the roles held that this one may not be held together with, and the rule."""
    for other in sorted(set(held)):
        for rule in APART:
            if rule.parts(role, other):
                return other, rule
    return None


def home_of(role: str) -> str:
    """Where the pages of a role begin."""
    return BY_KEY[role].home if role in BY_KEY else "/home"
