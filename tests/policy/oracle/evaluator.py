"""A naive evaluator of the oracle's table: plain loops over plain values, nothing of the policy.

The table (`table.csv`) was written from the laws, the plans and the design; each row names its
source. `any` stands for every value; several values stand beside each other. What no row allows is
denied, a row that denies wins.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

import msgspec

SENSITIVE = ("restricted", "hiv-std", "mental", "genetic", "reproductive")
TOPICS = ("plain", "notifiable", *SENSITIVE)
ORIGINS = ("own", "district", "other")
TYPES = {
    "investigation": ("Condition", "DiagnosticReport", "Encounter", "Immunization", "Observation",
                      "Patient", "Specimen"),
    "emergency": ("AllergyIntolerance", "Condition", "MedicationRequest", "MedicationStatement",
                  "Patient"),
    "visits": ("Appointment", "Encounter"),
}  # fmt: skip


class Thing(msgspec.Struct, frozen=True):
    """A resource as the oracle sees it: where it came from, what it is about, its type."""

    origin: str
    topic: str
    type: str


class Situation(msgspec.Struct, frozen=True):
    """Who asks about one resident, and what is true of the two.

    Attributes:
        relations: `visit`, `contract`, `referral`, `call`, `code`, `guardian`, `glass`, `case`,
            `self`.
        consent: whether the resident's consent to sharing stands.
        confirmed, withheld: topics confirmed for this clinician, and topics kept back.
        kept_back: origins whose data the resident keeps back.
        age: `child` (below 14), `adolescent` (14 to 17) or `adult`.
    """

    role: str
    relations: frozenset[str]
    consent: bool = False
    confirmed: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    kept_back: frozenset[str] = frozenset()
    age: str = "adult"


class Line(msgspec.Struct, frozen=True):
    """One line of the table."""

    roles: tuple[str, ...]
    relations: tuple[str, ...]
    consent: str
    origins: tuple[str, ...]
    topics: tuple[str, ...]
    types: tuple[str, ...]
    ages: tuple[str, ...]
    result: str
    source: str


def table(name: str = "table") -> tuple[Line, ...]:
    """The lines of the oracle: of those who name a resident; `unnamed`: of those who name nobody;
    `young`: what is besides true of children under seven."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Line(
                tuple(row["roles"].split()), tuple(row["relations"].split()), row["consent"],
                tuple(row["origins"].split()), tuple(row["topics"].split()),
                tuple(row["types"].split()), tuple(row["ages"].split()), row["result"],
                row["source"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def visible(lines: Iterable[Line], situation: Situation, thing: Thing) -> bool:
    """Whether somebody in this situation may see this thing of the resident."""
    speaking = [line for line in lines if _speaks(line, situation, thing)]
    if any(line.result == "deny" for line in speaking):
        return False
    return any(_consented(line, situation, thing) for line in speaking)


def _speaks(line: Line, situation: Situation, thing: Thing) -> bool:
    related = line.relations == ("any",) or bool(situation.relations & set(line.relations))
    return (
        situation.role in line.roles
        and related
        and _named(thing.origin, line.origins)
        and _named(situation.age, line.ages)
        and (_named(thing.topic, line.topics) or (
            "sensitive" in line.topics and thing.topic in SENSITIVE
        ))
        and (line.types == ("any",) or any(thing.type in TYPES[one] for one in line.types))
    )  # fmt: skip


def _consented(line: Line, situation: Situation, thing: Thing) -> bool:
    if line.result != "allow":
        return False
    if line.consent == "any":
        return True
    if not situation.consent:
        return False
    if line.consent == "confirmed" and thing.topic not in situation.confirmed:
        return False
    if thing.origin == "own":
        return True
    return thing.origin not in situation.kept_back and thing.topic not in situation.withheld


def _named(value: str, given: tuple[str, ...]) -> bool:
    return given == ("any",) or value in given
