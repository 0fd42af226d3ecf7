"""Who meets whom on a day: at home, in class, at school, at work, in the village."""

from collections.abc import Iterable
from datetime import date

import msgspec

from minkang.synth.people.households import household, number_of
from minkang.synth.people.schooling import schooling
from minkang.synth.record import Household, World


class Roster(msgspec.Struct, frozen=True):
    """Who of the households counted is together on a day: keys of people, in order of keys.

    `classes` is by key of the class, `sites` by key of the school (pupils and teachers), employer
    or care home, `villages` by their twelve digits. `places` gives each one's class (empty for
    none) and site.
    """

    homes: dict[str, tuple[str, ...]]
    classes: dict[str, tuple[str, ...]]
    sites: dict[str, tuple[str, ...]]
    villages: dict[str, tuple[str, ...]]
    places: dict[str, tuple[str, str]]


class Contacts(msgspec.Struct, frozen=True):
    """Those whom one person meets, without the person; classmates are at the site, too."""

    home: tuple[str, ...]
    class_: tuple[str, ...]
    site: tuple[str, ...]


def roster(world: World, people: Iterable[Household], day: date) -> Roster:
    """Groups of everybody of the households who is in the region on that day.

    Schools are those of that day; employers and care homes those of the last day of each.
    """
    homes: dict[str, list[str]] = {}
    classes: dict[str, list[str]] = {}
    sites: dict[str, list[str]] = {}
    villages: dict[str, list[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    for one in people:
        for person in one.people:
            if not person.here(day):
                continue
            homes.setdefault(one.key, []).append(person.key)
            villages.setdefault(one.village, []).append(person.key)
            learns = schooling(world.place, world.seed, person, day)
            site = learns.site.key if learns else _workplace(person.site, person.age(day))
            room = learns.class_key if learns else ""
            places[person.key] = (room, site)
            if room:
                classes.setdefault(room, []).append(person.key)
            if site:
                sites.setdefault(site, []).append(person.key)
    return Roster(_sorted(homes), _sorted(classes), _sorted(sites), _sorted(villages), places)


def _workplace(site: str, age: float) -> str:
    """The site of a grown person; a pupil of today had none before going to school."""
    return site if age >= 18 else ""


def _sorted(groups: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(groups[key])) for key in sorted(groups)}


def contacts(world: World, person: str, day: date, within: Roster | None = None) -> Contacts:
    """Whom a person meets on a day, by key.

    Without a roster the household alone is looked at; with one also class and site.

    Raises:
        KeyError: the person is not in the region on that day, or not in the roster.
    """
    found = within
    if found is None:
        found = roster(world, (household(world, number_of(world, person)),), day)
    room, site = found.places[person]
    home = person.rsplit("-", 1)[0]

    def others(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in group if key != person)

    if within is None:
        return Contacts(others(found.homes[home]), (), ())
    return Contacts(
        others(found.homes[home]),
        others(found.classes[room]) if room else (),
        others(found.sites[site]) if site else (),
    )
