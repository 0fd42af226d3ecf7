"""Who is together with whom: households, classes, workplaces, villages."""

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from minkang.synth.people import schooling
from minkang.synth.record import Household, Person, World

SETTINGS: Final = ("home", "class", "school", "work", "village")
_LEARNING: Final = ("nursery", "primary", "middle", "high")


class Member(msgspec.Struct, frozen=True, gc=False):
    """A person as an outbreak meets them. `groups` names the group of each setting."""

    key: str
    birth: date
    household: int
    village: str
    site: str
    kind: str  # of the site
    groups: dict[str, str]


class Members(msgspec.Struct, frozen=True):
    """Everybody within reach, and the groups in which they meet, each in order of keys."""

    people: dict[str, Member]
    groups: dict[tuple[str, str], tuple[str, ...]]


def members(world: World, households: Iterable[Household], day: date) -> Members:
    """Everybody of the households who is in the region on that day."""
    people: dict[str, Member] = {}
    groups: dict[tuple[str, str], list[str]] = {}
    for household in households:
        for person in household.people:
            if not person.here(day):
                continue
            member = _member(world, household, person, day)
            people[member.key] = member
            for setting, group in member.groups.items():
                groups.setdefault((setting, group), []).append(member.key)
    return Members(people, {key: tuple(sorted(found)) for key, found in groups.items()})


def _member(world: World, household: Household, person: Person, day: date) -> Member:
    """Pupils meet in class and school, teachers at the school, all others at work."""
    groups = {"home": household.key, "village": household.village}
    learns = schooling(world.place, world.seed, person, day)
    if learns is not None:
        site, kind = learns.site.key, learns.stage
        groups["school"] = site
        groups["class"] = learns.class_key
    else:
        site = person.site if person.age(day) >= 18 else ""
        kind = world.place.site(site).kind if site else ""
        if kind:
            groups["school" if kind in _LEARNING else "work"] = site
    return Member(person.key, person.birth, household.number, household.village, site, kind, groups)
