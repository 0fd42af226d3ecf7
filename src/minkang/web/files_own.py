"""The own health file on a phone: what it says, who keeps it, begin one online."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.record.files import FileRefused, file_of_person, judge, open_file, steps_of
from minkang.record.files.file import keeper_of, residence_of
from minkang.web import files_words as words
from minkang.web.files import sheet_now, today
from minkang.web.files_asked import by_visitor
from minkang.web.files_form import Typed, changed, form_groups, typed_in
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor


@get(["/me/file", "/me/family/{person:str}/file"], name="own-file")
async def own_file(visitor: VisitorParameter, request: Request[Any, Any, Any]) -> Response[Any]:
    """The own file, or that of somebody in one's care."""
    own = await own_pages(visitor, "own-file", request.path_params.get("person"))
    return await _shown(visitor, own)


@post(["/me/file", "/me/family/{person:str}/file"], name="own-file-begin")
async def own_file_begin(
    visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """Begin a file online; the institution where the resident lives looks at it."""
    own = await own_pages(visitor, "own-file", request.path_params.get("person"))
    typed = typed_in(await request.form(), own=True)
    web, who = visitor.web, own.resident
    changes = changed(typed, await sheet_now(visitor, who, None))
    try:
        await open_file(web.store, web.gate.log, who, changes, by=by_visitor(visitor), how="online")
    except FileRefused as error:
        return await _shown(visitor, own, typed=typed, error=error)
    return Redirect(f"{own.base}/file", status_code=303)


async def _shown(
    visitor: Visitor,
    own: OwnPages,
    *,
    typed: Typed | None = None,
    error: FileRefused | None = None,
) -> Response[Any]:
    pool, who = visitor.web.store.pool, own.resident
    file = await file_of_person(pool, who.person)
    sheet = await sheet_now(visitor, who, file)
    names = await organisation_names(pool)
    division = await residence_of(pool, who.patients)
    keeper = await keeper_of(pool, division)
    steps = await steps_of(pool, file.id) if file else []
    begins = file is None or file.state in ("refused", "closed")
    return visitor.page(
        "files/own.html",
        status=409 if error and error.code == "there-is-one" else 400 if error else 200,
        own=own,
        name=who.name,
        file=file,
        state=visitor.say(words.STATES[file.state]) if file else "",
        institution=names.get(file.institution, file.institution) if file else "",
        keeper=names.get(keeper, ""),
        begins=begins,
        groups=words.sheet_groups(visitor, sheet, names, lambda _, text: text),
        form=form_groups(
            visitor, sheet, typed, wrong=(error.item,) if error else (),
            wanted=lambda item: item.own,
        ) if begins and keeper else [],
        score=judge(sheet, today(visitor)).score,
        said=next((one.detail.get("words", "") for one in steps if one.kind == "refused"), ""),
        error=words.refusal(visitor, error) if error else "",
    )  # fmt: skip
