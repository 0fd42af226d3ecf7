"""A warm standby: a second embedded database that follows the first, record by record.

Physical streaming replication over the first one's own socket, so both state folders belong to one
user of one machine; put them on different disks. It guards against a spoilt or lost data folder,
not against the loss of the machine: for that, run servers of your own with their own failover.

The standby holds a slot, so the first database keeps what it still needs (8 GB at most). With
`synchronous`, a commit is acknowledged only when it is on the standby's disk, too; while the
standby is away without having said good-bye, commits wait.
"""

import asyncio
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from minkang.store.backup import PASSWORD, base_backup
from minkang.store.backup_archive import quoted
from minkang.store.backup_manifest import KEYS, copy_file, files_below
from minkang.store.embedded import embedded, ensure_running
from minkang.store.embedded import status as database_status
from minkang.store.embedded_place import locate, settle, write_whole
from minkang.store.embedded_server import USER
from minkang.store.restore_epoch import Epochs, raise_epoch

_FILE = "standby.json"
_STATE = ("minkang.toml",)
_PROMOTE_SECONDS = 60


class StandbyRefused(Exception):  # noqa: N818 - reads as what happened
    """What was asked for does not fit the state of the two databases."""


class Following(msgspec.Struct, frozen=True):
    """Whom a standby follows; kept in its state folder.

    Attributes:
        primary: the state folder of the first installation.
        slot: name of the replication slot, and of the standby in synchronous_standby_names.
        synchronous: whether commits are to wait for it.
    """

    primary: str
    slot: str
    synchronous: bool


class Progress(msgspec.Struct, frozen=True):
    """How far a standby has come.

    Attributes:
        streaming: it is connected to the first database.
        behind: bytes of log that it does not have yet; None if the first does not answer.
        replayed: when the last transaction that can be read on it was committed.
    """

    streaming: bool
    behind: int | None
    replayed: datetime | None


class Promoted(msgspec.Struct, frozen=True):
    """A standby that now takes writes.

    Attributes:
        last: commit of the last transaction that had reached it.
        timeline: of PostgreSQL, from now on.
        epochs: of the change feed.
    """

    last: datetime | None
    timeline: int
    epochs: Epochs


