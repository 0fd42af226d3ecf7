"""Registrations as the identity desk may read them, and that they were read is written down."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from minkang.accounts.account import entry_by
from minkang.identity.persons import Persons
from minkang.store import Query, Scope, Store, Stored, search
from minkang.web.visitor import Visitor

_CHUNK: Final = 500


async def patients_in(store: Store, scope: Scope, ids: Collection[str]) -> dict[str, Stored]:
    """Those of some Patients that are there and that a scope shows."""
    wanted = sorted(set(ids))
    found: dict[str, Stored] = {}
    for begin in range(0, len(wanted), _CHUNK):
        chunk = tuple(wanted[begin : begin + _CHUNK])
        page = await search(store, scope, Query(types=("Patient",), patients=chunk, limit=1000))
        found.update((one.id, one) for one in page.matches)
    return found


async def written_down(
    visitor: Visitor, action: str, patients: Iterable[str], what: str, which: str = "", **more: Any
) -> None:
    """Write down whose registrations were looked at or decided on, before it is answered.

    Each resident finds the entry. `what` and `which` name the object; no names, no numbers.

    Raises:
        AuditUnavailable: the entry could not be made durable; give no answer.
    """
    wanted = sorted(set(patients))
    persons = await Persons().of(visitor.web.store, wanted)
    await visitor.web.gate.log.record(
        entry_by(
            visitor.account,
            action,
            visitor.now,
            purpose="operations",
            object_type=what,
            object_id=which,
            persons=persons,
            reason="identity-desk",
            address=visitor.address,
            **more,
        )
    )
