"""An examination that was done already: 检查检验结果互认. Pure.

The Measure on mutual recognition (国卫医发〔2022〕6号) has institutions recognise what is on the
list and marked, as long as it does not harm the care; the clinician decides, and says which of its
six situations holds where the examination is done again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from minkang.fhir import Resource
from minkang.record.cds.advice import Advice, Draft, cut, plain
from minkang.record.cds.knowledge import Item, item_of, knowledge
from minkang.record.cds.view import ago
from minkang.record.fact import concept_text, moment
from minkang.record.life import Life
from minkang.record.results import Result, results_of
from minkang.store import Stored

_DONE = frozenset({"final", "amended", "corrected"})
_LOINC = "http://loinc.org"
_MOST = 5


class Done(msgspec.Struct, frozen=True):
    """An examination that was done: when, where, what it gave in words."""

    at: datetime
    institution: str
    values: tuple[str, ...]


def repeats(life: Life, draft: Draft, now: datetime) -> Iterator[Advice]:
    """That the same was done lately, if it was, and with a result that is final."""
    codes = _codes(draft.resource)
    item = item_of(codes, draft.name)
    days = item.days if item else knowledge().unlisted_days
    since = now - timedelta(days=days)
    found = [one for one in _done(life, item, draft) if since <= one.at <= now]
    if not found:
        return
    last = max(found, key=lambda one: one.at)
    name = item.name if item else draft.name
    shown = "；".join(last.values[:_MOST]) or "报告见档案"
    rule = f"互认项目，{days} 天内的结果可以采用" if item else "不在互认清单，仅供参考"
    lines = [
        f"- 时间：{last.at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}",
        f"- 机构：{plain(last.institution)}",
        *(f"- {plain(value)}" for value in last.values),
        f"- {rule}",
    ]
    yield Advice(
        rule="repeat",
        what=item.id if item else "unlisted",
        urgency="warning" if item else "info",
        summary=cut(f"{name}：{ago(last.at, now)}已在{last.institution}做过：{shown}"),
        detail="\n".join(lines),
        drop=draft.reference,
        reasons=knowledge().repeat_reasons if item else (),
    )


def _done(life: Life, item: Item | None, draft: Draft) -> Iterator[Done]:
    """What was done of the same: values by their code, reports by their name."""
    results = results_of(life.of("Observation"), life.names)
    groups: dict[tuple[datetime, str], list[Result]] = {}
    for one in results:
        same = item_of([one.item], one.name) is item if item else one.name == draft.name
        if same and one.at is not None and one.status in _DONE:
            groups.setdefault((one.at, one.origin.organisation_name), []).append(one)
    for (at, institution), several in groups.items():
        yield Done(at, institution, tuple(_value(one) for one in _abnormal_first(several)))
    for stored in life.of("DiagnosticReport"):
        if (report := _report(stored, life, item, draft)) is not None:
            yield report


def _report(stored: Stored, life: Life, item: Item | None, draft: Draft) -> Done | None:
    resource = stored.resource
    name = concept_text(resource.get("code"))
    same = item_of(_codes(resource), name) is item if item else name == draft.name
    at = moment(resource.get("effectiveDateTime") or resource.get("issued"))
    if not same or at is None or resource.get("status") not in _DONE:
        return None
    said = str(resource.get("conclusion") or "")
    if not said and resource.get("result"):
        return None  # its values speak for it
    where = life.names.get(stored.source, stored.source)
    return Done(at, where, (cut(said, 100),) if said else ())


def _codes(resource: Resource) -> list[str]:
    codings = resource.get("code", {}).get("coding", [])
    return [str(one.get("code", "")) for one in codings if one.get("system") == _LOINC]


def _abnormal_first(results: list[Result]) -> list[Result]:
    return sorted(results, key=lambda one: (one.flag in ("", "N"), one.name))


def _value(one: Result) -> str:
    sign = {"H": "↑", "HH": "↑↑", "L": "↓", "LL": "↓↓", "A": "异常"}.get(one.flag, "")
    return f"{one.name} {one.text} {one.unit}".rstrip() + (f" {sign}" if sign else "")
