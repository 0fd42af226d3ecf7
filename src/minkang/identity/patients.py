"""Patients by their ids, many at once."""

from collections.abc import Sequence

from minkang.store import Query, Scope, Store, Stored, search


async def patients_by_id(
    store: Store, ids: Sequence[str], scope: Scope | None = None
) -> dict[str, Stored]:
    """Those of some Patients that are there and that the scope shows; None: the platform's own."""
    found: dict[str, Stored] = {}
    for begin in range(0, len(ids), 500):
        chunk = tuple(ids[begin : begin + 500])
        query = Query(types=("Patient",), patients=chunk, limit=1000)
        page = await search(store, Scope.whole() if scope is None else scope, query)
        found.update((one.id, one) for one in page.matches)
    return found
