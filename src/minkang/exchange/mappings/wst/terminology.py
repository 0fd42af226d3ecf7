"""TerminologyRegister, TerminologyUpdate: the source's own code systems.

Each is sent as a whole: the latest message holds the list that stands.
"""

from minkang.exchange.cda import Element
from minkang.exchange.mappings.cda.fields import attribute_of
from minkang.exchange.mappings.written import plain_code
from minkang.exchange.mappings.wst.case import Case
from minkang.exchange.mappings.wst.fields import extension, number_of, value_of
from minkang.exchange.mappings.wst.people import record, stated

_ACTIVE = "1"


def map_terminology(case: Case) -> None:
    """A CodeSystem for each value set.

    Raises:
        Refused: a value set has no identifier.
    """
    request = case.subject("registrationRequest")
    people = stated(case, "enterer", request.first("author"))
    for node in request.all("subject1", "valueSet"):
        number = number_of(node.first("id"))
        case.required(node.first("id"), node, "值集标识符", number)
        system = case.draft("CodeSystem", number)
        # A URI has no blanks.
        kind = f"code:{'_'.join(number.split())}"
        system.put("url", case.context.number_system(kind))
        system.put("identifier", [case.own("value-set", number)])
        name = value_of(node.first("desc"))
        system.put("title", name)
        system.put("name", number)
        state = attribute_of(node.first("statusCode"), "code")
        retired = state.lower() in ("0", "inactive", "retired")
        system.put("status", "retired" if retired else "active")
        if state:
            system.add("extension", extension("status", "String", state))
        version = node.first("version")
        system.put("version", attribute_of(version, "code"))
        system.put("description", attribute_of(version, "displayName"))
        system.put("content", "complete")
        _concepts(case, system.resource, node.all("valueSetItems"))
        record(case, system, people)


def _concepts(case: Case, system: dict[str, object], items: list[Element]) -> None:
    properties = False
    concepts: dict[str, dict[str, object]] = {}
    for item in items:
        node = item.first("code")
        code = plain_code(attribute_of(node, "code"))
        if node is None or not code:
            continue
        if code in concepts:
            case.reader.problem(node, "duplicate", f"项目代码 {code[:40]} 重复", "code")
        concept: dict[str, object] = {"code": code}
        if display := attribute_of(node, "displayName"):
            concept["display"] = display
        if state := attribute_of(item.first("statusCode"), "code"):
            properties = True
            inactive = {"code": "inactive", "valueBoolean": state != _ACTIVE}
            concept["property"] = [inactive]
        concepts[code] = concept
    if concepts:
        system["concept"] = list(concepts.values())
        system["count"] = len(concepts)
    if properties:
        uri = "http://hl7.org/fhir/concept-properties#inactive"
        system["property"] = [{"code": "inactive", "uri": uri, "type": "boolean"}]
