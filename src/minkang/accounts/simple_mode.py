"""Large type and few things on a page (适老化): whether somebody wants it, wherever they log in."""

from datetime import datetime

from minkang.store import Pool


async def wants_simple(pool: Pool, account: str) -> bool:
    """Whether the account has chosen the simple pages."""
    found: bool = await pool.fetchval(
        "select exists (select from accounts.simple_mode where account = $1::uuid)", account
    )
    return found


async def keep_simple(pool: Pool, account: str, *, on: bool, now: datetime) -> None:
    """Keep the choice of an account."""
    if on:
        await pool.execute(
            "insert into accounts.simple_mode values ($1::uuid, $2) on conflict do nothing",
            account,
            now,
        )
    else:
        await pool.execute("delete from accounts.simple_mode where account = $1::uuid", account)
