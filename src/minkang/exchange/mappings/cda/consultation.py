"""C0045 consultation record (WS/T 500.45-2016).

| Data element | |
|---|---|
| DE06.00.319.00 type, DE06.00.039.00 reason | ServiceRequest.category, ServiceRequest.reasonCode |
| DE06.00.214.00 purpose | ServiceRequest.note |
| DE06.00.018.00 opinion | DiagnosticReport.conclusion |
| diagnoses, the code nested in the name | Condition |
| the others | Observation, results of the DiagnosticReport |

Who asked and who was asked, with department and institution, stand in the header as authenticators,
told apart by their role alone (会诊申请医师, 会诊医师, 会诊申请医疗机构, 会诊所在机构).
"""

from typing import Any, Final

import msgspec

from minkang.exchange.cda import kind_name
from minkang.exchange.cda.kinds import KIND_SYSTEM
from minkang.exchange.mappings.cda import identifiers as ids
from minkang.exchange.mappings.cda.case import Case
from minkang.exchange.mappings.cda.diagnoses import map_diagnoses
from minkang.exchange.mappings.cda.facts import map_left
from minkang.exchange.mappings.cda.fields import attribute_of, text_of

ASKING: Final = "urn:minkang:consultation:asking-"
"""Before `department` and `institution`: extensions of the request, of who asked."""

_TYPE: Final = "DE06.00.319.00"
_REASON: Final = "DE06.00.039.00"
_PURPOSE: Final = "DE06.00.214.00"
_OPINION: Final = "DE06.00.018.00"
_APPLIED: Final = "申请"


class _Side(msgspec.Struct, frozen=True):
    """Who asked, or who was asked: doctors, department, institution."""

    doctors: list[dict[str, str]]
    department: str
    institution: str

    def places(self) -> list[dict[str, str]]:
        """Institution and department, as far as they are named."""
        return [{"display": name} for name in (self.institution, self.department) if name]


def map_consultation(case: Case) -> None:
    """C0045: what was asked, by whom, and what the consultants said."""
    conditions = map_diagnoses(case)
    asking, asked = _side(case, asking=True), _side(case, asking=False)
    role = case.root.first("recordTarget", "patientRole")
    number = ids.numbers(role.all("id") if role else []).get(ids.APPLICATION)
    request = case.fact("ServiceRequest", "request")
    request.put("identifier", [case.own("application", number)] if number else None)
    request.put("status", "unknown")
    request.put("intent", "order")
    request.put("category", _texts(case, _TYPE))
    request.put("code", _code(case))
    request.put("requester", next(iter([*asking.doctors, *asking.places()]), None))
    names = {"department": asking.department, "institution": asking.institution}
    more = [{"url": ASKING + key, "valueString": name} for key, name in names.items() if name]
    request.put("extension", more)
    request.put("performer", [*asked.doctors, *asked.places()])
    request.put("reasonCode", _texts(case, _REASON))
    request.put("reasonReference", [one.reference for one in conditions])
    request.put("note", _texts(case, _PURPOSE))
    report = case.fact("DiagnosticReport", "report")
    report.put("basedOn", [request.reference])
    report.put("status", "final")
    report.put("code", _code(case))
    report.put("effectiveDateTime", case.performed)
    report.put("performer", asked.places() or [case.context.institution()])
    report.put("resultsInterpreter", asked.doctors)
    report.put("conclusion", "\n".join(one["text"] for one in _texts(case, _OPINION)))
    report.put("result", [one.reference for one in map_left(case)])


def _code(case: Case) -> dict[str, Any]:
    name = kind_name(case.kind)
    return {"coding": [{"system": KIND_SYSTEM, "code": case.kind, "display": name}], "text": name}


def _texts(case: Case, code: str) -> list[dict[str, str]]:
    """The texts of a data element, which have found their place."""
    found = []
    for section in case.body.all():
        for item in section.items():
            if item.code == code and (text := text_of(item.value)):
                case.body.take(item)
                found.append({"text": text})
    return found


def _side(case: Case, *, asking: bool) -> _Side:
    doctors = [one.who for one in case.signers if (_APPLIED in one.role) == asking]
    names: dict[str, str] = {}
    for node in (*case.root.all("legalAuthenticator"), *case.root.all("authenticator")):
        entity = node.first("assignedEntity")
        if entity is None:
            continue
        if (_APPLIED in attribute_of(entity.first("code"), "displayName")) != asking:
            continue
        for organization in entity.below("wholeOrganization"):
            number = organization.first("id")
            root = number.get("root") if number is not None else ""
            if name := text_of(organization.first("name")):
                names.setdefault(ids.DEPARTMENT if root == ids.DEPARTMENT else "", name)
        if name := text_of(entity.first("representedOrganization", "name")):
            names.setdefault("", name)
    return _Side(doctors, names.get(ids.DEPARTMENT, ""), names.get("", ""))
