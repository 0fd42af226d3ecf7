"""Queries of the interaction services, answered at once from the store.

A source sees what its institution sent: the gate decides as for a connected system at the FHIR
base, and writes it down before the answer goes out. Patients and documents are found;
the other queries say `not-supported`: the form of their answers is not public.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from minkang.api.cross_reference import Known, Scopes, in_use, known_by, known_of
from minkang.api.hl7v2_domains import own_system
from minkang.api.source_account import account_of
from minkang.exchange import Source
from minkang.exchange.cda import Element
from minkang.exchange.wst import Service, acknowledge, read_message, wrapper_of
from minkang.exchange.wst.document_answer import documents_answer
from minkang.exchange.wst.patient_answer import ID_CARD, LOCAL, patients_answer
from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.search_syntax import parse_search
from minkang.identity import CODE_SYSTEM, is_health_code
from minkang.policy import Gate
from minkang.store import Scope, find

_DOCUMENTS: Final = "urn:oid:2.16.156.10011.2.4"
_BY_LOCAL: Final = "local number"
_BY_CODE: Final = "health code"
_MOST: Final = {"DocumentAccess": 100, "DocumentRetrieve": 20}
_ESCAPED: Final = str.maketrans({one: f"\\{one}" for one in "\\,$|"})

Pairs = list[tuple[str, str]]


async def answered(
    gate: Gate, source: Source, service: Service, message: bytes, address: str, now: datetime
) -> str:
    """The answer to a query: what was found, or an acknowledgement that says why not.

    Raises:
        Refused: the query can't be read, or asks for nothing in particular.
        AuditUnavailable: give no answer.
    """
    root = read_message(message, source.charset, service)
    of = wrapper_of(root)
    if service.name not in _CONDITIONS:
        text = f"平台不应答 {service.title}（{service.name}）"
        problem = Problem("map", root.place(), "not-supported", text)
        return acknowledge("AE", of, text, (problem,), now)
    kind, conditions_of = _CONDITIONS[service.name]
    asked = root.first("controlActProcess", "queryByParameter") or root
    conditions = conditions_of(source, asked)
    if not conditions:
        text = "请至少给出文档、患者或就诊的一个编号"
        raise Refused([Problem("map", asked.place(), "required", text)])
    decision = await gate.ask(
        account_of(source),
        "read-api",
        now=now,
        object_type=kind,
        object_id="?" + "&".join(dict.fromkeys(name for name, _ in conditions)),
        address=address,
    )
    if not decision.allowed:
        problem = Problem("map", root.place(), "forbidden", "无权查询")
        return acknowledge("AE", of, problem.text, (problem,), now)
    if kind == "Patient":
        known = await _residents(gate, decision.scope, conditions)
        if persons := sorted({one.person for one in known if one.person}):
            await gate.listed(account_of(source), persons, now=now, address=address)
        patients = [one.resource for resident in known for one in in_use(resident.own)]
        codes = {one.id: resident.code for resident in known for one in resident.own}
        return patients_answer(of, patients, codes, own_system(source), now)
    conditions = await _with_known(gate, decision.scope, source, conditions)
    documents, subjects = await _documents(gate, decision.scope, conditions, _MOST[service.name])
    return documents_answer(service.name, of, documents, subjects, now)


def _of_document(source: Source, asked: Element) -> Pairs:
    """What a query for documents asks for, as conditions of a FHIR search."""
    found: Pairs = []
    number = asked.first("clinicalDocument.id", "value")
    if number is not None and number.get("extension"):
        found.append(("identifier", _literal(number.get("extension"))))
    patient = _numbers(asked, "patient.id")
    if card := patient.get(ID_CARD):
        found.append(("patient.identifier", f"urn:oid:{ID_CARD}|{_literal(card.upper())}"))
    if local := patient.get(LOCAL):
        found.append((_BY_LOCAL, f"{own_system(source)}|{_literal(local)}"))
    visits = [one for one in _numbers(asked, "encompassingEncounter.id").values() if one]
    if visits:
        found.append(("encounter.identifier", ",".join(map(_literal, visits))))
    return [*found, *_narrowed(asked)] if found else []


def _narrowed(asked: Element) -> Pairs:
    """The kind and the days of documents."""
    found: Pairs = []
    code = asked.first("clinicalDocument.code", "value")
    if code is not None and code.get("code"):
        found.append(("type", f"{_DOCUMENTS}|{_literal(code.get('code'))}"))
    span = asked.first("clinicalDocument.effectiveTime", "value")
    for name, prefix in (("low", "ge"), ("high", "le")):
        end = span.first(name) if span is not None else None
        day = end.get("value")[:8] if end is not None else ""
        if len(day) == 8 and day.isascii() and day.isdigit():
            found.append(("date", f"{prefix}{day[:4]}-{day[4:6]}-{day[6:]}"))
    return found


def _of_patient(source: Source, asked: Element) -> Pairs:
    """What a query for patients asks for: a local number, identity card or health code, no name."""
    given = asked.first("parameterList") or asked
    found: Pairs = []
    number = given.first("id")
    if number is not None and number.get("extension"):
        found.append(("identifier", f"{own_system(source)}|{_literal(number.get('extension'))}"))
    card = given.first("livingSubjectId", "value", "item")
    if card is not None and card.get("extension"):
        text = card.get("extension").strip()
        if is_health_code(text):
            found.append((_BY_CODE, text))
        else:
            found.append(("identifier", f"urn:oid:{ID_CARD}|{_literal(text.upper())}"))
    return found


_CONDITIONS: Final[dict[str, tuple[str, Callable[[Source, Element], Pairs]]]] = {
    "PatientInfoQuery": ("Patient", _of_patient),
    "DocumentAccess": ("DocumentReference", _of_document),
    "DocumentRetrieve": ("DocumentReference", _of_document),
}
"""Queries that are answered: what is looked for, and how the conditions are read."""


def _numbers(asked: Element, name: str) -> dict[str, str]:
    return {
        item.get("root"): item.get("extension")
        for item in asked.all(name, "value", "item")
        if item.get("extension")
    }


def _literal(text: str) -> str:
    return text.translate(_ESCAPED)


async def _residents(gate: Gate, scope: Scope, conditions: Pairs) -> list[Known]:
    """The residents who have all the numbers asked for, with their Patients in a scope."""
    scopes = Scopes(scope, Scope.nothing())
    numbers = [one for one in conditions if one[0] != _BY_CODE]
    found = [
        one
        for name, code in conditions
        if name == _BY_CODE
        for one in await known_by(gate.store, scopes, CODE_SYSTEM, code)
    ]
    if not numbers:
        return found
    ids = [one["id"] for one in await _matches(gate, scope, "Patient", numbers)]
    known = await known_of(gate.store, scopes, ids)
    persons = {one.person for one in found}
    return [one for one in known if len(numbers) == len(conditions) or one.person in persons]


async def _with_known(gate: Gate, scope: Scope, source: Source, conditions: Pairs) -> Pairs:
    """The conditions, with a local number widened by what documents know the patient by as well."""
    found = []
    for name, value in conditions:
        if name == _BY_LOCAL:
            people = await _matches(gate, scope, "Patient", [("identifier", value)])
            known = [
                f"{one['system']}|{_literal(one['value'])}"
                for person in people
                for one in person.get("identifier", [])
                if one.get("system", "").startswith("urn:oid:")
            ]
            found.append(("patient.identifier", ",".join([value, *known])))
        else:
            found.append((name, value))
    return found


async def _matches(gate: Gate, scope: Scope, kind: str, conditions: Pairs) -> list[Resource]:
    given = [*conditions, ("_count", "20")]
    page = await find(gate.store, scope, parse_search((kind,), given))
    return [one.resource for one in page.matches]


async def _documents(
    gate: Gate, scope: Scope, conditions: Pairs, most: int
) -> tuple[list[Resource], dict[str, Resource]]:
    """Documents and the patients that they are about."""
    more = [("status", "current"), ("_include", "DocumentReference:subject")]
    given = [*conditions, *more, ("_count", str(most))]
    page = await find(gate.store, scope, parse_search(("DocumentReference",), given))
    patients = {
        f"Patient/{one.resource['id']}": one.resource
        for one in page.included
        if one.resource["resourceType"] == "Patient"
    }
    return [one.resource for one in page.matches], patients
