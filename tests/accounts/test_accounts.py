"""Making and changing accounts; the rules for logins and passwords."""

import secrets
from typing import Any

import argon2
import pytest

from minkang.accounts import (
    AccountRefused,
    WrongCredentials,
    account_by_login,
    create_organisation,
    log_in,
    passwords,
    session_account,
    set_disabled,
    set_password,
)
from minkang.accounts.login_key import login_key
from minkang.accounts.passwords import password_problem
from minkang.accounts.sessions import Session
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, REAL_HASHER, MakeAccount


async def test_an_account_is_found_by_any_writing_of_its_login(
    pool: Pool, make_account: MakeAccount
) -> None:
    name = secrets.token_hex(4)
    account = await make_account(login=f"Wang-{name}")
    for login in (f"wang-{name}", f"WANG-{name.upper()}", f" Ｗａｎｇ-{name} "):
        assert await account_by_login(pool, login) == account
    assert account.organisation_name == "民康县人民医院"
    assert await account_by_login(pool, name) is None
    assert await account_by_login(pool, "\0") is None


async def test_a_login_is_given_once(make_account: MakeAccount) -> None:
    account = await make_account()
    with pytest.raises(AccountRefused, match="login-taken"):
        await make_account(login=account.login.upper())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "king"}, "role-unknown"),
        ({"role": "resident"}, "person-needed"),
        ({"organisation": "nowhere"}, "organisation-unknown"),
        ({"login": "x"}, "login-unsuitable"),
        ({"login": "two words"}, "login-unsuitable"),
        ({"login": "tab\there"}, "login-unsuitable"),
        ({"login": "l" * 300}, "login-unsuitable"),
        ({"password": "short"}, "password-short"),
    ],
)
async def test_an_unsuitable_account_is_refused_with_its_rule(
    make_account: MakeAccount, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(AccountRefused) as caught:
        await make_account(**fields)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("123456789", "password-short"),
        ("1234567890", "password-common"),
        ("１２３４５６７８９０", "password-common"),
        ("QWERTYuiop", "password-common"),
        ("xx-Doctor1-xx", "password-contains-login"),
        ("x" * 201, "password-long"),
        ("一只猫坐在屋顶上看月亮", None),
        ("correct horse", None),
    ],
)
def test_password_rules(password: str, code: str | None) -> None:
    assert password_problem(password, "doctor1") == code


def test_a_login_of_two_characters_is_not_looked_for_in_the_password() -> None:
    assert password_problem("banana and more", "an") is None


def test_login_keys_ignore_case_width_and_outer_spaces() -> None:
    assert login_key(" Ａb-Straße ") == "ab-strasse"
    assert login_key("王芳") == "王芳"


def test_the_real_parameters_are_the_recommended_ones() -> None:
    real = (REAL_HASHER.type, REAL_HASHER.time_cost, REAL_HASHER.memory_cost)
    assert real == (argon2.Type.ID, 3, 65_536)  # RFC 9106, second recommended option


async def test_a_new_password_replaces_the_old_one_and_ends_the_sessions(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    session = await log_in(pool, keys, log, account.login, PASSWORD, address="::1", now=NOW)
    assert isinstance(session, Session)
    await set_password(pool, log, account.id, "another one 2026", now=NOW, by=account)
    assert await session_account(pool, keys, session.token, now=NOW) is None
    old = await log_in(pool, keys, log, account.login, PASSWORD, address="::1", now=NOW)
    assert old == WrongCredentials()
    new = await log_in(pool, keys, log, account.login, "another one 2026", address="::1", now=NOW)
    assert isinstance(new, Session)


async def test_a_changed_password_obeys_the_rules(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    with pytest.raises(AccountRefused, match="password-contains-login"):
        await set_password(pool, log, account.id, f"my {account.login}", now=NOW)
    for unknown in ("nobody", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(AccountRefused, match="account-unknown"):
            await set_password(pool, log, unknown, "another one 2026", now=NOW)
        with pytest.raises(AccountRefused, match="account-unknown"):
            await set_disabled(pool, log, unknown, disabled=True, now=NOW)


async def test_an_organisation_takes_its_new_name(pool: Pool) -> None:
    key = secrets.token_hex(4)
    await create_organisation(pool, organisation_id=key, name="旧", kind="clinic")
    await create_organisation(pool, organisation_id=key, name="新", kind="hospital")
    row = await pool.fetchrow("select name, kind from accounts.organisation where id = $1", key)
    assert row is not None
    assert tuple(row) == ("新", "hospital")


async def test_changes_are_audited_and_without_audit_not_made(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    await set_disabled(pool, log, account.id, disabled=True, now=NOW, by=account, address="::1")
    await set_disabled(pool, log, account.id, disabled=False, now=NOW)
    rows = await pool.fetch(
        "select action, account from audit.entry where object_id = $1 order by seq", account.id
    )
    assert [tuple(row) for row in rows] == [
        ("create-account", None),
        ("disable-account", account.id),
        ("enable-account", None),
    ]
    await log.close()
    with pytest.raises(AuditUnavailable):
        await set_disabled(pool, log, account.id, disabled=True, now=NOW)
    assert not await pool.fetchval(
        "select disabled from accounts.account where login = $1", account.login
    )


async def test_no_password_is_kept_in_clear(pool: Pool, make_account: MakeAccount) -> None:
    account = await make_account()
    kept = await pool.fetchval(
        "select password_hash from accounts.account where login = $1", account.login
    )
    assert kept.startswith("$argon2id$")
    assert passwords.HASHER.verify(kept, PASSWORD)
