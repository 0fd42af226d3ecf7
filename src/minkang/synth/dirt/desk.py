"""The desk that makes mistakes: who an institution believes a person to be.

Everything follows from (seed, person, institution) and from nothing else, so that an institution
makes the same mistake at every visit. Each kind draws from its own number: switching one kind off
leaves all others as they were. Rates are of the order that Chinese regional linkage studies and
hospital audits report; they are stated in `kinds` and held by a test, not claimed to be measured.
"""

from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from minkang.synth.dirt.kinds import KINDS
from minkang.synth.dirt.spelling import homophone, lookalike, slipped_digits
from minkang.synth.dirt.stain import Stain
from minkang.synth.draws import stream
from minkang.synth.record import Household, Person, World

_NEWBORN_DAYS: Final = 28
_CHILD_YEARS: Final = 10
_OLD_YEARS: Final = 70

# How careless a desk is beside the rates of `kinds`: card readers in hospitals, typing in villages,
# the register of the population compared with the police's.
_CARE: Final = {"renkou": 0.05, "jikong": 0.7, "jiceng": 1.0, "yunxi": 1.2, "minban": 2.5}
_HOSPITAL_CARE: Final = 0.8


class Belief(NamedTuple):
    """What differs from the truth at one institution; None where nothing does.

    `second_from` is the day from which a second patient number is in use; `newborn_name` stands
    until `newborn_until`. `stays` says that address and telephone stay those of before a move.
    """

    surname: str | None = None
    given: str | None = None
    sex: str | None = None
    birth: date | None = None
    id_number: str | None = None
    phone: str | None = None
    stays: bool = False
    second_from: date | None = None
    newborn_name: str = ""
    newborn_until: date | None = None
    stains: tuple[Stain, ...] = ()


_NOTHING: Final = Belief()


class Told(msgspec.Struct, frozen=True, gc=False):
    """Whom of the household a desk may confuse with the person; empty where there is nobody."""

    mother: str = ""  # her name
    guardian_id: str = ""
    spouse_id: str = ""
    family_phone: str = ""


def told(household: Household, person: Person) -> Told:
    """Mother, guardian and spouse of a person within the household, and the head's telephone."""
    members = {member.key: member for member in household.people}
    mother, father = members.get(person.mother), members.get(person.father)
    spouse = members.get(person.spouse)
    guardian = mother or father
    head = household.people[0]
    return Told(
        mother=mother.name if mother else "",
        guardian_id=guardian.id_number if guardian else "",
        spouse_id=spouse.id_number if spouse else "",
        family_phone=guardian.phone if guardian else head.phone,
    )


def believed(
    world: World, household: Household, person: Person, institution: str, source: str
) -> Belief:
    """What an institution has wrong about a person, with a stain for each thing."""
    if not world.dirt:
        return _NOTHING
    return _believed(world.seed, world.dirt, world.begin, world.today, person,
                     told(household, person), institution, source)  # fmt: skip


@lru_cache(maxsize=8192)
def _believed(
    seed: int, dirt: tuple[str, ...], begin: date, today: date,
    person: Person, told: Told, institution: str, source: str,
) -> Belief:  # fmt: skip
    desk = _Desk(seed, frozenset(dirt), person.key, institution, source)
    _name(desk, person, told)
    _sex_and_birth(desk, person, begin)
    _number(desk, person, told, begin)
    _phone(desk, person, told, begin)
    if person.moved is not None and desk.happens("address-old"):
        desk.facts["stays"] = True
        desk.stain("address-old", person.address, person.former_address)
    if desk.happens("duplicate-within"):
        days = desk.random("duplicate-within").randrange(1, max((today - begin).days, 2))
        desk.facts["second_from"] = begin + timedelta(days=days)
        desk.stain("duplicate-within", "", f"{begin + timedelta(days=days)}")
    return Belief(stains=tuple(desk.stains), **desk.facts)


class _Desk:
    """Draws for one person at one institution, and what they came to."""

    def __init__(
        self, seed: int, dirt: frozenset[str], key: str, institution: str, source: str
    ) -> None:
        self.seed, self.dirt, self.key = seed, dirt, key
        self.source, self.institution = source, institution
        self.care = _CARE.get(source, _HOSPITAL_CARE)
        self.facts: dict[str, Any] = {}
        self.stains: list[Stain] = []
        draws = stream(seed, "desk", key, institution)
        self.chances = {kind: draws.random() for kind in _AT_DESK}

    def random(self, kind: str) -> Random:
        return stream(self.seed, "desk", kind, self.key, self.institution)

    def happens(self, kind: str, weight: float = 1.0) -> bool:
        return kind in self.dirt and self.chances[kind] < KINDS[kind].rate * self.care * weight

    def stain(self, kind: str, before: str, after: str) -> None:
        self.stains.append(
            Stain(
                kind, self.source, self.key,
                institution=self.institution, before=before, after=after,
            )
        )  # fmt: skip


_AT_DESK: Final = tuple(key for key, kind in KINDS.items() if kind.stage == "registration")


