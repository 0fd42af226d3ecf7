"""`minkang account` and `minkang token`: accounts, posts and people by the operator's hand."""

import asyncio
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import argon2
import asyncpg
import pytest

from minkang.accounts import ROLES, passwords
from minkang.cli import main
from minkang.crypto import load_keys

PASSWORD = "correct horse 电池"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)


@pytest.fixture(scope="module")
def home(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation with one institution."""
    made = tmp_path_factory.mktemp("home")
    load_keys(made / "keys", create=True)
    before = dict(os.environ)
    os.environ["MINKANG_HOME"], os.environ["MINKANG_DATABASE_URL"] = str(made), database_url
    file = made / "organisations.csv"
    file.write_text("机构编号,机构名称,类型\nMK1,某医院,综合医院\n", encoding="utf-8")
    assert main(["account", "import", str(file), "--apply"]) == 0
    yield made
    os.environ.clear()
    os.environ.update(before)


def fetch(database_url: str, sql: str, *values: Any) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(database_url)
        try:
            return await connection.fetchval(sql, *values)
        finally:
            await connection.close()

    return asyncio.run(ask())


def create(monkeypatch: pytest.MonkeyPatch, role: str, *more: str) -> str:
    login = f"{role[:5]}{secrets.token_hex(3)}"
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    assert main(["account", "create", login, "--name", "某人", "--role", role, *more]) == 0
    return login


def test_an_account_gets_a_post_more_and_loses_both(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    del home
    login = create(monkeypatch, "doctor", "--org", "MK1")
    given = ["account", "post", "add", login, "--role", "gp", "--org", "MK1", "--to", "2999-12-31"]
    assert main(given) == 0
    assert main(given) == 2
    assert "post-held" in capsys.readouterr().err
    held = """select count(*) from accounts.post p join accounts.account a on a.id = p.account
              where a.login = $1 and (p.ends is null or p.ends > now())"""
    assert fetch(database_url, held, login) == 2
    assert main(["account", "list", "--text", login]) == 0
    assert f"{login}\t某人\tdoctor,gp\t某医院" in capsys.readouterr().out
    assert main(["account", "post", "end", login, "--why", "离职"]) == 0
    assert fetch(database_url, held, login) == 0
    assert main(["account", "post", "end", login]) == 2


def test_the_three_administrators_are_made_here_and_kept_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    del home
    login = create(monkeypatch, "security-administrator")
    assert main(["account", "post", "add", login, "--role", "audit-administrator"]) == 2
    assert "三员分立" in capsys.readouterr().err


def test_an_account_is_disabled_enabled_and_recovered(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    del home
    login = create(monkeypatch, "planner", "--org", "MK1")
    disabled = "select disabled from accounts.account where login = $1"
    assert main(["account", "disable", login]) == 0
    assert fetch(database_url, disabled, login) is True
    assert main(["account", "enable", login]) == 0
    assert fetch(database_url, disabled, login) is False
    capsys.readouterr()
    assert main(["account", "recover", login]) == 0
    assert capsys.readouterr().out.startswith("/recover/")
    assert main(["account", "disable", "nobody"]) == 2


def test_an_import_is_tried_first_and_then_done_with_the_passwords_on_the_output(
    home: Path, database_url: str, capsys: Any
) -> None:
    login = f"li{secrets.token_hex(3)}"
    file = home / "people.csv"
    file.write_text(f"登录名,姓名,角色,机构编号\n{login},李四,护士,MK1\n", encoding="utf-8")
    count = "select count(*) from accounts.account where login = $1"
    assert main(["account", "import", str(file)]) == 0
    assert f"人员 2\t{login}\t新建" in capsys.readouterr().err
    assert fetch(database_url, count, login) == 0
    assert main(["account", "import", str(file), "--apply"]) == 0
    out = capsys.readouterr().out.strip().split("\t")
    assert out[:2] == [login, "李四"]
    assert len(out[2]) == 23
    file.write_text(f"登录名,姓名,角色,机构编号\n{login},李四,护士,MK9\n", encoding="utf-8")
    assert main(["account", "import", str(file), "--apply"]) == 1
    assert "机构编号\torganisation-unknown" in capsys.readouterr().err
    file.write_bytes(b"nothing")
    assert main(["account", "import", str(file)]) == 1


def test_the_directory_is_written_and_then_the_same(home: Path, capsys: Any) -> None:
    del home
    assert main(["account", "sync"]) == 0
    assert main(["account", "sync"]) == 0
    assert ", 0 written" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("role", ROLES)
def test_there_is_a_token_for_every_role(home: Path, role: str, capsys: Any) -> None:
    del home
    capsys.readouterr()
    assert main(["token", "--role", role, "--org", "MK1", "--person", "p1"]) == 0
    assert len(capsys.readouterr().out.strip()) == 43
