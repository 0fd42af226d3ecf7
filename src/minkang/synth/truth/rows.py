"""What happened in a household, as rows of the truth's tables (columns of `columns.TABLES`)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from minkang.synth.dirt.desk import believed
from minkang.synth.dirt.registration import as_believed
from minkang.synth.dirt.stain import Stain
from minkang.synth.record import Lived, Person, Visit, World

Row = tuple[Any, ...]


def rows_of(world: World, lived: Lived) -> Iterator[tuple[str, Row]]:
    """Table and row of everything of one household; `lived` with the numbers that were used."""
    people = {person.key: person for person in lived.household.people}
    for person in lived.household.people:
        yield from _person(person)
        for one in lived.conditions.get(person.key, ()):
            yield "conditions", (
                person.key, one.key, one.code, one.name, one.since, one.found, one.treated,
                one.over, one.severity, one.cause, _json(one.facts),
            )  # fmt: skip
    for visit in lived.visits:
        yield from _visit(world, visit)
    for form in lived.forms:
        yield "forms", (
            form.person, form.kind, form.at, form.institution, form.doctor, form.because,
            _json(form.values),
        )  # fmt: skip
    yield from _registrations(world, lived, people)


def _person(one: Person) -> Iterator[tuple[str, Row]]:
    yield "people", (
        one.key, one.household, one.village, one.surname, one.given, one.sex, one.birth,
        one.id_number, one.phone, one.address, one.nation, one.education, one.occupation,
        one.marital, one.insurance, one.relation, one.mother, one.father, one.spouse, one.site,
        one.death, one.arrived, one.left, one.married, one.moved, one.former_address,
        one.former_phone,
    )  # fmt: skip
    for each in one.pregnancies:
        children = ",".join(each.children)
        yield "pregnancies", (
            one.key, each.last_period, each.ended, each.outcome, children, each.parity,
        )  # fmt: skip
    for infection in one.infections:
        yield "infections", (
            one.key, infection.disease, infection.onset, infection.origin, infection.infector,
            infection.severity,
        )  # fmt: skip


def _visit(world: World, one: Visit) -> Iterator[tuple[str, Row]]:
    fees = one.fees
    yield "visits", (
        one.number, one.person, one.patient, one.institution,
        world.place.by_key[one.institution].system, one.department, one.doctor, one.kind,
        one.start, one.end, one.outcome, one.because, one.referred_from, one.refer,
        len(one.reports), len(one.studies), len(one.prescriptions), len(one.operations),
        fees.total if fees else 0, fees.insured if fees else 0,
    )  # fmt: skip
    for rank, each in enumerate(one.diagnoses, 1):
        yield "diagnoses", (
            one.number, one.person, one.institution, rank, each.code, each.name, each.system,
            each.certain,
        )  # fmt: skip


def _registrations(
    world: World, lived: Lived, people: dict[str, Person]
) -> Iterator[tuple[str, Row]]:
    """Who is who: each patient number with what the institution's register says at the last visit.

    What is wrong in a register is told as dirt here, once for each person and institution.
    """
    used: dict[tuple[str, str, str], list[date]] = {}
    for visit in lived.visits:
        number = (visit.person, visit.institution, visit.patient)
        used.setdefault(number, []).append(visit.start.date())
    told: set[tuple[str, str]] = set()
    for (key, institution, patient), days in used.items():
        person, source = people[key], world.place.by_key[institution].system
        belief = believed(world, lived.household, person, institution, source)
        known = as_believed(belief, person, days[-1])
        yield "registrations", (
            key, institution, source, patient, days[0], days[-1], len(days),
            known.surname + known.given, known.sex, known.birth, known.id_number, known.phone,
            known.address, person.name, person.id_number,
        )  # fmt: skip
        if (key, institution) not in told:
            told.add((key, institution))
            for stain in belief.stains:
                if stain.kind != "newborn-name" or days[0] < (belief.newborn_until or days[0]):
                    yield "dirt", stain_row(stain)


def stain_row(stain: Stain) -> Row:
    """A stain as a row of the table `dirt`."""
    return (
        stain.kind, stain.source, stain.institution, stain.person, stain.message, stain.at,
        stain.before, stain.after, stain.expected,
    )  # fmt: skip


_encoder = msgspec.json.Encoder()


def _json(values: dict[str, str]) -> str:
    return _encoder.encode(values).decode() if values else ""
