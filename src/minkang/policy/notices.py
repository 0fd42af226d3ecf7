"""What a resident must be told: shown on the own page, and kept for channels that come later."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from minkang.policy.stand_in import SAME
from minkang.store import Connection, Pool


class Notice(msgspec.Struct, frozen=True):
    """One notice.

    Attributes:
        kind: `glass-opened`, `glass-justified`, `glass-not-justified`, `objection-answered`,
            `guardian-confirmed`, `guardian-refused`, `guardian-ended`.
        about: id of what it is about.
        facts: names and times for the text of the notice; no clinical content.
    """

    id: str
    person: str
    kind: str
    about: str
    facts: dict[str, Any]
    at: datetime
    seen: datetime | None


async def add_notice(
    connection: Connection,
    person: str,
    kind: str,
    *,
    about: str,
    facts: dict[str, Any],
    at: datetime,
) -> None:
    """Leave a notice, in the transaction of what it tells."""
    await connection.execute(
        """insert into policy.notice (id, person, kind, about, facts, at)
           values ($1, $2, $3, $4, $5, $6)""",
        uuid4(),
        person,
        kind,
        about,
        msgspec.json.encode(facts).decode(),
        at,
    )


async def open_notices(pool: "Pool | Connection", person: str, *, limit: int = 20) -> list[Notice]:
    """Notices the resident has not yet put away, the newest first."""
    rows = await pool.fetch(
        f"""select id, person, kind, about, facts, at, seen from policy.notice
           where person = {SAME} and seen is null order by at desc, id limit $2""",  # noqa: S608
        person,
        limit,
    )
    return [
        Notice(
            str(row["id"]),
            row["person"],
            row["kind"],
            row["about"],
            msgspec.json.decode(row["facts"]),
            row["at"],
            row["seen"],
        )
        for row in rows
    ]


async def put_away(pool: "Pool | Connection", person: str, notice: str, *, now: datetime) -> bool:
    """Mark a notice of this person as seen; False if there is none such."""
    try:
        key = UUID(notice)
    except ValueError:
        return False
    done = await pool.fetchval(
        f"""update policy.notice set seen = coalesce(seen, $3)
           where id = $2 and person = {SAME} returning true""",  # noqa: S608 - see SAME
        person,
        key,
        now,
    )
    return bool(done)
