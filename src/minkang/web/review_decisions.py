"""Decisions as the identity desk's pages show them, and what the visitor may do with one."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

from minkang.accounts import Account
from minkang.identity.decision_rows import Decision
from minkang.identity.grouping import Pair
from minkang.web.rendering import N_
from minkang.web.review_words import Say

May = Literal["decide", "approve", "wait", "undo"]

REFUSED: Final = {
    "reason": N_("请写明理由，至少四个字，不超过一千字。"),
    "unknown": N_("没有这份登记或这个决定，可能已被清除。"),
    "one-side": N_("两边是同一份登记，无法决定。"),
    "contradicts": N_("已有相反的决定，请先撤销它。"),
    "own": N_("须由另一位同事复核：不能复核自己提出的，也不能决定与本人有关的。"),
    "state": N_("这个决定已经有人处理过，请看最新的情况。"),
    "changed": N_("您打开之后，这一对有了变化（见下），请再看一遍后提交。"),
    "taken": N_("另一位同事正在处理这一对，暂时不能提交。"),
    "verdict": N_("请选择一个决定。"),
}
"""Why a decision was not taken, in words."""

LEAST_REASON: Final = 4


def refused_words(code: str, say: Say) -> str:
    """A refusal in words; nothing for none."""
    return say(REFUSED.get(code, code)) if code else ""


def between(
    decisions: Sequence[Decision], pair: Pair, sides: Sequence[Collection[str]]
) -> list[Decision]:
    """Those about this pair, or about one of each side, the newest first."""
    one, other = (frozenset(side) for side in sides)
    return [
        decision
        for decision in decisions
        if pair in decision.pairs
        or (one != other and any(_crosses(each, one, other) for each in decision.pairs))
    ]


def _crosses(pair: Pair, one: frozenset[str], other: frozenset[str]) -> bool:
    a, b = pair
    return (a in one and b in other) or (a in other and b in one)


def in_force(decisions: Sequence[Decision]) -> Decision | None:
    """The one that waits for somebody, else the one that stands."""
    waiting = [one for one in decisions if one.waits]
    return next(iter([*waiting, *(one for one in decisions if one.state == "standing")]), None)


def may(decision: Decision | None, account: Account) -> May:
    """What the visitor may do: `wait` is all for who proposed."""
    if decision is None:
        return "decide"
    if not decision.waits:
        return "undo"
    proposed_by = decision.revoked_by if decision.asked else decision.author
    return "wait" if proposed_by == account.id else "approve"


def shown_decision(one: Decision, say: Say) -> dict[str, Any]:
    """A decision with its steps."""
    steps = []
    if one.revoked_by:
        words = say("要求撤销") if one.asked else say("撤销")
        steps.append(_step(words, one.revoked_reason, one.revoked_name, one.revoked))
    if one.approved_by:
        words = say("复核未同意") if one.state == "refused" else say("复核")
        steps.append(_step(words, "", one.approved_name, one.approved))
    return {
        "id": one.id,
        "verdict": one.verdict,
        "state": "revoking" if one.asked else one.state,
        "by": one.author_name or say("平台管理命令"),
        "at": one.at,
        "reason": one.reason,
        "steps": steps,
    }


def _step(words: str, reason: str, by: str, at: Any) -> dict[str, Any]:
    return {"words": words, "reason": reason, "by": by, "at": at}
