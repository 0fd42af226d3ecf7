"""At the institution: check the papers of those who ask to be guardians, and record them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.identity import Resident, find_residents, resident
from minkang.identity.health_code import compact
from minkang.policy.guardian_steps import (
    Claim,
    GuardianRefused,
    claim_guardian,
    decide_guardian,
)
from minkang.policy.guardians import Guardianship, local_day, waiting_guardians
from minkang.policy.presented import institution_of
from minkang.store import Scope
from minkang.web.consent_words import GUARDIAN_ERRORS, KINDS, choices, evidences, said
from minkang.web.consents import signed_in
from minkang.web.family import relation_row
from minkang.web.form_day import form_day
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who

_FIELDS = ("kind", "evidence", "document", "ends")


@get("/families")
async def families_page(visitor: VisitorParameter, done: FromQuery[str] = "") -> Response[Any]:
    """What waits for a check here, and a form to record a guardian at the desk."""
    return await _page(visitor, done=done)


@post("/families")
async def families_record(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Record a guardian; both show their codes. A colleague looks at it a second time."""
    await _ask(visitor)
    try:
        await claim_guardian(
            visitor.web.store,
            visitor.web.gate.log,
            await _claim(visitor, data),
            by=signed_in(visitor),
            now=visitor.now,
            address=visitor.address,
        )
    except GuardianRefused as refusal:
        return await _page(visitor, error=refusal.code, typed=data, status=400)
    return Redirect("/families?done=recorded", status_code=303)


@post("/families/decide")
async def families_decide(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Confirm or refuse after a look at the papers."""
    await _ask(visitor)
    try:
        await decide_guardian(
            visitor.web.store,
            visitor.web.gate.log,
            data.get("relation", ""),
            by=signed_in(visitor),
            confirmed=data.get("decision", "") == "confirm",
            born=await _born(visitor, data.get("relation", "")),
            words=data.get("words", ""),
            now=visitor.now,
            address=visitor.address,
        )
    except GuardianRefused as refusal:
        return await _page(visitor, error=refusal.code, status=400)
    return Redirect("/families?done=decided", status_code=303)


async def _ask(visitor: Visitor) -> str:
    """The visitor's institution, after the gate has allowed it."""
    await visitor.ask("confirm-guardian", object_type="Guardian")
    return institution_of(signed_in(visitor)) or ""


async def _waiting(visitor: Visitor, institution: str) -> list[Guardianship]:
    return await waiting_guardians(visitor.web.store.pool, institution)


async def _born(visitor: Visitor, relation: str) -> date | None:
    """The birth date of the ward of a relation that waits here."""
    institution = institution_of(signed_in(visitor)) or ""
    for one in await _waiting(visitor, institution):
        if one.id == relation and one.ward is not None:
            found = await resident(visitor.web.store, Scope.whole(), one.ward)
            return _date(found.birth_date) if found else None
    return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _claim(visitor: Visitor, data: Mapping[str, str]) -> Claim:
    guardian = await _by_code(visitor, data.get("guardian", ""))
    ward = await _by_code(visitor, data.get("ward", ""))
    try:
        ends = form_day(data.get("ends", ""))
    except ValueError as error:
        raise GuardianRefused("period") from error
    return Claim(
        guardian=guardian.person,
        ward=ward.person,
        ward_name=ward.name,
        kind=data.get("kind", ""),
        evidence=data.get("evidence", ""),
        document=data.get("document", ""),
        institution=institution_of(signed_in(visitor)) or "",
        begins=local_day(visitor.now),
        ends=ends,
    )


async def _by_code(visitor: Visitor, typed: str) -> Resident:
    """The resident of a health code; the codes of both are the evidence that they were there."""
    found = await find_residents(visitor.web.store, Scope.whole(), compact(typed))
    if found.by != "code" or len(found.residents) != 1:
        raise GuardianRefused("code")
    return found.residents[0]


async def _page(
    visitor: Visitor,
    *,
    done: str = "",
    error: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    institution = await _ask(visitor)
    say, given, account = visitor.say, typed or {}, signed_in(visitor)
    waiting = await _waiting(visitor, institution)
    names = await organisation_names(visitor.web.store.pool)
    rows = []
    for one in waiting:
        guardian = await resident(visitor.web.store, Scope.whole(), one.guardian)
        ward = await resident(visitor.web.store, Scope.whole(), one.ward) if one.ward else None
        rows.append(
            {
                **relation_row(visitor, one, names, say),
                "guardian": Who(guardian, visitor.now) if guardian else None,
                "found": Who(ward, visitor.now) if ward else None,
                "mine": one.asked_by == account.id,
            }
        )
    named = {one.guardian for one in waiting} | {one.ward for one in waiting if one.ward}
    await visitor.web.gate.listed(account, sorted(named), now=visitor.now, address=visitor.address)
    return visitor.page(
        "consent/families.html",
        status=status,
        rows=rows,
        done=done if done in ("recorded", "decided") else "",
        error=said(GUARDIAN_ERRORS, error, say) if error else "",
        typed={name: given.get(name, "") for name in _FIELDS},
        kinds=choices(KINDS, say),
        evidences=evidences(say),
    )
