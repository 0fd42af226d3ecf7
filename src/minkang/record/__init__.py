"""The lifelong record of a resident: everything the linked Patients have, as one life.

Lives here: gathering a record within a scope and arranging it for people (problems, results by
item, visits). Does not live here: who may open it (policy), which Patients belong together
(identity), how it looks (web).

Use `overview`.
"""

from minkang.record.overview import Overview, institution_names, overview
from minkang.record.problems import ListedProblem
from minkang.record.results import Result, Series
from minkang.record.visits import Visit

__all__ = [
    "ListedProblem",
    "Overview",
    "Result",
    "Series",
    "Visit",
    "institution_names",
    "overview",
]
