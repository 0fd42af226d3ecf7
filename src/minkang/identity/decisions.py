"""What people decide about who is who: taken, approved, revoked; nothing of it is ever deleted.

A decision is about pairs of Patients: they are one person (`same`), or never (`different`). It
stands above all rules and weights, takes effect before the call returns, and is undone by revoking
it: then the links are as if it had never been. Where sensitive contents would be joined (see
`store.topics`; personal-information protection law, art. 28 and 51) a second person has to approve.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.account import entry_by
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.identity.decision_effect import DecisionRefused as DecisionRefused
from minkang.identity.decision_effect import (
    SecondNeeded,
    apply,
    decision_at,
    named_in,
    sides_of,
    wanted_of,
)
from minkang.identity.decision_rows import (
    Decision,
    Verdict,
    add_decision,
    decision_of,
    note,
)
from minkang.identity.fill import fill_patients
from minkang.identity.linker import Linked
from minkang.identity.region import persons_of
from minkang.identity.turn import take_turn
from minkang.store import Connection, Store

REASON_LIMIT: Final = 1_000


async def decide(
    store: Store,
    keys: Keys,
    a: str,
    b: str,
    verdict: Verdict,
    reason: str,
    author: Account | None,
    *,
    log: AuditLog,
    now: datetime,
    address: str = "",
) -> Decision:
    """Decide that two are one person, or never. `a` and `b` are ids of Patients or of Persons.

    Of two Persons `same` is about the pair that fits best, `different` about all their Patients. Of
    a Patient and its own Person `different` takes the Patient out. When it returns, links, Persons
    and all that goes by them are as decided; or, where sensitive contents would be joined, it is
    `proposed` and waits for `approve`. `author` None is the operator's command line.

    Raises:
        DecisionRefused: `reason`, `unknown`, `one-side`, `contradicts`.
        AuditUnavailable: nothing was changed.
    """
    words = _checked(reason)
    async with store.pool.acquire() as connection, connection.transaction():
        await take_turn(connection)
        sides = await sides_of(connection, a, b)
        named = [one for side in sides for one in side.patients]
        await fill_patients(store, connection, keys, named)
        wanted = await wanted_of(connection, sides, verdict, words)
        number = await add_decision(connection, wanted, author, now)
        try:
            before, linked = await apply(store, connection, keys, number, second=False)
        except SecondNeeded:
            before, linked = await persons_of(connection, named_in(wanted.pairs)), None
            await note(connection, number, sensitive=True)
        else:
            await note(connection, number, state="standing")
        decision = await decision_at(connection, number)
        await _record(log, decision, "decide-link", author, now, address, before, linked)
    return decision


async def approve(
    store: Store,
    keys: Keys,
    number: int,
    author: Account,
    *,
    log: AuditLog,
    now: datetime,
    address: str = "",
) -> Decision:
    """As the second person let a decision stand, or its revocation; it takes effect at once.

    Raises:
        DecisionRefused: `unknown`, `state`, `own`, `contradicts`.
        AuditUnavailable: nothing was changed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        await take_turn(connection)
        found = await _waiting(connection, number, author)
        revoking = found.asked == "revoke"
        before, linked = await apply(
            store, connection, keys, number, second=True, standing=not revoking
        )
        if revoking:
            await note(connection, number, state="revoked", asked="", revoked=now)
        else:
            await note(connection, number, state="standing")
        await note(
            connection, number, approved_by=author.id, approved_name=author.name, approved=now
        )
        decision = await decision_at(connection, number)
        await _record(log, decision, "approve-link", author, now, address, before, linked)
    return decision


async def refuse(
    store: Store,
    number: int,
    author: Account,
    *,
    log: AuditLog,
    now: datetime,
    address: str = "",
) -> Decision:
    """As the second person refuse a proposal or a revocation; the links stay as they are.

    Who proposed may take it back so, too.

    Raises:
        DecisionRefused: `unknown`, `state`.
        AuditUnavailable: nothing was changed.
    """
    async with store.pool.acquire() as connection, connection.transaction():
        await take_turn(connection)
        found = await _waiting(connection, number, None)
        state = "refused" if found.state == "proposed" else found.state
        await note(
            connection,
            number,
            state=state,
            asked="",
            approved_by=author.id,
            approved_name=author.name,
            approved=now,
        )
        decision = await decision_at(connection, number)
        before = await persons_of(connection, named_in(decision.pairs))
        await _record(log, decision, "refuse-link", author, now, address, before, None)
    return decision


