"""Who holds a bearer token, remembered for a moment: most calls come from few systems.

What is remembered counts only if nobody's rights were taken away since. That is asked anew for
every call, by one short query for all calls of a moment: those that come while it runs, or in the
rest after one that several shared, share the next. So a token that was revoked is dead at the
next request, whichever process it comes to.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from minkang.accounts import Account
from minkang.accounts.tokens import Holder, rights_number
from minkang.store import Store

_SECONDS = 5.0
_MOST = 10_000
_REST = 0.002
"""Seconds between two such queries while several ask at once; somebody alone never waits."""

LookUp = Callable[[], Awaitable[Holder | None]]


class _Known(msgspec.Struct, frozen=True):
    holder: Holder
    forgotten: float


class Callers:
    """Accounts by the header that they came with; whoever is unknown is never remembered."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Known] = {}
        self._next: asyncio.Future[int] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._sharing = 0

    async def holder(
        self, store: Store, header: bytes, now: datetime, look_up: LookUp
    ) -> Account | None:
        """Who comes with this header; looked up unless that was done a moment ago.

        Raises:
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the database does not answer.
        """
        known = self._known.get(header)
        if known is not None:
            fresh = known.forgotten > time.monotonic() and known.holder.until > now
            if fresh and await self._number(store) == known.holder.number:
                return known.holder.account
            self._known.pop(header, None)
        found = await look_up()
        if found is None:
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[header] = _Known(found, time.monotonic() + _SECONDS)
        return found.account

    async def _number(self, store: Store) -> int:
        """The number of changes, from a query that begins after this call."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        self._sharing += 1
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask(store))
        return await asyncio.shield(self._next)

    async def _ask(self, store: Store) -> None:
        while (asked := self._next) is not None:
            self._next, shared, self._sharing = None, self._sharing, 0
            try:
                async with store.readers.lent() as connection:
                    number = await rights_number(connection)
            except Exception as error:  # noqa: BLE001 - whatever it is, all who wait shall know
                asked.set_exception(error)
                asked.exception()  # perhaps nobody waits any more
            else:
                asked.set_result(number)
            if shared > 1:
                await asyncio.sleep(_REST)
        self._asking = None
