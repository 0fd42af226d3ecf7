"""A block of households with all that happens to their people: the one source of thin and full.

A block is columns, one row a person. It depends on the seed, the first day, the villages and its
own number; the last day only cuts off what has not happened yet.
"""

from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.adults import Adults, Span, adults_of, marital_states
from minkang.synth.people.births import Couples, Newborns, Pregnancies, newborns, pregnancies
from minkang.synth.people.demography import NEVER, YEAR, death_days
from minkang.synth.people.founding import KINDS, WIFE
from minkang.synth.people.infections import cases_of
from minkang.synth.people.moves import OPEN
from minkang.synth.people.naming import named
from minkang.synth.people.numbers import id_numbers
from minkang.synth.people.roof import SINGLE
from minkang.synth.people.slots import Slots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

HOUSEHOLDS: Final = 340
"""Households of a block."""

BORN: Final = 20
"""Member number of a child born within the years: this and its turn, from 1."""


class Block(msgspec.Struct, frozen=True):
    """People by row, in order of household and member number.

    Days count from 1970-01-01; NEVER and OPEN stand for none. `household` counts through the
    region. `mother`, `father` and `spouse` are rows, -1 for nobody of the household; `marital` is
    the state on the last day (or at death or leaving). Pregnancies are by mother and day;
    `children` holds two rows each, -1 where there is none (yet); `outcome` is a place in
    births.OUTCOMES. Infections are by row of the person and day.
    """

    household: Ints
    member: Ints
    male: Bools
    birth: Ints
    death: Ints
    arrived: Ints
    left: Ints
    mother: Ints
    father: Ints
    spouse: Ints
    married: Ints
    marital: Ints
    surname: Texts
    given: Texts
    nation: Ints
    id_number: Texts
    pregnant: Ints
    last_period: Ints
    ended: Ints
    outcome: Ints
    parity: Ints
    children: Ints
    ill: Ints
    disease: Ints
    onset: Ints
    severity: Floats


@lru_cache(maxsize=6)
def whole_block(
    seed: int, begin: int, today: int, number: int, rural: bytes, rural_share: float
) -> Block:
    """The block up to the day before `today`; `rural` has a byte 1 for households in villages."""
    villages = np.frombuffer(rural, dtype=np.uint8).astype(np.bool_)
    span = Span(seed, number, begin, today, villages, rural_share)
    slots = Slots(number, begin - 40_000, begin + 12_000)
    adults = adults_of(span, slots)
    couples = _couples(span, adults)
    found = pregnancies(seed, number, couples, begin, today + 300)
    children, found = newborns(slots, found, begin)
    return _assembled(span, adults, couples, found, children)


def _couples(span: Span, adults: Adults) -> Couples:
    """Who may have children: heads with their wives, and the newly married."""
    founded, wed = adults.roofs, adults.weddings
    wives = np.flatnonzero(founded.place == WIFE)
    old = len(wives)
    newly = np.where(founded.male[wed.founder], adults.spouse[wed.founder], wed.founder)
    wife = np.concatenate([wives, newly])
    husband = adults.spouse[wife]
    children = np.flatnonzero(adults.mother >= 0)
    parity = np.bincount(adults.mother[children], minlength=len(adults.birth))[wife]
    last = np.full(len(adults.birth), -NEVER)
    np.maximum.at(last, adults.mother[children], adults.birth[children])
    with_child = np.array([kind.children > 0 for kind in KINDS])[founded.kind]
    childless = ~with_child[adults.household[wife]]
    childless[old:] = False
    age = (span.begin - adults.birth[wife]) / YEAR  # the older, the rarer that one will come yet
    return Couples(
        household=adults.household[wife],
        wife=wife,
        husband=husband,
        wife_birth=adults.birth[wife],
        start=np.concatenate([np.full(old, OPEN), adults.married[newly]]),
        end=np.minimum(
            np.minimum(adults.death[husband] - 15, adults.left[husband]),
            np.minimum(adults.divorced[wife] - 30, adults.left[wife]),
        ),
        here=adults.left[wife],
        dies=adults.death[wife],
        parity=parity,
        last=last[wife],
        factor=np.where(childless, np.interp(age, (23, 27, 32, 40), (0.9, 0.7, 0.4, 0.25)), 1.0),
    )


