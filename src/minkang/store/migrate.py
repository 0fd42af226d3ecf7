"""Schema migrations: numbered SQL files of each package, forward only, each in a transaction.

Others may be reading and writing meanwhile. Whoever waits for a whole table makes all that come
later wait behind, so a migration that does not get one at once gives way and comes again.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from importlib import resources

import asyncpg
import msgspec

_log = logging.getLogger(__name__)

_LOCK = (0x6D6B, 1)  # one migrating process at a time
# Less than deadlock_timeout (1 s): where a writer and a migration wait for each other, it is the
# migration that gives way.
_WAIT = "500ms"
_PAUSE_SECONDS = 0.5
_ATTEMPTS = 120


class MigrationError(Exception):
    """The database's schema and the program's migrations do not fit; says which file."""


class _Migration(msgspec.Struct, frozen=True):
    package: str
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def migrate(url: str, packages: Sequence[str]) -> list[str]:
    """Apply what is missing of the packages' `schema/NNNN_name.sql`, in the order given.

    Returns the names of the migrations applied now. Safe to run from several processes at once.

    Raises:
        MigrationError: an applied file was changed since, or the database knows a migration
            that this program does not (it is older than the database), or somebody kept a table
            for so long that a migration did not get it.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1, $2)", *_LOCK)
        await connection.execute(
            """
            create table if not exists public.migration (
                package text, name text, checksum text not null,
                applied timestamptz not null default now(),
                primary key (package, name))
            """
        )
        applied = {
            (row["package"], row["name"]): row["checksum"]
            for row in await connection.fetch("select package, name, checksum from migration")
        }
        known = [migration for package in packages for migration in _migrations(package)]
        _check(applied, known, packages)
        done = []
        for migration in known:
            if (migration.package, migration.name) in applied:
                continue
            await _apply(connection, migration)
            done.append(f"{migration.package}/{migration.name}")
        return done
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: _Migration) -> None:
    """Apply one; it has happened or it has not."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with connection.transaction():
                await connection.execute(f"set local lock_timeout = '{_WAIT}'")
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into migration (package, name, checksum) values ($1, $2, $3)",
                    migration.package,
                    migration.name,
                    migration.checksum,
                )
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            if attempt == 1:
                _log.warning("%s %s waits for others", migration.package, migration.name)
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return
    raise MigrationError(
        f"{migration.package} {migration.name}: others keep its tables busy; "
        "stop what works on the database and start again"
    )


async def is_migrated(url: str) -> bool:
    """Whether the database has ever been migrated, that is, may hold data."""
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("select to_regclass('public.migration') is not null"))
    finally:
        await connection.close()


def _migrations(package: str) -> list[_Migration]:
    folder = resources.files(package) / "schema"
    return [
        _Migration(package, entry.name, entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    ]


def _check(
    applied: dict[tuple[str, str], str], known: Sequence[_Migration], packages: Sequence[str]
) -> None:
    checksums = {(m.package, m.name): m.checksum for m in known}
    for key, checksum in applied.items():
        if key[0] not in packages:
            continue
        if key not in checksums:
            raise MigrationError(f"the database has {key[0]} {key[1]}, this program does not")
        if checksums[key] != checksum:
            raise MigrationError(f"{key[0]} {key[1]} was changed after it had been applied")
