"""The doctor's home: find a resident, my patients of today."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post

from minkang.accounts import Account
from minkang.fhir import patients_of
from minkang.identity import Resident, find_residents, resident_of_patient
from minkang.policy import Relation, relation
from minkang.record.visits import visits_of
from minkang.store import Grade, Grant, Query, Scope, Store, search
from minkang.web.context import Web
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, Who, age

_TODAY = 30
_LIMIT = 20


@get("/doctor")
async def doctor_page(visitor: VisitorParameter) -> Response[Any]:
    """Search box and today's visits."""
    await visitor.ask("find-residents")
    today = await _today(visitor)
    return visitor.page("doctor/find.html", q="", found=None, today=today)


@post("/doctor")
async def doctor_search(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The whole page with results, for browsers without script."""
    text = data.get("q", "")
    found = await _find(web, visitor, text)
    today = await _today(visitor)
    return visitor.page("doctor/find.html", q=text, found=found, today=today, status=200)


@post("/doctor/results")
async def doctor_results(web: WebParameter, visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The results alone, as the doctor types."""
    text = data.get("q", "")
    found = await _find(web, visitor, text)
    return visitor.page("doctor/_results.html", q=text, found=found)


async def _find(web: Web, visitor: Visitor, text: str) -> dict[str, Any]:
    text = text.strip()
    decision = await visitor.ask("find-residents")
    if len(text) < 2:
        return {"items": [], "too_many": False, "too_short": bool(text), "like": False}
    found = await find_residents(web.store, decision.scope, text, _LIMIT)
    account = visitor.account
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    items = await asyncio.gather(
        *(_row(web, account, resident, visitor.now) for resident in found.residents)
    )
    items.sort(key=lambda item: not item["relation"])  # own patients first
    await web.gate.listed(
        account,
        [resident.person for resident in found.residents],
        now=visitor.now,
        address=visitor.address,
    )
    return {
        "items": items,
        "too_many": found.more,
        "too_short": False,
        "like": found.by == "like-pinyin",
    }


async def _row(web: Web, account: Account, resident: Resident, now: datetime) -> dict[str, Any]:
    known = await relation(
        web.store,
        account,
        resident.person,
        resident.patients,
        now=now,
        visit_days=web.settings.visit_relation_days,
        code_hours=web.settings.code_presented_hours,
    )
    who = Who(resident, now)
    return {
        "name_masked": who.name_masked,
        "sex": who.sex,
        "age": who.age,
        "id_number_masked": who.id_number_masked,
        "town": who.town,
        "last_visit": await _last_own_visit(web.store, account, resident),
        "relation": _connected(known),
        "href": f"/record/{resident.person}",
    }


def _connected(known: Relation) -> bool:
    """Whether the record opens without more ado."""
    treats = known.visit or known.contract or known.referral or known.glass
    return treats or (known.code_presented and known.consent.given)


async def _last_own_visit(store: Store, account: Account, resident: Resident) -> datetime | None:
    """The last visit at the doctor's own institution; others are none of his business yet."""
    own = _own_visits(account)
    query = Query(types=("Encounter",), patients=tuple(sorted(resident.patients)), limit=1)
    page = await search(store, own, query)
    visits = visits_of(page.matches, {})
    return visits[0].start if visits else None


async def _today(visitor: Visitor) -> list[dict[str, Any]]:
    """Visits of the last 24 hours at the doctor's own institution."""
    account, store = visitor.account, visitor.web.store
    assert account is not None  # noqa: S101 - the gate refuses who is not logged in
    since = visitor.now - timedelta(hours=24)
    page = await search(
        store, _own_visits(account), Query(types=("Encounter",), since=since, limit=_TODAY)
    )
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    today = visitor.now.astimezone(ZONE).date()
    for stored in page.matches:
        (visit,) = visits_of([stored], {})
        (patient,) = patients_of(stored.resource)
        who = await resident_of_patient(store, Scope.whole(), patient)
        if who is not None:
            seen.add(who.person)
            rows.append(
                {
                    "time": visit.start,
                    "name": who.name,
                    "sex": who.sex,
                    "age": age(who.birth_date, today),
                    "department": visit.department,
                    "diagnosis": "；".join(visit.reasons[:2]),
                    "href": f"/record/{who.person}",
                    "new": False,
                }
            )
    if seen:
        await visitor.web.gate.listed(
            account, sorted(seen), now=visitor.now, address=visitor.address
        )
    return sorted(rows, key=lambda row: row["time"])


def _own_visits(account: Account) -> Scope:
    own = frozenset([account.organisation or ""])
    types = frozenset(["Encounter"])
    return Scope((Grant(grade=Grade.PERSONAL, sources=own, types=types),))
