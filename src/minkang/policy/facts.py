"""What connects an account with a resident now: the facts that a decision needs.

Each fact is asked of the store or of the policy's own tables anew with every question, so that what
ended (a contract, a consent, an opened glass) counts no more from the next request on. Only what
the policy asks of the account's role is looked up.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.directory import Tree
from minkang.fhir import Resource, date_range, local_reference
from minkang.fhir.dates import LOCAL
from minkang.fhir.search_syntax import parse_search
from minkang.policy.ask import NO_RELATION, Relation
from minkang.policy.consent import consent_state
from minkang.policy.glass import glass_in_force
from minkang.policy.guardians import guardian_of
from minkang.policy.performing import counts_for, shared_systems
from minkang.policy.presented import code_presented, institution_of, present_code
from minkang.store import Grade, Grant, Query, Scope, Store, Topic, find, search

__all__ = ["Windows", "district_of", "present_code", "relation"]

_CLINICIANS: Final = frozenset({"doctor", "gp", "village-doctor", "nurse", "maternal-child"})
_OPENERS: Final = frozenset({"doctor", "gp", "village-doctor", "nurse", "dispatcher"})
_REFERRING: Final = ("转出", "回转", "会诊", "转诊")
_REFERRAL_CODES: Final = frozenset({"3457005", "11429006", "103696004"})
"""SNOMED CT: patient referral, consultation, patient referral to specialist."""

_ENDED: Final = frozenset({"completed", "revoked", "entered-in-error", "on-hold", "draft"})
_PAPERS: Final = 50
_LAST_VISITS: Final = 100
_CALL: Final = timedelta(hours=24)
_ADULT, _ADOLESCENT, _SCHOOL = 18, 14, 7


class Windows(msgspec.Struct, frozen=True, kw_only=True):
    """For how long what happened once connects, as the region sets it; `docs/operators/policy.md`.

    Attributes:
        visit_days: a visit at the own institution.
        code_hours: a code shown to this clinician.
        referral_days: a referral or consultation that was not ended.
        case_days: a record of a notifiable disease makes a case.
    """

    visit_days: int = 180
    code_hours: int = 24
    referral_days: int = 30
    case_days: int = 365


async def relation(
    store: Store,
    account: Account,
    person: str,
    patients: frozenset[str],
    *,
    now: datetime,
    visit_days: int,
    code_hours: int,
    birth_date: str = "",
    windows: Windows | None = None,
) -> Relation:
    """What connects an account with a resident now.

    Args:
        person, patients: the resident and the linked Patients; without any, nothing connects, and
            the same is looked up all the same.
        birth_date: ISO date; empty if it is not known.
        windows: all of the windows; else `visit_days` and `code_hours` with the others' defaults.
    """
    spans = windows or Windows(visit_days=visit_days, code_hours=code_hours)
    found = NO_RELATION
    if account.role in _CLINICIANS:
        found = await _clinician(store, account, person, patients, now, spans)
    elif account.role == "dispatcher":
        called, glass = await asyncio.gather(
            _visit(store, account, patients, now - _CALL, now),
            glass_in_force(store.pool, account, person, now),
        )
        found = Relation(call=called, glass=glass)
    elif account.role == "cdc":
        found = Relation(case=await _case(store, patients, now - timedelta(days=spans.case_days)))
    elif account.role == "resident" and account.person is not None and account.person != person:
        guards = await guardian_of(store.pool, account.person, person, now)
        found = Relation(guardian=guards)
    return _with_age(found, birth_date, now)


async def _clinician(
    store: Store,
    account: Account,
    person: str,
    patients: frozenset[str],
    now: datetime,
    spans: Windows,
) -> Relation:
    if institution_of(account) is None:
        return NO_RELATION
    since = now - timedelta(days=spans.visit_days)
    glassy = account.role in _OPENERS
    referred = now - timedelta(days=spans.referral_days)
    visit, contract, referral, code, consent, glass = await asyncio.gather(
        _visit(store, account, patients, since, now),
        _contract(store, account, patients, now),
        _referral(store, account, patients, referred),
        code_presented(store.pool, account, person, now=now, hours=spans.code_hours),
        consent_state(store.pool, person, account, now, code_hours=spans.code_hours),
        glass_in_force(store.pool, account, person, now) if glassy else _no(),
    )
    return Relation(
        visit=visit,
        contract=contract,
        referral=referral,
        code_presented=code,
        consent=consent,
        glass=glass,
    )


async def _no() -> bool:
    return False


def _ids(account: Account) -> frozenset[str]:
    return frozenset(one for one in (institution_of(account), account.organisation) if one)


def _own(account: Account, patients: frozenset[str] | None, *types: str) -> Grant:
    return Grant(
        grade=Grade.SENSITIVE, patients=patients, sources=_ids(account), types=frozenset(types)
    )


async def _visit(
    store: Store, account: Account, patients: frozenset[str], since: datetime, now: datetime
) -> bool:
    """Whether there is a visit at the own institution that began within the time.

    It came from the institution itself, or from a system that several share and that names it.
    """
    until = now + timedelta(days=1)
    grant = msgspec.structs.replace(_own(account, patients, "Encounter"), until=until)
    asked = Query(types=("Encounter",), patients=_sorted(patients), since=since, limit=1)
    if (await search(store, Scope((grant,)), asked)).matches:
        return True
    if not (shared := await _shared(store)):
        return False
    theirs = Scope((msgspec.structs.replace(grant, sources=shared),))
    asked = msgspec.structs.replace(asked, limit=_LAST_VISITS)
    found = (await search(store, theirs, asked)).matches
    ids = _ids(account)
    return any(ids & counts_for(one, shared) for one in found)


async def _shared(store: Store) -> frozenset[str]:
    async with store.pool.acquire() as connection:
        return await shared_systems(connection)


async def _contract(
    store: Store, account: Account, patients: frozenset[str], now: datetime
) -> bool:
    """Whether a family-doctor contract with the own institution is in force.

    It came from the institution itself, or from a system that several share and that names it.
    """
    # R4 leaves Contract out of the patients' compartments: it is found by whom it names.
    subjects = ",".join(f"Patient/{one}" for one in _sorted(patients))
    asked = parse_search(("Contract",), [("subject", subjects), ("_count", str(_PAPERS))])
    grant = Grant(grade=Grade.SENSITIVE, types=frozenset({"Contract"}))
    found = (await find(store, Scope((grant,)), asked)).matches
    standing = [one for one in found if in_force(one.resource, now)]
    ids = _ids(account)
    if any(one.source in ids for one in standing):
        return True
    shared = await _shared(store) if standing else frozenset[str]()
    return any(ids & counts_for(one, shared) for one in standing)


async def _referral(
    store: Store, account: Account, patients: frozenset[str], since: datetime
) -> bool:
    """Whether a referral or consultation to the own institution is open."""
    grant = Grant(grade=Grade.SENSITIVE, patients=patients)
    asked = Query(types=("ServiceRequest",), patients=_sorted(patients), since=since, limit=_PAPERS)
    found = (await search(store, Scope((grant,)), asked)).matches
    return any(refers_to(one.resource, account) for one in found)


async def _case(store: Store, patients: frozenset[str], since: datetime) -> bool:
    """Whether anybody recorded a notifiable disease of the resident within the time."""
    grant = Grant(
        grade=Grade.SENSITIVE, patients=patients, only_topics=frozenset({Topic.NOTIFIABLE})
    )
    asked = Query(types=("Condition",), patients=_sorted(patients), since=since, limit=1)
    return bool((await search(store, Scope((grant,)), asked)).matches)


def district_of(tree: Tree, account: Account) -> frozenset[str]:
    """The organisations of the county that the account's institution lies in; else those below it.

    Maternal and child care is organised by county (母婴保健法, art. 4).
    """
    own = institution_of(account)
    if own is None:
        return frozenset()
    for one in (own, *tree.above(own)):
        found = tree.get(one)
        if found is not None and found.level == "county":
            return tree.within(one)
    return tree.within(own)


def in_force(contract: Resource, now: datetime) -> bool:
    """Whether a family-doctor contract (国卫基层发〔2018〕35号) is executed and has not ended."""
    if contract.get("status") != "executed":
        return False
    period = contract.get("applies")
    if not isinstance(period, dict):
        return False
    start, end = _span(period.get("start")), _span(period.get("end"))
    return (start is None or start[0] <= now) and end is not None and now < end[1]


def refers_to(request: Resource, account: Account) -> bool:
    """Whether a request is an open referral or consultation to the account's institution.

    The institution is known by a reference to its Organization or by its full name, as the
    two-way referral form has it (国家基本公共卫生服务规范 third edition, 双向转诊单).
    """
    if request.get("status") in _ENDED or not _is_referral(request):
        return False
    ids = {one for one in (institution_of(account), account.organisation) if one}
    for performer in _dicts(request.get("performer")):
        target = local_reference(performer)
        if target is not None and target[0] == "Organization" and target[1] in ids:
            return True
        name = performer.get("display")
        if target is None and name and name == account.organisation_name:
            return True
    return False


def _is_referral(request: Resource) -> bool:
    concepts = [*_dicts(request.get("code")), *_dicts(request.get("category"))]
    for concept in concepts:
        text = str(concept.get("text", ""))
        codings = _dicts(concept.get("coding"))
        words = [text, *(str(one.get("display", "")) for one in codings)]
        if any(word in said for said in words for word in _REFERRING):
            return True
        if any(one.get("code") in _REFERRAL_CODES for one in codings):
            return True
    return False


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict)]


def _span(text: Any) -> tuple[datetime, datetime] | None:
    try:
        found = date_range(str(text)) if text else None
    except ValueError:
        return None
    return (found.low, found.high) if found is not None else None


def _with_age(found: Relation, birth_date: str, now: datetime) -> Relation:
    years = age_of(birth_date, now)
    if years is None or years >= _ADULT:
        return found
    return msgspec.structs.replace(
        found, minor=True, adolescent=years >= _ADOLESCENT, young=years < _SCHOOL
    )


def age_of(birth_date: str, now: datetime) -> int | None:
    """Whole years on today's date here; of a date without month or day the least it can be."""
    try:
        born = date_range(birth_date).high - timedelta(days=1) if birth_date else None
    except ValueError:
        return None
    if born is None:
        return None
    today: date = now.astimezone(LOCAL).date()
    day = born.astimezone(LOCAL).date()
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _sorted(patients: frozenset[str]) -> tuple[str, ...]:
    """In order; of nobody an id that no Patient has, so that the same is looked up."""
    return tuple(sorted(patients)) or ("-",)
