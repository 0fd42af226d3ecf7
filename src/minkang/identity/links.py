"""The links of a Person, and all that were before: which Patient, by which rule, who and why."""

from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.identity.grouping import Rule
from minkang.store import Connection, Pool

_PATIENT: Final = TYPE_CODES["Patient"]


class Link(msgspec.Struct, frozen=True):
    """A Patient of a Person.

    Attributes:
        source: id of the organisation that sent it; empty: it is gone.
        follows: the Patient that replaced it at its source (HL7 v2 A40).
        arrived: since when the Patient is known here.
    """

    patient: str
    person: str
    rule: Rule
    since: datetime
    source: str
    follows: str | None
    arrived: datetime | None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which a Patient was a Person's.

    Attributes:
        until: when it ended; None: it has not.
        cause: why it ended: see `link_rows.Cause`; empty: it has not.
        decision: the number of the decision by which it ended, if it was one.
        reason, author_name, role: of who took or revoked that decision.
    """

    patient: str
    person: str
    rule: Rule
    since: datetime
    until: datetime | None
    cause: str
    decision: int | None
    reason: str
    author_name: str
    role: str


async def links_of(source: "Pool | Connection", person: str) -> list[Link]:
    """The Patients of a Person, the earliest first."""
    rows = await source.fetch(
        """select l.patient, l.person, l.rule, l.since, coalesce(r.source, '') as source,
               f.follows, f.arrived
           from identity.link l left join identity.feature f on f.patient = l.patient
           left join store.resource r on r.type = $2 and r.id = l.patient
           where l.person = $1 order by coalesce(f.arrived, l.since), l.patient""",
        person,
        _PATIENT,
    )
    return [Link(*row.values()) for row in rows]


async def history_of(source: "Pool | Connection", named: str, *, limit: int = 500) -> list[Span]:
    """All times in which a Patient was some Person's, or some Patient was this Person's.

    `named` is the id of either. The newest first; what stands now has no end.
    """
    rows = await source.fetch(
        """select s.*, case when s.cause = 'revocation' then d.revoked_reason else d.reason end
               as reason,
               case when s.cause = 'revocation' then d.revoked_name else d.author_name end
               as author_name, d.role
           from (select patient, person, rule, since, null::timestamptz as until, '' as cause,
                     null::bigint as decision
                 from identity.link where patient = $1
                 union
                 select patient, person, rule, since, null, '', null
                 from identity.link where person = $1
                 union
                 select patient, person, rule, since, until, cause, decision
                 from identity.link_history where patient = $1
                 union
                 select patient, person, rule, since, until, cause, decision
                 from identity.link_history where person = $1) s
           left join identity.decision d on d.id = s.decision
           order by s.until desc nulls first, s.since desc, s.patient limit $2""",
        named,
        limit,
    )
    return [_span(row) for row in rows]


def _span(row: Any) -> Span:
    return Span(
        patient=row["patient"],
        person=row["person"],
        rule=row["rule"],
        since=row["since"],
        until=row["until"],
        cause=row["cause"],
        decision=row["decision"],
        reason=row["reason"] or "",
        author_name=row["author_name"] or "",
        role=row["role"] or "",
    )
