"""One opening of the record from a practitioner's own system: a link, and the session it begins.

The link is signed with a key of the installation, counts for five minutes and once. What it begins
may open one resident, for one practitioner in one post at one institution, for a limited time;
whether that one may see the resident the policy decides anew with every request, as if the
practitioner had come by the front door: nothing is believed from the link.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.accounts.practitioners import account_in_post
from minkang.audit import AuditLog
from minkang.crypto import Keys, hmac_sm3
from minkang.policy.launch_systems import LaunchSystem, launch_system, origin_of
from minkang.store import Connection, Pool

LIFETIME: Final = timedelta(minutes=5)
LEVEL: Final = "launch"
"""How an account of a framed session proved who it is: its own system says so."""

Purpose = Literal["treatment", "emergency"]

_LINK = b"minkang launch link 1\0"
_SESSION = b"minkang launch session 1\0"
_LONGEST: Final = 200
_KEPT: Final = timedelta(days=30)


class LaunchRefused(Exception):  # noqa: N818 - reads as what happened
    """A link opens nothing, or a framed session is over.

    Attributes:
        code: `link` (not one of ours, or changed), `expired`, `used`, `ancestor` (another page
            holds it), `system` (the system may not open the record any more), `left` (the
            practitioner has no post there any more, or the account is shut), `ended`.
        origins: the pages that may show the refusal.
    """

    def __init__(self, code: str, origins: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.origins = code, origins


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a system asks for, once it is known who is meant.

    Attributes:
        by: the account of the system.
        practitioner: the account, in the post that it will act in.
        person: id of the Person; of nobody known: any id that no Person has.
        visit: the system's own number of the visit.
    """

    system: LaunchSystem
    by: Account
    practitioner: Account
    person: str
    institution: str
    visit: str = ""
    purpose: Purpose = "treatment"


class Link(msgspec.Struct, frozen=True):
    """A link that was made: `token` goes into the address and is kept nowhere."""

    id: str
    token: str
    expires: datetime


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A framed session.

    Attributes:
        id: of the launch; stands in the addresses of the frame and opens nothing by itself.
        account: the practitioner; `client` is the system, `level` is `launch`.
        ends: when the session is over.
    """

    id: str
    system: LaunchSystem
    account: Account
    person: str
    institution: str
    visit: str
    purpose: Purpose
    ends: datetime


async def begin_launch(
    pool: Pool, keys: Keys, log: AuditLog, asked: Asked, *, now: datetime, address: str = ""
) -> Link:
    """Make a link. Whether the system may ask at all, the gate was asked before.

    Raises:
        AuditUnavailable: nothing was made.
    """
    launch, expires = uuid4(), now + LIFETIME
    who = asked.practitioner
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("delete from policy.launch where expires < $1", now - _KEPT)
        await connection.execute(
            """insert into policy.launch (id, client, account, post, person, institution, visit,
                   purpose, made, expires)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            launch,
            asked.system.client,
            UUID(who.id),
            UUID(who.post),
            asked.person,
            asked.institution,
            asked.visit[:_LONGEST],
            asked.purpose,
            now,
            expires,
        )
        said = {"practitioner": who.id, "visit": asked.visit[:_LONGEST]}
        await log.record(
            entry_by(
                asked.by,
                "begin-launch",
                now,
                purpose=asked.purpose,
                object_type="Launch",
                object_id=str(launch),
                person=asked.person,
                address=address,
                detail={**_said(asked.system), **said},
            )
        )
    return Link(str(launch), _token(keys, launch, expires), expires)


async def open_launch(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    token: str,
    *,
    referer: str,
    minutes: int,
    now: datetime,
    address: str = "",
) -> tuple[Frame, str]:
    """Use a link: the session, and its token for the browser, which is kept nowhere.

    `referer` is the header of that name: who says openly that another page holds the frame is
    refused; whose pages say nothing, the browser holds to `frame-ancestors`.

    Raises:
        LaunchRefused: see its codes; all but `link` stand in the audit log.
        AuditUnavailable: nothing was opened.
    """
    launch = _launch_of(keys, token)
    row = await pool.fetchrow("select * from policy.launch where id = $1", launch)
    if row is None:
        raise LaunchRefused("link")
    known = dict(row)
    try:
        system, account = await _in_force(pool, known, now)
        _check(known, system, origin_of(referer), now)
        fresh, ends = secrets.token_urlsafe(32), now + timedelta(minutes=minutes)
        async with pool.acquire() as connection, connection.transaction():
            await _use(connection, known, system, _hash(keys, launch, fresh), now, ends)
            await log.record(_entry(known, account, system, now, address))
    except LaunchRefused as refusal:
        await log.record(_entry(known, None, None, now, address, refusal.code))
        raise
    return _frame({**known, "ends": ends}, system, account), fresh


