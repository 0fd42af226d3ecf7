"""A resident's home: my code, what must be told, what to do next; and the page of all the rest."""

import io
from datetime import timedelta
from typing import Any, Final

import segno
from litestar import Response, get

from minkang.audit import Look, looks_at
from minkang.identity import Resident
from minkang.policy.consent import current_consent
from minkang.policy.guardians import relations_of
from minkang.policy.notices import open_notices
from minkang.record.life import Newest
from minkang.record.visits import visits_of
from minkang.web.code_own import live_of
from minkang.web.consent_words import KINDS, said
from minkang.web.consents import signed_in
from minkang.web.home_cards import cards_of
from minkang.web.looks import grouped
from minkang.web.notices import notice_line
from minkang.web.own_pages import own_pages
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.resident_next import next_steps
from minkang.web.resident_pages import asked_for
from minkang.web.resident_results import important_rows
from minkang.web.resident_visits import visit_row
from minkang.web.visitor import Visitor
from minkang.web.wording import Who, grouped_code

_TYPES: Final = ("Encounter", "Observation", "ServiceRequest")
_NEWEST: Final = Newest("Observation", 1_000)
_DAYS: Final = 30
_LOOKS: Final = 500
_RESULTS: Final = 3
_VISITS: Final = 2


@get("/me")
async def my_home(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Code, notices, what to do next, last results and visits, and how many have looked."""
    own = await own_pages(visitor)
    asked = await asked_for(visitor, own, _TYPES, _NEWEST)
    looks = await _looks(visitor, own.resident)
    others = [look for look, _ in grouped(looks) if look.account != signed_in(visitor).id]
    consent = await current_consent(web.store.pool, own.resident.person)
    notices = await open_notices(web.store.pool, own.resident.person)
    visits = visits_of(asked.life.of("Encounter"), asked.life.names)[:_VISITS]
    return visitor.page(
        "resident/home.html",
        resident=Who(own.resident, visitor.now),
        live=await live_of(visitor, own.resident),
        code=_code(own.resident),
        cards=await cards_of(visitor),
        notices=[notice_line(visitor, one) for one in notices],
        consented=consent is not None and consent.given,
        steps=next_steps(asked),
        results=important_rows(asked, _RESULTS),
        visits=[visit_row(asked, one, {}) for one in visits],
        wards=await _wards(visitor, own.resident.person),
        looked={
            "count": sum(look.allowed for look in others),
            "last": others[0].at if others else None,
            "last_by": (others[0].account_name or visitor.say("平台登记")) if others else "",
        },
        refused=sum(not look.allowed for look in others),
    )


@get("/me/more")
async def my_more(visitor: VisitorParameter) -> Response[Any]:
    """All that a resident can do here, each with a word on what it is for."""
    own = await own_pages(visitor)
    return visitor.page("resident/more.html", resident=Who(own.resident, visitor.now))


@get("/me/code")
async def my_code(visitor: VisitorParameter) -> Response[Any]:
    """The code alone."""
    own = await own_pages(visitor)
    return visitor.page(
        "resident/_code.html",
        live=await live_of(visitor, own.resident),
        code=_code(own.resident),
    )


@get("/me/code.svg")
async def my_code_picture(visitor: VisitorParameter) -> Response[bytes]:
    """The code as a QR picture."""
    own = await own_pages(visitor)
    picture = io.BytesIO()
    segno.make(own.resident.code, error="m").save(
        picture, kind="svg", scale=8, border=2, dark="#111"
    )
    return Response(
        picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


async def _wards(visitor: Visitor, person: str) -> list[dict[str, str]]:
    """Whom the visitor acts for: names and ways only, their records are not opened for it."""
    relations = await relations_of(visitor.web.store.pool, person)
    return [
        {
            "name": one.ward_name,
            "href": f"/me/family/{one.ward}",
            "kind": said(KINDS, one.kind, visitor.say),
        }
        for one in relations
        if one.ward and one.in_force(visitor.now)
    ]


async def _looks(visitor: Visitor, resident: Resident) -> list[Look]:
    """Looks of the last days."""
    since = visitor.now - timedelta(days=_DAYS)
    looks = await looks_at(
        visitor.web.store.pool, resident.person, patients=resident.patients, limit=_LOOKS
    )
    return [look for look in looks if look.at >= since]


def _code(resident: Resident) -> dict[str, Any]:
    return {
        "digits": grouped_code(resident.code),
        "picture": "/me/code.svg",
    }
