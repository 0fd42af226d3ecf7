"""The functions that need no more than collections, by theme.

A function here takes the environment, its input collection and its arguments as collections, and
returns a collection. Those whose arguments are evaluated for each item (`where`), or not at all
(`ofType`), are in `minkang.fhir.path.forms`.
"""

from minkang.fhir.path.functions import (
    boundaries,
    collections,
    conversions,
    fhir,
    mathematics,
    strings,
    times,
)
from minkang.fhir.path.functions.function import Function

FUNCTIONS: dict[str, Function] = {
    **collections.FUNCTIONS,
    **conversions.FUNCTIONS,
    **strings.FUNCTIONS,
    **mathematics.FUNCTIONS,
    **times.FUNCTIONS,
    **boundaries.FUNCTIONS,
    **fhir.FUNCTIONS,
}

__all__ = ["FUNCTIONS", "Function"]
