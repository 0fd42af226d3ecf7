"""One source: figures, settings, credentials, the switch."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.exchange import Source, save_source, sources
from minkang.exchange.credentials import credentials, issue_credential, revoke_credential
from minkang.exchange.figures import by_day, source_figures, total
from minkang.web.centre_lines import CHANNELS
from minkang.web.meanwhile import conflict, was
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.source_card import source_card
from minkang.web.sources import last_errors
from minkang.web.sources_form import (
    CHARSETS,
    SETTINGS,
    Errors,
    Form,
    database_shown,
    how,
    limits,
    settings_shown,
    text_of,
    who,
)
from minkang.web.visitor import Visitor

_DAYS = 30
_LONGEST_LABEL = 100


async def source_of(visitor: Visitor, source: str) -> Source:
    """A source by its id.

    Raises:
        NotFoundException: there is none.
    """
    async with visitor.web.store.pool.acquire() as connection:
        found = (await sources(connection)).get(source)
    if found is None:
        raise NotFoundException
    return found


@get("/centre/sources/{source:str}")
async def source_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """A source with everything that is set and known of it."""
    await visitor.ask("watch-messages", object_type="source", object_id=source)
    return await _page(visitor, await source_of(visitor, source))


@post("/centre/sources/{source:str}/settings")
async def source_settings(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Change a source; nothing is changed if a field is wrong."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/settings")
    before = await source_of(visitor, source)
    form = await form_of(request)
    after, errors = who(before, form, visitor.say)
    for part in (how, limits):
        after, wrong = part(after, form, visitor.say)
        errors |= wrong
    seen = was({name: str(text) for name, text in form.items()})
    if errors:
        return await _page(visitor, after, errors=errors, typed=form, seen=seen)
    async with web.store.pool.acquire() as connection, connection.transaction():
        # The row is held, so that of two who save at the same moment the second is told.
        await connection.execute("select from exchange.source where id = $1 for update", source)
        now = (await sources(connection))[source]
        changed = seen is not None and seen != settings_shown(now)
        if not changed:
            await save_source(connection, after)
    if changed:
        return await _page(visitor, after, typed=form, now=now)
    return Redirect(f"/centre/sources/{source}?saved=1", status_code=303)


@post("/centre/sources/{source:str}/switch")
async def source_switch(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Redirect:
    """Switch a source on or off; what it has sent stays."""
    form = await form_of(request)
    on = form.get("enabled") == "on"
    named = f"{source}/{'on' if on else 'off'}"
    await visitor.ask("manage-sources", object_type="source", object_id=named)
    before = await source_of(visitor, source)
    async with web.store.pool.acquire() as connection:
        await save_source(connection, msgspec.structs.replace(before, enabled=on))
    return Redirect(f"/centre/sources/{source}", status_code=303)


@post("/centre/sources/{source:str}/credentials")
async def source_credential(
    visitor: VisitorParameter, source: FromPath[str], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Issue a credential and show it, this once."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/issue")
    found = await source_of(visitor, source)
    return await _page(visitor, found, secret=await issue(visitor, source, request))


@post("/centre/sources/{source:str}/credentials/revoke")
async def source_revoke(
    visitor: VisitorParameter, source: FromPath[str], request: Request[Any, Any, Any]
) -> Redirect:
    """Make a credential of this source worth nothing."""
    form = await form_of(request)
    number = text_of(form, "credential")
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/revoke/{number}")
    async with visitor.web.store.pool.acquire() as connection:
        if number in {str(one.id) for one in await credentials(connection, source)}:
            await revoke_credential(connection, UUID(number), visitor.now)
    back = "/setup/credentials" if form.get("back") == "setup" else "#credentials"
    return Redirect(f"/centre/sources/{source}{back}", status_code=303)


async def issue(visitor: Visitor, source: str, request: Request[Any, Any, Any]) -> str:
    """A new secret of a source, named as the form says."""
    label = text_of(await form_of(request), "label")[:_LONGEST_LABEL]
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        secret, _ = await issue_credential(
            connection, web.keys, source, label or visitor.say("接口凭据"), visitor.now
        )
    return secret


async def form_of(request: Request[Any, Any, Any]) -> Form:
    """The fields of a form, those that were given several times as lists."""
    form = await request.form()
    return {
        name: several if len(several) > 1 else several[0]
        for name in form
        if (several := form.getall(name))
    }


async def _page(
    visitor: Visitor,
    source: Source,
    *,
    errors: Errors | None = None,
    typed: Form | None = None,
    secret: str = "",
    seen: Mapping[str, str] | None = None,
    now: Source | None = None,
) -> Response[Any]:
    """The page; `seen` is what the form showed first, `now` what somebody else has made of the
    source meanwhile, so that it was not saved.
    """
    shown = settings_shown(source)
    differing = conflict(shown, settings_shown(now), SETTINGS, visitor.say) if now else []
    names = await organisation_names(visitor.web.store.pool)
    async with visitor.web.store.pool.acquire() as connection:
        doing = (await source_figures(connection, visitor.now))[source.id]
        days = await by_day(connection, source.id, visitor.now, _DAYS)
        ever = await total(connection, source.id)
        keys = await credentials(connection, source.id)
        error = (await last_errors(connection)).get(source.id, "")
    return visitor.page(
        "centre/source.html",
        status=409 if now else 200,
        seen=settings_shown(now) if now else seen or shown,
        is_conflict=now is not None,
        conflict=differing,
        source=source,
        card=source_card(source, doing, visitor.now),
        institution=names.get(source.organisation, source.organisation),
        total=ever,
        error=error,
        days=days,
        credentials=keys,
        secret=secret,
        saved="saved" in visitor.request.query_params,
        **settings_context(visitor, source, errors, typed),
    )


def settings_context(
    visitor: Visitor, source: Source, errors: Errors | None, typed: Form | None
) -> dict[str, Any]:
    """What the form's fields need; of wrong fields what was typed, so that nothing is lost."""
    return {
        "channel_choices": [(name, visitor.say(words)) for name, words in CHANNELS.items()],
        "charsets": CHARSETS,
        "database": database_shown(source),
        "errors": errors or {},
        "typed": typed or {},
    }
