"""Who is calling a machine door: the bearer token, or the session of a person's browser."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request

from minkang.accounts import Account, session_account, token_account
from minkang.api.outcomes import Outcome
from minkang.crypto import Keys
from minkang.identity import resident_of_patient
from minkang.policy import Gate
from minkang.store import Scope


class Door(msgspec.Struct, frozen=True):
    """What the machine doors work with; `cookie` is the name of the pages' session cookie."""

    gate: Gate
    keys: Keys
    cookie: str


async def caller(door: Door, request: Request[Any, Any, Any], now: datetime) -> Account | None:
    """The account behind a request, or None."""
    pool = door.gate.store.pool
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return await token_account(pool, door.keys, token.strip(), now=now)
    session = request.cookies.get(door.cookie, "")
    return await session_account(pool, door.keys, session, now=now) if session else None


async def scope_for_patient(
    door: Door, request: Request[Any, Any, Any], patient: str | None, what: tuple[str, str]
) -> Scope:
    """The scope in which a caller may read about a Patient, by the policy.

    A Patient that does not exist is refused like one that may not be seen.

    Raises:
        Outcome: nobody is logged in (401), or it is refused (403); both are in the audit log.
    """
    now = datetime.now(UTC)
    account = await caller(door, request, now)
    found = None
    if patient is not None:
        found = await resident_of_patient(door.gate.store, Scope.whole(), patient)
    decision = await door.gate.ask(
        account,
        "read-api",
        now=now,
        person=found.person if found else None,
        patients=found.patients if found else frozenset(),
        object_type=what[0],
        object_id=what[1],
        address=request.client.host if request.client else "",
    )
    if account is None:
        raise Outcome(401, "login", "a bearer token or a session is needed")
    if not decision.allowed:
        raise Outcome(403, "forbidden", "it does not exist, or you may not see it")
    return decision.scope
