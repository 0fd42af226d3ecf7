"""Checks of measured values: their units, how large they are, and what is said of them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from minkang.exchange.quality.facts import Facts, values

Check = Callable[[Facts], bool | None]


class _Item(msgspec.Struct, frozen=True):
    """Units that an item is measured in (folded), and where its values lie in a living person."""

    units: frozenset[str]
    least: float
    most: float


_LOINC: Final = "http://loinc.org"
_HIGH: Final = frozenset({"H", "HH", "HU", "HX", ">"})
_LOW: Final = frozenset({"L", "LL", "LU", "LX", "<"})
_SYSTOLIC: Final = "8480-6"
_DIASTOLIC: Final = "8462-4"


def _measured(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """LOINC codes with their quantities, of the Observation and of its components."""
    for one in (facts.resource, *facts.resource.get("component", ())):
        quantity = one.get("valueQuantity")
        if quantity is not None and "value" in quantity:
            for coding in one.get("code", {}).get("coding", ()):
                if coding.get("system") == _LOINC:
                    yield coding.get("code", ""), quantity


def _unit(quantity: dict[str, Any]) -> str:
    return str(quantity.get("unit") or quantity.get("code") or "").strip().casefold()


def _table(items: dict[str, Any]) -> dict[str, _Item]:
    """Items by their LOINC code."""
    return {
        str(code): _Item(
            frozenset(str(unit).casefold() for unit in item["units"]),
            float(item["least"]),
            float(item["most"]),
        )
        for code, item in items.items()
    }


def _is_laboratory(facts: Facts) -> bool:
    return "laboratory" in values(facts.resource, ("category", "coding", "code"))


def with_unit(field: str) -> Check:
    """The measured number has a unit."""

    def check(facts: Facts) -> bool | None:
        quantity = facts.resource.get(field)
        return bool(_unit(quantity)) if quantity and "value" in quantity else None

    return check


def with_range(field: str) -> Check:
    """A number that a laboratory measured has a reference range beside it."""

    def check(facts: Facts) -> bool | None:
        if "valueQuantity" not in facts.resource or not _is_laboratory(facts):
            return None
        return bool(facts.resource.get(field))

    return check


def standard_code(field: str, *, systems: list[str]) -> Check:
    """What a laboratory measured has a code of one of these systems."""
    path = (field, "coding", "system")

    def check(facts: Facts) -> bool | None:
        if not _is_laboratory(facts):
            return None
        return any(system in systems for system in values(facts.resource, path))

    return check


def unit_fits(field: str, *, items: dict[str, Any]) -> Check:
    """The unit is one of those that the item is measured in."""
    del field
    table = _table(items)

    def check(facts: Facts) -> bool | None:
        found = [
            _unit(quantity) in table[code].units
            for code, quantity in _measured(facts)
            if code in table and _unit(quantity)
        ]
        return all(found) if found else None

    return check


def is_plausible(field: str, *, items: dict[str, Any]) -> Check:
    """The value is one that a living person can have; of known items in their usual unit."""
    del field
    table = _table(items)

    def check(facts: Facts) -> bool | None:
        found = [
            table[code].least <= quantity["value"] <= table[code].most
            for code, quantity in _measured(facts)
            if code in table and _unit(quantity) in table[code].units
        ]
        return all(found) if found else None

    return check


def _limit(reference: dict[str, Any], side: str, unit: str) -> Any:
    """One end of a reference range, if it is in the same unit."""
    quantity = reference.get(side)
    if not quantity or "value" not in quantity or _unit(quantity) not in ("", unit):
        return None
    return quantity["value"]


def flag_fits(field: str) -> Check:
    """What is called high, low or normal is so by the reference range beside it."""

    def check(facts: Facts) -> bool | None:
        quantity = facts.resource.get("valueQuantity")
        ranges: list[Any] = facts.resource.get("referenceRange") or []
        flags = {one.get("code") for one in values(facts.resource, (field, "coding"))}
        if not quantity or "value" not in quantity or "comparator" in quantity:
            return None
        if len(ranges) != 1 or not flags:
            return None
        value, unit = quantity["value"], _unit(quantity)
        low, high = _limit(ranges[0], "low", unit), _limit(ranges[0], "high", unit)
        if low is None and high is None:
            return None
        over = high is not None and value > high
        under = low is not None and value < low
        said_over, said_under, normal = flags & _HIGH, flags & _LOW, "N" in flags
        if not (said_over or said_under or normal):
            return None
        if normal:
            return not over and not under
        return bool(over) if said_over else bool(under)

    return check


def range_in_order(field: str) -> Check:
    """The lower end of a reference range is not above the upper one."""

    def check(facts: Facts) -> bool | None:
        found = [
            one["low"]["value"] <= one["high"]["value"]
            for one in facts.resource.get(field) or ()
            if "value" in one.get("low", {}) and "value" in one.get("high", {})
        ]
        return all(found) if found else None

    return check


def pressure_in_order(field: str) -> Check:
    """The systolic pressure is above the diastolic one."""
    del field

    def check(facts: Facts) -> bool | None:
        found = {code: quantity["value"] for code, quantity in _measured(facts)}
        if _SYSTOLIC not in found or _DIASTOLIC not in found:
            return None
        return bool(found[_SYSTOLIC] > found[_DIASTOLIC])

    return check
