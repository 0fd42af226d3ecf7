"""Results: one row a value, and a series for each item across institutions."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.store import Stored

_LOINC = "http://loinc.org"


class Result(msgspec.Struct, frozen=True):
    """One value.

    Attributes:
        item: key of the series that it belongs to.
        text: the value as it is shown, with the digits as sent.
        number: for curves; None for texts.
        flag: `HH`, `H`, `N`, `L`, `LL`, `A` or empty: the laboratory's own, else by the range.
        low, high: of the reference range that came with this value.
        status: FHIR observation status.
    """

    item: str
    name: str
    text: str
    number: Decimal | None
    unit: str
    flag: str
    low: Decimal | None
    high: Decimal | None
    range_text: str
    at: datetime | None
    status: str
    origin: Origin


class Series(msgspec.Struct, frozen=True):
    """All values of one item, newest first."""

    item: str
    name: str
    unit: str
    results: tuple[Result, ...]

    @property
    def numeric(self) -> tuple[Result, ...]:
        """Those that a curve can show, oldest first."""
        return tuple(r for r in reversed(self.results) if r.number is not None and r.at)


def results_of(observations: Iterable[Stored], names: Names) -> tuple[Result, ...]:
    """All values, newest first; what was entered in error is left out."""
    found = [result for stored in observations for result in _results(stored, names)]
    return tuple(sorted(found, key=lambda r: (r.at is not None, r.at, r.item), reverse=True))


def series_of(results: Iterable[Result]) -> tuple[Series, ...]:
    """Results by item, in the order of each item's newest value."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.item, []).append(result)
    return tuple(
        Series(item, group[0].name, next((r.unit for r in group if r.unit), ""), tuple(group))
        for item, group in groups.items()
    )


def _results(stored: Stored, names: Names) -> Iterator[Result]:
    resource = stored.resource
    if resource.get("status") in ("entered-in-error", "cancelled"):
        return
    parts = resource.get("component") or [resource]
    for part in parts:
        if result := _result(stored, resource, part, names):
            yield result


def _result(stored: Stored, whole: Resource, part: Resource, names: Names) -> Result | None:
    quantity = part.get("valueQuantity")
    number, unit, text = None, "", ""
    if quantity is not None:
        number, unit = Decimal(quantity["value"]), quantity.get("unit", "")
        text = f"{quantity.get('comparator', '')}{quantity['value']}"
    elif "valueString" in part:
        text = part["valueString"]
    elif "valueCodeableConcept" in part:
        text = concept_text(part["valueCodeableConcept"])
    elif "valueDateTime" in part:
        text = part["valueDateTime"]
    if not text:
        return None
    low, high, range_text = _range(part)
    return Result(
        _item(stored, part),
        concept_text(part.get("code")),
        text,
        number,
        unit,
        _flag(part, number, low, high),
        low,
        high,
        range_text,
        moment(whole.get("effectiveDateTime") or whole.get("issued")),
        whole.get("status", ""),
        origin_of(stored, names),
    )


def _item(stored: Stored, part: Resource) -> str:
    """LOINC joins items of all institutions; a local code counts within its own alone."""
    codings = part.get("code", {}).get("coding", [])
    for coding in codings:
        if coding.get("system") == _LOINC:
            return str(coding["code"])
    local = codings[0].get("code") if codings else concept_text(part.get("code"))
    return f"{stored.source}:{local}"


def _range(part: Resource) -> tuple[Decimal | None, Decimal | None, str]:
    ranges: list[dict[str, Any]] = part.get("referenceRange", [])
    if not ranges:
        return None, None, ""
    low, high = (ranges[0].get(end, {}).get("value") for end in ("low", "high"))
    return (
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        ranges[0].get("text", ""),
    )


def _flag(part: Resource, number: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    for concept in part.get("interpretation", []):
        for coding in concept.get("coding", []):
            return str(coding.get("code", ""))
    if number is None or (low is None and high is None):
        return ""
    if low is not None and number < low:
        return "L"
    if high is not None and number > high:
        return "H"
    return "N"
