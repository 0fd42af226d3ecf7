"""Which account is meant where an institution's system names one of its practitioners."""

from collections.abc import Sequence
from datetime import datetime

from minkang.accounts.account import Account, account_of
from minkang.accounts.login_key import login_key
from minkang.accounts.roles import CLINICAL
from minkang.store import Pool


async def practitioners_at(
    pool: Pool, number: str, institutions: Sequence[str], *, now: datetime
) -> list[Account]:
    """Those who hold a clinical post at one of the institutions and are called so there.

    `number` is the staff number (工号), the login, or the id of the PractitionerRole or
    Practitioner that the platform's own directory has. One entry for each account, in the post
    that began first; more than one: the number is not unique there.
    """
    rows = await pool.fetch(
        """
        select distinct on (a.id) a.* from accounts.acting($1) a
        join accounts.account c on c.id = a.id
        where not a.disabled and not c.service and a.role = any($2)
            and (a.institution = any($3) or a.organisation = any($3))
            and (c.staff_code = $4 or c.login_key = $5 or a.post::text = $4 or a.id::text = $4)
        order by a.id, a.begins, a.post
        """,
        now,
        sorted(CLINICAL),
        list(institutions),
        number,
        login_key(number) or "",
    )
    return [account_of(row) for row in rows]


async def account_in_post(pool: Pool, account: str, post: str, *, now: datetime) -> Account | None:
    """An account in a post that is in force; None if it is not any more, or the account is shut."""
    row = await pool.fetchrow(
        """select a.* from accounts.acting($3) a
           where a.id = $1::uuid and a.post = $2::uuid and not a.disabled""",
        account,
        post,
        now,
    )
    return None if row is None else account_of(row)
