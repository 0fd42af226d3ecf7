"""Writing the sheet: opening a file at the desk, completing it, and being told of another hand."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.identity import Resident
from minkang.record.files import FileRefused, file_of_person, judge, open_file, write_sheet
from minkang.web.files import sheet_now, today
from minkang.web.files_asked import ask_keeper, by_visitor
from minkang.web.files_form import Typed, changed, form_groups, typed_in
from minkang.web.files_words import item_words, refusal, value_words
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor


@get("/files/{person:str}/sheet")
async def sheet_page(visitor: VisitorParameter, person: FromPath[str]) -> Response[Any]:
    """The sheet to be filled in, with what is known already."""
    return await _form(visitor, await ask_keeper(visitor, person))


@post("/files/{person:str}/sheet")
async def sheet_write(
    visitor: VisitorParameter, person: FromPath[str], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Write what differs; a resident without a file gets one."""
    who = await ask_keeper(visitor, person)
    data = await request.form()
    typed = typed_in(data)
    store, log, by = visitor.web.store, visitor.web.gate.log, by_visitor(visitor)
    file = await file_of_person(store.pool, who.person)
    changes = changed(typed, await sheet_now(visitor, who, file))
    version = str(data.get("version", "0"))
    try:
        if version == "0" or file is None:
            await open_file(store, log, who, changes, by=by)
        else:
            number = int(version) if version.isdecimal() else -1
            await write_sheet(store, log, file.id, changes, version=number, by=by)
    except FileRefused as error:
        return await _form(visitor, who, typed=typed, error=error)
    return Redirect(f"/files/{who.person}", status_code=303)


async def _form(
    visitor: Visitor,
    who: Resident,
    *,
    typed: Typed | None = None,
    error: FileRefused | None = None,
) -> Response[Any]:
    file = await file_of_person(visitor.web.store.pool, who.person)
    live = file if file is not None and file.state in ("open", "asked") else None
    sheet = await sheet_now(visitor, who, file)
    quality = judge(sheet, today(visitor))
    conflict = error is not None and error.code in ("changed", "there-is-one", "state")
    wrong = {*quality.wrong, *((error.item,) if error else ())}
    rows = [
        {
            "words": item_words(visitor, key),
            "yours": value_words(visitor, key, tuple(values)) or "—",
            "now": value_words(visitor, key, sheet[key].values) if key in sheet else "—",
            "author": sheet[key].author if key in sheet else "",
        }
        for key, values in (changed(typed, sheet).items() if typed and conflict else ())
    ]
    return visitor.page(
        "files/sheet.html",
        status=409 if conflict else 400 if error else 200,
        person=who.person,
        name=who.name,
        version=live.version if live else 0,
        groups=form_groups(visitor, sheet, typed, wrong=wrong),
        missing=[item_words(visitor, one) for one in quality.missing],
        error=refusal(visitor, error) if error else "",
        conflict=rows,
        is_conflict=conflict,
    )