def make_standby(primary: Path, home: Path, *, synchronous: bool = False) -> Following:
    """Copy a running installation's database into a new state folder.

    Its keys and settings come along. Blocks; call it where no event loop runs.

    Raises:
        StandbyRefused: the folder is in use, or there is nothing to follow.
        DatabaseUnavailable: PostgreSQL does not give a base backup.
    """
    primary, home = primary.resolve(), home.resolve()
    first_url = _running(primary)
    if home.exists() and any(home.iterdir()):
        raise StandbyRefused(f"{home} is not empty; a standby is made in a new folder")
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    place = settle(home)
    following = Following(str(primary), place.name.replace("-", "_"), synchronous)
    try:
        asyncio.run(_execute(first_url, _MAKE_SLOT, following.slot))
        data = place.data.with_name("postgres.standby")
        base_backup(locate(primary), first_url, data, ["--slot", following.slot])
        _follow(data, following)
        for name in (PASSWORD, *_STATE):
            if (primary / name).exists():
                copy_file(primary / name, home / name)
        for name, source in files_below(primary / KEYS):
            copy_file(source, home / KEYS / name)
        write_whole(home / _FILE, msgspec.json.encode(following).decode())
        data.rename(place.data)
    except BaseException:
        with suppress(Exception):  # else the first one keeps its log for nobody
            asyncio.run(_execute(first_url, _DROP_SLOT, following.slot))
        if place.folder != home:
            shutil.rmtree(place.folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
        raise
    return following


def follows(home: Path) -> Following:
    """Whom the standby in this state folder follows.

    Raises:
        StandbyRefused: it is none.
    """
    try:
        return msgspec.json.decode((home / _FILE).read_bytes(), type=Following)
    except FileNotFoundError:
        raise StandbyRefused(f"{home} is no standby; minkang standby make makes one") from None


def keep_following(home: Path, wait: Callable[[float], bool], *, pause: float = 2.0) -> None:
    """Run the standby until `wait` (given a number of seconds) says to end.

    A synchronous standby begins to be waited for once it has come up to the first database, and
    is no longer waited for after an orderly end.
    """
    following = follows(home)
    waited_for = False
    with embedded(home) as url:
        try:
            while not wait(pause):
                ensure_running(home)
                progress = asyncio.run(_progress(url, _url_if_up(following)))
                if following.synchronous and not waited_for and progress.streaming:
                    waited_for = _wait_for(following, following.slot)
        finally:
            if waited_for and database_status(Path(following.primary)).running:
                _wait_for(following, "")


def progress(home: Path) -> Progress:
    """How far the standby in this state folder has come; starts it for that if need be."""
    following = follows(home)
    with embedded(home) as url:
        return asyncio.run(_progress(url, _url_if_up(following)))


def promote(home: Path, *, force: bool = False) -> Promoted:
    """Let the standby take over; it must then be served, and the first database not be started.

    The feed's epoch goes up: what a consumer saw of the first database may not have arrived here.

    Raises:
        StandbyRefused: it is no standby, or the first database still runs (`force` is for one
            that is known to be cut off from everybody).
    """
    following = follows(home)
    if not force and database_status(Path(following.primary)).running:
        raise StandbyRefused(
            f"the database in {following.primary} still runs: two would take writes. Stop its "
            "minkang serve first"
        )
    with embedded(home) as url:
        return asyncio.run(_promote(home, url))


def drop(home: Path) -> None:
    """Let the first database forget this standby: it keeps no log for it and never waits for it.

    Raises:
        StandbyRefused: it is no standby, or the first database does not run.
    """
    following = follows(home)
    first_url = _running(Path(following.primary))
    asyncio.run(_set_waited_for(first_url, ""))
    asyncio.run(_execute(first_url, _DROP_SLOT, following.slot))


def _running(primary: Path) -> str:
    """The first database's URL. It is never started from here: it would run without its archive.

    Raises:
        StandbyRefused: it does not run.
    """
    found = database_status(primary)
    if not found.running:
        raise StandbyRefused(
            f"{primary}: the database does not run ({found.why_not}); start it first"
        )
    return ensure_running(primary)


_MAKE_SLOT = """
    select pg_create_physical_replication_slot($1::name, true)
    where not exists (select from pg_replication_slots where slot_name = $1::name)"""
_DROP_SLOT = """
    select pg_drop_replication_slot(slot_name) from pg_replication_slots
    where slot_name = $1::name and not active"""


def _follow(data: Path, following: Following) -> None:
    """Say in the copied data folder whom it follows; PostgreSQL drops the signal at promotion."""
    place = locate(Path(following.primary))
    fields = {
        "host": str(place.socket),
        "port": "5432",
        "user": USER,
        "password": place.password.read_text(encoding="utf-8").strip(),
        "application_name": following.slot,
    }
    text = " ".join(f"{name}={quoted(value)}" for name, value in fields.items())
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write(f"primary_conninfo = {quoted(text)}\n")
        file.write(f"primary_slot_name = {quoted(following.slot)}\n")
        file.write("synchronous_standby_names = ''\n")
        file.flush()
        os.fsync(file.fileno())
    write_whole(data / "standby.signal", "")


def _wait_for(following: Following, name: str) -> bool:
    """Let commits of the first database wait for this standby, or for none (an empty name)."""
    asyncio.run(_set_waited_for(ensure_running(Path(following.primary)), name))
    return True


async def _set_waited_for(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # ALTER SYSTEM takes no parameters; the name is made of letters, digits and underscores.
        await connection.execute(f"alter system set synchronous_standby_names = {quoted(name)}")
        await connection.execute("select pg_reload_conf()")
    finally:
        await connection.close()


async def _execute(url: str, sql: str, *values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()


async def _progress(url: str, first_url: str | None) -> Progress:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            """select pg_last_wal_receive_lsn()::text as received,
                      pg_last_xact_replay_timestamp() as replayed,
                      exists (select from pg_stat_wal_receiver
                              where status = 'streaming') as streaming"""
        )
    finally:
        await connection.close()
    assert row is not None  # noqa: S101 - a select without from gives a row
    behind = None
    if first_url is not None and row["received"]:
        behind = await _behind(first_url, row["received"])
    return Progress(row["streaming"], behind, row["replayed"])


def _url_if_up(following: Following) -> str | None:
    """The first database's URL, where it runs; it is not started, and not stopped by leaving."""
    if not database_status(Path(following.primary)).running:
        return None
    return ensure_running(Path(following.primary))


async def _behind(first_url: str, received: str) -> int:
    connection = await asyncpg.connect(first_url)
    try:
        found: int = await connection.fetchval(
            "select pg_wal_lsn_diff(pg_current_wal_lsn(), $1::text::pg_lsn)::bigint", received
        )
    finally:
        await connection.close()
    return max(0, found)


async def _promote(home: Path, url: str) -> Promoted:
    connection = await asyncpg.connect(url)
    try:
        if not await connection.fetchval("select pg_is_in_recovery()"):
            raise StandbyRefused(f"{home} already takes writes")
        last = await connection.fetchval("select pg_last_xact_replay_timestamp()")
        if not await connection.fetchval("select pg_promote(true, $1)", _PROMOTE_SECONDS):
            raise StandbyRefused(f"{home}: not promoted after {_PROMOTE_SECONDS} s")
        last = await connection.fetchval("select pg_last_xact_replay_timestamp()") or last
        segment = await connection.fetchval("select pg_walfile_name(pg_current_wal_lsn())")
        for name in ("primary_conninfo", "primary_slot_name"):
            await connection.execute(f"alter system reset {name}")
        epochs = await raise_epoch(connection)
    finally:
        await connection.close()
    (home / _FILE).rename(home / f"{_FILE}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    return Promoted(last, int(segment[:8], 16), epochs)
