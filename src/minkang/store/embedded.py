"""The PostgreSQL that Minkang runs itself: `with embedded(home) as url:` and a database is there.

Several processes share one server. Each user holds a shared lock for as long as it lives, so the
kernel counts them: the last one to leave stops the server; one that is killed leaves it running
for the next. Starting and stopping happen under an exclusive lock. `ensure_running` brings a
killed server back, `status` and `stop` are for the operator. All of them block; call them through
`asyncio.to_thread` where an event loop has other work.
"""

import asyncio
import contextlib
import fcntl
import os
import subprocess
import time
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg
import msgspec

from minkang.store.embedded_place import DatabaseUnavailable, Place, locate, settle
from minkang.store.embedded_server import (
    USER,
    create_data,
    end_orphans,
    halt,
    launch,
    log_tail,
    postmaster,
    server_gone,
    server_lock,
    take_lock,
)

__all__ = [
    "DatabaseStatus",
    "DatabaseUnavailable",
    "embedded",
    "ensure_running",
    "status",
    "stop",
]

_DATABASE = "minkang"
_POLL_SECONDS = 0.03
_ANSWER_SECONDS = 5.0
_START_SECONDS = 600.0  # recovery after a crash replays what was written since the checkpoint
_LOCK_SECONDS = 660.0
_ORPHAN_SECONDS = 2.0

_T = TypeVar("_T")


class DatabaseStatus(msgspec.Struct, frozen=True):
    """What `minkang doctor` shows of the embedded database.

    Attributes:
        running: it answers queries.
        pid: the server's first process.
        version: PostgreSQL's, of the server if it runs (`18.4`), else of the data (`18`).
        data: the data folder, which may not exist yet.
        why_not: why it is not running, and what to do; None if it is.
    """

    running: bool
    pid: int | None
    version: str | None
    data: Path
    why_not: str | None


@contextmanager
def embedded(home: Path, *, further: Mapping[str, str] | None = None) -> Iterator[str]:
    """Use the database of a state folder, made and started if need be, shared with others.

    Yields a URL for asyncpg, the same each time. A forked child counts as part of its parent:
    it must not outlive it, or enter for itself. `further` are settings of PostgreSQL beside our
    own (see `archive_settings`); they count where this call starts the server.

    Raises:
        DatabaseUnavailable: it can't be made or started; the text names the place and the fix.
    """
    home = home.resolve()
    with _failures_named(home):
        place, users = _enter(home, further)
    entered = os.getpid()
    try:
        yield _url(place)
    finally:
        if os.getpid() == entered:
            with _failures_named(home):
                _leave(place, users)
        else:
            os.close(users)


def ensure_running(home: Path, *, further: Mapping[str, str] | None = None) -> str:
    """Return the database's URL when it answers, having started it if it was down.

    For the loop of a supervisor that is inside `embedded`; cheap (one connection) while all is
    well, and safe to call from several processes at once. `further` as in `embedded`.

    Raises:
        DatabaseUnavailable: it can't be made or started.
    """
    with _failures_named(home):
        place = locate(home)
        if place.data.exists() and _answers(place):
            return _url(place)
        with _alone(place.home):
            place = settle(place.home)
            _bring_up(place, further)
            return _url(place)


def status(home: Path) -> DatabaseStatus:
    """Look at the database of a state folder; makes, starts and raises nothing."""
    data = home.resolve() / "postgres"
    pid = version = why_not = None
    running = False
    try:
        with _failures_named(home):
            place = locate(home)
            data = place.data
            if data.exists():
                pid = postmaster(place)
                version = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
                if answered := _run(_version(place, make=False)):
                    running, version = True, answered
                elif pid:
                    why_not = f"process {pid} runs but does not answer yet; {log_tail(place)}"
                else:
                    why_not = "stopped; it starts when a minkang command uses it"
            else:
                why_not = f"there is no database in {data} yet; minkang init makes it"
    except DatabaseUnavailable as problem:
        why_not = str(problem)
    return DatabaseStatus(running, pid, version, data, why_not)


def stop(home: Path) -> bool:
    """Stop the server even if others use it; False when it was not running.

    Raises:
        DatabaseUnavailable: it does not end.
    """
    with _failures_named(home):
        if not home.exists():
            return False
        with _alone(home):
            return halt(locate(home))


