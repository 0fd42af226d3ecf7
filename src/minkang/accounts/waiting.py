"""How much of the accounts waits for an administrator: one count each."""

from datetime import datetime

from minkang.store import Pool


async def without_post(pool: Pool, now: datetime) -> int:
    """Accounts of people that are open but act in no post now: they can log in to nothing."""
    count: int = await pool.fetchval(
        """select count(*) from accounts.account a
           where not a.service and not a.disabled
               and not exists (select from accounts.acting($1) h where h.id = a.id)""",
        now,
    )
    return count


async def apps_requested(pool: Pool) -> int:
    """Apps that wait for approval."""
    count: int = await pool.fetchval(
        "select count(*) from accounts.app where state = 'requested'"
    )  # fmt: skip
    return count


async def shut_out(pool: Pool, now: datetime) -> int:
    """Logins and addresses that are shut out now for failures."""
    count: int = await pool.fetchval(
        """select (select count(*) from accounts.failure where locked_until > $1)
                + (select count(*) from accounts.address_failure where locked_until > $1)""",
        now,
    )
    return count


async def services_ending(pool: Pool, now: datetime, until: datetime) -> int:
    """Service accounts whose time ends between `now` and `until`."""
    count: int = await pool.fetchval(
        """select count(*) from accounts.service_account s
           join accounts.account a on a.id = s.account
           where not a.disabled and s.ended is null and s.expires > $1 and s.expires <= $2""",
        now,
        until,
    )
    return count
