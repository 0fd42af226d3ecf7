"""From the values of a resource to the rows that it is found by.

The other half of `conditions`: both make the same hashes of the same values.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from minkang.fhir.extract import CompositePart, Extracted
from minkang.fhir.search_values import fold
from minkang.store.marked import marked_of
from minkang.store.names import grams as grams_of
from minkang.store.names import grams_of_ascii, normalise, pinyin_keys
from minkang.store.terms import (
    CONTAINED,
    PERSONAL,
    PREFIXES,
    SHARED,
    Terms,
    code_hash,
    parameter_hash,
    resource_hash,
    system_hash,
    turned,
    unit_hash,
    uri_hash,
)

INDEXED = 2
"""Version of the rules in this module and in `fhir.extract`; a new one makes rows be made anew.

Whoever raises it adds a migration that makes the partial index `resource_stale` for it.
"""

_MAX_TEXT = 200
_MOST_STRINGS = 2_000
"""Strings of one resource that it is found by: what has more is no name of anybody."""
_PIECE = 40
_MOST_PIECES = 50
_PERSONAL_TOKENS = frozenset({"telecom", "phone", "email"})


class IndexRows(msgspec.Struct):
    """Rows of some resources: (hash, sequence), (hash, low, high, sequence), (hash, text, ...).

    `systems` are (parameter, system), `units` (parameter, system, code, printed text).
    """

    terms: list[tuple[int, int]] = []
    spans: list[tuple[int, float, float, int]] = []
    strings: list[tuple[int, str, int]] = []
    systems: set[tuple[int, str]] = set()
    units: set[tuple[int, str, str, str]] = set()


def text_of(text: str) -> str:
    """A string as it is indexed: folded, and cut to what an index can hold."""
    return fold(text)[:_MAX_TEXT]


def add_rows(
    terms: Terms, resource_type: str, values: Extracted, sequence: int, rows: IndexRows
) -> list[int]:
    """Add the rows of one resource; returns its marks."""
    hashes: set[int] = set()
    marks: set[int] = set()
    spans: set[tuple[int, float, float]] = set()
    cache = terms.tokens.setdefault(resource_type, {})
    if len(cache) > _MOST_CACHED:
        cache.clear()
    marked = marked_of(resource_type)
    for token in values.tokens:
        found = cache.get(token)
        if found is None:
            found = cache[token] = _token(terms, resource_type, token)
        number, seen = found
        if seen is not None:
            (marks if token[0] in marked else hashes).add(number)
            rows.systems.add(seen)
    for code, system, value in values.identifiers:
        hashes.add(terms.identifier(resource_type, code, system, value))
        rows.systems.add((parameter_hash(resource_type, code), system))
    for code, target, target_id in values.references:
        number = parameter_hash(resource_type, code) ^ resource_hash(target, target_id)
        (hashes if target in SHARED else marks).add(number)
    for code, system, value in values.logical:
        marks.add(terms.identifier(resource_type, f"{code}:identifier", system, value))
        rows.systems.add((parameter_hash(resource_type, f"{code}:identifier"), system))
    for code, uri in values.urls:
        marks.add(parameter_hash(resource_type, code) ^ uri_hash(uri))
    for code, uri in values.uris:
        marks.add(parameter_hash(resource_type, code) ^ uri_hash(uri))
    for code, begin, end in values.dates:
        spans.add(_date(parameter_hash(resource_type, code), begin, end))
    for code, exact in values.numbers:
        spans.add(_number(parameter_hash(resource_type, code), exact, exact))
    for code, low, high, system, unit_code, unit in values.quantities:
        number, seen_unit = _quantity(resource_type, code, system, unit_code, unit)
        rows.units.add(seen_unit)
        spans.add(_number(number, low, high))
    for code, parts in values.composites:
        _add_composite(terms, resource_type, code, parts, sequence, hashes, spans, rows)
    if values.strings:
        _add_strings(terms, resource_type, values, sequence, hashes, marks, rows)
    for code, system, kind, value in values.identifier_types:
        marks.add(terms.identifier(resource_type, f"{code}:of-type", f"{system}|{kind}", value))
    rows.terms += [(number, sequence) for number in hashes]
    rows.spans += [(number, low, high, sequence) for number, low, high in spans]
    return sorted(marks)


_MOST_CACHED = 100_000


def _token(
    terms: Terms, resource_type: str, token: tuple[str, str, str]
) -> tuple[int, tuple[int, str] | None]:
    """The hash of a token, and the system that its parameter is seen with."""
    code, system, value = token
    if not value:
        return 0, None  # a coding without a code is found by its system or text only
    base = parameter_hash(resource_type, code)
    if resource_type in PERSONAL and code in _PERSONAL_TOKENS:
        return terms.identifier(resource_type, code, system, value), (base, system)
    return base ^ system_hash(system) ^ code_hash(value), (base, system)


LONG = system_hash("longer than a day, or more than a point")
"""What has such an extent lies under a hash of its own: so "reaches above it" needs to look back
no further than a day, or not at all, among all the others."""

_DAY = 86_400_000_000 + 1_000


def _date(number: int, low: int, high: int) -> tuple[int, float, float]:
    """The row of a date in microseconds, half-open."""
    return (number if high - low <= _DAY else number ^ LONG, float(low), float(high))


def _number(number: int, low: Decimal, high: Decimal) -> tuple[int, float, float]:
    """The row of a number, or of a range of them, both ends inside."""
    bottom = float(low)
    top = bottom if high is low else float(high)
    return (number if bottom == top else number ^ LONG, bottom, top)


def _unit(system: str, code: str, unit: str) -> int:
    return unit_hash(system, code) if code else unit_hash("", unit)


@lru_cache(maxsize=20_000)
def _quantity(
    resource_type: str, parameter: str, system: str, code: str, unit: str
) -> tuple[int, tuple[int, str, str, str]]:
    """The hash of a parameter in a unit, and the unit that the parameter is seen with."""
    base = parameter_hash(resource_type, parameter)
    return base ^ _unit(system, code, unit), (base, system if code else "", code, unit)


def _add_strings(
    terms: Terms,
    resource_type: str,
    values: Extracted,
    sequence: int,
    hashes: set[int],
    marks: set[int],
    rows: IndexRows,
) -> None:
    personal = resource_type in PERSONAL
    strings: set[tuple[int, str]] = set()
    cut: set[tuple[str, str]] = set()
    for code, text in values.strings[:_MOST_STRINGS]:
        if code == "phonetic":
            hashes.update(_spoken(terms, resource_type, text))
            continue
        folded = text_of(text)
        kept = CONTAINED.get(code)
        if kept is not None and (kept, text) not in cut:
            cut.add((kept, text))
            if len(text) > _MAX_TEXT:
                marks.update(terms.gram(resource_type, kept, gram) for gram in _grams(text))
            else:
                marks.update(_contained(terms, resource_type, kept, text))
        if personal:
            hashes.update(_begun(terms, resource_type, kept or code, folded))
        else:
            strings.add((parameter_hash(resource_type, code), folded))
    rows.strings += [(number, folded, sequence) for number, folded in strings]


# Names and places come again and again, in other resources and when one is written anew. What they
# are found by follows from the text and the key alone, and `Terms` stands for the key.
@lru_cache(maxsize=20_000)
def _spoken(terms: Terms, resource_type: str, text: str) -> tuple[int, ...]:
    """The hashes of a name as it is said."""
    return tuple(terms.phonetic(resource_type, key) for key in pinyin_keys(text))


@lru_cache(maxsize=20_000)
def _begun(terms: Terms, resource_type: str, kept: str, folded: str) -> tuple[int, ...]:
    """The hashes of the beginnings of a personal string."""
    lengths = (n for n in PREFIXES if n <= len(folded))
    return tuple(terms.prefix(resource_type, kept, folded[:n]) for n in lengths)


@lru_cache(maxsize=20_000)
def _contained(terms: Terms, resource_type: str, kept: str, text: str) -> tuple[int, ...]:
    """The marks of what a string contains."""
    return tuple(terms.gram(resource_type, kept, gram) for gram in _grams(text))


def _grams(text: str) -> set[str]:
    """What a text of any length can be found by, with and without its accents."""
    if len(text) <= _PIECE * _MOST_PIECES and text.isascii():
        return grams_of_ascii(text)
    found: set[str] = set()
    for form in {text, fold(text)}:
        pieces = (form[begin : begin + _PIECE] for begin in range(0, len(form), _PIECE))
        plain = "".join(map(normalise, islice(pieces, _MOST_PIECES)))
        for begin in range(0, len(plain), _PIECE - 1):
            found |= grams_of(plain[begin : begin + _PIECE])
    return found


def _add_composite(
    terms: Terms,
    resource_type: str,
    code: str,
    parts: Iterable[CompositePart],
    sequence: int,
    hashes: set[int],
    spans: set[tuple[int, float, float]],
    rows: IndexRows,
) -> None:
    """One row for a group of values: what is exact makes the hash, the first extent the range."""
    number = parameter_hash(resource_type, code)
    extent: tuple[Any, Any] | None = None
    dated = False
    text: str | None = None
    for place, (kind, value) in enumerate(parts):
        if kind == "token":
            exact, seen = _composite_token(resource_type, f"{code}${place}", *value, place)
            number ^= exact
            rows.systems.add(seen)
        elif kind == "quantity" and extent is None:
            low, high, system, unit_code, unit = value
            exact, seen_unit = _composite_unit(
                resource_type, f"{code}${place}", system, unit_code, unit, place
            )
            number ^= exact
            rows.units.add(seen_unit)
            extent = (low, high)
        elif kind == "date" and extent is None:
            extent, dated = (value[0], value[1]), True
        elif kind == "number" and extent is None:
            extent = (value[0], value[0])
        elif kind == "identifier":
            secret = terms.identifier(resource_type, f"{code}${place}", *value)
            number ^= turned(secret, place)
            rows.systems.add((parameter_hash(resource_type, f"{code}${place}"), value[0]))
        elif kind == "reference":
            number ^= turned(resource_hash(*value), place)
        elif kind in ("uri", "url"):
            number ^= turned(uri_hash(value[0]), place)
        elif kind == "string":
            text = text_of(value[0]) if text is None else text
    if text is not None:
        rows.strings.append((number, text, sequence))
    elif extent is not None:
        spans.add(_date(number, *extent) if dated else _number(number, *extent))
    else:
        hashes.add(number)


@lru_cache(maxsize=50_000)
def _composite_token(
    resource_type: str, part: str, system: str, value: str, place: int
) -> tuple[int, tuple[int, str]]:
    number = turned(system_hash(system) ^ code_hash(value), place)
    return number, (parameter_hash(resource_type, part), system)


@lru_cache(maxsize=20_000)
def _composite_unit(
    resource_type: str, part: str, system: str, code: str, unit: str, place: int
) -> tuple[int, tuple[int, str, str, str]]:
    _, seen = _quantity(resource_type, part, system, code, unit)
    return turned(_unit(system, code, unit), place), seen
