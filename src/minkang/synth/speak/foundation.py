"""What is there before anybody is ill: institutions with staff and beds, and the register.

Institutions are those that people of the households' villages go to for any kind of care.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from typing import Any, Final, get_args

from minkang.synth.people.register import population_rows
from minkang.synth.place.base_rows import base_rows
from minkang.synth.place.care import PRIVATE_SPECIALTIES
from minkang.synth.record import LOCAL, Care, Household
from minkang.synth.speak.form_columns import KEYS
from minkang.synth.speak.sent import Row
from minkang.synth.speak.setting import Setting
from minkang.synth.speak.systems import FORM_SYSTEM, form_source

_PICKS: Final = (0.05, 0.35, 0.65, 0.95)
_REGISTER: Final = "population_register"


def base_resources(setting: Setting, numbers: Sequence[int]) -> Iterator[Row]:
    """Rows of institutions, departments, staff, beds and equipment, as of the first day.

    Where households come before these, their institutions have been told with them, and are not
    told again.
    """
    world = setting.world
    at = datetime.combine(world.begin, time(), LOCAL)
    told = {one.key for one in institutions_of(setting, range(numbers[0]))}
    found = [one for one in institutions_of(setting, numbers) if one.key not in told]
    for table, values in base_rows(setting.place, found, world.begin):
        filled = {column: text for column, text in values.items() if text}
        source = form_source(FORM_SYSTEM[table], table)
        yield Row(source, table, at, values[KEYS[table]], filled)


def institutions_of(setting: Setting, numbers: Iterable[int]) -> list[Any]:
    """Where people of these households go, in the order of the place."""
    place = setting.place
    villages = {place.village_of(number)[0].code for number in numbers}
    keys = set()
    for village in villages:
        keys |= {place.primary(village).key, place.centre(village).key}
        keys |= {
            place.institution(care, village, pick).key for care in get_args(Care) for pick in _PICKS
        }
        keys |= {
            place.institution("private", village, pick, specialty).key
            for specialty in PRIVATE_SPECIALTIES
            for pick in _PICKS
        }
    return [one for one in place.institutions if one.key in keys]


def registered_people(setting: Setting, household: Household) -> Iterator[Row]:
    """The household in the population register, each row when it was last written."""
    source = form_source(FORM_SYSTEM[_REGISTER], _REGISTER)
    for values in population_rows(setting.world, (household,)):
        at = datetime.fromisoformat(values["更新时间"]).replace(tzinfo=LOCAL)
        filled = {column: text for column, text in values.items() if text}
        number = values[KEYS[_REGISTER]]
        yield Row(source, _REGISTER, at, number, filled, number)
