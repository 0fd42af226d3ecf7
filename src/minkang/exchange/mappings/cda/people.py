"""People who wrote, signed or did something, and where they belong."""

from typing import Any, Final

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.case import Case, Signer
from minkang.exchange.mappings.cda.fields import attribute_of, begin_of, text_of
from minkang.exchange.mappings.cda.identifiers import identity, is_number

SIGNED: Final = "urn:minkang:cda:signed"
"""Extension of an agent of a Provenance: when that person signed."""

_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_TITLE: Final = (
    "assignedPerson",
    "professionalTechnicalPosition",
    "professionaltechnicalpositionCode",
)
_SELF: Final = frozenset({"0", "01"})
"""GB/T 4761: 本人或户主, 本人."""


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


def signatures(case: Case) -> list[Signer]:
    """Whoever signed, the one who answers for the document first."""
    found = []
    for node in (*case.root.all("legalAuthenticator"), *case.root.all("authenticator")):
        entity = node.first("assignedEntity")
        who = person(case, entity)
        time = case.reader.time(node.first("time"))
        if time is None:
            # In some documents the time stands in the signature (C0015, C0016).
            time = case.reader.time(node.first("signatureCode", "time"))
        if entity is not None and who is not None:
            title = case.reader.concept(entity.first(*_TITLE), "professional-title")
            organization = text_of(entity.first("representedOrganization", "name"))
            role = attribute_of(entity.first("code"), "displayName")
            found.append(Signer(role, who, time, title, organization))
    return found


def add_provenance(case: Case, document: dict[str, str], recorded: str) -> None:
    """Who wrote and who signed the document, in which role and when, and who told its history."""
    agents: list[dict[str, Any]] = []
    for author in case.root.all("author"):
        entity = author.first("assignedAuthor")
        who = person(case, entity)
        if who:
            role = attribute_of(entity.first("code") if entity else None, "displayName")
            time = case.reader.time(author.first("time"))
            agents.append(_agent("author", [{"text": role}] if role else [], who, time))
    for signer in case.signers:
        roles = [{"text": signer.role}] if signer.role else []
        roles += [signer.title] if signer.title else []
        agent = _agent("verifier", roles, signer.who, signer.time)
        if signer.organization:
            agent["onBehalfOf"] = {"display": signer.organization}
        agents.append(agent)
    agents += _informants(case)
    if not agents:
        return
    draft = case.draft("Provenance", case.key_of_document)
    # The patient is a target too: by it R4 finds the patient whose compartment this lies in.
    draft.put("target", [document, case.patient.reference])
    draft.put("recorded", recorded)
    draft.put("agent", agents)


def _informants(case: Case) -> list[dict[str, Any]]:
    """Who told the history (C0034): the patient, or a relative. They are no staff."""
    agents = []
    for informant in case.root.all("informant"):
        entity = informant.first("assignedEntity")
        name = text_of(entity.first("assignedPerson", "name")) if entity else ""
        if entity is None or not name:
            continue
        code = entity.first("code")
        relation = case.reader.concept(code, "relationship")
        is_patient = any(one["text"] == name for one in case.patient.resource.get("name", []))
        if is_patient and attribute_of(code, "code") in _SELF:
            who = {**case.patient.reference, "display": name}
        else:
            who = _relative(case, name, relation, attribute_of(entity.first("id"), "extension"))
        agents.append(_agent("informant", [relation] if relation else [], who, None))
    return agents


def _relative(
    case: Case, name: str, relation: dict[str, Any] | None, number: str
) -> dict[str, str]:
    draft = case.draft("RelatedPerson", f"{case.patient_key}/{name}")
    draft.put("identifier", [identity(case.context, number)] if is_number(number) else None)
    draft.put("patient", case.patient.reference)
    draft.put("relationship", [relation] if relation else None)
    draft.put("name", [{"text": name}])
    return {**draft.reference, "display": name}


def _agent(
    kind: str, roles: list[dict[str, Any]], who: dict[str, str], time: str | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"type": {"coding": [{"system": _PARTICIPATION, "code": kind}]}}
    if roles:
        found["role"] = roles
    found["who"] = who
    if time and begin_of(time):
        found["extension"] = [{"url": SIGNED, "valueDateTime": time}]
    return found
