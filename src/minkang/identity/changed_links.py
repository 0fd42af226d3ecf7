"""The last changes of links of the whole region: which registration moved, why, by whom."""

from datetime import datetime

import msgspec

from minkang.fhir import TYPE_CODES
from minkang.store import Pool


class ChangedLink(msgspec.Struct, frozen=True):
    """A registration that became another Person's.

    Attributes:
        source: id of the organisation that sent it.
        person, rule: whose it is now, and by which rule.
        until: when the former link ended; cause: see `link_rows.Cause`.
        reason, author_name: of who took or revoked the decision, if it was one.
    """

    patient: str
    source: str
    person: str
    rule: str
    until: datetime
    cause: str
    reason: str
    author_name: str


async def changed_links(pool: Pool, *, limit: int) -> list[ChangedLink]:
    """The last changes of registrations that are still there, the newest first."""
    rows = await pool.fetch(
        """select h.patient, coalesce(r.source, '') as source, l.person, l.rule, h.until, h.cause,
               coalesce(case when h.cause = 'revocation' then d.revoked_reason else d.reason end,
                   '') as reason,
               coalesce(case when h.cause = 'revocation' then d.revoked_name
                   else d.author_name end, '') as author_name
           from (select * from identity.link_history order by until desc limit $2) h
           join identity.link l on l.patient = h.patient
           left join store.resource r on r.type = $1 and r.id = h.patient
           left join identity.decision d on d.id = h.decision
           order by h.until desc, h.patient""",
        TYPE_CODES["Patient"],
        limit,
    )
    return [ChangedLink(**row) for row in rows]
