"""What every process of a running platform opens first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from minkang.accounts.directory import Directory
from minkang.audit import AuditLog
from minkang.config import Settings
from minkang.crypto import Keys, load_keys
from minkang.fhir.dates import LOCAL
from minkang.policy import Gate
from minkang.policy.following import follow_policy, take_up
from minkang.policy.versions import offer_shipped
from minkang.store import Pool, Scope, Store, open_pool, open_store
from minkang.store.disk import UNWATCHED, watch
from minkang.terminology import expander


class Platform(msgspec.Struct, frozen=True):
    """Settings, keys and the store, opened; `url` is the database they are opened on."""

    settings: Settings
    url: str
    keys: Keys
    pool: Pool
    store: Store


def key_folder(home: Path) -> Path:
    """Where the key files of an installation lie."""
    return home / "keys"


def audit_folder(home: Path) -> Path:
    """Where the audit log keeps what must lie outside the database."""
    return home / "audit"


@asynccontextmanager
async def open_platform(
    settings: Settings, url: str, *, connections: int = 8
) -> AsyncIterator[Platform]:
    """The platform on a migrated database, for the length of a block.

    Raises:
        KeyFilesMissing: the installation's keys are not there.
        OSError, asyncpg.PostgresError: the database can't be reached.
    """
    keys = load_keys(key_folder(settings.home), create=False)
    pool = await open_pool(url, maximum=connections)
    try:
        disk = UNWATCHED
        if settings.database_url is None:
            disk = watch(settings.home, settings.archive, settings.disk_reserve_bytes)
        store = await open_store(pool, keys, disk)
        codes = expander(store, Scope.whole(), lambda: datetime.now(LOCAL).date().isoformat())
        store = msgspec.structs.replace(store, expand=codes)
        yield Platform(settings, url, keys, pool, store)
    finally:
        await pool.close()


@asynccontextmanager
async def open_gate(platform: Platform) -> AsyncIterator[Gate]:
    """The gate with an audit log of its own, for the length of a block.

    It decides by the version of the policy that is in force, and follows its changes.
    """
    settings, stop = platform.settings, asyncio.Event()
    log = await AuditLog.open(platform.pool, platform.keys, audit_folder(settings.home))
    following = None
    try:
        await offer_shipped(platform.pool, datetime.now(UTC))
        await take_up(platform.pool)
        following = asyncio.create_task(follow_policy(platform.pool, stop))
        yield Gate(
            platform.store,
            log,
            settings.visit_relation_days,
            settings.code_presented_hours,
            settings.referral_relation_days,
            settings.case_relation_days,
            Directory(platform.pool),
        )
    finally:
        stop.set()
        if following is not None:
            await following
        await log.close()
