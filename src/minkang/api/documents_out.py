"""`$wst500`: what is stored, as a shared document of WS/T 500-2016 (XML)."""

import re
from typing import Final

from minkang.api.access import ask_to_read, missing
from minkang.api.call import Answer, Call
from minkang.api.masking import refuse_where_masked
from minkang.api.outcomes import Refusal
from minkang.exchange.documents import Facts, facts_of_document, facts_of_visit, write_document
from minkang.fhir import Refused

_XML: Final = "application/xml; charset=utf-8"
_KIND: Final = re.compile(r"C00\d\d")


async def of_document(call: Call) -> Answer:
    """`GET /DocumentReference/id/$wst500`: a document that came in, written again."""
    kind, resource_id = call.segments[:2]
    decision = await ask_to_read(call, kind, resource_id)
    refuse_where_masked(decision)
    _parameters(call, ())
    try:
        facts = await facts_of_document(call.door.store, decision.scope, resource_id)
        return _answer(call, facts)
    except Refused as refused:
        raise Refusal.of_problems(422, refused.problems) from refused


async def of_visit(call: Call) -> Answer:
    """`GET /Encounter/id/$wst500?kind=C0053`: a document of a visit; of a report with `report`."""
    resource, resource_id = call.segments[:2]
    # Whether they may ask at all comes first.
    decision = await ask_to_read(call, resource, resource_id)
    refuse_where_masked(decision)
    asked = _parameters(call, ("kind", "report"))
    kind = asked.get("kind", "")
    if not _KIND.fullmatch(kind):
        text = "kind 应为文档类别代码，如 C0053 / kind must be the code of a document"
        raise Refusal(400, "required" if not kind else "value", text, "kind")
    report = asked.get("report", "").removeprefix("DiagnosticReport/")
    try:
        facts = await facts_of_visit(
            call.door.store, decision.scope, kind, resource_id, call.now, report=report
        )
        return _answer(call, facts)
    except Refused as refused:
        raise Refusal.of_problems(422, refused.problems) from refused


def _answer(call: Call, facts: Facts | None) -> Answer:
    if facts is None:
        raise missing(call, call.segments[0], call.segments[1])
    return Answer(200, write_document(facts), media=_XML)


def _parameters(call: Call, known: tuple[str, ...]) -> dict[str, str]:
    """What is asked for behind the address.

    Raises:
        Refusal: 400: a parameter that the operation does not have, or one twice.
    """
    found: dict[str, str] = {}
    for name, value in call.query:
        if name not in known or name in found:
            text = f"没有参数 {name[:60]!r}，或重复 / unknown or repeated parameter"
            raise Refusal(400, "not-supported", text, name[:60])
        found[name] = value
    return found
