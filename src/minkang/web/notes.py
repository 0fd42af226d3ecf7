"""What the own institution wrote about a resident: notes to write, change and withdraw."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.record.questionnaires import form_of, forms
from minkang.record.writing import notes
from minkang.record.writing.about import About
from minkang.record.writing.commit import (
    ChangedMeanwhile,
    NotThere,
    Writing,
    commit,
    withdraw,
)
from minkang.record.writing.written import Written, parts_of, written_about, written_of
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_, language_of
from minkang.web.writing import Desk, desk_of, key_of, new_key, version_of

KINDS = {
    "outpatient": N_("门诊记录"),
    "progress": N_("病程记录"),
    "home": N_("入户访视记录"),
}
_FAULTS = {
    "title": {"required": N_("请写标题"), "too-long": N_("标题最多 80 个字")},
    "text": {"required": N_("请写正文"), "too-long": N_("正文最多 20000 个字")},
    "kind": {"unknown": N_("请选择记录种类")},
}
_REASON = 4
_DUE = frozenset({"gp", "village-doctor"})
"""Who has a list of residents to go back to."""


@get("/record/{person:str}/notes")
async def notes_page(
    visitor: VisitorParameter, person: FromPath[str], done: FromQuery[str] = ""
) -> Response[Any]:
    """What to write, and what the own institution has written."""
    desk = await desk_of(visitor, person)
    language = language_of(visitor.request)
    found = await written_about(desk.store, desk.decision.scope, desk.resident.patients)
    return desk.page(
        "notes/list.html",
        kinds=[(key, visitor.say(words)) for key, words in KINDS.items()],
        forms=[(one.key, one.title.said(language)) for one in forms().values()],
        rows=[_row(desk, one) for one in found],
        done=done if done in ("saved", "withdrawn") else "",
        due=desk.account.role in _DUE,
    )


@get("/record/{person:str}/notes/new")
async def note_new(
    visitor: VisitorParameter, person: FromPath[str], kind: FromQuery[str] = "outpatient"
) -> Response[Any]:
    """An empty note."""
    desk = await desk_of(visitor, person)
    chosen = kind if kind in KINDS else "outpatient"
    title = visitor.say(KINDS[chosen])
    empty = notes.Note(kind=chosen, title=title, text="")
    return await _form(desk, empty, new_key(), 0)


@get("/record/{person:str}/notes/{note:str}")
async def note_page(
    visitor: VisitorParameter, person: FromPath[str], note: FromPath[str]
) -> Response[Any]:
    """A note as it stands, to be changed; a filled form has a page of its own."""
    desk = await desk_of(visitor, person)
    found = await desk.written(note)
    if found is not None and found.kind == "form":
        return Redirect(_href(desk, found), status_code=303)
    said = notes.note_of(found.stored.resource) if found else None
    if found is None or said is None:
        raise NotFoundException
    if found.withdrawn:
        return desk.page("notes/withdrawn.html", row=_row(desk, found), text=said.text)
    return await _form(desk, said, found.key, found.version, of=found)


@post("/record/{person:str}/notes")
async def note_save(visitor: VisitorParameter, person: FromPath[str], data: Form) -> Response[Any]:
    """Keep a new note, or a change of one that nobody else has changed meanwhile."""
    desk = await desk_of(visitor, person)
    key, version = key_of(data.get("key", "")), version_of(data.get("version", ""))
    said = notes.Note(
        kind=data.get("kind", ""),
        title=notes.clean(data.get("title", "")).replace("\n", " "),
        text=notes.clean(data.get("text", "")),
        visit=data.get("visit", ""),
    )
    wrong = notes.faults(said)
    known = {one["id"] for one in await desk.visits()}
    former = await desk.written(key) if version else None
    was = notes.note_of(former.stored.resource) if former else None
    if said.visit and said.visit not in known and (was is None or was.visit != said.visit):
        wrong["kind"] = "unknown"
    if version and was is None:
        raise NotFoundException
    if wrong:
        errors = {name: visitor.say(_FAULTS[name][rule]) for name, rule in wrong.items()}
        return await _form(desk, said, key, version, errors=errors, status=422)
    about = await desk.about(key, version, patient=_patient_of(former))
    wanted = Writing(about=about, head=notes.composition_of(said, about))
    entry = desk.entry("write-note", key, object_type="Composition")
    try:
        await commit(desk.store, visitor.web.gate.log, wanted, entry)
    except ChangedMeanwhile as error:
        return await _changed(desk, said, key, error)
    except NotThere as error:
        raise NotFoundException from error
    return Redirect(f"/record/{person}/notes?done=saved", status_code=303)


@post("/record/{person:str}/notes/{note:str}/withdraw")
async def note_withdraw(
    visitor: VisitorParameter, person: FromPath[str], note: FromPath[str], data: Form
) -> Response[Any]:
    """Mark a note or filled form of one's own as entered in error, with the reason."""
    desk = await desk_of(visitor, person)
    found = await desk.written(note)
    if found is None or found.author != desk.account.id:
        raise NotFoundException
    reason = notes.clean(data.get("reason", ""))
    if len(reason) < _REASON:
        words = visitor.say(N_("请写明作废原因，至少四个字"))
        return desk.page(
            "notes/withdraw.html", status=422, row=_row(desk, found), error=words, typed=reason
        )
    about: About = await desk.about(
        found.key, version_of(data.get("version", "")), patient=_patient_of(found)
    )
    head = (found.stored.type, found.key)
    keys = [head, *await parts_of(desk.store, desk.decision.scope, found)]
    entry = desk.entry("withdraw-note", found.key, object_type=found.stored.type)
    try:
        await withdraw(desk.store, visitor.web.gate.log, about, keys, reason[:200], entry)
    except ChangedMeanwhile:
        words = visitor.say(N_("别人刚刚改过这份记录，请看过新的内容再决定"))
        return desk.page(
            "notes/withdraw.html", status=409, row=_row(desk, found), error=words, typed=reason
        )
    return Redirect(f"/record/{person}/notes?done=withdrawn", status_code=303)


