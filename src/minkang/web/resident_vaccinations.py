"""A resident's vaccinations: what was given, and for children what comes next."""

from datetime import date
from typing import Any, Final

from minkang.record.vaccinations import SOURCE, Slot, shots_of, slots_of
from minkang.web.resident_asked import OwnAsked
from minkang.web.wording import ZONE

TYPES: Final = ("Immunization",)
_NEXT: Final = 4


def vaccinations_context(asked: OwnAsked) -> dict[str, Any]:
    """What resident/vaccinations.html shows: what is late or due now, what is next, what was given.

    Nothing is said of what comes next where the birth date is unknown or the national schedule does
    not hold for the resident (see `record.vaccinations`).
    """
    shots = shots_of(asked.life.of("Immunization"), asked.life.names)
    slots = _slots(asked, shots)
    ahead = sorted((one for one in slots if one.state == "later"), key=lambda one: one.due)
    return {
        "given": [one for one in shots if one.status == "completed"],
        "missed": [_due(one) for one in slots if one.state == "overdue"],
        "due": [_due(one) for one in slots if one.state == "due"],
        "ahead": [_due(one) for one in ahead[:_NEXT]],
        "source": SOURCE if slots else "",
    }


def _slots(asked: OwnAsked, shots: Any) -> tuple[Slot, ...]:
    try:
        born = date.fromisoformat(asked.own.resident.birth_date)
    except ValueError:
        return ()
    return slots_of(shots, born, asked.visitor.now.astimezone(ZONE).date())


def _due(slot: Slot) -> dict[str, Any]:
    return {
        "name": slot.vaccine.name,
        "dose": slot.dose.number,
        "due": slot.due,
        "latest": slot.latest,
    }
