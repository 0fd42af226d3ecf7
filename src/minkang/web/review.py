"""The identity desk's queue: pairs of registrations that a person has to decide."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get

from minkang.accounts import organisation_names
from minkang.exchange import sources
from minkang.identity.in_force import definition_in_force
from minkang.identity.review import rate
from minkang.identity.review_desk import UNTOUCHED, Desk, desk_of
from minkang.identity.review_list import Asked, Line, Shown, causes, counts, listing
from minkang.store import Stored
from minkang.web.consents import signed_in
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.rendering import N_
from minkang.web.review_bands import Bounds, band_words, bands_of
from minkang.web.review_data import patients_in, written_down
from minkang.web.review_words import (
    cause_words,
    day_from,
    midnight,
    pair_key,
    place_from,
    place_of,
    short,
    weight_text,
)
from minkang.web.tables import Column, address, table_of
from minkang.web.visitor import Visitor

_HERE: Final = "/centre/identity/review"
_PAGE: Final = 25


_COLUMNS: Final = (
    Column("a", N_("甲"), lambda one: one["a"]["name"]),
    Column("b", N_("乙"), lambda one: one["b"]["name"]),
    Column("cause", N_("原因"), lambda one: one["cause"]),
    Column("weight", N_("权重"), lambda one: one["rank"], number=True),
    Column("visits", N_("合并涉及"), lambda one: one["visits"]),
    Column("since", N_("进入队列"), lambda one: one["since"]),
    Column("taken", N_("状态"), lambda one: one["taken"]),
)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of the queue asks for, as typed; empty is anything."""

    cause: str = ""
    institution: str = ""
    band: str = ""
    since: str = ""
    until: str = ""

    @property
    def given(self) -> dict[str, str]:
        """Those that are not empty, for an address."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name))}


def asked_of(request: Request[Any, Any, Any], bands: Mapping[str, Bounds]) -> tuple[Filters, Asked]:
    """The filters in an address, as typed and as they are looked for."""
    query = request.query_params
    given = {name: str(query.get(name, "")).strip()[:80] for name in Filters.__struct_fields__}
    filters = Filters(**{name: value.replace("\0", "") for name, value in given.items()})
    shown: Shown = "deferred" if query.get("shown") == "deferred" else "open"
    since, until = day_from(filters.since), day_from(filters.until)
    least, below = bands.get(filters.band, (None, None))
    return filters, Asked(
        shown=shown,
        cause=filters.cause,
        institution=filters.institution,
        since=since,
        until=until + timedelta(days=1) if until else None,
        least=least,
        below=below,
    )


@get("/centre/identity/review")
async def review_page(
    web: WebParameter, visitor: VisitorParameter, request: Request[Any, Any, Any]
) -> Response[Any]:
    """The queue, the most urgent first; or those put off."""
    decision = await visitor.ask("review-links", object_type="review")
    account = signed_in(visitor)
    async with web.store.pool.acquire() as connection:
        definition = await definition_in_force(connection)
        filters, asked = asked_of(request, bands_of(definition))
        await rate(connection)
        after = place_from(request.query_params.get("after", ""))
        lines = await listing(connection, asked, now=visitor.now, limit=_PAGE, after=after)
        known = await causes(connection)
        senders = {one.organisation: one.name for one in (await sources(connection)).values()}
        totals = await counts(
            connection, now=visitor.now, today=midnight(visitor.now), account=account.id
        )
    desks = await desk_of(web.store.pool, [one.pair for one in lines], now=visitor.now)
    names = await organisation_names(web.store.pool)
    wanted = {patient for one in lines for patient in one.pair}
    patients = await patients_in(web.store, decision.scope, wanted)
    await written_down(visitor, "review-links", wanted, "review")
    rows = [_row(visitor, one, patients, names, desks.get(one.pair, UNTOUCHED)) for one in lines]
    given = {"shown": asked.shown, **filters.given}
    last = lines[-1] if len(lines) == _PAGE else None
    free = next((row["href"] for row in rows if not row["taken"]), None)
    return visitor.page(
        "review/queue.html",
        shown=asked.shown,
        counts=totals,
        table=table_of(visitor, _COLUMNS, rows, more=last is not None),
        filters=filters,
        filtered=bool(filters.given),
        causes=[(one, cause_words(one, visitor), one == filters.cause) for one in known],
        institutions=[
            (key, name, key == filters.institution) for key, name in sorted(senders.items())
        ],
        bands=[
            (key, words, key == filters.band)
            for key, words in band_words(definition, visitor.say).items()
        ],
        first_href=free if asked.shown == "open" else None,
        more_href=address(request, after=place_of(last)) if last else None,
        table_href=f"{_HERE}/table?{urlencode(given)}",
    )


def _row(
    visitor: Visitor,
    line: Line,
    patients: Mapping[str, Stored],
    names: Mapping[str, str],
    desk: Desk,
) -> dict[str, Any]:
    own = signed_in(visitor).id
    return {
        "href": f"{_HERE}/{pair_key(line.pair)}",
        "since": line.since,
        "cause": cause_words(line.cause, visitor),
        "weight": weight_text(line.weight),
        "rank": line.weight,
        "a": short(patients.get(line.a), names),
        "b": short(patients.get(line.b), names),
        "visits": line.visits or 0,
        "sensitive": line.sensitive,
        "taken": "" if desk.free_for(own) else desk.taken_name,
        "until": desk.deferred_until,
        "by": desk.deferred_name,
        "why": desk.deferred_reason,
    }
