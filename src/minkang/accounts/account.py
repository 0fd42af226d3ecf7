"""Organisations and accounts: making and changing them."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import msgspec

from minkang.accounts.login_key import login_key
from minkang.accounts.passwords import hash_password, password_problem
from minkang.audit import AuditLog, Entry
from minkang.store import Connection, Pool

ROLES = ("doctor", "resident", "information-centre", "system")
"""`system` is a connected system of an organisation: it comes with a token, never by log-in."""


class AccountRefused(Exception):  # noqa: N818 - reads as what happened
    """An account, password or token can't be made like this.

    Attributes:
        code: `role-unknown`, `organisation-unknown`, `organisation-needed`, `account-unknown`,
            `person-needed`, `login-unsuitable`, `login-taken`, `lifetime`, or a code of
            `password_problem`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Organisation(msgspec.Struct, frozen=True):
    """An institution; `kind` is free text for now (`hospital`, `clinic`, `health-commission`)."""

    id: str
    name: str
    kind: str


class Account(msgspec.Struct, frozen=True):
    """Somebody who is logged in, or a script with a bearer token.

    Attributes:
        id: a UUID as text.
        login: of a token: `token`.
        person: the id of the Person the account belongs to; always set for residents.
    """

    id: str
    login: str
    name: str
    role: str
    organisation: str | None
    organisation_name: str | None
    person: str | None


class Fields(Protocol):
    """A row of the database by column name."""

    def __getitem__(self, name: str, /) -> Any:
        """The column's value."""


def account_of(row: Fields) -> Account:
    """A row with the account's columns and `organisation_name`."""
    return Account(
        id=str(row["id"]),
        login=row["login"],
        name=row["name"],
        role=row["role"],
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        person=row["person"],
    )


def entry_by(account: Account | None, action: str, now: datetime, **fields: Any) -> Entry:
    """An audit entry of something the account did; None is the operator's command line."""
    if account is not None:
        fields |= {
            "account": account.id,
            "account_name": account.name,
            "role": account.role,
            "organisation": account.organisation,
        }
    fields.setdefault("allowed", True)
    return Entry(action=action, at=now, **fields)


async def create_organisation(
    pool: Pool, *, organisation_id: str, name: str, kind: str
) -> Organisation:
    """Make an organisation; one which is there gets the new name and kind."""
    await pool.execute(
        """
        insert into accounts.organisation (id, name, kind) values ($1, $2, $3)
        on conflict (id) do update set name = excluded.name, kind = excluded.kind
        """,
        organisation_id,
        name,
        kind,
    )
    return Organisation(organisation_id, name, kind)


async def create_account(
    pool: Pool,
    log: AuditLog,
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    now: datetime,
    organisation: str | None = None,
    person: str | None = None,
    by: Account | None = None,
    address: str = "",
) -> Account:
    """Make an account. `by` is who does it; None: the operator's command line.

    Raises:
        AccountRefused: see its codes.
        AuditUnavailable: nothing was made.
    """
    check_role(role, person, organisation)
    key = login_key(login)
    if key is None or role == "system":
        raise AccountRefused("login-unsuitable")
    if (problem := password_problem(password, key)) is not None:
        raise AccountRefused(problem)
    account_id = uuid4()
    hashed = await hash_password(password)
    try:
        async with pool.acquire() as connection, connection.transaction():
            organisation_name = await organisation_name_of(connection, organisation)
            await connection.execute(
                """
                insert into accounts.account (
                    id, login, login_key, name, role, organisation, person, password_hash, created)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                account_id,
                login.strip(),
                key,
                name,
                role,
                organisation,
                person,
                hashed,
                now,
            )
            detail = {"role": role, "organisation": organisation, "person": person}
            await log.record(
                _change(by, "create-account", account_id, now, address=address, detail=detail)
            )
    except asyncpg.UniqueViolationError as error:
        raise AccountRefused("login-taken") from error
    return Account(
        str(account_id), login.strip(), name, role, organisation, organisation_name, person
    )


async def account_by_login(pool: Pool, login: str) -> Account | None:
    """The account with this login, disabled or not."""
    row = await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.role, a.organisation, a.person,
            o.name as organisation_name
        from accounts.account a left join accounts.organisation o on o.id = a.organisation
        where a.login_key = $1
        """,
        login_key(login),
    )
    return None if row is None else account_of(row)


async def set_password(
    pool: Pool,
    log: AuditLog,
    account: str,
    password: str,
    *,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Give an account (by id) a new password and end its sessions.

    Raises:
        AccountRefused: `account-unknown`, or the password breaks a rule.
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account)
    key = await pool.fetchval("select login_key from accounts.account where id = $1", account_id)
    if key is None:
        raise AccountRefused("account-unknown")
    if (problem := password_problem(password, key)) is not None:
        raise AccountRefused(problem)
    hashed = await hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update accounts.account set password_hash = $2 where id = $1", account_id, hashed
        )
        await close_sessions(connection, account_id, now)
        await log.record(_change(by, "set-password", account_id, now, address=address))


async def set_disabled(
    pool: Pool,
    log: AuditLog,
    account: str,
    *,
    disabled: bool,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Disable an account (by id), which also ends its sessions, or enable it again.

    Raises:
        AccountRefused: `account-unknown`.
        AuditUnavailable: nothing was changed.
    """
    account_id = parse_id(account)
    async with pool.acquire() as connection, connection.transaction():
        done = await connection.fetchval(
            "update accounts.account set disabled = $2 where id = $1 returning id",
            account_id,
            disabled,
        )
        if done is None:
            raise AccountRefused("account-unknown")
        if disabled:
            await close_sessions(connection, account_id, now)
        action = "disable-account" if disabled else "enable-account"
        await log.record(_change(by, action, account_id, now, address=address))


async def close_sessions(connection: Connection, account: UUID, now: datetime) -> int:
    """End all open sessions of an account; returns how many there were."""
    rows = await connection.fetch(
        "update accounts.session set ended = $2 where account = $1 and ended is null returning 1",
        account,
        now,
    )
    return len(rows)


async def organisation_name_of(connection: Connection, organisation: str | None) -> str | None:
    """The organisation's name. Raises AccountRefused `organisation-unknown`."""
    if organisation is None:
        return None
    name: str | None = await connection.fetchval(
        "select name from accounts.organisation where id = $1", organisation
    )
    if name is None:
        raise AccountRefused("organisation-unknown")
    return name


async def organisation_names(pool: Pool) -> dict[str, str]:
    """What all organisations are called, by id."""
    rows = await pool.fetch("select id, name from accounts.organisation")
    return {row["id"]: row["name"] for row in rows}


def check_role(role: str, person: str | None, organisation: str | None) -> None:
    """What a role can't be without.

    Raises:
        AccountRefused: `role-unknown`, `person-needed` (of a resident), `organisation-needed` (of
            a system).
    """
    if role not in ROLES:
        raise AccountRefused("role-unknown")
    if role == "resident" and not person:
        raise AccountRefused("person-needed")
    if role == "system" and not organisation:
        raise AccountRefused("organisation-needed")


def parse_id(account: str) -> UUID:
    """An account's id. Raises AccountRefused `account-unknown`."""
    try:
        return UUID(account)
    except ValueError as error:
        raise AccountRefused("account-unknown") from error


def _change(by: Account | None, action: str, account: UUID, now: datetime, **fields: Any) -> Entry:
    return entry_by(
        by, action, now, object_type="Account", object_id=str(account), purpose="administration",
        **fields,
    )  # fmt: skip
