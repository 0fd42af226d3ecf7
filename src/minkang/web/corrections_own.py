"""A resident asks that something in the own record be put right, and sees where that stands."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.record.files import FileRefused
from minkang.record.files.corrections import (
    Asked,
    ask_correction,
    corrections_of,
    withdraw_correction,
)
from minkang.record.files.items import sheet_items
from minkang.web import files_words as words
from minkang.web.corrections import correction_row
from minkang.web.files_asked import by_visitor
from minkang.web.login import Form
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor

_FIELDS = ("item", "wrong", "right", "evidence")
_PLACES = ["/me/corrections", "/me/family/{person:str}/corrections"]


@get(_PLACES, name="own-corrections")
async def own_corrections(
    visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """What was asked for, and the form to ask."""
    own = await own_pages(visitor, "own-file", request.path_params.get("person"))
    item = str(request.query_params.get("item", ""))
    return await _shown(visitor, own, typed={"item": item})


@post(_PLACES, name="own-correction-ask")
async def own_correction_ask(
    visitor: VisitorParameter, request: Request[Any, Any, Any], data: Form
) -> Response[Any]:
    """Ask, or with `withdraw` need it no more."""
    own = await own_pages(visitor, "own-file", request.path_params.get("person"))
    store, log, by = visitor.web.store, visitor.web.gate.log, by_visitor(visitor)
    try:
        if data.get("withdraw"):
            who = own.resident.person
            await withdraw_correction(store, log, who, data["withdraw"], by=by)
        else:
            asked = Asked(*(data.get(name, "") for name in _FIELDS))
            await ask_correction(store, log, own.resident, asked, by=by)
    except FileRefused as error:
        return await _shown(visitor, own, typed=data, error=error)
    return Redirect(f"{own.base}/corrections", status_code=303)


async def _shown(
    visitor: Visitor,
    own: OwnPages,
    *,
    typed: Mapping[str, str],
    error: FileRefused | None = None,
) -> Response[Any]:
    found = await corrections_of(visitor.web.store, own.resident.person)
    names = await organisation_names(visitor.web.store.pool)
    items = [(key, words.told(visitor, one.zh)) for key, one in sheet_items().items.items()]
    return visitor.page(
        "corrections/own.html",
        status=409 if error and error.code == "state" else 400 if error else 200,
        own=own,
        rows=[correction_row(visitor, one, names) for one in found],
        items=items,
        others=[(key, visitor.say(one)) for key, one in words.OTHERS.items()],
        typed={name: typed.get(name, "") for name in _FIELDS},
        wrong=error.item if error else "",
        error=words.refusal(visitor, error) if error else "",
    )
