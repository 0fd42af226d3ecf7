"""procedure entries as Procedures (C0006, C0009, C0016, C0032, C0053)."""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.body import item_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.facts import extensions, numbered, period_of
from minkang.exchange.mappings.cda.fields import attribute_of, text_of
from minkang.exchange.mappings.cda.people import person
from minkang.exchange.mappings.draft import Draft

ANAESTHESIA: Final = "DE06.00.073.00"
ANAESTHETIST: Final = "麻醉医师"
_NAME: Final = "DE06.00.094.00"
_ROOM: Final = "DE06.00.256.00"
_PLACED: Final = frozenset({_NAME, _ROOM})


def map_procedures(case: Case) -> list[Draft]:
    """The operations of all sections; one without code and name is none."""
    return [
        draft
        for section in case.body.all()
        for act in section.acts()
        if act.name == "procedure" and (draft := _procedure(case, act, section.code)) is not None
    ]


def _procedure(case: Case, act: Element, section: str) -> Draft | None:
    items = [item_of(one, section) for one in act.all("entryRelationship", "observation")]
    name = next((text for i in items if i.code == _NAME and (text := text_of(i.value))), "")
    concept = case.reader.concept(act.first("code"), "procedure")
    if concept is None and not name:
        return None
    concept = {**(concept or {}), "text": name or (concept or {}).get("text")}
    for item in items:
        if item.code in _PLACED:
            case.body.take(item)
    draft = numbered(case, "Procedure", _number(concept))
    draft.put("status", "completed")
    draft.put("code", concept)
    period = period_of(case, act.first("effectiveTime"))
    draft.put("performedPeriod", period)
    if not period:
        draft.put("performedDateTime", case.reader.time(act.first("effectiveTime")))
    site = case.reader.concept(act.first("targetSiteCode"), "body-site")
    draft.put("bodySite", [site] if site else None)
    performers: list[dict[str, Any]] = [
        {"actor": who}
        for performer in act.all("performer")
        if (who := person(case, performer.first("assignedEntity")))
    ]
    for participant in act.all("participant"):
        role = participant.first("participantRole")
        if who := person(case, role):
            title = attribute_of(role.first("code") if role else None, "displayName")
            performers.append(performer_as(who, title))
    for item in items:
        if item.code == ANAESTHESIA:
            entity = item.node.first("performer", "assignedEntity")
            if who := person(case, entity):
                performers.append(performer_as(who, ANAESTHETIST))
    draft.put("performer", performers)
    room = next((text for i in items if i.code == _ROOM and (text := text_of(i.value))), "")
    draft.put("location", {"display": room} if room else None)
    draft.put("extension", extensions(case, [item for item in items if item.code not in _PLACED]))
    return draft


def _number(concept: dict[str, Any]) -> str:
    codings = concept.get("coding")
    return str(codings[0]["code"] if codings else concept["text"])


def performer_as(who: dict[str, str], title: str) -> dict[str, Any]:
    """Somebody who did it, and as what."""
    return {"function": {"text": title}, "actor": who} if title else {"actor": who}
