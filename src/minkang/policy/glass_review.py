"""The review of records that were opened by breaking the glass: the queue and its steps."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.crypto import sm3
from minkang.policy.glass import LONGEST, Glass, GlassRefused, glass_of
from minkang.policy.notices import add_notice
from minkang.policy.stand_in import SAME, stands_for
from minkang.store import Connection, Pool, Store

Review = Literal["asked", "justified", "not-justified"]
REVIEWS: Final[tuple[Review, ...]] = ("asked", "justified", "not-justified")
SHORTEST: Final = 4
"""Characters of what a reviewer or the clinician says."""

_WITHIN = timedelta(days=30)
OFTEN: Final = 3
"""So many openings of one account within 30 days are marked as repeated."""


class Step(msgspec.Struct, frozen=True):
    """What was said of an opening: `asked`, `answered`, `justified` or `not-justified`."""

    kind: str
    account_name: str
    words: str
    at: datetime


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An opening as its reviewer sees it.

    Attributes:
        recent: openings of the same account in the 30 days up to this one, itself included.
        same_person: those of them for the same resident.
        refuted: earlier ones of the account that were found not justified.
        overdue: there is no decision though there should be one.
    """

    glass: Glass
    steps: tuple[Step, ...]
    recent: int
    same_person: int
    refuted: int
    overdue: bool

    @property
    def repeated(self) -> bool:
        """Whether the account does it often, or again, or has done it wrongly before."""
        return self.recent >= OFTEN or self.same_person > 1 or self.refuted > 0


async def review_queue(
    pool: Pool,
    *,
    now: datetime,
    institutions: frozenset[str] | None = None,
    decided: bool = False,
    limit: int = 100,
) -> list[Case]:
    """Openings without decision, the first due first; or the `decided` ones, the newest first.

    `institutions`: only those that happened there.
    """
    order = "opened desc" if decided else "due, opened"
    states = ["justified", "not-justified"] if decided else ["waiting", "asked"]
    rows = await pool.fetch(
        f"""select * from policy.glass
            where state = any($1::text[])
                and ($2::text[] is null or institution = any($2::text[]))
            order by {order}, id limit $3""",  # noqa: S608 - one of two constants
        states,
        None if institutions is None else sorted(institutions),
        limit,
    )
    return [await _case(pool, glass_of(row), now) for row in rows]


async def glass_case(pool: Pool, glass: str, *, now: datetime) -> Case | None:
    """One opening; None if there is none such."""
    if (key := _uuid(glass)) is None:
        return None
    row = await pool.fetchrow("select * from policy.glass where id = $1", key)
    return None if row is None else await _case(pool, glass_of(row), now)


async def own_glasses(
    pool: Pool, account: Account, *, now: datetime, limit: int = 50
) -> list[Case]:
    """The openings of one account, the newest first."""
    rows = await pool.fetch(
        "select * from policy.glass where account = $1 order by opened desc, id limit $2",
        _uuid(account.id),
        limit,
    )
    return [await _case(pool, glass_of(row), now) for row in rows]


async def glasses_of_person(
    pool: Pool, person: str, marks: Iterable[str] = (), *, limit: int = 100
) -> list[Glass]:
    """Openings of one resident's record, the newest first; `marks` narrows to these ids."""
    wanted = [one for one in map(_uuid, marks) if one is not None]
    rows = await pool.fetch(
        f"""select * from policy.glass
           where person = {SAME} and (cardinality($2::uuid[]) = 0 or id = any($2::uuid[]))
           order by opened desc, id limit $3""",  # noqa: S608 - see SAME
        person,
        wanted,
        limit,
    )
    return [glass_of(row) for row in rows]


