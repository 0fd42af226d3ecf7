"""The steps of which giving and ending posts are made, within the caller's transaction.

Nothing here is audited: who calls them writes down what was done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from minkang.accounts.account import Account, check_role, parse_id
from minkang.accounts.account_rows import insert_post
from minkang.accounts.refused import AccountRefused
from minkang.accounts.roles import ADMINISTRATORS, BY_KEY, MACHINES
from minkang.store import Connection

LONGEST: Final = 100
"""Characters of a department, a title, a reason."""

EARLIEST: Final = timedelta(days=366)
"""A post may begin so long ago, and no earlier: it opens what happened at the institution then."""


class NewPost(msgspec.Struct, frozen=True, kw_only=True):
    """A post to be given. `begins` None: now."""

    role: str
    organisation: str | None = None
    department: str = ""
    title: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


async def begin_post(
    connection: Connection,
    account: str,
    post: NewPost,
    *,
    now: datetime,
    by: Account | None,
) -> str:
    """`give_post` in the caller's transaction; the caller audits it."""
    begins = post.begins or now
    check_post(post, begins, now, by, account)
    account_id = parse_id(account)
    row = await connection.fetchrow(
        "select person from accounts.account where id = $1 for update", account_id
    )
    if row is None:
        raise AccountRefused("account-unknown", account)
    check_role(post.role, row["person"], post.organisation)
    if await connection.fetchval(
        "select ends is not null from accounts.organisation where id = $1", post.organisation
    ):
        raise AccountRefused("organisation-ended", post.organisation or "")
    if await connection.fetchval(
        """
        select true from accounts.post where account = $1 and role = $2
            and organisation is not distinct from $3
            and (ends is null or ends > $4) and ($5::timestamptz is null or begins < $5)
        """,
        account_id,
        post.role,
        post.organisation,
        begins,
        post.ends,
    ):
        raise AccountRefused("post-held", post.role)
    given = await insert_post(
        connection,
        account_id,
        post.role,
        post.organisation,
        begins=begins,
        given_by=by.id if by else "operator",
        ends=post.ends,
        department=post.department,
        title=post.title,
    )
    return str(given)


def check_post(
    post: NewPost, begins: datetime, now: datetime, by: Account | None, account: str | None
) -> None:
    """What is wrong with a post taken by itself; see `give_post` for what is raised.

    The three administrators' posts are given on the operator's command line only, and nobody gives
    a post to themself: who makes accounts could else make themself a second person (GB/T
    22239-2019, 8.1.7.1).
    """
    if post.role not in BY_KEY:
        raise AccountRefused("role-unknown", post.role)
    if post.role in MACHINES:
        raise AccountRefused("role-of-machines", post.role)
    if by is not None and by.id == account:
        raise AccountRefused("own-account")
    if by is not None and post.role in ADMINISTRATORS:
        raise AccountRefused("operator-only", post.role)
    if BY_KEY[post.role].kind in ("clinical", "staff") and post.organisation is None:
        raise AccountRefused("organisation-needed", post.role)
    if begins < now - EARLIEST or (post.ends is not None and post.ends <= max(begins, now)):
        raise AccountRefused("dates-unsuitable")
    _check_text(post.department, post.title)


async def finish_post(
    connection: Connection,
    post: str,
    *,
    now: datetime,
    ends: datetime | None = None,
    why: str = "",
    by: Account | None = None,
) -> tuple[str, datetime]:
    """`end_post` in the caller's transaction; its account and when it ends. The caller audits."""
    at = ends or now
    _check_text(why)
    if at < now:
        raise AccountRefused("dates-unsuitable")
    # One that has not begun yet never does.
    row = await connection.fetchrow(
        """
        update accounts.post set ends = greatest($2, begins), ended_by = $3, why_ended = $4
        where id = $1 and (ends is null or ends > $5) returning account
        """,
        post_id(post),
        at,
        by.id if by else "operator",
        why,
        now,
    )
    if row is None:
        raise AccountRefused("post-unknown", post)
    if by is not None and by.id == str(row["account"]):
        raise AccountRefused("own-account")
    if at <= now:
        await _close_sessions(connection, [post_id(post)], now)
    return str(row["account"]), at


async def end_posts_of(
    connection: Connection, organisation: str, now: datetime, by: Account | None
) -> int:
    """End all posts in an organisation and the sessions that act in them; how many posts."""
    rows = await connection.fetch(
        """
        update accounts.post set ends = greatest($2, begins), ended_by = $3,
            why_ended = 'organisation'
        where organisation = $1 and (ends is null or ends > $2) returning id
        """,
        organisation,
        now,
        by.id if by else "operator",
    )
    await _close_sessions(connection, [row["id"] for row in rows], now)
    return len(rows)


async def _close_sessions(connection: Connection, posts: Sequence[UUID], now: datetime) -> None:
    await connection.execute(
        "update accounts.session set ended = $2 where post = any($1::uuid[]) and ended is null",
        posts,
        now,
    )


def _check_text(*texts: str) -> None:
    if any(len(text) > LONGEST or not (text.isprintable() or not text) for text in texts):
        raise AccountRefused("text-unsuitable")


def post_id(post: str) -> UUID:
    """A post's id. Raises AccountRefused `post-unknown`."""
    try:
        return UUID(post)
    except ValueError as error:
        raise AccountRefused("post-unknown", post) from error
