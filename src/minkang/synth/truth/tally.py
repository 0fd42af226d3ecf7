"""Counting lives: what indicators follow from, household by household.

A tally is numbers under (what, year, part); tallies of households add up in any order. `year` is 0
where a figure is of the last day or of the last twelve months. Definitions are those of the
national basic public-health services (third edition, 2017, their lists of indicators) and of the
yearbook; each function says its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from minkang.synth.record import Form, Lived, Person, World

Key = tuple[str, int, str]
Tally = dict[Key, float]


def add(into: Tally, more: Tally) -> None:
    """Adds a tally to another one in place."""
    for key, number in more.items():
        into[key] = into.get(key, 0.0) + number


_YEAR: Final = timedelta(days=365)
_BANDS: Final = (1, 5, 15, 45, 65, 75, 85)
_PRIMARY: Final = "grassroots"

_SEVERE: Final = ("schizophrenia", "bipolar", "schizoaffective", "paranoia")
"""Conditions that are registered as severe mental disorders."""

_COURSE: Final = (
    ("乙型肝炎", 3), ("结核", 1), ("脊髓灰质炎", 3), ("百日咳", 3), ("麻疹", 1), ("乙型脑炎", 1),
)  # fmt: skip
"""Doses that a child of two years must have, by what the vaccine's name holds."""


def band(age: float) -> str:
    """The age group: 0, 1-4, 5-14, 15-44, 45-64, 65-74, 75-84, 85+."""
    low = 0
    for limit in _BANDS:
        if age < limit:
            return "0" if limit == 1 else f"{low}-{limit - 1}"
        low = limit
    return "85+"


def tally(world: World, lived: Lived) -> Tally:
    """What one household adds."""
    found: Tally = defaultdict(float)
    forms: dict[str, list[Form]] = {}
    for form in lived.forms:
        forms.setdefault(form.person, []).append(form)
        found["forms", form.at.year, form.kind] += 1
    for person in lived.household.people:
        own = forms.get(person.key, [])
        conditions = {one.key: one for one in reversed(lived.conditions.get(person.key, ()))}
        for key, number in _presence(world, person):
            found[key] += number
        for key in _chronic(world, person, conditions, own):
            found[key] += 1
        for key in _children(world, person, own):
            found[key] += 1
        for key in _mothers(world, person, own):
            found[key] += 1
    _visits(world, lived, found)
    return found


def _presence(world: World, person: Person) -> Iterator[tuple[Key, float]]:
    """Person-years by year and age group, births, deaths, infections by disease and month."""
    begin = max(world.begin, person.birth, person.arrived or person.birth)
    ends = [world.today, *(day for day in (person.death, person.left) if day is not None)]
    end = min(ends)
    day = begin
    while day < end:
        upto = min(end, date(day.year + 1, 1, 1))
        yield ("person-years", day.year, band(person.age(day))), (upto - day).days / 365.25
        day = upto
    if person.here(world.today - timedelta(days=1)):
        yield ("residents", 0, band(person.age(world.today))), 1
    if world.begin <= person.birth < world.today and not person.arrived:
        yield ("births", person.birth.year, person.sex), 1
    if person.death is not None and world.begin <= person.death < world.today and end >= begin:
        yield ("deaths", person.death.year, band(person.age(person.death))), 1
    for one in person.infections:
        if world.begin <= one.onset < world.today and person.here(one.onset):
            yield (f"infections/{one.disease}", one.onset.year, f"{one.onset.month:02d}"), 1


