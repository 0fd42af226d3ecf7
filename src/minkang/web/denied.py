"""A record that a clinician may not open: why, and what can be done about it."""

from collections.abc import Mapping
from typing import Any

from litestar import Response

from minkang.policy import Ask, decide
from minkang.policy.consent_text import text_in_force
from minkang.web.consent_words import CONSENT_ERRORS, GLASS_ERRORS, GLASS_REASONS, TOPICS, choices
from minkang.web.visitor import Visitor

_UNRELATED = frozenset({"no-relation", "no-resident"})
_CODE_ERRORS = {"wrong-code": "wrong", "too-many-codes": "too-many"}


def denied(
    visitor: Visitor,
    person: str,
    reason: str,
    *,
    code: str = "",
    desk_error: str = "",
    glass_error: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 403,
) -> Response[Any]:
    """The page of a refusal; it says the same of who does not exist.

    `reason` is the gate's. `code` is the health code that was typed and fits: with `no-consent` the
    page leads to taking the resident's consent at the desk. `typed`: what a form brought that was
    not in order, see `desk_error` and `glass_error` (codes).
    """
    say, given = visitor.say, typed or {}
    breaks = decide(Ask(account=visitor.account, action="break-glass")).allowed
    return visitor.page(
        "record/denied.html",
        status=status,
        person=person,
        reason="no-relation" if reason in _UNRELATED or reason in _CODE_ERRORS else reason,
        attempted_at=visitor.now,
        request_id="",
        code=code if reason == "no-consent" else "",
        code_error=_CODE_ERRORS.get(reason),
        desk_error=say(CONSENT_ERRORS[desk_error]) if desk_error else "",
        text=text_in_force(),
        topics=choices(TOPICS, say),
        glass=breaks,
        glass_minutes=visitor.web.settings.glass_minutes,
        glass_reasons=choices(GLASS_REASONS, say),
        glass_error=say(GLASS_ERRORS[glass_error]) if glass_error else "",
        typed={name: given.get(name, "") for name in ("document", "reason", "explanation")},
    )
