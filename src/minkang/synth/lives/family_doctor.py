"""The family doctor's year: file, contract, follow-ups, check-up, and visits at home to the old."""

from collections.abc import Iterator

from minkang.synth.lives.contracts import contracts
from minkang.synth.lives.family_doctor_checkup import checkups
from minkang.synth.lives.family_doctor_mind import mind_forms
from minkang.synth.lives.family_doctor_pressure import pressure_followups
from minkang.synth.lives.family_doctor_sugar import sugar_followups
from minkang.synth.lives.files import basic_information
from minkang.synth.lives.life import Life
from minkang.synth.lives.managed import managed_of
from minkang.synth.lives.old_age import home_care
from minkang.synth.record import Form, Plan


def plans(life: Life) -> Iterator[Plan | Form]:
    """All that the family doctor's team does for the resident within the window."""
    if life.end < life.begin:
        return
    managed = managed_of(life)
    yield from basic_information(life)
    yield from contracts(life, managed)
    for one in managed:
        if one.key == "hypertension":
            yield from pressure_followups(life, one)
        elif one.key == "diabetes":
            yield from sugar_followups(life, one)
        else:
            yield from mind_forms(life, one)
    yield from checkups(life, managed)
    yield from home_care(life)
