"""Follow-ups by form: fill, be advised while filling, keep, change."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.record.due import next_day
from minkang.record.questionnaires import Answers, Fault, Form, form_of, read_answers
from minkang.record.questionnaires.checks import stage_of
from minkang.record.questionnaires.chronic import Class, Past
from minkang.record.questionnaires.extract import resources_of, standing_of
from minkang.record.questionnaires.responses import fields_said, response_of
from minkang.record.questionnaires.rules import advice_on, faults_in
from minkang.record.writing.about import About
from minkang.record.writing.commit import ChangedMeanwhile, NotThere, Writing, commit
from minkang.record.writing.written import (
    Written,
    fields_of_last,
    parts_of,
    written_about,
    written_of,
)
from minkang.store import read
from minkang.web import login
from minkang.web.form_view import advice_of, fault_words, groups_of
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import language_of
from minkang.web.wording import ZONE, age
from minkang.web.writing import Desk, desk_of, key_of, new_key, version_of

_CARRIED: Final = (
    "way", "height", "weight-goal", "smoking", "smoking-goal", "drinking", "drinking-goal",
    "exercise", "exercise-minutes", "salt", "salt-goal", "staple", "medicine-name",
    "medicine-times", "medicine-dose",
)  # fmt: skip
"""What seldom changes stands in the next form already, from the last one."""


class _Sheet(msgspec.Struct, frozen=True):
    """A form being filled: its patient's past, what is typed, what it is read as."""

    form: Form
    past: Past
    typed: Mapping[str, str]
    answers: Answers
    faults: tuple[Fault, ...]


@get("/record/{person:str}/forms/{form:str}")
async def form_page(
    visitor: VisitorParameter,
    person: FromPath[str],
    form: FromPath[str],
    response: FromQuery[str] = "",
) -> Response[Any]:
    """A new form, with what seldom changes taken from the last one; or one as it was filled."""
    desk = await desk_of(visitor, person)
    known = _known(form)
    if response:
        found = await _filled(desk, known, response)
        typed = fields_said(known, found.stored.resource)
        sheet = await _sheet(desk, known, typed, found.key)
        return _page(desk, sheet, found.key, found.version, of=found, faults=())
    written = await written_about(desk.store, desk.decision.scope, desk.resident.patients)
    last = fields_of_last(written, known.key)
    carried = {name: text for name, text in last.items() if name.split(".")[0] in _CARRIED}
    past = _past(desk, known, written, "")
    sheet = _read(known, {**carried, **_usual(known, past)}, past)
    return _page(desk, sheet, new_key(), 0, faults=(), carried=bool(carried))


@post("/record/{person:str}/forms/{form:str}/check")
async def form_check(
    visitor: VisitorParameter, person: FromPath[str], form: FromPath[str], data: login.Form
) -> Response[Any]:
    """The advice and the questions that depend on others, while the form is being filled."""
    desk = await desk_of(visitor, person, background=True)
    known = _known(form)
    sheet = await _sheet(desk, known, _typed(data), data.get("key", ""))
    return desk.page("forms/_check.html", **_context(desk, sheet, ()))


@post("/record/{person:str}/forms/{form:str}")
async def form_save(
    visitor: VisitorParameter, person: FromPath[str], form: FromPath[str], data: login.Form
) -> Response[Any]:
    """Keep the form and what it says, or show what is missing."""
    desk = await desk_of(visitor, person)
    known = _known(form)
    key, version = key_of(data.get("key", "")), version_of(data.get("version", ""))
    former = await _filled(desk, known, key) if version else None
    sheet = await _sheet(desk, known, _typed(data), key)
    if sheet.faults:
        return _page(desk, sheet, key, version, of=former, faults=sheet.faults, status=422)
    about = await _about(desk, sheet, key, version, former)
    wanted = Writing(
        about=about,
        head=response_of(sheet.answers, about),
        parts=resources_of(sheet.answers, about),
        once=standing_of(known, about),
        former=await parts_of(desk.store, desk.decision.scope, former) if former else (),
    )
    entry = desk.entry("write-form", key, object_type="QuestionnaireResponse")
    try:
        await commit(desk.store, visitor.web.gate.log, wanted, entry)
    except ChangedMeanwhile as error:
        return await _changed(desk, sheet, key, error)
    except NotThere as error:
        raise NotFoundException from error
    return Redirect(f"/record/{person}/notes?done=saved", status_code=303)


def _usual(form: Form, past: Past) -> dict[str, str]:
    """What stands in a new form: today, no referral, the next day by the norm, a child's age."""
    said = {"date": past.today.isoformat(), "referral": "1"}
    following = next_day(form.key, past.born, past.today)
    if following is not None and form.has("next"):
        said["next"] = following.isoformat()
    if past.born is not None and form.has("stage"):
        said["stage"] = stage_of(past.born, past.today)
    return said


