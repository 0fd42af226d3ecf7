"""Installations on an embedded database of their own, for backup, restore and standby."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from minkang.app import PACKAGES
from minkang.audit import AuditLog, Entry, Verification, verify
from minkang.crypto import load_keys
from minkang.store import Change, Pool, migrate, open_pool, open_store, write
from minkang.store.backup_archive import archive_settings
from minkang.store.embedded import embedded
from tests.store.test_embedded import state_folders


@contextmanager
def folders() -> Iterator[Callable[[str], Path]]:
    """State folders as in test_embedded; their servers end and they go, though a test fails."""
    manager = state_folders()
    make = manager.__enter__()
    try:
        yield make
    finally:
        manager.__exit__(None, None, None)


@contextmanager
def installed(home: Path, archive: Path | None = None) -> Iterator[str]:
    """The URL of a running, migrated installation; made if it is new."""
    home.mkdir(mode=0o711, exist_ok=True)
    if archive is not None and not (home / "minkang.toml").exists():
        (home / "minkang.toml").write_text(f'archive = "{archive}"\n', encoding="utf-8")
    load_keys(home / "keys", create=True)
    with embedded(home, further=archive_settings(home, archive)) as url:
        asyncio.run(migrate(url, PACKAGES))
        yield url


@asynccontextmanager
async def pool_on(url: str, maximum: int = 1) -> AsyncIterator[Pool]:
    """Connections that are gone with the block, whatever happens in it."""
    pool = await open_pool(url, maximum=maximum)
    try:
        yield pool
    finally:
        pool.terminate()


async def put(home: Path, url: str, names: Sequence[str]) -> None:
    """Write one organisation each, every one in a transaction of its own."""
    keys = load_keys(home / "keys", create=False)
    async with pool_on(url, 2) as pool, pool.acquire() as connection:
        store = await open_store(pool, keys)
        for name in names:
            resource = {"resourceType": "Organization", "id": name, "name": name}
            async with connection.transaction():
                await write(store, connection, [Change(resource, "h")])


async def there(url: str) -> set[str]:
    """The ids of all organisations."""
    async with pool_on(url) as pool:
        rows = await pool.fetch("select id from store.resource")
    return {row["id"] for row in rows}


async def value(url: str, sql: str) -> object:
    """One value from the database."""
    async with pool_on(url) as pool:
        found: object = await pool.fetchval(sql)
    return found


async def look(home: Path, url: str, count: int) -> None:
    """Write audit entries, and a checkpoint at the end."""
    async with pool_on(url, 3) as pool:
        log = await AuditLog.open(pool, load_keys(home / "keys", create=False), home / "audit")
        for number in range(count):
            await log.record(Entry(action="read", allowed=True, object_id=str(number)))
        await log.close()


async def verified(home: Path, url: str) -> Verification:
    """What the verification of the audit log says."""
    async with pool_on(url) as pool:
        return await verify(pool, load_keys(home / "keys", create=False), home / "audit")


def command(
    home: Path, *words: str | Path, url: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `minkang` in a state folder, on its embedded database or the one named."""
    environment = {
        "MINKANG_HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(sys.path),
        **({"MINKANG_DATABASE_URL": url} if url else {}),
    }
    return subprocess.run(
        [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())"]
        + [str(word) for word in words],
        env=environment,
        cwd=home if home.exists() else home.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
