"""Restore a backup into a new state folder, as it was at its end or at a later moment.

The new folder is built beside its place (`HOME.restoring`) and renamed when the database has
recovered: what has the name is whole. Nothing that exists is ever overwritten. PostgreSQL replays
the backup's own log, then that of the continuous archive, and begins a new timeline; the change
feed begins a new epoch. Sessions and tokens are void afterwards (`session.key` is made anew):
else what was ended after that moment would be open again.
"""

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from minkang.crypto import Sm4Key
from minkang.store.backup_archive import fetch_command, quoted
from minkang.store.backup_manifest import (
    DATABASE,
    KEYS,
    STATE,
    BackupRefused,
    Manifest,
    check_files,
    copy_file,
    placed,
    read_manifest,
)
from minkang.store.backup_seal import (
    KEYS_SEALED,
    PASSPHRASE,
    key_of,
    unseal_file,
    unseal_keys,
)
from minkang.store.embedded import DatabaseUnavailable, embedded, stop
from minkang.store.embedded_place import locate, settle, sync_folder, write_whole
from minkang.store.restore_epoch import Epochs, raise_epoch

_TOO_LATE = "recovery ended before configured recovery target was reached"
_ROOM = 256 * 1024 * 1024  # beyond the files themselves: log that is replayed, checkpoints


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """A recovered database, running, before it gets its place.

    Attributes:
        url: of the running database.
        home: the state folder while it is being built.
        made: when the backup was begun.
        until: the moment asked for; None is all there was.
        last: everything up to here has come back: the commit of the last transaction that was
            replayed, else the beginning of the backup.
        timeline: of PostgreSQL, from now on.
        epochs: of the change feed.
    """

    url: str
    home: Path
    made: datetime
    until: datetime | None
    last: datetime
    timeline: int
    epochs: Epochs


def check_backup(folder: Path, *, keys: Path | None = None) -> Manifest:
    """Read a whole backup through.

    Raises:
        BackupRefused: a file is missing, too much or altered; the text names it.
    """
    manifest = read_manifest(folder)
    if manifest.keys_apart and keys is None:
        raise BackupRefused(f"the key files of {folder} were put elsewhere; name their folder")
    check_files(folder, keys or folder / KEYS, manifest.files)
    return manifest


@contextmanager
def restoring(
    folder: Path,
    home: Path,
    *,
    until: datetime | None = None,
    archive: Path | None = None,
    keys: Path | None = None,
    passphrase: str | None = None,
) -> Iterator[Restored]:
    """Restore into `home`, which must not exist or be empty; it is there when the block ends.

    `passphrase` opens the key files of a sealed backup; without one that of the installation it
    was made of is taken, if that is still here. Inside the block the recovered database runs, for
    what has to be written down first. Blocks the thread; an exception removes what was built.

    Raises:
        BackupRefused: the backup is not what was written, or does not reach that moment.
        DatabaseUnavailable: PostgreSQL does not recover; the text has its words.
    """
    folder, home = folder.resolve(), home.resolve()
    building = home.with_name(home.name + ".restoring")
    _check_free(home, building)
    manifest = check_backup(folder, keys=keys)
    _check_moment(folder, manifest, until, archive)
    _check_room(home.parent, manifest)
    try:
        building.mkdir(mode=0o711, parents=True)
        key = _put_keys_back(folder, manifest, building, keys, passphrase)
        _put_back(folder, manifest, building, key)
        with embedded(building, further=_recovery(archive, until)) as url:
            last, timeline, epochs = asyncio.run(_begin_anew(url))
            yield Restored(
                url=url,
                home=building,
                made=manifest.made,
                until=until,
                last=last or manifest.made,
                timeline=timeline,
                epochs=epochs,
            )
        if home.exists():
            home.rmdir()
        building.rename(home)
        sync_folder(home.parent)
    except DatabaseUnavailable as error:
        late = _TOO_LATE in str(error)
        _remove(building)
        if late:
            raise BackupRefused(
                f"{archive}: the archived log ends before {until}; without a moment named, all "
                "that there is will be recovered"
            ) from error
        raise
    except BaseException:
        _remove(building)
        raise


def _check_free(home: Path, building: Path) -> None:
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BackupRefused(f"{home} is not empty; an installation is never overwritten")
    if building.exists():
        raise BackupRefused(
            f"{building} is left from a restore that was not finished; delete it (and the folder "
            "named in its postgres.place, if it has one)"
        )


def _check_moment(
    folder: Path, manifest: Manifest, until: datetime | None, archive: Path | None
) -> None:
    if manifest.until is None:
        raise BackupRefused(
            f"{folder} holds keys and state of an installation whose database is a server of its "
            "own: restore that with the server's own tools; --files-only puts keys and state back"
        )
    if archive is not None and not archive.is_dir():
        raise BackupRefused(f"{archive} is not a folder with an archive")
    if until is None:
        return
    if until.tzinfo is None:
        raise ValueError("a moment must be aware")
    if archive is None:
        raise BackupRefused(
            f"{folder} alone ends at {manifest.until}; a later moment needs the archive"
        )
    if until < manifest.until:
        raise BackupRefused(
            f"{folder} was finished at {manifest.until}; for {until} take an older backup"
        )
    if until > datetime.now(UTC):
        raise BackupRefused(f"{until} lies in the future")


