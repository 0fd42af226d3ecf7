"""Residents and an audit log for the tests of codes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Store
from tests.identity.codes.people import People, begin


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[People]:
    """A module's residents."""
    log = await AuditLog.open(store.pool, keys, tmp_path_factory.mktemp("audit"))
    yield await begin(store, keys, log)
    await log.close()
