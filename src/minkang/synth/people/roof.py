"""The founders of a block's households as columns: one row a person, with parents and partner."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.demography import YEAR
from minkang.synth.people.founding import (
    CHILD_1,
    ELDER_F,
    ELDER_M,
    HEAD,
    KINDS,
    PLACES,
    UNIFORMS,
    WIFE,
    founders,
    mixture,
    normal,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SINGLE, MARRIED, WIDOWED, DIVORCED = range(4)


class Roofs(msgspec.Struct, frozen=True):
    """Founders by row, in order of household and place; links are rows, -1 for nobody.

    `household` counts within the block; `birth` and `married` are days (0 where not married);
    `marital` is the state on the first day. `row` finds a row by household and place. `kind` and
    `anchor` (age) are of the household.
    """

    household: Ints
    place: Ints
    male: Bools
    birth: Ints
    mother: Ints
    father: Ints
    spouse: Ints
    married: Ints
    marital: Ints
    row: Ints
    kind: Ints
    anchor: Floats
    twins: Bools


def roofs(random: np.random.Generator, begin: int, rural: Bools, rural_share: float) -> Roofs:
    """Founders of the households of a block; `rural` says which households are in villages."""
    number = len(rural)
    uniform = random.random((number, 4))
    kind = np.empty(number, dtype=np.int64)
    anchor = np.empty(number)
    for where in (False, True):
        mine = rural == where
        if mine.any():
            fitted = mixture(begin, rural_share, where)
            kind[mine], anchor[mine] = fitted.draw(uniform[mine, 0], uniform[mine, 1])
    made = founders(kind, anchor, random.random((number, UNIFORMS)))
    household, place = np.nonzero(~np.isnan(made.ages))
    row = np.full((number, PLACES), -1, dtype=np.int64)
    row[household, place] = np.arange(len(household))
    age = made.ages[household, place]
    birth = begin - 1 - np.floor(age * YEAR).astype(np.int64)
    male = made.male[household, place]
    mother, father = _parents(row, made.male, made.ages, uniform[:, 2], household, place)
    spouse = _spouses(row, household, place)
    own = random.random((len(household), 2))
    marital = _marital(made.ages, kind, household, place, male, spouse, own[:, 0])
    married = _wedding(row, birth, male, spouse, own[:, 1], begin)
    return Roofs(
        household, place, male, birth, mother, father, spouse, married, marital,
        row, kind, anchor, made.twins,
    )  # fmt: skip


def _parents(
    row: Ints, male: Bools, ages: Floats, uniform: Floats, household: Ints, place: Ints
) -> tuple[Ints, Ints]:
    """Rows of mother and father; elders are the husband's parents, in one of four the wife's."""
    has_wife = row[:, WIFE] >= 0
    mother_of_children = np.where(has_wife, row[:, WIFE], np.where(male[:, HEAD], -1, row[:, HEAD]))
    father_of_children = np.where(male[:, HEAD], row[:, HEAD], -1)
    child = (place >= CHILD_1) & (place < ELDER_M)
    mother = np.where(child, mother_of_children[household], -1)
    father = np.where(child, father_of_children[household], -1)
    elder = np.fmax(ages[:, ELDER_F], ages[:, ELDER_M] - 3.0)
    oldest = np.fmax(elder - ages[:, WIFE], 0.0)
    hers = has_wife & (uniform < 0.25) & (oldest < 44.0)
    theirs = (place == HEAD) & ~hers[household] | (place == WIFE) & hers[household]
    mother = np.where(theirs, row[household, ELDER_F], mother)
    father = np.where(theirs, row[household, ELDER_M], father)
    return mother, father


def _spouses(row: Ints, household: Ints, place: Ints) -> Ints:
    spouse = np.full(len(place), -1, dtype=np.int64)
    for one, other in ((HEAD, WIFE), (WIFE, HEAD), (ELDER_M, ELDER_F), (ELDER_F, ELDER_M)):
        mine = place == one
        spouse[mine] = row[household[mine], other]
    return spouse


_AGES = (20, 30, 40, 50, 60, 70, 80, 95)
_NEVER = (
    (1.0, 0.88, 0.5, 0.3, 0.22, 0.14, 0.08, 0.05),
    (1.0, 0.75, 0.25, 0.08, 0.03, 0.02, 0.01, 0.01),
)
_PARTED = ((0, 0.11, 0.45, 0.6, 0.4, 0.2, 0.06, 0.02), (0, 0.22, 0.65, 0.6, 0.3, 0.1, 0.03, 0.01))


def _marital(
    ages: Floats, kind: Ints, household: Ints, place: Ints, male: Bools, spouse: Ints,
    uniform: Floats,
) -> Ints:  # fmt: skip
    """The state on the first day of those without a partner, by age: single, parted, widowed."""
    age = ages[household, place]
    never = np.where(male, np.interp(age, _AGES, _NEVER[0]), np.interp(age, _AGES, _NEVER[1]))
    parted = np.where(male, np.interp(age, _AGES, _PARTED[0]), np.interp(age, _AGES, _PARTED[1]))
    with_child = np.array([k.children > 0 for k in KINDS])[kind][household] & (place == HEAD)
    parted = np.where(with_child, 0.8, parted)
    never = np.where(with_child, 0.0, never)
    at_home = (place >= CHILD_1) & (place < ELDER_M)
    never = np.where(at_home, 1.0, never)
    elder = (place == ELDER_M) | (place == ELDER_F)
    never, parted = np.where(elder, 0.0, never), np.where(elder, 0.03, parted)
    apart = parted * np.where(with_child, 0.25, 0.45)  # the partner lives and works elsewhere
    alone = np.where(
        uniform < never,
        SINGLE,
        np.where(
            uniform < never + apart,
            MARRIED,
            np.where(uniform < never + parted, DIVORCED, WIDOWED),
        ),
    )
    return np.where(spouse >= 0, MARRIED, alone)


def _wedding(
    row: Ints, birth: Ints, male: Bools, spouse: Ints, uniform: Floats, begin: int
) -> Ints:
    """The wedding day of couples: she about 25, before their first child, both of legal age."""
    married = np.zeros(len(birth), dtype=np.int64)
    wives = np.flatnonzero((spouse >= 0) & ~male)
    husbands = spouse[wives]
    wanted = birth[wives] + ((25.0 + 2.6 * normal(uniform[wives])) * YEAR).astype(np.int64)
    wanted = np.maximum(wanted, birth[wives] + int(20.1 * YEAR))
    wanted = np.maximum(wanted, birth[husbands] + int(22.1 * YEAR))
    wanted = np.minimum(wanted, begin - 1 - (uniform[wives] * 300).astype(np.int64))
    firstborn = np.full(len(birth) + 1, 2**30, dtype=np.int64)
    first = row[:, CHILD_1]
    there = (first >= 0) & (row[:, WIFE] >= 0)
    firstborn[row[there, WIFE]] = birth[first[there]]
    elder_m, elder_f = row[:, ELDER_M], row[:, ELDER_F]
    both = (elder_m >= 0) & (elder_f >= 0)
    firstborn[elder_f[both]] = np.minimum(
        birth[np.maximum(row[both, HEAD], 0)],
        np.where(row[both, WIFE] >= 0, birth[np.maximum(row[both, WIFE], 0)], 2**30),
    )
    wanted = np.minimum(wanted, firstborn[wives] - 240 - (uniform[wives] * 500).astype(np.int64))
    legal = np.maximum(birth[wives] + 7340, birth[husbands] + 8070)  # 20 and 22 years
    wanted = np.maximum(wanted, np.minimum(legal, firstborn[wives] - 60))
    married[wives] = wanted
    married[husbands] = wanted
    return married
