"""My health code: shown and kept fresh, stopped with one tap; those of whom one acts for."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from minkang.accounts.account import entry_by
from minkang.crypto import KeyFilesMissing, SealBroken
from minkang.identity import Resident
from minkang.identity.codes import (
    Code,
    CodeRefused,
    cards_of,
    change_code,
    codes_of,
    current_code,
    issue_code,
    show,
)
from minkang.identity.codes.index import DerivationMissing, derivation
from minkang.identity.codes.published import PublishedCard, published_card
from minkang.identity.codes.records import changes_of
from minkang.identity.codes.steps import STEPS, Step
from minkang.policy.consent import ConsentChange, change_consent, current_consent
from minkang.policy.consent_record import ConsentRefused, Evidence
from minkang.policy.consent_text import text_in_force
from minkang.policy.guardians import guardianship
from minkang.web.code_history import family_codes, showings
from minkang.web.code_picture import live_picture, picture
from minkang.web.code_words import CARDS, DONE, ERRORS, KINDS, STATES
from minkang.web.code_words import STEPS as STEP_WORDS
from minkang.web.consent_words import said
from minkang.web.consents import signed_in
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.rendering import language_of
from minkang.web.visitor import Visitor
from minkang.web.wording import Who, grouped_code

PAGE: Final = "/me/health-code"
_EARLIER: Final = 8
_BY_WARDS_THEMSELVES: Final = frozenset({"issue", "reissue", "revoke"})
_NO_KEYS = (KeyFilesMissing, SealBroken, DerivationMissing, ValueError)


class Whose(msgspec.Struct, frozen=True):
    """Whose code it is; `may`: the visitor decides on issuing and ending it."""

    resident: Resident
    own: bool
    may: bool

    @property
    def page(self) -> str:
        """The address of the page of this code."""
        return f"{PAGE}/{self.resident.person}"


@get(PAGE)
async def own_code(visitor: VisitorParameter, done: FromQuery[str] = "") -> Response[Any]:
    """My health code."""
    return await _page(visitor, await _whose(visitor, None), done=done)


@get(PAGE + "/{person:str}")
async def code_page(
    visitor: VisitorParameter, person: FromPath[str], done: FromQuery[str] = ""
) -> Response[Any]:
    """The health code of the visitor, or of somebody for whom the visitor acts."""
    return await _page(visitor, await _whose(visitor, person), done=done)


@post(PAGE + "/{person:str}")
async def code_change(
    visitor: VisitorParameter, person: FromPath[str], data: Form
) -> Response[Any]:
    """Get a code, or take a step with it."""
    whose = await _whose(visitor, person)
    action = data.get("action", "")
    try:
        await _change(visitor, whose, action, data)
    except (CodeRefused, ConsentRefused) as refusal:
        status = 403 if refusal.code == "of-age" else 400
        return await _page(visitor, whose, error=refusal.code, status=status)
    return Redirect(f"{whose.page}?done={action}", status_code=303)


@get(PAGE + "/{person:str}/live")
async def code_live(visitor: VisitorParameter, person: FromPath[str]) -> Response[Any]:
    """The picture alone, fresh."""
    whose = await _whose(visitor, person)
    return visitor.page("codes/_live.html", live=await live_of(visitor, whose.resident))


@get(PAGE + "/{person:str}/print")
async def code_print(visitor: VisitorParameter, person: FromPath[str]) -> Response[Any]:
    """What can be printed: it says whose it is and activates nothing."""
    whose = await _whose(visitor, person)
    return visitor.page(
        "codes/print.html", **await print_of(visitor, whose.resident), back=whose.page
    )


async def live_of(visitor: Visitor, resident: Resident) -> dict[str, Any]:
    """The part of a page that shows the code, as codes/_live.html wants it."""
    web = visitor.web
    code = await current_code(web.store.pool, resident.person)
    told: dict[str, Any] = {
        "name": "" if signed_in(visitor).person == resident.person else resident.name,
        "state": code.state if code else "",
        "state_words": visitor.say(STATES[code.state]) if code else "",
        "digits": grouped_code(resident.code),
        "href": f"{PAGE}/{resident.person}",
        "picture": "",
        "seconds": 0,
        "refresh": 0,
    }
    if code is None or code.state != "issued":
        return told
    scanner = web.scanner
    try:
        shown = await show(
            web.store, web.keys, scanner.held, code.id, now=visitor.now, validity=scanner.validity
        )
    except (KeyFilesMissing, SealBroken):
        return {**told, "state": "no-keys"}
    seconds = scanner.validity.show_seconds
    told["picture"] = live_picture(shown.text, seconds)
    told["seconds"], told["refresh"] = seconds, max(3, seconds - _EARLIER)
    return told


async def print_of(visitor: Visitor, resident: Resident) -> dict[str, Any]:
    """The two codes on paper: the resident's own number; the published card, if there is one."""
    card = await _published(visitor, resident)
    return {
        "who": Who(resident, visitor.now),
        "digits": grouped_code(resident.code),
        "number_picture": picture(resident.code),
        "card": card.id if card else "",
        "card_picture": picture(card.static) if card else "",
    }


