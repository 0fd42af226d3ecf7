"""Founders of a block's households and the partners who move in: when each comes, goes and dies."""

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from minkang.synth.people.chance import columns
from minkang.synth.people.couples import Weddings, divorce_days, weddings
from minkang.synth.people.demography import (
    NEVER,
    RURAL_MORTALITY,
    URBAN_MORTALITY,
    death_days,
)
from minkang.synth.people.founding import CHILD_1, WIFE
from minkang.synth.people.moves import household_moves, member_moves
from minkang.synth.people.roof import DIVORCED, MARRIED, SINGLE, WIDOWED, Roofs, roofs
from minkang.synth.people.slots import Slots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOVED_IN: Final = 10
"""Member number of a partner who moves in: this and the founder's."""


class Span(msgspec.Struct, frozen=True):
    """What a block's lives depend on beside their own numbers.

    `begin` and `today` are days; `rural` says which households are in villages, `rural_share`
    how many of all residents are.
    """

    seed: int
    number: int
    begin: int
    today: int
    rural: Bools
    rural_share: float

    def columns(self, purpose: str) -> np.random.Generator:
        """The random columns of this block for a purpose."""
        return columns(self.seed, purpose, self.number)

    def mortality(self) -> Floats:
        """Factor on the hazard of death by household."""
        return np.where(self.rural, RURAL_MORTALITY, URBAN_MORTALITY)


class Adults(msgspec.Struct, frozen=True):
    """Founders by row, and behind them the partners who moved in.

    `household` counts within the block. `spouse` is the row of the partner, -1 for none here;
    `married` the day of that wedding (0: none), `divorced` the day it ended so (NEVER).
    `marital` is the state before it. `came` and `went` are by household.
    """

    roofs: Roofs
    weddings: Weddings
    came: Ints
    went: Ints
    household: Ints
    member: Ints
    male: Bools
    birth: Ints
    serial: Ints
    mother: Ints
    father: Ints
    spouse: Ints
    married: Ints
    marital: Ints
    arrived: Ints
    left: Ints
    death: Ints
    divorced: Ints


def adults_of(span: Span, slots: Slots) -> Adults:
    """All founders and partners of a block, with days that depend on no later day."""
    random = span.columns("roofs")
    founded = roofs(random, span.begin, span.rural, span.rural_share)
    birth, serial = _founder_births(slots, founded, span.begin)
    founded = msgspec.structs.replace(founded, birth=birth)
    came, went = household_moves(
        span.columns("moves"), founded.anchor, span.rural, span.begin, span.today
    )
    arrived = came[founded.household]
    since = np.maximum(arrived, span.begin)
    death = _deaths(span, "deaths", birth, since, founded.male, founded.household)
    home = went[founded.household]
    alone = member_moves(span.columns("leaving"), founded, since)
    until = np.minimum(np.minimum(death, home), alone)
    wed = weddings(span.columns("weddings"), founded, span.begin, since, until)
    stays = (wed.married < NEVER) & ~wed.leaves
    left = np.where(wed.leaves, wed.married, np.where(stays, home, np.minimum(home, alone)))
    partners = _partners(span, slots, founded, wed)
    return _together(span, founded, wed, (came, went), (serial, arrived, left, death), partners)


def _founder_births(slots: Slots, founded: Roofs, begin: int) -> tuple[Ints, Ints]:
    """Days of birth that the block owns, near those wanted, and their serials."""
    birth = founded.birth.copy()
    serial = np.zeros(len(birth), dtype=np.int64)
    single = np.ones(len(birth), dtype=np.bool_)
    for household in np.flatnonzero(founded.twins).tolist():
        pair = founded.row[household, CHILD_1 : CHILD_1 + 2]
        males = (bool(founded.male[pair[0]]), bool(founded.male[pair[1]]))
        both = slots.twins(int(birth[pair[0]]), males, 12, begin)
        if both is not None:
            birth[pair] = both[0]
            serial[pair] = both[1:]
            single[pair] = False
    birth[single], serial[single] = slots.born_before(birth[single], founded.male[single], begin)
    return birth, serial


