"""What one fact says, as a clinician reads it: value and range, kind, state, who, which words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from minkang.fhir import Resource
from minkang.record.fact import concept_text, moment
from minkang.record.results import results_of
from minkang.store import Stored
from minkang.web.rendering import N_, wall_time

_LINES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("状态"), ("clinicalStatus", "status")),
    (N_("确认程度"), ("verificationStatus",)),
    (N_("类别"), ("category", "class")),
    (N_("科室"), ("serviceType",)),
    (N_("原因"), ("reasonCode",)),
    (N_("严重程度"), ("severity", "criticality")),
    (N_("部位"), ("bodySite", "site")),
    (N_("结论"), ("conclusion",)),
    (N_("用法"), ("dosageInstruction", "dosage")),
    (N_("途径"), ("route",)),
    (N_("数量"), ("dispenseRequest.quantity", "quantity", "doseQuantity")),
    (N_("剂次"), ("protocolApplied.doseNumberPositiveInt", "protocolApplied.doseNumberString")),
    (N_("批号"), ("lotNumber",)),
    (N_("厂家"), ("manufacturer",)),
    (N_("反应"), ("reaction.manifestation",)),
    (N_("标本"), ("specimen",)),
    (N_("方法"), ("method",)),
    (N_("地点"), ("location.location", "location")),
    (N_("结局"), ("outcome",)),
    (N_("备注"), ("note", "description")),
)
"""What is said and where it stands in a resource (R4); the first that is there counts."""

_PEOPLE: Final = (
    "participant.individual", "performer.actor", "performer", "requester", "recorder", "asserter",
    "author", "resultsInterpreter",
)  # fmt: skip

_STATES: Final[Mapping[str, str]] = {
    "final": N_("已审核"),
    "preliminary": N_("初步"),
    "registered": N_("已登记"),
    "amended": N_("已修改"),
    "corrected": N_("已更正"),
    "appended": N_("已补充"),
    "finished": N_("已结束"),
    "in-progress": N_("进行中"),
    "arrived": N_("已到达"),
    "planned": N_("计划中"),
    "active": N_("有效"),
    "completed": N_("已完成"),
    "stopped": N_("已停止"),
    "cancelled": N_("已取消"),
    "resolved": N_("已痊愈"),
    "inactive": N_("不再活动"),
    "remission": N_("缓解"),
    "confirmed": N_("已确诊"),
    "provisional": N_("待确诊"),
    "unconfirmed": N_("未确认"),
    "differential": N_("鉴别诊断"),
    "refuted": N_("已排除"),
    "current": N_("现行"),
    "superseded": N_("已被替代"),
    "unknown": N_("不详"),
    "not-done": N_("未做"),
    "entered-in-error": N_("录入有误"),
    "AMB": N_("门诊"),
    "EMER": N_("急诊"),
    "IMP": N_("住院"),
    "HH": N_("上门"),
}

Say = Callable[[str], str]


def values_of(stored: Stored) -> list[dict[str, Any]]:
    """Values of an Observation, one a part, with unit, mark and the range that came with them."""
    if stored.type != "Observation":
        return []
    return [
        {
            "name": one.name,
            "value": one.text,
            "unit": one.unit,
            "flag": one.flag,
            "range": one.range_text,
            "by_range": one.by_range,
        }
        for one in reversed(results_of([stored], {}))
    ]


def lines_of(stored: Stored, say: Say) -> list[tuple[str, str]]:
    """Label and text of what else is said in a fact, in the order in which it is asked for."""
    found = []
    for label, places in _LINES:
        text = next((said for one in places if (said := _said(stored.resource, one, say))), "")
        if text:
            found.append((say(label), text))
    people = dict.fromkeys(
        name for place in _PEOPLE for name in _texts(stored.resource, place.split("."), say)
    )
    if people:
        found.append((say(N_("人员")), "、".join(people)))
    return found


def period_of(resource: Resource) -> str:
    """Begin and end of a period that ended; '' where there is none."""
    periods = (value for name, value in resource.items() if name.lower().endswith("period"))
    for one in periods:
        if isinstance(one, dict) and one.get("start") and one.get("end"):
            begin, end = moment(one["start"]), moment(one["end"])
            return f"{wall_time(begin)} – {wall_time(end)}" if begin and end else ""
    return ""


def _said(resource: Resource, place: str, say: Say) -> str:
    return "；".join(dict.fromkeys(_texts(resource, place.split("."), say)))


def _texts(value: Any, path: list[str], say: Say) -> Iterator[str]:
    """The texts at the end of a path; lists are walked through."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one, path, say)
    elif path:
        if isinstance(value, dict) and path[0] in value:
            yield from _texts(value[path[0]], path[1:], say)
    elif text := _text(value, say):
        yield text


def _text(value: Any, say: Say) -> str:
    """A datatype in words: concept, coding, reference, quantity, note, dosage, plain text."""
    if not isinstance(value, dict):
        known = _STATES.get(str(value))
        return say(known) if known else str(value)
    if "coding" in value and not value.get("text"):
        states = (_STATES.get(str(one.get("code"))) for one in value["coding"])
        if known := next(filter(None, states), None):
            return say(known)
    if concept := concept_text(value):
        return concept
    if "value" in value:
        return f"{value['value']} {value.get('unit') or value.get('code') or ''}".strip()
    if known := _STATES.get(str(value.get("code"))):
        return say(known)
    return str(value.get("display") or value.get("code") or "")
