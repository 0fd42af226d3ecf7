"""The work list of who keeps health files, and one file: its sheet, quality and history."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.fhir.dates import LOCAL
from minkang.identity import Resident
from minkang.identity.register.divisions import division_names
from minkang.identity.residents import resident_of
from minkang.policy.mask import masked_name, masked_number
from minkang.record.files import (
    File,
    FileRefused,
    close_file,
    file_of_person,
    judge,
    reopen_file,
    sheets_of,
    steps_of,
    transfer_file,
    write_sheet,
)
from minkang.record.files.file import KEEPERS, keeper_of, patients_of, residence_of
from minkang.record.files.items import sheet_items
from minkang.record.files.sheet import Sheet
from minkang.record.files.steps import answer_online
from minkang.record.files.work import KINDS, Kind, Work, doctors_of, work_counts, work_of
from minkang.store import Scope, read_several
from minkang.web import files_words as words
from minkang.web.files_asked import ask_keeper, by_visitor, kept_by, tree_of
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.tables import MOST_ROWS, Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor
from minkang.web.wording import age

_PAGE: Final = 40
_NUMBERS: Final = frozenset({"id-number"})

_COLUMNS: Final = (
    Column("name", N_("居民"), lambda one: one["name"]),
    Column("age", N_("年龄"), lambda one: one["age"], number=True),
    Column("todo", N_("要做的事"), lambda one: one["todo"]),
    Column("since", N_("自"), lambda one: one["since"]),
    Column("place", N_("居住地"), lambda one: one["place"]),
    Column("doctor", N_("责任医生"), lambda one: one["doctor"]),
    Column("score", N_("完整度"), lambda one: one["score"], number=True),
    Column("used", N_("最近使用"), lambda one: one["used"]),
)


@get("/files")
async def files_page(
    web: WebParameter,
    visitor: VisitorParameter,
    kind: FromQuery[str] = "",
    doctor: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """What is to be done, the most pressing first; as a page or as a file."""
    chosen: Kind | Literal[""] = next((one for one in KINDS if one == kind), "")
    await visitor.ask("list-files", object_type="HealthFile", object_id=chosen)
    mine, day = await kept_by(visitor), today(visitor)
    wanted = file_wanted(visitor.request)
    most = MOST_ROWS if wanted else _PAGE
    page = min(max(page, 1), 1000)
    found = await work_of(
        web.store, mine, day, kind=chosen, doctor=doctor[:60], limit=most + 1,
        offset=0 if wanted else (page - 1) * _PAGE,
    )  # fmt: skip
    lines = await _lines(visitor, found[:most])
    await web.gate.listed(
        visitor.account, sorted({one.person for one in found[:most]}), now=visitor.now,
        address=visitor.address,
    )  # fmt: skip
    if wanted:
        return file_of(visitor, _COLUMNS, lines, name="files", kind=wanted)
    counts = await work_counts(web.store, mine, day)
    more = len(found) > _PAGE
    return visitor.page(
        "files/work.html",
        kinds=[
            {"key": one, "words": visitor.say(words.KINDS[one]), "count": counts[one],
             "href": f"/files?kind={one}"}
            for one in KINDS
        ],
        kind=chosen,
        doctors=await doctors_of(web.store, mine),
        doctor=doctor,
        table=table_of(visitor, _COLUMNS, lines, more=more or page > 1),
        before=address(visitor.request, page=str(page - 1)) if page > 1 else None,
        after=address(visitor.request, page=str(page + 1)) if more else None,
    )  # fmt: skip


@get("/files/{person:str}")
async def file_page(visitor: VisitorParameter, person: FromPath[str]) -> Response[Any]:
    """One resident's file."""
    return await shown_file(visitor, await ask_keeper(visitor, person))


