"""What a desk writes down of a patient: name, number, address as the institution has them."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec

from minkang.synth.record import Household, Person, World


class Registered(msgspec.Struct, frozen=True):
    """A patient as one institution's register has them at a moment."""

    surname: str
    given: str
    sex: str
    birth: date
    id_number: str
    phone: str
    address: str

    @property
    def name(self) -> str:
        """Family name and given name as written."""
        return self.surname + self.given


Desk = Callable[[World, Household, Person, Any, datetime], Registered]
"""World, household, person, institution, moment: what that institution believes then."""


def truthful(
    world: World, household: Household, person: Person, institution: Any, at: datetime
) -> Registered:
    """The desk that makes no mistakes: the truth of that moment."""
    before = person.moved is not None and at.date() < person.moved
    return Registered(
        surname=person.surname,
        given=person.given,
        sex=person.sex,
        birth=person.birth,
        id_number=person.id_number,
        phone=(before and person.former_phone) or person.phone,
        address=(before and person.former_address) or person.address,
    )
