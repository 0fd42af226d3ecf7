"""Fixtures on a real embedded PostgreSQL: one server a run, one database a test module."""

import asyncio
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from minkang.app import PACKAGES
from minkang.crypto import Keys, load_keys
from minkang.store import Pool, Store, migrate, open_pool, open_store
from minkang.store.data_keys import begin_sealing
from minkang.store.embedded import embedded

pytest_plugins = ["tests.e2e.running"]


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server of this run; the URL names its maintenance database."""
    given = os.environ.get("MINKANG_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="minkang-test-") as folder:
        # As root the server runs as another user, who must be able to walk in.
        Path(folder).chmod(0o711)
        with embedded(Path(folder)) as url:
            yield url


def new_database(server_url: str) -> str:
    """A new, empty database on a server; its URL."""
    name = f"t_{secrets.token_hex(6)}"

    async def create() -> None:
        connection = await asyncpg.connect(server_url)
        await connection.execute(f"create database {name}")
        await connection.close()

    asyncio.run(create())
    base, _, query = server_url.partition("?")
    url = base.rsplit("/", 1)[0] + "/" + name
    return f"{url}?{query}" if query else url


@pytest.fixture
def empty_database(server_url: str) -> str:
    """A database without any schema, for one test."""
    return new_database(server_url)


@pytest.fixture(scope="module")
def database_url(server_url: str) -> str:
    """A database with all migrations applied, for one test module."""
    url = new_database(server_url)
    asyncio.run(migrate(url, PACKAGES))
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to the module's database."""
    pool = await open_pool(database_url)
    yield pool
    # A test that failed may still hold a connection; it must not hold up the others.
    pool.terminate()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Keys of an installation made for this run."""
    return load_keys(tmp_path_factory.mktemp("keys"), create=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(pool: Pool, keys: Keys, database_url: str) -> Store:
    """The store over the module's database, sealed as a new installation is."""
    await begin_sealing(database_url, keys.wrapping)
    return await open_store(pool, keys)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what could not be tested here, how often, and what was missing for it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ").removeprefix("NOT RUN: ")
        for report in terminalreporter.stats.get("skipped", ())
        if isinstance(report.longrepr, tuple)
    )
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"NOT RUN: {count} ({reason})")
