"""All rules together, in the order of their urgency."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from minkang.fhir import Resource
from minkang.record.cds import medicines, repeats, view
from minkang.record.cds.advice import Advice, Draft
from minkang.record.fact import concept_text
from minkang.record.life import Life

TYPES: Final = (
    "AllergyIntolerance",
    "Condition",
    "DiagnosticReport",
    "Encounter",
    "MedicationRequest",
    "Observation",
)
"""What the rules read."""

MOST: Final = 10
"""Pieces of advice at once: nobody reads more."""

_ORDER: Final = {"critical": 0, "warning": 1, "info": 2}


def on_view(life: Life, institution: frozenset[str], now: datetime) -> list[Advice]:
    """What there is to say when a chart is opened; `now` in the region's time."""
    return list(view.on_view(life, institution, now))


def on_orders(life: Life, orders: Iterable[Resource], now: datetime) -> list[Advice]:
    """What there is to say of orders that are being written; `now` in the region's time."""
    found: list[Advice] = []
    for order in orders:
        found += _on_order(life, order, now)
    return sorted(found, key=lambda one: _ORDER[one.urgency])[:MOST]


def _on_order(life: Life, order: Resource, now: datetime) -> Sequence[Advice]:
    if order.get("resourceType") == "ServiceRequest":
        name = concept_text(order.get("code"))
        return list(repeats.repeats(life, Draft(order, name), now)) if name else []
    if order.get("resourceType") == "MedicationRequest":
        draft = Draft(order, medicines.medicine_name(order))
        if not draft.name:
            return []
        return [*medicines.allergy(life, draft), *medicines.duplicates(life, draft, now)]
    return []
