"""The audit log's entries of systems that read by id: those of one moment share an entry.

Each read waits until an entry that names it is durable. While one entry is being written, the
reads that come meanwhile gather for the next, by caller: the more are read, the more an entry
names, and the cost of one commit is shared.
"""

import asyncio
from datetime import datetime

import msgspec

from minkang.accounts import Account
from minkang.audit import AuditLog, AuditUnavailable, Entry
from minkang.policy import Decision

_MOST = 100


class _Moment(msgspec.Struct):
    """Reads of one caller that share an entry."""

    account: Account | None
    decision: Decision
    address: str
    at: datetime
    read: list[tuple[str, str]]
    written: asyncio.Event
    error: AuditUnavailable | None = None


class Journal:
    """Writes down what systems read; one for a process."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log
        self._waiting: dict[tuple[str | None, str], list[_Moment]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def noted(
        self,
        account: Account | None,
        decision: Decision,
        address: str,
        now: datetime,
        what: tuple[str, str],
    ) -> None:
        """Return when it is durable that `what` (type and id) was read.

        Raises:
            AuditUnavailable: give no answer.
        """
        moments = self._waiting.setdefault((account.id if account else None, address), [])
        if not moments or len(moments[-1].read) >= _MOST:
            moments.append(_Moment(account, decision, address, now, [], asyncio.Event()))
        moment = moments[-1]
        moment.read.append(what)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await moment.written.wait()
        if moment.error is not None:
            raise moment.error

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
        self._writing = None


def _entry(moment: _Moment) -> Entry:
    account = moment.account
    kinds = {kind for kind, _ in moment.read}
    alone = len(moment.read) == 1
    return Entry(
        action="read-api",
        allowed=True,
        account=account.id if account else None,
        account_name=account.name if account else "",
        role=account.role if account else "",
        organisation=account.organisation if account else None,
        purpose=moment.decision.purpose,
        object_type=moment.read[0][0] if len(kinds) == 1 else "",
        object_id=moment.read[0][1] if alone else "",
        reason=moment.decision.reason,
        address=moment.address,
        detail=None if alone else {"read": [f"{kind}/{one}" for kind, one in moment.read]},
        at=moment.at,
    )
