"""At the desk: the resident shows the code, and signs on paper what is missing."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from minkang.accounts.account import entry_by
from minkang.identity import Resident, resident
from minkang.policy import present_code
from minkang.policy.consent import ConsentChange, change_consent
from minkang.policy.consent_record import ConsentRefused
from minkang.store import SENSITIVE_TOPICS, Scope
from minkang.web.code_scan import fits
from minkang.web.consents import signed_in, ticked
from minkang.web.denied import denied
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import NotAllowed, Visitor

_OF_CODE = frozenset({"wrong-code", "too-many-codes", "no-consent"})


@post("/record/{person:str}/code")
async def record_code(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """The resident shows the code: the right one opens the record for this clinician, if the
    resident has consented to sharing."""
    fit = await fits(visitor, person, data.get("code", ""))
    try:
        await visitor.ask("present-code", person=person, code_fits=fit)
    except NotAllowed as refusal:
        if (reason := refusal.decision.reason) not in _OF_CODE:
            raise
        return denied(visitor, person, reason, code=await _number_of(visitor, person))
    return await _shown(visitor, person, data)


@post("/record/{person:str}/consent")
async def record_consent(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """The clinician records that the resident signed; the code shown is the evidence of presence,
    and opens the record."""
    fit = await fits(visitor, person, data.get("code", ""))
    try:
        _, who = await visitor.ask_about("witness-consent", person, code_fits=fit)
    except NotAllowed as refusal:
        if (reason := refusal.decision.reason) not in _OF_CODE:
            raise
        return denied(visitor, person, reason)
    try:
        await _sign(visitor, who, data)
    except ConsentRefused as refusal:
        return denied(
            visitor,
            person,
            "no-consent",
            code=data.get("code", ""),
            desk_error=refusal.code,
            typed=data,
            status=400,
        )
    await visitor.ask("present-code", person=person, code_fits=True)
    return await _shown(visitor, person, data)


async def _sign(visitor: Visitor, who: Resident, data: Mapping[str, str]) -> None:
    if not data.get("signed"):
        raise ConsentRefused("evidence")
    await change_consent(
        visitor.web.store,
        visitor.web.gate.log,
        ConsentChange(
            person=who.person,
            patients=who.patients,
            kind="give",
            evidence="paper",
            document=data.get("document", ""),
        ),
        by=signed_in(visitor),
        now=visitor.now,
        address=visitor.address,
    )


async def _number_of(visitor: Visitor, person: str) -> str:
    """The number that stands for a code on the form of a consent: a token counts only once."""
    found = await resident(visitor.web.store, Scope.whole(), person)
    return found.code if found else ""


async def _shown(visitor: Visitor, person: str, data: Mapping[str, str]) -> Response[Any]:
    account, topics = signed_in(visitor), ticked(data, "topic") & SENSITIVE_TOPICS
    if topics:
        await visitor.web.gate.log.record(
            entry_by(
                account,
                "confirm-topics",
                visitor.now,
                purpose="treatment",
                object_type="Account",
                object_id=account.id,
                person=person,
                address=visitor.address,
                detail={"topics": sorted(topics)},
            )
        )
    await present_code(visitor.web.store, account, person, now=visitor.now, topics=topics)
    return Redirect(f"/record/{person}", status_code=303)
