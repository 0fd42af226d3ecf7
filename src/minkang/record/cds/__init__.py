"""Advice at the moment of an order: what a record has to say of it, as rules.

Lives here: the rules, pure functions over what a clinician may see of a resident (`view`,
`repeats`, `medicines`), what they know (`knowledge.yaml`: the 互认 list, classes of allergens,
chronic diseases), and what became of each piece of advice (`kept`). Does not live here: the form in
which hospitals' systems ask for it (CDS Hooks, in api), and who may see what (policy).
"""

from minkang.record.cds.advice import Advice, Draft
from minkang.record.cds.rules import TYPES, on_orders, on_view

__all__ = ["TYPES", "Advice", "Draft", "on_orders", "on_view"]
