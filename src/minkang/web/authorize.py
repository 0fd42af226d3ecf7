"""The consent page of apps: which app, whose data, what, for how long; yes or no."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from minkang.accounts import Account
from minkang.accounts.oauth_grants import Consent, begin_grant, lasting
from minkang.accounts.oauth_launch import peek_launch, use_launch
from minkang.identity import Resident, find_residents, resident
from minkang.policy.guardians import relations_of
from minkang.store import Scope
from minkang.web.authorize_request import (
    AuthorizeRequest,
    SentBack,
    UnknownApp,
    address_back,
    request_of,
)
from minkang.web.context import Web
from minkang.web.login import Form
from minkang.web.login_settings import public_address
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.scope_words import scope_words
from minkang.web.visitor import NotAllowed, Visitor
from minkang.web.wording import Who

_PATH = "/oauth/authorize"
_FOUND_AT_MOST = 10
_SHORTEST = 2


class _Choice(msgspec.Struct, frozen=True):
    """A resident whom the app may be opened for."""

    person: str
    words: str


@get(_PATH)
async def authorize_page(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Ask whoever is logged in; others log in first and come back here."""
    try:
        await visitor.ask("authorize-app", object_type="App", object_id=_client(visitor))
    except NotAllowed:
        if visitor.account is not None:
            raise
        return await _carried_out(web, visitor, _to_log_in)
    return await _carried_out(web, visitor, _page)


@post(_PATH)
async def authorize_answer(
    web: WebParameter, visitor: VisitorParameter, data: Form
) -> Response[Any]:
    """What the visitor decided; the request itself is looked at anew."""
    await visitor.ask("authorize-app", object_type="App", object_id=_client(visitor))

    async def answer(web: Web, visitor: Visitor, asked: AuthorizeRequest) -> Response[Any]:
        decision = data.get("decision", "")
        if decision == "deny":
            raise SentBack(asked.redirect, asked.state, "access_denied", "the user said no")
        if decision != "allow":
            return await _page(web, visitor, asked, data.get("q", "").strip())
        return await _granted(web, visitor, asked, data.get("person", ""))

    return await _carried_out(web, visitor, answer)


_Step = Callable[[Web, Visitor, AuthorizeRequest], Awaitable[Response[Any]]]


async def _carried_out(web: Web, visitor: Visitor, step: _Step) -> Response[Any]:
    """A step of a request; what can't be asked for is told to the app, or to the visitor alone."""
    try:
        return await step(web, visitor, await _asked(web, visitor))
    except UnknownApp:
        if visitor.account is None and visitor.request.method == "GET":
            return _log_in(visitor)
        # Who comes here by hand asked for nothing.
        return visitor.page("oauth/broken.html", status=400 if visitor.request.url.query else 200)
    except SentBack as error:
        return _back(web, error.redirect, error=error.error, state=error.state, text=error.text)


def _client(visitor: Visitor) -> str:
    """The app that the address names, for the audit log."""
    return visitor.request.query_params.get("client_id", "")[:36]


async def _asked(web: Web, visitor: Visitor) -> AuthorizeRequest:
    pairs = [(name, value) for name, value in visitor.request.query_params.multi_items()]
    here = str(visitor.request.base_url).rstrip("/")
    bases = frozenset({f"{public_address(web.settings)}/fhir", f"{here}/fhir"})
    return await request_of(web.store.pool, pairs, bases)


async def _to_log_in(web: Web, visitor: Visitor, asked: AuthorizeRequest) -> Response[Any]:
    del web
    if asked.quiet:
        raise SentBack(asked.redirect, asked.state, "login_required", "nobody is logged in")
    return _log_in(visitor)


def _log_in(visitor: Visitor) -> Response[Any]:
    url = visitor.request.url
    target = f"{url.path}?{url.query}" if url.query else url.path
    return Redirect(f"/login?next={quote(target)}", status_code=303)


