"""Diagnoses as Conditions.

Code (DE05.01.024.00) and name (DE05.01.025.00) of a diagnosis are siblings: tied only by standing
together in an organizer, or one after the other. In C0045 the code is nested in the name.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import ADMISSION, DIAGNOSIS, DISCHARGE, Item, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.draft import Draft
from minkang.exchange.mappings.cda.fields import Concept, text_of

CODE: Final = "DE05.01.024.00"
NAME: Final = "DE05.01.025.00"
CHINESE_CODE: Final = "DE05.10.130.00"
CHINESE_NAME: Final = "DE05.10.172.00"
ON_ADMISSION: Final = "DE09.00.104.00"
ELEMENT: Final = "urn:minkang:data-element:"
"""Before the code of a data element that has no place in R4: url of an extension."""

_SECTIONS: Final = (DIAGNOSIS, ADMISSION, DISCHARGE)
_CODES: Final = frozenset({CODE, CHINESE_CODE})
_ALL: Final = frozenset({CODE, NAME, CHINESE_CODE, CHINESE_NAME, ON_ADMISSION})
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ROLE: Final = "http://terminology.hl7.org/CodeSystem/diagnosis-role"
_ROLES: Final = {ADMISSION: "AD", DISCHARGE: "DD"}
_SIDES: Final = {"证候": "证候", "病名": "病名", "主要": "主要", "其他": "其他", "病理": "病理"}


class _Found:
    """A diagnosis whose parts are being gathered."""

    def __init__(self) -> None:
        self.parts: dict[str, Item] = {}


def map_diagnoses(case: Case, *, listed: bool = False) -> list[Draft]:
    """The Conditions of the sections for diagnoses.

    With `listed` the visit lists them too, in their order, as its reasons and by their role.
    """
    made: dict[str, tuple[Draft, str]] = {}
    for section in case.body.all(*_SECTIONS):
        beside: list[Item] = []
        for act in section.acts():
            if act.name == "organizer":
                for found in _gathered(items_of(act, section.code), together=True):
                    _condition(case, found, section.code, made)
            else:
                beside += items_of(act, section.code)
        for found in _gathered(beside, together=False):
            _condition(case, found, section.code, made)
    drafts = [draft for draft, _ in made.values()]
    if listed and case.visit is not None and made:
        case.visit.put("reasonCode", [draft.resource["code"] for draft in drafts])
        case.visit.put(
            "diagnosis",
            [_listed(draft, section, n) for n, (draft, section) in enumerate(made.values(), 1)],
        )
    return drafts


def _listed(draft: Draft, section: str, rank: int) -> dict[str, Any]:
    found: dict[str, Any] = {"condition": draft.reference}
    if section in _ROLES:
        found["use"] = {"coding": [{"system": _ROLE, "code": _ROLES[section]}]}
    found["rank"] = rank
    return found


def _gathered(items: Iterable[Item], *, together: bool) -> Iterator[_Found]:
    """Diagnoses from their parts: a part that is there already begins the next one.

    Disease and syndrome of Chinese medicine have the same codes: their labels keep them apart.
    """
    open_ones: dict[str, _Found] = {}
    for item in items:
        if item.code not in _ALL:
            continue
        side = "" if together else _side(item)
        found = open_ones.get(side)
        key = _part(item.code)
        if found is None or key in found.parts:
            if found is not None:
                yield found
            found = open_ones[side] = _Found()
        found.parts[key] = item
        for inner in item.nested():
            if inner.code in _ALL:
                found.parts.setdefault(_part(inner.code), inner)
    yield from open_ones.values()


def _side(item: Item) -> str:
    """Which of several diagnoses beside each other a part belongs to, by its label."""
    chinese = "中医" if item.code in (CHINESE_CODE, CHINESE_NAME) else ""
    return chinese + next((side for mark, side in _SIDES.items() if mark in item.label), "")


def _part(code: str) -> str:
    if code in _CODES:
        return "code"
    return "name" if code in (NAME, CHINESE_NAME) else "admission"


def _condition(case: Case, found: _Found, section: str, made: dict[str, tuple[Draft, str]]) -> None:
    concept = _concept(case, found)
    if concept is None:
        return
    named = concept.get("coding", [{}])[0].get("code") or concept["text"]
    for item in found.parts.values():
        case.body.take(item)
    visit = case.visit.resource["identifier"][0]["value"] if case.visit else case.key
    number = f"{visit}/{case.patient_key}/{named}"
    condition = case.draft("Condition", number)
    if named in made:
        return
    made[named] = (condition, section)
    condition.put("subject", case.patient.reference)
    condition.put("encounter", case.visit.reference if case.visit else None)
    condition.put("code", concept)
    condition.put("clinicalStatus", {"coding": [{"system": _CLINICAL, "code": "active"}]})
    coding = {"system": _CATEGORY, "code": "encounter-diagnosis"}
    label = next((item.label for item in found.parts.values() if item.label), "")
    condition.put("category", [{"coding": [coding], **({"text": label} if label else {})}])
    condition.put("recordedDate", _date(case, found))
    condition.put("recorder", _recorder(found) or {"display": case.context.source.name})
    admission = found.parts.get("admission")
    if admission and (present := case.reader.concept(admission.value)):
        extension = {"url": f"{ELEMENT}{ON_ADMISSION}", "valueCodeableConcept": present}
        condition.put("extension", [extension])


def _concept(case: Case, found: _Found) -> Concept | None:
    code, name = found.parts.get("code"), found.parts.get("name")
    concept = case.reader.concept(code.value, "diagnosis") if code else None
    text = text_of(name.value) if name else ""
    if concept is None:
        return {"text": text} if text else None
    return {**concept, "text": text} if text else concept


def _date(case: Case, found: _Found) -> str | None:
    for item in found.parts.values():
        if time := case.reader.time(item.node.first("effectiveTime")):
            return time
    return None


def _recorder(found: _Found) -> dict[str, str] | None:
    """The institution that made the diagnosis (C0006, C0007)."""
    for item in found.parts.values():
        entity: Element | None = item.node.first("performer", "assignedEntity")
        if entity and (name := text_of(entity.first("representedOrganization", "name"))):
            return {"display": name}
    return None
