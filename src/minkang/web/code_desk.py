"""At the desk: who somebody is by the papers; then their code, and the cards they bring."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post

from minkang.crypto import KeyFilesMissing, SealBroken
from minkang.identity import Resident, find_residents, parse_id_number
from minkang.identity.codes import (
    CodeRefused,
    bind_card,
    cards_of,
    change_code,
    codes_of,
    current_code,
    issue_code,
    resolve,
    unbind_card,
)
from minkang.identity.codes.cards import claims_at, decide_claim, given_card, is_of_patients
from minkang.identity.codes.records import changes_of
from minkang.identity.codes.steps import STEPS, Step
from minkang.identity.health_code import compact, is_health_code
from minkang.identity.residents import resident
from minkang.policy.consent import current_consent
from minkang.policy.consent_record import ConsentRefused
from minkang.policy.consent_text import text_in_force
from minkang.policy.presented import institution_of
from minkang.store import Scope
from minkang.store.names import normalise
from minkang.web.code_own import code_facts, give_consent, print_of
from minkang.web.code_words import CARDS, DONE, ERRORS, STATES
from minkang.web.consent_words import choices, said
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import Visitor
from minkang.web.wording import Who

PAGE: Final = "/health-codes"
_REASON_LIMIT: Final = 200


class Served(msgspec.Struct, frozen=True):
    """Who stands at the desk: the resident, and by what the papers were found."""

    resident: Resident
    number: str
    name: str


@get(PAGE)
async def desk_page(visitor: VisitorParameter) -> Response[Any]:
    """The form for the papers, and the cards that wait for a decision."""
    await _ask(visitor)
    return await _page(visitor)


@post(PAGE)
async def desk_find(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """The resident of the papers."""
    await _ask(visitor)
    try:
        served = await _served(visitor, data)
    except CodeRefused as refusal:
        return await _page(visitor, error=refusal.code, typed=data, status=400)
    return await _page(visitor, served)


@post(PAGE + "/change")
async def desk_change(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Issue a code, or take a step with it."""
    await _ask(visitor)
    served = None
    try:
        served = await _served(visitor, data)
        await _change(visitor, served.resident, data)
    except (CodeRefused, ConsentRefused) as refusal:
        return await _page(visitor, served, error=refusal.code, typed=data, status=400)
    return await _page(visitor, served, done=data.get("action", ""))