def _check(row: Mapping[str, Any], system: LaunchSystem, page: str, now: datetime) -> None:
    """See that a link still counts, and that no page says it holds the frame but ought not to."""
    if row["opened"] is not None:
        raise LaunchRefused("used", system.origins)
    if row["expires"] <= now:
        raise LaunchRefused("expired", system.origins)
    if page and page not in system.origins:
        raise LaunchRefused("ancestor", system.origins)


async def _use(
    connection: Connection,
    row: Mapping[str, Any],
    system: LaunchSystem,
    hashed: bytes,
    now: datetime,
    ends: datetime,
) -> None:
    """Use a link up; of several who come at once, one does."""
    done = await connection.fetchval(
        """update policy.launch set opened = $2, token_hash = $3, ends = $4
           where id = $1 and opened is null returning id""",
        row["id"],
        now,
        hashed,
        ends,
    )
    if done is None:
        raise LaunchRefused("used", system.origins)


async def frame_of(pool: Pool, keys: Keys, launch: str, token: str, *, now: datetime) -> Frame:
    """The framed session behind a request, by the id in its address and the token of its cookie.

    Not audited by itself: what is then read is.

    Raises:
        LaunchRefused: `ended`, `left`, `system`.
    """
    try:
        known = UUID(launch)
    except ValueError as error:
        raise LaunchRefused("ended") from error
    found = await pool.fetchrow("select * from policy.launch where id = $1", known)
    if found is None or found["token_hash"] is None:
        raise LaunchRefused("ended")
    row = dict(found)
    system, account = await _in_force(pool, row, now)
    if not hmac.compare_digest(row["token_hash"], _hash(keys, known, token)) or row["ends"] <= now:
        raise LaunchRefused("ended", system.origins)
    return _frame(row, system, account)


async def _in_force(
    pool: Pool, row: Mapping[str, Any], now: datetime
) -> tuple[LaunchSystem, Account]:
    """The system and the practitioner of a launch, if both still are what they were."""
    system = await launch_system(pool, row["client"], now=now)
    if system is None or row["institution"] not in system.institutions:
        raise LaunchRefused("system", system.origins if system else ())
    account = await account_in_post(pool, str(row["account"]), str(row["post"]), now=now)
    if account is None:
        raise LaunchRefused("left", system.origins)
    return system, msgspec.structs.replace(account, level=LEVEL, client=system.client)


def _frame(row: Mapping[str, Any], system: LaunchSystem, account: Account) -> Frame:
    return Frame(
        id=str(row["id"]),
        system=system,
        account=account,
        person=row["person"],
        institution=row["institution"],
        visit=row["visit"],
        purpose=row["purpose"],
        ends=row["ends"],
    )


def _entry(
    row: Mapping[str, Any],
    account: Account | None,
    system: LaunchSystem | None,
    now: datetime,
    address: str,
    refusal: str = "",
) -> Any:
    said = _said(system) if system else {"app": row["client"]}
    return entry_by(
        account,
        "open-launch",
        now,
        allowed=not refusal,
        reason=refusal,
        purpose=row["purpose"],
        object_type="Launch",
        object_id=str(row["id"]),
        person=row["person"],
        address=address,
        detail={**said, "visit": row["visit"]},
    )


def _said(system: LaunchSystem) -> dict[str, Any]:
    return {"app": system.client, "system": system.name}


def _token(keys: Keys, launch: UUID, expires: datetime) -> str:
    said = f"{launch.hex}.{int(expires.timestamp()):x}"
    return f"{said}.{hmac_sm3(keys.session_key, _LINK + said.encode()).hex()}"


def _launch_of(keys: Keys, token: str) -> UUID:
    """The launch of a link that we signed.

    Raises:
        LaunchRefused: `link`.
    """
    said, _, mac = token[:_LONGEST].rpartition(".")
    made = hmac_sm3(keys.session_key, _LINK + said.encode(errors="replace")).hex()
    if not hmac.compare_digest(made.encode(), mac.encode(errors="replace")):
        raise LaunchRefused("link")
    return UUID(said.partition(".")[0])  # what is signed was made here


def _hash(keys: Keys, launch: UUID, token: str) -> bytes:
    return hmac_sm3(
        keys.session_key, _SESSION + launch.bytes + token[:100].encode(errors="replace")
    )
