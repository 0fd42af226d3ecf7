"""The review of broken glass: the queue, one opening, the decision."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts.directory import read_tree
from minkang.audit import looks_at
from minkang.policy.glass import GlassRefused
from minkang.policy.glass_review import (
    REVIEWS,
    Case,
    Review,
    glass_case,
    review_glass,
    review_queue,
)
from minkang.web.consent_words import GLASS_ERRORS, said
from minkang.web.consents import signed_in
from minkang.web.glass import glass_row
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import action_words

_LOOKS = 500


@get("/glass")
async def glass_page(visitor: VisitorParameter, show: FromQuery[str] = "open") -> Response[Any]:
    """Openings that wait for a decision, the first due first; or those decided."""
    await visitor.ask("review-glass", object_type="Glass")
    decided = show == "decided"
    cases = await review_queue(
        visitor.web.store.pool,
        now=visitor.now,
        institutions=await _institutions(visitor),
        decided=decided,
    )
    rows = [await glass_row(visitor, one) for one in cases]
    await _listed(visitor, cases)
    return visitor.page("glass/queue.html", cases=rows, decided=decided)


@get("/glass/{glass:str}")
async def glass_one(visitor: VisitorParameter, glass: FromPath[str]) -> Response[Any]:
    """One opening: why, what was looked at while it was open, what was said."""
    await visitor.ask("review-glass", object_type="Glass", object_id=glass)
    return await _one(visitor, glass)


@post("/glass/{glass:str}/review")
async def glass_review(
    visitor: VisitorParameter, glass: FromPath[str], data: Form
) -> Response[Any]:
    """Ask the clinician, or decide."""
    await visitor.ask("review-glass", object_type="Glass", object_id=glass)
    try:
        await review_glass(
            visitor.web.store,
            visitor.web.gate.log,
            glass,
            by=signed_in(visitor),
            review=_review(data.get("review", "")),
            words=data.get("words", ""),
            now=visitor.now,
            institutions=await _institutions(visitor),
            address=visitor.address,
        )
    except GlassRefused as refusal:
        return await _one(visitor, glass, error=refusal.code, words=data.get("words", ""))
    return Redirect(f"/glass/{glass}", status_code=303)


def _review(text: str) -> Review:
    for one in REVIEWS:
        if one == text:
            return one
    raise GlassRefused("unknown")


async def _institutions(visitor: Visitor) -> frozenset[str] | None:
    """Where a supervisor reviews: the own organisation and all below it. Others: everywhere."""
    account = signed_in(visitor)
    if account.role != "supervisor":
        return None
    tree = await read_tree(visitor.web.store.pool)
    return tree.within(account.organisation) if account.organisation else frozenset()


async def _listed(visitor: Visitor, cases: list[Case]) -> None:
    """Whose openings were shown is written down."""
    await visitor.web.gate.listed(
        visitor.account,
        sorted({one.glass.person for one in cases}),
        now=visitor.now,
        address=visitor.address,
    )


async def _one(visitor: Visitor, glass: str, *, error: str = "", words: str = "") -> Response[Any]:
    case = await glass_case(visitor.web.store.pool, glass, now=visitor.now)
    institutions = await _institutions(visitor)
    if case is None or (institutions is not None and case.glass.institution not in institutions):
        raise NotFoundException
    await _listed(visitor, [case])
    one = case.glass
    looks = [
        look
        for look in await looks_at(visitor.web.store.pool, one.person, limit=_LOOKS)
        if look.account == one.account and one.opened <= look.at <= one.until and look.allowed
    ]
    account = signed_in(visitor)
    return visitor.page(
        "glass/one.html",
        status=400 if error else 200,
        case=await glass_row(visitor, case),
        looks=[{"at": look.at, "what": action_words(look.action, visitor.say)} for look in looks],
        may=not one.decided and account.id != one.account,
        error=said(GLASS_ERRORS, error, visitor.say) if error else "",
        words=words,
    )
