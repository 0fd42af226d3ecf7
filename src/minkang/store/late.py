"""What only the resource itself can tell of a clause, because no index has it."""

from collections.abc import Callable

from minkang.fhir.extract import CompositePart, Extracted
from minkang.fhir.search import (
    Clause,
    CompositeValue,
    DateValue,
    NumberValue,
    QuantityValue,
    ReferenceValue,
    StringValue,
    TokenValue,
    UriValue,
    Value,
)
from minkang.fhir.search_values import (
    date_matches,
    fold_code,
    number_matches,
    string_matches,
    uri_matches,
)
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
        case CompositeValue(parts):
            return any(
                c in codes and all(map(_part_holds, parts, group)) for c, group in values.composites
            )
    return False


def _part_holds(wanted: Value, part: CompositePart) -> bool:
    """Whether one part of a group is what was asked for."""
    kind, value = part
    match wanted:
        case TokenValue(system, str(code)):
            return fold_code(value[1]) == fold_code(code) and system in (None, value[0])
        case NumberValue():
            return number_matches(value[0], value[0], wanted)
        case QuantityValue():
            number = number_in(wanted, *value[2:])
            return number is not None and number_matches(value[0], value[1], number)
        case DateValue():
            return date_matches(value[0], value[1], wanted)
        case StringValue(text):
            return string_matches(value[0], text, None)
        case ReferenceValue():
            return kind == "reference" and wanted.id == value[1] and wanted.type in (None, value[0])
        case UriValue(uri):
            return bool(value[0] == uri)
    return False