def _enter(home: Path, further: Mapping[str, str] | None) -> tuple[Place, int]:
    """Join the users (for as long as the returned descriptor is open) and have a server."""
    home.mkdir(mode=0o711, parents=True, exist_ok=True)  # PostgreSQL's user may have to pass
    with _alone(home):
        file = home / "postgres.users.lock"
        users = take_lock(file, fcntl.LOCK_SH)
        if users is None:
            raise DatabaseUnavailable(f"{file} is locked by a program that is not minkang")
        try:
            place = settle(home)
            _bring_up(place, further)
        except BaseException:
            os.close(users)
            raise
        return place, users


def _leave(place: Place, users: int) -> None:
    """Leave the users; the last one stops the server."""
    try:
        # Where the state folder was deleted meanwhile, there is nothing left to agree about.
        with _alone(place.home) if place.home.exists() else nullcontext():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            halt(place)
    finally:
        os.close(users)


def _bring_up(place: Place, further: Mapping[str, str] | None) -> None:
    """Have the server answer, whatever state it is in; to be called under `_alone`."""
    end = time.monotonic() + _START_SECONDS
    orphaned_since: float | None = None
    while (lock := server_lock(place)) is None:
        if place.data.exists() and _answers(place):
            return
        if postmaster(place):
            orphaned_since = None
        elif orphaned_since is None:
            orphaned_since = time.monotonic()
        elif time.monotonic() - orphaned_since > _ORPHAN_SECONDS:
            end_orphans(place)
        _pause(place, end)
    try:
        if not place.data.exists():
            create_data(place, lock)
        elif _answers(place):
            return  # an operator started it by hand
        launch(place, lock, further)
    finally:
        os.close(lock)
    while not _answers(place):
        if server_gone(place):
            raise DatabaseUnavailable(f"{place.data}: PostgreSQL did not start; {log_tail(place)}")
        _pause(place, end)


def _pause(place: Place, end: float) -> None:
    """Wait a little before asking again, longer as time goes: each refusal is a line in the log."""
    left = end - time.monotonic()
    if left < 0:
        raise DatabaseUnavailable(
            f"{place.data}: PostgreSQL does not answer after {_START_SECONDS:.0f} s; "
            f"{log_tail(place)}"
        )
    time.sleep(min(1.0, _POLL_SECONDS + (_START_SECONDS - left) / 10))


def _url(place: Place) -> str:
    try:
        password = place.password.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise DatabaseUnavailable(
            f"{place.password} is missing, without which {place.data} can't be opened; "
            "restore it from the backup"
        ) from None
    # The port only names the socket; without it asyncpg would read PGPORT.
    return f"postgresql://{USER}:{password}@/{_DATABASE}?host={quote(str(place.socket))}&port=5432"


def _answers(place: Place) -> bool:
    return _run(_version(place, make=True)) is not None


async def _version(place: Place, *, make: bool) -> str | None:
    """The version of the server; None while it takes no connections. May make our database."""
    url = _url(place)
    try:
        try:
            connection = await asyncpg.connect(url, timeout=_ANSWER_SECONDS)
        except asyncpg.InvalidCatalogNameError:
            connection = await asyncpg.connect(url, database="postgres", timeout=_ANSWER_SECONDS)
            if make:
                with contextlib.suppress(asyncpg.DuplicateDatabaseError):
                    await connection.execute(f"create database {_DATABASE}")
        found = connection.get_server_version()
        await connection.close()
    except (asyncpg.InvalidPasswordError, PermissionError) as error:
        raise DatabaseUnavailable(
            f"{place.socket} does not let us in with the password in {place.password}: {error}; "
            "restore that file from the backup, and run minkang as the user who made the database"
        ) from error
    except asyncpg.TooManyConnectionsError:
        return "unknown, all its connections are taken"
    except (OSError, asyncpg.OperatorInterventionError, asyncpg.PostgresConnectionError):
        return None
    return f"{found.major}.{found.minor}"


def _run(question: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end from synchronous code, whether or not a loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(question)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, question).result()


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the lock under which the server is started and stopped."""
    file = home / "postgres.lock"
    end = time.monotonic() + _LOCK_SECONDS
    while (lock := take_lock(file, fcntl.LOCK_EX)) is None:
        if time.monotonic() > end:
            raise DatabaseUnavailable(f"{file}: another process has been starting the database")
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _failures_named(home: Path) -> Iterator[None]:
    """Say of a failed system call which file it was about and what to look at."""
    try:
        yield
    except OSError as error:
        raise DatabaseUnavailable(
            f"{error.filename or home}: {error.strerror or error}; minkang (uid {os.geteuid()}) "
            f"must be able to write to its state folder {home}"
        ) from error
    except subprocess.SubprocessError as error:
        raise DatabaseUnavailable(f"{home}: PostgreSQL could not be started: {error}") from error
