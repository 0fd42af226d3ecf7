"""Who looked at a record: all of it, searchable, each entry open to an objection."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from minkang.accounts import organisation_names
from minkang.audit import Look, looks_at
from minkang.audit.entry import microseconds
from minkang.policy.objections import Objection, objections_of
from minkang.policy.stand_in import former_persons
from minkang.web.consents import signed_in
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import ZONE, action_words, purpose_words, reason_words

_DAYS = 30
_PAGE = 500
_ONE_VISIT = timedelta(minutes=30)
_KINDS = ("", "allowed", "refused", "emergency", "listed")


class Sought(msgspec.Struct, frozen=True):
    """What is asked of the list: days (ISO, the last included), institution, kind, place."""

    since: date
    until: date
    institution: str
    kind: str
    before: str

    def address(self, base: str, before: str) -> str:
        """The list further back."""
        query = {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "institution": self.institution,
            "kind": self.kind,
            "before": before,
        }
        return f"{base}/access?{urlencode(query)}"


@get("/me/access")
async def my_access(
    visitor: VisitorParameter,
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    institution: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[Any]:
    """Who looked at my record, allowed and refused."""
    own = await own_pages(visitor, "see-who-looked")
    return await looks_page(visitor, own, _sought(visitor, since, until, institution, kind, before))


@get("/me/family/{person:str}/access")
async def ward_access(
    visitor: VisitorParameter,
    person: FromPath[str],
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    institution: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[Any]:
    """Who looked at the record of somebody for whom the visitor acts."""
    own = await own_pages(visitor, "see-who-looked", person)
    return await looks_page(visitor, own, _sought(visitor, since, until, institution, kind, before))


async def looks_page(
    visitor: Visitor, own: OwnPages, sought: Sought, *, error: str = "", status: int = 200
) -> Response[Any]:
    """The list."""
    pool, say = visitor.web.store.pool, visitor.say
    looks, more = await _found(visitor, own, sought)
    names = await organisation_names(pool)
    objections = {one.mark: one for one in await objections_of(pool, own.resident.person)}
    shown = [look for look in looks if _fits(look, sought)]
    institutions = sorted(
        {(look.organisation, names.get(look.organisation, look.organisation)) for look in looks
         if look.organisation}, key=lambda pair: pair[1],
    )  # fmt: skip
    account = signed_in(visitor).id
    return visitor.page(
        "resident/access.html",
        status=status,
        ward=own.ward,
        base=own.base,
        sought=sought,
        institutions=institutions,
        entries=[
            _entry(look, times, names, objections, own=account, say=say)
            for look, times in grouped(shown)
        ],
        objections=[objection_row(one, say) for one in objections.values()],
        error=error,
        more_href=sought.address(own.base, looks[-1].mark) if more else None,
    )


def today(visitor: Visitor) -> Sought:
    """The list as it is at first: the last thirty days."""
    return _sought(visitor, "", "", "", "", "")


def _sought(
    visitor: Visitor, since: str, until: str, institution: str, kind: str, before: str
) -> Sought:
    day = visitor.now.astimezone(ZONE).date()
    last = _day(until, day)
    first = min(_day(since, last - timedelta(days=_DAYS)), last)
    return Sought(first, last, institution, kind if kind in _KINDS else "", before)


def _day(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if 1970 < found.year < 9000 else otherwise


async def _found(visitor: Visitor, own: OwnPages, sought: Sought) -> tuple[list[Look], bool]:
    """A page of entries of the days asked for, and whether there are older ones of them."""
    end = datetime.combine(sought.until + timedelta(days=1), time(), ZONE)
    begin = datetime.combine(sought.since, time(), ZONE)
    latest = f"{microseconds(end)}.{0:032x}.0"
    person, patients = own.resident.person, own.resident.patients
    pool = visitor.web.store.pool
    former = await former_persons(pool, person)
    ask = partial(looks_at, pool, person, patients=patients, former=former, limit=_PAGE)
    try:
        looks = await ask(before=sought.before or latest)
    except ValueError:
        looks = await ask(before=latest)
    inside = [look for look in looks if begin <= look.at < end]
    return inside, len(looks) == _PAGE and len(inside) == len(looks)


def _fits(look: Look, sought: Sought) -> bool:
    if sought.institution and look.organisation != sought.institution:
        return False
    return {
        "": True,
        "allowed": look.allowed,
        "refused": not look.allowed,
        "emergency": look.purpose == "emergency",
        "listed": look.listed,
    }[sought.kind]


def grouped(looks: Iterable[Look]) -> list[tuple[Look, int]]:
    """Looks by the same person at the same thing within half an hour, as one with its count.

    A page that stays open asks again whenever something arrives; that is one visit to it. The
    newest of each group stands for it; refusals are never put together with what was allowed.
    """
    groups: list[tuple[Look, int]] = []
    last: dict[tuple[Any, ...], int] = {}
    for look in looks:
        kind = (look.account, look.action, look.allowed, look.reason, look.purpose)
        place = last.get(kind)
        if place is not None and groups[place][0].at - look.at < _ONE_VISIT:
            newest, times = groups[place]
            groups[place] = (newest, times + 1)
            continue
        last[kind] = len(groups)
        groups.append((look, 1))
    return groups


def _entry(
    look: Look,
    times: int,
    names: Mapping[str, str],
    objections: Mapping[str, Objection],
    *,
    own: str,
    say: Callable[[str], str],
) -> dict[str, Any]:
    objection = objections.get(look.mark)
    return {
        "mark": look.mark,
        "at": look.at,
        "name": look.account_name or _nobody(look, say),
        "role": look.role,
        "institution": names.get(look.organisation or "", ""),
        "purpose": purpose_words(look.purpose, say),
        "what": _what(look, times, say),
        "allowed": look.allowed,
        "emergency": look.purpose == "emergency",
        "listed": look.listed,
        "reason": "" if look.allowed else reason_words(look.reason, say),
        "self": look.account == own,
        "objection": objection_row(objection, say) if objection else None,
    }


def _nobody(look: Look, say: Callable[[str], str]) -> str:
    """Whose an entry without an account is: the operator's, or that of who was not let in."""
    return say("平台登记") if look.allowed else say("未登录的访问者")


def _what(look: Look, times: int, say: Callable[[str], str]) -> str:
    words = action_words(look.action, say)
    return words if times == 1 else say("%(what)s（%(n)s 次）") % {"what": words, "n": times}


def objection_row(one: Objection, say: Callable[[str], str]) -> dict[str, Any]:
    """An objection as pages show it."""
    entry = one.entry
    return {
        "id": one.id,
        "words": one.words,
        "at": one.at,
        "due": one.due,
        "answer": one.answer,
        "founded": one.founded,
        "answered": one.answered,
        "entry_at": datetime.fromisoformat(entry["at"]),
        "entry_name": entry["account_name"] or say("未登录的访问者"),
        "entry_role": entry["role"],
        "entry_what": action_words(entry["action"], say),
        "entry_purpose": purpose_words(entry["purpose"], say),
        "entry_allowed": entry["allowed"],
    }
