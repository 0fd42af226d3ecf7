"""The names of a block's people: the father's family name for children, no two alike at home."""

import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.adults import Adults, Span
from minkang.synth.people.births import Couples, Newborns
from minkang.synth.people.founding import CHILD_1, ELDER_F, ELDER_M, HEAD, WIFE
from minkang.synth.people.names import (
    UYGHUR,
    given_names,
    nations,
    sibling_name,
    surnames,
    uyghur_name,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

_MOTHERS_NAME = 0.03


def named(
    span: Span, adults: Adults, couples: Couples, born: Newborns
) -> tuple[Texts, Texts, Ints]:
    """Family names, given names and nations (rows of names.NATIONS) of adults, then children."""
    households = len(span.rural)
    random = span.columns("names")
    of_house = random.random((3, households))
    own = random.random((3, len(adults.birth)))
    child = span.columns("child-names").random((len(born.birth), 2)).T
    house_nation = nations(of_house[0])
    nation = _nations(adults, house_nation, own[2])
    surname = _surnames(adults, of_house[1:], own[0], house_nation, nation)
    his, hers = couples.husband[born.couple], couples.wife[born.couple]
    takes = np.where(child[0] < _MOTHERS_NAME, hers, his)
    surname = np.concatenate([surname, surname[takes]])
    nation = np.concatenate([nation, nation[his]])
    male = np.concatenate([adults.male, born.male])
    birth = np.concatenate([adults.birth, born.birth])
    years = birth.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    uniform = np.concatenate([own[1], child[1]])
    given = given_names(uniform, male, years)
    for row in np.flatnonzero(nation == UYGHUR).tolist():
        surname[row], given[row] = uyghur_name(float(uniform[row]), bool(male[row]))
    household = np.concatenate([adults.household, couples.household[born.couple]])
    first = len(adults.birth)
    for row in np.flatnonzero(born.second).tolist():
        if nation[first + row] != UYGHUR:
            elder = str(given[first + row - 1])
            boy, year = bool(born.male[row]), int(years[first + row])
            given[first + row] = sibling_name(elder, boy, year, float(uniform[first + row]))
    _told_apart(household, given, uniform, male, years)
    return surname, given, nation


def _nations(adults: Adults, of_house: Ints, uniform: Floats) -> Ints:
    """The household's nation; wives and partners from outside share it every second time."""
    nation = of_house[adults.household]
    outside = (adults.member == WIFE + 1) | (adults.member > ELDER_F + 1)
    return np.where(outside & (uniform < 0.5), 0, nation)


def _surnames(
    adults: Adults, of_house: Floats, uniform: Floats, house_nation: Ints, nation: Ints
) -> Texts:
    founded = adults.roofs
    line = surnames(of_house[0], house_nation)  # of the head
    absent = surnames(of_house[1], np.zeros(len(house_nation), np.int64))  # of an absent father
    surname = surnames(uniform, nation)
    place = adults.member - 1
    house = adults.household
    head = place == HEAD
    surname[head] = line[house[head]]
    wife = founded.row[:, WIFE]
    child = (place >= CHILD_1) & (place < ELDER_M)
    with_father = adults.father >= 0
    surname[child & with_father] = line[house[child & with_father]]
    surname[child & ~with_father] = absent[house[child & ~with_father]]
    elders = np.flatnonzero(place == ELDER_M)
    own_son = adults.father[founded.row[house[elders], HEAD]] == elders
    daughter = wife[house[elders]]
    surname[elders] = np.where(
        own_son | (daughter < 0), line[house[elders]], surname[np.maximum(daughter, 0)]
    )
    return surname


def _told_apart(
    household: Ints, given: Texts, uniform: Floats, male: NDArray[np.bool_], years: Ints
) -> None:
    """Draws again, in place, for whoever has the given name of another of the household."""
    seen: set[tuple[int, str]] = set()
    for row, (house, name) in enumerate(zip(household.tolist(), given.tolist(), strict=True)):
        turn = 0
        while (house, given[row]) in seen and turn < 20:
            turn += 1
            again = np.array([(uniform[row] + 0.137 * turn) % 1.0])
            given[row] = given_names(again, male[row : row + 1], years[row : row + 1])[0]
        seen.add((house, given[row] if turn else name))
