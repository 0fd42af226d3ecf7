"""Attacks on the log-in, against the application as an operator with HTTPS has it."""

import re
from datetime import UTC, datetime
from unittest import mock
from urllib.parse import urljoin, urlsplit

import argon2
import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from minkang.accounts import passwords, set_disabled
from minkang.accounts.service_accounts import NewService, create_service
from minkang.web import Web
from minkang.web.address import Origin, origin
from minkang.web.login_settings import rules_of
from minkang.web.own_path import own_path

from .log_in import HERE, PASSWORD, Browser, make


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters are meant to be slow."""
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    monkeypatch.setattr(passwords, "HASHER", cheap)


# Guessing


async def test_brute_force_locks_the_login_from_everywhere(web: Web, application: Litestar) -> None:
    account = await make(web)
    for n in range(5):
        answer = await Browser(application, f"198.51.100.{n}").log_in(account.login, "wrong")
        assert answer.status_code == 401
    owner = Browser(application, "198.51.100.99")
    assert (await owner.log_in(account.login)).status_code == 429
    assert owner.session is None


async def test_stuffing_many_logins_locks_the_address_whatever_it_calls_itself(
    web: Web, application: Litestar
) -> None:
    victim = await make(web)
    for n in range(30):
        liar = Browser(application, "198.51.100.200", **{"x-forwarded-for": f"10.0.0.{n}"})
        assert (await liar.log_in(f"nobody-{n}", "wrong")).status_code == 401
    attacker, owner = Browser(application, "198.51.100.200"), Browser(application, "192.0.2.20")
    answer = await attacker.log_in(victim.login)
    assert answer.status_code == 429
    assert "这个网络地址暂时不能登录" in answer.text
    assert (await owner.log_in(victim.login)).status_code == 303

    guard = Browser(application, "192.0.2.21")
    await guard.enter((await make(web, "security-administrator")).login)
    await guard.get("/security/log-ins")
    assert "198.51.100.200" in guard.last
    await guard.post("/security/log-ins/unlock", {"address": "198.51.100.200"})
    assert (await attacker.log_in(victim.login)).status_code == 303
    entry = await web.store.pool.fetchrow(
        "select role, object_id from audit.entry where action = 'unlock-address'"
    )
    assert entry is not None
    assert tuple(entry) == ("security-administrator", "198.51.100.200")


async def test_a_network_of_ipv6_addresses_is_one(web: Web, application: Litestar) -> None:
    victim = await make(web)
    for n in range(30):
        await Browser(application, f"2001:db8:1:2::{n:x}").log_in(f"nobody-{n}", "wrong")
    assert (await Browser(application, "2001:db8:1:2:f::1").log_in(victim.login)).status_code == 429
    assert (await Browser(application, "2001:db8:1:3::1").log_in(victim.login)).status_code == 303


async def test_the_security_administrator_unlocks_a_login(web: Web, application: Litestar) -> None:
    account = await make(web)
    for _ in range(5):
        await Browser(application, "192.0.2.30").log_in(account.login, "wrong")
    guard = Browser(application, "192.0.2.31")
    await guard.enter((await make(web, "security-administrator")).login)
    await guard.get("/security/log-ins")
    assert account.login in guard.last
    await guard.post("/security/log-ins/unlock", {"login": account.login})
    assert (await Browser(application).log_in(account.login)).status_code == 303


async def test_guessing_beside_an_open_session_ends_it_but_not_those_elsewhere(
    web: Web, application: Litestar
) -> None:
    account = await make(web)
    here, there = Browser(application, "192.0.2.40"), Browser(application, "192.0.2.41")
    for browser in (here, there):
        await browser.log_in(account.login)
    for _ in range(5):
        await Browser(application, "192.0.2.40").log_in(account.login, "wrong")
    assert (await here.get("/my/sessions")).status_code == 303
    assert (await there.get("/my/sessions")).status_code == 200


async def test_the_same_work_is_done_whoever_it_is(web: Web, application: Litestar) -> None:
    known, off = await make(web), await make(web)
    await set_disabled(web.store.pool, web.gate.log, off.id, disabled=True, now=datetime.now(UTC))
    service = await create_service(
        web.store.pool,
        web.gate.log,
        NewService(
            name="接口",
            purpose="测试",
            owner="王小明",
            contact="1",
            organisation=known.organisation or "",
            lifetime=web.login_rules.limits.absolute,
        ),
        by=None,
        now=datetime.now(UTC),
    )
    program = await web.store.pool.fetchval(
        "select login from accounts.account where id = $1::text::uuid", service
    )
    answers = set()
    for login in (known.login, off.login, program, "nobody-at-all", "im possible"):
        hasher = passwords.HASHER
        with mock.patch.object(
            argon2.PasswordHasher, "verify", autospec=True, side_effect=type(hasher).verify
        ) as verify:
            answer = await Browser(application, "192.0.2.50").log_in(login, "wrong")
        text = answer.text.replace(login, "LOGIN")
        answers.add((answer.status_code, verify.call_count, re.sub(r"[0-9a-f]{128}", "T", text)))
    assert len(answers) == 1
    assert next(iter(answers))[:2] == (401, 1)


# Sessions


async def test_a_session_brought_along_is_neither_kept_nor_left_open(
    web: Web, application: Litestar
) -> None:
    mine, other = await make(web), await make(web)
    browser, thief = Browser(application), Browser(application)
    browser.session = "fixed-by-somebody"
    await browser.log_in(mine.login)
    assert browser.session != "fixed-by-somebody"
    planted = browser.session or ""
    thief.session = planted
    await browser.log_in(other.login)
    assert browser.session != planted
    assert (await thief.get("/my/sessions")).status_code == 303


async def test_a_stolen_session_is_worth_nothing_after_log_out_or_ending_it(
    web: Web, application: Litestar
) -> None:
    account = await make(web)
    for end in ("/logout", "/my/sessions/end-all"):
        browser, thief = Browser(application), Browser(application, "198.51.100.77")
        await browser.log_in(account.login)
        thief.session = browser.session or ""
        assert (await thief.get("/my/sessions")).status_code == 200
        await browser.post(end)
        assert (await thief.get("/my/sessions")).status_code == 303
    owner, thief = Browser(application), Browser(application, "198.51.100.77")
    await owner.log_in(account.login)
    await thief.log_in(account.login)
    await owner.get("/my/sessions")
    assert "198.51.100.77" in owner.last
    await owner.post(
        "/my/sessions/end", {"session": owner.shown(r'name="session" value="([^"]+)"')}
    )
    assert (await thief.get("/my/sessions")).status_code == 303
    assert (await owner.get("/my/sessions")).status_code == 200


async def test_nobody_ends_the_session_of_another(web: Web, application: Litestar) -> None:
    victim, attacker = Browser(application), Browser(application, "198.51.100.78")
    await victim.log_in((await make(web)).login)
    await attacker.log_in((await make(web)).login)
    session = await web.store.pool.fetchval(
        "select id::text from accounts.session where ended is null order by created desc offset 1"
    )
    await attacker.post("/my/sessions/end", {"session": session, "account": "victim"})
    await attacker.post("/my/sessions/end-others")
    assert (await victim.get("/my/sessions")).status_code == 200


async def test_a_changed_password_gives_the_session_a_new_token(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    await browser.log_in((await make(web)).login)
    before = browser.session
    form = {"old": PASSWORD, "new": "another one 钥匙 9", "again": "another one 钥匙 9"}
    answer = await browser.post("/my/password", form)
    assert answer.headers["location"] == "/my/sessions?said=password"
    assert browser.session != before
    assert (await browser.get("/my/sessions")).status_code == 200
    browser.session = before or ""
    assert (await browser.get("/my/sessions")).status_code == 303


def _cookies(answer: httpx.Response) -> dict[str, set[str]]:
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        first, *rest = (part.strip() for part in line.split(";"))
        found[first.partition("=")[0]] = {part.lower() for part in rest}
    return found


async def test_cookies_stay_with_this_host_https_and_the_server(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    cookies = _cookies(await browser.get("/login"))
    cookies |= _cookies(await browser.log_in((await make(web)).login))
    assert cookies.keys() == {"__Host-minkang_session", "__Host-minkang_csrf"}
    for name, attributes in cookies.items():
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes, name
        assert not any(one.startswith("domain") for one in attributes), name
    gone = _cookies(await browser.post("/logout"))["__Host-minkang_session"]
    assert {"max-age=0", "secure", "path=/"} <= gone


async def test_without_the_prefix_a_cookie_of_a_neighbour_is_not_taken(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    await browser.log_in((await make(web)).login)
    token = browser.session or ""
    browser.client.cookies.clear()
    browser.client.cookies.set("minkang_session", token, "region.example")
    assert (await browser.get("/my/sessions")).status_code == 303


# Forms of other sites


def _posts(application: Litestar) -> list[str]:
    return sorted(
        re.sub(r"\{[^}]*\}", "1", route.path)
        for route in application.routes
        if isinstance(route, HTTPRoute) and "POST" in route.methods
    )


async def test_no_form_is_taken_without_its_token(web: Web, application: Litestar) -> None:
    paths = _posts(application)
    assert {"/login", "/my/password", "/recover", "/security/log-ins/unlock"} <= set(paths)
    browser = Browser(application)
    await browser.log_in((await make(web)).login)
    token = browser.session
    for path in paths:
        for form in ({}, {"_csrf_token": "0" * 128}):
            answer = await browser.client.post(path, data={"login": "x", **form})
            assert answer.status_code == 403, path
            assert "__Host-minkang_session" not in _cookies(answer)
    assert browser.session == token
    assert (await browser.get("/my/sessions")).status_code == 200


HOSTILE = (
    "https://evil.example/", "//evil.example/", "///evil.example", "////evil.example",
    "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)",
    "data:text/html,x", "evil.example", "/doctor\r\nX-Evil: 1", "/doctor\r\n\r\n<script>",
    "http:evil.example", "https:/evil.example", "//evil.example@region.example", "/\u2028/evil",
    "／／evil.example", "/\x00/evil.example", "?next=//evil.example", "#//evil.example",
    "/" + "a" * 5_000, "//", "/\x0b/evil.example", "//[::1]", "/[", "//[",
)  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE, ids=range(len(HOSTILE)))
def test_where_a_log_in_leads_is_a_page_of_this_site(target: str) -> None:
    path = own_path(target)
    read = re.sub(r"[\t\r\n]", "", path).replace("\\", "/").strip()  # as browsers do
    assert urlsplit(urljoin(HERE, read)).netloc == "region.example"
    assert path in ("", target)


@pytest.mark.parametrize("path", ["/", "/doctor", "/record/p1?tab=results&x=%2F", "/a/..//b"])
def test_pages_of_this_site_are_let_pass(path: str) -> None:
    assert own_path(path) == path


async def test_every_way_on_is_judged(web: Web, application: Litestar) -> None:
    account = await make(web)
    for target in HOSTILE:
        browser = Browser(application)
        answers = [
            await browser.log_in(account.login, next=target),
            await browser.post("/my/confirm", {"given": PASSWORD, "next": target}),
            await browser.post("/language", {"language": "en", "back": target}),
        ]
        for answer in answers:
            assert answer.status_code == 303
            assert "x-evil" not in answer.headers
            location = urljoin(HERE, answer.headers["location"].replace("\\", "/"))
            assert urlsplit(location).netloc == "region.example"


async def test_nothing_typed_becomes_a_header(web: Web, application: Litestar) -> None:
    evil = "x\r\nSet-Cookie: minkang_session=evil\r\nX-Evil: 1"
    browser = Browser(application)
    account = await make(web)
    answers = [
        await browser.log_in(evil, evil),
        await browser.post("/login", {"login": account.login, "password": PASSWORD, "next": evil}),
        await browser.post("/language", {"language": evil, "back": evil}),
        await Browser(application).get("/doctor%0d%0aX-Evil:%201"),
        await Browser(application).get("/record/x%0d%0aX-Evil:%201"),
        await Browser(application).get("/recover/x%0d%0aX-Evil:%201"),
    ]
    for answer in answers:
        assert "x-evil" not in answer.headers
        assert "evil" not in "".join(answer.headers.get_list("set-cookie"))
        assert not any("\r" in value or "\n" in value for value in answer.headers.values())


async def test_no_page_can_be_framed_or_read_from_a_shared_cache(
    web: Web, application: Litestar
) -> None:
    browser = Browser(application)
    await browser.get("/login")
    pages = ["/login", "/recover/x", "/login/second-factor"]
    own = ["/my/sessions", "/my/password", "/my/second-factor", "/my/confirm", "/doctor"]
    await browser.log_in((await make(web)).login)
    for path in (*pages, *own):
        answer = await browser.get(path)
        assert answer.status_code == (200 if path in own else answer.status_code), path
        assert answer.status_code < 500
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        if answer.status_code == 200:
            assert answer.headers["cache-control"] == "no-store"


# More fields than the form has


EXTRA = {
    "role": "security-administrator", "roles": "security-administrator", "level": "second-factor",
    "id": "1", "account": "1", "organisation": "MK-OTHER", "person": "p1", "disabled": "false",
    "must_change": "false", "waits": "", "service": "true", "post": "1", "by": "operator",
    "scopes": "*", "expires": "2099-01-01", "ends": "2099-01-01", "factor": "on",
}  # fmt: skip


async def test_more_fields_than_a_form_has_change_nothing(web: Web, application: Litestar) -> None:
    account = await make(web)
    browser = Browser(application)

    async def kept() -> list[dict[str, object]]:
        rows = await web.store.pool.fetch(
            """select a.id, a.login, a.name, a.person, a.disabled, a.must_change, a.service, p.role,
                   p.organisation, p.begins, p.ends
               from accounts.account a join accounts.post p on p.account = a.id
               where a.id = $1::text::uuid""",
            account.id,
        )
        return [dict(row) for row in rows]

    before = await kept()
    await browser.log_in(account.login, **EXTRA)
    form = {"old": PASSWORD, "new": "another one 钥匙 8", "again": "another one 钥匙 8"}
    await browser.post("/my/password", {**form, **EXTRA})
    await browser.post("/my/confirm", {"given": "another one 钥匙 8", **EXTRA})
    await browser.post("/my/sessions/end-others", EXTRA)
    assert await kept() == before
    session = await web.store.pool.fetchrow(
        "select level, waits from accounts.session where account = $1::text::uuid "
        "and ended is null",
        account.id,
    )
    assert session is not None
    assert tuple(session) == ("password", [])
    for path in ("/security/log-ins", "/administration/services"):
        assert (await browser.get(path)).status_code == 403


# Who asks, behind a proxy


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.1", [], (), Origin("192.0.2.1")),
        ("192.0.2.1", ["10.0.0.1"], (), Origin("192.0.2.1")),
        ("127.0.0.1", ["10.0.0.1"], (), Origin("127.0.0.1", shared=True)),
        ("10.9.9.9", ["203.0.113.5"], ("10.9.9.0/24",), Origin("203.0.113.5")),
        ("10.9.9.9", ["1.1.1.1, 203.0.113.5"], ("10.9.9.9",), Origin("203.0.113.5")),
        ("10.9.9.9", ["1.1.1.1", "203.0.113.5"], ("10.9.9.9",), Origin("203.0.113.5")),
        ("10.9.9.9", ["203.0.113.5, 10.9.9.8"], ("10.9.9.0/24",), Origin("203.0.113.5")),
        ("10.9.9.9", ["nonsense"], ("10.9.9.9",), Origin("10.9.9.9")),
        ("10.9.9.9", ["1.1.1.1, nonsense"], ("10.9.9.9",), Origin("10.9.9.9")),
        ("", ["1.1.1.1"], ("10.9.9.9",), Origin("")),
    ],
)
def test_only_what_a_known_proxy_added_is_believed(
    peer: str, forwarded: list[str], proxies: tuple[str, ...], expected: Origin
) -> None:
    assert origin(peer, forwarded, proxies) == expected


def test_the_demonstration_asks_nobody_for_a_second_factor(web: Web) -> None:
    asked = rules_of(web.settings, demonstration=False).second_factor_roles
    assert {"system-administrator", "security-administrator", "audit-administrator"} <= asked
    assert not rules_of(web.settings, demonstration=True).second_factor_roles
