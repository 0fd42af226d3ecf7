"""The embedded server as processes: making its data, starting, finding and stopping it."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from minkang.store.embedded_place import (
    MAJOR,
    DatabaseUnavailable,
    Place,
    private_folder,
    programs,
    sync_folder,
    write_whole,
)

USER = "minkang"
"""The superuser of the embedded server."""

_SETTINGS_FILE = "minkang.conf"
_POLL_SECONDS = 0.03
_FAST_STOP_SECONDS = 60.0
_IMMEDIATE_STOP_SECONDS = 15.0
_LOG_LINES = 20

# Acknowledged means durable, and the log holds no personal data: with `log`, errors caused by a
# client's values stay out of it (the client gets them), and `terse` drops the DETAIL lines, which
# quote keys and, after a crash, statements.
_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "restart_after_crash": "on",
    "listen_addresses": "''",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "60",
    "max_locks_per_transaction": "256",
    "wal_level": "replica",
    # A standby that is gone may hold back so much of the log, then it must be made anew.
    "max_slot_wal_keep_size": "8GB",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_destination": "'stderr'",
    "logging_collector": "off",
    "log_line_prefix": "'%m [%p] '",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_checkpoints": "off",
}


def take_lock(path: Path, operation: int) -> int | None:
    """Open and flock a file (`fcntl.LOCK_EX` or `LOCK_SH`); None while others hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def server_lock(place: Place) -> int | None:
    """The lock which every process of the server inherits; None while one of them lives.

    Unlike a process id it can't be reused, held by a zombie, or miss a backend that outlives its
    postmaster.
    """
    return take_lock(place.folder / "postgres.server.lock", fcntl.LOCK_EX)


def server_gone(place: Place) -> bool:
    """Whether no process of the server is left."""
    lock = server_lock(place)
    if lock is None:
        return False
    os.close(lock)
    return True


