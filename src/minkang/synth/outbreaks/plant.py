"""Planting: from a request to the infections of people, with the tree of who infected whom."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.outbreaks.agents import AGENTS, Agent
from minkang.synth.outbreaks.members import Members, members
from minkang.synth.outbreaks.request import AUTO, Request
from minkang.synth.outbreaks.spread import Case, Seed, spread
from minkang.synth.record import Household, Infection, World

_LONGEST: Final = {
    "norovirus": 30,
    "measles": 90,
    "food-poisoning": 8,
    "new-respiratory": 120,
    "dysentery": 84,
}
"""Days that an outbreak is followed."""

_TAKES_OFF: Final = {
    "norovirus": 12,
    "measles": 6,
    "food-poisoning": 8,
    "new-respiratory": 40,
    "dysentery": 8,
}
_TRIES: Final = 12
"""Courses that are tried until one has so many cases; else the largest is taken."""


class Outbreak(msgspec.Struct, frozen=True):
    """One planted outbreak: its id, request, the place that was chosen, and its cases in order."""

    id: str
    request: Request
    place: str
    cases: tuple[Case, ...]


def plant(
    world: World, requests: Sequence[Request], households: Callable[[], Iterable[Household]]
) -> tuple[Outbreak, ...]:
    """The outbreaks that the requests ask for, among the people of the households.

    `households` gives them anew at every call (they are read once for each request and not kept).

    Raises:
        ValueError: a place that is none, or at which nobody of the households is.
    """
    planted = []
    for number, one in enumerate(requests, 1):
        if not world.begin <= one.day < world.today:
            raise ValueError(f"{one.day} lies outside of {world.begin} - {world.today}")
        reach = members(world, households(), one.day)
        place = _place(one, reach, world)
        tries = (_tried(world, one, number, place, reach, at) for at in range(_TRIES))
        best: tuple[Case, ...] = ()
        for cases in tries:
            best = max(best, cases, key=len)
            if len(best) >= _TAKES_OFF[one.kind]:
                break
        planted.append(Outbreak(f"{one.kind}-{number}", one, place, best))
    return tuple(planted)


def _tried(
    world: World, one: Request, number: int, place: str, reach: Members, attempt: int
) -> tuple[Case, ...]:
    """One course that the outbreak may take; most introductions of an agent die out by chance."""
    name = f"{one.kind}-{number}"
    random = stream(world.seed, "outbreak", name, one.day.isoformat(), attempt)
    agent = AGENTS[one.kind]
    until = float(min(world.today.toordinal(), one.day.toordinal() + _LONGEST[one.kind]))
    seeds = _SEEDS[one.kind](one, place, reach, random)
    if not seeds:
        raise ValueError(f"{one.kind}: nobody of these residents is at {place or one.place}")
    agent = _at_school(agent) if one.kind == "norovirus" else agent
    return tuple(spread(name, agent, seeds, reach, random, until))


def struck(outbreaks: Iterable[Outbreak]) -> dict[str, tuple[Infection, ...]]:
    """The infections for `World.struck`, by person."""
    found: dict[str, list[Infection]] = {}
    for outbreak in outbreaks:
        disease = AGENTS[outbreak.request.kind].disease
        for case in outbreak.cases:
            infection = Infection(disease, case.day, outbreak.id, case.infector, case.severity)
            found.setdefault(case.person, []).append(infection)
    return {key: tuple(found[key]) for key in sorted(found)}


def _at_school(agent: Agent) -> Agent:
    """Of a school's outbreak the village plays no part."""
    contacts = {setting: rate for setting, rate in agent.contacts.items() if setting != "village"}
    return msgspec.structs.replace(agent, contacts=contacts)


