"""Load many resources at once, in chunks that commit on their own."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from minkang.fhir import Resource
from minkang.store.changes import Change
from minkang.store.store import Store
from minkang.store.write import write

CHUNK = 500
"""Resources a transaction: short enough not to hold back the change feed."""


async def bulk_load(store: Store, resources: Iterable[Resource], source: str) -> Counter[str]:
    """Write all resources by COPY; returns how many were created, updated, unchanged.

    A crash loses at most the chunk under way; loading again changes nothing that is there.
    """
    outcomes: Counter[str] = Counter()
    remaining = iter(resources)
    while chunk := [Change(resource, source) for resource in islice(remaining, CHUNK)]:
        async with store.pool.acquire() as connection, connection.transaction():
            for outcome in await write(store, connection, chunk):
                outcomes[outcome.kind] += 1
    return outcomes
