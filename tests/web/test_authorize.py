"""Apps on the pages: registered and approved by two people, let in by whose data they read."""

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import pytest_asyncio
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar

from minkang.accounts import Account, create_account, create_organisation
from minkang.accounts.apps import App, app_of, apps, suspend_app
from minkang.accounts.sessions import Browser, begin_session
from minkang.accounts.tokens import token_account
from minkang.fhir import Resource
from minkang.identity import follow, resident_of_patient
from minkang.store import Change, Scope, write
from minkang.web import Web
from minkang.web.cookies import forms_cookie_name, session_cookie_name
from tests.api.asked import patient
from tests.api.smart_flow import (
    REDIRECT,
    challenge,
    code_form,
    registered,
    serving,
    token_of,
)

BASE = "https://minkang.test"
PAGE = "/oauth/authorize"
LAUNCH = "https://app.example/launch"
SCOPES = ("openid", "launch", "launch/patient", "offline_access", "patient/*.rs")

Visit = Callable[[str], Awaitable[AsyncClient]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def persons(web: Web) -> dict[str, str]:
    """Two residents; the first was at the hospital today. Persons by Patient."""
    store = web.store
    await create_organisation(store.pool, organisation_id="H1", name="县医院", kind="hospital")
    visit: Resource = {
        "resourceType": "Encounter",
        "id": "v",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/a"},
        "period": {"start": datetime.now(UTC).date().isoformat()},
    }
    both = [patient(one, name=[{"text": name}]) for one, name in (("a", "王小明"), ("b", "李大海"))]
    async with store.pool.acquire() as connection, connection.transaction():
        await write(store, connection, [Change(one, "H1") for one in (*both, visit)])
    while await follow(store, web.keys):
        pass
    found = {}
    for one in "ab":
        resident = await resident_of_patient(store, Scope.whole(), one)
        assert resident is not None
        found[one] = resident.person
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def accounts(web: Web, persons: dict[str, str]) -> dict[str, Account]:
    """One of each role that has to do with apps."""
    made = {}
    for login, role, organisation in (
        ("resident", "resident", None),
        ("doctor", "doctor", "H1"),
        ("planner", "planner", None),
        ("system", "system-administrator", None),
        ("security", "security-administrator", None),
    ):
        made[login] = await create_account(
            web.store.pool,
            web.gate.log,
            login=f"{login}-of-apps",
            name=login,
            role=role,
            password="correct-horse-battery-2026",
            now=datetime.now(UTC),
            organisation=organisation,
            person=persons["a"] if role == "resident" else None,
        )
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visit(
    web: Web, application: Litestar, accounts: dict[str, Account]
) -> AsyncIterator[Visit]:
    """A browser in which an account, or nobody (""), is logged in."""
    opened: list[AsyncClient] = []

    async def make(login: str) -> AsyncClient:
        client = AsyncClient(
            transport=ASGITransport(application),  # type: ignore[arg-type]
            base_url=BASE,
        )
        opened.append(client)
        if login:
            async with web.store.pool.acquire() as connection:
                session = await begin_session(
                    connection,
                    web.keys,
                    accounts[login],
                    browser=Browser(),
                    now=datetime.now(UTC),
                )
            client.cookies.set(session_cookie_name(secure=True), session.token)
        await client.get("/login")
        return client

    yield make
    for one in opened:
        await one.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(web: Web, accounts: dict[str, Account]) -> App:
    """An approved public app that can be launched."""
    del accounts
    return await registered(web.gate, scopes=SCOPES, launch=LAUNCH)


def asking(app: App, **changed: str | None) -> str:
    """The address that an app sends its user to; None leaves a parameter out."""
    given: dict[str, str | None] = {
        "response_type": "code",
        "client_id": app.id,
        "redirect_uri": REDIRECT,
        "scope": "openid launch/patient offline_access patient/*.rs",
        "state": "s-1",
        "aud": f"{BASE}/fhir",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        **changed,
    }
    return f"{PAGE}?{urlencode({name: one for name, one in given.items() if one is not None})}"


async def sent(client: AsyncClient, address: str, **data: str) -> Response:
    """A form with its token."""
    token = client.cookies[forms_cookie_name(secure=True)]
    return await client.post(address, data={**data, "_csrf_token": token})


def told(answer: Response, address: str = REDIRECT) -> dict[str, str]:
    """What an app is told by a redirect, which must lead to it."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{address}?")
    return {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}


async def test_a_resident_lets_an_app_in_and_it_gets_a_token_for_that_record(
    web: Web, visit: Visit, app: App, persons: dict[str, str]
) -> None:
    nobody = await visit("")
    away = await nobody.get(asking(app))
    assert away.status_code == 303
    to = urlsplit(away.headers["location"])
    assert to.path == "/login"
    assert parse_qs(to.query)["next"] == [asking(app)]
    resident = await visit("resident")
    page = await resident.get(asking(app))
    assert page.status_code == 200
    for words in (app.name, app.purpose, app.owner, "patient/*.rs", "王小明"):
        assert words in page.text
    assert "form-action 'self' https://app.example" in page.headers["content-security-policy"]
    answer = await sent(resident, asking(app), decision="allow", person=persons["a"])
    back = told(answer)
    assert back["state"] == "s-1"
    assert back["iss"].endswith("/fhir")
    async with serving(web.gate, web.keys) as server:
        given = await token_of(server, code_form(app, back["code"]))
    assert given["patient"] == "a"
    account = await token_account(
        web.store.pool, web.keys, given["access_token"], now=datetime.now(UTC)
    )
    assert account is not None
    assert (account.client, account.about) == (app.id, persons["a"])
    assert account.scopes == ("openid", "launch/patient", "offline_access", "patient/*.rs")


async def test_no_is_an_answer_and_nothing_is_granted(web: Web, visit: Visit, app: App) -> None:
    resident = await visit("resident")
    before = await web.store.pool.fetchval("select count(*) from accounts.oauth_grant")
    back = told(await sent(resident, asking(app), decision="deny"))
    assert (back["error"], back["state"]) == ("access_denied", "s-1")
    assert "code" not in back
    assert await web.store.pool.fetchval("select count(*) from accounts.oauth_grant") == before


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": f"{REDIRECT}?next=https://evil.example"},
        {"redirect_uri": "https://app.example@evil.example/back"},
        {"redirect_uri": "HTTPS://APP.EXAMPLE/back"},
        {"redirect_uri": f"{REDIRECT}\r\nX-Evil: 1"},
        {"redirect_uri": None},
        {"client_id": "00000000-0000-4000-8000-000000000000"},
        {"client_id": "x' or '1'='1"},
        {"client_id": None},
    ],
    ids=str,
)
async def test_an_unknown_app_or_address_is_told_to_the_visitor_and_to_nobody_else(
    visit: Visit, app: App, changed: dict[str, str | None]
) -> None:
    resident = await visit("resident")
    for answer in (
        await resident.get(asking(app, **changed)),
        await sent(resident, asking(app, **changed), decision="allow"),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": "nonsense offline_access"}, "invalid_scope"),
        ({"scope": "user/*.rs"}, "invalid_scope"),  # the app is not registered with it
        ({"launch": "made-up"}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
    ],
    ids=str,
)
async def test_what_can_not_be_asked_for_is_told_to_the_app(
    visit: Visit, app: App, changed: dict[str, str | None], error: str
) -> None:
    resident = await visit("resident")
    back = told(await resident.get(asking(app, **changed)))
    assert back["error"] == error
    assert back.get("state") == ("s-1" if "state" not in changed else None)


async def test_without_log_in_a_quiet_request_is_sent_back(visit: Visit, app: App) -> None:
    nobody = await visit("")
    assert told(await nobody.get(asking(app, prompt="none")))["error"] == "login_required"


async def test_a_suspended_app_asks_nobody(web: Web, visit: Visit) -> None:
    app = await registered(web.gate)
    await suspend_app(web.store.pool, web.gate.log, app.id, now=datetime.now(UTC))
    resident = await visit("resident")
    assert (await resident.get(asking(app))).status_code == 400


async def test_scopes_are_those_that_a_person_may_grant(visit: Visit, app: App) -> None:
    resident = await visit("resident")
    page = await resident.get(asking(app, scope="patient/Observation.cruds system/*.rs openid"))
    assert "patient/Observation.rs" in page.text
    assert "cruds" not in page.text.partition("<form")[0]
    assert "system/" not in page.text.partition("<form")[0]


async def test_nobody_grants_what_they_may_not_open(
    web: Web, visit: Visit, app: App, persons: dict[str, str]
) -> None:
    before = await web.store.pool.fetchval("select count(*) from accounts.oauth_grant")
    for login in ("resident", "doctor"):
        client = await visit(login)
        for person in (persons["b"], "nobody"):
            answer = await sent(client, asking(app), decision="allow", person=person)
            assert answer.status_code == 403
    planner = await visit("planner")
    assert (await planner.get(asking(app))).status_code == 403
    bare = await sent(await visit("resident"), asking(app), decision="allow")
    assert bare.status_code == 200  # asked again for whom
    assert await web.store.pool.fetchval("select count(*) from accounts.oauth_grant") == before


async def test_a_doctor_looks_for_the_resident_and_sees_names_masked(
    visit: Visit, app: App, persons: dict[str, str]
) -> None:
    doctor = await visit("doctor")
    page = await doctor.get(asking(app))
    assert 'name="q"' in page.text
    assert 'value="allow"' not in page.text
    found = await sent(doctor, asking(app), decision="find", q="王小明")
    assert persons["a"] in found.text
    assert "王*" in found.text
    assert "code" in told(await sent(doctor, asking(app), decision="allow", person=persons["a"]))


async def test_a_launch_from_the_record_is_used_once_by_who_began_it(
    visit: Visit, app: App, persons: dict[str, str]
) -> None:
    doctor = await visit("doctor")
    page = await doctor.get(f"/record/{persons['a']}/apps")
    assert app.name in page.text
    assert "form-action 'self' https://app.example" in page.headers["content-security-policy"]
    opened = told(await sent(doctor, f"/record/{persons['a']}/apps", app=app.id), LAUNCH)
    request = asking(app, launch=opened["launch"], scope="launch patient/*.rs")
    resident = await visit("resident")
    assert told(await resident.get(request))["error"] == "invalid_request"
    assert persons["a"] in (await doctor.get(request)).text
    assert "code" in told(await sent(doctor, request, decision="allow", person=persons["a"]))
    again = await sent(doctor, request, decision="allow", person=persons["a"])
    assert told(again)["error"] == "invalid_request"
    other = await doctor.get(f"/record/{persons['b']}/apps")
    assert other.status_code == 403


async def test_a_decision_without_the_forms_token_counts_for_nothing(
    visit: Visit, app: App, persons: dict[str, str]
) -> None:
    resident = await visit("resident")
    for data in ({}, {"_csrf_token": "0" * 128}):
        answer = await resident.post(
            asking(app), data={"decision": "allow", "person": persons["a"], **data}
        )
        assert answer.status_code == 403


async def test_what_was_granted_is_listed_and_ended_by_its_owner(
    web: Web, visit: Visit, app: App, persons: dict[str, str]
) -> None:
    resident, doctor = await visit("resident"), await visit("doctor")
    answer = await sent(resident, asking(app), decision="allow", person=persons["a"])
    async with serving(web.gate, web.keys) as server:
        given = await token_of(server, code_form(app, told(answer)["code"]))
    page = await resident.get("/my/apps")
    assert app.name in page.text
    grant = await web.store.pool.fetchval(
        "select id::text from accounts.oauth_grant where account = $1::uuid order by begun desc",
        (await _account(web, given)).id,
    )
    await sent(doctor, "/my/apps", grant=grant)
    await _account(web, given)
    assert (await sent(resident, "/my/apps", grant=grant)).status_code == 303
    gone = await token_account(
        web.store.pool, web.keys, given["access_token"], now=datetime.now(UTC)
    )
    assert gone is None


async def _account(web: Web, given: dict[str, Any]) -> Account:
    found = await token_account(
        web.store.pool, web.keys, given["access_token"], now=datetime.now(UTC)
    )
    assert found is not None
    return found


REGISTRATION = {
    "name": "随访助手",
    "purpose": "给签约居民做随访",
    "owner": "示例公司",
    "contact": "0537-7654321",
    "kind": "public",
    "redirects": "https://visit.example/back",
    "scopes": "patient/*.rs openid",
    "access_minutes": "30",
    "offline_days": "30",
}


async def test_one_person_asks_for_an_app_and_another_lets_it_in(web: Web, visit: Visit) -> None:
    system, security = await visit("system"), await visit("security")
    forged = {"state": "approved", "requested_by": "x", "id": "1", "decided_by": "x"}
    made = await sent(system, "/administration/apps/new", **REGISTRATION, **forged)
    assert made.status_code == 303
    place = made.headers["location"]
    app_id = place.rpartition("/")[2]
    found = await app_of(web.store.pool, app_id)
    assert (found.state, found.access_minutes) == ("requested", 30)
    assert found.requested_by != "x"
    assert (await sent(system, f"/security/apps/{app_id}", action="approve")).status_code == 403
    assert (await sent(security, place, **REGISTRATION)).status_code == 403
    review = await security.get(f"/security/apps/{app_id}")
    assert "https://visit.example/back" in review.text
    await sent(security, f"/security/apps/{app_id}", action="approve")
    assert (await app_of(web.store.pool, app_id)).state == "approved"
    wider = {**REGISTRATION, "redirects": "https://other.example/back"}
    assert (await sent(system, place, **wider)).status_code == 303
    assert (await app_of(web.store.pool, app_id)).state == "requested"
    actions = await web.store.pool.fetch(
        "select action from audit.entry where object_id = $1 and object_type = 'App' "
        "and action in ('request-app', 'approve-app', 'change-app') order by at, seq",
        app_id,
    )
    assert [row["action"] for row in actions] == ["request-app", "approve-app", "change-app"]


@pytest.mark.parametrize(
    "changed",
    [
        {"redirects": ""},
        {"redirects": "http://visit.example/back"},
        {"redirects": "https://*.example/back"},
        {"redirects": "https://visit.example/back#part"},
        {"redirects": "javascript:alert(1)"},
        {"redirects": "https://user@visit.example/"},
        {"scopes": ""},
        {"scopes": "everything"},
        {"scopes": "system/*.rs"},
        {"kind": "system"},
        {"kind": "root"},
        {"access_minutes": "61"},
        {"access_minutes": "4"},
        {"offline_days": "10000"},
        {"name": ""},
        {"keys": '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'},
        {"keys": "no json"},
        {"keys_url": "file:///etc/passwd"},
    ],
    ids=str,
)
async def test_a_registration_that_makes_no_sense_is_shown_again_with_the_reason(
    web: Web, visit: Visit, changed: dict[str, str]
) -> None:
    system = await visit("system")
    before = len(await apps(web.store.pool))
    answer = await sent(system, "/administration/apps/new", **{**REGISTRATION, **changed})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert len(await apps(web.store.pool)) == before


async def test_who_saves_an_app_that_another_has_changed_is_told(web: Web, visit: Visit) -> None:
    system, other = await visit("system"), await visit("system")
    place = (await sent(system, "/administration/apps/new", **REGISTRATION)).headers["location"]
    opened = (await system.get(place)).text
    shown = {
        html.unescape(name): html.unescape(text)
        for name, text in re.findall(r'name="(was-[^"]+)" value="([^"]*)"', opened)
    }
    assert shown["was-purpose"] == REGISTRATION["purpose"]
    first = {**REGISTRATION, "purpose": "只看化验"}
    assert (await sent(other, place, **shown, **first)).status_code == 303
    second = {**REGISTRATION, "contact": "0537-1111111", "redirects": "https://visit.example/new"}
    told = await sent(system, place, **shown, **second)
    assert told.status_code == 409
    assert "只看化验" in told.text
    assert "0537-1111111" in told.text  # what was typed is still there
    app = await app_of(web.store.pool, place.rpartition("/")[2])
    assert (app.purpose, app.contact) == ("只看化验", REGISTRATION["contact"])
    again = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', told.text))
    assert (await sent(system, place, **again, **second)).status_code == 303


async def test_a_secret_is_shown_once_and_kept_nowhere(web: Web, visit: Visit) -> None:
    system = await visit("system")
    made = await sent(
        system, "/administration/apps/new", **{**REGISTRATION, "kind": "confidential"}
    )
    place = made.headers["location"]
    shown = (await sent(system, place, action="secret")).text
    secret = shown.partition('<p class="mk-mono">')[2].partition("</p>")[0]
    assert len(secret) == 43
    assert secret not in (await system.get(place)).text
    row = await web.store.pool.fetchrow(
        "select * from accounts.app where id = $1::uuid", place.rpartition("/")[2]
    )
    assert secret not in str(dict(row or {}))