async def review_glass(
    store: Store,
    log: AuditLog,
    glass: str,
    *,
    by: Account,
    review: Review,
    words: str,
    now: datetime,
    institutions: frozenset[str] | None = None,
    address: str = "",
) -> Glass:
    """Ask the clinician, or decide; what was not justified closes at once.

    The gate must have allowed `review-glass`; `institutions` are those that this reviewer looks
    after (None: all).

    Raises:
        GlassRefused: `unknown`, `own`, `decided`, `too-short`, `too-long`.
        AuditUnavailable: nothing was changed.
    """
    said = _checked(words)
    async with store.pool.acquire() as connection, connection.transaction():
        found = await _locked(connection, glass)
        if institutions is not None and found.institution not in institutions:
            raise GlassRefused("unknown")
        named = [one for one in (found.self, found.person) if one is not None]
        concerned = {await stands_for(connection, one) for one in named}
        if by.id == found.account or by.person in concerned:
            raise GlassRefused("own")
        if found.decided:
            raise GlassRefused("decided")
        until = min(found.until, now) if review == "not-justified" else found.until
        await connection.execute(
            "update policy.glass set state = $2, until = $3 where id = $1",
            UUID(found.id),
            review,
            until,
        )
        await _say(connection, found, review, by, said, now)
        if review != "asked":
            facts = {"who": found.account_name, "opened": found.opened.isoformat()}
            await add_notice(
                connection, found.person, f"glass-{review}", about=found.id, facts=facts, at=now
            )
        await log.record(_entry(by, "review-glass", found, review, said, now, address))
    return msgspec.structs.replace(found, state=review, until=until)


async def answer_review(
    store: Store,
    log: AuditLog,
    glass: str,
    *,
    by: Account,
    words: str,
    now: datetime,
    address: str = "",
) -> None:
    """The clinician answers what the reviewer asked; then it waits for a decision again.

    Raises:
        GlassRefused: `unknown`, `not-asked`, `too-short`, `too-long`.
        AuditUnavailable: nothing was changed.
    """
    said = _checked(words)
    async with store.pool.acquire() as connection, connection.transaction():
        found = await _locked(connection, glass)
        if by.id != found.account:
            raise GlassRefused("unknown")
        if found.state != "asked":
            raise GlassRefused("not-asked")
        await connection.execute(
            "update policy.glass set state = 'waiting' where id = $1", UUID(found.id)
        )
        await _say(connection, found, "answered", by, said, now)
        await log.record(_entry(by, "answer-glass", found, "answered", said, now, address))


def _checked(words: str) -> str:
    said = words.strip()
    if len(said) < SHORTEST:
        raise GlassRefused("too-short")
    if len(said) > LONGEST:
        raise GlassRefused("too-long")
    return said


async def _locked(connection: Connection, glass: str) -> Glass:
    key = _uuid(glass)
    row = key and await connection.fetchrow(
        "select * from policy.glass where id = $1 for update", key
    )
    if not row:
        raise GlassRefused("unknown")
    return glass_of(row)


async def _say(
    connection: Connection, glass: Glass, kind: str, by: Account, words: str, now: datetime
) -> None:
    await connection.execute(
        """insert into policy.glass_step (glass, number, kind, account, account_name, words, at)
           select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6
           from policy.glass_step where glass = $1""",
        UUID(glass.id),
        kind,
        UUID(by.id),
        by.name,
        words,
        now,
    )


async def _case(pool: Pool, glass: Glass, now: datetime) -> Case:
    steps = await pool.fetch(
        """select kind, account_name, words, at from policy.glass_step
           where glass = $1 order by number""",
        UUID(glass.id),
    )
    counts = await pool.fetchrow(
        """select count(*) filter (where opened > $3) as recent,
               count(*) filter (where opened > $3 and person = $4) as same_person,
               count(*) filter (where state = 'not-justified' and id <> $5) as refuted
           from policy.glass where account = $1 and opened <= $2""",
        UUID(glass.account),
        glass.opened,
        glass.opened - _WITHIN,
        glass.person,
        UUID(glass.id),
    )
    assert counts is not None  # noqa: S101 - an aggregate always gives a row
    return Case(
        glass=glass,
        steps=tuple(Step(*row) for row in steps),
        overdue=not glass.decided and glass.due <= now,
        **counts,
    )


def _entry(
    by: Account, action: str, glass: Glass, reason: str, words: str, now: datetime, address: str
) -> Entry:
    return entry_by(
        by,
        action,
        now,
        purpose="supervision" if action == "review-glass" else "emergency",
        object_type="Glass",
        object_id=glass.id,
        person=glass.person,
        reason=reason,
        address=address,
        detail={"words": sm3(words.encode()).hex()},
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
