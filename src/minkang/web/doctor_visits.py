"""Today's visits of the own institution as a work list: which, of whom, and what is new of them."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from minkang.accounts import Account
from minkang.accounts.posts import posts_of
from minkang.audit.own_looks import last_opened
from minkang.fhir import patients_of
from minkang.identity import Resident
from minkang.identity.residents import resident_of
from minkang.policy import Ask, decide
from minkang.policy.presented import institution_of
from minkang.record.day_visits import DayVisit, day_visits
from minkang.record.due import Due, due_of, residents_of
from minkang.record.writing.written import written_of
from minkang.store import Grade, Grant, Query, Scope, Store, Stored, search
from minkang.web.wording import ZONE

PAGE: Final = 30
"""Visits on a page."""

Whose = Literal["mine", "department", "all"]

KINDS: Final = ("AMB", "EMER", "IMP", "HH")
_BEDS: Final = frozenset({"IMP", "ACUTE", "NONAC", "SS"})
_IS_IN: Final = frozenset({"arrived", "triaged", "in-progress", "onleave"})
_AHEAD: Final = 14
_LATEST: Final = timedelta(days=30)
_MANY: Final = 1_000
_RESULTS: Final = frozenset({"Observation", "DiagnosticReport", "ImagingStudy"})
_DOCUMENTS: Final = frozenset({"DocumentReference", "Composition"})
_WRITTEN: Final = frozenset({"Composition", "QuestionnaireResponse"})


class Chosen(msgspec.Struct, frozen=True):
    """What of the list is shown; `whose` empty: mine if there are any, else the next that has."""

    whose: str = ""
    kind: str = ""
    page: int = 1


class Seen(msgspec.Struct, frozen=True):
    """A visit with what the list says of its resident.

    Attributes:
        opened: when the reader opened the record last; None not within thirty days.
        results, documents: how many of the own institution came since then, or since the day
            began.
        noted: the reader has written of the resident today.
        due: the first service that one's own institution owes the resident; None without any.
    """

    day_visit: DayVisit
    resident: Resident
    opened: datetime | None
    results: int
    documents: int
    noted: bool
    due: Due | None


class WorkList(msgspec.Struct, frozen=True):
    """One page of the list.

    Attributes:
        whose, kind: what is shown after all.
        counts: visits by whose, before the kind is chosen; without "department" where none is
            known of the reader.
        kinds: visits by kind among those.
        page, pages: from 1.
    """

    rows: tuple[Seen, ...]
    whose: Whose
    kind: str
    counts: dict[Whose, int]
    kinds: dict[str, int]
    count: int
    page: int
    pages: int


async def work_list(store: Store, account: Account, chosen: Chosen, now: datetime) -> WorkList:
    """The visits of today, local time, at the account's institution, newest first; behind them who
    came on days before and is still there.

    The reader sees of other institutions nothing: visits, results and documents are those of the
    own one, and what is due is told of its own residents alone.
    """
    begin = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    visits, departments = await asyncio.gather(
        day_visits(store, own_sources(account), begin, begin + timedelta(days=1)),
        _departments(store, account, now),
    )
    mine = [one for one in visits if account.name in one.visit.doctors]
    departments |= {one.visit.department for one in mine if one.visit.department}
    sets: dict[Whose, Sequence[DayVisit]] = {"mine": mine}
    if departments:
        sets["department"] = [one for one in visits if one.visit.department in departments]
    sets["all"] = visits
    whose = _whose(sets, chosen.whose)
    within = sets[whose]
    kinds = {kind: sum(is_kind(one, kind) for one in within) for kind in KINDS}
    kind = chosen.kind if chosen.kind in kinds else ""
    fitting = [one for one in within if not kind or is_kind(one, kind)]
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(chosen.page, 1), pages)
    shown = fitting[(page - 1) * PAGE : page * PAGE]
    return WorkList(
        rows=await _seen(store, account, shown, begin, now),
        whose=whose,
        kind=kind,
        counts={key: len(some) for key, some in sets.items()},
        kinds=kinds,
        count=len(fitting),
        page=page,
        pages=pages,
    )


def own_sources(account: Account) -> frozenset[str]:
    """What the account's institution, and the department or team itself, sent."""
    return frozenset(one for one in (institution_of(account), account.organisation) if one)