@get("/record/{person:str}/notes/{note:str}/withdraw")
async def note_withdraw_page(
    visitor: VisitorParameter, person: FromPath[str], note: FromPath[str]
) -> Response[Any]:
    """Ask why."""
    desk = await desk_of(visitor, person)
    found = await desk.written(note)
    if found is None or found.author != desk.account.id or found.withdrawn:
        raise NotFoundException
    return desk.page("notes/withdraw.html", row=_row(desk, found), error="", typed="")


async def _form(
    desk: Desk,
    note: notes.Note,
    key: str,
    version: int,
    *,
    of: Written | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    say = desk.visitor.say
    return desk.page(
        "notes/edit.html",
        status=status,
        note=note,
        key=key,
        version=version,
        kinds=[(one, say(words)) for one, words in KINDS.items()],
        visits=await desk.visits(),
        errors=errors or {},
        row=_row(desk, of) if of else None,
        most=notes.LONGEST_TEXT,
    )


async def _changed(
    desk: Desk, mine: notes.Note, key: str, error: ChangedMeanwhile
) -> Response[Any]:
    """Both texts side by side: nothing is lost, and nobody is overwritten unseen."""
    theirs = notes.note_of(error.current.resource)
    found = written_of(error.current)
    if theirs is None or found is None:
        raise NotFoundException
    return desk.page(
        "notes/changed.html",
        status=409,
        mine=mine,
        theirs=theirs,
        key=key,
        row=_row(desk, found),
        version=error.current.version,
    )


def _patient_of(found: Written | None) -> str:
    if found is None:
        return ""
    reference: str = found.stored.resource["subject"]["reference"]
    return reference.removeprefix("Patient/")


def _href(desk: Desk, one: Written) -> str:
    person = desk.resident.person
    if one.kind == "form":
        return f"/record/{person}/forms/{one.form}?response={one.key}"
    return f"/record/{person}/notes/{one.key}"


def _row(desk: Desk, one: Written) -> dict[str, Any]:
    form = form_of(one.form) if one.form else None
    language = language_of(desk.visitor.request)
    return {
        "key": one.key,
        "kind": one.kind,
        "title": form.title.said(language) if form else one.title,
        "at": one.at,
        "author": one.author_name,
        "mine": one.author == desk.account.id,
        "version": one.version,
        "withdrawn": one.withdrawn,
        "href": _href(desk, one),
        "withdraw": f"/record/{desk.resident.person}/notes/{one.key}/withdraw",
    }
