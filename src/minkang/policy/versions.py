"""Versions of the policy: proposed by one security administrator, decided on by another.

The table that a release brings is version 1 where nothing else was ever in force. The table of a
later release is offered as a proposal and never put over what a region has set. Nobody decides on
the own proposal (GB/T 22239-2019, 8.1.5.3 and 8.1.10.5: changes are approved by somebody else).
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.crypto import sm3
from minkang.policy.table import Table, parse_table, shipped_text
from minkang.store import Connection, Pool

Kind = Literal["shipped", "edit", "rollback"]
State = Literal["proposed", "in-force", "past", "rejected"]

CHANNEL: Final = "minkang_policy"
"""The channel that a change is told on (NOTIFY)."""

SHORTEST: Final = 4
"""Characters of a reason."""

_LOCK: Final = 0x6D6B_0010
_COLUMNS: Final = """number, kind, state, base, why, proposed_by, proposed_name, proposed_self,
    proposed, decided_by, decided_name, decision, decided"""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version, without its text.

    Attributes:
        base: the version that was in force when it was proposed.
        why: what the proposer says of it; decision: what the other person says.
        proposed_by: id of the account; None: it came with a release.
    """

    number: int
    kind: Kind
    state: State
    base: int | None
    why: str
    proposed_by: str | None
    proposed_name: str
    proposed_self: str | None
    proposed: datetime
    decided_by: str | None
    decided_name: str
    decision: str
    decided: datetime | None


class VersionRefused(Exception):  # noqa: N818 - reads as what happened
    """A step that can't be done.

    Attributes:
        code: `unknown`, `reason-short`, `unchanged`, `not-proposed`, `own-proposal`, `outdated`,
            `in-force`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def offer_shipped(pool: Pool, now: datetime) -> int:
    """Keep the table of this release: in force if there is none yet, else as a proposal.

    Does nothing if the same text was offered before. Gives the number of the version in force.
    """
    text = shipped_text()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        current = await _current(connection)
        known = await connection.fetchval(
            "select number from policy.version where digest = $1", sm3(text.encode())
        )
        if known is None:
            state: State = "proposed" if current is not None else "in-force"
            number = await _insert(connection, "shipped", state, text, current, "", None, now)
            return current if current is not None else number
        assert current is not None  # noqa: S101 - the first one went in force
        return current


async def propose(
    pool: Pool, log: AuditLog, account: Account, text: str, why: str, *, now: datetime,
    kind: Kind = "edit", address: str = "",
) -> int:  # fmt: skip
    """Keep a changed table as a proposal; gives its number.

    Raises:
        Refused: the text is no table; each problem names line, row and field.
        VersionRefused: `reason-short`, `unchanged`.
        AuditUnavailable: nothing was proposed.
    """
    if len(why.strip()) < SHORTEST:
        raise VersionRefused("reason-short")
    parse_table(text)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        current = await _current(connection)
        digest = await connection.fetchval(
            "select digest from policy.version where number = $1", current
        )
        if digest == sm3(text.encode()):
            raise VersionRefused("unchanged")
        number = await _insert(
            connection, kind, "proposed", text, current, why.strip(), account, now
        )
        await log.record(_entry(account, "propose-policy", number, now, address, why=why.strip()))
    return number


async def roll_back(
    pool: Pool, log: AuditLog, account: Account, number: int, why: str, *, now: datetime,
    address: str = "",
) -> int:  # fmt: skip
    """Propose what a former version said; a second person approves it like any other.

    Raises:
        VersionRefused: `unknown`, `in-force`, `reason-short`.
        Refused: this release can't read that version any more.
        AuditUnavailable: nothing was proposed.
    """
    former = await version(pool, number)
    if former is None:
        raise VersionRefused("unknown")
    if former.state == "in-force":
        raise VersionRefused("in-force")
    text = await text_of(pool, number)
    return await propose(pool, log, account, text, why, now=now, kind="rollback", address=address)


async def decide_on(
    pool: Pool, log: AuditLog, account: Account, number: int, *, approve: bool, words: str,
    now: datetime, address: str = "",
) -> None:  # fmt: skip
    """Put a proposal in force, or reject it.

    Raises:
        VersionRefused: `unknown`; `not-proposed`: somebody has decided; `own-proposal`: the same
            account, or another one of the same person; `outdated`: another version has come in
            force since it was proposed, so what its approver saw is not what would change.
        Refused: this release can't read it.
        AuditUnavailable: nothing was decided.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        proposal = await _read(connection, number)
        if proposal is None:
            raise VersionRefused("unknown")
        if proposal.state != "proposed":
            raise VersionRefused("not-proposed")
        if _same_person(proposal, account):
            raise VersionRefused("own-proposal")
        if approve:
            await _put_in_force(connection, proposal)
        await connection.execute(
            """update policy.version set state = $2, decided_by = $3, decided_name = $4,
                   decision = $5, decided = $6 where number = $1""",
            number,
            "in-force" if approve else "rejected",
            UUID(account.id),
            account.name,
            words.strip(),
            now,
        )
        action = "approve-policy" if approve else "reject-policy"
        await log.record(_entry(account, action, number, now, address, words=words.strip()))
        await connection.execute("select pg_notify($1, $2)", CHANNEL, str(number))


