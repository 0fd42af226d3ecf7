"""Log-in: the happy path, failures, lockout with back-off, and nothing learnt about who exists."""

import asyncio
import itertools
import secrets
from datetime import timedelta
from typing import Any
from unittest import mock

import argon2
import pytest

from minkang.accounts import (
    Busy,
    Disabled,
    Locked,
    LoginRefusal,
    Session,
    WrongCredentials,
    log_in,
    login,
    passwords,
    session_account,
    set_disabled,
)
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, MakeAccount

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Door:
    """Log-ins with what never changes filled in."""

    places = itertools.count(1)

    def __init__(self, pool: Pool, keys: Keys, log: AuditLog) -> None:
        self.given = (pool, keys, log)
        self.address = f"10.0.0.{next(self.places)}"  # failures count for an address, too

    async def __call__(
        self, name: str, password: str = PASSWORD, after: timedelta = timedelta(0)
    ) -> Session | LoginRefusal:
        return await log_in(*self.given, name, password, address=self.address, now=NOW + after)

    async def enter(self, name: str) -> Session:
        session = await self(name)
        assert isinstance(session, Session)
        return session


@pytest.fixture
def door(pool: Pool, keys: Keys, log: AuditLog) -> Door:
    return Door(pool, keys, log)


async def audited(pool: Pool, log: AuditLog) -> list[tuple[Any, ...]]:
    rows = await pool.fetch(
        "select action, allowed, reason from audit.entry where writer = $1 "
        "and action in ('log-in', 'log-out') order by seq",
        log.writer,
    )
    return [tuple(row) for row in rows]


