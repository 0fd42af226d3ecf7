"""Documents of a visit whose facts came by other channels: HL7 v2, tables, FHIR.

A report is one DiagnosticReport of the visit; the other kinds are of the whole visit. The number of
the document follows from its facts and their versions: the same facts give the same document,
others a new one of the same set.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from minkang.exchange.documents.facts import Facts, refused
from minkang.exchange.documents.gather import load
from minkang.exchange.documents.visit_body import OF_A_REPORT, Visit, body_of
from minkang.exchange.documents.visit_header import header_of
from minkang.fhir import Resource, local_reference
from minkang.fhir.search_syntax import parse_search
from minkang.store import Scope, Store, find, read

_INSTITUTIONS: Final = "urn:oid:2.16.156.10011.1.5"
_OF_VISIT: Final = (
    "Condition",
    "DiagnosticReport",
    "MedicationRequest",
    "Observation",
    "Procedure",
    "ServiceRequest",
)
_OF_PATIENT: Final = ("AllergyIntolerance", "FamilyMemberHistory")
_MOST: Final = 1000
_LENGTHS: Final = {"C0045": 20}
"""Characters of the document's number, where 32 are too many."""
_PLACE: Final = "/ClinicalDocument"


async def facts_of_visit(
    store: Store, scope: Scope, kind: str, encounter_id: str, now: datetime, *, report: str = ""
) -> Facts | None:
    """The facts for a document of a visit; None if the scope shows no such Encounter.

    `report` is the id of the DiagnosticReport, which C0006 and C0007 need where the visit has
    several; `now` becomes the document's time.

    Raises:
        Refused: stage `write`: `kind`, `required`, `report` (none, or several and none named),
            `fact-missing`, `too-many` facts.
    """
    stored = await read(store, scope, "Encounter", encounter_id)
    if stored is None:
        return None
    encounter = stored.resource
    subject = local_reference(encounter.get("subject"))
    if subject is None:
        raise refused(f"{_PLACE}/recordTarget", "required", "就诊没有患者")
    resources = await _of_visit(store, scope, f"Encounter/{encounter_id}", subject[1])
    named = [subject, *_pointed(resources)]
    if provider := local_reference(encounter.get("serviceProvider")):
        named.append(provider)
    resources |= await load(store, scope, named)
    patient = resources.get("/".join(subject))
    if patient is None:
        raise refused("/".join(subject), "fact-missing", "患者已不存在，或不在可见范围内")
    about = _report(kind, resources, report)
    _all_there(resources, [one.get("condition") for one in encounter.get("diagnosis", ())])
    _all_there(resources, (about or {}).get("result", ()))
    visit = Visit(
        kind=kind,
        encounter=encounter,
        patient=patient,
        report=about,
        institution=_institution(encounter, resources),
        resources={**resources, f"Encounter/{encounter_id}": encounter},
    )
    return compose(visit, now)


def compose(visit: Visit, now: datetime) -> Facts:
    """The facts of a document of a visit, with a Composition made for them. Pure.

    Raises:
        Refused: as `facts_of_visit`.
    """
    sections = body_of(visit)
    reference = f"Encounter/{visit.encounter['id']}"
    series = _digest(visit.kind, reference, (visit.report or {}).get("id", ""))
    versions = [
        f"{name}/{one.get('meta', {}).get('versionId', '')}"
        for name, one in sorted(visit.resources.items())
    ]
    number = _digest(series, *versions)[: _LENGTHS.get(visit.kind)]
    head, more = header_of(visit, now)
    composition: Resource = {
        "resourceType": "Composition",
        "id": number,
        "identifier": {"value": number},
        **head,
        "section": sections,
    }
    return Facts(
        kind=visit.kind,
        document=None,
        composition=composition,
        patient=visit.patient,
        encounter=visit.encounter,
        resources={**visit.resources, **more},
    )


async def _of_visit(
    store: Store, scope: Scope, encounter: str, patient: str
) -> dict[str, Resource]:
    """What was stored of the visit, who signed it, and the patient's allergies; oldest first."""
    asked = [(kind, ("encounter", encounter)) for kind in _OF_VISIT]
    asked += [(kind, ("patient", f"Patient/{patient}")) for kind in _OF_PATIENT]
    asked.append(("Provenance", ("target", encounter)))
    found: dict[str, Resource] = {}
    for kind, condition in asked:
        search = parse_search((kind,), [condition, ("_count", str(_MOST))])
        page = await find(store, scope, search)
        if page.next is not None:
            text = f"就诊的 {kind} 超过 {_MOST} 条，不能写成一份文档"
            raise refused(f"{_PLACE}/component", "too-many", text)
        matches = sorted(page.matches, key=lambda one: (one.updated, one.id))
        found |= {f"{one.type}/{one.id}": one.resource for one in matches}
    return found


def _pointed(resources: dict[str, Resource]) -> list[tuple[str, str]]:
    """Specimens and results that the facts name and that are not of the visit by themselves."""
    found = []
    for one in resources.values():
        specimens = one.get("specimen", [])
        several = specimens if isinstance(specimens, list) else [specimens]
        for reference in (*several, *one.get("result", ())):
            target = local_reference(reference)
            if target is not None and "/".join(target) not in resources:
                found.append(target)
    return found


def _report(kind: str, resources: dict[str, Resource], asked: str) -> Resource | None:
    """The report that a document of a report is about.

    Raises:
        Refused: there is none, or it is not said which.
    """
    if kind not in OF_A_REPORT:
        return None
    reports = [one for one in resources.values() if one["resourceType"] == "DiagnosticReport"]
    if asked:
        reports = [one for one in reports if one["id"] == asked]
    if len(reports) == 1:
        return reports[0]
    if reports:
        text = f"就诊有 {len(reports)} 份报告，请用 report 指明是哪一份"
    else:
        text = "就诊没有这份报告"
    raise refused(f"{_PLACE}/component", "report", text)


def _all_there(resources: dict[str, Resource], references: Iterable[Any]) -> None:
    """Whether what a visit or report names is in sight: half a document looks like a whole one.

    Raises:
        Refused: `fact-missing`.
    """
    for reference in references:
        target = local_reference(reference)
        if target is not None and "/".join(target) not in resources:
            text = "就诊或报告所指的数据已不存在，或不在可见范围内，不能写成完整的文档"
            raise refused("/".join(target), "fact-missing", text)


def _institution(encounter: Resource, resources: dict[str, Resource]) -> dict[str, str]:
    """Unified social credit code and name of the institution of the visit."""
    provider = encounter.get("serviceProvider", {})
    organization = resources.get(provider.get("reference", ""), {})
    numbers = [
        one.get("value", "")
        for one in organization.get("identifier", ())
        if one.get("system") == _INSTITUTIONS
    ]
    name = organization.get("name") or provider.get("display", "")
    return {"number": next(iter(numbers), ""), "name": name}


def _digest(*parts: str) -> str:
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
