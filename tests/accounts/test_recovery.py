"""Getting in again by an administrator's link: one account, one use, one day."""

from datetime import timedelta

import pytest

from minkang.accounts import (
    Account,
    AccountRefused,
    Session,
    WrongCredentials,
    log_in,
    session_account,
)
from minkang.accounts.recovery import LIFETIME, make_recovery_link, recover, recovering
from minkang.accounts.second_factor import has_factor
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, MakeAccount
from .test_second_factor import Owner

SECOND = timedelta(seconds=1)
NEW = "quite another 钥匙 2026"


@pytest.fixture
async def administrator(make_account: MakeAccount) -> Account:
    return await make_account(role="system-administrator")


async def enters(pool: Pool, keys: Keys, log: AuditLog, login: str, password: str) -> object:
    return await log_in(pool, keys, log, login, password, address="192.0.2.2", now=NOW)


async def test_the_link_lets_its_owner_choose_a_password_and_ends_all_sessions(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount, administrator: Account
) -> None:
    account = await make_account()
    session = await enters(pool, keys, log, account.login, PASSWORD)
    assert isinstance(session, Session)
    link = await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    assert link.expires == NOW + LIFETIME
    assert await session_account(pool, keys, session.token, now=NOW)  # nothing before it is used
    found = await recovering(pool, keys, link.token, now=NOW)
    assert found is not None
    assert found.login == account.login
    assert await recover(pool, keys, log, link.token, NEW, now=NOW)
    assert await session_account(pool, keys, session.token, now=NOW) is None
    assert await enters(pool, keys, log, account.login, PASSWORD) == WrongCredentials()
    assert isinstance(await enters(pool, keys, log, account.login, NEW), Session)
    assert not await recover(pool, keys, log, link.token, "once more 钥匙 2027", now=NOW)


async def test_a_link_ends_by_time_by_a_newer_one_and_by_a_changed_sign(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount, administrator: Account
) -> None:
    account = await make_account()
    link = await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    assert await recovering(pool, keys, link.token, now=link.expires - SECOND)
    assert await recovering(pool, keys, link.token, now=link.expires) is None
    assert not await recover(pool, keys, log, link.token, NEW, now=link.expires)
    for wrong in ("", "x" * 43, link.token[:-1], link.token.swapcase(), "\0", "令牌\ud800"):
        assert await recovering(pool, keys, wrong, now=NOW) is None
    await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    assert await recovering(pool, keys, link.token, now=NOW) is None


async def test_a_password_that_breaks_a_rule_does_not_use_the_link_up(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount, administrator: Account
) -> None:
    account = await make_account()
    link = await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    for wrong, code in (("short", "password-short"), (PASSWORD, "password-used")):
        with pytest.raises(AccountRefused, match=code):
            await recover(pool, keys, log, link.token, wrong, now=NOW)
    assert await recover(pool, keys, log, link.token, NEW, now=NOW)


async def test_only_a_link_made_for_it_takes_the_second_factor_away(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount, administrator: Account
) -> None:
    for factor in (False, True):
        owner = Owner(pool, keys, log, await make_account())
        await owner.set_up()
        link = await make_recovery_link(
            pool, keys, log, owner.account.id, by=administrator, now=NOW, factor=factor
        )
        assert await recover(pool, keys, log, link.token, NEW, now=NOW)
        assert await has_factor(pool, owner.account.id) is not factor


async def test_nobody_makes_a_link_for_themself_or_for_nobody(
    pool: Pool, keys: Keys, log: AuditLog, administrator: Account
) -> None:
    for account, code in (
        (administrator.id, "own-account"),
        ("nobody", "account-unknown"),
        ("00000000-0000-4000-8000-000000000000", "account-unknown"),
    ):
        with pytest.raises(AccountRefused, match=code):
            await make_recovery_link(pool, keys, log, account, by=administrator, now=NOW)


async def test_making_and_using_it_are_written_down_but_not_the_link(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount, administrator: Account
) -> None:
    account = await make_account()
    link = await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    await recover(pool, keys, log, link.token, NEW, now=NOW, address="192.0.2.2")
    rows = await pool.fetch(
        "select action, account, e::text as entry from audit.entry e "
        "where object_id = $1 and action like '%recover%' order by seq",
        account.id,
    )
    assert [(row["action"], row["account"]) for row in rows] == [
        ("make-recovery-link", administrator.id),
        ("recover-account", account.id),
    ]
    assert not any(link.token in row["entry"] or NEW in row["entry"] for row in rows)
    fresh = await make_recovery_link(pool, keys, log, account.id, by=administrator, now=NOW)
    await log.close()
    with pytest.raises(AuditUnavailable):
        await recover(pool, keys, log, fresh.token, "not this one 2028", now=NOW)
    assert await recovering(pool, keys, fresh.token, now=NOW)
