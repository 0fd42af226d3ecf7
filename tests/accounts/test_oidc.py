"""Log-in by a provider: only a good token of the right one opens the account that was linked."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from minkang.accounts import (
    AccountRefused,
    Disabled,
    Session,
    create_organisation,
    session_account,
    set_disabled,
)
from minkang.accounts.guarded_http import FetchRefused, check_url, fetch, may_reach
from minkang.accounts.login_rules import LoginRules
from minkang.accounts.oidc import Answer, Identified, begin_oidc, end_oidc
from minkang.accounts.oidc_links import (
    NotLinked,
    link_identity,
    links_of,
    log_in_by_oidc,
    unlink_identity,
)
from minkang.accounts.oidc_provider import OidcRefused, Provider, Providers
from minkang.accounts.sessions import Browser
from minkang.audit import AuditLog
from minkang.crypto import Keys
from minkang.store import Pool

from .conftest import MakeAccount
from .provider import CLIENT, SECRET, LittleProvider, plain64, unsigned

SECOND_KEY = RSAKey.generate_key(2048, {"kid": "second"})
BACK = "https://region.example/login/oidc/city/back"


@pytest.fixture
def little() -> Iterator[LittleProvider]:
    made = LittleProvider()
    yield made
    made.close()


class Flow:
    """A browser that goes to the provider and comes back."""

    def __init__(self, pool: Pool, keys: Keys, log: AuditLog, little: LittleProvider) -> None:
        self.pool, self.keys, self.log, self.little = pool, keys, log, little
        self.providers = Providers()
        self.provider = Provider(
            id="city",
            name="市卫健委",
            issuer=little.issuer,
            client_id=CLIENT,
            secret=SECRET,
            private=True,
        )

    async def begin(self, account: str | None = None) -> str:
        begun = await begin_oidc(
            self.pool,
            self.keys,
            self.providers,
            self.provider,
            redirect=BACK,
            next_path="/doctor",
            account=account,
            now=datetime.now(UTC),
        )
        assert begun.state in begun.address
        return begun.address

    async def end(
        self, back: dict[str, str], *, after: timedelta = timedelta(0), **changed: Any
    ) -> Identified:
        given = {"state": back["state"], "cookie": back["state"], "code": back["code"]}
        return await end_oidc(
            self.pool,
            self.keys,
            self.providers,
            self.provider,
            Answer(**(given | changed)),
            redirect=BACK,
            now=datetime.now(UTC) + after,
        )

    async def whole(self, subject: str = "alice", **changed: Any) -> Identified:
        return await self.end(self.little.visit(await self.begin(), subject), **changed)

    async def enter(self, identified: Identified, rules: LoginRules | None = None) -> Any:
        return await log_in_by_oidc(
            self.pool,
            self.keys,
            self.log,
            identified,
            browser=Browser("192.0.2.7", "Firefox"),
            now=datetime.now(UTC),
            rules=rules or LoginRules(),
        )


@pytest.fixture
def flow(pool: Pool, keys: Keys, log: AuditLog, little: LittleProvider) -> Flow:
    return Flow(pool, keys, log, little)


async def refused(flow: Flow, why: str, **changed: Any) -> OidcRefused:
    with pytest.raises(OidcRefused) as caught:
        await flow.whole(**changed)
    assert caught.value.code == why, caught.value
    return caught.value


async def test_somebody_goes_to_the_provider_and_comes_back_as_who_they_are(flow: Flow) -> None:
    found = await flow.whole()
    assert (found.claims.subject, found.claims.name) == ("alice", "王芳")
    assert (found.next, found.account) == ("/doctor", None)
    basic = flow.little.tokens[0]["basic"].removeprefix("Basic ")
    name, _, secret = base64.b64decode(basic).decode().partition(":")
    assert (unquote(name), unquote(secret.replace("+", " "))) == (CLIENT, SECRET)


async def test_keys_of_other_kinds_are_good_too(flow: Flow) -> None:
    flow.little.key = ECKey.generate_key("P-256", {"kid": "curve"})
    flow.little.algorithm = "ES256"
    assert (await flow.whole()).claims.subject == "alice"


async def test_who_has_no_secret_proves_itself_by_the_verifier_alone(flow: Flow) -> None:
    flow.provider = msgspec.structs.replace(flow.provider, secret=None)
    await flow.whole()
    assert flow.little.tokens[0]["basic"] == ""


async def test_a_secret_goes_into_the_form_where_the_provider_wants_it(flow: Flow) -> None:
    flow.little.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await flow.whole()
    assert flow.little.tokens[0]["form"]["client_secret"] == SECRET


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "https://elsewhere.example"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "another"}, id="another audience"),
        pytest.param({"aud": ["another", "third"]}, id="other audiences"),
        pytest.param({"aud": [CLIENT, "another"]}, id="several audiences, none named"),
        pytest.param({"azp": "another"}, id="made for another"),
        pytest.param({"nonce": "0" * 64}, id="another nonce"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"exp": NOW - 3600}, id="expired"),
        pytest.param({"exp": None}, id="no end"),
        pytest.param({"exp": float("nan")}, id="an end that is none"),
        pytest.param({"exp": "tomorrow"}, id="an end in words"),
        pytest.param({"iat": NOW + 3600}, id="made in the future"),
        pytest.param({"iat": NOW - 7200}, id="made long ago"),
        pytest.param({"nbf": NOW + 3600}, id="not yet"),
        pytest.param({"sub": ""}, id="nobody"),
        pytest.param({"sub": None}, id="no subject"),
        pytest.param({"sub": 7}, id="a number"),
        pytest.param({"sub": "a" * 300}, id="a long subject"),
        pytest.param({"sub": "a\0b"}, id="a subject no column holds"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(flow: Flow, claims: dict[str, Any]) -> None:
    flow.little.claims = claims
    await refused(flow, "oidc-token")


async def test_clocks_may_differ_a_little(flow: Flow) -> None:
    now = int(time.time())
    flow.little.claims = {"iat": now + 40, "exp": now - 40}
    assert (await flow.whole()).claims.subject == "alice"


Sign = Callable[[LittleProvider, dict[str, Any]], str]


def _by_public_key(little: LittleProvider, claims: dict[str, Any]) -> str:
    """The known confusion: the public key, taken as a shared secret."""
    assert isinstance(little.key, RSAKey)
    public = little.key.as_pem(private=False)  # the library itself refuses to sign with it
    head = plain64(json.dumps({"alg": "HS256", "kid": little.key.kid}).encode())
    signed = f"{head}.{plain64(json.dumps(claims).encode())}"
    return f"{signed}.{plain64(hmac.digest(public, signed.encode(), 'sha256'))}"


def _by_another_key(little: LittleProvider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": little.key.kid}, claims, SECOND_KEY)


def _by_own_key_in_header(little: LittleProvider, claims: dict[str, Any]) -> str:
    header = {"alg": "RS256", "kid": little.key.kid, "jwk": SECOND_KEY.as_dict(private=False)}
    return jwt.encode(header, claims, SECOND_KEY)


def _by_allowed_key_but_other_algorithm(little: LittleProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(
        {"alg": "RS384", "kid": little.key.kid}, claims, little.key, algorithms=["RS384"]
    )


def _changed_afterwards(little: LittleProvider, claims: dict[str, Any]) -> str:
    header, _, signature = little._signed(claims).split(".")
    return ".".join((header, little._signed(claims | {"sub": "bob"}).split(".")[1], signature))


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param(lambda _, claims: unsigned(claims), id="none"),
        pytest.param(_by_public_key, id="shared secret from the public key"),
        pytest.param(_by_another_key, id="another key"),
        pytest.param(_by_own_key_in_header, id="own key in the header"),
        pytest.param(_by_allowed_key_but_other_algorithm, id="an algorithm not let pass"),
        pytest.param(_changed_afterwards, id="changed"),
        pytest.param(lambda _little, _claims: "no token", id="no token"),
        pytest.param(lambda _little, _claims: "a.b.c", id="three letters"),
        pytest.param(lambda _little, _claims: "x" * 20_000, id="too long"),
    ],
)
async def test_a_token_that_the_provider_did_not_sign_is_refused(flow: Flow, sign: Sign) -> None:
    flow.little.sign = lambda claims: sign(flow.little, claims)
    await refused(flow, "oidc-token")


async def test_symmetric_algorithms_stay_out_even_if_the_settings_name_them(flow: Flow) -> None:
    flow.provider = msgspec.structs.replace(flow.provider, algorithms=("HS256", "none", "RS256"))
    flow.little.sign = lambda claims: _by_public_key(flow.little, claims)
    await refused(flow, "oidc-token")
    flow.little.sign = unsigned
    await refused(flow, "oidc-token")


async def test_a_provider_may_change_its_key(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    await flow.whole()
    flow.little.key = SECOND_KEY
    monkeypatch.setattr("minkang.accounts.oidc_provider.ANEW_SECONDS", 0.0)
    assert (await flow.whole()).claims.subject == "alice"
    assert flow.little.asked.count("/keys") == 2


async def test_unknown_keys_do_not_make_us_ask_again_and_again(flow: Flow) -> None:
    await flow.whole()
    flow.little.sign = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": "made up"}, claims, flow.little.key
    )
    for _ in range(3):
        await refused(flow, "oidc-token")
    assert flow.little.asked.count("/keys") == 1
    assert flow.little.asked.count("/.well-known/openid-configuration") == 1


async def test_only_the_browser_that_began_may_end_it_and_only_once(flow: Flow) -> None:
    back = flow.little.visit(await flow.begin())
    changes: list[dict[str, Any]] = [
        {"cookie": ""},
        {"cookie": "other"},
        {"state": ""},
        {"state": "x" * 43},
    ]
    for changed in changes:
        with pytest.raises(OidcRefused) as caught:
            await flow.end(back, **changed)
        assert caught.value.code == "oidc-state"
    other = msgspec.structs.replace(flow.provider, id="other")
    mine, flow.provider = flow.provider, other
    with pytest.raises(OidcRefused, match="oidc-state"):
        await flow.end(back)
    flow.provider = mine
    assert (await flow.end(back)).claims.subject == "alice"
    with pytest.raises(OidcRefused, match="oidc-state"):
        await flow.end(back)


async def test_a_log_in_that_took_too_long_is_refused(flow: Flow) -> None:
    back = flow.little.visit(await flow.begin())
    with pytest.raises(OidcRefused, match="oidc-state"):
        await flow.end(back, after=timedelta(minutes=11))


async def test_a_code_of_somebody_else_is_worth_nothing(flow: Flow) -> None:
    """The verifier belongs to the state: a stolen code does not go with another log-in."""
    stolen = flow.little.visit(await flow.begin(), "victim")
    own = flow.little.visit(await flow.begin(), "thief")
    with pytest.raises(OidcRefused, match="oidc-unavailable"):
        await flow.end(own, code=stolen["code"])


async def test_a_refusal_by_the_provider_or_an_answer_of_another_one(flow: Flow) -> None:
    await refused(flow, "oidc-denied", error="access_denied")
    await refused(flow, "oidc-denied", code="")
    await refused(flow, "oidc-token", issuer="https://elsewhere.example")
    assert (await flow.whole(issuer=flow.little.issuer)).claims.subject == "alice"
    flow.little.metadata["authorization_response_iss_parameter_supported"] = True
    flow.providers = Providers()
    await refused(flow, "oidc-token")


# Where the provider sends us


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://intranet.example/keys",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://user:pw@elsewhere.example/",
        "//elsewhere.example/keys",
        "https:///keys",
        "https://elsewhere.example/\r\nX: 1",
        "",
    ],
)
async def test_discovery_leads_nowhere_it_should_not(flow: Flow, name: str, address: str) -> None:
    flow.little.metadata[name] = address
    await refused(flow, "oidc-unavailable")
    assert set(flow.little.asked) == {"/.well-known/openid-configuration"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param((302, {"location": "/elsewhere"}, b""), id="redirect"),
        pytest.param((500, {}, b"{}"), id="failure"),
        pytest.param((200, {}, b"no json"), id="no json"),
        pytest.param((200, {}, b"[]"), id="another shape"),
        pytest.param((200, {}, b" " * 600_000), id="too much"),
    ],
)
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_answers_of_no_use_are_refused(
    flow: Flow, path: str, document: tuple[int, dict[str, str], bytes]
) -> None:
    flow.little.documents[path] = document
    with pytest.raises(OidcRefused) as caught:
        await flow.whole()
    assert caught.value.code in ("oidc-unavailable", "oidc-token")
    assert "/elsewhere" not in flow.little.asked


async def test_another_issuer_in_its_discovery_is_refused(flow: Flow) -> None:
    flow.little.metadata["issuer"] = "https://elsewhere.example"
    await refused(flow, "oidc-unavailable")


async def test_a_provider_in_the_own_network_is_asked_only_if_the_settings_say_so(
    flow: Flow,
) -> None:
    flow.provider = msgspec.structs.replace(flow.provider, private=False)
    await refused(flow, "oidc-unavailable")
    assert flow.little.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "ff02::1", "no address",
        "127.0.0.1%eth0",
    ],
)  # fmt: skip
def test_addresses_of_inside_are_not_reached_from_outside(address: str) -> None:
    assert not may_reach(address, private=False)


def test_what_may_be_reached() -> None:
    assert may_reach("93.184.216.34", private=False)
    assert may_reach("2606:2800:220:1::1", private=False)
    assert may_reach("10.1.2.3", private=True)
    for never in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0"):
        assert not may_reach(never, private=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1"])
async def test_a_name_of_this_machine_is_no_way_around(host: str) -> None:
    with pytest.raises(FetchRefused):
        await fetch(f"https://{host}/keys")
    with pytest.raises(FetchRefused):
        check_url(f"http://{host}/keys", private=False)


# Whose account it is


async def test_who_is_not_linked_gets_nothing_and_no_account(
    pool: Pool, flow: Flow, make_account: MakeAccount
) -> None:
    await make_account(name="王芳")
    before = await pool.fetchval("select count(*) from accounts.account")
    assert await flow.enter(await flow.whole("stranger")) == NotLinked()
    assert await pool.fetchval("select count(*) from accounts.account") == before
    row = await pool.fetchrow(
        "select allowed, reason from audit.entry where writer = $1 order by seq desc limit 1",
        flow.log.writer,
    )
    assert row is not None
    assert tuple(row) == (False, "not-linked")


async def test_a_linked_identity_opens_its_account_until_it_is_unlinked(
    pool: Pool, keys: Keys, log: AuditLog, flow: Flow, make_account: MakeAccount
) -> None:
    account, now = await make_account(), datetime.now(UTC)
    found = await flow.end(flow.little.visit(await flow.begin(account.id), "linked"))
    assert found.account == account.id
    await link_identity(pool, log, account.id, "city", "linked", by=account, now=now)
    session = await flow.enter(await flow.whole("linked"))
    assert isinstance(session, Session)
    opened = await session_account(pool, keys, session.token, now=datetime.now(UTC))
    assert opened is not None
    assert (opened.id, opened.level) == (account.id, "oidc")
    assert [one.subject for one in await links_of(pool, account.id)] == ["linked"]
    assert await unlink_identity(pool, log, account.id, "city", by=account, now=now)
    assert not await unlink_identity(pool, log, account.id, "city", by=account, now=now)
    assert await flow.enter(await flow.whole("linked")) == NotLinked()


async def test_one_identity_opens_one_account(
    pool: Pool, log: AuditLog, flow: Flow, make_account: MakeAccount
) -> None:
    first, second, now = await make_account(), await make_account(), datetime.now(UTC)
    await link_identity(pool, log, first.id, "city", "shared", by=first, now=now)
    for account, subject in ((second, "shared"), (first, "another")):
        with pytest.raises(AccountRefused, match="identity-taken"):
            await link_identity(pool, log, account.id, "city", subject, by=account, now=now)
    await set_disabled(pool, log, first.id, disabled=True, now=now)
    assert await flow.enter(await flow.whole("shared")) == Disabled()


async def test_the_own_second_factor_is_still_asked_unless_the_provider_is_trusted_with_it(
    pool: Pool, log: AuditLog, flow: Flow, make_account: MakeAccount
) -> None:
    account, now = await make_account(), datetime.now(UTC)
    await link_identity(pool, log, account.id, "city", "careful", by=account, now=now)
    rules = LoginRules(second_factor_roles=frozenset({"doctor"}))
    asked = await flow.enter(await flow.whole("careful"), rules)
    assert asked.waits == ("enrol",)
    flow.provider = msgspec.structs.replace(flow.provider, second_factor=True)
    trusted = await flow.enter(await flow.whole("careful"), rules)
    assert trusted.waits == ()


async def test_an_account_is_made_only_if_the_settings_say_which(pool: Pool, flow: Flow) -> None:
    await create_organisation(pool, organisation_id="oidc-org", name="医院", kind="hospital")
    flow.provider = msgspec.structs.replace(
        flow.provider, create_role="nurse", create_organisation="oidc-org"
    )
    first = await flow.enter(await flow.whole("newcomer"))
    again = await flow.enter(await flow.whole("newcomer"))
    assert isinstance(first, Session)
    assert isinstance(again, Session)
    assert first.account.id == again.account.id
    assert (first.account.role, first.account.organisation) == ("nurse", "oidc-org")
    flow.provider = msgspec.structs.replace(flow.provider, create_role="security-administrator")
    with pytest.raises(AccountRefused, match="role-unsuitable"):
        await flow.enter(await flow.whole("would-be"))
