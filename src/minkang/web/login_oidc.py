"""Logging in by a provider (OpenID Connect), and linking an identity there to my account."""

import logging
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import AccountRefused, Session
from minkang.accounts.oidc import Answer, Begun, Identified, begin_oidc, end_oidc
from minkang.accounts.oidc_links import (
    NotLinked,
    link_identity,
    log_in_by_oidc,
    unlink_identity,
)
from minkang.accounts.oidc_provider import OidcRefused, Provider
from minkang.accounts.sessions import Browser
from minkang.web.browser_name import browser_name
from minkang.web.cookies import gone, oidc_cookie, oidc_cookie_name
from minkang.web.login import Form, end_brought, entered, page_of
from minkang.web.login_settings import provider_of, public_address
from minkang.web.my_sessions import PAGE, owner
from minkang.web.own_path import own_path
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor

_log = logging.getLogger(__name__)


@get("/login/oidc/{provider:str}")
async def oidc_begin(
    visitor: VisitorParameter,
    provider: FromPath[str],
    next: FromQuery[str] = "",  # noqa: A002
) -> Response[Any]:
    """To the provider."""
    try:
        begun = await _begun(visitor, provider, own_path(next), None)
    except OidcRefused as refused:
        return _refused(visitor, provider, refused)
    answer = Redirect(begun.address, status_code=303)
    answer.set_cookie(oidc_cookie(begun.state, secure=visitor.web.settings.https))
    return answer


@post("/my/identities/link")
async def oidc_link(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """A page that leads to the provider, to link who I am there to my account.

    A page, since the content policy lets no form lead to another site, nor its answer.
    """
    account = await owner(visitor, "identities/link")
    await visitor.confirmed(PAGE)
    name = data.get("provider", "")
    try:
        begun = await _begun(visitor, name, PAGE, account.id)
    except OidcRefused as refused:
        return _refused(visitor, name, refused)
    known = {one.id: one.name for one in visitor.web.settings.oidc}
    page = visitor.page("my/identity_link.html", address=begun.address, name=known[name])
    page.set_cookie(oidc_cookie(begun.state, secure=visitor.web.settings.https))
    return page


@post("/my/identities/unlink")
async def oidc_unlink(visitor: VisitorParameter, data: Form) -> Redirect:
    """That identity opens my account no more."""
    account = await owner(visitor, "identities/unlink")
    await visitor.confirmed(PAGE)
    web = visitor.web
    await unlink_identity(
        web.store.pool,
        web.gate.log,
        account.id,
        data.get("provider", ""),
        by=account,
        now=visitor.now,
        address=visitor.address,
    )
    return Redirect(f"{PAGE}?said=unlinked", status_code=303)


@get("/login/oidc/{provider:str}/back")
async def oidc_back(visitor: VisitorParameter, provider: FromPath[str]) -> Response[Any]:
    """Where the provider sends the browser back to."""
    web, secure = visitor.web, visitor.web.settings.https
    given = visitor.request.query_params
    answer = Answer(
        state=given.get("state", ""),
        cookie=visitor.request.cookies.get(oidc_cookie_name(secure=secure), ""),
        code=given.get("code", ""),
        error=given.get("error", ""),
        issuer=given.get("iss"),
    )
    try:
        found = await end_oidc(
            web.store.pool,
            web.keys,
            web.providers,
            _provider(visitor, provider),
            answer,
            redirect=_redirect(visitor, provider),
            now=visitor.now,
        )
        page = await _vouched(visitor, found)
    except OidcRefused as refused:
        page = _refused(visitor, provider, refused)
    page.set_cookie(gone(oidc_cookie_name(secure=secure), secure=secure))
    return page


async def _vouched(visitor: Visitor, found: Identified) -> Response[Any]:
    """The provider has vouched for somebody: log in, or link."""
    if found.account is not None:
        return await _link(visitor, found, found.account)
    web = visitor.web
    try:
        outcome = await log_in_by_oidc(
            web.store.pool,
            web.keys,
            web.gate.log,
            found,
            browser=Browser(
                visitor.address, browser_name(visitor.request.headers.get("user-agent", ""))
            ),
            now=visitor.now,
            rules=web.login_rules,
        )
    except AccountRefused as refused:
        _log.warning("provider %s: no account can be made: %s", found.provider.id, refused)
        outcome = NotLinked()
    if isinstance(outcome, Session):
        await end_brought(visitor)
        return await entered(web, visitor, outcome, own_path(found.next))
    error = "not-linked" if isinstance(outcome, NotLinked) else "disabled"
    return page_of(visitor, 403, error=error)


async def _link(visitor: Visitor, found: Identified, account: str) -> Response[Any]:
    """Only in the session that began it: whoever else comes back here is somebody else."""
    me = await owner(visitor, "identities/link")
    if me.id != account:
        return page_of(visitor, 403, error="oidc-state")
    web = visitor.web
    try:
        await link_identity(
            web.store.pool,
            web.gate.log,
            me.id,
            found.provider.id,
            found.claims.subject,
            by=me,
            now=visitor.now,
            address=visitor.address,
        )
    except AccountRefused:
        return Redirect(f"{PAGE}?said=identity-taken", status_code=303)
    return Redirect(f"{PAGE}?said=linked", status_code=303)


async def _begun(visitor: Visitor, name: str, next_path: str, account: str | None) -> Begun:
    web = visitor.web
    return await begin_oidc(
        web.store.pool,
        web.keys,
        web.providers,
        _provider(visitor, name),
        redirect=_redirect(visitor, name),
        next_path=next_path,
        account=account,
        now=visitor.now,
    )


def _provider(visitor: Visitor, name: str) -> Provider:
    found = provider_of(visitor.web.settings, name)
    if found is None:
        raise NotFoundException
    return found


def _redirect(visitor: Visitor, name: str) -> str:
    return f"{public_address(visitor.web.settings)}/login/oidc/{name}/back"


def _refused(visitor: Visitor, name: str, refused: OidcRefused) -> Response[Any]:
    """The visitor learns which kind of refusal it was; what the provider said goes to the log."""
    _log.warning("log-in by %s: %s", name[:40], refused)
    return page_of(visitor, 502 if refused.code == "oidc-unavailable" else 403, error=refused.code)
