"""Households with their people as records: what a block's columns say, and what the register knows.

`household` is all that lives need of a household; it is made of the same columns as the thin
lives, so both depths tell of the same people.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import numpy as np

from minkang.synth.draws import share, stream
from minkang.synth.people import standing as standings
from minkang.synth.people.births import LIVE, OUTCOMES
from minkang.synth.people.block import BORN, HOUSEHOLDS, Block, whole_block
from minkang.synth.people.demography import EPOCH, NEVER, days_of
from minkang.synth.people.homes import address, phone
from minkang.synth.people.infections import KEYS
from minkang.synth.people.kin import Links, relations
from minkang.synth.people.moves import OPEN
from minkang.synth.people.names import NATIONS
from minkang.synth.people.schooling import attending
from minkang.synth.people.where import Ground, ground
from minkang.synth.place import Village
from minkang.synth.record import Household, Infection, Person, Pregnancy, World

_MARITAL: Final = ("未婚", "已婚", "丧偶", "离婚")
_MOVED: Final = 0.11  # of households, within the region in the years
_NEW_PHONE: Final = 0.08
_PRESENT: Final = 1.97
"""Residents on a day for each household: 2.3 at home, and homes that stand empty for a while."""

_INDUSTRY: Final = frozenset(
    ("船舶制造", "水产品加工", "石材加工", "化工", "渔具制造", "橡胶制品", "纺织服装", "机械铸造",
     "家具制造", "火力发电", "电子制造", "建筑施工", "果蔬种植", "海水养殖")
)  # fmt: skip


def block_at(world: World, number: int) -> Block:
    """The block that a household is in, by the household's number. Remembers the last few.

    Raises:
        IndexError: the place has not so many households.
    """
    where = ground(world.place)
    if not 0 <= number < where.households:
        raise IndexError(f"household {number} is not within 0-{where.households - 1}")
    block = number // HOUSEHOLDS
    numbers = np.arange(block * HOUSEHOLDS, (block + 1) * HOUSEHOLDS)
    rural = where.rural_of(numbers).astype(np.uint8).tobytes()
    begin, today = days_of(world.begin), days_of(world.today)
    return whole_block(world.seed, begin, today, block, rural, where.rural_share)


def household_key(village: Village, within: int) -> str:
    """The key of a household by its number in the village, from 0."""
    return f"{village.code}-{within + 1:04d}"


def person_key(household: str, member: int) -> str:
    """The key of a member of the household."""
    return f"{household}-{member:02d}"


def number_of(world: World, key: str) -> int:
    """The household's number in the region for its key or the key of one of its people.

    Raises:
        KeyError: the place has no such village.
    """
    village, within = key.split("-")[:2]
    first: int = world.place.village(village).first
    return first + int(within) - 1


def households_for(residents: int) -> int:
    """How many households, from number 0, hold about that many residents on a day."""
    return max(1, round(residents / _PRESENT))


def residents_in(households: int) -> int:
    """About how many residents these households hold on a day; back by `households_for`."""
    return round(households * _PRESENT)


def household(world: World, number: int) -> Household:
    """A household with everybody who lives or lived there within the years of the region.

    The same for the same world and number, whatever was asked before. Raises IndexError for a
    number that the place does not have.
    """
    block = block_at(world, number)
    where = ground(world.place)
    village, within = where.village_of(number)
    rows = range(*np.searchsorted(block.household, (number, number + 1)).tolist())
    key = household_key(village, within)
    people = _Members(world, where, block, number, village, within, key, rows).people()
    return Household(key, number, village.code, people)


def households(world: World, numbers: range) -> Iterator[Household]:
    """These households in order; memory stays the same however many they are."""
    for number in numbers:
        yield household(world, number)


def day_of(days: int) -> date:
    """The date of a day since 1970-01-01."""
    return date.fromordinal(days + EPOCH)


class _Members:
    """Makes the records of one household; nothing is kept."""

    def __init__(
        self, world: World, where: Ground, block: Block, number: int, village: Village,
        within: int, key: str, rows: range,
    ) -> None:  # fmt: skip
        self.world = world
        self.where = where
        self.block = block
        self.number = number
        self.village = village
        self.key = key
        self.rows = rows
        self.schooled = share(world.seed, "schooled", number)
        self.address = address(world.place.address(village.code), village, within)
        part = slice(rows.start, rows.stop)
        self.member: list[int] = block.member[part].tolist()
        self.male: list[bool] = block.male[part].tolist()
        self.birth: list[int] = block.birth[part].tolist()
        self.death: list[int] = block.death[part].tolist()
        self.arrived: list[int] = block.arrived[part].tolist()
        self.left: list[int] = block.left[part].tolist()
        self.mother = self._places(block.mother[part])
        self.father = self._places(block.father[part])
        self.spouse = self._places(block.spouse[part])
        self.keys = [person_key(key, member) for member in self.member]

    def _places(self, column: Any) -> list[int]:
        """Rows of the block as places in the household."""
        first = self.rows.start
        return [row - first if row >= 0 else -1 for row in column.tolist()]

    def people(self) -> tuple[Person, ...]:
        """Everybody of the household."""
        links = [
            Links(*four)
            for four in zip(self.male, self.mother, self.father, self.spouse, strict=True)
        ]
        related = relations(links, self._head())
        moved = self._moved()
        return tuple(self._person(at, related[at], moved) for at in range(len(self.keys)))

    def _gone(self, at: int) -> bool:
        return self.death[at] < NEVER or self.left[at] < NEVER

    def _head(self) -> int:
        """The head on the last day: the founders in their order, then whoever is grown up."""
        adults = [at for at in range(len(self.keys)) if self.member[at] <= BORN]
        there = [at for at in adults if not self._gone(at)]
        today = days_of(self.world.today)
        grown = [at for at in there if today - self.birth[at] > 18 * 365]
        return (grown or there or adults)[0]

    def _moved(self) -> tuple[str, date | None]:
        """Where the household lived before it moved within the region, and when it moved."""
        world = self.world
        draw = stream(world.seed, "moved", self.number)
        chance, when, other = draw.random(), draw.random(), draw.random()
        if chance > _MOVED or self.arrived[0] != OPEN:
            return "", None
        day = date.fromordinal(world.begin.toordinal() + 30 + int(when * 9.5 * 365))
        if day >= world.today:
            return "", None
        village, within = self.where.village_of(int(other * self.where.households))
        return address(world.place.address(village.code), village, within, former=True), day

    def _person(self, at: int, relation: str, moved: tuple[str, date | None]) -> Person:
        block, row = self.block, self.rows.start + at
        birth, death, left, arrived = (
            self.birth[at],
            self.death[at],
            self.left[at],
            self.arrived[at],
        )
        last = min(days_of(self.world.today) - 1, death, left)
        known, site, draws = self._standing(at, last)
        age = (last - birth) / 365.25
        married = int(block.married[row])
        address_before, day = moved
        if day is not None and not max(birth, arrived) < days_of(day) < last:
            address_before, day = "", None
        return Person(
            key=self.keys[at],
            household=self.key,
            surname=block.surname[row],
            given=block.given[row],
            sex="M" if self.male[at] else "F",
            birth=day_of(birth),
            id_number=block.id_number[row],
            phone=self._phone(at, age, draws[0]),
            village=self.village.code,
            address=self.address,
            nation=NATIONS[int(block.nation[row])][0],
            education=known.education,
            occupation=known.occupation,
            marital=_MARITAL[int(block.marital[row])],
            insurance=known.insurance,
            relation=relation,
            mother=self._key(self.mother[at]),
            father=self._key(self.father[at]),
            spouse=self._key(self.spouse[at]),
            site=site,
            death=day_of(death) if death < NEVER else None,
            arrived=day_of(arrived) if arrived > OPEN else None,
            left=day_of(left) if left < NEVER else None,
            married=day_of(married) if married else None,
            former_address=address_before,
            moved=day,
            former_phone=self._former_phone(at, age, draws[1]),
            pregnancies=() if self.male[at] else self._pregnancies(row),
            infections=self._infections(row, self.keys[at]),
        )

    def _standing(self, at: int, last: int) -> tuple[standings.Standing, str, tuple[float, float]]:
        """What the person is and where they go on their last day, and two more draws."""
        world, key = self.world, self.keys[at]
        born, day = day_of(self.birth[at]), day_of(last)
        random = stream(world.seed, "standing", key)
        learns = attending(world.place, world.seed, key, self.village.code, born, day)
        stage = learns.stage if learns else ""
        age = (last - self.birth[at]) / 365.25
        known = standings.standing(
            random, self.male[at], born.year, age, not self.village.urban, stage, self.schooled
        )
        chance, *draws = random.random(), random.random(), random.random()
        site = learns.site.key if learns else self._site(at, age, known, chance)
        return known, site, (draws[0], draws[1])

    def _key(self, at: int) -> str:
        return self.keys[at] if at >= 0 else ""

    def _phone(self, at: int, age: float, chance: float) -> str:
        """The own number; children's is a parent's, some of the old give that of the family."""
        owner = at
        if age < 14:
            owner = next((p for p in (self.mother[at], self.father[at]) if p >= 0), 0)
        elif age > 78 and chance < 0.4:
            young = [p for p in range(len(self.keys)) if at in (self.mother[p], self.father[p])]
            owner = young[0] if young else at
        return phone(self.world.seed, self.number, self.member[owner])

    def _former_phone(self, at: int, age: float, chance: float) -> str:
        if age < 20 or chance > _NEW_PHONE:
            return ""
        return phone(self.world.seed, self.number, self.member[at], former=True)

    def _site(self, at: int, age: float, known: standings.Standing, chance: float) -> str:
        """Key of the employer or care home, empty for neither."""
        place, village = self.world.place, self.village.code
        turn = self.number * 32 + self.member[at]
        if age >= 75 and self.spouse[at] < 0 and chance < (0.04 if age < 85 else 0.10):
            return str(place.care_home_for(village, turn).key)
        work = known.occupation
        if not known.works or work in (standings.PEASANT, standings.FISHER, standings.MEDIC):
            return ""
        if work == standings.TEACHER:
            stage = ("primary", "middle", "nursery")[int(chance * 3)]
            return str(place.school_for(village, stage, turn).key)
        if work == standings.COOK:
            kitchens = place.of_kind(village, "restaurant")
            return str(kitchens[turn % len(kitchens)].key) if kitchens else ""
        industrial = work in (standings.WORKER, standings.MIGRANT)
        for step in range(8):
            site = place.employer_for(village, turn + step * 7_000_003)
            if (site.trade in _INDUSTRY) == industrial:
                break
        return str(site.key)

    def _pregnancies(self, row: int) -> tuple[Pregnancy, ...]:
        block = self.block
        first, last = np.searchsorted(block.pregnant, (row, row + 1)).tolist()
        return tuple(
            Pregnancy(
                day_of(int(block.last_period[at])),
                day_of(int(block.ended[at])),
                OUTCOMES[int(block.outcome[at])],
                tuple(
                    self.keys[child - self.rows.start]
                    for child in block.children[at].tolist()
                    if child >= 0 and block.outcome[at] == LIVE
                ),
                int(block.parity[at]),
            )
            for at in range(first, last)
        )

    def _infections(self, row: int, key: str) -> tuple[Infection, ...]:
        block = self.block
        first, last = np.searchsorted(block.ill, (row, row + 1)).tolist()
        struck = self.world.struck.get(key, ())
        if first == last and not struck:
            return ()
        usual = [
            Infection(
                KEYS[int(block.disease[at])],
                day_of(int(block.onset[at])),
                severity=round(float(block.severity[at]), 3),
            )
            for at in range(first, last)
        ]
        return tuple(sorted((*usual, *struck), key=lambda one: (one.onset, one.disease)))