def is_kind(one: DayVisit, kind: str) -> bool:
    """Whether a visit is of a kind; in a bed is only who has not left it."""
    if kind == "IMP":
        return one.visit.kind in _BEDS and one.visit.status in _IS_IN
    return one.visit.kind == kind


def _whose(sets: dict[Whose, Sequence[DayVisit]], asked: str) -> Whose:
    for key in sets:
        if key == asked:
            return key
    return next((key for key, some in sets.items() if some), "all")


async def _departments(store: Store, account: Account, now: datetime) -> set[str]:
    """What the department of the reader's post is called."""
    own = (await posts_of(store.pool, [account.id])).get(account.id, ())
    found = {one.department for one in own if one.in_force(now) and one.id == account.post}
    if account.organisation_name and account.organisation != institution_of(account):
        found.add(account.organisation_name)
    return found - {""}


async def _seen(
    store: Store, account: Account, visits: Sequence[DayVisit], begin: datetime, now: datetime
) -> tuple[Seen, ...]:
    residents = await _residents(store, visits)
    persons = {one.person: one for one in residents.values()}
    everybody = frozenset(p for one in persons.values() for p in one.patients)
    opened, arrived, due = await asyncio.gather(
        last_opened(store.pool, account.id, list(persons), now - _LATEST),
        _arrived(store, account, everybody, begin - _LATEST),
        _due(store, account, everybody, now.astimezone(ZONE).date()),
    )
    rows = []
    for one in visits:
        resident = residents.get(one.patient)
        if resident is None:
            continue
        last = opened.get(resident.person)
        facts = [fact for p in resident.patients for fact in arrived.get(p, ())]
        fresh = [fact for fact in facts if fact.updated > (last or begin)]
        written = [found for fact in facts if (found := _by(account, fact)) is not None]
        rows.append(
            Seen(
                one,
                resident,
                last,
                sum(fact.type in _RESULTS for fact in fresh),
                sum(fact.type in _DOCUMENTS and _by(account, fact) is None for fact in fresh),
                any(at >= begin for at in written),
                due.get(resident.person),
            )
        )
    return tuple(rows)


async def _residents(store: Store, visits: Sequence[DayVisit]) -> dict[str, Resident]:
    """By Patient."""
    patients = tuple(sorted({one.patient for one in visits}))
    if not patients:
        return {}
    query = Query(types=("Person",), patients=patients, limit=2 * PAGE)
    page = await search(store, Scope.whole(), query)
    found = [resident_of(one) for one in page.matches]
    return {patient: one for one in found for patient in one.patients}


async def _arrived(
    store: Store, account: Account, patients: frozenset[str], since: datetime
) -> dict[str, list[Stored]]:
    """What the own institution has of these Patients' last weeks, by Patient."""
    if not patients:
        return {}
    types = _RESULTS | _DOCUMENTS | _WRITTEN
    own = Grant(grade=Grade.PERSONAL, sources=own_sources(account), types=types)
    query = Query(
        types=tuple(sorted(types)), patients=tuple(sorted(patients)), since=since, limit=_MANY
    )
    found: dict[str, list[Stored]] = {}
    for stored in (await search(store, Scope((own,)), query)).matches:
        for patient in patients_of(stored.resource):
            found.setdefault(patient, []).append(stored)
    return found


async def _due(
    store: Store, account: Account, patients: frozenset[str], today: date
) -> dict[str, Due]:
    """The first service each of one's own residents is due for, by person."""
    institution = institution_of(account)
    if institution is None or not decide(Ask(account=account, action="see-due")).allowed:
        return {}
    own = await residents_of(store, institution, today, patients)
    found: dict[str, Due] = {}
    for one in await due_of(store.pool, [each.resident for each in own], today, _AHEAD):
        found.setdefault(one.resident.person, one)
    return found


def _by(account: Account, stored: Stored) -> datetime | None:
    """When the account wrote it; None if it is nothing that it wrote, or taken back."""
    if stored.type not in _WRITTEN:
        return None
    found = written_of(stored)
    mine = found is not None and found.author == account.id and not found.withdrawn
    return found.at if mine and found is not None else None
