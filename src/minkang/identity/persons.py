"""Which Persons some Patients are linked to: asked by the doors that write down whom they named."""

import time
from collections.abc import Iterable
from typing import Final

from minkang.store import Store

_SECONDS: Final = 60.0
_MOST: Final = 200_000


class Persons:
    """Remembers links for a minute; one for a process. A Patient without one is asked for again."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._since = 0.0

    async def of(self, store: Store, patients: Iterable[str]) -> tuple[str, ...]:
        """The Persons of Patients, in order; of a Patient without a link none."""
        wanted = set(patients)
        if not wanted:
            return ()
        now = time.monotonic()
        if now - self._since > _SECONDS or len(self._known) > _MOST:
            self._known, self._since = {}, now
        if unknown := wanted - self._known.keys():
            async with store.readers.lent() as connection:
                rows = await connection.fetch(
                    "select patient, person from identity.link where patient = any($1::text[])",
                    list(unknown),
                )
            self._known.update((row["patient"], row["person"]) for row in rows)
        return tuple(sorted({self._known[one] for one in wanted if one in self._known}))
