"""What the values of FHIR's data types count as in an index; called by the generated extractors.

FHIR R4 3.1.1.4.8 to 3.1.1.4.15 (which data types each kind of parameter compares, and how).
"""

from collections.abc import Iterator
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

from minkang.fhir.references import ID_PATTERN
from minkang.fhir.search_dates import EARLIEST, LATEST, span
from minkang.fhir.types import TYPE_CODES

Node = dict[str, Any]

_MEASURE = Context(prec=40, Emax=300, Emin=-300, traps=[])
_INFINITE = Decimal("Infinity")
_CJK = range(0x2E80, 0xA000)


def number(value: int | Decimal) -> Decimal:
    """A JSON number to compare with: 40 digits are kept, beyond 1e300 it is infinite."""
    return _MEASURE.create_decimal(value)


@lru_cache(maxsize=16384)
def local(text: str) -> tuple[str, str] | None:
    """Type and id of a literal reference to this server, with or without a version."""
    resource_type, _, rest = text.partition("/")
    resource_id = rest.partition("/_history/")[0]
    if resource_type in TYPE_CODES and ID_PATTERN.fullmatch(resource_id):
        return resource_type, resource_id
    return None


def points_to(node: Node, resource_type: str) -> bool:
    """Whether a Reference is to a resource of that type, as far as the reference itself tells."""
    text = node.get("reference")
    if text is None or "/" not in text:
        return bool(node.get("type") == resource_type)
    return resource_type in text.partition("/_history/")[0].split("/")[-2:-1]


def unversioned(text: str) -> tuple[str, ...]:
    """A canonical or a URL as written, and without its version (`|2.0`, `/_history/2`)."""
    plain = text.partition("|")[0].partition("/_history/")[0]
    return (text,) if plain == text or not plain else (text, plain)


def date(text: str) -> tuple[tuple[int, int], ...]:
    """The span of a date of any precision."""
    try:
        return (span(text),)
    except ValueError:
        # Validation lets none through; what another release let in is not found by date.
        return ()


def period(node: Node) -> tuple[tuple[int, int], ...]:
    """A Period; a missing end is open."""
    start = node.get("start")
    end = node.get("end")
    if start is None and end is None:
        return ()
    try:
        low = EARLIEST if start is None else span(start)[0]
        high = LATEST if end is None else span(end)[1]
    except ValueError:
        return ()
    return ((low, high),)


def timing(node: Node) -> tuple[tuple[int, int], ...]:
    """The outer limits of a Timing: its events and the period that bounds its repetition."""
    spans = [found for event in node.get("event", ()) if event for found in date(event)]
    spans += period(node.get("repeat", {}).get("boundsPeriod", {}))
    if not spans:
        return ()
    return ((min(low for low, _ in spans), max(high for _, high in spans)),)


Quantity = tuple[Decimal, Decimal, str, str, str]


def quantity(node: Node) -> tuple[Quantity, ...]:
    """Low, high (both inside), system, code, unit; with a comparator one side is infinite."""
    value = node.get("value")
    if value is None:
        return ()
    low = high = number(value)
    comparator = node.get("comparator")
    if comparator is not None:
        if comparator[0] == "<":
            low = -_INFINITE
        else:
            high = _INFINITE
    return ((low, high, node.get("system", ""), node.get("code", ""), node.get("unit", "")),)


def quantity_range(node: Node) -> tuple[Quantity, ...]:
    """A Range; a missing end is open."""
    low, high = node.get("low", {}), node.get("high", {})
    at, to = low.get("value"), high.get("value")
    if at is None and to is None:
        return ()
    unit = high if at is None else low
    return (
        (
            -_INFINITE if at is None else number(at),
            _INFINITE if to is None else number(to),
            unit.get("system", ""),
            unit.get("code", ""),
            unit.get("unit", ""),
        ),
    )


def money(node: Node) -> tuple[Quantity, ...]:
    """Money: the unit is the currency."""
    value = node.get("value")
    if value is None:
        return ()
    currency = node.get("currency", "")
    amount = number(value)
    return ((amount, amount, "urn:iso:std:iso:4217" if currency else "", currency, ""),)


def name_parts(node: Node) -> Iterator[str]:
    """Every text of a HumanName: a search may begin with any of them."""
    for key in ("text", "family"):
        if (text := node.get(key)) is not None:
            yield text
    for key in ("given", "prefix", "suffix"):
        for text in node.get(key, ()):
            if text is not None:
                yield text


def address_parts(node: Node) -> Iterator[str]:
    """Every text of an Address."""
    for key in ("text", "city", "district", "state", "country", "postalCode"):
        if (text := node.get(key)) is not None:
            yield text
    for text in node.get("line", ()):
        if text is not None:
            yield text


def spoken_names(node: Node) -> tuple[str, ...]:
    """A HumanName as it is said: the text, and family and given name in the order of the script."""
    family = node.get("family", "")
    given = [part for part in node.get("given", ()) if part]
    if ord((family or "".join(given) or " ")[0]) in _CJK:
        joined = family + "".join(given)
    else:
        joined = " ".join([*given, family]).strip()
    text = node.get("text")
    if text is None or text == joined:
        return (joined,) if joined else ()
    return (text, joined) if joined else (text,)
