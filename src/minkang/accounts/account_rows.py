"""Rows of accounts and posts, as they are written in the caller's transaction.

Nothing here is audited: who calls writes down what was done.
"""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from minkang.accounts.login_key import login_key
from minkang.accounts.organisations import check_organisation
from minkang.accounts.refused import AccountRefused
from minkang.accounts.roles import conflict
from minkang.store import Connection


async def insert_account(
    connection: Connection,
    account: UUID,
    login: str,
    name: str,
    password_hash: str,
    now: datetime,
    *,
    person: str | None = None,
    must_change: bool = False,
) -> None:
    """Write an account down, without a post; the caller audits it.

    Raises:
        AccountRefused: `login-unsuitable`, `login-taken`.
    """
    key = login_key(login)
    if key is None:
        raise AccountRefused("login-unsuitable", login)
    try:
        async with connection.transaction():
            await connection.execute(
                """
                insert into accounts.account (
                    id, login, login_key, name, person, password_hash, created, must_change)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                account,
                login.strip(),
                key,
                name,
                person,
                password_hash,
                now,
                must_change,
            )
    except asyncpg.UniqueViolationError as error:
        raise AccountRefused("login-taken", login) from error


async def insert_post(
    connection: Connection,
    account: UUID,
    role: str,
    organisation: str | None,
    *,
    begins: datetime,
    given_by: str,
    ends: datetime | None = None,
    department: str = "",
    title: str = "",
) -> UUID:
    """Write a post of an account down; the caller audits it.

    `given_by`: id of an account, or `operator`.

    Raises:
        AccountRefused: `organisation-unknown`, or `roles-apart` with the other role: the person
            (with all accounts of theirs) holds or will hold one that excludes this one
            (GB/T 22239-2019, 8.1.7.1).
    """
    await check_organisation(connection, organisation)
    # Two posts given at the same time must see each other.
    await connection.execute("select 1 from accounts.account where id = $1 for update", account)
    held = await connection.fetch(
        """
        select distinct p.role from accounts.post p
        where (p.ends is null or p.ends > $2) and ($3::timestamptz is null or p.begins < $3)
            and p.account = any(array(
                select $1::uuid union select other.id from accounts.account own
                    join accounts.account other on other.person = own.person
                    where own.id = $1 and own.person is not null))
        """,
        account,
        begins,
        ends,
    )
    if (found := conflict(role, [row["role"] for row in held])) is not None:
        raise AccountRefused("roles-apart", found[0])
    post = uuid4()
    await connection.execute(
        """
        insert into accounts.post (
            id, account, role, organisation, department, title, begins, ends, given_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        post,
        account,
        role,
        organisation,
        department,
        title,
        begins,
        ends,
        given_by,
    )
    return post