@post(PAGE + "/bind")
async def desk_bind(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Bind a card that was seen."""
    await _ask(visitor)
    served = None
    try:
        served = await _served(visitor, data)
        done = await _bind(visitor, served.resident, data)
    except CodeRefused as refusal:
        return await _page(visitor, served, error=refusal.code, typed=data, status=400)
    return await _page(visitor, served, done=done)


@post(PAGE + "/unbind")
async def desk_unbind(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """End the binding of a card."""
    await _ask(visitor)
    served = None
    try:
        served = await _served(visitor, data)
        await unbind_card(
            visitor.web.store,
            visitor.web.gate.log,
            served.resident,
            _number(data.get("card", "")),
            by=signed_in(visitor),
            now=visitor.now,
            address=visitor.address,
        )
    except CodeRefused as refusal:
        return await _page(visitor, served, error=refusal.code, typed=data, status=400)
    return await _page(visitor, served, done="unbound")


@post(PAGE + "/claim")
async def desk_claim(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Decide whose card it is that two residents were bound to."""
    await _ask(visitor)
    move = data.get("decision", "") == "move"
    try:
        await decide_claim(
            visitor.web.store,
            visitor.web.gate.log,
            _number(data.get("card", "")),
            move=move,
            by=signed_in(visitor),
            now=visitor.now,
            address=visitor.address,
        )
    except CodeRefused as refusal:
        return await _page(visitor, error=refusal.code, status=400)
    return await _page(visitor, done="moved" if move else "kept")


@post(PAGE + "/print")
async def desk_print(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """What can be printed of the code."""
    await _ask(visitor)
    try:
        served = await _served(visitor, data)
    except CodeRefused as refusal:
        return await _page(visitor, error=refusal.code, typed=data, status=400)
    return visitor.page(
        "codes/print.html", status=200, **await print_of(visitor, served.resident), back=PAGE
    )


async def _ask(visitor: Visitor) -> None:
    await visitor.ask("manage-codes", object_type="Code")


async def _served(visitor: Visitor, data: Mapping[str, str]) -> Served:
    """The resident whose papers were typed: a number or code, and the name that goes with it.

    Raises:
        CodeRefused: `no-match`, whatever of the two does not fit.
    """
    typed, name = data.get("number", "").strip(), data.get("name", "").strip()
    found = await _by_number(visitor, typed)
    if found is None or not name or normalise(found.name) != normalise(name):
        raise CodeRefused("no-match")
    await visitor.web.gate.listed(
        signed_in(visitor), [found.person], now=visitor.now, address=visitor.address
    )
    plain = compact(typed).upper()
    kept = plain if parse_id_number(plain) or is_health_code(plain) else found.code
    return Served(found, kept, name)


async def _by_number(visitor: Visitor, typed: str) -> Resident | None:
    web, plain = visitor.web, compact(typed).upper()
    if parse_id_number(plain) or is_health_code(plain):
        several = (await find_residents(web.store, Scope.whole(), plain)).residents
        return several[0] if len(several) == 1 else None
    try:
        found = await resolve(
            web.store,
            web.keys,
            web.code_keys,
            typed,
            now=visitor.now,
            validity=web.scanner.validity,
            institution=institution_of(signed_in(visitor)) or "",
        )
    except (KeyFilesMissing, SealBroken):
        return None
    if found.verdict != "good" or found.person is None:
        return None
    return await resident(web.store, Scope.whole(), found.person)


async def _change(visitor: Visitor, served: Resident, data: Mapping[str, str]) -> None:
    web, action = visitor.web, data.get("action", "")
    reason = data.get("reason", "").strip()[:_REASON_LIMIT]
    if action == "issue":
        standing = await current_consent(web.store.pool, served.person)
        if not (standing and standing.given):
            if not data.get("signed"):
                raise ConsentRefused("evidence")
            await give_consent(visitor, served, evidence="paper", document=data.get("document", ""))
        await issue_code(
            web.store,
            web.gate.log,
            served,
            by=signed_in(visitor),
            now=visitor.now,
            reason=reason,
            address=visitor.address,
        )
        return
    step: Step | None = next((one for one in STEPS if one == action), None)
    if step is None:
        raise CodeRefused("action")
    await change_code(
        web.store,
        web.gate.log,
        served,
        step,
        by=signed_in(visitor),
        now=visitor.now,
        reason=reason,
        address=visitor.address,
    )


async def _bind(visitor: Visitor, served: Resident, data: Mapping[str, str]) -> str:
    account = signed_in(visitor)
    card = given_card(data.get("kind", ""), data.get("card", ""), institution_of(account))
    known = await is_of_patients(visitor.web.store, served, card)
    if not known and not data.get("seen"):
        raise CodeRefused("seen")
    made = await bind_card(
        visitor.web.store,
        visitor.web.keys,
        visitor.web.gate.log,
        served,
        card,
        "patient" if known else "desk",
        by=account,
        now=visitor.now,
        address=visitor.address,
    )
    return made.state


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise CodeRefused("unknown")
    return int(text)


async def _page(
    visitor: Visitor,
    served: Served | None = None,
    *,
    done: str = "",
    error: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    say, given = visitor.say, typed or {}
    fields = ("number", "name", "kind", "card", "document", "reason")
    return visitor.page(
        "codes/desk.html",
        status=status,
        done=say(DONE[done]) if done in DONE else "",
        error=said(ERRORS, error, say) if error else "",
        typed={name: given.get(name, "") for name in fields},
        served=await _facts(visitor, served) if served else None,
        kinds=choices(CARDS, say),
        text=text_in_force(),
        claims=await _claims(visitor),
    )


async def _facts(visitor: Visitor, served: Served) -> dict[str, Any]:
    """What the desk sees of the resident: who it is, the code, the cards."""
    pool, say, person = visitor.web.store.pool, visitor.say, served.resident.person
    consent = await current_consent(pool, person)
    return {
        "who": Who(served.resident, visitor.now),
        "number": served.number,
        "name": served.name,
        "code": code_facts(visitor, await current_code(pool, person)),
        "consented": consent is not None and consent.given,
        "cards": [
            {
                "id": one.id,
                "kind": say(CARDS[one.kind]),
                "ending": one.ending,
                "bound": one.bound,
                "by": one.account_name,
            }
            for one in await cards_of(pool, person)
        ],
        "changes": [
            {
                "state": say(STATES[one.state]),
                "at": one.at,
                "by": one.account_name or say("平台登记"),
                "reason": one.reason,
            }
            for one in await changes_of(pool, await codes_of(pool, person))
        ],
    }


async def _claims(visitor: Visitor) -> list[dict[str, Any]]:
    """Cards that two residents were bound to, with masked names."""
    account = signed_in(visitor)
    rows, named = [], set()
    for one in await claims_at(visitor.web.store.pool, institution_of(account) or ""):
        found = await resident(visitor.web.store, Scope.whole(), one.person)
        named.add(one.person)
        rows.append(
            {
                "id": one.id,
                "kind": visitor.say(CARDS[one.kind]),
                "ending": one.ending,
                "who": Who(found, visitor.now).name_masked if found else "",
                "at": one.bound,
                "by": one.account_name,
                "mine": one.account == account.id,
            }
        )
    if named:
        await visitor.web.gate.listed(
            account, sorted(named), now=visitor.now, address=visitor.address
        )
    return rows
