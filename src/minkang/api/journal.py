"""The audit log's entries of what systems do: those of one moment share an entry.

No answer goes out before an entry that names what was asked, and whom the answer names, is durable.
While one entry is being written, the requests that come meanwhile gather for the next, by caller
and action: the more is asked, the more an entry names, and the cost of one commit is shared. What
a search or a read asked is handed in once it is known whom its answer names (`Due`), so that one
entry says both; a write begins only when its entry is durable.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from minkang.accounts import Account
from minkang.audit import AuditLog, AuditUnavailable, Entry
from minkang.policy import Action, Decision

_MOST = 100
_LONGEST = 12_000
"""Characters that share an entry: the log cuts details at 16,000 bytes (`audit.entry`)."""

_MOST_PERSONS = 200
"""Residents that share an entry; one answer may name more."""

_REST = 0.002
"""Seconds between two writes while several ask at once; somebody alone never waits for it."""


class Due(msgspec.Struct, frozen=True):
    """What a request asked for that is still to be written down, before its answer goes out.

    Attributes:
        what: type, and id or what else tells what was asked; None if that stands in an entry of
            its own already.
        persons: residents that the answer names, as far as they are known by now.
    """

    decision: Decision
    what: tuple[str, str] | None
    persons: set[str]


class Noted(msgspec.Struct):
    """What one caller asked for, as it will share an entry.

    Attributes:
        asked: (type, id or what else tells what was asked) of each request.
        persons: residents that the answers of this moment name.
        length: characters of `asked`.
    """

    account: Account | None
    decision: Decision
    action: Action
    address: str
    at: datetime
    asked: list[tuple[str, str]]
    written: asyncio.Event
    length: int = 0
    persons: set[str] = msgspec.field(default_factory=set)
    error: AuditUnavailable | None = None

    async def durable(self) -> None:
        """Return when the entry is durable.

        Raises:
            AuditUnavailable: give no answer.
        """
        if not self.written.is_set():
            await self.written.wait()
        if self.error is not None:
            raise self.error

    def takes(self, length: int) -> bool:
        """Whether there is room for one more."""
        room = len(self.asked) < _MOST and len(self.persons) < _MOST_PERSONS
        return room and self.length + length <= _LONGEST


class Journal:
    """Writes down what systems ask for; one for a process."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._waiting: dict[tuple[str | None, str, Action], list[Noted]] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(
        self,
        account: Account | None,
        decision: Decision,
        action: Action,
        address: str,
        now: datetime,
        what: tuple[str, str] | None,
        persons: Iterable[str] = (),
    ) -> Noted:
        """Have `what` (type, and id or what else was asked) written down, and the residents whom
        the answer names; to be waited for."""
        # Some characters take more than a byte.
        length = len(what[0]) + 2 * len(what[1]) if what is not None else 0
        noted = self._next(account, decision, action, address, now, length)
        if what is not None:
            noted.asked.append(what)
        noted.length += length
        noted.persons.update(persons)
        return noted

    def _next(
        self,
        account: Account | None,
        decision: Decision,
        action: Action,
        address: str,
        now: datetime,
        length: int,
    ) -> Noted:
        """What the next entry of this caller will say, with room for `length` more."""
        several = self._waiting.setdefault((account.id if account else None, address, action), [])
        if not several or not several[-1].takes(length):
            several.append(Noted(account, decision, action, address, now, [], asyncio.Event()))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return several[-1]

    async def _write(self) -> None:
        while self._waiting:
            moments = [one for several in self._waiting.values() for one in several]
            self._waiting = {}
            error = None
            try:
                await self._log.record_many([_entry(one) for one in moments])
            except AuditUnavailable as found:
                error = found
            except Exception as found:  # noqa: BLE001 - whatever it is, nobody may wait forever
                error = AuditUnavailable(f"the audit entry could not be written: {found!r}")
            for one in moments:
                one.error = error
                one.written.set()
            if sum(max(1, len(one.asked)) for one in moments) > 1:
                await asyncio.sleep(_REST)
        self._writing = None


def _entry(noted: Noted) -> Entry:
    account = noted.account
    kinds = {kind for kind, _ in noted.asked}
    alone = len(noted.asked) == 1
    return Entry(
        action=noted.action,
        allowed=True,
        account=account.id if account else None,
        account_name=account.name if account else "",
        role=account.role if account else "",
        organisation=account.organisation if account else None,
        purpose=noted.decision.purpose,
        persons=tuple(sorted(noted.persons)),
        object_type=noted.asked[0][0] if len(kinds) == 1 else "",
        object_id=noted.asked[0][1] if alone else "",
        reason=noted.decision.reason,
        address=noted.address,
        detail=_detail(noted, alone=alone),
        at=noted.at,
    )


def _detail(noted: Noted, *, alone: bool) -> dict[str, Any]:
    rules = {"policy": noted.decision.version, "rules": list(noted.decision.rules)}
    if alone or not noted.asked:
        return rules
    return {**rules, "asked": [_place(*one) for one in noted.asked]}


def _place(kind: str, what: str) -> str:
    return f"{kind}{what}" if what.startswith("?") or not what else f"{kind}/{what}"