def _known(key: str) -> Form:
    form = form_of(key)
    if form is None:
        raise NotFoundException
    return form


def _typed(data: Mapping[str, str]) -> dict[str, str]:
    return {name: text[:5000] for name, text in data.items()}


async def _filled(desk: Desk, form: Form, key: str) -> Written:
    found = await desk.written(key)
    if found is None or found.form != form.key or found.withdrawn:
        raise NotFoundException
    return found


async def _sheet(desk: Desk, form: Form, typed: Mapping[str, str], key: str) -> _Sheet:
    written = await written_about(desk.store, desk.decision.scope, desk.resident.patients)
    return _read(form, typed, _past(desk, form, written, key))


def _read(form: Form, typed: Mapping[str, str], past: Past) -> _Sheet:
    answers = read_answers(form, typed)
    return _Sheet(form, past, typed, answers, (*answers.faults, *faults_in(answers, past)))


def _past(desk: Desk, form: Form, written: tuple[Written, ...], besides: str) -> Past:
    today = desk.visitor.now.astimezone(ZONE).date()
    last = fields_of_last(written, form.key, besides).get("class", "")
    known: Class = last if last in ("1", "2", "3", "4") else ""  # type: ignore[assignment]
    try:
        born = date.fromisoformat(desk.resident.birth_date)
    except ValueError:
        born = None
    return Past(age(desk.resident.birth_date, today), known, today, born)


async def _about(
    desk: Desk, sheet: _Sheet, key: str, version: int, former: Written | None
) -> About:
    """The visit has the time of writing if it is today's, else its day."""
    day = sheet.answers.day("date")
    assert day is not None  # noqa: S101 - required, and there is no fault
    now = desk.visitor.now.astimezone(ZONE)
    start = now.isoformat(timespec="seconds") if day == now.date() else day.isoformat()
    if former is None:
        return await desk.about(key, version, start=start)
    visit = await read(desk.store, desk.decision.scope, "Encounter", f"{key}-visit")
    said = str(visit.resource["period"]["start"]) if visit else ""
    kept = said if said.startswith(day.isoformat()) else start
    reference: str = former.stored.resource["subject"]["reference"]
    return await desk.about(key, version, start=kept, patient=reference.removeprefix("Patient/"))


def _context(desk: Desk, sheet: _Sheet, faults: tuple[Fault, ...]) -> dict[str, Any]:
    visitor = desk.visitor
    language = language_of(visitor.request)
    advice = advice_on(sheet.answers, sheet.past)
    return {
        "form": sheet.form.key,
        "title": sheet.form.title.said(language),
        "groups": groups_of(sheet.form, sheet.typed, sheet.answers, faults, visitor.say, language),
        "advice": advice_of(advice, sheet.answers, visitor.say, language),
    }


def _page(
    desk: Desk,
    sheet: _Sheet,
    key: str,
    version: int,
    *,
    faults: tuple[Fault, ...],
    of: Written | None = None,
    carried: bool = False,
    theirs: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[Any]:
    language = language_of(desk.visitor.request)
    wrong = [
        {
            "name": fault.field,
            "words": sheet.form.item(fault.field.split(".")[0]).words.said(language),
            "error": fault_words(fault, desk.visitor.say),
        }
        for fault in faults
    ]
    return desk.page(
        "forms/page.html",
        status=status,
        key=key,
        version=version,
        wrong=wrong,
        carried=carried,
        theirs=theirs,
        mine=of is not None and of.author == desk.account.id,
        author=of.author_name if of else "",
        today=sheet.past.today.isoformat(),
        **_context(desk, sheet, faults),
    )


async def _changed(desk: Desk, sheet: _Sheet, key: str, error: ChangedMeanwhile) -> Response[Any]:
    """What was typed stays; beside it, where the other version differs."""
    found = written_of(error.current)
    if found is None:
        raise NotFoundException
    said = fields_said(sheet.form, error.current.resource)
    language = language_of(desk.visitor.request)
    theirs = []
    for item in sheet.form.each():
        names = [n for n in {*said, *sheet.typed} if n.split(".")[0] == item.link]
        theirs += [
            {
                "words": item.words.said(language),
                "mine": _shown(item, name, sheet.typed, language),
                "theirs": _shown(item, name, said, language),
            }
            for name in sorted(names)
            if said.get(name, "") != sheet.typed.get(name, "")
        ]
    return _page(
        desk, sheet, key, error.current.version, of=found, faults=(), theirs=theirs, status=409
    )


def _shown(item: Any, name: str, fields: Mapping[str, str], language: str) -> str:
    text = fields.get(name, "")
    code = name.rpartition(".")[2] if item.repeats and text else text
    option = next((one for one in item.options if one.code == code), None)
    return option.words.said(language) if option else text
