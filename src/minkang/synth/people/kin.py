"""How the members of a household are related to its head, as the household register says it."""

from typing import Final

import msgspec

HEAD: Final = "户主"
OTHER: Final = "其他"


class Links(msgspec.Struct, frozen=True):
    """A member's sex and the places of mother, father and partner in the household (-1: none)."""

    male: bool
    mother: int
    father: int
    spouse: int


def relations(members: list[Links], head: int) -> list[str]:
    """The relation of each member to the member at `head`."""
    return [_relation(members, head, at) for at in range(len(members))]


def _relation(members: list[Links], head: int, at: int) -> str:
    if at == head:
        return HEAD
    one, chief = members[at], members[head]
    if head == one.spouse or at == chief.spouse:
        return "配偶"
    if head in (one.mother, one.father) or (
        chief.spouse >= 0 and chief.spouse in (one.mother, one.father)
    ):
        return "子" if one.male else "女"
    if at == chief.father:
        return "父亲"
    if at == chief.mother:
        return "母亲"
    return _by_marriage(members, head, at) or _further(members, head, at) or OTHER


def _child(members: list[Links], at: int, parent: int) -> bool:
    return parent >= 0 and parent in (members[at].mother, members[at].father)


def _by_marriage(members: list[Links], head: int, at: int) -> str:
    """Children's partners, and the partner's parents."""
    one, chief = members[at], members[head]
    if one.spouse >= 0 and (
        _child(members, one.spouse, head) or _child(members, one.spouse, chief.spouse)
    ):
        return "女婿" if one.male else "儿媳"
    partner = members[chief.spouse] if chief.spouse >= 0 else None
    if partner is not None and at == partner.father:
        return "岳父" if chief.male else "公公"
    if partner is not None and at == partner.mother:
        return "岳母" if chief.male else "婆婆"
    return ""


def _further(members: list[Links], head: int, at: int) -> str:
    """Grandchildren, brothers and sisters, grandparents."""
    one, chief = members[at], members[head]
    for parent in (one.father, one.mother):
        if parent >= 0 and (_child(members, parent, head) or _child(members, parent, chief.spouse)):
            own = "" if members[parent].male else "外"
            return own + ("孙子" if one.male else "孙女")
    for parent in (chief.father, chief.mother):
        if parent >= 0 and _child(members, at, parent):
            return "兄弟姐妹"
        if parent >= 0 and _child(members, parent, at):
            side = ("祖父", "祖母") if members[parent].male else ("外祖父", "外祖母")
            return side[0] if one.male else side[1]
    return ""
