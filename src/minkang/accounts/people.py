"""People who work here and their accounts, as those who administer them see them."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import asyncpg
import msgspec

from minkang.accounts.account import Account, entry_by, parse_id
from minkang.accounts.refused import AccountRefused
from minkang.audit import AuditLog, Entry
from minkang.store import Connection, Pool

State = Literal["", "open", "disabled", "no-post"]
"""Of an account in a list: any, with a post in force, disabled, enabled but without such a post."""

MOST: Final = 100
"""Lines of a page."""

LONGEST: Final = 60
_PHONE = re.compile(r"[+0-9][0-9 -]{3,29}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/.-]{0,59}")


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody beside the login; "" where nothing is.

    Attributes:
        staff_code: the person's number as staff.
        licence: number of the practising certificate.
        sex: male | female.
    """

    name: str
    staff_code: str = ""
    licence: str = ""
    sex: str = ""
    phone: str = ""


class Listed(msgspec.Struct, frozen=True):
    """An account with its posts in a word, for a list."""

    id: str
    login: str
    name: str
    disabled: bool
    roles: tuple[str, ...]
    organisations: tuple[str, ...]


class OnePerson(msgspec.Struct, frozen=True):
    """An account in full, without its posts (`posts_of`)."""

    id: str
    login: str
    name: str
    disabled: bool
    created: datetime
    must_change: bool
    service: bool
    person: str | None
    staff_code: str
    licence: str
    sex: str
    phone: str
    sessions: int

    @property
    def details(self) -> Details:
        """What may be changed of it."""
        return Details(
            name=self.name,
            staff_code=self.staff_code,
            licence=self.licence,
            sex=self.sex,
            phone=self.phone,
        )


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a list shall show: `text` in name or login; roles and organisations of posts in force.

    Residents' own accounts are shown where `role` asks for them.
    """

    text: str = ""
    role: str = ""
    organisations: frozenset[str] | None = None
    state: State = ""
    after: str = ""


async def list_people(
    pool: Pool, wanted: Wanted, *, now: datetime, limit: int = MOST
) -> tuple[list[Listed], str | None]:
    """Accounts by login, and after which login the next page goes on, if there is more."""
    organisations = None if wanted.organisations is None else sorted(wanted.organisations)
    rows = await pool.fetch(
        """
        with held as (
            select id, array_agg(distinct role order by role) as roles,
                array_agg(distinct organisation_name) filter (where organisation is not null)
                    as organisations,
                coalesce(bool_or(organisation = any($4::text[])), false) as within
            from accounts.acting($1) group by id)
        select a.id::text, a.login, a.login_key, a.name, a.disabled,
            coalesce(h.roles, '{}') as roles, coalesce(h.organisations, '{}') as organisations
        from accounts.account a left join held h on h.id = a.id
        where not a.service and a.login_key > $6
            and ($2 = '' or strpos(lower(a.name), $2) > 0 or strpos(a.login_key, $2) > 0
                or lower(a.staff_code) = $2)
            and ($3 = any(h.roles) or ($3 = '' and h.roles is distinct from '{resident}'))
            and ($4::text[] is null or h.within)
            and ($5 = '' or ($5 = 'disabled' and a.disabled)
                or ($5 = 'open' and not a.disabled and h.id is not null)
                or ($5 = 'no-post' and not a.disabled and h.id is null))
        order by a.login_key limit $7
        """,
        now,
        wanted.text.strip().lower(),
        wanted.role,
        organisations,
        wanted.state,
        wanted.after,
        limit + 1,
    )
    found = [
        Listed(
            row["id"],
            row["login"],
            row["name"],
            row["disabled"],
            tuple(row["roles"]),
            tuple(row["organisations"]),
        )
        for row in rows[:limit]
    ]
    return found, rows[limit - 1]["login_key"] if len(rows) > limit else None


async def one_person(pool: Pool, account: str, *, now: datetime) -> OnePerson:
    """An account by its id.

    Raises:
        AccountRefused: `account-unknown`.
    """
    row = await pool.fetchrow(
        """
        select a.id::text, a.login, a.name, a.disabled, a.created, a.must_change, a.service,
            a.person, coalesce(a.staff_code, '') as staff_code, coalesce(a.licence, '') as licence,
            a.sex, a.phone, (
                select count(*)::int from accounts.session s
                where s.account = a.id and s.ended is null and s.seen > $2::timestamptz - s.idle
                    and coalesce(s.ends, s.created + interval '12 hours') > $2) as sessions
        from accounts.account a where a.id = $1
        """,
        parse_id(account),
        now,
    )
    if row is None:
        raise AccountRefused("account-unknown", account)
    return OnePerson(**row)


async def roles_held(pool: Pool, account: str, *, now: datetime) -> frozenset[str]:
    """Roles of an account's posts (with those of the same Person's other accounts) that are in
    force or to come: what a further one must go together with."""
    rows = await pool.fetch(
        """
        select distinct p.role from accounts.post p join accounts.account a on a.id = p.account
        where (p.ends is null or p.ends > $2)
            and (a.id = $1 or a.person = (select person from accounts.account where id = $1))
        """,
        parse_id(account),
        now,
    )
    return frozenset(row["role"] for row in rows)


async def change_details(
    pool: Pool,
    log: AuditLog,
    account: str,
    details: Details,
    *,
    seen: Details | None = None,
    now: datetime,
    by: Account | None = None,
    address: str = "",
) -> None:
    """Write down what is known of somebody; `seen` is what the writer had before them.

    Raises:
        AccountRefused: `account-unknown`, `staff-code-taken`, `licence-taken`,
            `changed-meanwhile` (it is no longer what was seen), or a code of `details_problem`.
        AuditUnavailable: nothing was changed.
    """
    async with pool.acquire() as connection, connection.transaction():
        changed = await write_details(connection, account, details, seen)
        if changed:
            await log.record(_change(by, account, now, address, changed))


def details_problem(details: Details) -> str | None:
    """The code of what is wrong with details, or None.

    Codes: `name-unsuitable`, `staff-code-unsuitable`, `licence-unsuitable`, `sex-unsuitable`,
    `phone-unsuitable`.
    """
    name = details.name
    if not name.strip() or name != name.strip() or len(name) > LONGEST or not name.isprintable():
        return "name-unsuitable"
    if details.staff_code and not _NUMBER.fullmatch(details.staff_code):
        return "staff-code-unsuitable"
    if details.licence and not _NUMBER.fullmatch(details.licence):
        return "licence-unsuitable"
    if details.sex not in ("", "male", "female"):
        return "sex-unsuitable"
    if details.phone and not _PHONE.fullmatch(details.phone):
        return "phone-unsuitable"
    return None


async def write_details(
    connection: Connection, account: str, details: Details, seen: Details | None = None
) -> tuple[str, ...]:
    """`change_details` in the caller's transaction; the names of what was changed. The caller
    audits it."""
    if (problem := details_problem(details)) is not None:
        raise AccountRefused(problem)
    account_id = parse_id(account)
    before = await connection.fetchrow(
        """
        select name, coalesce(staff_code, '') as staff_code, coalesce(licence, '') as licence, sex,
            phone
        from accounts.account where id = $1 for update
        """,
        account_id,
    )
    if before is None:
        raise AccountRefused("account-unknown", account)
    wanted = msgspec.structs.asdict(details)
    changed = tuple(name for name in wanted if wanted[name] != before[name])
    if changed and seen is not None and dict(before) != msgspec.structs.asdict(seen):
        raise AccountRefused("changed-meanwhile")
    if not changed:
        return ()
    try:
        async with connection.transaction():
            await connection.execute(
                """
                update accounts.account set name = $2, staff_code = nullif($3, ''),
                    licence = nullif($4, ''), sex = $5, phone = $6
                where id = $1
                """,
                account_id,
                details.name,
                details.staff_code,
                details.licence,
                details.sex,
                details.phone,
            )
    except asyncpg.UniqueViolationError as error:
        taken = "licence-taken" if "licence" in str(error) else "staff-code-taken"
        raise AccountRefused(taken) from error
    return changed


def _change(
    by: Account | None, account: str, now: datetime, address: str, changed: Sequence[str]
) -> Entry:
    detail: dict[str, Any] = {"changed": list(changed)}
    return entry_by(
        by, "change-account", now, object_type="Account", object_id=account,
        purpose="administration", address=address, detail=detail,
    )  # fmt: skip
