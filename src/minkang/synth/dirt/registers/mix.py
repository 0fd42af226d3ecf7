"""How much of each kind of dirt a set of registers has."""

from typing import Final

import msgspec

NAME_KINDS: Final = (
    "homophone", "lookalike", "transposed", "shortened", "pinyin", "former", "newborn",
)  # fmt: skip
NUMBER_KINDS: Final = ("guardian", "spouse", "borrowed", "card")


class Mix(msgspec.Struct, frozen=True):
    """Shares of records, unless said otherwise.

    Attributes:
        seed: of the dirt; the people have the world's.
        third: of people who have a third registration; all others have two.
        id_missing: no ID number.
        id_wrong: a wrong digit or two neighbours swapped.
        id_wrong_unseen: of the wrong ones, those whose check character fits all the same.
        id_shared: somebody else's number; of which kind says `number_kinds` (weights).
            `guardian`: a child under a parent's number; `spouse`: under the other's card;
            `borrowed`: another resident's number beside one's own name and birth date; `card`:
            number, sex and birth date read from another's card, only the name one's own.
        id_old: of people born before 1985, the number in the old form of 15 digits.
        name_variant: the name is written otherwise; how says `name_kinds` (weights).
        newborn: of children born within the region's years, the first registration is that of
            the newborn, before there was a name or a number. Counts as a name variant.
        phone_changed, phone_missing: another telephone than in the other registers, or none.
        phone_family: of children and the old, the family's telephone.
        birth_wrong: day and month swapped, a day beside, the first of January, a year beside.
        sex_wrong: the other sex.
        moved, address_missing: another village of the region, or none.
        unknown: brought in unconscious: no name, no number, an estimated birth year.
        twins: of people, those who get a twin of the same household.
        namesakes: of people, those who get a namesake of same sex and birthday in the same town.
        abroad: of people, those with a passport or permit and no ID number.
    """

    seed: int
    third: float
    id_missing: float
    id_wrong: float
    id_wrong_unseen: float
    id_shared: float
    number_kinds: dict[str, float]
    id_old: float
    name_variant: float
    name_kinds: dict[str, float]
    newborn: float
    phone_changed: float
    phone_missing: float
    phone_family: float
    birth_wrong: float
    sex_wrong: float
    moved: float
    address_missing: float
    unknown: float
    twins: float
    namesakes: float
    abroad: float


MIXES: Final = {
    "development": Mix(
        seed=20261, third=.5,
        id_missing=.05, id_wrong=.02, id_wrong_unseen=.04, id_shared=.01,
        number_kinds={"guardian": 5, "spouse": 3, "borrowed": 1.5, "card": .5}, id_old=.01,
        name_variant=.08,
        name_kinds={"homophone": 4, "lookalike": 2, "transposed": .6, "shortened": .6,
                    "pinyin": 1, "former": .2},
        newborn=.5, phone_changed=.2, phone_missing=.03, phone_family=.2, birth_wrong=.008,
        sex_wrong=.001, moved=.05, address_missing=.02, unknown=.0004, twins=.002,
        namesakes=.0008, abroad=.003,
    ),
    "judging": Mix(
        seed=77003, third=.42,
        id_missing=.055, id_wrong=.023, id_wrong_unseen=.03, id_shared=.012,
        number_kinds={"guardian": 4, "spouse": 4, "borrowed": 2, "card": .4}, id_old=.02,
        name_variant=.085,
        name_kinds={"homophone": 3, "lookalike": 3, "transposed": 1, "shortened": .5,
                    "pinyin": .7, "former": .3},
        newborn=.4, phone_changed=.22, phone_missing=.02, phone_family=.25, birth_wrong=.01,
        sex_wrong=.0015, moved=.06, address_missing=.03, unknown=.0005, twins=.003,
        namesakes=.001, abroad=.004,
    ),
    "stated": Mix(
        seed=88117, third=.42,
        id_missing=.05, id_wrong=.02, id_wrong_unseen=.03, id_shared=.01,
        number_kinds={"guardian": 4, "spouse": 4, "borrowed": 2, "card": .4}, id_old=.02,
        name_variant=.08,
        name_kinds={"homophone": 3, "lookalike": 3, "transposed": 1, "shortened": .5,
                    "pinyin": .7, "former": .3},
        newborn=.4, phone_changed=.2, phone_missing=.02, phone_family=.25, birth_wrong=.01,
        sex_wrong=.0015, moved=.06, address_missing=.03, unknown=.0005, twins=.003,
        namesakes=.001, abroad=.004,
    ),
}  # fmt: skip
"""The one that weights, guards and thresholds are worked out on, the one that judges them (more of
every kind), and one with the shares that are promised and the kinds of the one that judges."""
