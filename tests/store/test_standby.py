"""The first database is killed under load; the standby takes over."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from minkang.crypto import load_keys
from minkang.store import TROUBLE, Change, open_pool, open_store, write
from minkang.store.embedded import ensure_running
from minkang.store.embedded_place import locate
from minkang.store.embedded_server import end_orphans, postmaster, server_gone
from minkang.store.standby import (
    StandbyRefused,
    drop,
    follows,
    make_standby,
    progress,
    promote,
)
from tests.store.installed import command, folders, installed, look, put, there, value, verified

pytestmark = pytest.mark.prove

_MAIN = "from minkang.cli import main; raise SystemExit(main())"
_WRITERS = 4
_LOAD_SECONDS = 1.5


class Takeover(msgspec.Struct, frozen=True):
    """What a kill and a takeover cost.

    Attributes:
        acknowledged: commits that had been answered.
        lost: those of them that the standby does not have.
        seconds: from the kill to the first commit on the standby.
    """

    acknowledged: int
    lost: int
    seconds: float


@contextlib.contextmanager
def running_standby(home: Path) -> Iterator[None]:
    """`minkang standby run`, as an operator has it."""
    with subprocess.Popen(
        [sys.executable, "-c", _MAIN, "standby", "run"],
        env={"MINKANG_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        cwd=home,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ready ")
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def becomes(home: Path, condition: str, url: str) -> None:
    """Wait until a condition holds on a database."""
    end = time.monotonic() + 60
    while not asyncio.run(value(url, f"select {condition}")):
        assert time.monotonic() < end, f"{home}: {condition}"
        time.sleep(0.05)


async def load(
    home: Path, url: str, name: str, acknowledged: set[str], stop: asyncio.Event
) -> None:
    pool = await open_pool(url, maximum=2)
    try:
        store = await open_store(pool, load_keys(home / "keys", create=False))
        async with pool.acquire() as connection:
            number = 0
            while not stop.is_set():
                one = f"{name}-{number}"
                resource = {"resourceType": "Organization", "id": one, "name": one}
                async with connection.transaction():
                    await write(store, connection, [Change(resource, "h")])
                acknowledged.add(one)
                number += 1
    except TROUBLE:
        pass
    finally:
        pool.terminate()


async def load_and_kill(home: Path, url: str) -> tuple[set[str], float]:
    """Commits answered until every process of the server is killed, and when that was."""
    acknowledged: set[str] = set()
    stop = asyncio.Event()
    writers = [
        asyncio.create_task(load(home, url, f"w{number}", acknowledged, stop))
        for number in range(_WRITERS)
    ]
    await asyncio.sleep(_LOAD_SECONDS)
    assert acknowledged
    await asyncio.to_thread(kill_server, home)
    killed = time.monotonic()
    stop.set()
    await asyncio.gather(*writers)
    return acknowledged, killed


def kill_server(home: Path) -> None:
    """SIGKILL for the postmaster and all its children, as when a machine loses power."""
    place = locate(home)
    pid = postmaster(place)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # so that it starts nobody anew
    end_orphans(place)
    os.kill(pid, signal.SIGKILL)
    while not server_gone(place):
        time.sleep(0.01)


def take_over(root: Path, *, synchronous: bool) -> Takeover:
    """Load on the first database, kill, promote the second, write to it."""
    first, second = root / "first", root / "second"
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(installed(first))
        asyncio.run(put(first, url, ["before"]))
        make_standby(first, second, synchronous=synchronous)
        stack.enter_context(running_standby(second))
        slot = follows(second).slot
        state = "sync" if synchronous else "async"
        becomes(
            first,
            f"exists (select from pg_stat_replication where application_name = '{slot}' "
            f"and state = 'streaming' and sync_state = '{state}')",
            url,
        )
        acknowledged, killed = asyncio.run(load_and_kill(first, url))
        promoted = promote(second)
        assert promoted.timeline == 2
        assert promoted.epochs.after == promoted.epochs.before + 1
        other = ensure_running(second)
        asyncio.run(put(second, other, ["after"]))
        seconds = time.monotonic() - killed
        found = asyncio.run(there(other))
    assert {"before", "after"} <= found
    return Takeover(len(acknowledged), len(acknowledged - found), seconds)


def test_a_synchronous_standby_has_every_acknowledged_write() -> None:
    with folders() as make:
        make("second")
        made = take_over(make("first").parent, synchronous=True)
    assert made.lost == 0


def test_an_asynchronous_standby_takes_over() -> None:
    with folders() as make:
        make("second")
        made = take_over(make("first").parent, synchronous=False)
    assert made.lost <= made.acknowledged


def test_the_commands_make_follow_and_take_over_and_the_log_tells_it() -> None:
    with folders() as make:
        first, second = make("first"), make("second")
        with installed(first) as url:
            asyncio.run(look(first, url, 2))
            made = command(second, "standby", "make", "--of", first)
            assert made.returncode == 0, made.stderr
            assert command(second, "standby", "make", "--of", first).returncode == 1
            with running_standby(second):
                asyncio.run(look(first, url, 3))
                becomes(first, "bool_and(replay_lsn = sent_lsn) from pg_stat_replication", url)
                assert progress(second).streaming
                refused = command(second, "standby", "promote")
                assert refused.returncode == 1
                assert "two would take writes" in refused.stderr
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    asyncio.run(value(ensure_running(second), "select nextval('store.sequence')"))
        promoted = command(second, "standby", "promote", "--json")
        assert promoted.returncode == 0, promoted.stderr
        with installed(second) as other:
            found = asyncio.run(verified(second, other))
            assert found.intact
            assert [(one.action, one.entries) for one in found.cuts] == [("promote", 0)]
            assert found.entries == 2 + 3 + 1
        with pytest.raises(StandbyRefused, match="is no standby"):
            promote(second)


def test_a_standby_that_is_given_up_is_forgotten_by_the_first() -> None:
    with folders() as make:
        first, second = make("first"), make("second")
        with installed(first) as url:
            make_standby(first, second)
            slots = "select count(*) from pg_replication_slots"
            assert asyncio.run(value(url, slots)) == 1
            drop(second)
            assert asyncio.run(value(url, slots)) == 0
            asyncio.run(put(first, url, ["still-writes"]))
        with pytest.raises(StandbyRefused, match="start it first"):
            drop(second)
