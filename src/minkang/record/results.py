"""Results: one row a value, and a series for each item across institutions and units."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Names, Origin, concept_text, moment, origin_of
from minkang.record.units import analyte, converted, series_code
from minkang.store import Stored

_LOINC: Final = "http://loinc.org"
_NEVER_WAS: Final = ("entered-in-error", "cancelled")
_RESULT_KINDS: Final = frozenset({"laboratory", "vital-signs"})
# Reports of imaging and electrocardiography in words, and what doctors wrote in a case record.
_NARRATIVE: Final = frozenset(
    {"59776-5", "19005-8", "18782-3", "10154-3", "10164-2", "11348-0", "29545-1", "18776-5"}
)
CRITICAL: Final = frozenset({"HH", "LL", "AA", "HU", "LU"})
_NORMAL: Final = frozenset({"", "N", "NEG", "S", "ND", "NR"})


class Result(msgspec.Struct, frozen=True):
    """One value.

    Attributes:
        item: key of the series that it belongs to.
        text: the value as it is shown, with the digits as sent.
        number: as sent, in `unit`; None for texts.
        flag: code of HL7's ObservationInterpretation: the laboratory's own, else by the range.
        low, high: of the reference range that came with this value, in its own unit.
        status: FHIR observation status.
        plotted: the number in the unit of the series; None if no way leads there.
        by_range: the flag was not sent but follows from the range.
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
    plotted: Decimal | None = None
    by_range: bool = False
    note: str = ""

    @property
    def abnormal(self) -> bool:
        """Whether the laboratory or its range calls the value out of the ordinary."""
        return self.flag not in _NORMAL

    @property
    def critical(self) -> bool:
        """Whether the laboratory itself called the value critical (危急值)."""
        return self.flag in CRITICAL


class Series(msgspec.Struct, frozen=True):
    """All values of one item, newest first; `unit` is that of the curve."""

    item: str
    name: str
    unit: str
    results: tuple[Result, ...]

    @property
    def numeric(self) -> tuple[Result, ...]:
        """Those that a curve in the unit of the series can show, oldest first."""
        return tuple(r for r in reversed(self.results) if r.plotted is not None and r.at)


def is_result(stored: Stored) -> bool:
    """Whether an Observation is a measurement or laboratory result, and not part of a form."""
    resource = stored.resource
    kinds = {
        coding.get("code")
        for concept in resource.get("category", [])
        for coding in concept.get("coding", [])
    }
    codes = {one.get("code") for one in _codings(resource) if one.get("system") == _LOINC}
    if codes & _NARRATIVE:
        return False
    return bool(kinds & _RESULT_KINDS) or bool(codes and not kinds and "valueQuantity" in resource)


def results_of(observations: Iterable[Stored], names: Names) -> tuple[Result, ...]:
    """All values, newest first; what was entered in error is left out."""
    found = [result for stored in observations for result in _results(stored, names)]
    return tuple(newest_first(found))


def newest_first(results: Iterable[Result]) -> list[Result]:
    """By time; of the same time what came in last stands first."""
    return sorted(results, key=_age, reverse=True)


def _age(result: Result) -> tuple[bool, datetime | None, datetime, str]:
    return (result.at is not None, result.at, result.origin.received, result.item)


def series_of(results: Iterable[Result]) -> tuple[Series, ...]:
    """Results by item, in the order of each item's newest value, each with its curve's number."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.item, []).append(result)
    return tuple(_series(item, group) for item, group in groups.items())


def in_unit_of(series: Series, value: Decimal | None, unit: str) -> Decimal | None:
    """An end of a reference range in the unit of the series; None where it can't be told."""
    return None if value is None else converted(value, unit, series.unit, series.item)


def _series(item: str, group: list[Result]) -> Series:
    known = analyte(item)
    sent = next((r.unit for r in group if r.number is not None), "")
    unit = sent
    if known and sent and converted(Decimal(1), sent, known.unit, item) is not None:
        unit = known.unit
    shown = tuple(
        r
        if r.number is None
        else msgspec.structs.replace(r, plotted=converted(r.number, r.unit, unit, item))
        for r in group
    )
    return Series(item, group[0].name, unit, shown)


