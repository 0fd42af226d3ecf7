"""Which registrations are one resident's: look for one, and what has changed lately."""

from typing import Any, Final

from litestar import Response, get, post

from minkang.accounts import organisation_names
from minkang.identity import find_residents
from minkang.identity.changed_links import changed_links
from minkang.policy import Decision as Allowed
from minkang.policy.mask import masked_name, masked_number
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.review_data import patients_in, written_down
from minkang.web.review_words import SEPARATOR, cause_of_change, pair_key, rule_words
from minkang.web.visitor import Visitor
from minkang.web.wording import town

_FOUND: Final = 20
_CHANGES: Final = 15
_SHORTEST: Final = 2
HERE: Final = "/centre/identity/links"


@get("/centre/identity/links")
async def links_page(visitor: VisitorParameter) -> Response[Any]:
    """Where to look for a resident, and the last changes."""
    await visitor.ask("review-links", object_type="links")
    return await _page(visitor, q="", found=None, chosen=None)


@post("/centre/identity/links")
async def links_search(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Residents that fit what was typed; `with` is a registration to be compared with another."""
    allowed = await visitor.ask("review-links", object_type="links")
    q, chosen = data.get("q", "").strip(), await _chosen(visitor, allowed, data.get("with", ""))
    found = await _found(visitor, allowed, q, chosen)
    return await _page(visitor, q=q, found=found, chosen=chosen, status=200)


async def _chosen(visitor: Visitor, allowed: Allowed, patient: str) -> dict[str, str] | None:
    if not patient or SEPARATOR in patient:
        return None
    known = await patients_in(visitor.web.store, allowed.scope, [patient])
    if patient not in known:
        return None
    await written_down(visitor, "review-links", [patient], "links")
    name = next((one.get("text", "") for one in known[patient].resource.get("name", [])), "")
    return {"patient": patient, "name": masked_name(name), "href": HERE}


async def _found(
    visitor: Visitor, allowed: Allowed, q: str, chosen: dict[str, str] | None
) -> dict[str, Any] | None:
    """Residents by number, code, name or pinyin; each leads to its links, or to the comparison."""
    if not q:
        return None
    if len(q) < _SHORTEST:
        return {"items": [], "too_many": False, "too_short": True}
    found = await find_residents(visitor.web.store, allowed.scope, q, _FOUND)
    residents = [one for one in found.residents if one.patients]
    await written_down(
        visitor,
        "review-links",
        {patient for one in residents for patient in one.patients},
        "links",
    )
    items = []
    for one in residents:
        href = f"{HERE}/{one.person}"
        if chosen is not None:
            if chosen["patient"] in one.patients:
                continue
            first, second = sorted((chosen["patient"], min(one.patients)))
            href = f"/centre/identity/review/{pair_key((first, second))}"
        items.append(
            {
                "href": href,
                "name": one.name,
                "sex": one.sex,
                "born": one.birth_date,
                "number": masked_number(one.id_number),
                "town": town(one.address),
                "registrations": len(one.patients),
            }
        )
    return {"items": items, "too_many": found.more, "too_short": False}


async def _page(visitor: Visitor, *, status: int = 200, **context: Any) -> Response[Any]:
    pool, say = visitor.web.store.pool, visitor.say
    names = await organisation_names(pool)
    changes = [
        {
            "at": one.until,
            "institution": names.get(one.source, one.source),
            "rule": rule_words(one.rule, say),
            "cause": cause_of_change(one.cause, say),
            "by": one.author_name,
            "reason": one.reason,
            "href": f"{HERE}/{one.person}",
        }
        for one in await changed_links(pool, limit=_CHANGES)
    ]
    return visitor.page("review/find.html", status=status, changes=changes, **context)
