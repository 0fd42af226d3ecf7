"""Sessions and bearer tokens: how long they live, and that only the real one opens."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from minkang.accounts import (
    Account,
    AccountRefused,
    Session,
    create_organisation,
    end_all_sessions,
    issue_token,
    log_in,
    log_out,
    session_account,
    token_account,
)
from minkang.accounts.login_rules import LoginRules, SessionLimits
from minkang.accounts.open_sessions import end_other_sessions, end_session, open_sessions
from minkang.accounts.sessions import proof_of, step_done, token_hash
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, MakeAccount

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def begin(pool: Pool, keys: Keys, log: AuditLog, account: Account) -> Session:
    session = await log_in(pool, keys, log, account.login, PASSWORD, address="::1", now=NOW)
    assert isinstance(session, Session)
    return session


async def test_a_session_ends_half_an_hour_after_its_last_use(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    session = await begin(pool, keys, log, await make_account())
    for minutes in (29, 58, 87):
        assert await session_account(pool, keys, session.token, now=NOW + minutes * MINUTE)
    assert await session_account(pool, keys, session.token, now=NOW + 117 * MINUTE) is None
    assert await session_account(pool, keys, session.token, now=NOW + 116 * MINUTE)


async def test_a_session_ends_after_twelve_hours_however_busy(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    session = await begin(pool, keys, log, await make_account())
    assert session.ends == NOW + timedelta(hours=12)
    for minutes in range(20, 720, 20):
        assert await session_account(pool, keys, session.token, now=NOW + minutes * MINUTE)
    assert await session_account(pool, keys, session.token, now=session.ends - SECOND)
    assert await session_account(pool, keys, session.token, now=session.ends) is None


async def test_the_last_use_is_written_at_most_once_a_minute(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    session = await begin(pool, keys, log, account)
    for seconds, seen in ((59, 0), (60, 60), (100, 60), (121, 121)):
        await session_account(pool, keys, session.token, now=NOW + seconds * SECOND)
        written = await pool.fetchval(
            "select seen from accounts.session s join accounts.account a on a.id = s.account "
            "where a.login = $1",
            account.login,
        )
        assert written == NOW + seen * SECOND


async def test_a_tampered_token_opens_nothing(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    token = (await begin(pool, keys, log, await make_account())).token
    other = "B" if token[5] != "B" else "C"
    for wrong in (
        token[:5] + other + token[6:],
        token[:-1],
        token + "A",
        token.swapcase(),
        "",
        "\0",
        "令牌\ud800",
        "x" * 100_000,
    ):
        assert await session_account(pool, keys, wrong, now=NOW) is None
        assert await token_account(pool, keys, wrong, now=NOW) is None
    assert await token_account(pool, keys, token, now=NOW) is None  # no bearer token either


async def test_neither_the_kept_hash_nor_another_key_opens_a_session(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    session = await begin(pool, keys, log, await make_account())
    kept = await pool.fetchval("select token_hash from accounts.session order by created limit 1")
    assert await session_account(pool, keys, kept.hex(), now=NOW) is None
    other = Keys(keys.id_key, keys.index_key, keys.audit_key, bytes(32))
    assert await session_account(pool, other, session.token, now=NOW) is None


async def test_logging_out_ends_this_session_only_and_is_logged(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account = await make_account()
    first, second = [await begin(pool, keys, log, account) for _ in range(2)]
    assert await log_out(pool, keys, log, first.token, now=NOW)
    assert not await log_out(pool, keys, log, first.token, now=NOW)
    assert await session_account(pool, keys, first.token, now=NOW) is None
    assert await session_account(pool, keys, second.token, now=NOW) == account
    actions = await pool.fetch(
        "select action from audit.entry where account = $1 order by seq", account.id
    )
    assert [row["action"] for row in actions] == ["log-in", "log-in", "log-out"]


async def test_all_sessions_of_an_account_end_at_once(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account, other = await make_account(), await make_account()
    sessions = [await begin(pool, keys, log, account) for _ in range(3)]
    kept = await begin(pool, keys, log, other)
    assert await end_all_sessions(pool, log, account.id, now=NOW, by=other) == 3
    for session in sessions:
        assert await session_account(pool, keys, session.token, now=NOW) is None
    assert await session_account(pool, keys, kept.token, now=NOW) == other


async def test_a_token_acts_in_its_role_until_it_expires(
    pool: Pool, keys: Keys, log: AuditLog
) -> None:
    key = secrets.token_hex(4)
    await create_organisation(pool, organisation_id=key, name="卫生院", kind="clinic")
    issued = await issue_token(pool, keys, log, role="doctor", organisation=key, now=NOW)
    assert len(issued.token) >= 43
    assert issued.expires == NOW + timedelta(hours=12)
    account = await token_account(pool, keys, issued.token, now=issued.expires - SECOND)
    assert account == issued.account
    assert account is not None
    assert (account.role, account.organisation, account.organisation_name, account.person) == (
        "doctor",
        key,
        "卫生院",
        None,
    )
    assert await token_account(pool, keys, issued.token, now=issued.expires) is None
    assert await session_account(pool, keys, issued.token, now=NOW) is None


async def test_a_residents_token_is_bound_to_a_person(
    pool: Pool, keys: Keys, log: AuditLog
) -> None:
    issued = await issue_token(
        pool, keys, log, role="resident", person="p1", now=NOW, lifetime=MINUTE
    )
    account = await token_account(pool, keys, issued.token, now=NOW)
    assert account is not None
    assert account.person == "p1"
    row = await pool.fetchrow(
        "select action, detail::text as text from audit.entry where object_id = $1", account.id
    )
    assert row is not None
    assert row["action"] == "issue-token"
    assert issued.token not in row["text"]


async def test_an_unsuitable_token_is_refused(pool: Pool, keys: Keys, log: AuditLog) -> None:
    unsuitable: dict[str, dict[str, Any]] = {
        "role-unknown": {"role": "admin"},
        "person-needed": {"role": "resident"},
        "organisation-unknown": {"role": "doctor", "organisation": "nowhere"},
    }
    for code, fields in unsuitable.items():
        with pytest.raises(AccountRefused) as caught:
            await issue_token(pool, keys, log, now=NOW, **fields)
        assert caught.value.code == code
    with pytest.raises(AccountRefused, match="lifetime"):
        await issue_token(pool, keys, log, role="doctor", now=NOW, lifetime=timedelta(days=400))


async def test_limits_are_those_of_the_role_or_its_kind(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    rules = LoginRules(
        limits_by={
            "administrator": SessionLimits(timedelta(minutes=10), timedelta(hours=1)),
            "audit-administrator": SessionLimits(timedelta(minutes=5), timedelta(hours=1)),
        }
    )
    for role, idle in (("doctor", 30), ("system-administrator", 10), ("audit-administrator", 5)):
        account = await make_account(role=role)
        session = await log_in(
            pool, keys, log, account.login, PASSWORD, address="::1", now=NOW, rules=rules
        )
        assert isinstance(session, Session)
        late = NOW + idle * MINUTE
        assert await session_account(pool, keys, session.token, now=late) is None
        assert await session_account(pool, keys, session.token, now=late - SECOND)
        assert session.ends == NOW + timedelta(hours=12 if role == "doctor" else 1)


async def test_a_session_of_an_earlier_release_still_ends_after_twelve_hours(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    session = await begin(pool, keys, log, await make_account())
    await pool.execute(
        "update accounts.session set ends = null, confirmed = null, seen = created + $2::interval "
        "where token_hash = $1",
        token_hash(keys, session.token),
        timedelta(hours=12),
    )
    assert await session_account(pool, keys, session.token, now=session.ends - SECOND)
    assert await session_account(pool, keys, session.token, now=session.ends) is None


async def test_somebody_sees_where_they_are_logged_in_and_ends_it_there(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    account, other = await make_account(), await make_account()
    sessions = [await begin(pool, keys, log, account) for _ in range(3)]
    strange = await begin(pool, keys, log, other)
    ids = []
    for session in sessions:
        proof = await proof_of(pool, keys, session.token, now=NOW)
        assert proof is not None
        ids.append(proof.id)
    listed = await open_sessions(pool, account.id, now=NOW)
    assert {one.id for one in listed} == set(ids)
    assert {one.address for one in listed} == {"::1"}
    assert await open_sessions(pool, account.id, now=NOW + 30 * MINUTE) == []
    assert not await end_session(pool, log, other.id, ids[0], now=NOW, by=other)
    assert await end_session(pool, log, account.id, ids[0], now=NOW, by=account)
    assert not await end_session(pool, log, account.id, ids[0], now=NOW, by=account)
    assert await end_other_sessions(pool, log, account, ids[1], now=NOW) == 1
    open_now = [
        await session_account(pool, keys, one.token, now=NOW) is not None for one in sessions
    ]
    assert open_now == [False, True, False]
    assert await session_account(pool, keys, strange.token, now=NOW)


async def test_a_session_goes_on_under_a_new_token_when_its_owner_proves_who_they_are(
    pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount
) -> None:
    session = await begin(pool, keys, log, await make_account())
    later = NOW + 5 * MINUTE
    before = await proof_of(pool, keys, session.token, now=later)
    async with pool.acquire() as connection:
        risen = await step_done(connection, keys, session.token, now=later, level="second-factor")
        assert await step_done(connection, keys, session.token, now=later) is None
    assert risen is not None
    assert (risen.created, risen.ends) == (session.created, session.ends)
    after = await proof_of(pool, keys, risen.token, now=later)
    assert before is not None
    assert after is not None
    assert after.id == before.id
    assert (before.confirmed, before.level) == (NOW, "password")
    assert (after.confirmed, after.level) == (later, "second-factor")
    assert await session_account(pool, keys, session.token, now=later) is None
