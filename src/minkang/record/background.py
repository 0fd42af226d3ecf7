"""What matters whatever somebody comes for: allergies, blood group, risks, chronic diseases."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from minkang.fhir import Resource
from minkang.record.fact import Names, Origin, concept_code, concept_text, moment, origin_of
from minkang.record.results import Result, Series
from minkang.store import Stored

_REFUTED: Final = ("refuted", "entered-in-error")
_BLOOD_GROUP: Final = frozenset({"882-1", "883-9"})
_OLD: Final = 65
_RISKS: Final = frozenset({"72166-2", "11331-6", "11367-0", "74013-4"})
"""LOINC: tobacco smoking status, history of alcohol use, of tobacco use, alcoholic drinks a day."""


class Allergy(msgspec.Struct, frozen=True):
    """Something not borne; `none` if it says that there are none known."""

    name: str
    reactions: str
    high: bool
    none: bool
    at: datetime | None
    origin: Origin


class Said(msgspec.Struct, frozen=True):
    """One thing that somebody recorded of a resident."""

    name: str
    value: str
    at: datetime | None
    origin: Origin


class Chronic(msgspec.Struct, frozen=True):
    """How a chronic disease stands.

    Attributes:
        disease: `hypertension` or `diabetes`.
        value, unit, at: the last measurement that says so; empty without one.
        controlled: None: nothing was measured.
        goal: what would be controlled, as text.
    """

    disease: str
    value: str
    unit: str
    at: datetime | None
    controlled: bool | None
    goal: str
    origin: Origin | None


def allergies_of(stored: Iterable[Stored], names: Names) -> tuple[Allergy, ...]:
    """Those that count, the dangerous ones first; each substance once."""
    found: dict[str, Allergy] = {}
    for one in stored:
        resource = one.resource
        if concept_code(resource.get("verificationStatus")) in _REFUTED:
            continue
        if concept_code(resource.get("clinicalStatus")) == "resolved":
            continue
        name = concept_text(resource.get("code"))
        if name:
            found.setdefault(name, _allergy(name, one, names))
    return tuple(sorted(found.values(), key=lambda one: (one.none, not one.high, one.name)))


def _allergy(name: str, stored: Stored, names: Names) -> Allergy:
    resource = stored.resource
    reactions: list[Any] = resource.get("reaction", [])
    said = dict.fromkeys(
        concept_text(sign) for one in reactions for sign in one.get("manifestation", [])
    )
    severe = any(one.get("severity") == "severe" for one in reactions)
    return Allergy(
        name,
        "、".join(one for one in said if one),
        severe or resource.get("criticality") == "high",
        _denies(resource, name),
        moment(resource.get("recordedDate") or resource.get("onsetDateTime")),
        origin_of(stored, names),
    )


def _denies(resource: Resource, name: str) -> bool:
    """Whether it says that nothing is known: SNOMED CT 716186003, or in words."""
    return concept_code(resource.get("code")) == "716186003" or name in ("无", "否认", "无过敏史")


def blood_groups(observations: Iterable[Stored], names: Names) -> tuple[Said, ...]:
    """Every blood group that somebody recorded, newest first."""
    return _said(observations, names, _BLOOD_GROUP)


def risks_of(observations: Iterable[Stored], names: Names) -> tuple[Said, ...]:
    """The last word on smoking and drinking."""
    newest: dict[str, Said] = {}
    for one in _said(observations, names, _RISKS):
        newest.setdefault(one.name, one)
    return tuple(newest.values())


def family_of(histories: Iterable[Stored], names: Names) -> tuple[Said, ...]:
    """Diseases of relatives."""
    found = []
    for one in histories:
        conditions: list[Any] = one.resource.get("condition", [])
        said = "、".join(filter(None, (concept_text(each.get("code")) for each in conditions)))
        if said:
            relation = concept_text(one.resource.get("relationship"))
            at = moment(one.resource.get("date"))
            found.append(Said(relation, said, at, origin_of(one, names)))
    return tuple(found)


def _said(observations: Iterable[Stored], names: Names, codes: frozenset[str]) -> tuple[Said, ...]:
    found = []
    for one in observations:
        codings: list[Any] = one.resource.get("code", {}).get("coding", [])
        if not codes & {coding.get("code") for coding in codings}:
            continue
        if one.resource.get("status") in ("entered-in-error", "cancelled"):
            continue
        value = _value(one.resource)
        if value:
            at = moment(one.resource.get("effectiveDateTime") or one.resource.get("issued"))
            name = concept_text(one.resource.get("code"))
            found.append(Said(name, value, at, origin_of(one, names)))
    return tuple(sorted(found, key=lambda said: (said.at is not None, said.at), reverse=True))


def _value(resource: Resource) -> str:
    if "valueCodeableConcept" in resource:
        return concept_text(resource["valueCodeableConcept"])
    if "valueQuantity" in resource:
        quantity = resource["valueQuantity"]
        return f"{quantity.get('value', '')} {quantity.get('unit', '')}".strip()
    return str(resource.get("valueString", ""))


def chronic_of(
    codes: Iterable[str], series: Sequence[Series], age: int | None
) -> tuple[Chronic, ...]:
    """How hypertension and diabetes stand by the last measurements; `codes` are ICD-10.

    National norm of basic public health services (国家基本公共卫生服务规范, third edition): blood
    pressure below 140/90 mmHg, from 65 years on below 150/90; fasting glucose below
    7.0 mmol/L. Where fasting glucose is not known, HbA1c below 7 % (中国2型糖尿病防治指南, 2020).
    """
    known = tuple(codes)
    by_item = {one.item: one for one in series}
    found = []
    if any(one.startswith(("I10", "I11", "I12", "I13", "I15")) for one in known):
        found.append(_pressure(by_item.get("8480-6"), by_item.get("8462-4"), age))
    if any(one.startswith(("E10", "E11", "E12", "E13", "E14")) for one in known):
        found.append(_sugar(by_item.get("1558-6"), by_item.get("4548-4")))
    return tuple(found)


def _pressure(systolic: Series | None, diastolic: Series | None, age: int | None) -> Chronic:
    most = 150 if age is not None and age >= _OLD else 140
    goal = f"<{most}/90 mmHg"
    high, low = _last(systolic), _last(diastolic)
    if high is None or low is None or high.plotted is None or low.plotted is None:
        return Chronic("hypertension", "", "mmHg", None, None, goal, None)
    controlled = high.plotted < most and low.plotted < 90
    value = f"{high.text}/{low.text}"
    return Chronic("hypertension", value, "mmHg", high.at, controlled, goal, high.origin)


def _sugar(fasting: Series | None, haemoglobin: Series | None) -> Chronic:
    last = _last(fasting)
    if last is not None and last.plotted is not None:
        good = last.plotted < Decimal(7)
        return Chronic("diabetes", last.text, last.unit, last.at, good, "<7.0 mmol/L", last.origin)
    last = _last(haemoglobin)
    if last is not None and last.plotted is not None:
        good = last.plotted < Decimal(7)
        return Chronic("diabetes", last.text, last.unit, last.at, good, "HbA1c <7 %", last.origin)
    return Chronic("diabetes", "", "", None, None, "<7.0 mmol/L", None)


def _last(series: Series | None) -> Result | None:
    return series.numeric[-1] if series is not None and series.numeric else None
