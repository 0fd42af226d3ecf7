"""A medicine that is being ordered: recorded allergies, and the same medicine still there. Pure.

Checks of a prescription before it is dispensed are the pharmacist's (处方管理办法, art. 35, which
names repeated medicines); these say what is known beyond the own institution while it is written.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from minkang.fhir import Resource
from minkang.record.cds.advice import Advice, Draft, cut, plain
from minkang.record.cds.knowledge import classes_of, ingredient_of, knowledge
from minkang.record.cds.view import ago, allergies_of
from minkang.record.fact import concept_text, moment
from minkang.record.life import Life
from minkang.store import Stored

_STOPPED = frozenset({"cancelled", "entered-in-error", "stopped", "draft"})
_FOR_DAYS = re.compile(r"共 ?(\d{1,3}) ?天")
_LONGEST_SUPPLY = 366


def allergy(life: Life, draft: Draft) -> Iterator[Advice]:
    """That an allergy to this medicine, or to its class, is recorded."""
    own, classes = ingredient_of(draft.name), classes_of(draft.name)
    for stored in allergies_of(life):
        name = concept_text(stored.resource.get("code"))
        substance = ingredient_of(name)
        shared = classes & classes_of(name)
        same = bool(own and substance) and (own in substance or substance in own)
        if not (same or shared):
            continue
        where = life.names.get(stored.source, stored.source)
        words = [one.name for one in knowledge().allergens if one.id in shared]
        why = f"{draft.name}属{words[0]}" if words and not same else f"含{own}"
        yield Advice(
            rule="allergy",
            what=min(shared, default="same"),
            urgency="critical",
            summary=cut(f"过敏记录：{name}（{where}）。{why}"),
            detail=f"- 过敏原：{plain(name)}\n- 记录机构：{plain(where)}\n- {plain(why)}",
            drop=draft.reference,
            reasons=knowledge().medicine_reasons,
        )
        return


def duplicates(life: Life, draft: Draft, now: datetime) -> Iterator[Advice]:
    """That the same medicine was prescribed and ought not to be used up yet."""
    own = ingredient_of(draft.name)
    for stored in life.of("MedicationRequest"):
        resource = stored.resource
        name = medicine_name(resource)
        began = moment(resource.get("authoredOn"))
        if not own or ingredient_of(name) != own or began is None or began > now:
            continue
        ends = began + timedelta(days=supply_days(resource))
        if resource.get("status") in _STOPPED or ends <= now or _is_draft(stored, draft):
            continue
        where = life.names.get(stored.source, stored.source)
        dose = next((str(one.get("text", "")) for one in _doses(resource)), "")
        yield Advice(
            rule="duplicate",
            what="same",
            urgency="warning",
            summary=cut(f"{ago(began, now)}{where}已开{name}，估计用到 {ends:%m-%d}"),
            detail=f"- {plain(name)} {plain(dose)}\n- {began:%Y-%m-%d}，{plain(where)}",
            drop=draft.reference,
            reasons=knowledge().medicine_reasons,
        )
        return


def medicine_name(resource: Resource) -> str:
    """What a prescription is of, in words."""
    return concept_text(resource.get("medicationCodeableConcept"))


def supply_days(resource: Resource) -> int:
    """For how many days a prescription lasts: as it says, or as its text says, else the usual."""
    said = resource.get("dispenseRequest", {}).get("expectedSupplyDuration", {})
    if str(said.get("unit") or said.get("code") or "") in ("d", "天", "日"):
        return min(int(said.get("value", 0)), _LONGEST_SUPPLY)
    for one in _doses(resource):
        if found := _FOR_DAYS.search(str(one.get("text", ""))):
            return min(int(found[1]), _LONGEST_SUPPLY)
    return knowledge().supply_days


def _doses(resource: Resource) -> list[dict[str, Any]]:
    return [one for one in resource.get("dosageInstruction", []) if isinstance(one, dict)]


def _is_draft(stored: Stored, draft: Draft) -> bool:
    """Whether it is the order itself, which came to the platform while it was being written."""
    numbers = {
        (one.get("system"), one.get("value")) for one in draft.resource.get("identifier", [])
    }
    own = {(one.get("system"), one.get("value")) for one in stored.resource.get("identifier", [])}
    return bool(numbers & own)
