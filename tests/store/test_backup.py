"""A backup is whole when it has its name, and says which file is not what was written."""

import asyncio
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minkang.store.backup import back_up
from minkang.store.backup_archive import archive_settings
from minkang.store.backup_manifest import BackupRefused, files_below
from minkang.store.embedded import DatabaseUnavailable, embedded
from minkang.store.embedded_place import locate
from minkang.store.restore import check_backup, restoring
from tests.store.installed import command, folders, installed, put, there, value


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A stopped installation with an archive."""
    with folders() as make:
        made = make("home")
        with installed(made, made.parent / "archive") as url:
            asyncio.run(put(made, url, ["one", "two"]))
        yield made
        make("apart")


@pytest.fixture(scope="module")
def backup(home: Path) -> Path:
    return back_up(home, home.parent / "backup").folder


@pytest.fixture
def copy(backup: Path, tmp_path: Path) -> Path:
    """A backup that a test may spoil."""
    return Path(shutil.copytree(backup, tmp_path / "copy"))


@pytest.mark.prove
def test_the_command_saves_a_stopped_installation(home: Path) -> None:
    target = home.parent / "by-command"
    done = command(home, "backup", target, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["folder"] == str(target)
    assert told["bytes"] == sum(one.size for one in check_backup(target).files.values())
    assert "recovery.passphrase opens them" in done.stderr
    with embedded(home) as url:
        entry = "select detail->>'folder' from audit.entry where action = 'backup'"
        assert asyncio.run(value(url, entry)) == str(target)
    read = command(home, "restore", target, "--check")
    assert read.returncode == 0
    assert "as they were written" in read.stdout


def test_nobody_else_can_read_it(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    for _, path in files_below(backup):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "name", ["database/PG_VERSION", "state/minkang.toml", "keys/keys.sealed", "minkang-backup.json"]
)
def test_an_altered_bit_is_refused_with_the_files_name(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(BackupRefused, match=name):
        check_backup(copy)


def some_segment(folder: Path) -> str:
    return "database/pg_wal/" + min(
        path.name for path in (folder / "database" / "pg_wal").iterdir() if path.is_file()
    )


def some_table(folder: Path) -> str:
    tables = (folder / "database" / "base").rglob("*")
    largest = max((one for one in tables if one.is_file()), key=lambda one: one.stat().st_size)
    return str(largest.relative_to(folder))


@pytest.mark.parametrize("choose", [some_segment, some_table])
def test_cut_missing_and_strange_files_are_refused_by_name(
    copy: Path, choose: Callable[[Path], str]
) -> None:
    name = choose(copy)
    whole = (copy / name).read_bytes()
    os.truncate(copy / name, len(whole) - 1)
    with pytest.raises(BackupRefused, match=f"{name} has"):
        check_backup(copy)
    (copy / name).unlink()
    with pytest.raises(BackupRefused, match=f"{name}: No such file"):
        check_backup(copy)
    (copy / name).write_bytes(whole)
    (copy / "database" / "planted").write_bytes(b"")
    with pytest.raises(BackupRefused, match="planted does not belong"):
        check_backup(copy)


def test_a_spoilt_backup_is_not_restored(copy: Path, home: Path) -> None:
    name = some_table(copy)
    os.truncate(copy / name, 8192)
    done = command(home, "restore", copy, "--into", home.parent / "spoilt")
    assert done.returncode == 1
    assert name in done.stderr
    assert not (home.parent / "spoilt").exists()


def test_a_backup_that_was_not_finished_is_none(copy: Path) -> None:
    (copy / "minkang-backup.sm3").unlink()
    with pytest.raises(BackupRefused, match="not a whole backup"):
        check_backup(copy)


@pytest.mark.prove
def test_keys_can_lie_apart(home: Path) -> None:
    target, keys = home.parent / "without", home.parent / "their-keys"
    made = back_up(home, target, keys=keys)
    assert made.keys == keys
    assert not (target / "keys").exists()
    with pytest.raises(BackupRefused, match="name their folder"):
        check_backup(target)
    with restoring(target, home.parent / "apart", keys=keys) as restored:
        assert asyncio.run(there(restored.url)) == {"one", "two"}


def test_a_backup_is_never_written_over(home: Path, backup: Path) -> None:
    before = (backup / "minkang-backup.json").read_bytes()
    with pytest.raises(BackupRefused, match="is not empty"):
        back_up(home, backup)
    assert (backup / "minkang-backup.json").read_bytes() == before
    with pytest.raises(BackupRefused, match="lies in the state folder"):
        back_up(home, home / "inside")
    with pytest.raises(BackupRefused, match="nothing to back up"):
        back_up(home.parent / "nowhere", home.parent / "nothing")
    assert not (home.parent / "nothing").exists()


@pytest.mark.prove
def test_with_a_server_of_ones_own_keys_and_state_are_saved(home: Path) -> None:
    target = home.parent / "own-server"
    (home / "minkang.toml").rename(home / "minkang.toml.away")
    (home / "minkang.toml").write_text('database_url = "postgresql://nowhere/x"\n')
    try:
        done = command(home, "backup", target)
    finally:
        (home / "minkang.toml.away").replace(home / "minkang.toml")
    assert done.returncode == 3
    assert "pg_basebackup" in done.stderr
    manifest = check_backup(target)
    assert "keys/keys.sealed" in manifest.files
    assert manifest.until is None
    restored = command(home, "restore", target, "--into", home.parent / "none")
    assert restored.returncode == 1
    assert "server's own tools" in restored.stderr


def test_an_archive_belongs_to_one_installation(home: Path) -> None:
    archive = home.parent / "archive"
    assert archive_settings(home, None) == {}
    with pytest.raises(DatabaseUnavailable, match="belongs to the installation"):
        archive_settings(home.parent / "another", archive)
    with pytest.raises(DatabaseUnavailable, match="neither empty nor an archive"):
        archive_settings(home, home)


def test_every_command_starts_the_server_with_its_archive(home: Path) -> None:
    settings = locate(home).data / "minkang.conf"
    settings.unlink()
    assert command(home, "sources").returncode == 0
    assert "archive_library = 'basic_archive'" in settings.read_text(encoding="utf-8")


def test_what_is_written_reaches_the_archive_when_the_server_stops(home: Path) -> None:
    archive = home.parent / "archive"
    with embedded(home, further=archive_settings(home, archive)) as url:
        asyncio.run(put(home, url, ["three"]))
        assert asyncio.run(value(url, "show archive_mode")) == "on"
        segment = asyncio.run(value(url, "select pg_walfile_name(pg_current_wal_lsn())"))
    assert (archive / str(segment)).stat().st_size == 16 * 1024 * 1024
