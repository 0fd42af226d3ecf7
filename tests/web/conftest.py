"""The application itself, over a real database: for what can't be seen from outside."""

import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning

from minkang.app.web import application_of
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.crypto import Keys
from minkang.policy import Gate
from minkang.store import Store
from minkang.web import Live, Web


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def web(
    store: Store, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Web]:
    """What the handlers work with, as an operator with HTTPS has it."""
    home: Path = tmp_path_factory.mktemp("web")
    log = await AuditLog.open(store.pool, keys, home / "audit")
    live = Live(store)
    settings = Settings(home=home, secure_cookies=True)
    yield Web(store, Gate(store, log, 180, 24), keys, settings, live, None)
    await live.close()
    await log.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def application(web: Web) -> Litestar:
    """The application with all its routes."""
    with warnings.catch_warnings():
        # Litestar 2 wants handlers' parameters written in the way of Litestar 3.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        return application_of(web)