async def give_consent(
    visitor: Visitor, resident: Resident, *, evidence: Evidence = "page", document: str = ""
) -> None:
    """Give the separate consent that a code is issued with, unless it stands. Raises
    ConsentRefused."""
    standing = await current_consent(visitor.web.store.pool, resident.person)
    if standing is not None and standing.given:
        return
    await change_consent(
        visitor.web.store,
        visitor.web.gate.log,
        ConsentChange(
            person=resident.person,
            patients=resident.patients,
            kind="give",
            evidence=evidence,
            document=document,
        ),
        by=signed_in(visitor),
        now=visitor.now,
        address=visitor.address,
    )


def code_facts(visitor: Visitor, code: Code | None) -> dict[str, Any]:
    """A code as pages show it, with the steps that can be taken."""
    if code is None:
        return {"state": "", "state_words": "", "kind": "", "issued": None, "steps": []}
    by_desk = signed_in(visitor).role != "resident"
    steps = [
        (step, visitor.say(STEP_WORDS[step]))
        for step, (_, allowed) in STEPS.items()
        if code.state in allowed and (by_desk or step != "resume" or code.state != "lost")
    ]
    return {
        "state": code.state,
        "state_words": visitor.say(STATES[code.state]),
        "kind": visitor.say(KINDS[code.kind]),
        "issued": code.issued,
        "steps": steps,
    }


async def _published(visitor: Visitor, resident: Resident) -> PublishedCard | None:
    web = visitor.web
    try:
        return await published_card(
            web.store,
            web.keys,
            web.code_keys,
            derivation(web.settings.code_index),
            resident,
            now=visitor.now,
            validity=web.scanner.validity,
        )
    except _NO_KEYS:
        return None


async def _whose(visitor: Visitor, person: str | None) -> Whose:
    own = visitor.account.person if visitor.account else None
    _, found = await visitor.ask_about(
        "keep-code", person or own or "none", object_type="Code", purpose="own-record"
    )
    if found.person == own:
        return Whose(found, own=True, may=True)
    relation = await guardianship(visitor.web.store.pool, own or "", found.person, visitor.now)
    may = relation is not None and relation.may_consent(visitor.now)
    return Whose(found, own=False, may=may)


async def _change(visitor: Visitor, whose: Whose, action: str, data: Mapping[str, str]) -> None:
    web, account = visitor.web, signed_in(visitor)
    if action in _BY_WARDS_THEMSELVES and not whose.may:
        await _note_refused(visitor, whose, action)
        raise CodeRefused("of-age")
    if action == "issue":
        standing = await current_consent(web.store.pool, whose.resident.person)
        if not (standing and standing.given) and not data.get("read"):
            raise CodeRefused("statement")
        await give_consent(visitor, whose.resident)
        await issue_code(
            web.store,
            web.gate.log,
            whose.resident,
            by=account,
            now=visitor.now,
            address=visitor.address,
        )
        return
    step: Step | None = next((one for one in STEPS if one == action), None)
    if step is None:
        raise CodeRefused("action")
    await change_code(
        web.store,
        web.gate.log,
        whose.resident,
        step,
        by=account,
        now=visitor.now,
        address=visitor.address,
    )


async def _note_refused(visitor: Visitor, whose: Whose, action: str) -> None:
    """A guardian of somebody who decides alone: written down, too."""
    await visitor.web.gate.log.record(
        entry_by(
            signed_in(visitor),
            f"{action}-code",
            visitor.now,
            allowed=False,
            purpose="own-record",
            object_type="Code",
            person=whose.resident.person,
            reason="of-age",
            address=visitor.address,
        )
    )


async def _page(
    visitor: Visitor, whose: Whose, *, done: str = "", error: str = "", status: int = 200
) -> Response[Any]:
    pool, say = visitor.web.store.pool, visitor.say
    codes = await codes_of(pool, whose.resident.person)
    code = await current_code(pool, whose.resident.person)
    consent = await current_consent(pool, whose.resident.person)
    return visitor.page(
        "codes/own.html",
        status=status,
        done=say(DONE[done]) if done in DONE else "",
        error=said(ERRORS, error, say) if error else "",
        who=Who(whose.resident, visitor.now),
        own=whose.own,
        may=whose.may,
        page=whose.page,
        live=await live_of(visitor, whose.resident),
        code=code_facts(visitor, code),
        consented=consent is not None and consent.given,
        text=_text(visitor),
        cards=[
            {"kind": say(CARDS[one.kind]), "ending": one.ending, "bound": one.bound}
            for one in await cards_of(pool, whose.resident.person)
        ],
        shown=await showings(visitor, whose.resident),
        changes=[
            {
                "state": say(STATES[one.state]),
                "at": one.at,
                "by": one.account_name or say("平台登记"),
            }
            for one in await changes_of(pool, codes)
        ],
        family=await family_codes(visitor, PAGE, whose.resident.person),
    )


def _text(visitor: Visitor) -> dict[str, Any]:
    """The consent that a code is issued with."""
    text = text_in_force()
    return {
        "title": text.title,
        "version": text.version,
        "paragraphs": text.chinese,
        "reading": text.english if language_of(visitor.request) == "en" else (),
    }
