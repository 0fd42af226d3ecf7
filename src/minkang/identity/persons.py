"""Which Persons some Patients are linked to: asked by the doors that write down whom they named."""

import time
from collections.abc import Iterable
from typing import Final

from minkang.store import Store

_BELIEVED: Final = 0.5
_MOST: Final = 200_000


class Persons:
    """Remembers links while none changes; one for a process. A Patient without one is asked again.

    Whether links changed anywhere is asked twice a second: so long a former link may be told.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._change = -1
        self._looked = 0.0

    async def of(self, store: Store, patients: Iterable[str]) -> tuple[str, ...]:
        """The Persons of Patients, in order; of a Patient without a link none."""
        wanted = set(patients)
        if not wanted:
            return ()
        await self._look(store)
        if unknown := wanted - self._known.keys():
            async with store.readers.lent() as connection:
                rows = await connection.fetch(
                    "select patient, person from identity.link where patient = any($1::text[])",
                    list(unknown),
                )
            self._known.update((row["patient"], row["person"]) for row in rows)
        return tuple(sorted({self._known[one] for one in wanted if one in self._known}))

    async def _look(self, store: Store) -> None:
        """Forget everything if a link changed since; to be asked before links are read."""
        now = time.monotonic()
        if now - self._looked < _BELIEVED and len(self._known) <= _MOST:
            return
        async with store.readers.lent() as connection:
            change = await connection.fetchval("select number from identity.link_change")
        if change != self._change or len(self._known) > _MOST:
            self._known, self._change = {}, change
        self._looked = now
