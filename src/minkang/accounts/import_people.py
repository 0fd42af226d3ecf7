"""One row of the sheet of people carried out: the account, what is known of it, its post."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from minkang.accounts.account import Account, close_sessions
from minkang.accounts.account_rows import insert_account
from minkang.accounts.import_rows import PersonRow, RowRefused
from minkang.accounts.login_key import login_key
from minkang.accounts.people import Details, write_details
from minkang.accounts.post_steps import NewPost, begin_post, finish_post
from minkang.accounts.refused import AccountRefused
from minkang.store import Connection

_NONE_YET = "!"
"""No argon2 hash: nothing fits it. Of accounts in a dry run."""


async def bring_person(
    connection: Connection,
    row: PersonRow,
    hashes: Mapping[str, str],
    *,
    now: datetime,
    by: Account | None,
) -> Literal["make", "change", "end", "same"]:
    """Do what a row says. `hashes`: of the first passwords, by login key.

    Raises:
        AccountRefused, RowRefused: and nothing may be kept of it.
    """
    key = login_key(row.login)
    if key is None:
        raise AccountRefused("login-unsuitable", row.login[:20])
    known = await connection.fetchrow(
        "select id, name, disabled, service, coalesce(staff_code, '') as staff_code, "
        "coalesce(licence, '') as licence, sex, phone "
        "from accounts.account where login_key = $1",
        key,
    )
    if known is None:
        return await _new(connection, row, hashes.get(key, _NONE_YET), now, by)
    if known["service"]:
        raise AccountRefused("role-of-machines", row.login)
    if by is not None and by.id == str(known["id"]):
        raise AccountRefused("own-account")
    changed = bool(await write_details(connection, str(known["id"]), _details(row, known)))
    post = await _post(connection, known["id"], row, now, by)
    switched = row.enabled is not None and row.enabled == known["disabled"]
    if switched:
        await connection.execute(
            "update accounts.account set disabled = not disabled where id = $1", known["id"]
        )
    if switched and not row.enabled:
        await close_sessions(connection, known["id"], now)
        return "end"
    if post == "end":
        return "end"
    return "change" if changed or switched or post == "begin" else "same"


async def _new(
    connection: Connection, row: PersonRow, password_hash: str, now: datetime, by: Account | None
) -> Literal["make"]:
    if row.enabled is False:
        raise AccountRefused("account-unknown", row.login)
    if not row.role:
        raise AccountRefused("role-needed")
    account = uuid4()
    await insert_account(
        connection, account, row.login, row.name, password_hash, now, must_change=True
    )
    await write_details(connection, str(account), _details(row, {}))
    await begin_post(connection, str(account), _new_post(row), now=now, by=by)
    return "make"


async def _post(
    connection: Connection, account: UUID, row: PersonRow, now: datetime, by: Account | None
) -> Literal["begin", "end", "same"]:
    """The post that the row says: begun, ended, or held already."""
    if not row.role:
        if row.organisation or row.begins or row.ends:
            raise RowRefused("角色", "empty")
        return "same"
    held = await connection.fetchrow(
        """
        select id::text, department, title, begins, ends from accounts.post
        where account = $1 and role = $2 and organisation is not distinct from $3
            and (ends is null or ends > $4)
        order by begins limit 1
        """,
        account,
        row.role,
        row.organisation,
        now,
    )
    if held is None:
        if row.ends is not None and row.ends <= now:
            raise AccountRefused("post-unknown", row.role)
        await begin_post(connection, str(account), _new_post(row), now=now, by=by)
        return "begin"
    if row.ends is not None and row.ends != held["ends"]:
        await finish_post(connection, held["id"], now=now, ends=row.ends, why="import", by=by)
        return "end"
    texts = (row.department or held["department"], row.title or held["title"])
    if texts == (held["department"], held["title"]):
        return "same"
    # A post is never changed: one ends and another begins.
    await finish_post(connection, held["id"], now=now, why="import", by=by)
    again = NewPost(
        role=row.role,
        organisation=row.organisation,
        department=texts[0],
        title=texts[1],
        ends=held["ends"],
    )
    await begin_post(connection, str(account), again, now=now, by=by)
    return "begin"


def _new_post(row: PersonRow) -> NewPost:
    return NewPost(
        role=row.role,
        organisation=row.organisation,
        department=row.department,
        title=row.title,
        begins=row.begins,
        ends=row.ends,
    )


def _details(row: PersonRow, known: Any) -> Details:
    """What the row says of the person; what is empty stays as it is known."""

    def kept(name: str, given: str) -> str:
        return given or (str(known[name]) if known else "")

    return Details(
        name=row.name,
        staff_code=kept("staff_code", row.staff_code),
        licence=kept("licence", row.licence),
        sex=kept("sex", row.sex),
        phone=kept("phone", row.phone),
    )