async def _page(
    web: Web, visitor: Visitor, asked: AuthorizeRequest, text: str | None = None
) -> Response[Any]:
    """The page; `text` is what a clinician looks for a resident by.

    Raises:
        SentBack: nobody may be asked, or the launch is not valid.
    """
    if asked.quiet:
        raise SentBack(asked.redirect, asked.state, "consent_required", "somebody must agree")
    choices, searching = await _choices(web, visitor, asked, text)
    _, ends = lasting(asked.app, asked.scopes, visitor.now)
    host = urlsplit(asked.redirect)
    place = f"{host.scheme}://{host.netloc}" if host.netloc else f"{host.scheme}:"
    return visitor.page(
        "oauth/authorize.html",
        app=asked.app,
        scopes=scope_words(asked.scopes, visitor.say),
        minutes=asked.app.access_minutes,
        ends=ends if {"offline_access", "online_access"} & set(asked.scopes) else None,
        about_patient=asked.about_patient,
        choices=choices,
        searching=searching,
        q=text,
        place=host.netloc or host.scheme,
        query=visitor.request.url.query,
        # The answer leads to the app: browsers hold redirects of a form to this, too.
        headers={"Content-Security-Policy": _policy(place)},
    )


def _policy(place: str) -> str:
    return (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {place}"
    )


async def _choices(
    web: Web, visitor: Visitor, asked: AuthorizeRequest, text: str | None
) -> tuple[list[_Choice], bool]:
    """Residents to choose from, and whether one may be looked for."""
    if not asked.about_patient:
        return [], False
    account = _account(visitor)
    if asked.launch is not None:
        pool, keys = web.store.pool, web.keys
        person = await peek_launch(pool, keys, asked.app, account, asked.launch, now=visitor.now)
        if person is None:
            raise SentBack(asked.redirect, asked.state, "invalid_request", "launch is not valid")
        return await _known(web, visitor, [person]), False
    if account.role == "resident" and account.person is not None:
        relations = await relations_of(web.store.pool, account.person)
        wards = [one.ward for one in relations if one.in_force(visitor.now) and one.ward]
        return await _known(web, visitor, [account.person, *dict.fromkeys(wards)]), False
    if text is None or len(text) < _SHORTEST:
        return [], True
    decision = await visitor.ask("find-residents")
    found = await find_residents(web.store, decision.scope, text, _FOUND_AT_MOST)
    persons = [one.person for one in found.residents]
    await web.gate.listed(account, persons, now=visitor.now, address=visitor.address)
    return [_choice(one, visitor) for one in found.residents], True


async def _known(web: Web, visitor: Visitor, persons: list[str]) -> list[_Choice]:
    found = [await resident(web.store, Scope.whole(), one) for one in persons]
    return [_choice(one, visitor) for one in found if one is not None]


def _choice(one: Resident, visitor: Visitor) -> _Choice:
    who = Who(one, visitor.now)
    own = visitor.account is not None and visitor.account.person == one.person
    name = who.name if own else who.name_masked
    return _Choice(one.person, f"{name} {who.id_number_masked}")


async def _granted(
    web: Web, visitor: Visitor, asked: AuthorizeRequest, person: str
) -> Response[Any]:
    """Keep the consent and lead back to the app with a code.

    Raises:
        NotAllowed: the visitor may not open that resident's record.
        SentBack: the launch has been used.
    """
    about = patient = None
    if asked.about_patient:
        if not person:
            return await _page(web, visitor, asked)
        _, found = await visitor.ask_about(
            "open-record", person, object_type="App", object_id=asked.app.id
        )
        about, patient = found.person, min(found.patients, default=None)
    pool, keys, account = web.store.pool, web.keys, _account(visitor)
    if asked.launch is not None:
        meant = await use_launch(pool, keys, asked.app, account, asked.launch, now=visitor.now)
        if meant is None or meant != about:
            raise SentBack(asked.redirect, asked.state, "invalid_request", "launch is not valid")
    consent = Consent(
        app=asked.app,
        account=account,
        scopes=asked.scopes,
        about=about,
        patient=patient,
        redirect=asked.redirect,
        challenge=asked.challenge,
        nonce=asked.nonce,
    )
    code = await begin_grant(
        pool, keys, web.gate.log, consent, now=visitor.now, address=visitor.address
    )
    return _back(web, asked.redirect, code=code, state=asked.state)


def _account(visitor: Visitor) -> Account:
    assert visitor.account is not None  # noqa: S101 - the gate refuses who is not logged in
    return visitor.account


def _back(web: Web, redirect: str, *, text: str = "", **said: str) -> Response[Any]:
    """To the app, with the issuer, so that it can't be led to a wrong server (RFC 9207)."""
    issuer = f"{public_address(web.settings)}/fhir"
    address = address_back(redirect, **said, error_description=text, iss=issuer)
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response("", status_code=303, headers=headers)
