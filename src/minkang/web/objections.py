"""Objecting to an entry of "who looked", and the queue of those who answer."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.identity import resident
from minkang.policy.objections import (
    Objection,
    ObjectionRefused,
    answer_objection,
    look_at_mark,
    object_to,
    objection_queue,
)
from minkang.store import Scope
from minkang.web.consent_words import OBJECTION_ERRORS, said
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.looks import looks_page, objection_row, today
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who


@post("/me/access/objection")
async def my_objection(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Object to an entry about me."""
    return await _object(visitor, await own_pages(visitor, "object-to-look"), data)


@post("/me/family/{person:str}/access/objection")
async def ward_objection(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Object for somebody for whom the visitor acts."""
    return await _object(visitor, await own_pages(visitor, "object-to-look", person), data)


@get("/objections")
async def objections_page(
    visitor: VisitorParameter, show: FromQuery[str] = "open"
) -> Response[Any]:
    """Objections that wait for an answer, the first due first; or the answered ones."""
    return await _queue(visitor, answered=show == "answered")


@post("/objections/{objection:str}/answer")
async def objection_answer(
    visitor: VisitorParameter, objection: FromPath[str], data: Form
) -> Response[Any]:
    """Answer; the resident reads it at once."""
    await visitor.ask("answer-objections", object_type="Objection", object_id=objection)
    try:
        await answer_objection(
            visitor.web.store,
            visitor.web.gate.log,
            objection,
            by=signed_in(visitor),
            founded=data.get("founded", "") == "yes",
            words=data.get("words", ""),
            now=visitor.now,
            address=visitor.address,
        )
    except ObjectionRefused as refusal:
        return await _queue(visitor, error=refusal.code)
    return Redirect("/objections", status_code=303)


async def _object(visitor: Visitor, own: OwnPages, data: Mapping[str, str]) -> Response[Any]:
    who, web = own.resident, visitor.web
    try:
        look = await look_at_mark(web.store.pool, who.person, who.patients, data.get("mark", ""))
        await object_to(
            web.store,
            web.gate.log,
            look,
            person=who.person,
            by=signed_in(visitor),
            words=data.get("words", ""),
            now=visitor.now,
            days=web.settings.objection_days,
            address=visitor.address,
        )
    except ObjectionRefused as refusal:
        error = said(OBJECTION_ERRORS, refusal.code, visitor.say)
        return await looks_page(visitor, own, today(visitor), error=error, status=400)
    return Redirect(f"{own.base}/access#objections", status_code=303)


async def _queue(visitor: Visitor, *, answered: bool = False, error: str = "") -> Response[Any]:
    await visitor.ask("answer-objections", object_type="Objection")
    found = await objection_queue(visitor.web.store.pool, answered=answered)
    names = await organisation_names(visitor.web.store.pool)
    await visitor.web.gate.listed(
        visitor.account,
        sorted({one.person for one in found}),
        now=visitor.now,
        address=visitor.address,
    )
    return visitor.page(
        "resident/objections.html",
        status=400 if error else 200,
        rows=[await _row(visitor, one, names) for one in found],
        answered=answered,
        error=said(OBJECTION_ERRORS, error, visitor.say) if error else "",
    )


async def _row(visitor: Visitor, one: Objection, names: Mapping[str, str]) -> dict[str, Any]:
    """The resident's name is masked: the answer needs none."""
    found = await resident(visitor.web.store, Scope.whole(), one.person)
    return {
        **objection_row(one, visitor.say),
        "resident": Who(found, visitor.now).name_masked if found else "",
        "institution": names.get(one.entry["organisation"] or "", ""),
        "overdue": one.answered is None and one.due <= visitor.now,
        "answered_name": one.answered_name,
    }
