"""`minkang keys`: an installation that lies in the clear is sealed, and its keys are changed."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from minkang.cli.main import main
from minkang.crypto import load_keys
from minkang.exchange import Arrival, Inbox
from minkang.store import Scope, open_store, read
from minkang.store.embedded import embedded
from minkang.web.security_data import secrets_in
from tests.store.installed import folders, installed, pool_on, put

RAW = "MSH|^~\\&|PID|张三丰".encode()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An installation of an older release: no envelope key, nothing sealed."""
    with folders() as make:
        made = make("home")
        with installed(made) as url:
            (made / "keys" / "envelope.key").unlink()
            asyncio.run(put(made, url, ["one", "two"]))
            asyncio.run(keep(made, url))
        yield made


async def keep(home: Path, url: str) -> None:
    async with pool_on(url, 2) as pool:
        store = await open_store(pool, load_keys(home / "keys", create=False))
        inbox = Inbox(store)
        await inbox.keep(Arrival(None, "mllp", "ADT", "c1", RAW))
        await inbox.close()


async def stored(home: Path, url: str) -> tuple[set[int], str, bytes]:
    """Codec bytes, the name of a resource as it is read, and the message as it lies there."""
    async with pool_on(url, 2) as pool:
        heads = await pool.fetch(
            """select get_byte(body, 0) as head from store.resource union all
               select get_byte(body, 0) from exchange.message"""
        )
        store = await open_store(pool, load_keys(home / "keys", create=False))
        one = await read(store, Scope.whole(), "Organization", "one")
        assert one is not None
        raw = await pool.fetchval("select body from exchange.message")
        return {row["head"] for row in heads}, str(one.resource["name"]), raw


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(home: Path, *words: str) -> Done:
    """The command in this process: to start one each time is most of what it would take."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("MINKANG_HOME", str(home))
        code = main(words)
    return Done(code, out.getvalue(), err.getvalue())


def told(home: Path, *words: str) -> dict[str, Any]:
    done = run(home, "keys", *words, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_whole_life_of_keys(home: Path) -> None:
    with embedded(home) as url:
        assert told(home, "status")["data_keys"] == []
        sealed = told(home, "seal")
        assert sealed["data_key"] == 1
        assert all(area["finished"] for area in sealed["resealing"])
        heads, name, raw = asyncio.run(stored(home, url))
        assert (heads, name) == ({3}, "one")
        assert RAW not in raw
        assert told(home, "seal")["data_key"] == 1

        assert told(home, "rotate", "envelope")["data_key"] == 2
        first = told(home, "status")["data_keys"][0]["wrapping"]
        assert told(home, "rewrap")["wrapped"] == 2
        now = told(home, "status")["data_keys"]
        assert {one["wrapping"] for one in now} != {first}
        (home / "keys" / "envelope.previous.key").unlink()
        assert asyncio.run(stored(home, url))[1] == "one"

        refused = run(home, "keys", "destroy", "1")
        assert refused.returncode == 1
        assert "store.resource has rows under data key 1" in refused.stderr
        told(home, "reseal")
        refused = run(home, "keys", "destroy", "1")
        assert refused.returncode == 1
        assert "ago" in refused.stderr

        async def entries() -> list[str]:
            async with pool_on(url) as pool:
                sql = "select action from audit.entry where action like 'keys-%' order by at"
                return [row["action"] for row in await pool.fetch(sql)]

        assert asyncio.run(entries()) == [
            *("keys-seal", "keys-seal", "keys-rotate", "keys-rewrap"),
            *("keys-destroy", "keys-reseal", "keys-destroy"),
        ]


def test_another_session_key_is_made(home: Path) -> None:
    before = (home / "keys" / "session.key").read_bytes()
    done = run(home, "keys", "rotate", "session")
    assert done.returncode == 0, done.stderr
    assert "restart" in done.stderr
    assert (home / "keys" / "session.key").read_bytes() != before


def test_the_two_lists_tell_what_was_looked_at(home: Path) -> None:
    (home / "keys" / "index.key").chmod(0o644)
    done = run(home, "doctor", "--security", "--json")
    (home / "keys" / "index.key").chmod(0o600)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    clauses = {(one["standard"], one["clause"]): one for one in found["items"]}
    at_rest = clauses["GB/T 39786-2021", "8.4 e"]["checks"]
    looks = {one["name"]: one for one in at_rest}
    assert looks["sealed"]["fits"]
    assert "store.resource: 2 of 2" in looks["sealed"]["found"]
    assert not looks["key-files"]["fits"]
    assert "index.key" in looks["key-files"]["found"]
    physical = clauses["GB/T 22239-2019", "8.1.1"]
    assert (physical["kind"], physical["checks"]) == ("organisational", [])
    assert "could not look" not in done.stdout


def test_secrets_in_settings_are_found_wherever_they_stand() -> None:
    settings = {
        "database_url": "postgresql://minkang:geheim@db/minkang",
        "login": {"password_length": 12},
        "oidc": [{"id": "a", "client_secret_file": "/x"}, {"id": "b", "client_secret": "y"}],
    }
    assert secrets_in(settings) == ["database_url", "oidc.client_secret"]
