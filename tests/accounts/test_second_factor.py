"""Second factors: codes by time, each once, with their own lockout; recovery codes on paper."""

import asyncio
import base64
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from minkang.accounts import (
    Account,
    Session,
    log_in,
    session_account,
)
from minkang.accounts.login_rules import LoginRules
from minkang.accounts.recovery_codes import (
    codes_left,
    looks_like_one,
    new_recovery_codes,
    use_recovery_code,
)
from minkang.accounts.second_factor import (
    STEP,
    FactorLocked,
    check_code,
    code_at,
    confirm_enrolment,
    enrol,
    has_factor,
    remove_factor,
)
from minkang.accounts.sessions import step_done, unfinished_session
from minkang.audit import AuditLog, AuditUnavailable
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import NOW, PASSWORD, MakeAccount

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
# Appendix B of RFC 6238 for SHA-1, the last six digits.
RFC = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


class Phone:
    """An authenticator that has taken a secret in."""

    def __init__(self, secret: str) -> None:
        self.secret = base64.b32decode(secret)

    def at(self, moment: datetime) -> str:
        return code_at(self.secret, int(moment.timestamp()) // STEP)


class Owner:
    """Somebody with an account, and what they do with their factor."""

    def __init__(self, pool: Pool, keys: Keys, log: AuditLog, account: Account) -> None:
        self.pool, self.keys, self.log, self.account = pool, keys, log, account

    async def set_up(self) -> Phone:
        offered = await enrol(self.pool, self.keys, self.account, now=NOW)
        assert offered is not None
        phone = Phone(offered.secret)
        codes = (phone.at(NOW - MINUTE), phone.at(NOW - MINUTE / 2))
        assert await confirm_enrolment(self.pool, self.keys, self.log, self.account, codes, now=NOW)
        return phone

    async def gives(self, code: str, after: timedelta = timedelta(0)) -> bool | FactorLocked:
        check = use_recovery_code if looks_like_one(code) else check_code
        return await check(self.pool, self.keys, self.log, self.account, code, now=NOW + after)


@pytest.fixture
async def owner(pool: Pool, keys: Keys, log: AuditLog, make_account: MakeAccount) -> Owner:
    return Owner(pool, keys, log, await make_account())


@pytest.mark.parametrize(("at", "code"), RFC.items())
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_at(b"12345678901234567890", at // STEP) == code


async def test_the_address_for_the_app_says_whose_and_what(owner: Owner) -> None:
    offered = await enrol(owner.pool, owner.keys, owner.account, now=NOW)
    assert offered is not None
    parts = urlsplit(offered.address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == f"/Minkang:{owner.account.login}"
    assert parse_qs(parts.query) == {"secret": [offered.secret], "issuer": ["Minkang"]}
    assert len(base64.b32decode(offered.secret)) == 20


async def test_the_secret_is_kept_sealed_and_for_this_account_alone(
    owner: Owner, make_account: MakeAccount
) -> None:
    phone = await owner.set_up()
    kept = await owner.pool.fetchval(
        "select secret from accounts.second_factor where account = $1::text::uuid",
        owner.account.id,
    )
    assert phone.secret not in kept
    other = await make_account()
    await enrol(owner.pool, owner.keys, other, now=NOW)
    await owner.pool.execute(
        "update accounts.second_factor set secret = $2, confirmed = created "
        "where account = $1::text::uuid",
        other.id,
        kept,
    )
    with pytest.raises(Exception, match="sealed"):
        await check_code(owner.pool, owner.keys, owner.log, other, phone.at(NOW), now=NOW)


async def test_setting_up_takes_two_codes_that_follow_each_other(owner: Owner) -> None:
    offered = await enrol(owner.pool, owner.keys, owner.account, now=NOW)
    again = await enrol(owner.pool, owner.keys, owner.account, now=NOW + MINUTE)
    assert offered is not None
    assert again == offered
    phone = Phone(offered.secret)
    now, before, long_before = (phone.at(NOW - n * MINUTE / 2) for n in (0, 1, 10))
    given = (owner.pool, owner.keys, owner.log, owner.account)
    for codes in ((now, now), (now, before), (before, "000000"), (long_before, now), ("", "")):
        assert not await confirm_enrolment(*given, codes, now=NOW)
        assert not await has_factor(owner.pool, owner.account.id)
    assert await confirm_enrolment(*given, (before, now), now=NOW)
    assert await has_factor(owner.pool, owner.account.id)
    assert await owner.gives(now) is False  # used to set it up
    assert await enrol(owner.pool, owner.keys, owner.account, now=NOW) is None


async def test_an_offer_that_nobody_took_is_made_anew(owner: Owner) -> None:
    first = await enrol(owner.pool, owner.keys, owner.account, now=NOW)
    later = await enrol(owner.pool, owner.keys, owner.account, now=NOW + 61 * MINUTE)
    assert first is not None
    assert later is not None
    assert first.secret != later.secret


async def test_a_code_is_good_once_and_none_before_it_is_any_more(owner: Owner) -> None:
    phone = await owner.set_up()
    now, next_code = phone.at(NOW), phone.at(NOW + MINUTE / 2)
    assert await owner.gives(f" {next_code[:3]} {next_code[3:]} ") is True
    assert await owner.gives(next_code) is False
    assert await owner.gives(now) is False


async def test_clocks_may_differ_by_a_step_and_no_more(owner: Owner) -> None:
    phone = await owner.set_up()
    code = phone.at(NOW + 10 * MINUTE)
    for minutes, good in ((8.0, False), (9.0, False), (11.0, False), (10.5, True)):
        assert await owner.gives(code, after=MINUTE * minutes) is good


@pytest.mark.parametrize("code", ["", "abc", "12345", "1234567", "１２３４５６", "\0", "\ud800"])
async def test_what_is_no_code_is_wrong(owner: Owner, code: str) -> None:
    await owner.set_up()
    assert await owner.gives(code) is False


async def test_wrong_codes_lock_the_factor_and_the_right_one_waits(owner: Owner) -> None:
    phone = await owner.set_up()
    for _ in range(5):
        assert await owner.gives("000000") is False
    assert await owner.gives(phone.at(NOW)) == FactorLocked(NOW + MINUTE)
    (paper, *_) = await new_recovery_codes(
        owner.pool, owner.keys, owner.log, owner.account, now=NOW
    )
    assert await owner.gives(paper) == FactorLocked(NOW + MINUTE)
    assert await owner.gives(phone.at(NOW + MINUTE), after=MINUTE) is True
    for _ in range(4):
        assert await owner.gives("000000", after=2 * MINUTE) is False
    assert await owner.gives(phone.at(NOW + 2 * MINUTE), after=2 * MINUTE) is True


async def test_guesses_in_parallel_get_no_further_than_one_by_one(owner: Owner) -> None:
    await owner.set_up()
    answers = await asyncio.gather(*(owner.gives(f"{n:06}") for n in range(20)))
    assert sum(answer is False for answer in answers) == 5
    assert sum(isinstance(answer, FactorLocked) for answer in answers) == 15


async def test_a_recovery_code_lets_in_once(owner: Owner) -> None:
    await owner.set_up()
    codes = await new_recovery_codes(owner.pool, owner.keys, owner.log, owner.account, now=NOW)
    assert len(set(codes)) == 10
    assert await codes_left(owner.pool, owner.account.id) == 10
    assert await owner.gives(codes[0].upper().replace("-", " ")) is True
    assert await owner.gives(codes[0]) is False
    assert await codes_left(owner.pool, owner.account.id) == 9
    fresh = await new_recovery_codes(owner.pool, owner.keys, owner.log, owner.account, now=NOW)
    assert await owner.gives(codes[1]) is False
    assert await owner.gives(fresh[1]) is True


async def test_recovery_codes_of_another_open_nothing_and_none_is_kept_as_it_is(
    owner: Owner, make_account: MakeAccount
) -> None:
    await owner.set_up()
    other = Owner(owner.pool, owner.keys, owner.log, await make_account())
    await other.set_up()
    codes = await new_recovery_codes(owner.pool, owner.keys, owner.log, owner.account, now=NOW)
    assert await other.gives(codes[0]) is False
    kept = await owner.pool.fetchval(
        "select string_agg(r::text, ' ') from accounts.recovery_code r"
    )
    assert all(code.replace("-", "") not in kept for code in codes)


async def test_every_attempt_and_change_is_written_down(owner: Owner) -> None:
    phone = await owner.set_up()
    await owner.gives("000000")
    await owner.gives(phone.at(NOW))
    await remove_factor(owner.pool, owner.log, owner.account.id, now=NOW, by=owner.account)
    rows = await owner.pool.fetch(
        "select action, allowed, reason, entry::text from audit.entry e "
        "cross join lateral (select e::text as entry) as one "
        "where account = $1 order by seq",
        owner.account.id,
    )
    assert [tuple(row)[:3] for row in rows] == [
        ("enrol-second-factor", True, ""),
        ("second-factor", False, "wrong-code"),
        ("second-factor", True, ""),
        ("remove-second-factor", True, ""),
    ]
    assert not any(phone.at(NOW) in row["entry"] for row in rows)
    assert not await has_factor(owner.pool, owner.account.id)


async def test_without_audit_no_code_lets_in(owner: Owner) -> None:
    phone = await owner.set_up()
    await owner.log.close()
    with pytest.raises(AuditUnavailable):
        await owner.gives(phone.at(NOW))


async def test_a_log_in_waits_for_the_factor_and_opens_nothing_before(
    owner: Owner, pool: Pool, keys: Keys
) -> None:
    phone = await owner.set_up()
    given = (pool, keys, owner.log, owner.account.login, PASSWORD)
    session = await log_in(*given, address="192.0.2.1", now=NOW)
    assert isinstance(session, Session)
    assert session.waits == ("second-factor",)
    assert await session_account(pool, keys, session.token, now=NOW) is None
    waiting = await unfinished_session(pool, keys, session.token, now=NOW)
    assert waiting is not None
    assert waiting.account.id == owner.account.id
    assert await unfinished_session(pool, keys, session.token, now=NOW + 15 * MINUTE) is None
    assert await owner.gives(phone.at(NOW)) is True
    async with pool.acquire() as connection:
        risen = await step_done(
            connection,
            keys,
            session.token,
            now=NOW,
            step="second-factor",
            level="second-factor",
        )
    assert risen is not None
    assert risen.token != session.token
    assert await session_account(pool, keys, session.token, now=NOW) is None
    opened = await session_account(pool, keys, risen.token, now=NOW)
    assert opened is not None
    assert opened.level == "second-factor"


async def test_roles_that_must_have_one_set_it_up_at_the_log_in(
    owner: Owner, pool: Pool, keys: Keys
) -> None:
    given = (pool, keys, owner.log, owner.account.login, PASSWORD)
    must = LoginRules(second_factor_roles=frozenset({"doctor"}))
    need_not = LoginRules(second_factor_roles=frozenset({"audit-administrator"}))
    first = await log_in(*given, address="192.0.2.1", now=NOW, rules=must)
    second = await log_in(*given, address="192.0.2.1", now=NOW, rules=need_not)
    assert isinstance(first, Session)
    assert isinstance(second, Session)
    assert (first.waits, second.waits) == (("enrol",), ())
    assert await session_account(pool, keys, first.token, now=NOW) is None