def _check_room(parent: Path, manifest: Manifest) -> None:
    existing = next(one for one in (parent, *parent.parents) if one.exists())
    needed = sum(one.size for one in manifest.files.values()) + _ROOM
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise BackupRefused(f"{parent} has {free} bytes of room, the restore needs {needed}")


def restore_files(
    folder: Path, home: Path, *, keys: Path | None = None, passphrase: str | None = None
) -> Manifest:
    """Put keys and state of a backup into a new folder, without its database.

    Raises:
        BackupRefused: as `restoring`.
    """
    folder, home = folder.resolve(), home.resolve()
    building = home.with_name(home.name + ".restoring")
    _check_free(home, building)
    manifest = check_backup(folder, keys=keys)
    try:
        building.mkdir(mode=0o711, parents=True)
        key = _put_keys_back(folder, manifest, building, keys, passphrase)
        for name in manifest.files:
            if name.startswith(f"{STATE}/"):
                _copy_back(folder, building / name.partition("/")[2], name, manifest, key)
        if home.exists():
            home.rmdir()
        building.rename(home)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    sync_folder(home.parent)
    return manifest


def _put_keys_back(
    folder: Path, manifest: Manifest, building: Path, keys: Path | None, passphrase: str | None
) -> Sm4Key | None:
    """Put the key files back; the key that the other files are sealed under, if they are.

    Raises:
        BackupRefused: there is no passphrase, or it does not open them.
    """
    target = building / KEYS
    target.mkdir(mode=0o700)
    sealed = folder / KEYS / KEYS_SEALED
    if manifest.seal is not None and not manifest.keys_apart:
        unseal_keys(sealed, passphrase or _passphrase_left(manifest, sealed), target)
    else:
        for name, expected in manifest.files.items():
            top, _, rest = name.partition("/")
            source = placed(folder, keys or folder / KEYS, name)
            if top == KEYS and copy_file(source, target / rest) != expected:
                raise BackupRefused(f"{source} changed while it was read")
    return key_of(manifest.seal, target) if manifest.seal is not None else None


def _passphrase_left(manifest: Manifest, sealed: Path) -> str:
    """The passphrase of the installation that the backup is of, where that is still here."""
    try:
        return (Path(manifest.home) / KEYS / PASSPHRASE).read_text(encoding="utf-8")
    except OSError as error:
        raise BackupRefused(
            f"{sealed} is opened by the recovery passphrase of {manifest.home}, which is not here: "
            "give the copy that was kept, --passphrase-file FILE"
        ) from error


def _put_back(folder: Path, manifest: Manifest, building: Path, key: Sm4Key | None) -> None:
    """Copy all other files to where they belong. Nothing is named a whole installation yet."""
    data = settle(building).data
    for parent, folders, _ in os.walk(folder / DATABASE):
        below = Path(parent).relative_to(folder / DATABASE)
        for name in ("", *folders):
            (data / below / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in manifest.files:
        top, _, rest = name.partition("/")
        if top != KEYS:
            _copy_back(folder, {DATABASE: data, STATE: building}[top] / rest, name, manifest, key)
    write_whole(building / KEYS / "session.key", secrets.token_hex(32))
    write_whole(data / "recovery.signal", "")


def _copy_back(
    folder: Path, target: Path, name: str, manifest: Manifest, key: Sm4Key | None
) -> None:
    source = placed(folder, folder / KEYS, name)
    # PostgreSQL itself syncs its whole folder before it recovers.
    durably = not name.startswith(f"{DATABASE}/")
    if key is not None:
        unseal_file(source, target, key, name, durably=durably)
    elif copy_file(source, target, durably=durably) != manifest.files[name]:
        raise BackupRefused(f"{source} changed while it was read")


def _recovery(archive: Path | None, until: datetime | None) -> Mapping[str, str]:
    """Settings under which PostgreSQL recovers and then begins a new timeline.

    Without an archive the command finds nothing: the log that lies in the backup is replayed.
    Until the end nobody is let in.
    """
    settings = {
        "restore_command": quoted(fetch_command(archive) if archive else "false"),
        "recovery_target_timeline": "'latest'",
        "hot_standby": "off",
        "archive_mode": "off",
    }
    if until is not None:
        settings["recovery_target_time"] = quoted(until.astimezone(UTC).isoformat(" "))
        settings["recovery_target_action"] = "'promote'"
    return settings


async def _begin_anew(url: str) -> tuple[datetime | None, int, Epochs]:
    connection = await asyncpg.connect(url)
    try:
        last = await connection.fetchval("select pg_last_xact_replay_timestamp()")
        segment = await connection.fetchval("select pg_walfile_name(pg_current_wal_lsn())")
        return last, int(segment[:8], 16), await raise_epoch(connection)
    finally:
        await connection.close()


def _remove(building: Path) -> None:
    """Take away what an unfinished restore made; what can't be removed stays under its name."""
    with suppress(DatabaseUnavailable, OSError):
        stop(building)
        place = locate(building)
        if place.folder != building:
            shutil.rmtree(place.folder, ignore_errors=True)
    shutil.rmtree(building, ignore_errors=True)
