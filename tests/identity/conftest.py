"""An audit log over the module's database, and people who decide."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Store


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def log(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AuditLog]:
    folder: Path = tmp_path_factory.mktemp("audit")
    opened = await AuditLog.open(store.pool, keys, folder)
    yield opened
    await opened.close()
