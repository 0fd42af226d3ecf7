"""Where the register and care say different things of one Person: the rules. Pure.

A difference is found by these rules alone, and is gone when they find it no more; what people
decide about it stands beside it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Final, Literal

import msgspec

from minkang.fhir import Resource
from minkang.identity.register.row import RegisterRow, row_of
from minkang.store.names import normalise

DifferenceKind = Literal[
    "died-register", "died-care", "moved-seen", "twice", "birth-date", "sex", "name",
    "unregistered", "unseen",
]  # fmt: skip
"""The register says dead, and a later visit was recorded; care says dead, the register alive; the
register says moved out, and a later visit was recorded; two rows of the register are one Person;
three facts that are written differently; in care and not in the register; in the register, living
here, and never in care."""

DIFFERENCE_KINDS: Final[tuple[DifferenceKind, ...]] = (
    "died-register", "died-care", "moved-seen", "twice", "birth-date", "sex", "name",
    "unregistered", "unseen",
)  # fmt: skip
_UNNAMED: Final = re.compile(r"之[子女]|之[长次三][子女]|婴|无名|未知|不详")
"""Names of newborns who have none yet (张三之子, 王五之婴), and of people nobody knows."""


class Side(msgspec.Struct, frozen=True):
    """What one Patient says of who it is; `row` if it is one of the register.

    `seen` is the last day on which a visit of a care Patient is known to have begun.
    """

    patient: str
    name: str
    sex: str
    birth: str
    dead: bool
    row: RegisterRow | None
    seen: date | None = None


class Difference(msgspec.Struct, frozen=True):
    """`row` is the register's Patient, `other` the one that says otherwise; empty: there is none.

    `place` is the division in which the register has the resident, empty if it has none.
    """

    kind: DifferenceKind
    person: str
    row: str
    other: str
    place: str

    @property
    def id(self) -> str:
        """The same for the same two, whichever Person they are linked to."""
        who = self.person if self.kind == "unregistered" else f"{self.row}|{self.other}"
        return sha256(f"{self.kind}|{who}".encode()).hexdigest()[:24]


def side_of(patient: Resource, seen: date | None = None) -> Side:
    """The side of a Patient."""
    name = next((str(one["text"]) for one in patient.get("name", []) if one.get("text")), "")
    dead = bool(patient.get("deceasedDateTime")) or patient.get("deceasedBoolean") is True
    return Side(
        patient["id"],
        name,
        patient.get("gender", ""),
        str(patient.get("birthDate", "")),
        dead,
        row_of(patient),
        seen,
    )


def ended_on(row: RegisterRow) -> date | None:
    """The last day on which the register expects somebody to be seen here; None: still."""
    known = [day for day in (row.died, row.moved_out) if day is not None]
    return min(known) if known else None


def differences_of(person: str, sides: Sequence[Side]) -> tuple[Difference, ...]:
    """All differences among the Patients of a Person, in the order of their kinds."""
    rows = sorted((one for one in sides if one.row is not None), key=lambda one: one.patient)
    care = sorted((one for one in sides if one.row is None), key=lambda one: one.patient)
    found: list[Difference] = []
    if not rows:
        if care:
            found.append(Difference("unregistered", person, "", care[0].patient, ""))
        return tuple(found)
    found += _twice(person, rows)
    for one in rows:
        found += [each for other in care for each in _pair(person, one, other)]
    living = [one for one in rows if one.row and _here(one.row)]
    if not care and living:
        found.append(Difference("unseen", person, living[0].patient, "", _place(living[0])))
    return tuple(sorted(found, key=lambda one: (DIFFERENCE_KINDS.index(one.kind), one.id)))


def _here(row: RegisterRow) -> bool:
    return row.status == "living" and row.kind != "away"


def _twice(person: str, rows: Sequence[Side]) -> list[Difference]:
    """Rows that count the same person more than once now; who moved has old rows, rightly."""
    now = [one for one in rows if one.row and one.row.status == "living"]
    return [
        Difference("twice", person, now[0].patient, other.patient, _place(now[0]))
        for other in now[1:]
    ]


def _pair(person: str, one: Side, other: Side) -> list[Difference]:
    row = one.row
    assert row is not None  # noqa: S101 - `differences_of` sorts them so
    says: Mapping[DifferenceKind, bool] = {
        "died-register": row.died is not None and _after(other.seen, row.died),
        "died-care": other.dead and row.died is None,
        "moved-seen": row.died is None and _after(other.seen, row.moved_out),
        "birth-date": bool(one.birth and other.birth)
        and not one.birth.startswith(other.birth)
        and not other.birth.startswith(one.birth),
        "sex": {one.sex, other.sex} == {"male", "female"},
        "name": _named_otherwise(one.name, other.name),
    }
    return [
        Difference(kind, person, one.patient, other.patient, _place(one))
        for kind, holds in says.items()
        if holds
    ]


def _after(seen: date | None, last: date | None) -> bool:
    """Whether somebody was seen later than on the day after the last one: papers take a day."""
    return seen is not None and last is not None and (seen - last).days > 1


def _named_otherwise(one: str, other: str) -> bool:
    if not one or not other or _UNNAMED.search(one) or _UNNAMED.search(other):
        return False
    return normalise(one) != normalise(other)


def _place(one: Side) -> str:
    return (one.row.living or one.row.registered) if one.row else ""
