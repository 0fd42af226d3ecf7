"""What an institution's desk writes down of a person, mistakes and all."""

from datetime import date, datetime
from typing import Any

import msgspec

from minkang.synth.dirt.desk import Belief, believed, name_at, number_on
from minkang.synth.record import Household, Lived, Person, Visit, World
from minkang.synth.speak.registration import Registered


def registration(
    world: World, household: Household, person: Person, institution: Any, at: datetime
) -> Registered:
    """The person as an institution of the place believes them to be at a moment.

    Pure: the same for the same world, person, institution and moment in any process. Without dirt
    it is the truth of that moment.
    """
    belief = believed(world, household, person, institution.key, institution.system)
    return as_believed(belief, person, at.date())


def as_believed(belief: Belief, person: Person, day: date) -> Registered:
    """The person with what is wrong about them on that day."""
    before = person.moved is not None and (belief.stays or day < person.moved)
    surname, given = name_at(belief, person, day)
    newborn = belief.newborn_until is not None and day < belief.newborn_until
    phone = (before and person.former_phone) or person.phone
    number = person.id_number if belief.id_number is None else belief.id_number
    return Registered(
        surname=surname,
        given=given,
        sex=belief.sex or person.sex,
        birth=belief.birth or person.birth,
        id_number="" if newborn else number,
        phone=phone if belief.phone is None else belief.phone,
        address=(before and person.former_address) or person.address,
    )


def filed(world: World, lived: Lived) -> Lived:
    """What was lived, with the patient numbers that the desks really used.

    Where somebody was filed a second time, their visits from that day on carry the second number.
    """
    if "duplicate-within" not in world.dirt:
        return lived
    people = {person.key: person for person in lived.household.people}
    visits = [_filed(world, lived.household, people[visit.person], visit) for visit in lived.visits]
    return msgspec.structs.replace(lived, visits=tuple(visits))


def _filed(world: World, household: Household, person: Person, visit: Visit) -> Visit:
    institution = world.place.by_key[visit.institution]
    belief = believed(world, household, person, institution.key, institution.system)
    number = number_on(belief, visit.patient, visit.start.date())
    return visit if number is visit.patient else msgspec.structs.replace(visit, patient=number)
