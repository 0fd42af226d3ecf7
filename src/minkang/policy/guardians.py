"""Who acts for whom: parents for their children, guardians for persons in their care.

Sources: civil code, articles 23, 26, 27, 33 to 35 (guardians of minors and of adults without full
capacity); personal-information protection law, article 31 (under fourteen the guardian consents).
A child's guardian acts until the day the child turns eighteen.
Asking and deciding: `guardian_steps`.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from minkang.policy.stand_in import SAME
from minkang.policy.working_days import ZONE
from minkang.store import Connection, Pool

ADULT: Final = 18
CONSENTS: Final = 14
"""From this age on a child gives the consent to sharing itself (article 31)."""

EVIDENCE: Final = {
    "child": ("birth-certificate", "household-register", "court", "entrusted"),
    "care": ("court", "household-register", "entrusted"),
}
"""What shows the relation, by its kind."""


class Guardianship(msgspec.Struct, frozen=True, kw_only=True):
    """One relation, asked for or in force or past.

    Attributes:
        guardian, ward: ids of Persons; `ward` is None where what was typed fits no resident.
        ward_name: as it was typed or known; `claimed`: a keyed hash of the number that was typed.
        kind: `child` or `care`; `evidence` is one of EVIDENCE, `document` its number.
        institution: where it is checked.
        state: `asked` (by the resident), `recorded` (at the desk; a second look is needed),
            `confirmed`, `refused` or `ended`.
        begins, ends: the first day, and the first day after the last.
        born: the ward's birth date, as it was known when confirmed.
    """

    id: str
    guardian: str
    ward: str | None
    ward_name: str
    claimed: int | None
    kind: str
    evidence: str
    document: str
    institution: str
    state: str
    asked: datetime
    asked_by: str
    asked_name: str
    decided: datetime | None
    decided_by: str | None
    decided_name: str
    words: str
    begins: date
    ends: date | None
    born: date | None
    ended: datetime | None

    def in_force(self, now: datetime) -> bool:
        """Whether it is confirmed and its time is now."""
        today = local_day(now)
        if self.state != "confirmed" or self.begins > today:
            return False
        if self.ends is not None and self.ends <= today:
            return False
        return self.kind != "child" or (self.born is not None and age(self.born, today) < ADULT)

    def may_consent(self, now: datetime) -> bool:
        """Whether the guardian gives and withdraws the ward's consent now.

        For a child under fourteen; for an adult by a court's decision only.
        """
        if not self.in_force(now):
            return False
        if self.kind == "child":
            return self.born is not None and age(self.born, local_day(now)) < CONSENTS
        return self.evidence == "court"


def local_day(now: datetime) -> date:
    """The day it is in China."""
    return now.astimezone(ZONE).date()


def age(born: date, today: date) -> int:
    """Whole years of life (周岁)."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


RELATIONS: Final = """
    select g.*, coalesce(a.stands, g.guardian) as guardian_now,
        coalesce(b.stands, g.ward) as ward_now
    from policy.guardian g
    left join policy.stand_in a on a.person = g.guardian and a.until is null
    left join policy.stand_in b on b.person = g.ward and b.until is null
"""
"""SQL: relations with the Persons who stand there now."""


async def guardian_of(pool: "Pool | Connection", person: str, child: str, now: datetime) -> bool:
    """Whether a person is another's guardian now."""
    return await guardianship(pool, person, child, now) is not None


async def guardianship(
    pool: "Pool | Connection", person: str, ward: str, now: datetime
) -> Guardianship | None:
    """The relation by which a person is another's guardian now."""
    rows = await pool.fetch(
        f"""{RELATIONS} where g.guardian = {SAME} and g.state = 'confirmed'
            order by g.decided desc, g.id""",
        person,
    )
    relations = map(guardianship_of, rows)
    return next((one for one in relations if one.ward == ward and one.in_force(now)), None)


async def relations_of(pool: "Pool | Connection", person: str) -> list[Guardianship]:
    """All that a person has asked for or has, the newest first."""
    rows = await pool.fetch(
        f"{RELATIONS} where g.guardian = {SAME} order by g.asked desc, g.id limit 100",
        person,
    )
    return [guardianship_of(row) for row in rows]


async def guardians_of_ward(
    pool: "Pool | Connection", ward: str, now: datetime
) -> list[Guardianship]:
    """Who acts for a person now."""
    rows = await pool.fetch(
        f"{RELATIONS} where g.ward = {SAME} and g.state = 'confirmed' order by g.asked, g.id",
        ward,
    )
    return [one for one in map(guardianship_of, rows) if one.in_force(now)]


async def waiting_guardians(pool: "Pool | Connection", institution: str) -> list[Guardianship]:
    """What an institution has to check, the oldest first."""
    rows = await pool.fetch(
        f"""{RELATIONS} where g.institution = $1 and g.state in ('asked', 'recorded')
            order by g.asked, g.id limit 100""",
        institution,
    )
    return [guardianship_of(row) for row in rows]


def guardianship_of(row: Any) -> Guardianship:
    """A row of policy.guardian, with the Persons who stand there now if they were read, too."""
    values = {name: row[name] for name in Guardianship.__struct_fields__}
    values["guardian"] = row.get("guardian_now") or values["guardian"]
    values["ward"] = row.get("ward_now") or values["ward"]
    for name in ("id", "asked_by", "decided_by"):
        if isinstance(values[name], UUID):
            values[name] = str(values[name])
    return Guardianship(**values)
