"""What keeps two registrations from being linked without a person looking, whatever the weights.

Two lives mixed up are worse than one life in two parts: a guard turns a link into a review, or into
nothing. All are symmetric.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from minkang.identity.linkage.definition import Definition, GuardName, RuleName
from minkang.identity.linkage.features import Features

Found = Mapping[str, str]
"""For each comparison the level that it fell into."""
Guard = Callable[[Definition, Features, Features, Found], bool]

GENERATION: Final = 12 * 365
GROWN: Final = 18
ALMOST: Final = frozenset({"exact", "swapped", "day", "lunar", "part", "rough", "missing"})
OTHER_DAY: Final = frozenset({"part", "rough", "year", "different"})
SAME: Final = frozenset({"exact", "former", "homophone", "letters", "transposed", "alike"})
EVIDENCE: Final = (
    ("id", frozenset({"equal", "raw", "slip"})), ("phone", frozenset({"shared"})),
    ("address", frozenset({"same"})), ("cards", frozenset({"shared"})),
    ("kin", frozenset({"number", "mother", "name", "sound"})),
)  # fmt: skip
"""What says that two of the same name, sex and birth date are one."""
PRIVATE: Final = (
    ("phone", frozenset({"shared"})), ("cards", frozenset({"shared"})),
    ("kin", frozenset({"number", "mother"})),
)  # fmt: skip
"""What says that one is the other although the given name, or the surname, is another."""
OWN: Final = PRIVATE[:2]
"""The same of those who may be brothers or sisters."""
FAMILY: Final = (
    ("kin", frozenset({"number", "mother", "name", "sound"})), ("phone", frozenset({"shared"})),
    ("address", frozenset({"same", "village"})), ("cards", frozenset({"shared"})),
)  # fmt: skip
"""What twins share."""
NAMED_TWICE: Final = ("exact", "former", "homophone")
"""Levels of the name with which two numbers are of one resident rather than of two."""
TWIN_NAMES: Final = ("one-character", "half", "half-given", "surname", "different", "given")
"""Levels of the name that twins have; brothers and sisters, too."""


def _says(found: Found, evidence: tuple[tuple[str, frozenset[str]], ...]) -> bool:
    return any(found.get(comparison) in levels for comparison, levels in evidence)


def _different_numbers(definition: Definition, a: Features, b: Features, found: Found) -> bool:
    """Both have a checked number of their own, and not the same, though name and telephone, card or
    relatives say that they are one: one of the numbers may be wrong.
    """
    if not _numbers_apart(definition, a, b, found):
        return False
    return found.get("name") in NAMED_TWICE and _says(found, PRIVATE)


def _numbers_apart(_: Definition, a: Features, b: Features, _f: Found) -> bool:
    """Both have a checked number of their own, and not the same."""
    return bool(a.id_number and b.id_number) and a.id_number != b.id_number


def _two_on_one_number(definition: Definition, a: Features, b: Features, found: Found) -> bool:
    """One number, two names: a stolen or lent card, or a wrong number that happens to check."""
    if not a.id_number or a.id_number != b.id_number:
        return False
    return not _same_name(definition, found)


def _mother_and_child(_: Definition, a: Features, b: Features, _f: Found) -> bool:
    """Births at least twelve years apart, and one of them a newborn or under the other's number:
    mother and child on one card.
    """
    apart = bool(a.birth_day and b.birth_day) and abs(a.birth_day - b.birth_day) >= GENERATION
    if apart and (a.newborn or b.newborn):
        return True
    named = (a.newborn and a.mother == b.name) or (b.newborn and b.mother == a.name)
    if named and a.newborn != b.newborn:
        return True
    under = (a.id_number and a.id_number in b.kin_numbers) or (
        b.id_number and b.id_number in a.kin_numbers
    )
    return bool(under)


def _unknown_patient(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """A patient whom nobody knew, and no number of their own that says who they are."""
    return (a.unknown or b.unknown) and found.get("id") != "equal"


def _born_apart(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """A newborn, and somebody of another day of birth: a brother or a sister."""
    return (a.newborn or b.newborn) and found.get("birth") == "different"


def _newborn(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """A newborn without a name is known by the day of birth and the mother: both, or a number; or
    by the day of birth, the sex, the telephone and the village.
    """
    if not (a.newborn or b.newborn) or found.get("id") == "equal":
        return False
    if found.get("birth") not in ("exact", "day"):
        return True
    at_home = (
        found.get("kin") != "different"
        and found.get("sex") == "equal"
        and found.get("phone") == "shared"
        and found.get("address") in ("same", "village")
    )
    return not at_home and found.get("kin") not in ("number", "mother", "name", "sound")


def _other_twin(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """Born together, and surely two: another sex, or another place in the order of birth."""
    if found.get("birth") not in ("exact", "day") or found.get("id") in ("equal", "raw", "slip"):
        return False
    if not (a.twin or b.twin):
        return False
    ordered = bool(a.birth_order and b.birth_order) and a.birth_order != b.birth_order
    return ordered or found.get("sex") == "different"


def _twins(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """Born together, of one family, and not surely one child: another place in the order of birth,
    or another given name under the same surname; or one of twins whose name is not yet given.
    """
    if found.get("birth") not in ("exact", "day") or found.get("id") in ("equal", "raw", "slip"):
        return False
    if a.birth_order and b.birth_order and a.birth_order != b.birth_order:
        return True
    if not a.name or not b.name:
        same_order = a.birth_order and a.birth_order == b.birth_order
        return (a.twin or b.twin) and not same_order
    if found.get("name") in ("exact", "former") or _one_document(a, b):
        return False
    if not _says(found, FAMILY):
        return False
    told = a.twin or b.twin
    if not told and a.given == b.given:
        return False  # a slip in the surname, which twins share
    if not told and _grown(a) and _grown(b) and found.get("phone") == "shared":
        return False  # grown twins have telephones of their own; a slip in the name is likelier
    return told or found.get("name") in TWIN_NAMES


def _one_document(a: Features, b: Features) -> bool:
    """Both have the same document that a state gave to one person."""
    return any(one in b.documents for one in a.documents)


def _grown(one: Features) -> bool:
    """Registered, as far as it says when, at eighteen years or more."""
    return bool(one.seen) and int(one.seen[:4]) - int(one.birth_year or 9999) > GROWN


def _relatives(_: Definition, a: Features, b: Features, found: Found) -> bool:
    """Neither name nor birth date is the same, whatever telephone, address, parents and cards say:
    brothers and sisters share all of those, and often a character of the name.
    """
    if not a.name or not b.name or found.get("id") in ("equal", "slip"):
        return False
    return found.get("name") not in SAME and found.get("birth") in OTHER_DAY


def _birth_apart(_: Definition, _a: Features, _b: Features, found: Found) -> bool:
    """Another birth date, not by a slip, and no number that says it is the same resident."""
    return found.get("birth") in ("year", "different") and found.get("id") not in ("equal", "slip")


def _sex_and_birth(_: Definition, _a: Features, _b: Features, found: Found) -> bool:
    """Another sex, and a birth date that is more than a slip away or a name that is not the same:
    of brother and sister, or of twins, one under the other's number.
    """
    if found.get("sex") != "different":
        return False
    return found.get("birth") not in ALMOST or found.get("name") not in (*SAME, "missing")


def _dead_before(_: Definition, a: Features, b: Features, _f: Found) -> bool:
    """One died before the other was seen alive."""
    return bool((a.died and b.seen > a.died) or (b.died and a.seen > b.died))


def _name_and_birth(definition: Definition, a: Features, b: Features, found: Found) -> bool:
    """The same name, sex and birth date, perhaps in one town, and nothing else: common enough. It
    takes a number, telephone, card, relative; for a name that is not frequent the village does.
    """
    if found.get("id") == "equal" or _says(found, EVIDENCE):
        return False
    frequencies = definition.written.frequencies.get("name", {})
    most = max(frequencies.get(a.name, 0.0), frequencies.get(b.name, 0.0))
    return most >= definition.written.common or found.get("address") != "village"


Effect = Literal["review", "separate"]

GUARDS: Final[Mapping[GuardName, tuple[Guard, Effect]]] = {
    "different-numbers": (_different_numbers, "review"),
    "numbers-apart": (_numbers_apart, "separate"),
    "two-on-one-number": (_two_on_one_number, "review"),
    "mother-and-child": (_mother_and_child, "separate"),
    "unknown-patient": (_unknown_patient, "review"),
    "born-apart": (_born_apart, "separate"),
    "newborn": (_newborn, "review"),
    "other-twin": (_other_twin, "separate"),
    "twins": (_twins, "review"),
    "relatives": (_relatives, "separate"),
    "sex-and-birth": (_sex_and_birth, "review"),
    "birth-apart": (_birth_apart, "review"),
    "dead-before": (_dead_before, "review"),
    "name-and-birth": (_name_and_birth, "review"),
}
"""What a guard is called, its test, and what becomes of a link that it meets."""


def _id_number(definition: Definition, a: Any, b: Any, found: Found) -> bool:
    """The same checked number, birth date and sex as it says, and names that may be one's."""
    return (
        found.get("id") == "equal"
        and found.get("birth") == "exact"
        and found.get("sex") == "equal"
        and _same_name(definition, found)
        and a.id_number[6:14] == a.birth_date.replace("-", "")
        and (int(a.id_number[16]) % 2 == 1) == (a.sex == "male")
    )


def _card(definition: Definition, a: Any, b: Any, found: Found) -> bool:
    """The same passport, permit or other document of identity, birth date, sex and name."""
    return (
        found.get("cards") == "shared"
        and found.get("birth") == "exact"
        and found.get("sex") == "equal"
        and _same_name(definition, found)
        and _one_document(a, b)
    )


def _same_name(definition: Definition, found: Found) -> bool:
    name, written = found.get("name"), definition.written
    if name == "missing" or name in written.same_name:
        return True
    if name not in written.near_name:
        return False
    # Brothers and sisters have one mother and one surname.
    return _says(found, PRIVATE if name == "given" else OWN)


RULES: Final[Mapping[RuleName, Guard]] = {"id-number": _id_number, "card": _card}
"""Deterministic rules: what links without weights, in their order."""
