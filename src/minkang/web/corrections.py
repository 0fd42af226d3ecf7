"""The desk that answers requests for corrections: of the sheet, and of facts of others."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.identity import resident
from minkang.policy import Ask, decide
from minkang.policy.mask import masked_number
from minkang.record.files import FileRefused, file_of_person
from minkang.record.files.correction import Correction
from minkang.record.files.corrections import (
    answer_correction,
    correction_desk,
    correction_one,
    forward_correction,
)
from minkang.record.files.items import sheet_items
from minkang.store import Scope
from minkang.web import files_words as words
from minkang.web.files import sheet_now
from minkang.web.files_asked import by_visitor, kept_by, tree_of
from minkang.web.files_form import form_groups, typed_in
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who


@get("/corrections")
async def corrections_page(
    visitor: VisitorParameter, show: FromQuery[str] = "open"
) -> Response[Any]:
    """Requests that wait for an answer, the first due first; or the answered ones."""
    await visitor.ask("answer-corrections", object_type="Correction")
    answered = show == "answered"
    mine = await kept_by(visitor)
    found = await correction_desk(visitor.web.store, mine, answered=answered)
    await visitor.web.gate.listed(
        visitor.account, sorted({one.person for one in found}), now=visitor.now,
        address=visitor.address,
    )  # fmt: skip
    names = await organisation_names(visitor.web.store.pool)
    rows = []
    for one in found:
        who = await resident(visitor.web.store, Scope.whole(), one.person)
        rows.append(
            correction_row(visitor, one, names)
            | {
                "name": Who(who, visitor.now).name_masked if who else "",
                "waits": one.institution in mine and one.state in ("open", "forwarded"),
            }
        )
    return visitor.page("corrections/desk.html", rows=rows, answered=answered)


@get("/corrections/{correction:str}")
async def correction_page(visitor: VisitorParameter, correction: FromPath[str]) -> Response[Any]:
    """One request: what is wrong, what is right, what stands now; the answer."""
    return await _shown(visitor, await _asked(visitor, correction))


@post("/corrections/{correction:str}")
async def correction_answer(
    visitor: VisitorParameter,
    correction: FromPath[str],
    request: Request[Any, Any, Any],
) -> Response[Any]:
    """Accept, refuse, or ask the source."""
    one = await _asked(visitor, correction)
    data = await request.form()
    try:
        await _answered(visitor, one, data)
    except FileRefused as error:
        return await _shown(visitor, one, error=error, typed={"words": str(data.get("words", ""))})
    return Redirect("/corrections", status_code=303)


async def _answered(visitor: Visitor, one: Correction, data: FormMultiDict) -> None:
    store, log, by = visitor.web.store, visitor.web.gate.log, by_visitor(visitor)
    said, action = str(data.get("words", "")), str(data.get("action", ""))
    mine = one.institution in await kept_by(visitor)
    if not mine or str(data.get("version", "")) != str(one.version):
        raise FileRefused("changed")
    if action == "forward":
        await forward_correction(store, log, one, str(data.get("to", "")), said, by=by)
    elif action in ("accept", "refuse"):
        values = typed_in(data).get(one.item, ())
        await answer_correction(
            store, log, one, accept=action == "accept", words=said, values=values, by=by
        )
    else:
        raise FileRefused("state")


async def _asked(visitor: Visitor, correction: str) -> Correction:
    """The request, once the gate has allowed to see it; one of others is as none."""
    one = await correction_one(visitor.web.store, correction, await kept_by(visitor))
    await visitor.ask(
        "answer-corrections", object_type="Correction", object_id=correction[:40],
        **({"person": one.person} if one else {}),
    )  # fmt: skip
    if one is None:
        raise NotFoundException
    return one


async def _shown(
    visitor: Visitor,
    seen: Correction,
    *,
    error: FileRefused | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response[Any]:
    store, mine = visitor.web.store, await kept_by(visitor)
    one = await correction_one(store, seen.id, mine) or seen
    who = await resident(store, Scope.whole(), one.person)
    file = await file_of_person(store.pool, one.person)
    item = sheet_items().items.get(one.item)
    keeps = decide(Ask(account=visitor.account, action="list-files")).allowed
    keeps = keeps and one.responsible in mine
    sheet = await sheet_now(visitor, who, file) if keeps and who and item else {}
    names = await organisation_names(store.pool)
    writable = item is not None and not item.fixed and one.state == "open" and file is not None
    conflict = error is not None and error.code in ("changed", "state")
    return visitor.page(
        "corrections/one.html",
        status=409 if conflict else 400 if error else 200,
        row=correction_row(visitor, one, names),
        version=one.version,
        name=who.name if who else "",
        number=masked_number(who.id_number) if who else "",
        file_href=f"/files/{one.person}" if keeps else None,
        now=words.value_words(visitor, one.item, sheet[one.item].values)
        if item is not None and one.item in sheet
        else "",
        fields=form_groups(visitor, sheet, wanted=lambda each: each.key == one.item)
        if writable
        else [],
        open=one.state in ("open", "forwarded") and one.institution in mine,
        sources=[
            (each.id, each.name)
            for each in sorted((await tree_of(visitor)).all(), key=lambda each: each.name)
            if each.institution == each.id and each.id != one.institution
            and each.kind not in ("commission", "information-centre", "research")
        ] if one.state == "open" else [],
        error=words.refusal(visitor, error) if error else "",
        typed=dict(typed or {"words": ""}),
    )  # fmt: skip


def correction_row(visitor: Visitor, one: Correction, names: Mapping[str, str]) -> dict[str, Any]:
    """A request as lists show it."""
    return {
        "id": one.id,
        "item": words.item_words(visitor, one.item),
        "wrong": one.wrong,
        "right": one.right,
        "evidence": one.evidence,
        "at": one.at,
        "due": one.due,
        "overdue": one.state in ("open", "forwarded") and one.due <= visitor.now,
        "state": one.state,
        "state_words": visitor.say(words.CORRECTIONS[one.state]),
        "institution": names.get(one.institution, one.institution),
        "responsible": names.get(one.responsible, one.responsible),
        "forwarded_words": one.forwarded_words,
        "words": one.words,
        "answered": one.answered,
        "answered_name": one.answered_name,
        "open": one.state in ("open", "forwarded"),
    }
