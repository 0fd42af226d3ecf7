"""The apps that the visitor let in: what each may do, until when; ended by one click."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts.apps import app_of, apps
from minkang.accounts.apps_rules import AppRefused
from minkang.accounts.oauth_grants import end_grant, grants_of
from minkang.accounts.oauth_launch import begin_launch
from minkang.identity import resident
from minkang.store import Scope
from minkang.web.authorize_request import address_back
from minkang.web.login import Form
from minkang.web.login_settings import public_address
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.scope_words import scope_words
from minkang.web.wording import Who


@get("/my/apps")
async def my_apps(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """What the visitor granted to apps and is in force."""
    await visitor.ask("authorize-app", object_type="Grant")
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    cards = []
    for one in await grants_of(web.store.pool, account, now=visitor.now):
        found = await resident(web.store, Scope.whole(), one.about) if one.about else None
        own = found is not None and found.person == account.person
        who = Who(found, visitor.now) if found is not None else None
        whose = "" if who is None else who.name if own else who.name_masked
        cards.append({"grant": one, "scopes": scope_words(one.scopes, visitor.say), "whose": whose})
    return visitor.page("oauth/mine.html", cards=cards)


@post("/my/apps")
async def my_apps_end(web: WebParameter, visitor: VisitorParameter, data: Form) -> Redirect:
    """End one of them."""
    await visitor.ask("authorize-app", object_type="Grant")
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    await end_grant(
        web.store.pool,
        web.gate.log,
        data.get("grant", ""),
        now=visitor.now,
        by=account,
        address=visitor.address,
    )
    return Redirect("/my/apps", status_code=303)


@get("/record/{person:str}/apps")
async def record_apps(
    web: WebParameter, visitor: VisitorParameter, person: FromPath[str]
) -> Response[Any]:
    """The apps that can be opened for a resident whose record is open."""
    _, found = await visitor.ask_about("open-record", person, object_type="App")
    known = [
        one
        for one in await apps(web.store.pool)
        if one.state == "approved" and one.launch and "launch" in one.scopes
    ]
    places = sorted({_origin(one.launch) for one in known if one.launch})
    who = Who(found, visitor.now)
    policy = (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {' '.join(places)}"
    )
    headers = {"Content-Security-Policy": policy.strip()}
    return visitor.page(
        "oauth/launch.html", apps=known, person=person, name=who.name, headers=headers
    )


@post("/record/{person:str}/apps")
async def record_apps_open(
    web: WebParameter, visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Open an app for the resident: it comes back to the consent page with the launch token."""
    await visitor.ask_about("open-record", person, object_type="App")
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    try:
        app = await app_of(web.store.pool, data.get("app", ""))
    except AppRefused as error:
        raise NotFoundException from error
    if app.state != "approved" or not app.launch or "launch" not in app.scopes:
        raise NotFoundException
    pool, keys = web.store.pool, web.keys
    token = await begin_launch(
        pool, keys, web.gate.log, app, account, person, now=visitor.now, address=visitor.address
    )
    issuer = f"{public_address(web.settings)}/fhir"
    headers = {
        "Location": address_back(app.launch, iss=issuer, launch=token),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Response("", status_code=303, headers=headers)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
