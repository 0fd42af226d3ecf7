"""How much waits for somebody's decision: one count each, from the indexes of what is open."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from minkang.store import Pool


class Waiting(msgspec.Struct, frozen=True):
    """What waits, how much of it is past its time, and when the next is due; None if none is."""

    count: int
    overdue: int
    due: datetime | None


async def glasses_waiting(
    pool: Pool, now: datetime, institutions: Collection[str] | None = None
) -> Waiting:
    """Openings by breaking the glass without a decision; `institutions`: only those there."""
    (row,) = await pool.fetch(
        """select count(*) as count, count(*) filter (where due <= $1) as overdue, min(due) as due
           from policy.glass where state in ('waiting', 'asked')
               and ($2::text[] is null or institution = any($2::text[]))""",
        now,
        None if institutions is None else sorted(institutions),
    )
    return Waiting(**row)


async def glasses_asked_of(pool: Pool, account: str) -> int:
    """Openings of an account about which a reviewer asked and waits for the answer."""
    count: int = await pool.fetchval(
        "select count(*) from policy.glass where account = $1::uuid and state = 'asked'", account
    )
    return count


async def objections_waiting(pool: Pool, now: datetime) -> Waiting:
    """Residents' objections without an answer."""
    (row,) = await pool.fetch(
        """select count(*) as count, count(*) filter (where due <= $1) as overdue, min(due) as due
           from policy.objection where answered is null""",
        now,
    )
    return Waiting(**row)


async def guardians_to_check(pool: Pool, institution: str) -> int:
    """Relations of guardians and wards that an institution has to check."""
    count: int = await pool.fetchval(
        """select count(*) from policy.guardian
           where institution = $1 and state in ('asked', 'recorded')""",
        institution,
    )
    return count


async def proposals_waiting(pool: Pool, account: str) -> tuple[int, int]:
    """Proposed versions of the policy: those of others, on which `account` may decide, and those of
    its own, on which another one must.
    """
    (row,) = await pool.fetch(
        """select count(*) filter (where proposed_by is distinct from $1::uuid) as others,
                  count(*) filter (where proposed_by = $1::uuid) as own
           from policy.version where state = 'proposed'""",
        account,
    )
    return row["others"], row["own"]
