"""Numbers of patients, visits, reports and prescriptions, without any counter.

A counter would make a number depend on who was furnished before. Instead household number and
member are taken as one number below 2**30 and sent through a permutation of 0 .. 2**30-1 that is
the institution's own (a Feistel network: one-to-one whatever its rounds compute), so no two
patients of an institution share a number, and two institutions' numbers of one person have nothing
in common. Ten digits hold the result.

- patient: a prefix by kind of institution and the ten digits, for life;
- visit: MZ outpatient, JZ emergency, ZY inpatient, TJ check-up, CZ home visit; the day as yymmdd;
  ten digits permuted by institution and day; the visit's place within that person's day;
- report, study, prescription: the visit's digits behind JY, JC, CF and a number within the visit.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from minkang.synth.record import Household, Kind, Person

_HALF: Final = 15
_MASK: Final = (1 << _HALF) - 1
_MEMBERS: Final = 64
"""Members whom a household can have had over the years."""

VISIT_LETTERS: Final[dict[Kind, str]] = {"O": "MZ", "E": "JZ", "I": "ZY", "P": "TJ", "H": "CZ"}

_PATIENT_LETTERS: Final = {
    "haibin": "H", "gangcheng": "ZY", "yunxi": "YX", "songling": "SL", "jiceng": "JD",
    "fuyou": "FY", "jingwei": "JW", "chuanran": "CR", "minban": "MB",
}  # fmt: skip


def member_number(household: Household, person: Person) -> int:
    """Which member of the household: the number at the end of the person's key."""
    tail = person.key[len(household.key) :]
    digits = "".join(letter for letter in tail if letter.isdigit())
    return int(digits) if digits else household.people.index(person)


def ordinal(household: Household, person: Person) -> int:
    """The person as one number, unique in the region.

    Raises:
        ValueError: the household's number or the member's is beyond what ten digits hold.
    """
    member = member_number(household, person)
    number = household.number * _MEMBERS + member
    if member >= _MEMBERS or number >= 1 << (2 * _HALF):
        raise ValueError(f"no number for {person.key}: {household.number}/{member}")
    return number


@lru_cache(maxsize=4096)
def _rounds(name: str) -> tuple[int, int, int, int]:
    digest = blake2b(name.encode(), digest_size=16).digest()
    return (
        int.from_bytes(digest[:4], "big"),
        int.from_bytes(digest[4:8], "big"),
        int.from_bytes(digest[8:12], "big"),
        int.from_bytes(digest[12:], "big"),
    )


def permuted(number: int, name: str) -> int:
    """The number's place in the permutation of 0 .. 2**30-1 that belongs to the name."""
    return _permuted(number, _rounds(name))


def _permuted(number: int, rounds: tuple[int, int, int, int]) -> int:
    left, right = number >> _HALF, number & _MASK
    for key in rounds:
        mixed = (right * 0x9E3779B1 + key) & 0xFFFFFFFF
        mixed ^= mixed >> 13
        mixed = (mixed * 0x85EBCA6B) & 0xFFFFFFFF
        left, right = right, left ^ ((mixed >> 16) & _MASK)
    return left << _HALF | right


def patient_number(institution: str, system: str, person: int) -> str:
    """The institution's number of the patient; `person` is the `ordinal`."""
    letters = _PATIENT_LETTERS.get(institution) or _PATIENT_LETTERS.get(system, "P")
    return f"{letters}{permuted(person, institution):010d}"


def visit_number(institution: str, kind: Kind, day: int, yymmdd: str, person: int, at: int) -> str:
    """The institution's number of a visit, `at` the how manieth of that person's day (0-9).

    `day` is the ordinal of the date, `yymmdd` the same as it stands in the number.
    """
    first, second, third, fourth = _rounds(institution)
    rounds = (first ^ day, second + day * 2654435761 & 0xFFFFFFFF, third, fourth ^ (day << 7))
    return f"{VISIT_LETTERS[kind]}{yymmdd}{_permuted(person, rounds):010d}{at}"


def part_number(letters: str, visit: str, at: int) -> str:
    """The number of a report, study or prescription of a visit, `at` from 1."""
    return f"{letters}{visit[2:]}{at:02d}"
