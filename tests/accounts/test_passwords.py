"""New passwords: the rules of a region, common ones, what somebody knows of their owner."""

from datetime import timedelta
from itertools import pairwise

import pytest

from minkang.accounts import (
    AccountRefused,
    Session,
    WrongCredentials,
    change_password,
    log_in,
    session_account,
    set_password,
)
from minkang.accounts.common_passwords import words_of
from minkang.accounts.login_rules import LoginRules
from minkang.accounts.passwords import PasswordRules, password_problem
from minkang.accounts.sessions import proof_of
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, MakeAccount

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "password",
    [
        "password2026", "P@ssw0rd2026", "iloveyouiloveyou", "aaaaaaaaaaaa", "abababababab",
        "woaini1314520", "Minkang2026!", "qwertyuiop", "1qaz2wsx3edc", "zhongguo2026",
        "administrator", "weishengyuan1",
    ],
)  # fmt: skip
def test_what_many_choose_is_refused_in_disguise_too(password: str) -> None:
    assert password_problem(password, "doctor1") == "password-common"


@pytest.mark.parametrize(
    "password", ["correct horse", "haibin-demo-2026", "一只猫坐在屋顶上看月亮", "a7#kQ9!mz2Lp"]
)
def test_what_few_choose_is_let_pass(password: str) -> None:
    assert password_problem(password, "doctor1") is None


def test_names_are_looked_for_as_written_and_in_pinyin() -> None:
    names = words_of("王海燕", "海滨人民医院", "Li Na", None)
    assert names == ("王海燕", "wanghaiyan", "海滨人民医院", "haibinrenminyiyuan")
    for password in ("我叫王海燕，今天很高兴", "xx-WangHaiyan-xx", "haibinrenminyiyuan!"):
        assert password_problem(password, "doctor1", names=names) == "password-contains-name"
    assert password_problem("lina likes the sea", "doctor1", names=names) is None


def test_a_region_may_ask_for_longer_ones() -> None:
    rules = PasswordRules(length=14)
    assert password_problem("correct horse", "doctor1", rules) == "password-short"
    assert password_problem("correct horses", "doctor1", rules) is None


async def test_changing_needs_the_present_password_and_ends_the_other_sessions(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    here, there = [
        await log_in(pool, keys, log, account.login, PASSWORD, address="192.0.2.3", now=NOW)
        for _ in range(2)
    ]
    assert isinstance(here, Session)
    assert isinstance(there, Session)
    with pytest.raises(AccountRefused, match="password-wrong"):
        await change_password(pool, log, account, "not it", "a new one 钥匙", now=NOW)
    proof = await proof_of(pool, keys, here.token, now=NOW)
    assert proof is not None
    await change_password(pool, log, account, PASSWORD, "a new one 钥匙", now=NOW, session=proof.id)
    assert await session_account(pool, keys, here.token, now=NOW)
    assert await session_account(pool, keys, there.token, now=NOW) is None
    rows = await pool.fetch(
        "select allowed, reason from audit.entry "
        "where account = $1 and action = 'set-password' order by seq",
        account.id,
    )
    assert [tuple(row) for row in rows] == [(False, "wrong-credentials"), (True, "")]


async def test_the_last_five_are_not_taken_again(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    used = [PASSWORD, *(f"password of week {n} 钥匙" for n in range(5))]
    for old, new in pairwise(used):
        await change_password(pool, log, account, old, new, now=NOW)
    for known in used[1:]:
        with pytest.raises(AccountRefused, match="password-used"):
            await change_password(pool, log, account, used[-1], known, now=NOW)
    await change_password(pool, log, account, used[-1], used[0], now=NOW)  # the sixth last


async def test_a_region_may_keep_no_history(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account, rules = await make_account(), PasswordRules(history=0)
    await change_password(pool, log, account, PASSWORD, PASSWORD, now=NOW, rules=rules)


async def test_the_own_name_and_institution_are_looked_for_in_the_database(
    pool: Pool, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account(name="欧阳海燕")
    for new in ("ouyanghaiyan-99", "民康县人民医院 99", "minkangxianrenminyiyuan"):
        with pytest.raises(AccountRefused, match="password-contains-name"):
            await change_password(pool, log, account, PASSWORD, new, now=NOW)


async def test_a_first_password_waits_to_be_changed(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    await set_password(pool, log, account.id, "a first one 钥匙", now=NOW, must_change=True)
    session = await log_in(
        pool, keys, log, account.login, "a first one 钥匙", address="192.0.2.3", now=NOW
    )
    assert isinstance(session, Session)
    assert session.waits == ("password",)
    assert await session_account(pool, keys, session.token, now=NOW) is None


@pytest.mark.parametrize(
    ("role", "waits"), [("doctor", ()), ("audit-administrator", ("password",))]
)
async def test_passwords_age_only_where_a_region_wants_it_and_for_administrators(
    pool: Pool,
    keys: Keys,
    log: AuditLog,
    make_account: MakeAccount,
    role: str,
    waits: tuple[str, ...],
) -> None:
    account = await make_account(role=role)
    ages, given = LoginRules(password_age=90 * DAY), (pool, keys, log, account.login, PASSWORD)
    late = NOW + 90 * DAY
    found = [
        await log_in(*given, address="192.0.2.3", now=at, rules=rules)
        for at, rules in ((NOW, ages), (late, LoginRules()), (late, ages))
    ]
    assert [one.waits for one in found if isinstance(one, Session)] == [(), (), waits]


async def test_a_long_or_odd_password_costs_no_more_than_another(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    for password in ("x" * 100_000, "\ud800", "\0", ""):
        outcome = await log_in(
            pool, keys, log, account.login, password, address="192.0.2.3", now=NOW
        )
        assert outcome == WrongCredentials()
