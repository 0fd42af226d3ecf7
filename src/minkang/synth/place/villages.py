"""Villages and communities of every town, and the order in which residents fill them."""

from random import Random
from typing import Final

import msgspec

from minkang.synth.draws import stream
from minkang.synth.place.entities import Town, Village
from minkang.synth.place.words import community_names, roads, village_names

PERSONS_PER_HOUSEHOLD: Final = 2.0
"""Of a Shandong coastal city (family households of the census of 2020: 2.3-2.4)."""

PRACTICE_STREET: Final = "371002003"
PRACTICE_TOWN: Final = "371003106"
"""A street and a rural town whose villages are filled first, so that few lives are whole places."""

FIRST_COMMUNITY: Final = "云溪社区"
_FIRST_SIZES: Final = (620, 540, 700, 580, 760)  # small, so that 2,000 residents fill several
_RURAL_SHARE: Final = 0.4
_COMMUNITY_MEAN: Final = 4200
_VILLAGE_MEAN: Final = 520
_VILLAGE_BOUNDS: Final = (300, 3000)
_COMMUNITY_BOUNDS: Final = (1500, 6000)


def villages(seed: int, towns: tuple[Town, ...]) -> tuple[Village, ...]:
    """All villages of the towns in the order of filling, populations adding up to the towns'.

    First those of the practice street and the practice town, so mixed that two in five residents
    are rural until the town is full; then the others by town. Codes count communities of a town
    from 001 and villages from 200, as the statistical division codes do.
    """
    sizes = {town.code: _sizes(stream(seed, "village-sizes", town.code), town) for town in towns}
    random = stream(seed, "village-names")
    rural = iter(village_names(random, sum(len(own) for _, own in sizes.values())))
    urban = iter(
        community_names(
            random, sum(len(own) for own, _ in sizes.values()), frozenset((FIRST_COMMUNITY,))
        )
    )
    found: dict[str, list[Village]] = {}
    for town in towns:
        draw = stream(seed, "roads", town.code)
        communities, hamlets = sizes[town.code]
        own = [
            _village(town, f"{number:03d}", next(urban), size, roads(draw))
            for number, size in enumerate(communities, 1)
        ]
        own += [
            _village(town, f"{number:03d}", next(rural), size, ())
            for number, size in enumerate(hamlets, 200)
        ]
        found[town.code] = own
    first = found[PRACTICE_STREET][0]
    found[PRACTICE_STREET][0] = msgspec.structs.replace(first, name=FIRST_COMMUNITY)
    return _numbered(_in_order(found))


def _village(
    town: Town, number: str, name: str, population: int, own_roads: tuple[str, ...]
) -> Village:
    households = max(1, round(population / PERSONS_PER_HOUSEHOLD))
    code = town.code + number
    return Village(
        code, name, town.code, town.county, population, households, 0, bool(own_roads), own_roads
    )


def _sizes(random: Random, town: Town) -> tuple[list[int], list[int]]:
    """Populations of a town's communities and of its villages.

    A rural town's seat has communities, too: about three residents in ten, more in large towns.
    """
    if town.urban:
        first = list(_FIRST_SIZES) if town.code == PRACTICE_STREET else []
        rest = town.population - sum(first)
        return first + _split(random, rest, _COMMUNITY_MEAN, 0.3, _COMMUNITY_BOUNDS), []
    share = min(0.3 + max(0.0, (town.population - 30_000) / 100_000), 0.85)
    seat = round(town.population * share)
    return (
        _split(random, seat, _COMMUNITY_MEAN, 0.25, _COMMUNITY_BOUNDS),
        _split(random, town.population - seat, _VILLAGE_MEAN, 0.45, _VILLAGE_BOUNDS),
    )


def _split(
    random: Random, total: int, mean: int, spread: float, bounds: tuple[int, int]
) -> list[int]:
    """The total in parts of about the mean, log-normal, each within the bounds."""
    low, high = bounds
    count = max(1, round(total / mean))
    raw = [random.lognormvariate(0.0, spread) for _ in range(count)]
    scale = total / sum(raw)
    parts = [min(max(round(one * scale), low), high) for one in raw]
    at, left = 0, total - sum(parts)
    while left:
        step = min(max(left, low - parts[at]), high - parts[at])
        step = max(min(step, 60), -60)
        parts[at] += step
        left -= step
        at = (at + 1) % count
    return parts


def _in_order(found: dict[str, list[Village]]) -> list[Village]:
    street, town = found[PRACTICE_STREET], found[PRACTICE_TOWN]
    hamlets = [village for village in town if not village.urban]
    seat = [village for village in town if village.urban]
    rural = [*hamlets[:3], *seat[:1], *hamlets[3:], *seat[1:]]
    ordered: list[Village] = []
    people = [0, 0]
    at = [0, 0]
    while at[0] < len(street) or at[1] < len(rural):
        wants_rural = people[1] < _RURAL_SHARE * sum(people)
        which = 1 if (wants_rural and at[1] < len(rural)) or at[0] == len(street) else 0
        village = (street, rural)[which][at[which]]
        ordered.append(village)
        people[which] += village.population
        at[which] += 1
    for code, own in found.items():
        if code not in (PRACTICE_STREET, PRACTICE_TOWN):
            ordered.extend(own)
    return ordered


def _numbered(ordered: list[Village]) -> tuple[Village, ...]:
    numbered = []
    first = 0
    for village in ordered:
        numbered.append(msgspec.structs.replace(village, first=first))
        first += village.households
    return tuple(numbered)
