"""What waits for the second person: joinings of sensitive contents, and revocations that do."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get

from minkang.accounts import organisation_names
from minkang.identity.decision_rows import Decision, waiting_decisions
from minkang.identity.review_list import counts
from minkang.store import Stored
from minkang.web.consents import signed_in
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.review_data import patients_in, written_down
from minkang.web.review_decisions import shown_decision
from minkang.web.review_words import midnight, pair_key, short
from minkang.web.visitor import Visitor

_MOST: Final = 200


@get("/centre/identity/review/second")
async def review_second(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """All of it, the newest first; one's own proposals too, which another has to confirm."""
    allowed = await visitor.ask("review-links", object_type="review")
    account = signed_in(visitor)
    async with web.store.pool.acquire() as connection:
        waiting = await waiting_decisions(connection, limit=_MOST)
        totals = await counts(
            connection, now=visitor.now, today=midnight(visitor.now), account=account.id
        )
    wanted = {patient for one in waiting for patient in one.pairs[0]}
    patients = await patients_in(web.store, allowed.scope, wanted)
    names = await organisation_names(web.store.pool)
    await written_down(visitor, "review-links", wanted, "review")
    return visitor.page(
        "review/second.html",
        counts=totals,
        rows=[_row(visitor, one, patients, names) for one in waiting],
    )


def _row(
    visitor: Visitor, one: Decision, patients: Mapping[str, Stored], names: Mapping[str, str]
) -> dict[str, Any]:
    a, b = one.pairs[0]
    by = one.revoked_by if one.asked else one.author
    return {
        **shown_decision(one, visitor.say),
        "href": f"/centre/identity/review/{pair_key((a, b))}",
        "a": short(patients.get(a), names),
        "b": short(patients.get(b), names),
        "by": one.revoked_name if one.asked else one.author_name,
        "at": one.revoked or one.at,
        "reason": one.revoked_reason if one.asked else one.reason,
        "own": by == signed_in(visitor).id,
    }
