"""Patients by their ids, many at once."""

from collections.abc import Sequence

from minkang.store import Query, Scope, Store, Stored, search


async def patients_by_id(store: Store, ids: Sequence[str]) -> dict[str, Stored]:
    """Those of some Patients that are there."""
    found: dict[str, Stored] = {}
    for begin in range(0, len(ids), 500):
        chunk = tuple(ids[begin : begin + 500])
        query = Query(types=("Patient",), patients=chunk, limit=1000)
        found.update((one.id, one) for one in (await search(store, Scope.whole(), query)).matches)
    return found
