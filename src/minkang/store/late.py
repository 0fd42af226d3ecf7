"""What only the resource itself can tell of a clause, because no index has it."""

from collections.abc import Callable

from minkang.fhir.extract import Extracted
from minkang.fhir.search import (
    Clause,
    QuantityValue,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_values import fold_code, number_matches, string_matches, uri_matches
from minkang.store.comparisons import number_in

Late = Callable[[Extracted], bool]
"""What only the resource itself can tell."""


def late_of(clause: Clause) -> Late:
    """The clause as a question to a resource's values, for what an index can't tell."""
    codes = frozenset(stored.code for stored in clause.parameter.stored)
    modifier = clause.modifier
    wanted = clause.values

    def holds(values: Extracted) -> bool:
        return any(_holds(value, modifier, codes, values) for value in wanted)

    return holds


def _holds(value: Value, modifier: str | None, codes: frozenset[str], values: Extracted) -> bool:
    match value:
        case StringValue(text) if modifier == "text":
            return any(c in codes and string_matches(t, text, None) for c, t in values.texts)
        case StringValue(text):
            return any(c in codes and string_matches(t, text, modifier) for c, t in values.strings)
        case TokenValue(system, None):
            return any(c in codes and s == system for c, s, _ in values.tokens) or any(
                c in codes and s == system for c, s, _ in [*values.identifiers, *values.logical]
            )
        case TokenValue(system, str(code)):
            pairs = [(s, v) for c, s, v in values.tokens if c in codes]
            pairs += [(s, v) for c, s, v in values.identifiers if c in codes]
            pairs += [(s, v) for c, s, v in values.logical if c in codes]
            wanted = fold_code(code)
            return any(fold_code(v) == wanted and system in (None, s) for s, v in pairs)
        case UriValue(uri):
            return any(c in codes and uri_matches(u, uri, modifier) for c, u in values.uris)
        case QuantityValue():
            return any(
                c in codes
                and (number := number_in(value, *unit)) is not None
                and number_matches(low, high, number)
                for c, low, high, *unit in values.quantities
            )
    return False
