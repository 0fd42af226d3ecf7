"""C0006 examination report and C0007 laboratory report (WS/T 500.6-2016, WS/T 500.7-2016).

| Data element | |
|---|---|
| DE04.30.019.00 item | Observation.code; the specimen (DE04.50.134.00) is nested in it |
| DE04.30.017.00 result as code | Observation.interpretation |
| DE04.30.015.00 result as number | Observation.value, with DE04.30.016.00 as unit |
| DE04.50.130.00, DE04.50.132.00 | DiagnosticReport.conclusion |
| DE04.30.018.00 class | DiagnosticReport.code, its text |
| DE08.10.013.00, DE08.10.026.00 | DiagnosticReport.performer: institution, department |

Item and results are siblings: in an organizer they belong together, outside of one results belong
to the item before them.
"""

from collections.abc import Iterator
from typing import Any, Final

from minkang.exchange.cda import kind_name
from minkang.exchange.cda.kinds import KIND_SYSTEM
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.body import Item, items_of
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import (
    extensions,
    map_left,
    numbered,
    put_value,
)
from minkang.exchange.mappings.cda.fields import begin_of, text_of
from minkang.exchange.mappings.cda.procedures import map_procedures
from minkang.exchange.mappings.draft import Draft
from minkang.exchange.mappings.written import plain_code

_ITEM: Final = "DE04.30.019.00"
_CODED: Final = "DE04.30.017.00"
_NUMBER: Final = "DE04.30.015.00"
_UNIT: Final = "DE04.30.016.00"
_SPECIMEN: Final = "DE04.50.134.00"
_SPECIMEN_STATE: Final = "DE04.50.135.00"
_CLASS: Final = "DE04.30.018.00"
_METHOD: Final = "DE02.10.027.00"
_CONCLUSIONS: Final = ("DE04.50.130.00", "DE04.50.132.00")
_DEPARTMENT: Final = "DE08.10.026.00"
_INSTITUTION: Final = "DE08.10.013.00"
_LOINC: Final = "http://loinc.org"
_SERVICE: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_FLAGS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_RESULTS: Final = {"正常": "N", "异常": "A"}
_NUMBERS: Final = {"C0006": ids.EXAMINATION_REPORT, "C0007": ids.LABORATORY_REPORT}


