"""What institutions are called."""

import asyncio
from collections.abc import Iterable

from minkang.store import Grade, Grant, Scope, Store, read


async def institution_names(store: Store, organisations: Iterable[str]) -> dict[str, str]:
    """What institutions are called: their Organization resources, open to everyone."""
    grant = Grant(grade=Grade.OPEN, types=frozenset(["Organization"]))
    found = await asyncio.gather(
        *(read(store, Scope((grant,)), "Organization", one) for one in sorted(organisations) if one)
    )
    return {one.id: str(one.resource.get("name", one.id)) for one in found if one is not None}
