"""The authorization server: who gets tokens, and who does not (RFC 6749, 7636, 7523, 9700)."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from httpx import AsyncClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from minkang.accounts import Account, create_account, set_disabled, set_password
from minkang.accounts.apps import App, change_app, give_secret, registration_of, suspend_app
from minkang.accounts.oauth_grants import end_grant, grants_of
from minkang.crypto import Keys
from minkang.policy import Gate
from tests.api.conftest import BASE
from tests.api.smart_flow import (
    ADDRESS,
    REDIRECT,
    TOKEN,
    assertion,
    bearing,
    challenge,
    code_for,
    code_form,
    key_pair,
    public,
    refresh_form,
    refused,
    registered,
    serving,
    signed_form,
    token_of,
)

PATIENT = "launch/patient patient/*.rs"
OFFLINE = f"openid fhirUser offline_access {PATIENT}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(gate: Gate, keys: Keys) -> AsyncIterator[AsyncClient]:
    """The authorization server."""
    async with serving(gate, keys) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def resident(gate: Gate) -> Account:
    """A resident with an account."""
    return await create_account(
        gate.store.pool,
        gate.log,
        login="resident",
        name="王居民",
        role="resident",
        password="correct-horse-battery-2026",
        person="person-1",
        now=datetime.now(UTC),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def app(gate: Gate) -> App:
    """A public app of a test's own."""
    return await registered(gate)


async def works(client: AsyncClient, given: dict[str, Any]) -> bool:
    """Whether an access token opens the FHIR base at all."""
    answer = await client.get("Observation?_count=1", headers=bearing(given))
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


async def test_a_code_gives_tokens_that_say_who_and_for_how_long(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, OFFLINE, patient="p-1", nonce="n-1")
    given = await token_of(server, code_form(app, code))
    assert given["scope"].split() == OFFLINE.split()
    assert given["patient"] == "p-1"
    assert 3590 <= given["expires_in"] <= 3600
    key_set = KeySet.import_key_set((await server.get("jwks")).json())
    claims = jwt.decode(given["id_token"], key_set, algorithms=["RS256"]).claims
    assert {name: claims[name] for name in ("iss", "aud", "sub", "nonce", "fhirUser")} == {
        "iss": BASE,
        "aud": app.id,
        "sub": resident.id,
        "nonce": "n-1",
        "fhirUser": f"{BASE}/Person/person-1",
    }
    assert claims["exp"] > time.time()
    assert await works(client, given)
    kept = json.dumps([str(row) for row in await gate.store.pool.fetch("table accounts.token")])
    assert given["access_token"] not in kept


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": challenge()}, "invalid_grant"),  # as if the method were `plain`
        ({"redirect_uri": f"{REDIRECT}/"}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example/back"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"client_id": None}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ],
)
async def test_a_code_is_worth_nothing_without_all_that_belongs_to_it(
    server: AsyncClient,
    gate: Gate,
    keys: Keys,
    app: App,
    resident: Account,
    changed: dict[str, str | None],
    error: str,
) -> None:
    code = await code_for(gate, keys, app, resident, PATIENT)
    answer = await server.post("token", data=code_form(app, code, **changed))
    refused(answer, error, 401 if error == "invalid_client" else 400)
    assert "access_token" not in answer.text


async def test_a_code_that_comes_again_ends_what_it_gave(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, OFFLINE)
    given = await token_of(server, code_form(app, code))
    assert await works(client, given)
    refused(await server.post("token", data=code_form(app, code)), "invalid_grant")
    assert not await works(client, given)
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])), "invalid_grant"
    )
    row = await gate.store.pool.fetchrow(
        "select allowed from audit.entry where reason = 'code-replay'"
    )
    assert row is not None
    assert not row["allowed"]