def _name(desk: _Desk, person: Person, told: Told) -> None:
    newborn = told.mother and desk.source not in ("renkou", "jikong")
    if newborn and desk.happens("newborn-name", 1 / desk.care):
        name = told.mother + ("之子" if person.sex == "M" else "之女")
        desk.facts["newborn_name"] = name
        desk.facts["newborn_until"] = person.birth + timedelta(days=_NEWBORN_DAYS)
        desk.stain("newborn-name", person.name, name)
    wrong = person.name
    if desk.happens("name-homophone"):
        kind, wrong = "name-homophone", homophone(person.name, desk.random("name-homophone"))
    elif desk.happens("name-typo"):
        kind, wrong = "name-typo", lookalike(person.name, desk.random("name-typo"))
    if wrong != person.name:
        cut = len(person.surname)
        desk.facts["surname"], desk.facts["given"] = wrong[:cut], wrong[cut:]
        desk.stain(kind, person.name, wrong)


def _sex_and_birth(desk: _Desk, person: Person, begin: date) -> None:
    if desk.happens("sex-slip"):
        wrong = "F" if person.sex == "M" else "M"
        desk.facts["sex"] = wrong
        desk.stain("sex-slip", person.sex, wrong)
    across = desk.happens("duplicate-across") and person.birth < begin
    if across:
        birth = person.birth.replace(month=1, day=1)
    elif desk.happens("birth-slip"):
        birth = _slipped_birth(person.birth, begin, desk.random("birth-slip"))
    else:
        return
    if birth != person.birth:
        desk.facts["birth"] = birth
        kind = "duplicate-across" if across else "birth-slip"
        desk.stain(kind, f"{person.birth}", f"{birth}")


def _slipped_birth(birth: date, begin: date, random: Random) -> date:
    """Day and month swapped where that is a date, the first of January, or ten years younger.

    Never after the window's begin for those who were born before it, nor before their birth for
    those born in it: a visit before birth would be another fault.
    """
    way = random.random()
    if way < 0.5 and birth.day <= 12 and birth.day != birth.month and birth < begin:
        return birth.replace(month=birth.day, day=birth.month)
    if way < 0.8 or birth.year + 10 >= begin.year:
        return birth.replace(month=1, day=1)
    return birth.replace(year=birth.year + 10, day=min(birth.day, 28))


def _number(desk: _Desk, person: Person, told: Told, begin: date) -> None:
    number, kind = person.id_number, ""
    child = person.age(begin) < _CHILD_YEARS
    guardian = told.guardian_id
    typo = desk.random("id-typo")
    if child and guardian and desk.happens("id-guardian"):
        kind, number = "id-guardian", guardian
    elif told.spouse_id and desk.happens("id-shared"):
        kind, number = "id-shared", told.spouse_id
    elif desk.happens("duplicate-across"):
        kind, number = "duplicate-across", ""
    elif desk.happens("id-missing", 3.0 if child else 1.0):
        kind, number = "id-missing", ""
    elif desk.happens("id-typo"):
        kind, number = "id-typo", slipped_digits(person.id_number[:17], typo) + number[17:]
    elif desk.happens("id-wrong"):
        kind, number = "id-wrong", _neighbour(person.id_number, typo)
    if kind:
        desk.facts["id_number"] = number
        desk.stain(kind, person.id_number, number)


_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"


def _neighbour(number: str, random: Random) -> str:
    """A valid number of the same day and sex: another resident's, or one that nobody has."""
    serial = random.randrange(1, 500) * 2 - int(number[16]) % 2
    first = f"{number[:14]}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return first + _CHECKS[total % 11]


def _phone(desk: _Desk, person: Person, told: Told, begin: date) -> None:
    age = person.age(begin)
    phone, kind = person.phone, ""
    if desk.happens("duplicate-across") or desk.happens("phone-missing"):
        phone = ""
        kind = "phone-missing" if desk.happens("phone-missing") else "duplicate-across"
    elif told.family_phone not in ("", person.phone) and (age < _CHILD_YEARS or age > _OLD_YEARS):
        if desk.happens("phone-family"):
            kind, phone = "phone-family", told.family_phone
    elif desk.happens("phone-typo") and phone:
        random = desk.random("phone-typo")
        wrong = phone[:-1] if random.random() < 0.3 else slipped_digits(phone[3:], random)
        kind, phone = "phone-typo", wrong if len(wrong) == len(phone) - 1 else phone[:3] + wrong
    if kind:
        desk.facts["phone"] = phone
        desk.stain(kind, person.phone, phone)


def name_at(belief: Belief, person: Person, day: date) -> tuple[str, str]:
    """Family and given name as written on a day."""
    if belief.newborn_until is not None and day < belief.newborn_until:
        return belief.newborn_name[:1], belief.newborn_name[1:]
    if belief.given is None:
        return person.surname, person.given
    return belief.surname or "", belief.given


def number_on(belief: Belief, patient: str, day: date) -> str:
    """The patient number in use on a day: one digit longer once the person was filed again."""
    if belief.second_from is not None and patient and day >= belief.second_from:
        return f"{patient}9"
    return patient
