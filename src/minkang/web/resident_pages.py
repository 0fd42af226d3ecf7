"""The pages of the own record, one for each topic: the same for oneself and for whom one acts.

Each topic names the types of resources that its page needs; only these are gathered, within what
the visitor may see.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from minkang.record.life import Newest, gather
from minkang.web import (
    resident_documents,
    resident_emergency,
    resident_growth,
    resident_medicines,
    resident_overview,
    resident_results,
    resident_vaccinations,
    resident_visits,
)
from minkang.web.own_pages import OwnPages, own_pages
from minkang.web.parameters import VisitorParameter
from minkang.web.resident_asked import OwnAsked
from minkang.web.visitor import Visitor


class Topic(msgspec.Struct, frozen=True):
    """One page of the own record.

    Attributes:
        path: what stands behind `/me` and `/me/family/{person}`.
        types: the types of resources that the page is made of.
        context: what its template shows; no I/O.
    """

    path: str
    template: str
    types: tuple[str, ...]
    context: Callable[[OwnAsked], Mapping[str, Any]]


_OVERVIEW: Final = Topic(
    "/record", "record.html", resident_overview.TYPES, resident_overview.overview_context
)
_TOPICS: Final = (
    Topic("/results", "results.html", resident_results.TYPES, resident_results.results_context),
    Topic(
        "/medicines",
        "medicines.html",
        resident_medicines.TYPES,
        resident_medicines.medicines_context,
    ),
    Topic("/visits", "visits.html", resident_visits.TYPES, resident_visits.visits_context),
    Topic(
        "/vaccinations",
        "vaccinations.html",
        resident_vaccinations.TYPES,
        resident_vaccinations.vaccinations_context,
    ),
    Topic("/growth", "growth.html", resident_growth.TYPES, resident_growth.growth_context),
    Topic(
        "/documents",
        "documents.html",
        resident_documents.TYPES,
        resident_documents.documents_context,
    ),
    Topic(
        "/emergency",
        "emergency.html",
        resident_emergency.TYPES,
        resident_emergency.emergency_context,
    ),
)


async def asked_for(
    visitor: Visitor, own: OwnPages, types: tuple[str, ...], newest: Newest | None = None
) -> OwnAsked:
    """The own record as far as a page needs it."""
    life = await gather(visitor.web.store, own.decision.scope, own.resident, types, newest)
    return OwnAsked(visitor, own, life, dict(visitor.request.query_params.items()))


async def _shown(visitor: Visitor, topic: Topic, person: str | None) -> Response[Any]:
    own = await own_pages(visitor, person=person)
    asked = await asked_for(visitor, own, topic.types)
    context = topic.context(asked)
    return visitor.page(
        f"resident/{topic.template}",
        own=own,
        age=asked.age,
        complete=asked.life.complete,
        **context,
    )


def _door(topic: Topic, own: str, ward: str) -> HTTPRouteHandler:
    """The handler of a topic, for the own record and for that of a ward."""

    @get([own, ward], name=f"own{topic.path}")
    async def page(visitor: VisitorParameter, request: Request[Any, Any, Any]) -> Response[Any]:
        return await _shown(visitor, topic, request.path_params.get("person"))

    return page


PAGES: Final = (
    _door(_OVERVIEW, "/me/record", "/me/family/{person:str}"),
    *(_door(one, f"/me{one.path}", f"/me/family/{{person:str}}{one.path}") for one in _TOPICS),
)
"""The handlers, for the table of routes."""
