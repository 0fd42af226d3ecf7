"""`minkang serve`: keeps the database and the processes of a platform running."""

import logging
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import msgspec

from minkang.app.database import database
from minkang.app.process import ROLES
from minkang.config import Settings
from minkang.store.backup_archive import archive_settings
from minkang.store.embedded import DatabaseUnavailable, ensure_running

_log = logging.getLogger(__name__)

_CHECK_SECONDS = 0.5
_RESTART_SECONDS = 0.5
_STOP_SECONDS = 10.0
_READY_SECONDS = 60.0
_MOST = 4
_DEMO_ROLES = ("region", "behind")
_WITH_AN_END = ("behind",)  # ends with status 0 when its work is done


class PortTaken(Exception):  # noqa: N818 - reads as what happened
    """Another program listens on a port of ours; the text names port and setting."""


class _Child(msgspec.Struct):
    """A process of ours; `since` is when it was last started (monotonic seconds)."""

    role: str
    process: "subprocess.Popen[bytes]"
    since: float


def serve(
    settings: Settings,
    *,
    demo: bool = False,
    open_base: bool = False,
    prepare: Callable[[str], None] | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Run the platform until SIGTERM or SIGINT; restarts what dies.

    With `demo` the practice region's systems send to it, a process of its own, and another brings
    in residents who are not there yet.

    With `open_base` the FHIR base answers everybody: only for a server on the loopback.
    `prepare` is called with the database's URL before the processes start, `ready` once the
    pages answer.

    Raises:
        PortTaken: a port is in use.
        DatabaseUnavailable, KeyFilesMissing, MigrationError: as `database`.
    """
    ways = [name for name, wanted in (("demo", demo), ("open", open_base)) if wanted]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _check_port(settings.host, settings.port, "port")
    _check_port(settings.mllp_host, settings.mllp_port, "mllp_port")
    with database(settings) as url:
        if prepare is not None:
            prepare(url)
        if stop.is_set():
            return
        reading, writing = os.pipe()
        _fresh_metrics(settings)
        children = [
            _start(role, settings, url, reading, ways)
            for role in (*ROLES, *(_DEMO_ROLES if demo else ()))
            for _ in range(_processes(settings, role))
        ]
        try:
            if ready is not None and _becomes_ready(settings, stop):
                ready()
            while not stop.wait(_CHECK_SECONDS):
                _keep_database(settings)
                _keep_children(children, settings, url, reading, ways)
        finally:
            _stop(children)
            os.close(writing)
            os.close(reading)


def _processes(settings: Settings, role: str) -> int:
    """How many processes share the work of a role."""
    told = {"web": settings.web_processes, "listener": settings.mllp_processes}
    return told.get(role, 1) or min(_MOST, os.cpu_count() or 1)


def _metrics_folder(settings: Settings) -> Path:
    """Where the processes keep what they have counted since the platform was started."""
    return settings.home / "metrics"


def _fresh_metrics(settings: Settings) -> None:
    folder = _metrics_folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _check_port(host: str, port: int, name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} ({name}) is in use on {host}: {error.strerror}; "
                f"stop the other program or set {name} in minkang.toml"
            ) from error


def _start(role: str, settings: Settings, url: str, pipe: int, ways: list[str]) -> _Child:
    environment = {
        **os.environ,
        "MINKANG_HOME": str(settings.home),
        "MINKANG_PORT": str(settings.port),
        # Read by the Prometheus library when it is imported.
        "PROMETHEUS_MULTIPROC_DIR": str(_metrics_folder(settings)),
    }
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "minkang.app.process", role, str(pipe), *ways],
        stdin=subprocess.PIPE,
        pass_fds=(pipe,),
        env=environment,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write(url.encode() + b"\n")
    process.stdin.close()
    return _Child(role, process, time.monotonic())


def _keep_database(settings: Settings) -> None:
    if settings.database_url:
        return
    try:
        ensure_running(settings.home, further=archive_settings(settings.home, settings.archive))
    except DatabaseUnavailable as error:
        _log.warning("%s", error)


def _keep_children(
    children: list[_Child], settings: Settings, url: str, pipe: int, ways: list[str]
) -> None:
    for number, child in enumerate(children):
        status = child.process.poll()
        if status == 0 and child.role in _WITH_AN_END:
            continue
        if status is None or time.monotonic() - child.since < _RESTART_SECONDS:
            continue
        _log.warning("%s ended with status %s; starting it again", child.role, status)
        children[number] = _start(child.role, settings, url, pipe, ways)


def _stop(children: list[_Child]) -> None:
    for child in children:
        child.process.terminate()
    until = time.monotonic() + _STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def _connection(settings: Settings) -> HTTPConnection:
    """To our own pages; whose certificate they show is not asked, it is made out to a name."""
    if settings.tls_certificate is None:
        return HTTPConnection(settings.host, settings.port, timeout=5)
    trusting = ssl._create_unverified_context()  # noqa: SLF001, S323 - our own loopback
    return HTTPSConnection(settings.host, settings.port, timeout=5, context=trusting)


def _becomes_ready(settings: Settings, stop: threading.Event) -> bool:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and not stop.is_set():
        try:
            connection = _connection(settings)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return True
        except (OSError, HTTPException):
            pass
        stop.wait(0.1)
    return False
