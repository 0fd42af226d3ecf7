"""The people: households, births, deaths, moves, names, numbers, and who catches what.

Lives here: everything about people that does not need a doctor to know it. Does not live here:
where they live (`synth.place`), their illnesses beside the notifiable ones and what is done about
them (`synth.lives`).

Use `household(world, number)` for full records, `thin_block(world, first, count)` for the same
people as columns, `contacts` for who meets whom, `population_rows` for the register; `DISEASES`
and `national_cases` for the notifiable infections.
"""

from minkang.synth.people.contacts import Contacts, Roster, contacts, roster
from minkang.synth.people.diseases import DISEASES, Disease
from minkang.synth.people.households import (
    household,
    households,
    households_for,
    number_of,
    residents_in,
)
from minkang.synth.people.infections import national_cases
from minkang.synth.people.register import COLUMNS, population_rows
from minkang.synth.people.schooling import Schooling, schooling
from minkang.synth.people.thin import ThinBlock, thin_block, thin_blocks

__all__ = [
    "COLUMNS",
    "DISEASES",
    "Contacts",
    "Disease",
    "Roster",
    "Schooling",
    "ThinBlock",
    "contacts",
    "household",
    "households",
    "households_for",
    "national_cases",
    "number_of",
    "population_rows",
    "residents_in",
    "roster",
    "schooling",
    "thin_block",
    "thin_blocks",
]