def _results(stored: Stored, names: Names) -> Iterator[Result]:
    resource = stored.resource
    if resource.get("status") in _NEVER_WAS:
        return
    parts = resource.get("component") or [resource]
    for part in parts:
        if result := _result(stored, resource, part, names):
            yield result


def _result(stored: Stored, whole: Resource, part: Resource, names: Names) -> Result | None:
    number, unit, text = _value(part)
    if not text:
        return None
    low, high, range_text = _range(part)
    sent = _sent_flag(part)
    return Result(
        item=_item(stored, part),
        name=concept_text(part.get("code")),
        text=text,
        number=number,
        unit=unit,
        flag=sent or _flag_by_range(number, low, high),
        low=low,
        high=high,
        range_text=range_text,
        at=moment(whole.get("effectiveDateTime") or _start(whole) or whole.get("issued")),
        status=whole.get("status", ""),
        origin=origin_of(stored, names),
        by_range=not sent,
        note="；".join(str(one["text"]) for one in whole.get("note", []) if one.get("text")),
    )


def _start(whole: Resource) -> str | None:
    return (whole.get("effectivePeriod") or {}).get("start")


def _value(part: Resource) -> tuple[Decimal | None, str, str]:
    """Number, unit and the value as it is shown; an empty text if there is none."""
    quantity = part.get("valueQuantity")
    if quantity is not None and quantity.get("value") is not None:
        unit = str(quantity.get("unit") or quantity.get("code") or "")
        text = f"{quantity.get('comparator', '')}{quantity['value']}"
        return Decimal(quantity["value"]), unit, text
    if "valueInteger" in part:
        return Decimal(part["valueInteger"]), "", str(part["valueInteger"])
    for name in ("valueString", "valueDateTime", "valueTime"):
        if part.get(name):
            return None, "", str(part[name])
    if "valueCodeableConcept" in part:
        return None, "", concept_text(part["valueCodeableConcept"])
    for name, sign in (("valueRange", "–"), ("valueRatio", ":")):
        if ends := part.get(name):
            return None, *_pair(ends, sign)
    return None, "", ""


def _pair(ends: dict[str, Any], sign: str) -> tuple[str, str]:
    first, last = (ends.get(a) or ends.get(b) or {} for a, b in _ENDS)
    unit = str(first.get("unit") or last.get("unit") or "")
    return unit, f"{first.get('value', '')}{sign}{last.get('value', '')}"


_ENDS: Final = (("low", "numerator"), ("high", "denominator"))


def _codings(part: Resource) -> list[dict[str, Any]]:
    return list((part.get("code") or {}).get("coding", []))


def _item(stored: Stored, part: Resource) -> str:
    """LOINC joins items of all institutions; a local code counts within its own alone."""
    codings = _codings(part)
    for coding in codings:
        if coding.get("system") == _LOINC and coding.get("code"):
            return series_code(str(coding["code"]))
    local = codings[0].get("code") if codings else concept_text(part.get("code"))
    return f"{stored.source}:{local}"


def _range(part: Resource) -> tuple[Decimal | None, Decimal | None, str]:
    """The normal range that came with the value; others (critical, therapeutic) are not it."""
    ranges: list[dict[str, Any]] = [
        one
        for one in part.get("referenceRange", [])
        if not one.get("type") or "normal" in {c.get("code") for c in one["type"].get("coding", [])}
    ]
    if not ranges:
        return None, None, ""
    low, high = (ranges[0].get(end, {}).get("value") for end in ("low", "high"))
    return (
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        ranges[0].get("text", "") or _range_said(low, high),
    )


def _range_said(low: Any, high: Any) -> str:
    if low is not None and high is not None:
        return f"{low}–{high}"
    if high is not None:
        return f"≤{high}"
    return f"≥{low}" if low is not None else ""


def _sent_flag(part: Resource) -> str:
    for concept in part.get("interpretation", []):
        for coding in concept.get("coding", []):
            if coding.get("code"):
                return str(coding["code"])
    return ""


def _flag_by_range(number: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    if number is None or (low is None and high is None):
        return ""
    if low is not None and number < low:
        return "L"
    if high is not None and number > high:
        return "H"
    return "N"
