"""My family: whom I act for, asking for it, and who acts for me."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from minkang.accounts import organisation_names
from minkang.accounts.institutions_with import institutions_with
from minkang.identity import find_residents, parse_id_number, resident
from minkang.identity.match import ID_CARD_SYSTEM
from minkang.policy.guardian_steps import Claim, GuardianRefused, claim_guardian, end_guardian
from minkang.policy.guardians import Guardianship, guardians_of_ward, local_day, relations_of
from minkang.store import Scope
from minkang.store.names import normalise
from minkang.web.consent_words import (
    EVIDENCES,
    GUARDIAN_ERRORS,
    GUARDIAN_STATES,
    KINDS,
    Say,
    choices,
    evidences,
    said,
)
from minkang.web.consents import signed_in
from minkang.web.form_day import form_day
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who

CHECKED_BY = ("gp", "village-doctor")
"""The roles that check the papers (docs/users/consent.md)."""


@get("/me/family")
async def family_page(visitor: VisitorParameter, done: FromQuery[str] = "") -> Response[Any]:
    """Whom I act for, and who acts for me."""
    return await _page(visitor, done=done)


@post("/me/family")
async def family_ask(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Ask to be somebody's guardian; what is answered does not tell whether that one exists."""
    person = await _ask(visitor)
    try:
        await claim_guardian(
            visitor.web.store,
            visitor.web.gate.log,
            await _claim(visitor, person, data),
            by=signed_in(visitor),
            now=visitor.now,
            address=visitor.address,
        )
    except GuardianRefused as refusal:
        return await _page(visitor, error=refusal.code, typed=data, status=400)
    return Redirect("/me/family?done=asked", status_code=303)


@post("/me/family/end")
async def family_end(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """End a relation, or take a request back: mine, or one by which somebody acts for me."""
    await _ask(visitor)
    try:
        await end_guardian(
            visitor.web.store,
            visitor.web.gate.log,
            data.get("relation", ""),
            by=signed_in(visitor),
            now=visitor.now,
            address=visitor.address,
        )
    except GuardianRefused as refusal:
        return await _page(visitor, error=refusal.code, status=400)
    return Redirect("/me/family?done=ended", status_code=303)


async def _ask(visitor: Visitor) -> str:
    """The own person, after the gate has allowed it."""
    own = visitor.account.person if visitor.account else None
    _, found = await visitor.ask_about("manage-family", own or "none")
    return found.person


async def _claim(visitor: Visitor, person: str, data: Mapping[str, str]) -> Claim:
    name, number = data.get("name", "").strip(), data.get("number", "").strip().upper()
    if not name or len(name) > 64:
        raise GuardianRefused("name")
    if parse_id_number(number) is None:
        raise GuardianRefused("number")
    try:
        ends = form_day(data.get("ends", ""))
    except ValueError as error:
        raise GuardianRefused("period") from error
    known = dict(await _places(visitor))
    if (institution := data.get("institution", "")) not in known:
        raise GuardianRefused("institution")
    return Claim(
        guardian=person,
        ward=await _ward(visitor, name, number),
        ward_name=name,
        claimed=visitor.web.store.terms.identifier("Person", "identifier", ID_CARD_SYSTEM, number),
        kind=data.get("kind", ""),
        evidence=data.get("evidence", ""),
        document=data.get("document", ""),
        institution=institution,
        begins=local_day(visitor.now),
        ends=ends,
    )


async def _ward(visitor: Visitor, name: str, number: str) -> str | None:
    """The resident of this number, if the name is theirs, too."""
    found = await find_residents(visitor.web.store, Scope.whole(), number)
    fitting = [one for one in found.residents if normalise(one.name) == normalise(name)]
    return fitting[0].person if found.by == "id-number" and len(fitting) == 1 else None


async def _places(visitor: Visitor) -> list[tuple[str, str]]:
    return await institutions_with(visitor.web.store.pool, CHECKED_BY, visitor.now)


async def _page(
    visitor: Visitor,
    *,
    done: str = "",
    error: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    person, say, given = await _ask(visitor), visitor.say, typed or {}
    pool = visitor.web.store.pool
    relations = await relations_of(pool, person)
    names = await organisation_names(pool)
    standing = [one for one in relations if one.in_force(visitor.now)]
    others = [one for one in relations if one not in standing]
    by = [
        {**relation_row(visitor, one, names, say), "name": await _name(visitor, one.guardian)}
        for one in await guardians_of_ward(pool, person, visitor.now)
    ]
    fields = ("name", "number", "kind", "evidence", "document", "institution", "ends")
    return visitor.page(
        "resident/family.html",
        status=status,
        done=done if done in ("asked", "ended") else "",
        error=said(GUARDIAN_ERRORS, error, say) if error else "",
        standing=[relation_row(visitor, one, names, say) for one in standing],
        others=[relation_row(visitor, one, names, say) for one in others],
        by=by,
        typed={name: given.get(name, "") for name in fields},
        kinds=choices(KINDS, say),
        evidences=evidences(say),
        institutions=await _places(visitor),
    )


async def _name(visitor: Visitor, person: str) -> str:
    found = await resident(visitor.web.store, Scope.whole(), person)
    return Who(found, visitor.now).name_masked if found else ""


def relation_row(
    visitor: Visitor, one: Guardianship, names: Mapping[str, str], say: Say
) -> dict[str, Any]:
    """A relation as pages show it."""
    over = one.state == "confirmed" and not one.in_force(visitor.now)
    return {
        "id": one.id,
        "ward": one.ward,
        "ward_name": one.ward_name,
        "kind": said(KINDS, one.kind, say),
        "evidence": said(EVIDENCES, one.evidence, say),
        "document": one.document,
        "institution": names.get(one.institution, one.institution),
        "state": "ended" if over else one.state,
        "state_words": said(GUARDIAN_STATES, "ended" if over else one.state, say),
        "asked": one.asked,
        "asked_name": one.asked_name,
        "decided": one.decided,
        "words": one.words,
        "ends": one.ends,
        "may_consent": one.may_consent(visitor.now),
    }
