"""The rows of the registers: each person two or three times, in different institutions."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from minkang.synth.dirt.registers.faults import (
    drawn,
    newborn_name,
    old_number,
    shared_number,
    varied_name,
    wrong_birth,
    wrong_number,
)
from minkang.synth.dirt.registers.mix import Mix
from minkang.synth.dirt.registers.people import Resident, residents
from minkang.synth.dirt.registers.row import RegisterRow
from minkang.synth.draws import stream
from minkang.synth.record import World

_CHILD_YEARS: Final = 10
_OLD_YEARS: Final = 70
_MOTHER_KNOWN: Final = 0.7
_GUARDIAN_KNOWN: Final = 0.5
_OLD_FORM_BEFORE: Final = 1985


def registers(world: World, mix: Mix, people: int) -> Iterator[RegisterRow]:
    """The rows of at least so many people, person by person.

    The same for the same world, mix and number of people in any process.
    """
    institutions = tuple(sorted(world.place.by_key))
    villages = tuple(village.code for village in world.place.villages)
    before: Resident | None = None
    earlier: Resident | None = None
    for one in residents(world, mix, people):
        namesake = one.key.endswith("-namesake")
        # Under the card of the one whose name and birthday they share nobody could tell them apart.
        other = earlier if namesake else before
        random = stream(mix.seed, "registers", one.key)
        desk = _Desk(world, mix, one, other or one, villages, random)
        count = 3 if random.random() < mix.third else 2
        for turn, institution in enumerate(random.sample(institutions, count)):
            yield desk.row(turn, institution)
        if one.id_number and not namesake:
            earlier, before = before, one


class _Desk:
    """Writes down one person; `other` is a neighbour whose card may be used."""

    def __init__(
        self, world: World, mix: Mix, one: Resident, other: Resident,
        villages: tuple[str, ...], random: Random,
    ) -> None:  # fmt: skip
        self.world, self.mix, self.one, self.other = world, mix, one, other
        self.villages, self.random = villages, random
        self.causes: list[str] = []
        self.facts: dict[str, Any] = {}

    def row(self, turn: int, institution: str) -> RegisterRow:
        """The registration number `turn`."""
        one = self.one
        self.causes = []
        born_here = one.birth >= self.world.begin and one.mother != ""
        newborn = turn == 0 and born_here and self._happens(self.mix.newborn)
        day = one.birth if newborn else self._day()
        self.facts = {
            "name": one.name,
            "sex": "male" if one.male else "female",
            "birth_date": one.birth.isoformat(),
            "id_number": one.id_number,
            "phone": one.phone,
            "village": one.village,
            "card_kind": one.card_kind,
            "card_number": one.card_number,
        }
        if self._happens(self.mix.unknown):
            self._unknown()
        else:
            child = (day - one.birth).days < _CHILD_YEARS * 365
            self._family(child)
            self._name(newborn)
            self._birth_and_sex()
            self._number(newborn, child)
            self._phone(child or (day - one.birth).days > _OLD_YEARS * 365)
            self._village()
        if one.death is not None and self._happens(0.5):
            self.facts["died"] = one.death.isoformat()
        return RegisterRow(
            id=f"{one.key}.{turn}", truth=one.key, causes=tuple(self.causes),
            institution=institution, registered=day.isoformat(), **self.facts,
        )  # fmt: skip

    def _happens(self, share: float) -> bool:
        return self.random.random() < share

    def _day(self) -> date:
        """A day within the region's years on which the person lives."""
        begin = max(self.world.begin, self.one.birth)
        end = min(self.world.today, self.one.death or self.world.today)
        return begin + timedelta(days=self.random.randrange(max(1, (end - begin).days)))

    def _unknown(self) -> None:
        self.causes.append("unknown")
        sex = self.facts["sex"]
        self.facts = dict.fromkeys(
            ("name", "birth_date", "id_number", "phone", "village", "card_kind", "card_number"), ""
        )
        guessed = self.one.birth.year + self.random.randrange(-9, 10)
        self.facts |= {"name": "无名氏", "sex": sex, "birth_date": f"{guessed}-01-01"}

    def _family(self, child: bool) -> None:
        one = self.one
        if not child or not one.mother:
            return
        if self._happens(_MOTHER_KNOWN):
            self.facts["mother_name"] = one.mother
        if self._happens(_GUARDIAN_KNOWN):
            self.facts["guardian_name"] = one.mother
            self.facts["guardian_number"] = one.mother_number

    def _name(self, newborn: bool) -> None:
        if newborn:
            self.facts["name"] = newborn_name(self.one, self.random)
            self.facts["mother_name"] = self.one.mother
            self.causes.append("name-newborn")
        elif self._happens(self.mix.name_variant) and not self.one.given.startswith((" ", "·")):
            kind = drawn(self.mix.name_kinds, self.random)
            name = varied_name(self.one, kind, self.random)
            if name != self.one.name:
                self.facts["name"] = name
                self.causes.append(f"name-{kind}")

    def _birth_and_sex(self) -> None:
        if self._happens(self.mix.birth_wrong):
            self.facts["birth_date"] = wrong_birth(self.one.birth, self.random).isoformat()
            self.causes.append("birth-wrong")
        if self._happens(self.mix.sex_wrong):
            self.facts["sex"] = "female" if self.one.male else "male"
            self.causes.append("sex-wrong")

    def _number(self, newborn: bool, child: bool) -> None:
        mix, one, random = self.mix, self.one, self.random
        chance = random.random()
        if not one.id_number:
            return
        if newborn:
            self.facts["id_number"] = ""
        elif chance < mix.id_missing:
            self.facts["id_number"] = ""
            self.causes.append("id-missing")
        elif chance < mix.id_missing + mix.id_wrong:
            cause, number = wrong_number(one.id_number, mix.id_wrong_unseen, random)
            self.facts["id_number"] = number
            self.causes.append(cause)
        elif chance < mix.id_missing + mix.id_wrong + mix.id_shared:
            cause, number = shared_number(one, self.other, child, mix.number_kinds, random)
            self.facts["id_number"] = number
            self.causes.append(cause)
            if cause == "id-card":
                self.facts["birth_date"] = self.other.birth.isoformat()
                self.facts["sex"] = "male" if self.other.male else "female"
        elif one.birth.year < _OLD_FORM_BEFORE and self._happens(mix.id_old):
            self.facts["id_number"] = old_number(one.id_number)
            self.causes.append("id-old")

    def _phone(self, dependent: bool) -> None:
        mix, one = self.mix, self.one
        if self._happens(mix.phone_missing):
            self.facts["phone"] = ""
            self.causes.append("phone-missing")
        elif self._happens(mix.phone_changed):
            self.facts["phone"] = one.former_phone
            self.causes.append("phone-changed")
        elif dependent and self._happens(mix.phone_family):
            self.facts["phone"] = one.family_phone

    def _village(self) -> None:
        if self._happens(self.mix.address_missing):
            self.facts["village"] = ""
            self.causes.append("address-missing")
        elif self._happens(self.mix.moved):
            self.facts["village"] = self.random.choice(self.villages)
            self.causes.append("moved")
