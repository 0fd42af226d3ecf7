"""Accounts: who somebody is, and making and changing them."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import msgspec

from minkang.accounts.account_rows import insert_account, insert_post
from minkang.accounts.login_key import login_key
from minkang.accounts.passwords import hash_password, password_problem
from minkang.accounts.refused import AccountRefused as AccountRefused
from minkang.accounts.roles import ADMINISTRATORS, BY_KEY, MACHINES
from minkang.audit import AuditLog, Entry
from minkang.store import Connection, Pool


class Account(msgspec.Struct, frozen=True):
    """Somebody who is logged in, or a script with a bearer token.

    Attributes:
        id: a UUID as text.
        login: of a token: `token`.
        role, organisation: those of the post they act in; an account without one has none.
        person: the id of the Person the account belongs to; always set for residents.
        post: the id of the post they act in; a token made on the command line has none.
        institution: the organisation itself, or what a department or team belongs to.
        level: how they proved who they are.
        client: the registered app they come through.
        scopes: what was granted to that app; None: not narrowed.
        about: the id of the Person whom that app was opened for: what its `patient/` scopes mean.
    """

    id: str
    login: str
    name: str
    role: str
    organisation: str | None
    organisation_name: str | None
    person: str | None
    post: str | None = None
    institution: str | None = None
    level: str = "password"
    client: str | None = None
    scopes: tuple[str, ...] | None = None
    about: str | None = None


class Fields(Protocol):
    """A row of the database by column name."""

    def __getitem__(self, name: str, /) -> Any:
        """The column's value."""

    def get(self, name: str, /) -> Any:
        """The column's value, or None if there is no such column."""


def account_of(row: Fields) -> Account:
    """A row of `accounts.acting`, perhaps with `level`, `client` and `scopes`."""
    post, scopes = row["post"], row.get("scopes")
    return Account(
        id=str(row["id"]),
        login=row["login"],
        name=row["name"],
        role=row["role"] or "",
        organisation=row["organisation"],
        organisation_name=row["organisation_name"],
        person=row["person"],
        post=None if post is None else str(post),
        institution=row["institution"],
        level=row.get("level") or "password",
        client=row.get("client"),
        scopes=None if scopes is None else tuple(scopes),
        about=row.get("about"),
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
    must_change: bool = False,
) -> Account:
    """Make an account with its first post. `by` is who does it; None: the command line.

    With `must_change` the password has to be changed at the first log-in.

    Raises:
        AccountRefused: see its codes.
        AuditUnavailable: nothing was made.
    """
    check_role(role, person, organisation)
    key = login_key(login)
    if key is None or role in MACHINES:
        raise AccountRefused("login-unsuitable")
    if by is not None and role in ADMINISTRATORS:
        # Who makes accounts could else make themself a second person (see `posts`).
        raise AccountRefused("operator-only", role)
    if (problem := password_problem(password, key)) is not None:
        raise AccountRefused(problem)
    account_id = uuid4()
    hashed = await hash_password(password)
    async with pool.acquire() as connection, connection.transaction():
        await insert_account(
            connection, account_id, login, name, hashed, now, person=person, must_change=must_change
        )
        post = await insert_post(
            connection,
            account_id,
            role,
            organisation,
            begins=now,
            given_by=by.id if by else "operator",
        )
        detail = {"role": role, "organisation": organisation, "person": person}
        await log.record(
            _change(by, "create-account", account_id, now, address=address, detail=detail)
        )
    made = await pool.fetchrow("select * from accounts.acting($2) where post = $1", post, now)
    assert made is not None  # noqa: S101 - it begins now
    return account_of(made)


async def account_by_login(pool: Pool, login: str) -> Account | None:
    """The account with this login, disabled or not, in the post chosen or held last."""
    row = await pool.fetchrow(
        """
        select a.id, a.login, a.name, a.person, p.id as post, p.role, p.organisation,
            o.name as organisation_name, o.institution
        from accounts.account a
        left join accounts.post p on p.account = a.id
        left join accounts.organisation o on o.id = p.organisation
        where a.login_key = $1
        order by p.ends desc nulls first, p.id is distinct from a.acts_in, p.begins, p.id
        limit 1
        """,
        login_key(login),
    )
    return None if row is None else account_of(row)


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


def check_role(role: str, person: str | None, organisation: str | None) -> None:
    """What a role can't be without.

    Raises:
        AccountRefused: `role-unknown`, `person-needed` (of a resident), `organisation-needed` (of
            a system).
    """
    if role not in BY_KEY:
        raise AccountRefused("role-unknown")
    needs = BY_KEY[role].needs
    if "person" in needs and not person:
        raise AccountRefused("person-needed")
    if "organisation" in needs and not organisation:
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
