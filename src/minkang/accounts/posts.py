"""Posts: what somebody does where and how long. A post is never changed but by its end.

Whoever leaves loses nothing of the past and everything of the next request: sessions and tokens
act in a post, and one that is not in force opens nothing (`accounts.acting`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.accounts.account import Account, account_of, entry_by, parse_id
from minkang.accounts.post_steps import NewPost, begin_post, finish_post, post_id
from minkang.accounts.refused import AccountRefused
from minkang.audit import AuditLog, Entry
from minkang.store import Pool


class Post(msgspec.Struct, frozen=True):
    """A post, past, present or to come.

    Attributes:
        department: in words; a department of the tree is an organisation.
        given_by, ended_by: id of the account that did it, `operator` for the command line.
    """

    id: str
    account: str
    role: str
    organisation: str | None
    organisation_name: str | None
    department: str
    title: str
    begins: datetime
    ends: datetime | None
    given_by: str
    ended_by: str | None
    why_ended: str | None

    def in_force(self, now: datetime) -> bool:
        """Whether it is held at this moment."""
        return self.begins <= now and (self.ends is None or self.ends > now)


async def posts_of(pool: Pool, accounts: Sequence[str]) -> dict[str, list[Post]]:
    """All posts of some accounts (by id), those in force or to come first, then the latest."""
    rows = await pool.fetch(
        """
        select p.id::text, p.account::text, p.role, p.organisation, o.name as organisation_name,
            p.department, p.title, p.begins, p.ends, p.given_by, p.ended_by, p.why_ended
        from accounts.post p left join accounts.organisation o on o.id = p.organisation
        where p.account = any($1::uuid[])
        order by p.ends desc nulls first, p.begins desc, p.id
        """,
        [parse_id(account) for account in accounts],
    )
    found: dict[str, list[Post]] = {account: [] for account in accounts}
    for row in rows:
        found.setdefault(row["account"], []).append(Post(**row))
    return found


async def give_post(
    pool: Pool,
    log: AuditLog,
    account: str,
    post: NewPost,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> str:
    """Give an account (by id) a further post; returns its id.

    Raises:
        AccountRefused: `account-unknown`, `roles-apart`, `operator-only`, `own-account`,
            `role-unknown`, `role-of-machines`, `organisation-needed`, `organisation-unknown`,
            `organisation-ended`, `person-needed`, `post-held`, `dates-unsuitable`,
            `text-unsuitable`.
        AuditUnavailable: nothing was given.
    """
    async with pool.acquire() as connection, connection.transaction():
        given = await begin_post(connection, account, post, now=now, by=by)
        await log.record(_given(by, account, given, post, now, address))
    return given


async def end_post(
    pool: Pool,
    log: AuditLog,
    post: str,
    *,
    now: datetime,
    ends: datetime | None = None,
    why: str = "",
    by: Account | None = None,
    address: str = "",
) -> None:
    """End a post (by id), now or at a later time; what acts in it ends with it.

    Raises:
        AccountRefused: `post-unknown`: none that is not ended yet; `dates-unsuitable`: it would
            end in the past; `text-unsuitable`; `own-account`.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        account, at = await finish_post(connection, post, now=now, ends=ends, why=why, by=by)
        await log.record(
            _change(by, "end-post", account, now, address, post=post, ends=at, why=why)
        )


async def transfer(
    pool: Pool,
    log: AuditLog,
    post: str,
    to: NewPost,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> str:
    """End a post and begin another one of the same account, in one step; the new one's id.

    Raises:
        AccountRefused: as `end_post` and `give_post`.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        account, _ = await finish_post(
            connection, post, now=now, ends=to.begins, why="transfer", by=by
        )
        given = await begin_post(connection, account, to, now=now, by=by)
        await log.record_many(
            [
                _change(by, "end-post", account, now, address, post=post, why="transfer"),
                _given(by, account, given, to, now, address),
            ]
        )
    return given


async def switch_post(
    pool: Pool, log: AuditLog, token_hash: bytes, post: str, *, now: datetime, address: str = ""
) -> Account:
    """Let an open session (by the hash of its token) act in another post of its owner from now on.

    Raises:
        AccountRefused: `post-unknown`: no post of the owner that is in force.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            """
            with switched as (
                update accounts.session s set post = p.post
                from accounts.acting($3) p
                where s.token_hash = $1 and s.ended is null and p.id = s.account
                    and p.post = $2 and not p.disabled
                returning s.account, s.level, p.post),
            kept as (
                update accounts.account a set acts_in = s.post from switched s
                where a.id = s.account)
            select p.*, s.level from switched s join accounts.acting($3) p on p.post = s.post
            """,
            token_hash,
            post_id(post),
            now,
        )
        if row is None:
            raise AccountRefused("post-unknown", post)
        account = account_of(row)
        entry = entry_by(
            account, "switch-post", now, object_type="Post", object_id=post,
            purpose="administration", address=address,
        )  # fmt: skip
        await log.record(entry)
    return account


def _given(
    by: Account | None, account: str, given: str, post: NewPost, now: datetime, address: str
) -> Entry:
    return _change(
        by, "give-post", account, now, address, post=given, role=post.role,
        organisation=post.organisation, begins=post.begins or now, ends=post.ends,
    )  # fmt: skip


def _change(
    by: Account | None, action: str, account: str, now: datetime, address: str, **detail: Any
) -> Entry:
    return entry_by(
        by, action, now, object_type="Account", object_id=account, purpose="administration",
        address=address, detail=detail,
    )  # fmt: skip
