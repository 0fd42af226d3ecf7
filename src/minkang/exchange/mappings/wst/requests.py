"""What orders and applications share: when, by whom, for whom, where it is to be done."""

from typing import Any, Final

import msgspec

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.wst.case import Case, Stated
from minkang.exchange.mappings.wst.fields import extension, time_of, value_of
from minkang.exchange.mappings.wst.patient import mentioned
from minkang.exchange.mappings.wst.people import department, practitioner, stated
from minkang.exchange.mappings.wst.visits import Visit, visit_of

_PRIORITIES: Final = (("特急", "stat"), ("紧急", "urgent"), ("急", "urgent"), ("普通", "routine"))
_ROUTINE: Final = ("常规", "一般", "平诊", "择期")


class Asked(msgspec.Struct, frozen=True):
    """Who asks for whom, in which visit: of one message."""

    patient: Draft
    visit: Visit | None
    people: tuple[Stated, ...]
    requester: dict[str, str] | None
    unit: dict[str, str] | None
    authored: str | None


def asked(case: Case, act: Element) -> Asked:
    """What an act (placerGroup, observationRequest, procedureRequest) says of all its items.

    Raises:
        Refused: the patient has no number.
    """
    encounter = act.first("componentOf1", "encounter") or act.first("componentOf", "encounter")
    element = (encounter or act).first("subject", "patient")
    if element is None:
        raise case.missing(encounter or act, "患者")
    patient = mentioned(case, element)
    author = act.first("author")
    entity = author.first("assignedEntity") if author is not None else None
    people = (*stated(case, "author", author), *stated(case, "verifier", act.first("verifier")))
    return Asked(
        patient,
        visit_of(case, encounter, patient),
        people,
        practitioner(case, entity),
        department(case, entity.first("representedOrganization") if entity else None),
        time_of(case.reader, author.first("time")) if author is not None else None,
    )


def ask(draft: Draft, one: Asked) -> None:
    """Give a request what its message says of all."""
    draft.put("intent", "order")
    draft.put("subject", one.patient.reference)
    draft.put("encounter", one.visit.draft.reference if one.visit else None)
    draft.put("authoredOn", one.authored)
    draft.put("requester", one.requester)
    draft.add("extension", extension("department", "Reference", one.unit))


def prioritise(case: Case, draft: Draft, node: Element | None) -> None:
    """How urgent it is, in the source's words and, where these are plain, in R4's."""
    concept = case.reader.concept(node, "priority") if node is not None else None
    if concept is None:
        return
    draft.add("extension", extension("priority", "CodeableConcept", concept))
    said = concept["text"]
    if said.startswith(_ROUTINE):
        draft.put("priority", "routine")
    for word, code in _PRIORITIES:
        if said.startswith(word):
            draft.put("priority", code)
            return


def notes(act: Element) -> list[dict[str, Any]]:
    """What the request says in words: its content, and what to mind."""
    texts = [value_of(act.first("text"))]
    texts += [value_of(one.first("annotation", "text")) for one in act.all("subjectOf6")]
    return [{"text": text} for text in texts if text]


def performed_at(case: Case, draft: Draft, location: Element | None) -> None:
    """Which department is to do it, and when."""
    if location is None:
        return
    delivery = location.first("serviceDeliveryLocation") or location
    unit = department(
        case, delivery.first("serviceProviderOrganization") or delivery.first("location")
    )
    if unit and "reference" in unit:
        draft.put("performer", [unit])
    elif unit:
        draft.add("extension", extension("performing-department", "Reference", unit))
    time = time_of(case.reader, location.first("time"))
    draft.put("occurrenceDateTime", time)


def withdrawn(node: Element | None) -> bool:
    """Whether a status says that something is asked for no more."""
    return attribute_of(node, "code").lower() in ("inactive", "cancelled", "aborted", "nullified")