@post("/files/{person:str}")
async def file_change(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """A step with the file: checked, transfer, close, reopen, accept or refuse."""
    who = await ask_keeper(visitor, person)
    file = await file_of_person(visitor.web.store.pool, who.person)
    try:
        await _step(visitor, file, data)
    except FileRefused as error:
        status = 409 if error.code in ("changed", "state") else 400
        return await shown_file(
            visitor, who, error=words.refusal(visitor, error), typed=data, status=status
        )
    return Redirect(f"/files/{who.person}", status_code=303)


async def _step(visitor: Visitor, file: File | None, data: Form) -> None:
    if file is None:
        raise FileRefused("unknown")
    store, log, by = visitor.web.store, visitor.web.gate.log, by_visitor(visitor)
    version = int(data["version"]) if data.get("version", "").isdecimal() else 0
    said, action = data.get("words", ""), data.get("action", "")
    if action == "checked":
        await write_sheet(store, log, file.id, {}, version=version, by=by)
    elif action == "transfer":
        await transfer_file(store, log, file.id, data.get("to", ""), version=version, by=by)
    elif action == "close":
        reason = data.get("reason", "")
        await close_file(store, log, file.id, reason, _day(data), version=version, by=by)
    elif action == "reopen":
        await reopen_file(store, log, file.id, said, version=version, by=by)
    elif action in ("accept", "refuse"):
        accept = action == "accept"
        await answer_online(store, log, file.id, accept=accept, words=said, version=version, by=by)
    else:
        raise FileRefused("state")


def _day(data: Form) -> date:
    try:
        return date.fromisoformat(data.get("day", ""))
    except ValueError:
        raise FileRefused("date", "day") from None


def today(visitor: Visitor) -> date:
    """The day in China."""
    return visitor.now.astimezone(LOCAL).date()


async def sheet_now(visitor: Visitor, who: Resident, file: File | None) -> Sheet:
    """The sheet of a resident, with or without a file."""
    store = visitor.web.store
    async with store.pool.acquire() as connection:
        several = tuple(who.patients)
        if file is not None:
            several = (await patients_of(connection, [file.patient]))[file.patient]
        key = file.id if file is not None else "none"
        return (await sheets_of(store, connection, {key: several}))[key]


async def shown_file(
    visitor: Visitor,
    who: Resident,
    *,
    error: str = "",
    typed: Form | None = None,
    status: int = 200,
) -> Response[Any]:
    """The page of a file; without one, what there is and the way to open it."""
    pool = visitor.web.store.pool
    file = await file_of_person(pool, who.person)
    sheet = await sheet_now(visitor, who, file)
    names = await organisation_names(pool)
    quality = judge(sheet, today(visitor))
    division = await residence_of(pool, who.patients)
    places = await division_names(visitor.web.store, [one for one in (division,) if one])
    lives_at = await keeper_of(pool, division) if division else ""
    return visitor.page(
        "files/one.html",
        status=status,
        person=who.person,
        name=who.name,
        sex=who.sex,
        age=age(who.birth_date, today(visitor)),
        file=file,
        state=visitor.say(words.STATES[file.state]) if file else "",
        how=visitor.say(words.HOW[file.how]) if file else "",
        institution=names.get(file.institution, file.institution) if file else "",
        why_closed=visitor.say(words.REASONS[file.why_closed]) if file and file.why_closed else "",
        place=places.get(division, ""),
        elsewhere=names.get(lives_at, "") if file and lives_at != file.institution else "",
        lives_at=lives_at,
        groups=words.sheet_groups(visitor, sheet, names, _masked),
        score=quality.score,
        missing=[words.item_words(visitor, one) for one in quality.missing],
        contradictions=[
            {
                "words": words.told(visitor, sheet_items().contradictions[key].zh),
                "items": [words.item_words(visitor, one) for one in several],
            }
            for key, several in quality.contradictions.items()
        ],
        marks={key: one for key, one in quality.states.items() if one in ("invalid", "vague")},
        steps=await _steps(visitor, file, names) if file else [],
        keepers=await _keepers(visitor, file) if file else [],
        reasons=[(key, visitor.say(one)) for key, one in words.REASONS.items()],
        today=today(visitor),
        error=error,
        typed={name: (typed or {}).get(name, "") for name in ("to", "reason", "day", "words")},
    )


def _masked(key: str, text: str) -> str:
    return masked_number(text) or text if key in _NUMBERS else text


async def _steps(visitor: Visitor, file: File, names: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for one in await steps_of(visitor.web.store.pool, file.id):
        about = [words.item_words(visitor, key) for key in one.detail.get("items", [])]
        if one.kind == "transferred":
            about = [names.get(one.detail["from"], ""), names.get(one.detail["to"], "")]
        found.append(
            {
                "at": one.at,
                "words": visitor.say(words.STEPS[one.kind]),
                "who": one.account_name or visitor.say(N_("平台")),
                "institution": names.get(one.institution, one.institution),
                "about": (" → " if one.kind == "transferred" else "、").join(about),
                "said": one.detail.get("words", ""),
                "reason": visitor.say(words.REASONS[one.detail["reason"]])
                if "reason" in one.detail
                else "",
            }
        )
    return found


async def _keepers(visitor: Visitor, file: File) -> list[tuple[str, str]]:
    """Where a file can be handed to: institutions that keep files, but the one that has it."""
    return [
        (one.id, one.name)
        for one in sorted((await tree_of(visitor)).all(), key=lambda one: one.name)
        if one.kind in KEEPERS and one.institution == one.id and one.id != file.institution
        and one.ends is None
    ]  # fmt: skip


async def _lines(visitor: Visitor, found: Sequence[Work]) -> list[dict[str, Any]]:
    store = visitor.web.store
    async with store.pool.acquire() as connection:
        persons = sorted({one.person for one in found})
        stored = await read_several(store, connection, Scope.whole(), "Person", persons)
    about = {one.id: resident_of(one) for one in stored}
    places = await division_names(store, {one.division for one in found if one.division})
    lines = []
    for one in found:
        who = about.get(one.person)
        first = one.kinds[0]
        lines.append(
            {
                "name": masked_name(who.name) if who else "*",
                "sex": who.sex if who else "",
                "age": age(who.birth_date, today(visitor)) if who else None,
                "todo": "、".join(visitor.say(words.KINDS[kind]) for kind in one.kinds),
                "kinds": [(kind, visitor.say(words.KINDS[kind])) for kind in one.kinds],
                "since": one.since,
                "place": places.get(one.division, ""),
                "doctor": one.doctor,
                "score": one.score,
                "used": one.used,
                "href": f"/files/{one.person}",
                "action": visitor.say(words.TODO[first]),
                "action_href": f"/files/{one.person}{words.PLACES[first]}",
            }
        )
    return lines
