"""The doctor's scanner: it types what it read into a field; a fresh code opens the record."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.response import Redirect

from minkang.crypto import KeyFilesMissing, SealBroken
from minkang.identity.codes import resolve, use_up
from minkang.identity.codes.scan import Scan, Scanned, scan
from minkang.policy import Decision
from minkang.policy.presented import institution_of
from minkang.store import Scope
from minkang.web.code_words import REFUSALS
from minkang.web.denied import denied
from minkang.web.login import Form
from minkang.web.parameters import VisitorParameter
from minkang.web.visitor import NotAllowed, Visitor

PAGE: Final = "/doctor/scan"


@get(PAGE)
async def scan_page(visitor: VisitorParameter) -> Response[Any]:
    """The field for the scanner."""
    await visitor.ask("find-residents")
    return visitor.page("codes/scan.html", error="")


@post(PAGE)
async def scan_code(visitor: VisitorParameter, data: Form) -> Response[Any]:
    """Whose code it is: their record; with a fresh code the consent of this visit is active."""
    return await open_scanned(visitor, data.get("code", ""))


async def open_scanned(visitor: Visitor, text: str) -> Response[Any]:
    """Where what was scanned leads: to the record, to the consent it needs, or to why not."""
    asked = Scan(text=text)
    try:
        found = await scan(
            visitor.web.scanner,
            visitor.account,
            asked,
            now=visitor.now,
            address=visitor.address,
        )
    except (KeyFilesMissing, SealBroken):
        error = visitor.say("健康码暂时不能核验，请稍后再试，或查找居民。")
        return visitor.page("codes/scan.html", status=503, error=error)
    if found.refusal:
        return _refused(visitor, found)
    assert found.resident is not None  # noqa: S101 - what is not refused is somebody's
    person = found.resident.person
    if found.present and not found.consent:
        return denied(visitor, person, "no-consent", code=found.resident.code)
    return Redirect(f"/record/{person}", status_code=303)


async def fits(visitor: Visitor, person: str, text: str) -> bool:
    """Whether what was typed or scanned is this resident's code, and counts; a token is used up."""
    web, account = visitor.web, visitor.account
    if account is None:
        return False
    try:
        found = await resolve(
            web.store,
            web.keys,
            web.code_keys,
            text,
            now=visitor.now,
            validity=web.scanner.validity,
            institution=institution_of(account) or "",
        )
    except (KeyFilesMissing, SealBroken):
        return False
    if found.form not in ("token", "number") or found.verdict != "good" or found.person != person:
        return False
    return found.verified is None or await use_up(web.store.pool, found.verified)


def _refused(visitor: Visitor, found: Scanned) -> Response[Any]:
    """What is wrong with a code, on the page; anything else as every refusal is shown."""
    if found.refusal not in REFUSALS:
        decision = Decision(False, found.refusal, "treatment", Scope.nothing())
        raise NotAllowed(decision, visitor, None)
    error = visitor.say(REFUSALS[found.refusal])
    return visitor.page("codes/scan.html", status=403, error=error)
