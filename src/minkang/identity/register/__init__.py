"""The population register (全员人口): residents, households, divisions, what happened, how many.

Lives here: what a register's row says (`row_of`), from when to when somebody lives where
(`stays_of`), events, the counts that rates divide by (`population`, `person_years`), where register
and care differ, and what people decided about that. Does not live here: how an extract comes in (a
table of exchange, `population_register`), who is whose Person (identity), names and ID numbers (in
the sealed Patients, which the register only refers to).

Use `population` and `person_years` for every rate, `follow_register` in a worker, `differences` and
`decide_difference` for the desk that reconciles, `find_rows` and `card_of` to look somebody up.
"""

from minkang.identity.register.bands import Bands, bands, load_bands
from minkang.identity.register.card import Card, card_of, find_rows, household_of
from minkang.identity.register.divisions import division_name, keep_divisions
from minkang.identity.register.events import Event, Told, event_counts, events_in
from minkang.identity.register.follow import follow_register
from minkang.identity.register.person_years import PersonYears, person_years
from minkang.identity.register.population import Count, population
from minkang.identity.register.reconcile import (
    DifferenceLine,
    decide_difference,
    difference_counts,
    differences,
)
from minkang.identity.register.row import RegisterRow, is_register_patient, row_of

__all__ = [
    "Bands",
    "Card",
    "Count",
    "DifferenceLine",
    "Event",
    "PersonYears",
    "RegisterRow",
    "Told",
    "bands",
    "card_of",
    "decide_difference",
    "difference_counts",
    "differences",
    "division_name",
    "event_counts",
    "events_in",
    "find_rows",
    "follow_register",
    "household_of",
    "is_register_patient",
    "keep_divisions",
    "load_bands",
    "person_years",
    "population",
    "row_of",
]