async def version(pool: Pool, number: int) -> Version | None:
    """One version."""
    async with pool.acquire() as connection:
        return await _read(connection, number)


async def versions(pool: Pool, *, limit: int = 100) -> list[Version]:
    """All versions, the newest first."""
    rows = await pool.fetch(
        f"select {_COLUMNS} from policy.version order by number desc limit $1",  # noqa: S608
        limit,
    )
    return [_version(row) for row in rows]


async def text_of(pool: Pool, number: int) -> str:
    """The table of a version as it was written.

    Raises:
        VersionRefused: `unknown`.
    """
    text: str | None = await pool.fetchval(
        "select text from policy.version where number = $1", number
    )
    if text is None:
        raise VersionRefused("unknown")
    return text


async def table_in_force(pool: Pool) -> Table | None:
    """The table in force; None before the first was offered.

    Raises:
        Refused: this release can't read it.
    """
    row = await pool.fetchrow("select number, text from policy.version where state = 'in-force'")
    return None if row is None else parse_table(row["text"], version=row["number"])


async def number_in_force(pool: Pool) -> int | None:
    """The number of the version in force."""
    async with pool.acquire() as connection:
        return await _current(connection)


async def _put_in_force(connection: Connection, proposal: Version) -> None:
    current = await _current(connection)
    if proposal.kind != "shipped" and proposal.base != current:
        raise VersionRefused("outdated")
    text = await connection.fetchval(
        "select text from policy.version where number = $1", proposal.number
    )
    parse_table(text)
    await connection.execute("update policy.version set state = 'past' where state = 'in-force'")


async def _current(connection: Connection) -> int | None:
    number: int | None = await connection.fetchval(
        "select number from policy.version where state = 'in-force'"
    )
    return number


async def _read(connection: Connection, number: int) -> Version | None:
    row = await connection.fetchrow(
        f"select {_COLUMNS} from policy.version where number = $1",  # noqa: S608 - a constant
        number,
    )
    return None if row is None else _version(row)


async def _insert(
    connection: Connection, kind: Kind, state: State, text: str, base: int | None, why: str,
    account: Account | None, now: datetime,
) -> int:  # fmt: skip
    return int(
        await connection.fetchval(
            """insert into policy.version (
                   number, kind, state, text, digest, base, why, proposed_by, proposed_name,
                   proposed_self, proposed)
               select coalesce(max(number), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
               from policy.version returning number""",
            kind,
            state,
            text,
            sm3(text.encode()),
            base,
            why,
            UUID(account.id) if account else None,
            account.name if account else "",
            account.person if account else None,
            now,
        )
    )


def _same_person(proposal: Version, account: Account) -> bool:
    if proposal.proposed_by == account.id:
        return True
    return proposal.proposed_self is not None and proposal.proposed_self == account.person


def _version(row: Any) -> Version:
    return Version(
        number=row["number"],
        kind=row["kind"],
        state=row["state"],
        base=row["base"],
        why=row["why"],
        proposed_by=str(row["proposed_by"]) if row["proposed_by"] else None,
        proposed_name=row["proposed_name"],
        proposed_self=row["proposed_self"],
        proposed=row["proposed"],
        decided_by=str(row["decided_by"]) if row["decided_by"] else None,
        decided_name=row["decided_name"],
        decision=row["decision"],
        decided=row["decided"],
    )


def _entry(
    account: Account, action: str, number: int, now: datetime, address: str, **detail: str
) -> Entry:
    return entry_by(
        account, action, now, object_type="Policy", object_id=str(number),
        purpose="administration", address=address, detail=detail,
    )  # fmt: skip
