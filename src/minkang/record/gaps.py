"""What of a life is contradictory, or missing where it would matter."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from minkang.record.background import Allergy, Said
from minkang.record.fact import Names, Origin, origin_of
from minkang.record.family_doctor import FamilyDoctor
from minkang.record.results import Series
from minkang.record.timeline import ZONE, Stop
from minkang.store import Stored

Kind = Literal[
    "two-blood-groups",
    "two-sexes",
    "two-birth-dates",
    "after-death",
    "wrong-clock",
    "allergy-denied",
    "two-family-doctors",
    "no-allergy-status",
    "no-blood-group",
    "no-phone",
    "no-haemoglobin",
]
_YEAR: Final = timedelta(days=365)


class Gap(msgspec.Struct, frozen=True):
    """A contradiction (`wrong`) or something missing; `values` are what stands against what."""

    kind: Kind
    wrong: bool
    values: tuple[str, ...]
    institutions: tuple[str, ...]
    origins: tuple[Origin, ...]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at."""

    patients: Sequence[Stored]
    names: Names
    allergies: Sequence[Allergy]
    blood: Sequence[Said]
    stops: Sequence[Stop]
    series: Sequence[Series]
    codes: Sequence[str]
    now: datetime
    doctors: Sequence[FamilyDoctor] = ()


def died_of(patients: Iterable[Stored]) -> date | None:
    """The day of death that a source tells; the latest of several."""
    days = []
    for one in patients:
        text = str(one.resource.get("deceasedDateTime", ""))[:10]
        if len(text) == 10:
            days.append(date.fromisoformat(text))
    return max(days, default=None)


def gaps_of(looked: Looked) -> tuple[Gap, ...]:
    """Contradictions first."""
    found = [
        *_differing(looked, "gender", "two-sexes"),
        *_differing(looked, "birthDate", "two-birth-dates"),
        *_two_groups(looked.blood),
        *_denied(looked.allergies),
        *_two_doctors(looked.doctors),
        *_times(looked.stops),
        *_missing(looked),
    ]
    return tuple(sorted(found, key=lambda one: not one.wrong))


def _differing(looked: Looked, name: str, kind: Kind) -> list[Gap]:
    """Sources that state a field of the person otherwise."""
    said: dict[str, list[Origin]] = {}
    for one in looked.patients:
        value = one.resource.get(name)
        if value and value != "unknown" and one.resource.get("active") is not False:
            said.setdefault(str(value), []).append(origin_of(one, looked.names))
    if len(said) < 2:
        return []
    origins = [one for several in said.values() for one in several]
    return [_gap(kind, tuple(sorted(said)), origins)]


def _two_groups(blood: Sequence[Said]) -> list[Gap]:
    groups = {one.value: one.origin for one in blood}
    if len(groups) < 2:
        return []
    return [_gap("two-blood-groups", tuple(sorted(groups)), groups.values())]


def _denied(allergies: Sequence[Allergy]) -> list[Gap]:
    named = [one for one in allergies if not one.none]
    denied = [one for one in allergies if one.none]
    if not (named and denied):
        return []
    origins = [one.origin for one in (*named, *denied)]
    return [_gap("allergy-denied", tuple(one.name for one in named), origins)]


def _two_doctors(doctors: Sequence[FamilyDoctor]) -> list[Gap]:
    """Agreements in force with several: one resident signs with one team."""
    current = [one for one in doctors if one.state == "current"]
    if len(current) < 2:
        return []
    said = tuple(f"{one.doctor or one.team}（{one.institution}）" for one in current)
    return [_gap("two-family-doctors", said, [one.origin for one in current])]


def _times(stops: Sequence[Stop]) -> list[Gap]:
    found = []
    faults: tuple[tuple[str, Kind], ...] = (
        ("after-death", "after-death"),
        ("ahead", "wrong-clock"),
    )
    for fault, kind in faults:
        such = [one for one in stops if fault in one.faults]
        if such:
            days = sorted({one.at.astimezone(ZONE).date().isoformat() for one in such if one.at})
            origins = [_first_origin(one) for one in such]
            found.append(_gap(kind, tuple(days), [one for one in origins if one is not None]))
    return found


def _first_origin(stop: Stop) -> Origin | None:
    if stop.visit is not None:
        return stop.visit.origin
    several: list[Any] = [*stop.items, *stop.results]
    return several[0].origin if several else None


def _missing(looked: Looked) -> list[Gap]:
    found: list[Gap] = []
    if not looked.allergies:
        found.append(Gap("no-allergy-status", False, (), (), ()))
    if not looked.blood:
        found.append(Gap("no-blood-group", False, (), (), ()))
    if not any(one.resource.get("telecom") for one in looked.patients):
        found.append(Gap("no-phone", False, (), (), ()))
    if any(one.startswith(("E10", "E11")) for one in looked.codes):
        last = next((one for one in looked.series if one.item == "4548-4"), None)
        at = last.results[0].at if last is not None else None
        if at is None or at < looked.now - _YEAR:
            found.append(Gap("no-haemoglobin", False, (), (), ()))
    return found


def _gap(kind: Kind, values: tuple[str, ...], origins: Iterable[Origin]) -> Gap:
    several = tuple(origins)
    institutions = tuple(dict.fromkeys(one.organisation_name for one in several))
    return Gap(kind, True, values, institutions, several)
