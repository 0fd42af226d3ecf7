"""A full disk stops writing, not reading, and what was acknowledged stays."""

import asyncio
import contextlib
import itertools
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from minkang.store import TROUBLE
from minkang.store.disk import UNWATCHED, DiskReserved, DiskWatch, free_bytes, is_full, watch
from minkang.store.embedded import embedded, ensure_running, stop
from tests.store.installed import installed, put, there

MIB = 1024 * 1024


@pytest.fixture
def small() -> Iterator[Path]:
    """A folder on a file system of 300 MB of its own."""
    folder = Path(tempfile.mkdtemp(prefix="minkang-test-", dir="/tmp"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300m,mode=0755", "tmpfs", str(folder)],
        capture_output=True,
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("NOT RUN: no right to mount a small file system")
    yield folder
    with contextlib.suppress(Exception):
        stop(folder / "home")
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def fill(folder: Path, leave: int) -> Path:
    """Take all room but `leave` bytes; the file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        while (free := free_bytes(folder) - leave) > 0:
            file.write(b"\0" * min(free, MIB))
            file.flush()
    return ballast


def test_below_the_reserve_writing_is_refused_until_there_is_room(small: Path) -> None:
    home = small / "home"
    with installed(home) as url:
        asyncio.run(put(home, url, ["before"]))
        guard = watch(home, None, 20 * MIB)
        guard.require_room()
        ballast = fill(small, 19 * MIB)
        with pytest.raises(DiskReserved, match="disk_reserve_bytes") as refused:
            guard.require_room()
        assert str(home) in str(refused.value)
        assert isinstance(refused.value, TROUBLE)
        assert asyncio.run(there(url)) == {"before"}
        ballast.unlink()
        guard.require_room()


def test_the_archive_is_watched_too(small: Path, tmp_path: Path) -> None:
    guard = DiskWatch((tmp_path, small), 299 * MIB)
    fill(small, 200 * MIB)
    with pytest.raises(DiskReserved, match=str(small)):
        guard.require_room()
    UNWATCHED.require_room()


async def near_the_end_of_the_log(url: str) -> None:
    """Fill most of a segment of the log (16 MiB), whatever made the schema has left of it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_switch_wal()")
        await connection.execute("create table ahead (body bytea)")
        await connection.execute("alter table ahead alter column body set storage external")
        for _ in range(11):
            await connection.execute("insert into ahead values ($1)", bytes(MIB))
    finally:
        await connection.close()


async def write_until_it_fails(home: Path, url: str, acknowledged: set[str]) -> Exception:
    """Resources, and a large row after each so that it does not take long; what stopped it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create table if not exists filler (body bytea)")
        await connection.execute("alter table filler alter column body set storage external")
        for number in itertools.count():
            await connection.execute("insert into filler values ($1)", bytes(MIB))
            await put(home, url, [f"r{number}"])
            acknowledged.add(f"r{number}")
    except TROUBLE as error:
        return error
    finally:
        connection.terminate()
    raise AssertionError("a disk of 300 MB took everything")


@pytest.mark.parametrize("room", [24, 6])  # a table can not grow; the log can not
def test_on_a_full_disk_nothing_acknowledged_is_lost(small: Path, room: int) -> None:
    home = small / "home"
    acknowledged: set[str] = set()
    with installed(home) as url:
        asyncio.run(put(home, url, ["before"]))
        asyncio.run(near_the_end_of_the_log(url))
        ballast = fill(small, room * MIB)
        error = asyncio.run(write_until_it_fails(home, url, acknowledged))
        assert acknowledged
        if is_full(error):  # a table could not grow: the server runs on
            assert acknowledged <= asyncio.run(there(url))
        ballast.unlink()
        # Else its log could not: the server went down, and comes back now that there is room.
        assert ensure_running(home) == url
        assert {*acknowledged, "before"} <= asyncio.run(there(url))
        asyncio.run(put(home, url, ["after"]))
    with embedded(home) as again:
        assert {*acknowledged, "after"} <= asyncio.run(there(again))