def create_data(place: Place, lock: int) -> None:
    """Make the data folder, whole or not at all, and the superuser's password.

    initdb inherits the held server lock too, so that nobody starts beside one whose maker died.

    Raises:
        DatabaseUnavailable: the programs are missing, or initdb fails; the text has its words.
    """
    tools = programs(place)
    if not place.password.exists():
        write_whole(place.password, secrets.token_hex(24))
    new = place.data.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    private_folder(new, place.account)
    password = place.folder / "postgres.initdb"  # initdb's user may not read ours
    write_whole(password, place.password.read_text(encoding="utf-8").strip(), place.account)
    try:
        made = _run_as_server(
            place,
            [
                *(str(tools / "initdb"), "--pgdata", str(new), "--username", USER),
                *("--pwfile", str(password), "--auth=scram-sha-256", "--data-checksums"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *("--encoding=UTF8", "--text-search-config=simple", "--no-instructions"),
            ],
            stdout=subprocess.PIPE,
            lock=lock,
        )
    finally:
        password.unlink(missing_ok=True)
    if made.returncode:
        raise DatabaseUnavailable(f"{new}: initdb failed: {made.stdout.decode(errors='replace')}")
    descriptor = os.open(new / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"\ninclude '{_SETTINGS_FILE}'  # rewritten at each start\n")
        file.flush()
        os.fsync(descriptor)
    new.rename(place.data)
    sync_folder(place.folder)


def launch(place: Place, lock: int, further: Mapping[str, str] | None = None) -> None:
    """Start the server on existing data and return at once; it inherits the held server lock.

    `further` are settings beside our own, as they stand in a configuration file.

    It runs in a session of its own and is nobody's child, so neither Ctrl-C nor the end of this
    process reaches it.

    Raises:
        DatabaseUnavailable: the data is of another major version, or another server that is not
            ours runs on it.
    """
    release = (place.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if release != MAJOR:
        raise DatabaseUnavailable(
            f"{place.data} was made by PostgreSQL {release}, this Minkang runs {MAJOR}: "
            "upgrade it with pg_upgrade of that release, or start with the Minkang that made it"
        )
    postgres = programs(place) / "postgres"
    _hand_over(place)
    private_folder(place.socket, place.account)
    _forget_killed_server(place)
    settings = _SETTINGS | {
        "shared_buffers": f"{_shared_buffers_mb()}MB",
        "max_wal_size": f"{_log_mb(place.data)}MB",
        "cluster_name": f"'{place.name}'",
        "unix_socket_directories": f"'{place.socket}'",
        **(further or {}),
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    write_whole(place.data / _SETTINGS_FILE, f"# Rewritten at each start\n{text}", place.account)
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        started = _run_as_server(
            place,
            ["/bin/sh", "-c", '"$@" &', "sh", str(postgres), "-D", str(place.data)],
            stdout=log,
            lock=lock,
        )
    finally:
        os.close(log)
    if started.returncode:
        raise DatabaseUnavailable(f"{postgres}: /bin/sh could not start it: {log_tail(place)}")


def halt(place: Place) -> bool:
    """Stop the server (fast, then immediate shutdown) and wait for its end; False if none ran.

    Raises:
        DatabaseUnavailable: it does not end, or is not ours to end.
    """
    pid = postmaster(place)
    if pid is None:
        return False
    for number, seconds in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_STOP_SECONDS),
    ):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _becomes(lambda: postmaster(place) is None and server_gone(place), seconds):
            with contextlib.suppress(OSError):
                place.socket.rmdir()
            return True
    raise DatabaseUnavailable(f"{place.data}: the server (process {pid}) does not end")


def postmaster(place: Place) -> int | None:
    """The process id of the server's first process, if it lives."""
    try:
        pid = int((place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if os.fsencode(place.data) in _command(pid) else None


def end_orphans(place: Place) -> None:
    """Kill backends whose postmaster is dead and which did not notice, being busy.

    No new server may start beside them. To be called only while `postmaster` is None.
    """
    title = f"postgres: {place.name}: ".encode()
    for pid, command in _commands():
        if command.startswith(title):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def log_tail(place: Place) -> str:
    """The last lines of the server's log, under its name."""
    try:
        lines = place.log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"{place.log}: {error.strerror}"
    return "\n".join([f"the end of {place.log}:", *lines[-_LOG_LINES:]])


def _run_as_server(
    place: Place, command: list[str], *, stdout: int, lock: int
) -> subprocess.CompletedProcess[bytes]:
    account = place.account
    return subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        pass_fds=(lock,),
        start_new_session=True,
        cwd="/",
        umask=0o077,
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        check=False,
    )


def _hand_over(place: Place) -> None:
    """Give the data folder the mode and, where root restored it, the owner PostgreSQL asks for."""
    account = place.account
    if account and place.data.stat().st_uid == 0:
        for folder, _, names in os.walk(place.data):
            for path in (folder, *(os.path.join(folder, name) for name in names)):  # noqa: PTH118
                os.chown(path, account.uid, account.gid, follow_symlinks=False)
    place.data.chmod(0o700)


def _forget_killed_server(place: Place) -> None:
    """Drop the process id files that a killed server left.

    PostgreSQL would take them for valid where another process has the number by now, or where
    the dead process is still a zombie. Behind this check it still refuses to start while its
    shared memory block for this folder is in use.
    """
    if pid := postmaster(place):
        raise DatabaseUnavailable(
            f"{place.data}: a server not started by minkang (process {pid}) runs on it; stop it"
        )
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for left in place.socket.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _shared_buffers_mb() -> int:
    """A quarter of the memory this process may use, from 32 MB to 4 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # a container's limit, where there is one
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return max(32, min(4096, memory // 4 // 2**20))


def _log_mb(data: Path) -> int:
    """How much log may be written between checkpoints: a tenth of what is free, 1 GB to 4 GB.

    The first change of a page after a checkpoint writes the whole page to the log; under load in a
    large region a checkpoint every gigabyte would make that most of the log.
    """
    return max(1024, min(4096, shutil.disk_usage(data).free // 10 // 2**20))


def _command(pid: int) -> bytes:
    """A process's command line; empty when it is dead or a zombie."""
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return b""
    found = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return found.stdout.strip()


def _commands() -> list[tuple[int, bytes]]:
    """The command lines of all processes."""
    if Path("/proc/self/cmdline").exists():
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [(pid, _command(pid)) for pid in pids]
    listed = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,command="], capture_output=True, check=False
    )
    rows = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return [(int(row[0]), row[1]) for row in rows if len(row) == 2]


def _becomes(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True
