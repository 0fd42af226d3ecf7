"""Restores are rehearsed: what was acknowledged comes back, up to the moment asked for."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from minkang.store.backup import back_up
from minkang.store.backup_archive import archive_settings
from minkang.store.backup_manifest import BackupRefused
from minkang.store.embedded import embedded
from minkang.store.restore import restoring
from tests.store.installed import command, folders, installed, look, put, there, value, verified

pytestmark = pytest.mark.prove

EARLY = [f"early-{n}" for n in range(20)]
UNTIL = [f"until-{n}" for n in range(20)]
AFTER = [f"after-{n}" for n in range(20)]


class Rehearsal(msgspec.Struct, frozen=True):
    """An installation that was backed up while it wrote, wrote on, and is lost.

    Attributes:
        root: a folder for the tests to restore into.
        moment: everything in EARLY, `during` and UNTIL was acknowledged before it, AFTER behind.
        during: acknowledged while the backup was being made.
    """

    root: Path
    home: Path
    archive: Path
    backup: Path
    moment: datetime
    during: frozenset[str]


@pytest.fixture(scope="module")
def rehearsal() -> Iterator[Rehearsal]:
    with folders() as make:
        home, root = make("home"), make("home").parent
        archive, backup = root / "archive", root / "backup"
        during: set[str] = set()
        with installed(home, archive) as url:
            asyncio.run(put(home, url, EARLY))
            asyncio.run(look(home, url, 5))
            with writing(home, url, during):
                back_up(home, backup, archive=archive, further=archive_settings(home, archive))
            asyncio.run(put(home, url, UNTIL))
            asyncio.run(look(home, url, 3))
            moment = asyncio.run(value(url, "select clock_timestamp()"))
            assert isinstance(moment, datetime)
            asyncio.run(put(home, url, AFTER))
            asyncio.run(look(home, url, 7))
        yield Rehearsal(root, home, archive, backup, moment, frozenset(during))
        for name in ("moment", "all", "alone", "command", "served", "unarchived"):
            make(name)


@contextlib.contextmanager
def writing(home: Path, url: str, acknowledged: set[str]) -> Iterator[None]:
    """A writer that goes on while the block runs."""
    stop = threading.Event()

    def go() -> None:
        number = 0
        while not stop.is_set() or number < 3:
            name = f"during-{number}"
            asyncio.run(put(home, url, [name]))
            acknowledged.add(name)
            number += 1

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_recovery_to_a_moment_brings_back_what_was_acknowledged_until_then(
    rehearsal: Rehearsal,
) -> None:
    home = rehearsal.root / "moment"
    with restoring(
        rehearsal.backup, home, until=rehearsal.moment, archive=rehearsal.archive
    ) as restored:
        assert restored.last <= rehearsal.moment
    with embedded(home) as url:
        assert asyncio.run(there(url)) == {*EARLY, *UNTIL, *rehearsal.during}


def test_without_a_moment_everything_archived_comes_back(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "all"
    with restoring(rehearsal.backup, home, archive=rehearsal.archive) as restored:
        assert restored.timeline == 2
        everything = asyncio.run(there(restored.url))
    assert everything == {*EARLY, *UNTIL, *AFTER, *rehearsal.during}


def test_a_backup_alone_holds_all_that_was_acknowledged_before_it(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "alone"
    with restoring(rehearsal.backup, home) as restored:
        found = asyncio.run(there(restored.url))
        assert restored.timeline == 2
    assert {*EARLY} <= found <= {*EARLY, *rehearsal.during}


def test_the_feed_begins_a_new_epoch_and_kept_positions_move_along(rehearsal: Rehearsal) -> None:
    with installed(rehearsal.home, rehearsal.archive) as url:
        before = asyncio.run(value(url, "select epoch from store.epoch"))
    home = rehearsal.root / "epoch"
    with restoring(rehearsal.backup, home) as restored:
        assert restored.epochs.before == before
        assert restored.epochs.after == restored.epochs.before + 1
        stale = "select count(*) from store.consumer where epoch <> (select epoch from store.epoch)"
        assert asyncio.run(value(restored.url, stale)) == 0


def test_the_command_restores_and_verification_names_the_gap(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "command"
    done = command(
        rehearsal.root,
        *("restore", rehearsal.backup, "--into", home, "--until", rehearsal.moment.isoformat()),
        *("--witness", rehearsal.home / "audit", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epoch"] == 2
    assert "name a new one" in done.stderr
    with embedded(home) as url:
        found = asyncio.run(verified(home, url))
    assert found.intact
    assert found.entries == 5 + 3 + 1
    assert [(one.action, one.entries, one.checkpoints) for one in found.cuts] == [
        ("restore", 7, (3, 3))
    ]
    lost = (home / "audit" / "lost-1" / "checkpoints.jsonl").read_bytes()
    assert lost == (rehearsal.home / "audit" / "checkpoints.jsonl").read_bytes()
    shown = command_without_archive(home, "audit", "verify")
    assert shown.returncode == 0
    assert "7 entries are known to be lost" in shown.stdout


def command_without_archive(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (home / "minkang.toml").unlink(missing_ok=True)
    return command(home, *words)


def test_an_outer_log_put_back_by_hand_is_not_taken_for_a_restore(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "by-hand"
    with restoring(rehearsal.backup, home):
        pass
    shutil.rmtree(home / "audit", ignore_errors=True)
    shutil.copytree(rehearsal.home / "audit", home / "audit")
    with embedded(home) as url:
        found = asyncio.run(verified(home, url))
    assert {fault.kind for fault in found.faults} >= {"checkpoint", "missing"}


def test_the_restored_platform_starts_and_serves(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "served"
    with restoring(rehearsal.backup, home, until=rehearsal.moment, archive=rehearsal.archive):
        pass
    ports = free_ports()
    (home / "minkang.toml").write_text(
        f"port = {ports[0]}\nmllp_port = {ports[1]}\n", encoding="utf-8"
    )
    with subprocess.Popen(
        [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())", "serve"],
        env={"MINKANG_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
    ) as platform:
        assert platform.stdout is not None
        assert platform.stdout.readline().startswith(b"ready ")
        answer = httpx.get(f"http://127.0.0.1:{ports[0]}/health/ready", timeout=10)
        platform.terminate()
        assert platform.wait(30) == 0
    assert answer.status_code == 200


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def test_what_exists_is_never_overwritten(rehearsal: Rehearsal) -> None:
    with (
        pytest.raises(BackupRefused, match="never overwritten"),
        restoring(rehearsal.backup, rehearsal.home),
    ):
        pass
    done = command(rehearsal.root, "restore", rehearsal.backup, "--into", rehearsal.home)
    assert done.returncode == 1
    assert str(rehearsal.home) in done.stderr


def test_what_is_left_of_a_killed_restore_is_named(rehearsal: Rehearsal) -> None:
    left = rehearsal.root / "killed.restoring"
    left.mkdir()
    with (
        pytest.raises(BackupRefused, match="not finished; delete it"),
        restoring(rehearsal.backup, rehearsal.root / "killed"),
    ):
        pass
    assert left.exists()


def test_moments_out_of_reach_are_refused(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "never"
    now = datetime.now(UTC)
    for moment, archive, words in (
        (rehearsal.moment - timedelta(days=1), rehearsal.archive, "older backup"),
        (now + timedelta(days=1), rehearsal.archive, "future"),
        (rehearsal.moment, None, "needs the archive"),
        (now, rehearsal.archive, "the archived log ends before"),
    ):
        with (
            pytest.raises(BackupRefused, match=words),
            restoring(rehearsal.backup, home, until=moment, archive=archive),
        ):
            pass
        assert not home.exists()
        assert not home.with_name("never.restoring").exists()


def test_a_failure_before_the_end_leaves_nothing(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "failed"
    with pytest.raises(KeyError), restoring(rehearsal.backup, home):
        raise KeyError
    assert not home.exists()
    assert not home.with_name("failed.restoring").exists()


def test_sessions_from_before_are_void(rehearsal: Rehearsal) -> None:
    home = rehearsal.root / "unarchived"
    with restoring(rehearsal.backup, home):
        pass
    for name in ("id.key", "index.key", "audit.key"):
        assert (home / "keys" / name).read_bytes() == (rehearsal.home / "keys" / name).read_bytes()
    made_anew = (home / "keys" / "session.key").read_bytes()
    assert made_anew != (rehearsal.home / "keys" / "session.key").read_bytes()