async def test_the_right_password_begins_a_session(
    pool: Pool, keys: Keys, log: AuditLog, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    session = await door.enter(account.login.upper())
    assert session.account == account
    assert await session_account(pool, keys, session.token, now=NOW) == account
    assert await audited(pool, log) == [("log-in", True, "")]


async def test_every_log_in_gets_a_token_of_its_own(door: Door, make_account: MakeAccount) -> None:
    account = await make_account()
    tokens = {(await door.enter(account.login)).token for _ in range(3)}
    assert len(tokens) == 3
    assert min(len(token) for token in tokens) >= 43  # 256 bits


async def test_a_wrong_password_is_refused_and_logged(
    pool: Pool, log: AuditLog, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    assert await door(account.login, PASSWORD + "x") == WrongCredentials()
    assert await audited(pool, log) == [("log-in", False, "wrong-credentials")]


async def test_the_fifth_failure_locks_and_each_further_one_longer(
    pool: Pool, log: AuditLog, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    for _ in range(5):
        assert await door(account.login, "wrong") == WrongCredentials()
    assert await door(account.login) == Locked(NOW + MINUTE)
    assert await door(account.login, after=MINUTE - SECOND) == Locked(NOW + MINUTE)
    assert await door(account.login, "wrong", after=MINUTE) == WrongCredentials()
    assert await door(account.login, after=2 * MINUTE) == Locked(NOW + 3 * MINUTE)
    assert isinstance(await door(account.login, after=3 * MINUTE), Session)
    reasons = [reason for _, _, reason in await audited(pool, log)]
    assert reasons == [
        *["wrong-credentials"] * 5,
        "lockout",
        *["locked"] * 2,
        "wrong-credentials",
        "lockout",
        "locked",
        "",
    ]


async def test_the_lock_grows_to_an_hour_and_no_further(
    door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    for _ in range(4):
        await door(account.login, "wrong")
    after, minutes = timedelta(0), []
    for _ in range(9):
        assert await door(account.login, "wrong", after=after) == WrongCredentials()
        locked = await door(account.login, after=after)
        assert isinstance(locked, Locked)
        minutes.append((locked.until - NOW - after) // MINUTE)
        after = locked.until - NOW
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]


async def test_a_success_or_a_quiet_day_starts_the_count_anew(
    door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    for _ in range(4):
        await door(account.login, "wrong")
    assert isinstance(await door(account.login), Session)
    for _ in range(4):
        assert await door(account.login, "wrong") == WrongCredentials()
    later = timedelta(days=1, seconds=1)
    assert await door(account.login, "wrong", after=later) == WrongCredentials()
    assert isinstance(await door(account.login, after=later), Session)


async def test_an_unknown_login_cannot_be_told_from_a_known_one(
    pool: Pool, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    unknown = "nobody-" + secrets.token_hex(4)
    checks: dict[str, int] = {}
    answers: dict[str, list[Any]] = {}
    for name in (account.login, unknown):
        hasher = passwords.HASHER
        with mock.patch.object(
            argon2.PasswordHasher, "verify", autospec=True, side_effect=type(hasher).verify
        ) as verify:
            answers[name] = [await door(name, "wrong") for _ in range(7)]
        checks[name] = verify.call_count
    assert answers[account.login] == answers[unknown]
    assert checks == {account.login: 5, unknown: 5}
    assert isinstance(answers[unknown][5], Locked)


@pytest.mark.parametrize("name", ["", "\0", "a b", "\ud800x", "x" * 10_000, "' or 1=1 --"])
async def test_an_impossible_login_is_a_wrong_one(door: Door, name: str) -> None:
    assert await door(name, "\ud800" + "p" * 100_000) in (WrongCredentials(), Locked(NOW + MINUTE))


async def test_what_is_typed_as_login_is_not_logged(pool: Pool, log: AuditLog, door: Door) -> None:
    await door("my-secret-password")
    row = await pool.fetchrow(
        "select entry::text as text from audit.entry where writer = $1", log.writer
    )
    assert row is not None
    assert "my-secret" not in row["text"]


async def test_guesses_in_parallel_get_no_further_than_one_by_one(
    door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    answers = await asyncio.gather(*(door(account.login, f"guess {n}") for n in range(30)))
    assert sum(answer == WrongCredentials() for answer in answers) == 5
    assert sum(isinstance(answer, Locked) for answer in answers) == 25


async def test_right_passwords_in_parallel_all_get_in(
    door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    answers = await asyncio.gather(*(door(account.login) for _ in range(20)))
    assert all(isinstance(answer, Session) for answer in answers)


async def test_a_disabled_account_says_so_only_to_its_owner(
    pool: Pool, keys: Keys, log: AuditLog, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    session = await door.enter(account.login)
    await set_disabled(pool, log, account.id, disabled=True, now=NOW)
    assert await session_account(pool, keys, session.token, now=NOW) is None
    assert await door(account.login, "wrong") == WrongCredentials()
    assert await door(account.login) == Disabled()


async def test_old_hash_parameters_are_renewed_at_log_in(
    pool: Pool, door: Door, make_account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await make_account()
    stronger = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", stronger)
    assert isinstance(await door(account.login), Session)
    kept = await pool.fetchval(
        "select password_hash from accounts.account where login = $1", account.login
    )
    assert "m=16,t=2" in kept
    assert isinstance(await door(account.login), Session)


async def test_too_many_at_once_are_turned_away(
    door: Door, make_account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await make_account()
    monkeypatch.setattr(login, "WAITING_LIMIT", 2)
    answers = await asyncio.gather(*(door(account.login) for _ in range(4)))
    assert sum(answer == Busy() for answer in answers) == 2
    assert isinstance(await door(account.login), Session)


async def test_without_audit_nobody_gets_in(
    pool: Pool, log: AuditLog, door: Door, make_account: MakeAccount
) -> None:
    account = await make_account()
    await log.close()
    with pytest.raises(AuditUnavailable):
        await door(account.login)
    assert not await pool.fetchval(
        "select count(*) from accounts.session s join accounts.account a on a.id = s.account "
        "where a.login = $1",
        account.login,
    )
