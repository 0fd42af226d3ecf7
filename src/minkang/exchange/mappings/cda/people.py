"""People who wrote, signed or did something, and where they belong."""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.fields import attribute_of, begin_of, text_of
from minkang.exchange.mappings.cda.identifiers import is_number

SIGNED: Final = "urn:minkang:cda:signed"
"""Extension of an agent of a Provenance: when that person signed."""

_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def person(case: Case, entity: Element | None) -> dict[str, str] | None:
    """The person of an assignedAuthor, assignedEntity or participantRole; None if nobody is named.

    With a number they become a Practitioner; without one only the name is kept.
    """
    if entity is None:
        return None
    name = ""
    for path in (("assignedPerson",), ("playingEntity",), ("associatedPerson",)):
        name = name or text_of(entity.first(*path, "name"))
    number = attribute_of(entity.first("id"), "extension")
    if not is_number(number) or number == name:
        return {"display": name} if name else None
    draft = case.draft("Practitioner", number)
    draft.put("identifier", [case.own("staff", number)])
    if name:
        draft.put("name", [{"text": name}])
    return {**draft.reference, "display": name} if name else draft.reference


def signatures(case: Case) -> list[tuple[str, dict[str, str], str | None]]:
    """Role, person and time of whoever signed, the one who answers for the document first."""
    found = []
    for signer in (*case.root.all("legalAuthenticator"), *case.root.all("authenticator")):
        entity = signer.first("assignedEntity")
        who = person(case, entity)
        time = case.reader.time(signer.first("time"))
        if time is None:
            # In some documents the time stands in the signature (C0015, C0016).
            time = case.reader.time(signer.first("signatureCode", "time"))
        if who is not None:
            role = attribute_of(entity.first("code") if entity else None, "displayName")
            found.append((role, who, time))
    return found


def add_provenance(case: Case, document: dict[str, str], recorded: str) -> None:
    """Who wrote and who signed the document, in which role and when."""
    agents: list[dict[str, Any]] = []
    for author in case.root.all("author"):
        who = person(case, author.first("assignedAuthor"))
        if who:
            time = case.reader.time(author.first("time"))
            agents.append(_agent("author", "", who, time))
    for role, who, time in case.signers:
        agents.append(_agent("verifier", role, who, time))
    if not agents:
        return
    draft = case.draft("Provenance", case.key_of_document)
    # The patient is a target too: by it R4 finds the patient whose compartment this lies in.
    draft.put("target", [document, case.patient.reference])
    draft.put("recorded", recorded)
    draft.put("agent", agents)


def _agent(kind: str, role: str, who: dict[str, str], time: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": {"coding": [{"system": _PARTICIPATION, "code": kind}]}}
    if role:
        found["role"] = [{"text": role}]
    found["who"] = who
    if time and begin_of(time):
        found["extension"] = [{"url": SIGNED, "valueDateTime": time}]
    return found
