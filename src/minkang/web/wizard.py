"""The way of a new source, step by step: who, how, credentials; trying it out is in `wizard_trial`.

The source itself is the draft: it is saved after the first step, on trial and switched off, so the
way can be left at any time and gone on with from the list of sources.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import create_organisation, organisation_names
from minkang.exchange import Source, register, save_source, sources
from minkang.exchange.credentials import credentials
from minkang.exchange.sources import go_live
from minkang.exchange.trial import readiness
from minkang.store import Scope, read
from minkang.web.examples import examples
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.sources_form import Errors, Form, how, id_error, limits, text_of, who
from minkang.web.sources_one import form_of, issue, settings_context, source_of
from minkang.web.visitor import Visitor

STEPS = (
    ("who", N_("登记")),
    ("how", N_("接入方式")),
    ("credentials", N_("凭据与说明")),
    ("test", N_("联调测试")),
    ("live", N_("正式接入")),
)
KINDS = (
    ("hospital", N_("医院")),
    ("clinic", N_("基层医疗卫生机构")),
    ("public-health", N_("公共卫生机构")),
    ("other", N_("其他")),
)

_ORGANISATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_LONGEST = 200
_DRAFT = Source(
    id="draft", name="-", organisation="-", channels=("mllp",), enabled=False, stage="trial"
)


def step_context(visitor: Visitor, step: str, source: Source | None) -> dict[str, Any]:
    """What every step's page needs; later steps open once the channels were chosen."""
    order = [key for key, _ in STEPS]
    reached = 0 if source is None else 1 if not source.enabled else len(order)
    return {
        "steps": [
            {
                "key": key,
                "title": visitor.say(title),
                "number": number + 1,
                "href": f"/centre/sources/{source.id}/setup/{key}" if source else None,
                "open": number <= reached and source is not None,
                "here": key == step,
                "done": number < order.index(step),
            }
            for number, (key, title) in enumerate(STEPS)
        ],
        "source": source,
    }


@get("/centre/sources/new")
async def new_page(visitor: VisitorParameter) -> Response[Any]:
    """The first step of a source that is not there yet."""
    await visitor.ask("manage-sources", object_type="source", object_id="new")
    return await _who_page(visitor, None, {}, {})


