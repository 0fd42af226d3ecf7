"""What desks get wrong about a person: names, numbers, birth dates."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

import numpy as np
from pypinyin import lazy_pinyin

from minkang.synth.dirt.registers.people import Resident
from minkang.synth.dirt.spelling import homophone, lookalike, slipped_digits
from minkang.synth.people.names import given_names
from minkang.synth.people.numbers import id_numbers

_EPOCH = date(1970, 1, 1)


def drawn(weights: Mapping[str, float], random: Random) -> str:
    """One of the keys, by their weights."""
    return random.choices(list(weights), list(weights.values()))[0]


def varied_name(one: Resident, kind: str, random: Random) -> str:
    """The name written in another way; unchanged where it can't be written so."""
    surname, given = one.surname, one.given
    match kind:
        case "homophone":
            return homophone(one.name, random)
        case "lookalike":
            return lookalike(one.name, random)
        case "transposed":
            return surname + given[::-1] if len(given) == 2 else given + surname
        case "shortened":
            return surname + random.choice(given) if len(given) == 2 else one.name
        case "pinyin":
            return "".join(lazy_pinyin(surname)).upper() + " " + "".join(lazy_pinyin(given)).upper()
        case "former":
            years = np.array([one.birth.year])
            return surname + str(given_names(np.array([random.random()]), np.array([one.male]),
                                             years)[0])  # fmt: skip
    raise ValueError(kind)


def newborn_name(one: Resident, random: Random) -> str:
    """How a newborn goes before there is a name: after the mother; twins by their order."""
    if one.twin:
        return one.mother + ("大双", "二双")[one.twin - 1]
    return one.mother + random.choice(("之子" if one.male else "之女", "之婴"))


def wrong_number(number: str, unseen: float, random: Random) -> tuple[str, str]:
    """Cause and number: one digit or two neighbours wrong, or (a share) one that still checks."""
    if random.random() >= unseen:
        return "id-typo", slipped_digits(number[:17], random) + number[17:]
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    serial = random.randrange(500) * 2 + int(number[16]) % 2
    days = np.array([(birth - _EPOCH).days])
    return "id-wrong", id_numbers(days, np.array([serial]))[0]


def old_number(number: str) -> str:
    """The form of before 1999: no century, no check character."""
    return number[:6] + number[8:17]


def shared_number(
    one: Resident, other: Resident, child: bool, kinds: Mapping[str, float], random: Random
) -> tuple[str, str]:
    """Cause and number: a parent's, the other's of a couple, or that of `other`, a neighbour."""
    kind = drawn(kinds, random)
    if kind == "guardian" and child and one.mother_number:
        return "id-guardian", one.mother_number
    if kind in ("guardian", "spouse") and one.spouse_number:
        return "id-spouse", one.spouse_number
    if kind == "card":
        return "id-card", other.id_number
    return "id-borrowed", other.id_number


def wrong_birth(birth: date, random: Random) -> date:
    """Day and month swapped where that is a date, a day beside, the first of January, a year off.

    Never the same day.
    """
    way = random.random()
    if way < 0.4 and birth.day <= 12 and birth.day != birth.month:
        return birth.replace(month=birth.day, day=birth.month)
    if way < 0.7:
        return birth + timedelta(days=random.choice((-1, 1)))
    if way < 0.85 and (birth.month, birth.day) != (1, 1):
        return birth.replace(month=1, day=1)
    return birth.replace(year=birth.year + random.choice((-10, -1, 1)), day=min(birth.day, 28))
