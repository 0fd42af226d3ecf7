"""The evidence that a resident showed the code to a clinician, and what was confirmed with it."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog
from minkang.policy.consent_record import ConsentRefused
from minkang.policy.stand_in import SAME
from minkang.store import Connection, Pool, Store
from minkang.store.topics import SENSITIVE_TOPICS


class Presentation(msgspec.Struct, frozen=True):
    """One showing of the code; `topics` are the sensitive ones confirmed for this clinician."""

    account: str
    account_name: str
    institution: str | None
    person: str
    at: datetime
    topics: frozenset[str]


def institution_of(account: Account) -> str | None:
    """The institution an account acts for now."""
    return account.institution or account.organisation


async def present_code(
    store: Store,
    account: Account,
    person: str,
    *,
    now: datetime,
    topics: frozenset[str] = frozenset(),
) -> None:
    """Keep the evidence that a resident's code was shown to this clinician.

    `topics` are those the resident confirmed on the clinician's screen at the same time.

    Raises:
        ConsentRefused: `topic-unknown`.
    """
    if topics - SENSITIVE_TOPICS:
        raise ConsentRefused("topic-unknown")
    await store.pool.execute(
        """insert into policy.presented (account, account_name, person, at, institution, topics)
           values ($1, $2, $3, $4, $5, $6)""",
        UUID(account.id),
        account.name,
        person,
        now,
        institution_of(account),
        sorted(topics),
    )


async def code_presented(
    pool: "Pool | Connection", account: Account, person: str, *, now: datetime, hours: int
) -> bool:
    """Whether the resident showed the code to this account where it acts, within these hours."""
    try:
        identifier = UUID(account.id)
    except ValueError:
        return False
    return bool(
        await pool.fetchval(
            f"""select exists (select from policy.presented
               where person = {SAME} and account = $2 and at > $3 and at <= $4
                   and coalesce(institution, $5) is not distinct from $5)""",  # noqa: S608
            person,
            identifier,
            now - timedelta(hours=hours),
            now,
            institution_of(account),
        )
    )


async def presentations(
    pool: "Pool | Connection", person: str, *, now: datetime, hours: int
) -> list[Presentation]:
    """To whom the code was shown within these hours, the last one first; one each clinician."""
    rows = await pool.fetch(
        f"""select distinct on (account, institution)
               account, account_name, institution, person, at, topics
           from policy.presented where person = {SAME} and at > $2 and at <= $3
           order by account, institution, at desc""",  # noqa: S608 - see SAME
        person,
        now - timedelta(hours=hours),
        now,
    )
    found = [
        Presentation(
            str(row["account"]),
            row["account_name"],
            row["institution"],
            row["person"],
            row["at"],
            frozenset(row["topics"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


async def confirm_topics(
    store: Store,
    log: AuditLog,
    shown: Presentation,
    topics: frozenset[str],
    *,
    by: Account,
    now: datetime,
    address: str = "",
) -> None:
    """Set which sensitive topics a clinician may see with the code shown then; none takes all back.

    Raises:
        ConsentRefused: `topic-unknown`.
        AuditUnavailable: nothing was changed.
    """
    if topics - SENSITIVE_TOPICS:
        raise ConsentRefused("topic-unknown")
    async with store.pool.acquire() as connection, connection.transaction():
        # Earlier showings to the same clinician still count, so what was confirmed with them, too.
        await connection.execute(
            """update policy.presented
               set topics = case when at = $4 then $5::text[] else '{}' end
               where account = $1 and person = $2 and institution is not distinct from $3
                   and at <= $4 and (at = $4 or topics <> '{}')""",
            UUID(shown.account),
            shown.person,
            shown.institution,
            shown.at,
            sorted(topics),
        )
        await log.record(
            entry_by(
                by,
                "confirm-topics",
                now,
                purpose="own-record",
                object_type="Account",
                object_id=shown.account,
                person=shown.person,
                address=address,
                detail={"topics": sorted(topics), "shown": shown.at.isoformat()},
            )
        )