def _deaths(
    span: Span, purpose: str, birth: Ints, since: Ints, male: Bools, household: Ints
) -> Ints:
    uniform = span.columns(purpose).random(len(birth))
    return death_days(uniform, birth, since, male, span.mortality()[household])


def _partners(span: Span, slots: Slots, founded: Roofs, wed: Weddings) -> tuple[Ints, Ints, Ints]:
    """Birth, serial and death of those who move in."""
    male = ~founded.male[wed.founder]
    birth, serial = slots.born_before(wed.birth, male, span.begin)
    household = founded.household[wed.founder]
    return birth, serial, _deaths(span, "partner-deaths", birth, wed.moved_in, male, household)


def _together(
    span: Span, founded: Roofs, wed: Weddings, moves: tuple[Ints, Ints],
    own: tuple[Ints, Ints, Ints, Ints], partners: tuple[Ints, Ints, Ints],
) -> Adults:  # fmt: skip
    """Founders and partners in the same columns, with the divorces of all couples."""
    came, went = moves
    serial, arrived, left, death = own
    founder, count = wed.founder, len(wed.founder)
    rows = len(founded.birth) + np.arange(count)
    nobody = np.full(count, -1, dtype=np.int64)
    spouse = founded.spouse.copy()
    spouse[founder] = rows
    household = np.concatenate([founded.household, founded.household[founder]])
    married = np.where(wed.married < NEVER, wed.married, founded.married)
    everyone = Adults(
        roofs=founded,
        weddings=wed,
        came=came,
        went=went,
        household=household,
        member=np.concatenate([founded.place + 1, MOVED_IN + founded.place[founder] + 1]),
        male=np.concatenate([founded.male, ~founded.male[founder]]),
        birth=np.concatenate([founded.birth, partners[0]]),
        serial=np.concatenate([serial, partners[1]]),
        mother=np.concatenate([founded.mother, nobody]),
        father=np.concatenate([founded.father, nobody]),
        spouse=np.concatenate([spouse, founder]),
        married=np.concatenate([married, wed.married[founder]]),
        marital=np.concatenate([founded.marital, np.full(count, SINGLE)]),
        arrived=np.concatenate([arrived, wed.moved_in]),
        left=np.concatenate([left, went[household[rows]]]),
        death=np.concatenate([death, partners[2]]),
        divorced=np.full(len(household), NEVER),
    )
    return _with_divorces(span, everyone)


def _with_divorces(span: Span, adults: Adults) -> Adults:
    """Whoever is the head's wife, or moved in, goes when the couple divorces."""
    founded, wed = adults.roofs, adults.weddings
    partners = len(founded.birth) + np.arange(len(wed.founder))
    goes = np.concatenate([np.flatnonzero(founded.place == WIFE), partners])
    stays = adults.spouse[goes]
    her_birth = np.where(adults.male[goes], adults.birth[stays], adults.birth[goes])
    start = np.maximum(adults.arrived[goes], span.begin)
    uniform = span.columns("divorces").random((2, len(goes)))
    day = divorce_days(uniform[0], start, her_birth)
    together = np.minimum(
        np.minimum(adults.death[goes], adults.death[stays]),
        np.minimum(adults.left[goes], adults.left[stays]),
    )
    parts = day + 100 < together
    gone = day + (uniform[1] * 60).astype(np.int64)
    left, divorced = adults.left.copy(), adults.divorced.copy()
    left[goes[parts]] = gone[parts]
    divorced[goes[parts]] = day[parts]
    divorced[stays[parts]] = day[parts]
    return msgspec.structs.replace(adults, left=left, divorced=divorced)


def marital_states(adults: Adults, cut: Ints) -> Ints:
    """The state of each adult on a day of their own: SINGLE, MARRIED, WIDOWED or DIVORCED."""
    wed = (adults.married > 0) & (adults.married <= cut)
    there = adults.spouse >= 0
    partner_death = np.where(there, adults.death[adults.spouse], NEVER)
    partner_left = np.where(there, adults.left[adults.spouse], NEVER)
    widowed = (partner_death <= cut) & (partner_death <= partner_left)
    state = np.where(adults.divorced <= cut, DIVORCED, np.where(widowed, WIDOWED, MARRIED))
    return np.where(wed, state, adults.marital)