@post("/centre/sources/new")
async def new_source(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Register a source, on trial and switched off, with its institution."""
    form = await form_of(request)
    name = text_of(form, "id")
    await visitor.ask("manage-sources", object_type="source", object_id=f"new/{name[:63]}")
    async with web.store.pool.acquire() as connection:
        known = await sources(connection)
    errors: Errors = {}
    if wrong := id_error(name, name in known, visitor.say):
        errors["id"] = wrong
    source, more = who(_DRAFT, form, visitor.say)
    organisation, called, also = await _organisation(visitor, form)
    errors |= more | also
    if errors:
        return await _who_page(visitor, None, errors, form)
    if text_of(form, "organisation") == "":
        await create_organisation(
            web.store.pool,
            organisation_id=organisation,
            name=called,
            kind=text_of(form, "organisation_kind") or "other",
        )
    made = msgspec.structs.replace(source, id=name, organisation=organisation)
    if await read(web.store, Scope.whole(), "Organization", organisation) is None:
        await register(web.store, made, called)
    else:
        async with web.store.pool.acquire() as connection:
            await save_source(connection, made)
    return Redirect(f"/centre/sources/{name}/setup/how", status_code=303)


@get("/centre/sources/{source:str}/setup/who")
async def who_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """The first step again: name and contact may change, identity and institution not."""
    await visitor.ask("manage-sources", object_type="source", object_id=source)
    return await _who_page(visitor, await source_of(visitor, source), {}, {})


@post("/centre/sources/{source:str}/setup/who")
async def who_save(
    visitor: VisitorParameter, source: FromPath[str], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Save name and contact."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/who")
    form = await form_of(request)
    changed, errors = who(await source_of(visitor, source), form, visitor.say)
    if errors:
        return await _who_page(visitor, changed, errors, form)
    return await _saved(visitor, changed, "how")


@get("/centre/sources/{source:str}/setup/how")
async def how_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """By which channels it sends."""
    await visitor.ask("manage-sources", object_type="source", object_id=source)
    return _how_page(visitor, await source_of(visitor, source), {}, {})


@post("/centre/sources/{source:str}/setup/how")
async def how_save(
    visitor: VisitorParameter, source: FromPath[str], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Save the channels; from now on the source may send, on trial."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/how")
    form = await form_of(request)
    before = await source_of(visitor, source)
    changed, errors = how(before, form, visitor.say)
    if errors:
        return _how_page(visitor, changed, errors, form)
    return await _saved(visitor, msgspec.structs.replace(changed, enabled=True), "credentials")


@get("/centre/sources/{source:str}/setup/credentials")
async def credentials_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """What the hospital's engineer needs, ready to be copied."""
    await visitor.ask("manage-sources", object_type="source", object_id=source)
    return await _credentials_page(visitor, await source_of(visitor, source), "")


@post("/centre/sources/{source:str}/setup/credentials")
async def credentials_issue(
    visitor: VisitorParameter, source: FromPath[str], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Issue a credential and show it, this once."""
    await visitor.ask("manage-sources", object_type="source", object_id=f"{source}/issue")
    found = await source_of(visitor, source)
    return await _credentials_page(visitor, found, await issue(visitor, source, request))


@get("/centre/sources/{source:str}/setup/live")
async def live_page(visitor: VisitorParameter, source: FromPath[str]) -> Response[Any]:
    """The last step: what is still missing, limits, and what becomes of the trial messages."""
    await visitor.ask("manage-sources", object_type="source", object_id=source)
    return await _live_page(visitor, await source_of(visitor, source), {}, {})


@post("/centre/sources/{source:str}/setup/live")
async def live_start(
    web: WebParameter,
    visitor: VisitorParameter,
    source: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Go live, if everything that must be has been shown to work."""
    form = await form_of(request)
    keep = form.get("keep") == "on"
    named = f"{source}/live/{'keep' if keep else 'drop'}"
    await visitor.ask("manage-sources", object_type="source", object_id=named)
    changed, errors = limits(await source_of(visitor, source), form, visitor.say)
    async with web.store.pool.acquire() as connection:
        found = await readiness(web.store, connection, web.keys.id_key, changed)
        ready = found.is_ready(changed)
        if ready and not errors:
            await save_source(connection, changed)
            await go_live(connection, source, keep=keep)
    if errors or not ready:
        return await _live_page(visitor, changed, errors, form)
    return Redirect(f"/centre/sources/{source}", status_code=303)


async def _organisation(visitor: Visitor, form: Form) -> tuple[str, str, Errors]:
    """Id and name of the institution in a form: a known one, or a new one."""
    say: Callable[[str], str] = visitor.say
    names = await organisation_names(visitor.web.store.pool)
    chosen = text_of(form, "organisation")
    if chosen:
        if chosen in names:
            return chosen, names[chosen], {}
        return "", "", {"organisation": say("请选择机构")}
    name, number = text_of(form, "organisation_name"), text_of(form, "organisation_id")
    errors: Errors = {}
    if not _ORGANISATION.fullmatch(number):
        errors["organisation_id"] = say("机构编号只能用字母、数字、点和连字符，最多 64 个字符")
    elif number in names:
        errors["organisation_id"] = say("这个编号的机构已经登记，请在上面选择")
    if not name:
        errors["organisation_name"] = say("请填写机构名称")
    return number, name[:_LONGEST], errors


async def _saved(visitor: Visitor, source: Source, following: str) -> Redirect:
    async with visitor.web.store.pool.acquire() as connection:
        await save_source(connection, source)
    return Redirect(f"/centre/sources/{source.id}/setup/{following}", status_code=303)


async def _who_page(
    visitor: Visitor, source: Source | None, errors: Errors, typed: Form
) -> Response[Any]:
    names = await organisation_names(visitor.web.store.pool)
    return visitor.page(
        "centre/wizard_who.html",
        organisations=sorted(names.items(), key=lambda pair: pair[1]),
        kinds=[(kind, visitor.say(words)) for kind, words in KINDS],
        errors=errors,
        typed=typed,
        **step_context(visitor, "who", source),
    )


def _how_page(visitor: Visitor, source: Source, errors: Errors, typed: Form) -> Response[Any]:
    return visitor.page(
        "centre/wizard_how.html",
        **settings_context(visitor, source, errors, typed),
        **step_context(visitor, "how", source),
    )


async def _credentials_page(visitor: Visitor, source: Source, secret: str) -> Response[Any]:
    async with visitor.web.store.pool.acquire() as connection:
        keys = await credentials(connection, source.id)
    return visitor.page(
        "centre/wizard_credentials.html",
        credentials=keys,
        secret=secret,
        examples=examples(visitor, source, secret),
        **step_context(visitor, "credentials", source),
    )


async def _live_page(
    visitor: Visitor, source: Source, errors: Errors, typed: Form
) -> Response[Any]:
    web = visitor.web
    async with web.store.pool.acquire() as connection:
        found = await readiness(web.store, connection, web.keys.id_key, source)
    return visitor.page(
        "centre/wizard_live.html",
        ready=found.is_ready(source),
        trial=sum(found.good.values()) + found.bad,
        errors=errors,
        typed=typed,
        **step_context(visitor, "live", source),
    )
