"""`minkang serve` with a certificate: HTTPS and nothing older, and no secret in what it logs."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from minkang.store.embedded import stop
from tests.certificates import Authority
from tests.e2e.installation import free_ports
from tests.e2e.processes import becomes

_COMMAND = [sys.executable, "-c", "from minkang.cli import main; raise SystemExit(main())"]
_READY_SECONDS = 120
_PASSWORD = "Tang-zhi-zhou-7718"
_WRONG = "Mei-you-zhe-ge-8829"

pytestmark = pytest.mark.prove


class Served(msgspec.Struct, frozen=True):
    """A running server: its address, the authority that it is trusted by, its state folder."""

    port: int
    authority: Path
    home: Path

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def browser(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=self.authority)
        return httpx.Client(base_url=self.address, verify=trusted, trust_env=False, timeout=20)

    @property
    def log(self) -> str:
        return (self.home / "log.txt").read_text(encoding="utf-8", errors="replace")


def run(home: Path, *arguments: str, given: str = "") -> str:
    """The output of a `minkang` command on a state folder."""
    kept = {name: value for name, value in os.environ.items() if "MINKANG" not in name}
    done = subprocess.run(
        [*_COMMAND, *arguments],
        env={**kept, "MINKANG_HOME": str(home)},
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A platform without a demonstration, with a certificate of its own."""
    home = tmp_path_factory.mktemp("https")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o711)  # as root the database runs as another user, who must walk in
    authority = Authority(home)
    port, mllp_port = free_ports(2)
    (home / "minkang.toml").write_text(
        f'mllp_port = {mllp_port}\ntls_certificate = "{authority.certificate("server")}"\n',
        encoding="utf-8",
    )
    kept = {name: value for name, value in os.environ.items() if "MINKANG" not in name}
    with (home / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            [*_COMMAND, "serve", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**kept, "MINKANG_HOME": str(home)},
            start_new_session=True,
        )
    found = Served(port, authority.file, home)
    try:
        becomes(lambda: server.poll() is not None or _ready(found), _READY_SECONDS)
        assert server.poll() is None, found.log
        yield found
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        stop(home)


def _ready(served: Served) -> bool:
    try:
        with served.browser() as browser:
            return browser.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_pages_come_by_https_alone(served: Served) -> None:
    with served.browser() as browser:
        answer = browser.get("/login")
        assert answer.status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        cookies = answer.headers.get_list("set-cookie")
        assert cookies
        assert all(one.startswith("__Host-") and "; Secure" in one for one in cookies)
    with pytest.raises(httpx.TransportError), httpx.Client(trust_env=False) as plain:
        plain.get(f"http://localhost:{served.port}/login")


def test_who_does_not_know_the_authority_does_not_connect(served: Served) -> None:
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as stranger:
        stranger.get(f"{served.address}/login")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_older_versions_of_tls_are_refused(served: Served) -> None:
    old = ssl.create_default_context(cafile=served.authority)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", served.port), 10) as line,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(line, server_hostname="localhost")


def test_the_log_holds_no_secret(served: Served) -> None:
    """After log-ins right and wrong, tokens right, wrong and in the wrong place."""
    home = served.home
    table = home / "organisations.csv"
    table.write_text("机构编号,机构名称,类型\nMK1,海滨一院,综合医院\n", encoding="utf-8")
    run(home, "account", "import", str(table), "--apply")
    create = ("account", "create", "lisi", "--name", "李四", "--role", "doctor", "--org", "MK1")
    run(home, *create, given=f"{_PASSWORD}\n")
    token = run(home, "token", "--role", "system", "--org", "MK1").split()[-1]
    secrets = {_PASSWORD, _WRONG, token}
    with served.browser() as browser:
        for password in (_WRONG, _PASSWORD):
            page = browser.get("/login").text
            form = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', page)
            fields = {"login": "lisi", "password": password}
            if form is not None:
                fields["_csrf_token"] = form[1]
            answer = browser.post("/login", data=fields)
        assert answer.status_code == 303
        secrets |= {value for name, value in browser.cookies.items() if "session" in name}
        bearer = {"authorization": f"Bearer {token}"}
        assert browser.get("/fhir/Patient", headers=bearer).status_code == 200
        browser.get("/fhir/Patient", headers={"authorization": f"Bearer {token}x"})
        browser.get("/fhir/Patient", params={"access_token": token})
        browser.get(f"/fhir/Patient/{token}", headers=bearer)
        browser.post("/fhir/Patient", content=b"{", headers=bearer)
    assert len(secrets) == 4
    keys = [file.read_bytes() for file in (home / "keys").rglob("*") if file.is_file()]
    assert keys
    log = served.log
    assert "web" in log
    said = [secret for secret in secrets if secret in log]
    said += [key.hex() for key in keys if key.hex() in log or repr(key)[2:-1] in log]
    assert not said
    settings = (home / "minkang.toml").read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in settings]
