"""A MariaDB server of the tests' own, where the machine has one."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM
from socket import socket as Socket  # noqa: N812 - the class is meant

import pymysql

_SECONDS = 30


def missing() -> str | None:
    """Why there can be no server here, or None."""
    for name in ("mariadbd", "mariadb-install-db"):
        if shutil.which(name, path=_PATH) is None:
            return f"NOT RUN: {name} is not installed (Debian: mariadb-server)"
    return None


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives the URL of an empty database. It runs without rights of its own."""
    folder = Path(tempfile.mkdtemp(prefix="mkmaria"))
    user = ["--user=nobody"] if os.getuid() == 0 else []
    if user:
        shutil.chown(folder, "nobody")
    data, socket = folder / "data", folder / "s"
    where = {**os.environ, "PATH": _PATH}
    log = (folder / "log").open("wb")
    try:
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={data}",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
                *user,
            ],
            env=where,
            check=True,
            stdout=log,
            stderr=log,
        )
        running = subprocess.Popen(
            [
                shutil.which("mariadbd", path=_PATH) or "mariadbd",
                "--no-defaults",
                f"--datadir={data}",
                f"--socket={socket}",
                f"--pid-file={folder / 'pid'}",
                "--skip-networking",
                "--innodb-flush-log-at-trx-commit=0",
                *user,
            ],
            stdout=log,
            stderr=log,
        )
        try:
            _prepare(socket)
            yield f"mariadb://reader:s%40fe@localhost/front?unix_socket={socket}"
        finally:
            running.kill()
            running.wait(_SECONDS)
    finally:
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(socket: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        with suppress(OSError), Socket(AF_UNIX, SOCK_STREAM) as tried:
            tried.connect(str(socket))
            break
        if time.monotonic() > deadline:
            raise TimeoutError("mariadbd does not answer")
        time.sleep(0.1)
    connection = pymysql.connect(unix_socket=str(socket), user="root")
    with connection, connection.cursor() as cursor:
        cursor.execute("create database front character set utf8mb4")
        cursor.execute("create user reader@localhost identified by 's@fe'")
        cursor.execute("grant all on front.* to reader@localhost")