async def test_a_code_or_token_is_of_no_use_to_another_app(
    server: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    other = await registered(gate)
    code = await code_for(gate, keys, app, resident, OFFLINE)
    refused(await server.post("token", data=code_form(other, code)), "invalid_grant")
    given = await token_of(server, code_form(app, code))
    stolen = refresh_form(other, given["refresh_token"])
    refused(await server.post("token", data=stolen), "invalid_grant")
    await token_of(server, refresh_form(app, given["refresh_token"]))


async def test_a_code_expires_within_a_minute(
    server: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, PATIENT)
    await gate.store.pool.execute(
        "update accounts.oauth_code set expires = now() - interval '1 second'"
    )
    refused(await server.post("token", data=code_form(app, code)), "invalid_grant")


async def test_a_refresh_token_works_once_and_coming_again_ends_everything(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, OFFLINE)
    first = await token_of(server, code_form(app, code))
    second = await token_of(server, refresh_form(app, first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert await works(client, first)
    assert await works(client, second)
    again = await server.post("token", data=refresh_form(app, first["refresh_token"]))
    refused(again, "invalid_grant")
    for one in (first, second):
        assert not await works(client, one)
    heir = await server.post("token", data=refresh_form(app, second["refresh_token"]))
    refused(heir, "invalid_grant")


async def test_a_refresh_may_narrow_and_never_widen(
    server: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    scopes = "offline_access patient/Observation.rs"
    code = await code_for(gate, keys, app, resident, scopes)
    given = await token_of(server, code_form(app, code))
    for wider in ("patient/*.rs", "patient/Observation.cruds", "user/Observation.rs", "openid"):
        form = refresh_form(app, given["refresh_token"], scope=wider)
        refused(await server.post("token", data=form), "invalid_scope")
    narrow = refresh_form(app, given["refresh_token"], scope="patient/Observation.r")
    assert (await token_of(server, narrow))["scope"] == "patient/Observation.r"


async def test_without_a_lasting_scope_there_is_nothing_to_refresh(
    server: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    given = await token_of(
        server, code_form(app, await code_for(gate, keys, app, resident, PATIENT))
    )
    assert "refresh_token" not in given


async def test_online_access_ends_with_the_persons_last_session(
    server: AsyncClient, gate: Gate, keys: Keys, resident: Account
) -> None:
    app = await registered(gate, scopes=("online_access", "patient/*.rs"))
    code = await code_for(gate, keys, app, resident, "online_access patient/*.rs")
    given = await token_of(server, code_form(app, code))
    pool = gate.store.pool
    await pool.execute(
        """insert into accounts.session (token_hash, account, address, created, seen)
           values ('x', $1::uuid, '', now(), now())""",
        resident.id,
    )
    given = await token_of(server, refresh_form(app, given["refresh_token"]))
    await pool.execute("update accounts.session set ended = now()")
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])), "invalid_grant"
    )


async def test_suspending_changing_ending_and_disabling_hold_from_the_next_request(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, resident: Account
) -> None:
    pool, now = gate.store.pool, datetime.now(UTC)

    async def fresh() -> tuple[App, dict[str, Any]]:
        app = await registered(gate)
        given = await token_of(
            server, code_form(app, await code_for(gate, keys, app, resident, OFFLINE))
        )
        assert await works(client, given)
        assert await works(client, given)  # it is remembered now
        return app, given

    app, given = await fresh()
    await suspend_app(pool, gate.log, app.id, now=now)
    assert not await works(client, given)
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])),
        "invalid_client",
        401,
    )
    app, given = await fresh()
    await change_app(pool, gate.log, app.id, registration_of(app), now=now)
    assert not await works(client, given)
    app, given = await fresh()
    (mine,) = [one for one in await grants_of(pool, resident, now=now) if one.app == app.id]
    stranger = msgspec.structs.replace(resident, id="7b1cbd59-4e5f-4ba6-9f6e-0f3a7a3a2c11")
    assert not await end_grant(pool, gate.log, mine.id, now=now, by=stranger)
    assert await works(client, given)
    assert await end_grant(pool, gate.log, mine.id, now=now, by=resident)
    assert not await works(client, given)
    app, given = await fresh()
    await set_disabled(pool, gate.log, resident.id, disabled=True, now=now)
    assert not await works(client, given)
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])), "invalid_grant"
    )
    await set_disabled(pool, gate.log, resident.id, disabled=False, now=now)


async def test_a_new_password_ends_what_was_granted_with_the_old_one(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, OFFLINE)
    given = await token_of(server, code_form(app, code))
    assert await works(client, given)
    new = "another-long-horse-battery-2026"
    await set_password(gate.store.pool, gate.log, resident.id, new, now=datetime.now(UTC))
    assert not await works(client, given)
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])), "invalid_grant"
    )


