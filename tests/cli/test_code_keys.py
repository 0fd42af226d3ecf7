"""`minkang keys` and the keys of health codes: made, given, wrapped anew, destroyed."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from minkang.crypto import load_keys
from minkang.identity.codes import CodeKeys
from minkang.identity.codes.keys import Current, KeyKind
from minkang.store.embedded import embedded
from tests.cli.test_keys import run, told
from tests.store.installed import folders, installed, pool_on


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A new installation."""
    with folders() as make:
        made = make("home")
        with installed(made):
            pass
        yield made


def of_codes(home: Path) -> dict[tuple[str, int], dict[str, Any]]:
    return {(one["kind"], one["version"]): one for one in told(home, "status")["code_keys"]}


def test_the_whole_life_of_the_keys_of_codes(home: Path, tmp_path: Path) -> None:
    with embedded(home) as url:

        async def current(kind: KeyKind) -> tuple[Current, bool]:
            """The key of a kind, and whether MACs of the first token key still count."""
            keys, held = load_keys(home / "keys", create=False), CodeKeys()
            async with pool_on(url, 2) as pool:
                found = await held.current(pool, keys, kind)
                return found, await held.mac(pool, keys, 1, datetime.now(UTC)) is not None

        assert of_codes(home) == {}
        assert told(home, "rotate", "code")["token_key"] == 1
        first, _ = asyncio.run(current("token"))
        assert told(home, "rotate", "code")["token_key"] == 2
        assert asyncio.run(current("token")) != (first, True)
        assert asyncio.run(current("token"))[1]

        file = tmp_path / "root.hex"
        file.write_text("0123456789ABCDEFFEDCBA9876543210\n", encoding="ascii")
        version = told(home, "rotate", "card-root", "--from", str(file))["card-root_key"]
        given, _ = asyncio.run(current("card-root"))
        assert given == Current(version, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))

        before = {one["wrapping"] for one in of_codes(home).values()}
        told(home, "rewrap")
        assert not before & {one["wrapping"] for one in of_codes(home).values()}
        (home / "keys" / "envelope.previous.key").unlink()
        assert asyncio.run(current("card-root"))[0] == given

        told(home, "rotate", "code", "--at-once")
        keys = of_codes(home)
        assert [keys["token", n]["destroyed"] for n in (1, 2, 3)] == [True, True, False]
        assert not asyncio.run(current("token"))[1]


@pytest.mark.parametrize(
    ("key", "content"),
    [("card-root", "00" * 15), ("card-root", "secret"), ("code", "00" * 32)],
)
def test_a_file_that_holds_no_key_changes_nothing_and_is_not_quoted(
    key: str, content: str, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "key.hex"
    file.write_text(content, encoding="ascii")
    with embedded(home):
        before = of_codes(home)
        done = run(home, "keys", "rotate", key, "--from", str(file))
        assert done.returncode == 1
        assert content not in done.stderr
        assert of_codes(home) == before