class _Test:
    """An item with its results."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.coded: Item | None = None
        self.number: Item | None = None


def map_laboratory(case: Case) -> None:
    """C0007 as DiagnosticReport with its Observations, specimen and order."""
    _report(case, "laboratory", "LAB")


def map_examination(case: Case) -> None:
    """C0006 as DiagnosticReport; what was seen and done beside it as Observations, Procedures."""
    _report(case, "exam", "")


def _report(case: Case, category: str, service: str) -> None:
    map_diagnoses(case)
    map_procedures(case)
    report = case.fact("DiagnosticReport", "report")
    numbers = _numbers(case)
    if number := numbers.get(_NUMBERS[case.kind]):
        report.put("identifier", [case.own("report", number)])
    if service:
        report.put("category", [{"coding": [{"system": _SERVICE, "code": service}]}])
    report.put("status", "final")
    report.put("code", _code(case))
    method = case.body.take_first(_METHOD)
    tests = [
        _tested(case, one, category, method) for one in _tests(case) if not _is_blank(case, one)
    ]
    conclusions = [i for i in map(case.body.take_first, _CONCLUSIONS) if i]
    report.put("conclusion", "\n".join(filter(None, (text_of(i.value) for i in conclusions))))
    report.put("performer", _performers(case))
    report.put("resultsInterpreter", [one.who for one in case.signers[:1]])
    written = case.reader.time(case.root.first("author", "time"))
    report.put("effectiveDateTime", _earliest(tests) or case.performed)
    if written and "T" in written:
        report.put("issued", written)
    report.put("specimen", _unique([one.resource.get("specimen") for one in tests]))
    _request(case, report, numbers)
    others = map_left(case)
    report.put("result", [one.reference for one in (*tests, *others)])


def _numbers(case: Case) -> dict[str, str]:
    role = case.root.first("recordTarget", "patientRole")
    return ids.numbers(role.all("id") if role is not None else [])


def _code(case: Case) -> dict[str, Any]:
    name = kind_name(case.kind)
    coding = {"system": KIND_SYSTEM, "code": case.kind, "display": name}
    kind = case.body.take_first(_CLASS)
    return {"coding": [coding], "text": (text_of(kind.value) if kind else "") or name}


def _performers(case: Case) -> list[dict[str, str]]:
    items = [case.body.take_first(code) for code in (_INSTITUTION, _DEPARTMENT)]
    names = [text for item in items if item and (text := text_of(item.value))]
    return [case.context.institution(), *({"display": name} for name in names)]


def _tests(case: Case) -> Iterator[_Test]:
    """Items with their results, in document order."""
    for section in case.body.all():
        current: _Test | None = None
        for act in section.acts():
            items = list(items_of(act, section.code))
            if act.name == "organizer":
                yield from _together(case, items)
                continue
            for item in items:
                if item.code == _ITEM:
                    if current is not None:
                        yield current
                    current = _Test(case.body.take(item))
                elif item.code in (_CODED, _NUMBER):
                    _attach(case, current, item)
        if current is not None:
            yield current


def _together(case: Case, items: list[Item]) -> Iterator[_Test]:
    """The items of one organizer: where there is only one, all results are of it."""
    tested = [item for item in items if item.code == _ITEM]
    current = _Test(tested[0]) if len(tested) == 1 else None
    for item in items:
        if item.code == _ITEM:
            if current is None or current.item is not item:
                if current is not None:
                    yield current
                current = _Test(item)
            case.body.take(item)
        elif item.code in (_CODED, _NUMBER):
            _attach(case, current, item)
    if current is not None:
        yield current


def _is_blank(case: Case, test: _Test) -> bool:
    """Whether nothing is said: neither an item nor a result."""
    said = test.coded is not None or test.number is not None
    return not said and case.reader.value(test.item.value) is None


def _attach(case: Case, test: _Test | None, item: Item) -> None:
    """Give a result to its item.

    Problems: rule `position` where there is none, or it has such a result already: whose it is
    can't be known.
    """
    if item.value is None or case.reader.value(item.value) is None:
        return
    taken = test is not None and (test.coded if item.code == _CODED else test.number)
    if test is None or taken:
        text = "结果前面没有对应的检查检验项目，或该项目已有结果，不知属于哪一项"
        case.reader.problem(item.node, "position", text)
        return
    case.body.take(item)
    if item.code == _CODED:
        test.coded = item
    else:
        test.number = item


def _tested(case: Case, test: _Test, category: str, method: Item | None) -> Draft:
    code = _test_code(case, test.item)
    draft = numbered(case, "Observation", f"item/{code['text']}")
    draft.put("status", "final")
    draft.put("category", [{"coding": [{"system": _CATEGORY, "code": category}]}])
    draft.put("code", code)
    draft.put("performer", [case.context.institution()])
    draft.put("effectiveDateTime", case.reader.time(test.item.node.first("effectiveTime")))
    if test.number is not None:
        _number(case, draft, test.number)
    if test.coded is not None and (concept := case.reader.concept(test.coded.value)):
        flag = _RESULTS.get(str(concept.get("text")))
        if flag:
            concept = {
                **concept,
                "coding": [{"system": _FLAGS, "code": flag}, *concept.get("coding", [])],
            }
        draft.put("interpretation", [concept])
    if method and (text := text_of(method.value)):
        draft.put("method", {"text": text})
    rest: list[Item] = []
    kind: Item | None = None
    for inner in test.item.nested():
        if inner.code == _SPECIMEN or "标本类别" in inner.label:
            kind = inner
        elif inner.code != _SPECIMEN_STATE:
            rest.append(inner)
    draft.put("specimen", _specimen(case, test.item, kind))
    draft.put("extension", extensions(case, rest))
    return draft


def _test_code(case: Case, item: Item) -> dict[str, Any]:
    """The source's own code of an item, and LOINC where its list names it."""
    value = item.value
    concept = case.reader.concept(value, "local")
    if value is None or concept is None:
        case.reader.problem(value or item.node, "required", "缺少检查检验项目")
        return {"text": "?"}
    if "coding" not in concept:
        code = plain_code(concept["text"])
        system = case.context.number_system("code:local")
        concept = {"coding": [{"system": system, "code": code}], "text": concept["text"]}
    for coding in list(concept["coding"]):
        if standard := case.context.source.codes.get(coding["code"]):
            concept["coding"] = [{"system": _LOINC, "code": standard}, *concept["coding"]]
            break
    return concept


