"""The place: a city on the coast with its divisions, institutions, staff, beds, devices and sites.

Lives here: what stands where, how large it is, who works there, who answers for which village.
Does not live here: who lives there (`synth.people`), what happens there (`synth.lives`), which
messages its systems send (`synth.speak`).

Use `build_place(seed)`; ask the `Place` for what is needed; `base_rows` for the tables of
institutions, departments, staff, beds and equipment.
"""

from minkang.synth.place.base_rows import base_rows, department_number
from minkang.synth.place.entities import (
    AmbulanceStation,
    Bed,
    County,
    Department,
    Device,
    Institution,
    Site,
    Staff,
    Town,
    Village,
)
from minkang.synth.place.place import Place, build_place

__all__ = [
    "AmbulanceStation",
    "Bed",
    "County",
    "Department",
    "Device",
    "Institution",
    "Place",
    "Site",
    "Staff",
    "Town",
    "Village",
    "base_rows",
    "build_place",
    "department_number",
]
