"""What a delivery record (C0015, C0016) says of the newborn.

It never says who the child is: no number, no name. So there is no Patient to be made; what is said
becomes Observations of the mother whose focus is the child in words: 新生儿, or 新生儿1 and 新生儿2
where everything is there for each of several.

Interval (DE06.00.215.00) and score (DE05.10.001.00) of Apgar are siblings: a score belongs to the
interval before it, in an organizer to the only one.
"""

import re
from collections import Counter
from typing import Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import Item, Section, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.facts import name_of, observation, put_value
from minkang.exchange.mappings.cda.vital_signs import with_standard
from minkang.exchange.mappings.draft import Draft

NEWBORN: Final = "57075-4"
ASSESSMENT: Final = "51848-0"
INTERVAL: Final = "DE06.00.215.00"
SCORE: Final = "DE05.10.001.00"
NEWBORN_ELEMENTS: Final = (
    ("DE02.01.040.00", "新生儿性别代码"),
    ("DE04.10.019.00", "新生儿出生体重（g）"),
    ("DE04.10.018.00", "新生儿出生身长（cm）"),
    ("DE05.10.168.00", "产瘤大小"),
    ("DE05.10.167.00", "产瘤部位"),
)
"""What is said of each newborn, in the order of WS/T 500.15-2016."""
_MEASURES: Final = {
    "DE04.10.018.00": ("89269-5", "Body height Measured --at birth"),
    "DE04.10.019.00": ("8339-4", "Birth weight Measured"),
}
_APGAR: Final = {
    "1": ("9272-6", "1 minute Apgar Score"),
    "5": ("9274-2", "5 minute Apgar Score"),
    "10": ("9271-8", "10 minute Apgar Score"),
}
_MINUTES: Final = re.compile(r"(?<!\d)(10|5|1)\s*(?:min|分)", re.IGNORECASE)


def map_newborn(case: Case, delivery: Draft) -> None:
    """The Observations of the newborn and of how it was found, part of the delivery.

    Problems: rule `position` for a score of Apgar that has no interval.
    """
    found = [pair for section in case.body.all(ASSESSMENT) for pair in _scored(case, section)]
    for section in case.body.all(NEWBORN, ASSESSMENT):
        for item in section.items():
            draft = None if case.body.is_taken(item) else observation(case, item)
            if draft is not None:
                standard = _MEASURES.get(item.code) if section.code == NEWBORN else None
                if standard:
                    with_standard(draft, standard)
                found.append((item.code, draft))
    repeats = Counter(name for name, _ in found)
    children = max((repeats[name] for name, one in found if _is_single(one)), default=1)
    seen: Counter[str] = Counter()
    for name, draft in found:
        seen[name] += 1
        each = children > 1 and repeats[name] == children
        draft.put("focus", [{"display": f"新生儿{seen[name]}" if each else "新生儿"}])
        draft.put("partOf", [delivery.reference])
        if period := delivery.resource.get("performedPeriod"):
            # Born at some time in it.
            draft.resource.pop("effectiveDateTime", None)
            draft.put("effectivePeriod", dict(period))


def _is_single(draft: Draft) -> bool:
    """Whether it is a thing that a child has once: sex, weight, length."""
    codes = {coding["code"] for coding in draft.resource["code"].get("coding", [])}
    return bool(codes & {"DE02.01.040.00", *_MEASURES})


def _scored(case: Case, section: Section) -> list[tuple[str, Draft]]:
    found: list[tuple[str, Draft]] = []
    before: Item | None = None
    for act in section.acts():
        items = [i for i in items_of(act, section.code) if i.code in (INTERVAL, SCORE)]
        if act.name == "organizer":
            before = None
            if _is_pair(items):
                items.sort(key=lambda item: item.code != INTERVAL)
        for item in items:
            if item.code == INTERVAL:
                before = item if _says(case, item.value) else None
            elif _says(case, item.value):
                if before is None:
                    text = "Apgar 评分前面没有间隔时间，不知属于哪一次"
                    case.reader.problem(item.node, "position", text)
                    continue
                found += _apgar(case, before, item)
                before = None
    return found


def _is_pair(items: list[Item]) -> bool:
    return sorted(item.code for item in items) == sorted((INTERVAL, SCORE))


def _says(case: Case, value: Element | None) -> bool:
    return case.reader.value(value) is not None


def _apgar(case: Case, interval: Item, score: Item) -> list[tuple[str, Draft]]:
    """A score with its interval as component, and what several of that interval are counted by."""
    draft, value = observation(case, score), case.reader.value(interval.value)
    if draft is None or value is None:
        return []
    case.body.take(interval)
    part = {"code": name_of(case, interval)}
    put_value(part, value)
    draft.put("component", [part, *draft.resource.get("component", [])])
    named = value[1]["text"] if value[0] == "CodeableConcept" else str(value[1])
    match = _MINUTES.search(named)
    if match:
        with_standard(draft, _APGAR[match[1]])
    return [(f"{SCORE}/{named}", draft)]
