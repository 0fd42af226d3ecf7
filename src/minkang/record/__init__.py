"""The lifelong record of a resident: everything the linked Patients have, as one life.

Lives here: gathering a record within a scope (`life.gather`) and arranging it for people by pure
functions: problems, results by item, visits, topics. Does not live here: who may open it (policy),
which Patients belong together (identity), how it looks (web).

Use `gather` with the types a page needs, then the function of what it shows.
"""

from minkang.record.life import Life, gather
from minkang.record.problems import ListedProblem
from minkang.record.results import Result, Series
from minkang.record.visits import Visit

__all__ = ["Life", "ListedProblem", "Result", "Series", "Visit", "gather"]
