"""The queue of unmapped codes in the module's database."""

import pytest_asyncio

from minkang.store import Store, migrate


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def queued(store: Store, database_url: str) -> Store:
    """The store, with the tables of terminology."""
    await migrate(database_url, ("minkang.terminology",))
    return store
