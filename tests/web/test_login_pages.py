"""The pages of the log-in, walked through as their users do."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import argon2
import msgspec
import pytest
from litestar import Litestar

from minkang.accounts import passwords, set_password, token_account
from minkang.accounts.second_factor import STEP, code_at
from minkang.app.web import application_of
from minkang.config import OidcSettings
from minkang.web import Web
from minkang.web.browser_name import browser_name
from tests.accounts.provider import CLIENT, SECRET, LittleProvider

from .log_in import PASSWORD, Browser, make

NEW = "another one 钥匙 2026"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


async def test_an_administrator_sets_a_second_factor_up_and_gives_it_from_then_on(
    web: Web, application: Litestar
) -> None:
    account = await make(web, "audit-administrator")
    first = Browser(application)
    answer = await first.log_in(account.login, next="/my/password")
    assert answer.headers["location"] == "/login/enrol?next=/my/password"
    for shut in ("/my/sessions", "/doctor", "/"):
        assert (await first.get(shut)).headers["location"].startswith("/login")
    waiting = first.session
    secret = await first.set_up("/login/enrol?next=/my/password")
    codes = first.last
    assert codes.count("<li><code>") == 10
    assert first.session != waiting
    assert (await first.get("/my/sessions")).status_code == 200
    assert "密码和二次验证" in first.last

    second = Browser(application)
    answer = await second.log_in(account.login)
    assert answer.headers["location"] == "/login/second-factor"
    assert (await second.get("/my/sessions")).status_code == 303
    assert (await second.get("/login/enrol")).headers["location"] == "/login/second-factor"
    used = code_at(secret, int(time.time()) // STEP)
    assert (await second.post("/login/second-factor", {"code": used})).status_code == 401
    coming = code_at(secret, int(time.time()) // STEP + 1)
    assert (await second.post("/login/second-factor", {"code": coming})).status_code == 303
    assert (await second.get("/my/sessions")).status_code == 200

    third = Browser(application)
    await third.log_in(account.login)
    paper = codes.split("<li><code>")[1].split("<")[0]
    assert (await third.post("/login/second-factor", {"code": paper})).status_code == 303
    await third.get("/my/sessions")
    assert "还有 9 个恢复码没有用" in third.last


async def test_a_step_of_the_log_in_opens_only_to_who_is_at_it(
    web: Web, application: Litestar
) -> None:
    steps = ("/login/second-factor", "/login/enrol", "/login/password")
    nobody, doctor = Browser(application), Browser(application)
    await doctor.log_in((await make(web)).login)
    for path in steps:
        for answer in (await nobody.get(path), await nobody.post(path, {"code": "000000"})):
            assert answer.headers["location"] == "/login?said=expired"
        assert (await doctor.get(path)).headers["location"] == "/"
    assert (await nobody.post("/login/strength", {"new": "x"})).status_code == 401


async def test_wrong_codes_lock_the_second_step(web: Web, application: Litestar) -> None:
    account = await make(web, "audit-administrator")
    await Browser(application).enter(account.login)
    thief = Browser(application)
    await thief.log_in(account.login)
    answers = [await thief.post("/login/second-factor", {"code": "000000"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [*[401] * 5, 429]


async def test_a_first_password_is_changed_before_anything_opens(
    web: Web, application: Litestar
) -> None:
    account = await make(web)
    await set_password(
        web.store.pool,
        web.gate.log,
        account.id,
        "a first one 钥匙",
        now=datetime.now(UTC),
        must_change=True,
    )
    browser = Browser(application)
    answer = await browser.log_in(account.login, "a first one 钥匙", next="/my/sessions")
    assert answer.headers["location"] == "/login/password?next=/my/sessions"
    assert (await browser.get("/my/sessions")).status_code == 303
    page = "/login/password"
    for new, again, words in (
        ("short", "short", "太短了：至少 10 个字符。"),
        (NEW, NEW + "x", "两次输入的新密码不一样。"),
        ("password2026", "password2026", "很多人用过的密码"),
        ("a first one 钥匙", "a first one 钥匙", "最近用过这个密码"),
    ):
        answer = await browser.post(page, {"new": new, "again": again})
        assert answer.status_code == 422
        assert words in answer.text
    form = {"new": NEW, "again": NEW, "next": "/my/sessions"}
    assert (await browser.post(page, form)).headers["location"] == "/my/sessions"
    assert (await browser.get("/my/sessions")).status_code == 200
    assert (await Browser(application).log_in(account.login, NEW)).headers["location"] == "/doctor"


async def test_changing_a_password_says_which_field_is_wrong(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    await browser.log_in((await make(web)).login)
    for old, new, again, words in (
        ("wrong", NEW, NEW, "当前密码不正确。"),
        (PASSWORD, "王小明 王小明 王小明", "王小明 王小明 王小明", "姓名、单位"),
        (PASSWORD, NEW, "", "两次输入的新密码不一样。"),
        (PASSWORD, "x" * 300, "x" * 300, "太长了"),
    ):
        answer = await browser.post("/my/password", {"old": old, "new": new, "again": again})
        assert answer.status_code == 422
        assert words in answer.text
        assert NEW not in answer.text


async def test_who_types_a_password_is_told_how_strong_it_is(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    account = await make(web)
    await browser.log_in(account.login)
    for typed, words in (
        ("aaaa", "很弱"),
        (account.login, "弱"),
        ("corn 钥匙 gravel 7 seldom", "很强"),
        ("x" * 5_000, "强度"),
    ):
        answer = await browser.post("/login/strength", {"new": typed})
        assert words in answer.text
        assert typed not in answer.text


async def test_important_steps_ask_again_who_somebody_is(web: Web, application: Litestar) -> None:
    browser = Browser(application)
    account = await make(web)
    await browser.log_in(account.login)
    assert (await browser.get("/my/second-factor")).status_code == 200
    await web.store.pool.execute(
        "update accounts.session set confirmed = confirmed - interval '11 minutes'"
    )
    before = browser.session
    for answer in (
        await browser.get("/my/second-factor"),
        await browser.post("/my/second-factor/remove"),
    ):
        assert answer.headers["location"] == "/my/confirm?next=/my/second-factor"
    page = "/my/confirm"
    assert (await browser.post(page, {"given": "wrong"})).status_code == 401
    answer = await browser.post(page, {"given": PASSWORD, "next": "/my/second-factor"})
    assert answer.headers["location"] == "/my/second-factor"
    assert browser.session != before
    assert (await browser.get("/my/second-factor")).status_code == 200
    await browser.set_up("/my/second-factor")
    assert (await browser.get("/my/sessions")).status_code == 200
    assert "还有 10 个恢复码没有用" in browser.last
    assert (await browser.post("/my/second-factor/remove")).headers["location"].endswith("removed")


async def test_a_recovery_link_is_made_by_one_and_used_by_the_other(
    web: Web, application: Litestar
) -> None:
    account, administrator = await make(web), Browser(application)
    await administrator.enter((await make(web, "system-administrator")).login)
    path = f"/administration/people/{account.id}/recovery-link"
    assert (await administrator.post(path)).status_code in (200, 201)
    link = administrator.shown(r'id="link">https?://[^/]+(/recover/[^<]+)<')
    owner = Browser(application)
    assert account.login in (await owner.get(link)).text
    token = link.removeprefix("/recover/")
    weak = {"token": token, "new": "password2026", "again": "password2026"}
    assert (await owner.post("/recover", weak)).status_code == 422
    form = {"token": token, "new": NEW, "again": NEW}
    assert (await owner.post("/recover", form)).headers["location"] == "/login?said=recovered"
    assert (await owner.post("/recover", form)).status_code == 410
    assert (await owner.get(link)).status_code == 410
    assert (await owner.log_in(account.login)).status_code == 401
    assert (await owner.log_in(account.login, NEW)).status_code == 303
    other = await make(web, "security-administrator")
    answer = await administrator.post(f"/administration/people/{other.id}/recovery-link")
    assert answer.status_code == 422
    assert "三员的账号" in answer.text
    nobody = "/administration/people/00000000-0000-4000-8000-000000000000/recovery-link"
    assert (await administrator.post(nobody)).status_code == 404


async def test_a_program_gets_an_account_with_an_owner_and_an_end(
    web: Web, application: Litestar
) -> None:
    account = await make(web)
    browser = Browser(application)
    await browser.enter((await make(web, "system-administrator")).login)
    page = "/administration/services"
    form = {
        "name": "检验接口",
        "purpose": "读检验结果",
        "owner": "林晓明",
        "contact": "0631-1",
        "organisation": account.organisation or "",
        "days": "30",
    }
    for wrong in ({"owner": ""}, {"days": "0"}, {"days": "400"}, {"organisation": "nowhere"}):
        answer = await browser.post(page, {**form, **wrong})
        assert answer.status_code == 422
        assert "检验接口" in answer.text
    assert (await browser.post(page, form)).headers["location"] == f"{page}?said=made"
    await browser.get(page)
    rotate = browser.shown(rf'action="({page}/[^/]+/rotate)"')
    tokens = []
    for _ in range(2):
        await browser.post(rotate)
        tokens.append(browser.shown(r'id="secret">([^<]+)<'))
    old, new = [
        await token_account(web.store.pool, web.keys, one, now=datetime.now(UTC)) for one in tokens
    ]
    assert old is None
    assert new is not None
    assert (new.role, new.organisation, new.name) == ("service", account.organisation, "检验接口")
    login = await web.store.pool.fetchval("select login from accounts.account where service")
    assert (await Browser(application).log_in(login, "")).status_code == 401
    assert (await browser.post(rotate.replace("rotate", "end"))).status_code == 303
    assert await token_account(web.store.pool, web.keys, tokens[1], now=datetime.now(UTC)) is None
    actions = await web.store.pool.fetch(
        "select action from audit.entry where action like '%service' order by at, seq"
    )
    assert [row["action"] for row in actions] == [
        "create-service", "rotate-service", "rotate-service", "end-service",
    ]  # fmt: skip


# By a provider


@pytest.fixture
def little() -> Iterator[LittleProvider]:
    made = LittleProvider()
    yield made
    made.close()


@pytest.fixture
def by_provider(web: Web, little: LittleProvider) -> Litestar:
    """The application with a provider in its settings."""
    secret = web.settings.home / "oidc-secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    provider = OidcSettings(
        id="city",
        name="市统一认证",
        issuer=little.issuer,
        client_id=CLIENT,
        client_secret_file=secret,
        private=True,
    )
    settings = msgspec.structs.replace(
        web.settings, oidc=(provider,), public_address="https://region.example"
    )
    return application_of(msgspec.structs.replace(web, settings=settings))


async def _visited(browser: Browser, little: LittleProvider, address: str, subject: str) -> str:
    back = little.visit(address, subject)
    path = back["redirect"].removeprefix("https://region.example")
    return f"{path}?state={back['state']}&code={back['code']}"


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
async def test_who_linked_an_identity_logs_in_with_it(
    web: Web, by_provider: Litestar, little: LittleProvider
) -> None:
    account, stranger = await make(web), Browser(by_provider)
    await stranger.get("/login?next=/my/password")
    assert "用市统一认证登录" in stranger.last
    begin = unescape(stranger.shown(r'href="(/login/oidc/city[^"]*)"'))
    assert begin == "/login/oidc/city?next=/my/password"
    asked = await stranger.get(begin)
    back = await _visited(stranger, little, asked.headers["location"], "wang")
    answer = await stranger.get(back)
    assert answer.status_code == 403
    assert "还没有关联这里的账号" in answer.text

    owner = Browser(by_provider)
    await owner.log_in(account.login)
    await owner.post("/my/identities/link", {"provider": "city"})
    away = unescape(owner.shown(rf'href="({little.issuer}[^"]+)"'))
    linked = await owner.get(await _visited(owner, little, away, "wang"))
    assert linked.headers["location"] == "/my/sessions?said=linked"

    asked = await stranger.get(begin)
    back = await _visited(stranger, little, asked.headers["location"], "wang")
    answer = await stranger.get(back)
    assert answer.headers["location"] == "/my/password"
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    await stranger.get("/my/sessions")
    assert "统一认证" in stranger.last
    assert (await Browser(by_provider).get(back)).status_code == 403


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
async def test_an_identity_is_linked_in_the_session_that_began_it_alone(
    web: Web, by_provider: Litestar, little: LittleProvider
) -> None:
    victim, attacker = Browser(by_provider), Browser(by_provider)
    for browser in (victim, attacker):
        await browser.log_in((await make(web)).login)
    await attacker.post("/my/identities/link", {"provider": "city"})
    away = unescape(attacker.shown(rf'href="({little.issuer}[^"]+)"'))
    back = await _visited(attacker, little, away, "attacker")
    assert (await victim.get(back)).status_code == 403
    state = attacker.client.cookies["__Host-minkang_oidc"]
    victim.client.cookies.set("__Host-minkang_oidc", state, "region.example")
    assert (await victim.get(back)).status_code == 403
    linked = await web.store.pool.fetchval(
        "select count(*) from accounts.oidc_link where subject = 'attacker'"
    )
    assert linked == 0


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
async def test_a_provider_that_is_down_or_unknown_stops_nobody_else(
    web: Web, by_provider: Litestar, little: LittleProvider
) -> None:
    little.documents["/.well-known/openid-configuration"] = (500, {}, b"")
    web.providers._kept.clear()
    browser = Browser(by_provider)
    answer = await browser.get("/login/oidc/city")
    assert answer.status_code == 502
    assert "统一认证暂时连不上" in answer.text
    assert (await browser.get("/login/oidc/other")).status_code == 404
    assert (await browser.log_in((await make(web)).login)).status_code == 303


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0",
         "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0",
         "WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
         "Safari · iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("<script>alert(1)</script>", "scriptalert1/script"),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_are_named_for_their_owners(agent: str, name: str) -> None:
    assert browser_name(agent) == name
