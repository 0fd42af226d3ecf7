"""Organisations and people from a spreadsheet: first what would happen, then all of it or nothing.

The dry run is the import itself, taken back at its end: it can't promise anything else than what
is then done. What is not in the sheet stays as it is; a row is one organisation, or one person with
one post, so that somebody with two posts has two rows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from minkang.accounts.account import Account, entry_by
from minkang.accounts.import_people import bring_person
from minkang.accounts.import_rows import (
    OrganisationRow,
    Row,
    RowRefused,
    Sheet,
    organisation_of,
    person_of,
    refusal_of,
)
from minkang.accounts.initial_password import initial_password
from minkang.accounts.login_key import login_key
from minkang.accounts.organisations import check_organisation
from minkang.accounts.organisations_change import (
    close_organisation,
    insert_organisation,
    update_organisation,
)
from minkang.accounts.passwords import hash_password
from minkang.accounts.refused import AccountRefused
from minkang.audit import AuditLog, Entry
from minkang.crypto import sm3
from minkang.store import Connection, Pool

What = Literal["make", "change", "end", "same", "refused"]

_LATER: Final = frozenset({"parent-unknown", "organisation-has-parts", "parent-unfit"})
"""Refusals that another row of the same sheet may take away."""


class Line(msgspec.Struct, frozen=True):
    """What becomes of a row. Of a refused one the column, the rule and what it is about."""

    sheet: Sheet
    number: int
    subject: str
    what: What
    column: str = ""
    rule: str = ""
    about: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What becomes of all rows; nothing of it is done if one is refused."""

    lines: tuple[Line, ...]

    @property
    def refused(self) -> int:
        """How many rows are refused."""
        return sum(line.what == "refused" for line in self.lines)

    @property
    def changes(self) -> int:
        """How many rows make, change or end something."""
        return sum(line.what in ("make", "change", "end") for line in self.lines)

    @property
    def digest(self) -> bytes:
        """Of the lines: whether what was shown is what would happen now."""
        return sm3(msgspec.json.encode(self.lines))

    @property
    def new_people(self) -> tuple[str, ...]:
        """Login keys of those who get an account, once each."""
        made = (one for one in self.lines if one.sheet == "people" and one.what == "make")
        return tuple(dict.fromkeys(login_key(one.subject) or "" for one in made))


class Handed(msgspec.Struct, frozen=True):
    """A new account's first password, to be handed over once."""

    login: str
    name: str
    password: str


class Done(msgspec.Struct, frozen=True):
    """An import that was carried out, and the first passwords."""

    plan: Plan
    passwords: tuple[Handed, ...]