async def test_a_post_that_ended_ends_the_tokens_that_act_in_it(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App
) -> None:
    doctor = await create_account(
        gate.store.pool,
        gate.log,
        login="leaving",
        name="李医生",
        role="doctor",
        password="correct-horse-battery-2026",
        organisation="MK1",
        now=datetime.now(UTC),
    )
    code = await code_for(gate, keys, app, doctor, OFFLINE, about=None)
    given = await token_of(server, code_form(app, code))
    before = await client.get("Observation/none", headers=bearing(given))
    assert before.status_code == 403
    await gate.store.pool.execute(
        "update accounts.post set ends = now() where account = $1::uuid", doctor.id
    )
    after = await client.get("Observation/none", headers=bearing(given))
    assert after.status_code == 401
    refused(
        await server.post("token", data=refresh_form(app, given["refresh_token"])), "invalid_grant"
    )


async def test_revocation_is_answered_alike_and_reaches_only_the_apps_own_tokens(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    other = await registered(gate)
    code = await code_for(gate, keys, app, resident, OFFLINE)
    given = await token_of(server, code_form(app, code))
    for form in (
        {"token": "unknown", "client_id": app.id},
        {"token": given["access_token"], "client_id": other.id},
        {"token": given["refresh_token"], "client_id": other.id},
    ):
        assert (await server.post("revoke", data=form)).status_code == 200
    assert await works(client, given)
    await server.post("revoke", data={"token": given["access_token"], "client_id": app.id})
    assert not await works(client, given)
    given = await token_of(server, refresh_form(app, given["refresh_token"]))
    assert await works(client, given)
    await server.post("revoke", data={"token": given["refresh_token"], "client_id": app.id})
    assert not await works(client, given)


async def test_an_access_token_expires(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys, app: App, resident: Account
) -> None:
    code = await code_for(gate, keys, app, resident, PATIENT)
    given = await token_of(server, code_form(app, code))
    assert await works(client, given)
    await gate.store.pool.execute(
        "update accounts.token set expires = now() - interval '1 second' "
        "where oauth_grant is not null"
    )
    assert not await works(client, given)


# -- apps that act for themselves, and how apps prove who they are ------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def machine(gate: Gate) -> tuple[App, Any, Any]:
    """A system's app with two keys."""
    curve, rsa = key_pair("EC"), key_pair("RSA")
    app = await registered(
        gate,
        kind="system",
        organisation="MK1",
        scopes=("system/*.cruds",),
        keys=public(curve, rsa),
    )
    return app, curve, rsa


def asking(text: str, scope: str = "system/*.rs") -> dict[str, str]:
    """The form of client_credentials with an assertion."""
    return signed_form(text, grant_type="client_credentials", scope=scope)


async def test_a_system_gets_a_token_by_what_it_signed(
    server: AsyncClient, client: AsyncClient, gate: Gate, machine: tuple[App, Any, Any]
) -> None:
    app, curve, rsa = machine
    for key, alg in ((curve, "ES384"), (rsa, "RS384")):
        given = await token_of(server, asking(assertion(app, key, alg)))
        assert given["scope"] == "system/*.rs"
        assert "refresh_token" not in given
        assert await works(client, given)
    row = await gate.store.pool.fetchrow(
        """select account, role, organisation from audit.entry
           where action = 'read-api' and account = $1 order by at desc limit 1""",
        app.id,
    )
    assert row is not None
    assert (row["role"], row["organisation"]) == ("system", "MK1")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example/oauth/token"},
        {"aud": BASE},
        {"aud": None},
        {"iss": "another"},
        {"jti": None},
        {"jti": 7},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": 4_000_000_000},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
async def test_an_assertion_must_be_made_out_to_this_server_and_be_young(
    server: AsyncClient, machine: tuple[App, Any, Any], changed: dict[str, Any]
) -> None:
    app, curve, _ = machine
    answer = await server.post("token", data=asking(assertion(app, curve, **changed)))
    refused(answer, "invalid_client", 401)


async def test_an_assertion_for_another_host_is_not_let_in_by_the_header_host(
    server: AsyncClient, machine: tuple[App, Any, Any]
) -> None:
    app, curve, _ = machine
    text = assertion(app, curve, aud="http://other.example/oauth/token")
    answer = await server.post("token", data=asking(text), headers={"host": "other.example"})
    refused(answer, "invalid_client", 401)


async def test_an_assertion_is_used_once(
    server: AsyncClient, machine: tuple[App, Any, Any]
) -> None:
    app, curve, _ = machine
    text = assertion(app, curve)
    await token_of(server, asking(text))
    refused(await server.post("token", data=asking(text)), "invalid_client", 401)
    same = assertion(app, curve, jti="fixed"), assertion(app, curve, jti="fixed", iat=5)
    await token_of(server, asking(same[0]))
    refused(await server.post("token", data=asking(same[1])), "invalid_client", 401)


def forged(app: App, alg: str, secret: bytes) -> str:
    """A JWS made by hand: `none`, or a MAC with whatever is at hand for its key."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"iss": app.id, "sub": app.id, "aud": TOKEN, "exp": int(time.time()) + 60, "jti": "f"}
    text = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(claims)}"
    if alg.lower() == "none":
        return f"{text}."
    name = "sha384" if alg == "HS384" else "sha256"
    mac = hmac.new(secret, text.encode(), name).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "HS384"])
async def test_no_other_algorithm_is_tried(
    server: AsyncClient, machine: tuple[App, Any, Any], alg: str
) -> None:
    app, curve, rsa = machine
    for secret in (
        rsa.as_pem(private=False),
        curve.as_pem(private=False),
        public(rsa).encode(),
        b"",
    ):
        answer = await server.post("token", data=asking(forged(app, alg, secret)))
        refused(answer, "invalid_client", 401)


async def test_a_strangers_key_and_weaker_algorithms_are_refused(
    server: AsyncClient, machine: tuple[App, Any, Any]
) -> None:
    app, _, rsa = machine
    refused(
        await server.post("token", data=asking(assertion(app, key_pair()))), "invalid_client", 401
    )
    refused(
        await server.post("token", data=asking(assertion(app, rsa, "RS256"))),
        "invalid_client",
        401,
    )
    own = RSAKey.generate_key(2048, private=True)
    header = {"alg": "RS384", "jwk": own.as_dict(private=False)}
    claims = {"iss": app.id, "sub": app.id, "aud": TOKEN, "exp": int(time.time()) + 60, "jti": "j"}
    text = jwt.encode(header, claims, own, algorithms=["RS384"])
    refused(await server.post("token", data=asking(text)), "invalid_client", 401)


async def test_a_simple_system_comes_with_its_secret_in_the_header(
    server: AsyncClient, client: AsyncClient, gate: Gate, keys: Keys
) -> None:
    spare = key_pair()
    app = await registered(
        gate, kind="system", organisation="MK1", scopes=("system/*.rs",), keys=public(spare)
    )
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    wrong = await server.post("token", data=form, auth=(app.id, "wrong"))
    refused(wrong, "invalid_client", 401)
    assert wrong.headers["www-authenticate"].startswith("Basic")
    secret = await give_secret(gate.store.pool, keys, gate.log, app.id, now=datetime.now(UTC))
    given = await token_of(server, form, auth=(app.id, secret))
    assert await works(client, given)
    for bad in (
        {**form, "client_id": app.id},
        {**form, "client_id": app.id, "client_secret": secret},
    ):
        refused(await server.post("token", data=bad), "invalid_client", 401)
    both = {**form, **signed_form(assertion(app, spare))}
    refused(await server.post("token", data=both, auth=(app.id, secret)), "invalid_request")
    newer = await give_secret(gate.store.pool, keys, gate.log, app.id, now=datetime.now(UTC))
    refused(await server.post("token", data=form, auth=(app.id, secret)), "invalid_client", 401)
    await token_of(server, form, auth=(app.id, newer))


async def test_a_system_is_granted_what_it_is_registered_with_and_no_more(
    server: AsyncClient, gate: Gate
) -> None:
    key = key_pair()
    app = await registered(
        gate,
        kind="system",
        organisation="MK1",
        scopes=("system/Observation.rs?category=laboratory", "system/Patient.read"),
        keys=public(key),
    )
    asked = "system/*.cruds patient/*.rs openid nonsense system/Patient.rs"
    given = await token_of(server, asking(assertion(app, key), asked))
    assert set(given["scope"].split()) == {
        "system/Observation.rs?category=laboratory",
        "system/Patient.rs",
    }
    for nothing in ("system/Condition.rs", "user/*.rs", "system/Patient.d"):
        answer = await server.post("token", data=asking(assertion(app, key), nothing))
        refused(answer, "invalid_scope")


async def test_an_app_for_people_gets_nothing_for_itself(server: AsyncClient, app: App) -> None:
    form = {"grant_type": "client_credentials", "scope": "patient/*.rs", "client_id": app.id}
    refused(await server.post("token", data=form), "unauthorized_client")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/jwks",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
        "https://10.0.0.1/jwks",
        "https://169.254.169.254/latest/meta-data",
        "http://app.example/jwks",
        "https://localhost/jwks",
    ],
)
async def test_keys_are_never_fetched_from_inside(
    server: AsyncClient, gate: Gate, url: str
) -> None:
    app = await registered(
        gate, kind="system", organisation="MK1", scopes=("system/*.rs",), keys_url=url
    )
    answer = await server.post("token", data=asking(assertion(app, key_pair())))
    refused(answer, "invalid_client", 401)
    assert url not in answer.text


async def test_introspection_tells_an_app_about_its_own_tokens_only(
    server: AsyncClient, machine: tuple[App, Any, Any], app: App, gate: Gate
) -> None:
    own, curve, _ = machine
    given = await token_of(server, asking(assertion(own, curve)))
    told = await server.post(
        "introspect", data=signed_form(assertion(own, curve), token=given["access_token"])
    )
    assert told.json()["active"] is True
    assert told.json()["scope"] == "system/*.rs"
    assert told.json()["client_id"] == own.id
    key = key_pair()
    other = await registered(
        gate, kind="system", organisation="MK2", scopes=("system/*.rs",), keys=public(key)
    )
    for token in (given["access_token"], "unknown"):
        asked = signed_form(assertion(other, key), token=token)
        assert (await server.post("introspect", data=asked)).json() == {"active": False}
    bare = {"token": given["access_token"], "client_id": app.id}
    refused(await server.post("introspect", data=bare), "invalid_client", 401)


async def test_what_is_no_proper_request_is_refused_in_oauths_form(server: AsyncClient) -> None:
    refused(await server.post("token", json={"grant_type": "x"}), "invalid_request")
    refused(await server.post("token?grant_type=x", data={"a": "b"}), "invalid_request")
    twice = await server.post(
        "token",
        content="grant_type=a&grant_type=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    refused(twice, "invalid_request")
    long = await server.post("token", data={"grant_type": "x" * 70_000})
    assert (long.status_code, long.json()["error"]) == (413, "invalid_request")
    assert (await server.get("token")).status_code == 405
    assert (await server.post("nothing", data={"a": "b"})).status_code == 404


async def test_discovery_stands_below_the_base_and_tells_what_there_is(
    client: AsyncClient,
) -> None:
    found = (await client.get(".well-known/smart-configuration")).json()
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["token_endpoint"] == TOKEN
    assert found["issuer"] == BASE
    assert {"launch-standalone", "launch-ehr", "permission-v2"} <= set(found["capabilities"])
    openid = (await client.get(".well-known/openid-configuration")).json()
    assert openid["jwks_uri"] == f"{ADDRESS}/oauth/jwks"
    security = (await client.get("metadata")).json()["rest"][0]["security"]
    places = {one["url"]: one["valueUri"] for one in security["extension"][0]["extension"]}
    assert places["token"] == TOKEN
    assert (await client.get(".well-known/other")).status_code == 404


async def test_old_grants_leave_no_tokens_behind_forever(
    server: AsyncClient, gate: Gate, machine: tuple[App, Any, Any]
) -> None:
    app, curve, _ = machine
    await token_of(server, asking(assertion(app, curve)))
    long_ago = datetime.now(UTC) - timedelta(days=30)
    await gate.store.pool.execute("update accounts.token set expires = $1", long_ago)
    await token_of(server, asking(assertion(app, curve)))
    left = await gate.store.pool.fetchval("select count(*) from accounts.token")
    assert left == 1