def _number(case: Case, draft: Draft, item: Item) -> None:
    value = case.reader.value(item.value)
    unit = next((text_of(i.value) for i in item.nested() if i.code == _UNIT), "")
    if value is not None and value[0] == "Integer":
        value = "Quantity", {"value": value[1]}
    if value is not None and value[0] == "Quantity" and unit:
        value = "Quantity", {**value[1], "unit": unit}
    put_value(draft.resource, value)
    draft.put("extension", extensions(case, [i for i in item.nested() if i.code != _UNIT]))


def _specimen(case: Case, item: Item, kind: Item | None) -> dict[str, str] | None:
    """The specimen of an item: one for all items of a report that have the same kind."""
    number = _numbers(case).get(ids.SPECIMEN, "")
    text = text_of(kind.value) if kind else ""
    time = kind.node.first("effectiveTime") if kind else None
    collected = case.reader.time(time.first("low") if time else None)
    received = case.reader.time(time.first("high") if time else None)
    states = [s for i in item.nested() if i.code == _SPECIMEN_STATE and (s := text_of(i.value))]
    if not (number or text or collected or received or states):
        return None
    draft = case.draft("Specimen", f"{case.key}/specimen/{number}/{text}")
    draft.put("identifier", [case.own("specimen", number)] if number else None)
    draft.put("subject", case.patient.reference)
    draft.put("type", {"text": text} if text else None)
    draft.put("collection", {"collectedDateTime": collected} if collected else None)
    draft.put("receivedTime", received)
    draft.put("condition", [{"text": state} for state in states])
    return draft.reference


def _request(case: Case, report: Draft, numbers: dict[str, str]) -> None:
    """What was applied for, by whom: the ServiceRequest that the report answers."""
    number = numbers.get(ids.APPLICATION, "")
    requester, names, asked = "", [], None
    for participant in case.root.all("participant"):
        organization = participant.first("associatedEntity", "scopingOrganization")
        if organization is None:
            continue
        whole = organization.first("asOrganizationPartOf", "wholeOrganization")
        names = [
            text for one in (whole, organization) if one and (text := text_of(one.first("name")))
        ]
        requester = " ".join(names)
        asked = case.reader.time(participant.first("time"))
    if not number and not requester:
        return
    draft = case.fact("ServiceRequest", "request")
    draft.put("identifier", [case.own("application", number)] if number else None)
    draft.put("status", "unknown")
    draft.put("intent", "order")
    draft.put("code", report.resource["code"])
    draft.put("requester", {"display": requester} if requester else None)
    draft.put("authoredOn", asked)
    report.put("basedOn", [draft.reference])


def _earliest(tests: list[Draft]) -> str | None:
    times = [t for one in tests if (t := one.resource.get("effectiveDateTime"))]
    return min(times, key=begin_of, default=None)


def _unique(found: list[dict[str, str] | None]) -> list[dict[str, str]]:
    return list({one["reference"]: one for one in found if one}.values())
