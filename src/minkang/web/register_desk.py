"""The population desk: residents and households of the register, one card, what happened."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, get_args

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from minkang.fhir.dates import LOCAL
from minkang.identity.purge import person_of_patient
from minkang.identity.register import card_of, events_in, find_rows
from minkang.identity.register.card import Resident, residents_of
from minkang.identity.register.divisions import division_names
from minkang.identity.register.events import EventKind
from minkang.identity.register.stays import OPEN, Stay
from minkang.policy.mask import masked_name, masked_number
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.register_asked import ask_about_row
from minkang.web.register_words import EVENTS, KINDS, parsed_day, resident_line
from minkang.web.rendering import N_
from minkang.web.visitor import Visitor

_MOST: Final = 50
_EVENTS: Final = 200
_DAYS: Final = 30


@get("/population/residents")
async def residents_page(visitor: VisitorParameter) -> Response[Any]:
    """The form to look for somebody."""
    await visitor.ask("see-register", object_type="register")
    return visitor.page("register/residents.html", q="", division="", found=None)


@post("/population/residents")
async def residents_search(
    web: WebParameter, visitor: VisitorParameter, data: Form
) -> Response[Any]:
    """Who fits. POST, because a name must not stand in addresses, logs and histories."""
    await visitor.ask("see-register", object_type="register")
    text, division = data.get("q", "").strip()[:40], data.get("division", "").strip()[:12]
    division = division if division.isdigit() else ""
    found = await find_rows(web.store, text, division=division, limit=_MOST)
    await _listed(visitor, found)
    return visitor.page(
        "register/residents.html",
        q=text,
        division=division,
        found={"items": await _lines(visitor, found), "too_many": len(found) == _MOST},
        status=200,
    )


@get("/population/residents/{patient:str}")
async def resident_card(
    web: WebParameter, visitor: VisitorParameter, patient: FromPath[str]
) -> Response[Any]:
    """One resident of the register: now, where before, the household, what was noted."""
    async with web.store.pool.acquire() as connection:
        person = await person_of_patient(connection, patient)
    await ask_about_row(visitor, "see-register", person, object_type="Patient", object_id=patient)
    card = await card_of(web.store, patient)
    if card is None:
        raise NotFoundException
    await _listed(visitor, card.household)
    one = card.resident
    places = await division_names(
        web.store,
        [one.row.living, one.row.registered, *(stay.place for stay in card.stays),
         *(told.event.place for told in card.events)],
    )  # fmt: skip
    return visitor.page(
        "register/card.html",
        line=resident_line(one, places[one.row.living], visitor.say, visitor.now),
        name=one.name,
        id_number=masked_number(one.id_number),
        row=one.row,
        address=one.address,
        registered=places[one.row.registered],
        kind=visitor.say(KINDS[one.row.kind]),
        linked=bool(one.person),
        stays=[_stay(stay, places, visitor) for stay in card.stays],
        events=[
            {
                "day": told.event.day,
                "words": visitor.say(EVENTS[told.event.kind]),
                "place": places[told.event.place],
                "stands": told.stands,
                "noted": told.noted,
            }
            for told in card.events
        ],
        household=[
            line
            for line in await _lines(visitor, card.household)
            if line["href"] != f"/population/residents/{patient}"
        ],
    )


@get("/population/events")
async def events_page(
    web: WebParameter,
    visitor: VisitorParameter,
    kind: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    division: FromQuery[str] = "",
) -> Response[Any]:
    """Births, deaths and moves of some days, the latest first."""
    await visitor.ask("see-register", object_type="register-events", object_id=kind[:20])
    today = visitor.now.astimezone(LOCAL).date()
    last = parsed_day(until, today)
    first = parsed_day(since, last) if since else last - timedelta(days=_DAYS)
    kinds: tuple[EventKind, ...] = tuple(one for one in get_args(EventKind) if one == kind)
    division = division if division.isdigit() else ""
    told = await events_in(
        web.store, first, last + timedelta(days=1), division=division, kinds=kinds, limit=_EVENTS
    )
    people = await residents_of(web.store, list(dict.fromkeys(one.patient for one in told)))
    await _listed(visitor, people)
    by_patient = {one.row.patient: one for one in people}
    names = await division_names(web.store, {one.event.place for one in told})
    return visitor.page(
        "register/events.html",
        kinds=[(key, visitor.say(words)) for key, words in EVENTS.items()],
        kind=kind,
        first=first,
        last=last,
        division=division,
        more=len(told) == _EVENTS,
        events=[
            {
                "day": one.event.day,
                "words": visitor.say(EVENTS[one.event.kind]),
                "place": names[one.event.place],
                "href": f"/population/residents/{one.patient}",
                "name": masked_name(by_patient[one.patient].name),
                "sex": by_patient[one.patient].row.sex,
            }
            for one in told
            if one.patient in by_patient
        ],
    )


async def _lines(visitor: Visitor, found: Sequence[Resident]) -> list[dict[str, Any]]:
    names = await division_names(visitor.web.store, {one.row.living for one in found})
    return [resident_line(one, names[one.row.living], visitor.say, visitor.now) for one in found]


async def _listed(visitor: Visitor, found: Iterable[Resident]) -> None:
    """Whom an answer names is written down before it is given."""
    persons = sorted({one.person for one in found if one.person})
    if persons:
        await visitor.web.gate.listed(
            visitor.account, persons, now=visitor.now, address=visitor.address
        )


def _stay(stay: Stay, places: dict[str, str], visitor: Visitor) -> dict[str, Any]:
    last: date | None = None if stay.until == OPEN else stay.until - timedelta(days=1)
    words = N_("居住") if stay.basis == "living" else N_("户籍")
    return {
        "basis": visitor.say(words),
        "place": places[stay.place] or visitor.say(N_("未注明")),
        "begin": stay.begin,
        "last": last,
    }