def _place(one: Request, reach: Members, world: World) -> str:
    """The place asked for; with `auto` the fitting one where most of the people are."""
    if one.place != AUTO:
        known = one.place in {site.key for site in world.place.sites}
        if not known and not (one.place.isdigit() and len(one.place) in (9, 12)):
            raise ValueError(f"{one.place!r} is no site, no village and no town")
        return one.place
    if one.kind in ("norovirus", "food-poisoning"):
        schools = [
            (len(people), group)
            for (setting, group), people in reach.groups.items()
            if setting == "school" and reach.people[people[0]].kind in ("nursery", "primary")
        ]
        if one.kind == "food-poisoning" or not schools:
            schools += [
                (len(people), group)
                for (setting, group), people in reach.groups.items()
                if setting in ("work", "school")
            ]
        return max(schools, default=(0, ""))[1]
    villages = [
        (len(people), group)
        for (setting, group), people in reach.groups.items()
        if setting == "village"
    ]
    return max(villages, default=(0, ""))[1]


def _there(place: str, reach: Members) -> list[str]:
    """Keys of those who learn or work at the site, or live in the village or town, in order."""
    return [
        key
        for key, member in sorted(reach.people.items())
        if member.site == place or (place.isdigit() and member.village.startswith(place))
    ]


def _school_seeds(one: Request, place: str, reach: Members, random: Random) -> list[Seed]:
    """One or two children who brought it from home, two days before anybody falls ill."""
    there = _there(place, reach)
    count = min(len(there), random.choice((1, 2)))
    start = one.day.toordinal()
    return [
        Seed(key, start - random.uniform(0.4, 1.2), "home") for key in random.sample(there, count)
    ]


def _measles_seeds(one: Request, place: str, reach: Members, random: Random) -> list[Seed]:
    """One grown-up who was infected elsewhere: the gap between the vaccine's first birth years."""
    there = _there(place, reach)
    grown = [key for key in there if 20 <= _age(reach, key, one.day) < 45] or there
    return [Seed(random.choice(grown), one.day.toordinal() - 12.0, "travel")] if grown else []


def _meal_seeds(one: Request, place: str, reach: Members, random: Random) -> list[Seed]:
    """Those whom one lunch made ill: 45 in 100 of who ate there, and the day's visitors."""
    there = _there(place, reach)
    lunch = one.day.toordinal() + 0.5
    struck = [key for key in there if random.random() < 0.45]
    if len(there) < 20:
        others = sorted(reach.people.keys() - set(there))
        guests = random.sample(others, min(len(others), 24 - len(there)))
        struck += [key for key in guests if random.random() < 0.45]
    return [Seed(key, lunch + random.uniform(0, 0.05), "canteen") for key in struck]


def _traveller_seeds(one: Request, place: str, reach: Members, random: Random) -> list[Seed]:
    """One traveller who came home two days before."""
    there = _there(place, reach)
    grown = [key for key in there if 25 <= _age(reach, key, one.day) < 60] or there
    return [Seed(random.choice(grown), one.day.toordinal() - 2.0, "travel")] if grown else []


def _water_seeds(one: Request, place: str, reach: Members, random: Random) -> list[Seed]:
    """Infections from food and water that rise by a third a week for ten weeks, then are found.

    The first week has one in a thousand residents of the place, at least one person in two weeks.
    """
    there = _there(place, reach)
    if not there:
        return []
    mean, seeds = max(len(there) / 1000, 0.5), []
    for week in range(12):
        expected = mean * 1.33 ** min(week, 9) * (1.0 if week < 10 else 0.3)
        for _ in range(_poisson(expected, random)):
            at = one.day.toordinal() + 7 * week + random.uniform(0, 7)
            seeds.append(Seed(random.choice(there), at, "water"))
    return seeds or [Seed(random.choice(there), float(one.day.toordinal()), "water")]


def _poisson(mean: float, random: Random) -> int:
    count, at = 0, random.expovariate(mean)
    while at < 1.0:
        count += 1
        at += random.expovariate(mean)
    return count


def _age(reach: Members, key: str, day: date) -> float:
    return (day - reach.people[key].birth).days / 365.25


_SEEDS: Final = {
    "norovirus": _school_seeds,
    "measles": _measles_seeds,
    "food-poisoning": _meal_seeds,
    "new-respiratory": _traveller_seeds,
    "dysentery": _water_seeds,
}