def _chronic(
    world: World, person: Person, conditions: dict[str, Any], forms: list[Form]
) -> Iterator[Key]:
    """Who has, knows, is managed (a follow-up in twelve months), by the rules (four of them)."""
    last = world.today - timedelta(days=1)
    if not person.here(last):
        return
    age = person.age(last)
    recent = Counter(form.kind for form in forms if form.at.date() > world.today - _YEAR)
    if age >= 18:
        group = "18-44" if age < 45 else "45-59" if age < 60 else "60+"
        yield "adults", 0, group
        for key in ("hypertension", "diabetes"):
            one = conditions.get(key)
            if one is None or one.since > last or (one.over and one.over < last):
                continue
            yield key, 0, group
            if one.found and one.found <= last:
                yield f"{key}-found", 0, group
            if one.treated and one.treated <= last:
                yield f"{key}-treated", 0, group
            if count := recent[f"{key}_followup"]:
                yield f"{key}-managed", 0, group
                if count >= 4:
                    yield f"{key}-standard", 0, group
    if age >= 65:
        yield "old", 0, ""
        if recent["health_checkup"]:
            yield "old-checked", 0, ""
    kinds = {form.kind for form in forms}
    if any(key in conditions and conditions[key].since <= last for key in _SEVERE):
        yield "mental-ill", 0, ""
    if "mental_disorder_registration" in kinds:
        yield "mental", 0, ""
        if recent["mental_disorder_followup"]:
            yield "mental-managed", 0, ""


def _children(world: World, person: Person, forms: list[Form]) -> Iterator[Key]:
    """Visits to newborns; the full course of vaccines at two; eight check-ups by the age of three.

    A child counts from its second birthday (third for the check-ups) if it has always been here.
    Four check-ups in the first year, two in the second, one in the third count as managed, less
    one that was missed.
    """
    born, end = person.birth, world.today
    stayed = person.left is None and person.death is None and not person.arrived
    if born < world.begin or not stayed:
        return
    if born < end - timedelta(days=45):
        yield "newborns", born.year, ""
        if any(form.kind == "newborn_visit" for form in forms):
            yield "newborn-visited", born.year, ""
    if born < end - timedelta(days=731):
        yield "aged-two", born.year, ""
        by = born + timedelta(days=731)
        names = [form.values.get("疫苗名称", "") for form in forms
                 if form.kind == "immunization" and form.at.date() <= by]  # fmt: skip
        names += ["脊髓灰质炎、百日咳" for name in names if "五联" in name]
        if all(sum(part in name for name in names) >= doses for part, doses in _COURSE):
            yield "vaccinated", born.year, ""
    if born < end - timedelta(days=1096):
        yield "aged-three", born.year, ""
        by = born + timedelta(days=1096 + 45)
        if sum(form.kind == "child_checkup" and form.at.date() <= by for form in forms) >= 7:
            yield "child-managed", born.year, ""


def _mothers(world: World, person: Person, forms: list[Form]) -> Iterator[Key]:
    """Deliveries with a file by the thirteenth week, a visit after, and deaths within 42 days."""
    for one in person.pregnancies:
        within = world.begin + timedelta(days=290) <= one.ended < world.today - timedelta(days=30)
        if one.outcome not in ("live", "still") or not within or not person.here(one.ended):
            continue
        yield "deliveries", one.ended.year, ""
        if person.death and one.ended <= person.death <= one.ended + timedelta(days=42):
            yield "maternal-deaths", one.ended.year, ""
        early = one.last_period + timedelta(days=13 * 7)
        after = one.ended + timedelta(days=35)
        for form in forms:
            day = form.at.date()
            if form.kind == "first_antenatal_visit" and one.last_period < day <= early:
                yield "early-file", one.ended.year, ""
            elif form.kind == "postnatal_visit" and one.ended < day <= after:
                yield "postnatal-visit", one.ended.year, ""
                break


def _visits(world: World, lived: Lived, found: Tally) -> None:
    """Outpatient and emergency visits by rank of the institution, admissions, days in bed."""
    for visit in lived.visits:
        institution = world.place.by_key[visit.institution]
        rank = _PRIMARY if institution.rank == _PRIMARY else institution.rank
        year = visit.start.year
        if visit.kind == "I":
            found["admissions", year, rank] += 1
            if visit.end is not None:
                days = max((visit.end.date() - visit.start.date()).days, 1)
                found["bed-days", visit.end.year, rank] += days
                found["discharges", visit.end.year, rank] += 1
        elif visit.kind in ("O", "E"):
            found["visits", year, rank] += 1
            if institution.system == "gangcheng" or visit.diagnoses[0].system.startswith("tcm"):
                found["visits-tcm", year, rank] += 1
        else:
            found["other-contacts", year, visit.kind] += 1
        for done in visit.operations:
            found["operations", year, str(done.operation.level)] += 1
            if done.operation.code.startswith("74."):
                found["caesarean", year, ""] += 1