class PlanChanged(Exception):  # noqa: N818 - reads as what happened
    """Something else would happen now than what was shown; carries the new plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("the plan has changed")
        self.plan = plan


async def plan_import(
    pool: Pool, rows: Sequence[Row], *, now: datetime, by: Account | None
) -> Plan:
    """What would become of the rows; nothing is done."""
    async with pool.acquire() as connection:
        run = connection.transaction()
        await run.start()
        try:
            return Plan(await _carry_out(connection, rows, {}, now, by))
        finally:
            await run.rollback()


async def carry_out_import(
    pool: Pool,
    log: AuditLog,
    rows: Sequence[Row],
    *,
    now: datetime,
    by: Account | None = None,
    expected: bytes | None = None,
    address: str = "",
) -> Done:
    """Do all that the rows say. New accounts get a first password that must be changed.

    `expected` is the digest of the plan that was shown.

    Raises:
        PlanChanged: a row is refused, or something else would happen than what was shown.
        AuditUnavailable: nothing was done.
    """
    plan = await plan_import(pool, rows, now=now, by=by)
    if plan.refused or (expected is not None and plan.digest != expected):
        raise PlanChanged(plan)
    first = {key: initial_password() for key in plan.new_people}
    hashes = {key: await hash_password(password) for key, password in first.items()}
    async with pool.acquire() as connection, connection.transaction():
        done = Plan(await _carry_out(connection, rows, hashes, now, by))
        if done.digest != plan.digest:
            raise PlanChanged(done)
        await log.record_many(_entries(done, by, now, address))
    names = {login_key(row.cells.get("登录名") or ""): row for row in rows if row.sheet == "people"}
    return Done(
        plan,
        tuple(
            Handed(
                (names[key].cells.get("登录名") or "").strip(),
                (names[key].cells.get("姓名") or "").strip(),
                password,
            )
            for key, password in first.items()
        ),
    )


async def _carry_out(
    connection: Connection,
    rows: Sequence[Row],
    hashes: Mapping[str, str],
    now: datetime,
    by: Account | None,
) -> tuple[Line, ...]:
    """Do what the rows say, organisations first; each row is done or not, as a whole."""
    lines: dict[tuple[Sheet, int], Line] = {}
    organisations = [row for row in rows if row.sheet == "organisations"]
    twice = _twice(organisations)

    async def organisation(row: Row) -> Line:
        return await _bring_organisation(connection, row, twice, now, by)

    async def person(row: Row) -> Line:
        given = person_of(row, now)
        what = await bring_person(connection, given, hashes, now=now, by=by)
        return Line("people", row.number, given.login, what)

    # A part may stand above its whole: rows are tried again as long as that helps.
    waiting = organisations
    while waiting:
        left = []
        for row in waiting:
            line = lines[row.sheet, row.number] = await _one(connection, row, organisation)
            if line.rule in _LATER:
                left.append(row)
        if len(left) == len(waiting):
            break
        waiting = left
    for row in rows:
        if row.sheet == "people":
            lines[row.sheet, row.number] = await _one(connection, row, person)
    return tuple(lines[row.sheet, row.number] for row in rows)


async def _one(connection: Connection, row: Row, bring: Callable[[Row], Awaitable[Line]]) -> Line:
    """A row within a savepoint."""
    subject = (row.cells.get("机构编号" if row.sheet == "organisations" else "登录名") or "")[:60]
    try:
        async with connection.transaction():
            return await bring(row)
    except AccountRefused as error:
        refused = refusal_of(error, row.sheet)
    except RowRefused as error:
        refused = error
    return Line(
        row.sheet, row.number, subject, "refused", refused.column, refused.rule, refused.text
    )


async def _bring_organisation(
    connection: Connection, row: Row, twice: frozenset[str], now: datetime, by: Account | None
) -> Line:
    given = organisation_of(row)
    wanted = given.organisation
    if wanted.id in twice:
        raise RowRefused("机构编号", "twice", wanted.id)
    try:
        before = await check_organisation(connection, wanted.id)
    except AccountRefused:
        before = None
    if before is None:
        if given.works is False:
            raise RowRefused("状态", "organisation-unknown", wanted.id)
        await insert_organisation(connection, wanted, now)
        return Line(row.sheet, row.number, wanted.id, "make")
    ended = await connection.fetchval(
        "select ends is not null from accounts.organisation where id = $1", wanted.id
    )
    if given.works is False:
        if not ended:
            await close_organisation(connection, wanted.id, now, by)
        return Line(row.sheet, row.number, wanted.id, "same" if ended else "end")
    after = _merged(before, given)
    if msgspec.structs.replace(after, institution=before.institution) == before and not (
        ended and given.works
    ):
        return Line(row.sheet, row.number, wanted.id, "same")
    await update_organisation(connection, after, now)
    return Line(row.sheet, row.number, wanted.id, "change")


def _merged(before: Any, given: OrganisationRow) -> Any:
    """The organisation with what the row gives; what is empty stays."""
    fields = {
        "机构名称": "name", "类型": "kind", "层级": "level", "上级机构编号": "parent",
        "行政区划代码": "division", "统一社会信用代码": "credit_code",
    }  # fmt: skip
    changed = {
        name: getattr(given.organisation, name)
        for column, name in fields.items()
        if column in given.given
    }
    return msgspec.structs.replace(before, **changed)


def _twice(rows: Sequence[Row]) -> frozenset[str]:
    """Ids that stand in more than one row: which one is meant can't be known."""
    seen: set[str] = set()
    found: set[str] = set()
    for row in rows:
        key = (row.cells.get("机构编号") or "").strip()
        (found if key in seen else seen).add(key)
    return frozenset(found - {""})


def _entries(plan: Plan, by: Account | None, now: datetime, address: str) -> list[Entry]:
    """An entry for each row that does something, one for the whole."""
    entries = [
        entry_by(
            by, f"import-{line.what}", now, purpose="administration", address=address,
            object_type="Organization" if line.sheet == "organisations" else "Account",
            object_id=line.subject, detail={"line": line.number},
        )
        for line in plan.lines
        if line.what != "same"
    ]  # fmt: skip
    counts = {
        what: sum(line.what == what for line in plan.lines)
        for what in ("make", "change", "end", "same")
    }
    whole = entry_by(
        by, "import-people", now, purpose="administration", address=address,
        object_type="Import", detail=counts,
    )  # fmt: skip
    return [*entries, whole]
