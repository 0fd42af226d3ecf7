"""All plans of long illness, from the day it is found: `plans(life)`.

How it is found (`chronic_found`), the long refills at the village and the town (`chronic_visits`),
attacks and special clinics (`chronic_others`), what comes of it (`complications`), lungs, cancers,
tuberculosis, the mind.
"""

from collections.abc import Iterator

from minkang.synth.lives import (
    chronic_found,
    chronic_others,
    chronic_visits,
    complications,
    mental,
    oncology,
    oncology_screening,
    respiratory,
    tuberculosis,
)
from minkang.synth.lives.life import Life
from minkang.synth.record import Form, Plan

_PARTS = (
    chronic_found.plans,
    chronic_visits.plans,
    chronic_others.plans,
    complications.plans,
    respiratory.plans,
    oncology.plans,
    tuberculosis.plans,
    mental.plans,
)


def plans(life: Life) -> Iterator[Plan | Form]:
    """What the long illnesses of this life want to happen within the window."""
    if life.end < life.begin:
        return
    yield from oncology_screening.plans(life)
    if life.conditions:
        for part in _PARTS:
            yield from part(life)
