"""Asking the gate about a resident's health file: kept by the own institution, or one's own."""

from minkang.accounts.directory import Directory, Tree
from minkang.identity import Resident, resident
from minkang.policy.presented import institution_of
from minkang.record.files.steps import By
from minkang.record.files.work import lives_with
from minkang.store import Scope
from minkang.web.consents import signed_in
from minkang.web.visitor import NotAllowed, Visitor


async def tree_of(visitor: Visitor) -> Tree:
    """The tree of organisations as it stands."""
    web = visitor.web
    return await (web.gate.directory or Directory(web.store.pool)).fresh()


async def kept_by(visitor: Visitor) -> frozenset[str]:
    """The institutions whose files the visitor keeps: the own one and those below it, as a township
    centre leads its village rooms."""
    own = institution_of(visitor.account) if visitor.account else None
    return (await tree_of(visitor)).within(own) if own else frozenset()


async def ask_keeper(visitor: Visitor, person: str) -> Resident:
    """Ask to keep the file of a resident. Who may not learns neither whether there is such a
    resident nor who keeps the file.

    Raises:
        NotAllowed: it was refused.
    """
    web = visitor.web
    found = await resident(web.store, Scope.whole(), person)
    mine = await kept_by(visitor)
    async with web.store.pool.acquire() as connection:
        kept = bool(mine) and await lives_with(connection, person, mine)
    decision = await web.gate.ask(
        visitor.account,
        "keep-file",
        now=visitor.now,
        address=visitor.address,
        person=person,
        patients=found.patients if found else frozenset(),
        named=True,
        file_kept=kept,
    )
    if not decision.allowed or found is None:
        raise NotAllowed(decision, visitor, None)
    return found


def by_visitor(visitor: Visitor) -> By:
    """Who does it, for the record's own steps."""
    return By(signed_in(visitor), visitor.now, visitor.address)