async def revoke(
    store: Store,
    keys: Keys,
    number: int,
    reason: str,
    author: Account | None,
    *,
    log: AuditLog,
    now: datetime,
    address: str = "",
) -> Decision:
    """Undo a decision: the links are as if it had never been taken.

    Where that would join sensitive contents (a `different` is revoked) it waits for `approve`.

    Raises:
        DecisionRefused: `reason`, `unknown`, `state`.
        AuditUnavailable: nothing was changed.
    """
    words = _checked(reason)
    async with store.pool.acquire() as connection, connection.transaction():
        await take_turn(connection)
        found = await decision_of(connection, number)
        if found is None:
            raise DecisionRefused("unknown")
        if found.state != "standing" or found.asked:
            raise DecisionRefused("state")
        try:
            before, linked = await apply(
                store, connection, keys, number, second=False, standing=False
            )
        except SecondNeeded:
            before, linked = await persons_of(connection, named_in(found.pairs)), None
            await note(connection, number, asked="revoke")
        else:
            await note(connection, number, state="revoked", revoked=now)
        await note(
            connection,
            number,
            revoked_by=author.id if author else "operator",
            revoked_name=author.name if author else "",
            revoked_self=author.person if author else None,
            revoked_reason=words,
        )
        decision = await decision_at(connection, number)
        await _record(log, decision, "revoke-link", author, now, address, before, linked)
    return decision


def _checked(reason: str) -> str:
    words = reason.strip()
    if not words or len(words) > REASON_LIMIT:
        raise DecisionRefused("reason")
    return words


async def _waiting(connection: Connection, number: int, author: Account | None) -> Decision:
    """A decision that waits for a second person, who is `author`."""
    found = await decision_of(connection, number)
    if found is None:
        raise DecisionRefused("unknown")
    if not found.waits:
        raise DecisionRefused("state")
    if author is not None:
        first, own = found.author, found.author_self
        if found.asked:
            first, own = found.revoked_by or "", found.revoked_self
        persons = {person for person, _ in (
            await persons_of(connection, named_in(found.pairs))
        ).values()}  # fmt: skip
        if author.id == first or (author.person is not None and author.person in {own, *persons}):
            raise DecisionRefused("own")
    return found


async def _record(
    log: AuditLog,
    decision: Decision,
    action: str,
    author: Account | None,
    now: datetime,
    address: str,
    before: Mapping[str, tuple[str, str]],
    linked: Linked | None,
) -> None:
    """Write down who decided what about whom: every Person concerned finds the entry."""
    persons = {person for person, _ in before.values()} | (linked.persons if linked else set())
    detail: dict[str, Any] = {
        "verdict": decision.verdict,
        "state": decision.state,
        "asked": decision.asked,
        "patients": named_in(decision.pairs)[:50],
        "moved": len(linked.moved) if linked else 0,
    }
    entry = entry_by(
        author,
        action,
        now,
        purpose="operations",
        object_type="Link",
        object_id=str(decision.id),
        persons=tuple(sorted(persons)),
        reason=decision.verdict,
        address=address,
        detail=detail,
    )
    await log.record(entry)


class Label(msgspec.Struct, frozen=True):
    """A pair that people settled, for training: with the weight that it had then."""

    a: str
    b: str
    same: bool
    weight: float | None
    at: datetime


async def labels(connection: Connection) -> list[Label]:
    """All pairs on which a decision stands, the oldest first; of a pair the newest decision."""
    rows = await connection.fetch(
        """select distinct on (p.a, p.b) p.a, p.b, p.verdict = 'same' as same, d.weight, d.at
           from identity.decision_pair p join identity.decision d on d.id = p.decision
           where p.standing order by p.a, p.b, d.at desc"""
    )
    return sorted((Label(*row.values()) for row in rows), key=lambda one: (one.at, one.a, one.b))
