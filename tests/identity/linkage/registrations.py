"""Registrations of invented people for the tests of matching."""

from typing import Any

import msgspec

from minkang.identity.linkage.features import Features, features_from
from minkang.identity.linkage.stated import Stated
from minkang.terminology.id_number import check_character

DIVISION = "371098"
"""Never assigned: nobody has these numbers."""


def number(birth: str, serial: int) -> str:
    """A right ID number; an odd serial is a man's."""
    first = f"{DIVISION}{birth.replace('-', '')}{serial:03}"
    return first + check_character(first)


WANG = Stated(
    name="王建国",
    sex="male",
    birth_date="1980-03-05",
    id_number=number("1980-03-05", 11),
    phones=("13800000001",),
    division="371002101201",
    mother="李秀英",
    source="hospital",
)
CHILD = Stated(
    name="王子涵",
    sex="female",
    birth_date="2021-06-01",
    phones=("13800000001",),
    division="371002101201",
    mother="李芳",
    source="clinic",
)


def changed(stated: Stated, **changes: Any) -> Features:
    """The features of a registration with some things otherwise."""
    return features_from(msgspec.structs.replace(stated, **changes))
