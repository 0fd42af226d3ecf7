"""Advice as a card of CDS Hooks 2.0, as JSON."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from minkang.record.cds import Advice

TOPICS: Final[Mapping[str, str]] = {
    "allergies": "过敏",
    "chronic": "慢性病",
    "last-visit": "最近就诊",
    "repeat": "检查检验结果互认",
    "duplicate": "重复用药",
    "allergy": "过敏",
}
REASONS: Final = "urn:minkang:override-reason"
_TOPIC: Final = "urn:minkang:cds-rule"
_LABEL: Final = "民康区域健康档案"


class Made(msgspec.Struct, frozen=True):
    """A card with its number, and what it says."""

    id: UUID
    advice: Advice
    card: dict[str, Any]


def made_of(advice: Advice, *, address: str, link: str = "") -> Made:
    """The card of a piece of advice; `link` opens the record, once, in the system's own page."""
    number = uuid4()
    card: dict[str, Any] = {
        "uuid": str(number),
        "summary": advice.summary,
        "indicator": advice.urgency,
        "detail": advice.detail,
        "source": {
            "label": _LABEL,
            "url": address,
            "topic": {
                "system": _TOPIC,
                "code": advice.rule,
                "display": TOPICS[advice.rule],
            },
        },
    }
    if advice.drop:
        card["selectionBehavior"] = "at-most-one"
        card["suggestions"] = [_dropped(advice)]
    if advice.reasons:
        card["overrideReasons"] = [
            {"system": REASONS, "code": one.code, "display": one.text} for one in advice.reasons
        ]
    if link:
        card["links"] = [{"label": "打开健康档案（五分钟内一次）", "url": link, "type": "absolute"}]
    return Made(number, advice, card)


def _dropped(advice: Advice) -> dict[str, Any]:
    """The suggestion not to make the order."""
    label = "采用已有结果，不再申请" if advice.rule == "repeat" else "取消这一条"
    return {
        "label": label,
        "uuid": str(uuid4()),
        "actions": [{"type": "delete", "description": label, "resourceId": advice.drop}],
    }
