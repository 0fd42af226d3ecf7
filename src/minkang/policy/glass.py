"""Breaking the glass: a record opened by need alone, for a short time, told and reviewed.

Who may do it is the policy's; here is what it leaves behind: the opening itself, the notice to the
resident, the place in the review queue (`glass_review`), each with its audit entry. Personal
information protection law, article 13 (4): an emergency that threatens life and health.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog, Entry
from minkang.crypto import sm3
from minkang.policy.notices import add_notice
from minkang.policy.presented import institution_of
from minkang.policy.stand_in import SAME
from minkang.policy.working_days import due_after
from minkang.store import Connection, Pool, Store

REASONS: Final = ("unconscious", "life-threatening", "cannot-consent", "mass-casualty", "other")
SHORTEST: Final = 10
LONGEST: Final = 1_000
"""Characters of the explanation."""


class GlassRefused(Exception):  # noqa: N818 - reads as what happened
    """It can't be done like this.

    Attributes:
        code: `reason-unknown`, `too-short`, `too-long`, `unknown` (no such opening, or not one of
            this account), `own` (nobody reviews themselves), `decided`, `not-asked`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Glass(msgspec.Struct, frozen=True, kw_only=True):
    """One opening.

    Attributes:
        self: the Person whom the account belongs to, if it is known.
        reason: one of REASONS; `explanation` in the clinician's own words.
        until: when it closes by itself, or when it was closed because it was not justified.
        due: until when a decision must be there.
        state: `waiting`, `asked`, `justified` or `not-justified`.
    """

    id: str
    account: str
    account_name: str
    self: str | None
    role: str
    institution: str | None
    person: str
    reason: str
    explanation: str
    opened: datetime
    until: datetime
    due: datetime
    state: str

    @property
    def decided(self) -> bool:
        """Whether there is a decision."""
        return self.state in ("justified", "not-justified")


async def break_glass(
    store: Store,
    log: AuditLog,
    account: Account,
    person: str,
    *,
    reason: str,
    explanation: str,
    now: datetime,
    minutes: int = 60,
    review_days: int = 3,
    address: str = "",
) -> Glass:
    """Open a record for this account where it acts, for `minutes`; `review_days` are working days.

    The gate must have allowed `break-glass` before. One that is open still is returned as it is.

    Raises:
        GlassRefused: `reason-unknown`, `too-short`, `too-long`.
        AuditUnavailable: nothing was opened.
    """
    words = checked_reason(reason, explanation)
    glass = Glass(
        id=str(uuid4()),
        account=account.id,
        account_name=account.name,
        self=account.person,
        role=account.role,
        institution=institution_of(account),
        person=person,
        reason=reason,
        explanation=words,
        opened=now,
        until=now + timedelta(minutes=minutes),
        due=due_after(now, review_days),
        state="waiting",
    )
    async with store.pool.acquire() as connection, connection.transaction():
        # Two presses of the button are one opening.
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"glass:{account.id}:{person}"
        )
        if (still := await open_glass(connection, account, person, now)) is not None:
            return still
        await _keep(connection, glass)
        await _tell(connection, glass, account)
        await log.record(_entry(glass, account, address))
    return glass


async def _tell(connection: Connection, glass: Glass, account: Account) -> None:
    facts = {
        "who": account.name,
        "institution": account.organisation_name or "",
        "reason": glass.reason,
        "until": glass.until.isoformat(),
    }
    await add_notice(
        connection, glass.person, "glass-opened", about=glass.id, facts=facts, at=glass.opened
    )


def _entry(glass: Glass, account: Account, address: str) -> Entry:
    return entry_by(
        account,
        "open-glass",
        glass.opened,
        purpose="emergency",
        object_type="Glass",
        object_id=glass.id,
        person=glass.person,
        reason=glass.reason,
        address=address,
        # The words may be clinical; their digest shows that they were not changed later.
        detail={
            "until": glass.until.isoformat(),
            "explanation": sm3(glass.explanation.encode()).hex(),
        },
    )


def checked_reason(reason: str, explanation: str) -> str:
    """The explanation without blanks around it.

    Raises:
        GlassRefused: `reason-unknown`, `too-short` (also of one character repeated), `too-long`.
    """
    words = explanation.strip()
    if reason not in REASONS:
        raise GlassRefused("reason-unknown")
    if len(words) < SHORTEST or len(set(words)) < SHORTEST // 2:
        raise GlassRefused("too-short")
    if len(words) > LONGEST:
        raise GlassRefused("too-long")
    return words


async def open_glass(
    source: "Pool | Connection", account: Account, person: str, now: datetime
) -> Glass | None:
    """The opening of this account (where it acts) for a resident that is in force now."""
    try:
        identifier = UUID(account.id)
    except ValueError:
        return None
    row = await source.fetchrow(
        f"""select * from policy.glass
           where person = {SAME} and account = $2 and opened <= $3 and until > $3
               and institution is not distinct from $4
           order by until desc limit 1""",  # noqa: S608 - see SAME
        person,
        identifier,
        now,
        institution_of(account),
    )
    return None if row is None else glass_of(row)


async def glass_in_force(
    source: "Pool | Connection", account: Account, person: str, now: datetime
) -> bool:
    """Whether this account has the record of a resident open by need now."""
    return await open_glass(source, account, person, now) is not None


def glass_of(row: Any) -> Glass:
    """A row of policy.glass."""
    values = {name: row[name] for name in Glass.__struct_fields__}
    return Glass(**{**values, "id": str(row["id"]), "account": str(row["account"])})


async def _keep(connection: Connection, glass: Glass) -> None:
    await connection.execute(
        """insert into policy.glass (id, account, account_name, self, role, institution, person,
               reason, explanation, opened, until, due, state)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)""",
        UUID(glass.id),
        UUID(glass.account),
        glass.account_name,
        glass.self,
        glass.role,
        glass.institution,
        glass.person,
        glass.reason,
        glass.explanation,
        glass.opened,
        glass.until,
        glass.due,
        glass.state,
    )
