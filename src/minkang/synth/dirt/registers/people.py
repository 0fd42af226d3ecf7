"""Thin people with what a register asks for, and those who are easily taken for each other."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

import msgspec
import numpy as np

from minkang.synth.dirt.registers.mix import Mix
from minkang.synth.draws import stream
from minkang.synth.people import households_for, thin_blocks
from minkang.synth.people.demography import NEVER
from minkang.synth.people.homes import phone
from minkang.synth.people.names import sibling_name
from minkang.synth.people.numbers import id_numbers
from minkang.synth.people.thin import ThinBlock
from minkang.synth.record import World

_EPOCH: Final = date(1970, 1, 1)
_TWINS_SINCE: Final = 1985
_BEYOND: Final = (900_000, 1_500_000)
_GIVEN_ABROAD: Final = (
    "MINJUN", "SEOYEON", "HARUTO", "YUI", "ANNA", "PETER", "MARIA", "IVAN", "OLGA", "JAMES",
    "EMILY", "LUCAS", "SOPHIE", "JIHOON", "HINA", "DMITRI", "CLARA", "THOMAS", "ELENA", "DAVID",
)  # fmt: skip
_FAMILY_ABROAD: Final = (
    "KIM", "PARK", "TANAKA", "SATO", "IVANOV", "SMIRNOV", "SCHMIDT", "MARTIN", "BROWN", "WILSON",
    "CHOI", "SUZUKI", "PETROV", "LEHMANN", "DUBOIS", "TAYLOR", "JUNG", "MORI", "NOVAK", "ROSSI",
)  # fmt: skip
_PERMITS: Final = (("passport", "E"), ("hk-macao-permit", "H"), ("taiwan-permit", "0"))


class Resident(msgspec.Struct, frozen=True, gc=False):
    """The truth about one person; empty text and None for what there is not.

    `family_phone` is that of the first of the household; `spouse_number`, `mother` and
    `mother_number` are known where they live in the same household.
    """

    key: str
    surname: str
    given: str
    male: bool
    birth: date
    death: date | None
    id_number: str
    phone: str
    former_phone: str
    family_phone: str
    village: str
    spouse_number: str = ""
    mother: str = ""
    mother_number: str = ""
    twin: int = 0  # 1 and 2 for the elder and the younger
    card_kind: str = ""
    card_number: str = ""

    @property
    def name(self) -> str:
        """Family name first, as it is written."""
        return self.surname + self.given


def residents(world: World, mix: Mix, people: int) -> Iterator[Resident]:
    """At least so many people of the region, household by household, with planted look-alikes.

    Twins and namesakes have ID numbers that nobody else has; they follow the one they resemble.
    """
    taken: set[str] = set()
    towns = _towns(world)
    told = 0
    for block in thin_blocks(world, 2 * households_for(people)):
        taken.update(block.people.id_number.tolist())
        for resident in _of_block(world, block):
            for one in _with_lookalikes(world, mix, resident, towns, taken):
                told += 1
                yield one
        if told >= people:
            return


def _of_block(world: World, block: ThinBlock) -> Iterator[Resident]:
    people, keys = block.people, block.key
    first = np.searchsorted(people.household, people.household, side="left").tolist()
    births = people.birth.tolist()
    twin_of = _twins(people.mother.tolist(), births)
    for row, household in enumerate(people.household.tolist()):
        mother, spouse = int(people.mother[row]), int(people.spouse[row])
        member = int(people.member[row])
        yield Resident(
            key=keys[row],
            surname=people.surname[row],
            given=people.given[row],
            male=bool(people.male[row]),
            birth=_day(births[row]),
            death=None if people.death[row] >= NEVER else _day(int(people.death[row])),
            id_number=people.id_number[row],
            phone=phone(world.seed, household, member),
            former_phone=phone(world.seed, household, member, former=True),
            family_phone=phone(world.seed, household, int(people.member[first[row]])),
            village=block.village[row],
            spouse_number=people.id_number[spouse] if spouse >= 0 else "",
            mother=people.surname[mother] + people.given[mother] if mother >= 0 else "",
            mother_number=people.id_number[mother] if mother >= 0 else "",
            twin=twin_of.get(row, 0),
        )


def _twins(mothers: list[int], births: list[int]) -> dict[int, int]:
    """Rows of twins, the first and the second of each pair."""
    seen: dict[tuple[int, int], int] = {}
    found: dict[int, int] = {}
    for row, (mother, birth) in enumerate(zip(mothers, births, strict=True)):
        if mother < 0:
            continue
        elder = seen.setdefault((mother, birth), row)
        if elder != row:
            found[elder], found[row] = 1, 2
    return found


def _with_lookalikes(
    world: World, mix: Mix, one: Resident, towns: dict[str, list[str]], taken: set[str]
) -> Iterator[Resident]:
    """The person, and whoever is planted beside them."""
    random = stream(mix.seed, "resident", one.key)
    abroad, twin, namesake = (random.random() for _ in range(3))
    if abroad < mix.abroad:
        yield _from_abroad(one, random)
        return
    born = one.birth.year
    if twin < mix.twins and not one.twin and one.given and born > _TWINS_SINCE:
        male = one.male if random.random() < 0.65 else not one.male
        given = sibling_name(one.given, male, born, random.random())
        yield msgspec.structs.replace(one, twin=1)
        yield msgspec.structs.replace(
            one, key=f"{one.key}-twin", given=given, male=male, twin=2, spouse_number="",
            id_number=_free_number(one.birth, male, random, taken), death=None,
            phone=_other_phone(world, random), former_phone=_other_phone(world, random),
        )  # fmt: skip
        return
    yield one
    if namesake < mix.namesakes:
        yield msgspec.structs.replace(
            one, key=f"{one.key}-namesake", mother="", mother_number="", spouse_number="",
            id_number=_free_number(one.birth, one.male, random, taken), death=None, twin=0,
            phone=_other_phone(world, random), former_phone=_other_phone(world, random),
            family_phone=_other_phone(world, random),
            village=random.choice(towns[one.village[:9]]),
        )  # fmt: skip


def _from_abroad(one: Resident, random: Random) -> Resident:
    """The same person with a document that is no resident's card."""
    kind, letter = random.choice(_PERMITS)
    digits = f"{random.randrange(10**8):08d}"
    changed = msgspec.structs.replace(
        one, id_number="", card_kind=kind, card_number=f"{letter}{digits}"
    )
    if kind != "passport":
        return changed
    family, given = random.choice(_FAMILY_ABROAD), random.choice(_GIVEN_ABROAD)
    return msgspec.structs.replace(changed, surname=family, given=f" {given}", mother="")


def _free_number(birth: date, male: bool, random: Random, taken: set[str]) -> str:
    """A well-formed number of that day and sex that nobody has so far."""
    days = (birth - _EPOCH).days
    while True:
        serial = random.randrange(500) * 2 + (1 if male else 0)
        number = id_numbers(np.array([days]), np.array([serial]))[0]
        if number not in taken:
            taken.add(number)
            return number


def _other_phone(world: World, random: Random) -> str:
    """A telephone of a household whose number is beyond those that the region counts up to."""
    return phone(world.seed, random.randrange(*_BEYOND), random.randrange(32))


def _towns(world: World) -> dict[str, list[str]]:
    """Villages (twelve digits) by the nine digits of their town."""
    towns: dict[str, list[str]] = {}
    for village in world.place.villages:
        towns.setdefault(village.code[:9], []).append(village.code)
    return towns


def _day(days: int) -> date:
    return _EPOCH + timedelta(days=days)
