"""Breaking the glass from a refused record, and the clinician's own list of it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.accounts.account import entry_by
from minkang.identity import resident
from minkang.policy import Ask, decide
from minkang.policy.glass import GlassRefused, break_glass, checked_reason
from minkang.policy.glass_review import Case, answer_review, own_glasses
from minkang.store import Scope
from minkang.web.consent_words import GLASS_ERRORS, GLASS_REASONS, GLASS_STATES, said
from minkang.web.consents import signed_in
from minkang.web.denied import denied
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who


@post("/record/{person:str}/glass")
async def record_glass(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Open a record by need alone: with a reason, for a short time, told and reviewed."""
    reason, explanation = data.get("reason", ""), data.get("explanation", "")
    try:
        checked_reason(reason, explanation)
    except GlassRefused as refusal:
        return await _without_reason(visitor, person, refusal.code, data)
    await visitor.ask_about("break-glass", person)
    await break_glass(
        visitor.web.store,
        visitor.web.gate.log,
        signed_in(visitor),
        person,
        reason=reason,
        explanation=explanation,
        now=visitor.now,
        minutes=visitor.web.settings.glass_minutes,
        review_days=visitor.web.settings.glass_review_days,
        address=visitor.address,
    )
    return Redirect(f"/record/{person}", status_code=303)


@get("/doctor/glass")
async def own_glass_page(visitor: VisitorParameter) -> Response[Any]:
    """What I opened by need, what became of it, and what I am asked."""
    return await _own(visitor)


@post("/doctor/glass/{glass:str}/answer")
async def own_glass_answer(
    visitor: VisitorParameter, glass: FromPath[str], data: Form
) -> Response[Any]:
    """Answer the reviewer."""
    await visitor.ask("break-glass", object_type="Glass", object_id=glass)
    try:
        await answer_review(
            visitor.web.store,
            visitor.web.gate.log,
            glass,
            by=signed_in(visitor),
            words=data.get("words", ""),
            now=visitor.now,
            address=visitor.address,
        )
    except GlassRefused as refusal:
        return await _own(visitor, error=refusal.code, status=400)
    return Redirect("/doctor/glass", status_code=303)


async def _without_reason(
    visitor: Visitor, person: str, code: str, data: dict[str, str]
) -> Response[Any]:
    """Without a reason nobody breaks the glass; that it was tried is written down."""
    account = visitor.account
    if not decide(Ask(account=account, action="break-glass")).allowed:
        await visitor.ask("break-glass", person=person)
    await visitor.web.gate.log.record(
        entry_by(
            account,
            "break-glass",
            visitor.now,
            allowed=False,
            purpose="emergency",
            object_type="Person",
            object_id=person,
            person=person,
            reason="no-reason",
            address=visitor.address,
        )
    )
    return denied(visitor, person, "no-relation", glass_error=code, typed=data)


async def _own(visitor: Visitor, *, error: str = "", status: int = 200) -> Response[Any]:
    await visitor.ask("break-glass", object_type="Glass")
    account = signed_in(visitor)
    cases = await own_glasses(visitor.web.store.pool, account, now=visitor.now)
    rows = [await glass_row(visitor, one) for one in cases]
    await visitor.web.gate.listed(
        account,
        sorted({one.glass.person for one in cases}),
        now=visitor.now,
        address=visitor.address,
    )
    return visitor.page(
        "glass/own.html",
        status=status,
        cases=rows,
        error=said(GLASS_ERRORS, error, visitor.say) if error else "",
    )


async def glass_row(visitor: Visitor, case: Case) -> dict[str, Any]:
    """An opening as pages show it; the resident's name only in part."""
    say, glass = visitor.say, case.glass
    found = await resident(visitor.web.store, Scope.whole(), glass.person)
    names = await organisation_names(visitor.web.store.pool)
    who = Who(found, visitor.now) if found else None
    return {
        "id": glass.id,
        "name": glass.account_name,
        "role": glass.role,
        "institution": names.get(glass.institution or "", ""),
        "resident": who.name_masked if who else "",
        "reason": said(GLASS_REASONS, glass.reason, say),
        "explanation": glass.explanation,
        "opened": glass.opened,
        "until": glass.until,
        "open": glass.until > visitor.now,
        "due": glass.due,
        "state": glass.state,
        "state_words": said(GLASS_STATES, glass.state, say),
        "decided": glass.decided,
        "overdue": case.overdue,
        "repeated": case.repeated,
        "recent": case.recent,
        "same_person": case.same_person,
        "refuted": case.refuted,
        "steps": [
            {
                "kind": one.kind,
                "words": one.words,
                "name": one.account_name,
                "at": one.at,
                "said": said(GLASS_STATES, one.kind, say),
            }
            for one in case.steps
        ],
    }
