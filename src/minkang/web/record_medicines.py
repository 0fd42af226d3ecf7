"""The medicines tab of a record: now and before, by substance; doubles and allergies marked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from minkang.record import medicines
from minkang.record.life import Life
from minkang.record.medicines import Finding, Given, Medicine, findings_of, medicines_of
from minkang.web.facts import Facts
from minkang.web.rendering import N_

if TYPE_CHECKING:
    from minkang.web.record_tabs import Asked

TYPES: Final = medicines.TYPES
KINDS: Final = {
    "prescription": N_("处方"),
    "dispensing": N_("发药"),
    "statement": N_("随访登记"),
    "administration": N_("给药"),
}
RULES: Final = {
    "same-substance": N_("两家机构同时开了同一种药"),
    "same-group": N_("两家机构同时开了同一药理亚组的药（ATC 第 4 级相同）"),
    "allergy": N_("与登记的过敏相符"),
    "allergy-crossing": N_("与登记的过敏可能有交叉反应，请判断"),
}
_GIVEN, _PAST, _SPAN = 30, 80, timedelta(days=365)
_WIDTH: Final = 300.0


def medicines_context(asked: "Asked", life: Life, facts: Facts) -> Mapping[str, Any]:
    """What record/_medicines.html shows."""
    now, say = asked.visitor.now, asked.visitor.say
    kinds = [kind for kind in TYPES if kind != "AllergyIntolerance"]
    every = medicines_of((one for kind in kinds for one in life.of(kind)), life.names, now)
    found = findings_of(every, life.of("AllergyIntolerance"), life.names, now)
    rows = [_medicine(one, facts, asked) for one in every]
    return {
        "now": [row for row in rows if row["now"]],
        "past": [row for row in rows if not row["now"]][:_PAST],
        "past_count": sum(not row["now"] for row in rows),
        "findings": [_finding(one, facts, say) for one in found],
        "bar_width": int(_WIDTH),
        "bar_from": now - _SPAN,
        "bar_until": now,
    }


def _medicine(medicine: Medicine, facts: Facts, asked: "Asked") -> dict[str, Any]:
    newest = medicine.given[0]
    prescribed = next((one for one in medicine.given if one.kind == "prescription"), newest)
    return {
        "id": newest.origin.id,
        "name": newest.name,
        "atc": medicine.substance.atc,
        "now": medicine.now,
        "how": prescribed.how or newest.how,
        "since": medicine.given[-1].start,
        "last": newest.start,
        "until": max(one.until for one in medicine.given),
        "assumed": newest.assumed,
        "institutions": list(medicine.institutions),
        "given": [_given(one, facts, asked.visitor.say) for one in medicine.given[:_GIVEN]],
        "count": len(medicine.given),
        "bars": [bar for one in medicine.given if (bar := _bar(one, asked.visitor.now))],
        "new": facts.new(newest.origin),
    }


def _given(given: Given, facts: Facts, say: Any) -> dict[str, Any]:
    return {
        "id": given.origin.id,
        "kind": given.kind,
        "kind_words": say(KINDS[given.kind]),
        "name": given.name,
        "how": given.how,
        "quantity": given.quantity,
        "start": given.start,
        "until": given.until,
        "assumed": given.assumed,
        "by": given.by,
        "source": facts.source(given.origin),
    }


def _bar(given: Given, now: datetime) -> dict[str, Any] | None:
    """Where a period lies in the last year, in the units of the drawing; None before it."""
    if given.until < now - _SPAN or given.kind == "dispensing":
        return None
    begin = max(given.start, now - _SPAN)
    end = min(max(given.until, given.start), now)
    x = (begin - (now - _SPAN)) / _SPAN * _WIDTH
    return {"x": round(x, 1), "width": round(max(2.0, (end - begin) / _SPAN * _WIDTH), 1)}


def _finding(finding: Finding, facts: Facts, say: Any) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "words": say(RULES[finding.rule]),
        "names": list(finding.names),
        "institutions": list(dict.fromkeys(finding.institutions)),
        "about": finding.about,
        "severe": finding.rule == "allergy",
        "sources": [facts.source(one) for one in finding.origins],
    }
