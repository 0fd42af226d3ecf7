"""How much tumour a body carries: it grows unseen, falls with treatment, comes back."""

from datetime import date
from math import exp

from minkang.synth.record import Condition


def burden(condition: Condition, day: date) -> float:
    """How much tumour there is, 0-1: grows, falls with treatment, grows again on recurrence."""
    years = max(0.0, (day - condition.since).days / 365.25)
    stage = {"I": 0.08, "II": 0.2, "III": 0.5, "IV": 1.0}.get(condition.facts.get("stage", ""), 0.4)
    grown = stage * min(1.0, 0.4 + years / 1.5)
    if condition.treated is None or day <= condition.treated:
        return grown
    days = (day - condition.treated).days
    left = grown * (0.25 + 0.75 * exp(-days / 60) if stage == 1.0 else exp(-days / 25))
    recurred = condition.facts.get("recurred")
    if recurred and day.isoformat() >= recurred:
        left += min(1.0, (day - date.fromisoformat(recurred)).days / 500 + 0.15)
    return min(1.0, left)
