"""Who works on a pair of registrations now, and which pairs were put off until another day.

Advice for people, no lock: a decision is valid whoever makes it. A pair is two Patient ids, the
lesser first.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec

from minkang.identity.grouping import Pair
from minkang.store import Connection, Pool

TAKEN_FOR: Final = timedelta(minutes=20)
"""How long a pair stays with who took it, if nothing happens to it."""

PUT_OFF_DAYS: Final = (1, 7, 30)
"""For how long a pair may be put off."""


class Desk(msgspec.Struct, frozen=True):
    """What is done with a pair now.

    Attributes:
        taken_by, taken_name: account and name of who works on it; empty: nobody.
        deferred_until: hidden from the queue until then; None: it is not.
        deferred_name, deferred_reason: who put it off, and why.
    """

    taken_by: str = ""
    taken_name: str = ""
    deferred_until: datetime | None = None
    deferred_name: str = ""
    deferred_reason: str = ""

    def free_for(self, account: str) -> bool:
        """Whether nobody else works on it."""
        return self.taken_by in ("", account)


UNTOUCHED: Final = Desk()


async def desk_of(pool: Pool, pairs: Collection[Pair], *, now: datetime) -> dict[Pair, Desk]:
    """What is done with some pairs; a pair that nobody touched is not in it."""
    rows = await pool.fetch(
        """select d.* from identity.review_desk d
           join unnest($1::text[], $2::text[]) as w (a, b) on w.a = d.a and w.b = d.b
           where d.taken_until > $3 or d.deferred_until > $3""",
        [a for a, _ in pairs],
        [b for _, b in pairs],
        now,
    )
    found = {}
    for row in rows:
        taken = row["taken_until"] is not None and row["taken_until"] > now
        off = row["deferred_until"] is not None and row["deferred_until"] > now
        found[row["a"], row["b"]] = Desk(
            row["taken_by"] if taken else "",
            row["taken_name"] if taken else "",
            row["deferred_until"] if off else None,
            row["deferred_name"] if off else "",
            row["deferred_reason"] if off else "",
        )
    return found


async def take(pool: Pool, pair: Pair, *, account: str, name: str, now: datetime) -> Desk:
    """Take a pair, or keep it longer; what is done with it then.

    Whoever has it already keeps it: of two who take it at once, one does.
    """
    await pool.execute(
        """insert into identity.review_desk as d (a, b, taken_by, taken_name, taken_until)
           values ($1, $2, $3, $4, $5)
           on conflict (a, b) do update set taken_by = excluded.taken_by,
               taken_name = excluded.taken_name, taken_until = excluded.taken_until
           where d.taken_by is null or d.taken_by = excluded.taken_by or d.taken_until <= $6""",
        *pair,
        account,
        name,
        now + TAKEN_FOR,
        now,
    )
    return (await desk_of(pool, [pair], now=now)).get(pair, UNTOUCHED)


async def release(pool: Pool, pair: Pair, *, account: str) -> None:
    """Give back a pair that one has taken; one that another has stays with them."""
    await pool.execute(
        """update identity.review_desk set taken_by = null, taken_name = null, taken_until = null
           where a = $1 and b = $2 and taken_by = $3""",
        *pair,
        account,
    )


async def put_off(
    pool: Pool, pair: Pair, *, account: str, name: str, reason: str, days: int, now: datetime
) -> None:
    """Put a pair off: it is out of the queue for some days, and nobody has it.

    Raises:
        ValueError: `days` is not one of `PUT_OFF_DAYS`, or there is no reason.
    """
    if days not in PUT_OFF_DAYS or not reason.strip():
        raise ValueError("days or reason")
    await pool.execute(
        """insert into identity.review_desk
               (a, b, deferred_by, deferred_name, deferred_until, deferred_reason)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (a, b) do update set deferred_by = excluded.deferred_by,
               deferred_name = excluded.deferred_name, deferred_until = excluded.deferred_until,
               deferred_reason = excluded.deferred_reason,
               taken_by = null, taken_name = null, taken_until = null""",
        *pair,
        account,
        name,
        now + timedelta(days=days),
        reason.strip(),
    )


async def settle(pool: Pool, pair: Pair) -> None:
    """A pair was decided: nobody has it, and it is not put off any more."""
    await pool.execute("delete from identity.review_desk where a = $1 and b = $2", *pair)


async def forget(connection: Connection, patients: Collection[str]) -> None:
    """What was kept of pairs with these Patients goes: they were purged."""
    await connection.execute(
        "delete from identity.review_desk where a = any($1::text[]) or b = any($1::text[])",
        list(patients),
    )
