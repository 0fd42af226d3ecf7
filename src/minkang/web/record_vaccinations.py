"""The vaccinations tab of a record: the child's schedule, and everything that was given."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from minkang.record.life import Life
from minkang.record.vaccinations import SOURCE, Shot, Slot, shots_of, slots_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_
from minkang.web.wording import ZONE

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = ("Immunization",)
STATES: Final = {
    "given": N_("已接种"),
    "due": N_("应种"),
    "overdue": N_("逾期未种"),
    "later": N_("未到时间"),
}


def vaccinations_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_vaccinations.html shows."""
    say, today = asked.visitor.say, asked.visitor.now.astimezone(ZONE).date()
    shots = shots_of(life.of("Immunization"), life.names)
    try:
        slots = slots_of(shots, date.fromisoformat(asked.resident.birth_date), today)
    except ValueError:
        slots = ()
    rows: dict[str, dict[str, Any]] = {}
    for slot in slots:
        row = rows.setdefault(slot.vaccine.key, {"name": slot.vaccine.name, "doses": []})
        row["doses"].append(_slot(slot, say))
    return {
        "schedule": list(rows.values()),
        "schedule_source": SOURCE,
        "dose_columns": max((len(row["doses"]) for row in rows.values()), default=0),
        "due": [_named(one) for one in slots if one.state == "due"],
        "overdue": [_named(one) for one in slots if one.state == "overdue"],
        "shots": [_shot(one, facts) for one in shots],
    }


def _slot(slot: Slot, say: Any) -> dict[str, Any]:
    return {
        "number": slot.dose.number,
        "state": slot.state,
        "words": say(STATES[slot.state]),
        "day": slot.shot.on if slot.shot else slot.due,
    }


def _named(slot: Slot) -> dict[str, Any]:
    return {"name": slot.vaccine.name, "number": slot.dose.number, "due": slot.due}


def _shot(shot: Shot, facts: Facts) -> dict[str, Any]:
    return {
        "id": shot.origin.id,
        "name": shot.name,
        "product": shot.product,
        "number": shot.number,
        "on": shot.on,
        "lot": shot.lot,
        "maker": shot.maker,
        "place": shot.place,
        "given": shot.status == "completed",
        "reason": shot.reason,
        "source": facts.source(shot.origin),
        "new": facts.new(shot.origin),
    }