def _turns(groups: Ints) -> Ints:
    """For each row its turn among the rows of its group, from 1."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    first = np.searchsorted(ordered, ordered, side="left")
    turns = np.empty(len(groups), dtype=np.int64)
    turns[order] = np.arange(len(groups)) - first + 1
    return turns


class _Everyone(msgspec.Struct, frozen=True):
    """Adults and the children born within the years, uncut and unsorted."""

    household: Ints
    member: Ints
    male: Bools
    birth: Ints
    serial: Ints
    mother: Ints
    father: Ints
    arrived: Ints
    left: Ints
    death: Ints


def _everyone(span: Span, adults: Adults, couples: Couples, born: Newborns) -> _Everyone:
    household = couples.household[born.couple]
    mother, father = couples.wife[born.couple], couples.husband[born.couple]
    uniform = span.columns("child-deaths").random(len(household))
    death = death_days(uniform, born.birth, born.birth, born.male, span.mortality()[household])
    her_left = adults.left[mother]
    small = her_left - born.birth < 3 * YEAR  # goes where the mother goes
    went = adults.went[household]
    return _Everyone(
        household=np.concatenate([adults.household, household]),
        member=np.concatenate([adults.member, BORN + _turns(household)]),
        male=np.concatenate([adults.male, born.male]),
        birth=np.concatenate([adults.birth, born.birth]),
        serial=np.concatenate([adults.serial, born.serial]),
        mother=np.concatenate([adults.mother, mother]),
        father=np.concatenate([adults.father, father]),
        arrived=np.concatenate([adults.arrived, adults.came[household]]),
        left=np.concatenate([adults.left, np.where(small, np.minimum(her_left, went), went)]),
        death=np.concatenate([adults.death, death]),
    )


def _assembled(
    span: Span, adults: Adults, couples: Couples, found: Pregnancies, born: Newborns
) -> Block:
    """The sorted columns, cut off at the last day."""
    people = _everyone(span, adults, couples, born)
    grown = len(adults.birth)
    arrived = np.where(people.arrived <= people.birth, OPEN, people.arrived)
    entered = np.maximum(arrived, people.birth)
    there = (entered < span.today) & (people.left >= entered) & (people.death >= entered)
    there[grown:] &= born.birth <= adults.left[couples.wife[born.couple]]
    rows = np.flatnonzero(there)
    rows = rows[np.lexsort((people.member[rows], people.household[rows]))]
    new = np.full(len(there) + 1, -1, dtype=np.int64)  # the last one is for -1
    new[rows] = np.arange(len(rows))
    dies = (people.death < span.today) & (people.death <= people.left)
    leaves = (people.left < span.today) & ~dies
    spouse, married, marital = _partnership(span, adults, people)
    surname, given, nation = named(span, adults, couples, born)
    seen, children = _pregnant(span, couples, found, born, entered, new)
    cases = cases_of(span, people.birth, people.male, entered, people.left, people.death)
    order = np.lexsort((cases.onset, new[cases.person]))
    order = order[(new[cases.person[order]] >= 0) & (cases.onset[order] < span.today)]
    birth = people.birth[rows]
    return Block(
        household=people.household[rows] + span.number * HOUSEHOLDS,
        member=people.member[rows],
        male=people.male[rows],
        birth=birth,
        death=np.where(dies, people.death, NEVER)[rows],
        arrived=arrived[rows],
        left=np.where(leaves, people.left, NEVER)[rows],
        mother=new[people.mother[rows]],
        father=new[people.father[rows]],
        spouse=new[spouse[rows]],
        married=married[rows],
        marital=marital[rows],
        surname=surname[rows],
        given=given[rows],
        nation=nation[rows],
        id_number=np.array(id_numbers(birth, people.serial[rows]), dtype=object),
        pregnant=new[couples.wife[found.couple[seen]]],
        last_period=found.last_period[seen],
        ended=found.ended[seen],
        outcome=found.outcome[seen],
        parity=found.parity[seen],
        children=children,
        ill=new[cases.person[order]],
        disease=cases.disease[order],
        onset=cases.onset[order],
        severity=cases.severity[order],
    )


def _partnership(span: Span, adults: Adults, people: _Everyone) -> tuple[Ints, Ints, Ints]:
    """Partner's row, wedding day (0: none yet) and state of everyone on their last day."""
    grown, number = len(adults.birth), len(people.birth)
    cut = np.minimum(np.minimum(adults.left, adults.death), span.today - 1)
    spouse = np.full(number, -1, dtype=np.int64)
    married = np.zeros(number, dtype=np.int64)
    marital = np.full(number, SINGLE, dtype=np.int64)
    married[:grown] = np.where(adults.married <= cut, adults.married, 0)
    together = (married[:grown] > 0) & (adults.divorced > cut)
    spouse[:grown] = np.where(together, adults.spouse, -1)
    marital[:grown] = marital_states(adults, cut)
    return spouse, married, marital


def _pregnant(
    span: Span, couples: Couples, found: Pregnancies, born: Newborns, entered: Ints, new: Ints
) -> tuple[Ints, Ints]:
    """Rows of the pregnancies that are seen here, by mother and day, and their children's rows."""
    mother = couples.wife[found.couple]
    seen = np.flatnonzero(
        (new[mother] >= 0)
        & (found.ended >= np.maximum(entered[mother], span.begin))
        & (found.last_period < np.minimum(couples.here[found.couple], span.today))
    )
    seen = seen[np.lexsort((found.ended[seen], new[mother[seen]]))]
    children = np.full((len(found.couple), 2), -1, dtype=np.int64)
    first = len(entered) - len(born.birth)
    children[born.pregnancy, born.second.astype(np.int64)] = new[first + np.arange(len(born.birth))]
    return seen, children[seen]
