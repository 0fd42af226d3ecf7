"""Village and township doctors: whom my institution looks after, and who is due for what."""

from datetime import date
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from minkang.policy.presented import institution_of
from minkang.record.due import Due, Mine, due_of, residents_of, services
from minkang.web.home_card import Card
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import N_, language_of
from minkang.web.tables import Column, address, file_of, file_wanted, table_of
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, Who

_AHEAD: Final = 14
_FAR: Final = 400
_PAGE: Final = 50
_SHOWN: Final = {
    "due": N_("近两周要做的"),
    "overdue": N_("只看超期的"),
    "later": N_("全部计划"),
    "all": N_("全部居民"),
}


class _Row(msgspec.Struct, frozen=True):
    """A line of the table: a resident with one service, or with none."""

    person: str
    name: str
    sex: str
    age: int | None
    town: str
    how: str
    service: str
    law: str
    day: date | None
    overdue: int | None
    last: date | None
    href: str
    patients: frozenset[str]
    born: str


_COLUMNS: Final = (
    Column("name", N_("姓名"), lambda row: row.name),
    Column("age", N_("年龄"), lambda row: row.age, number=True),
    Column("town", N_("住址"), lambda row: row.town),
    Column("service", N_("应做的服务"), lambda row: row.service),
    Column("day", N_("应做日期"), lambda row: row.day.isoformat() if row.day else ""),
    Column("overdue", N_("超期天数"), lambda row: row.overdue, number=True),
    Column("last", N_("上次"), lambda row: row.last.isoformat() if row.last else ""),
    Column("how", N_("来由"), lambda row: row.how),
)


@get("/doctor/residents")
async def own_residents(
    visitor: VisitorParameter,
    shown: FromQuery[str] = "due",
    service: FromQuery[str] = "",
    q: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The list, filtered, sorted, by pages; or as a file."""
    await visitor.ask("see-due")
    chosen = shown if shown in _SHOWN else "due"
    rows = await _rows(visitor, chosen, service, q.strip()[:40])
    await _listed(visitor, rows)
    if file := file_wanted(visitor.request):
        return file_of(visitor, _COLUMNS, rows, name="residents", kind=file)
    pages = max(1, -(-len(rows) // _PAGE))
    at = min(max(page, 1), pages)
    table = table_of(visitor, _COLUMNS, rows)
    table.rows[:] = table.rows[(at - 1) * _PAGE : at * _PAGE]
    open_to = await _open_to(visitor, table.rows)
    language = language_of(visitor.request)
    return visitor.page(
        "doctor/residents.html",
        table=table,
        open_to=open_to,
        count=len(rows),
        page=at,
        pages=pages,
        before=address(visitor.request, page=str(at - 1)) if at > 1 else None,
        after=address(visitor.request, page=str(at + 1)) if at < pages else None,
        shown=chosen,
        shows=[(key, visitor.say(words)) for key, words in _SHOWN.items()],
        service=service,
        services=[(one.key, one.en if language == "en" else one.zh) for one in services()],
        q=q,
    )


async def due_card(visitor: Visitor) -> Card | None:
    """How many of my residents are due now; no card for an institution without residents."""
    institution = institution_of(visitor.account) if visitor.account else None
    if institution is None:
        return None
    today = visitor.now.astimezone(ZONE).date()
    mine = await residents_of(visitor.web.store, institution, today)
    if not mine:
        return None
    due = await due_of(visitor.web.store.pool, [one.resident for one in mine], today, _AHEAD)
    late = sum(one.day < today for one in due)
    title, href = visitor.say(N_("应随访居民")), "/doctor/residents"
    if late:
        words = visitor.say(N_("其中 %(n)s 项已超期")) % {"n": late}
        return Card(title, len(due), words, href, "danger")
    words = visitor.say(N_("近两周内要做的") if due else N_("近两周没有要做的"))
    return Card(title, len(due), words, href, "warn" if due else "ok")


async def _rows(visitor: Visitor, shown: str, service: str, text: str) -> list[_Row]:
    store, today = visitor.web.store, visitor.now.astimezone(ZONE).date()
    institution = institution_of(visitor.account) if visitor.account else None
    mine = await residents_of(store, institution or "", today)
    by_person = {one.resident.person: one for one in mine}
    ahead = _FAR if shown in ("later", "all") else _AHEAD
    due = await due_of(store.pool, [one.resident for one in mine], today, ahead)
    rows = [
        _row(visitor, by_person[one.resident.person], one, today)
        for one in due
        if (not service or one.service.key == service) and (shown != "overdue" or one.day < today)
    ]
    if shown == "all" and not service:
        with_due = {row.person for row in rows}
        rows += [
            _row(visitor, one, None, today) for one in mine if one.resident.person not in with_due
        ]
    return [row for row in rows if not text or text in row.name or text in row.town]


def _row(visitor: Visitor, mine: Mine, due: Due | None, today: date) -> _Row:
    who, say = Who(mine.resident, visitor.now), visitor.say
    how = [
        say(words)
        for on, words in (
            (mine.contract, N_("签约")),
            (mine.care, N_("健康管理")),
            (mine.file, N_("建档")),
        )
        if on
    ]
    person = mine.resident.person
    path = f"/record/{person}"
    if due is not None:
        path += f"/forms/{due.service.form}" if due.service.form else "/notes/new?kind=home"
    english = language_of(visitor.request) == "en"
    return _Row(
        person,
        who.name,
        who.sex,
        who.age,
        who.town,
        "、".join(how),
        "" if due is None else due.service.en if english else due.service.zh,
        "" if due is None else due.service.law,
        None if due is None else due.day,
        None if due is None else max(0, due.overdue(today)),
        None if due is None else due.last,
        path,
        mine.resident.patients,
        mine.resident.birth_date,
    )


async def _open_to(visitor: Visitor, rows: list[_Row]) -> frozenset[str]:
    """Persons of these rows into whose record the visitor may write now.

    A file kept here makes nobody a patient: with it alone the form would be refused, and so only
    the way to the health code is offered.
    """
    ask = visitor.web.gate.would
    by_person = {row.person: (row.person, row.patients, row.born) for row in rows if row.service}
    allowed = [
        person
        for person, about in by_person.items()
        if await ask(visitor.account, "write-record", about, now=visitor.now)
    ]
    return frozenset(allowed)


async def _listed(visitor: Visitor, rows: list[_Row]) -> None:
    """Whom the list names stands in the audit log, where each of them finds it."""
    persons = sorted({row.person for row in rows})
    if persons:
        await visitor.web.gate.listed(
            visitor.account, persons, now=visitor.now, address=visitor.address
        )
