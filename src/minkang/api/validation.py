"""`$validate`: the rules and invariants of R4 applied to a resource, nothing kept (R4, 3.5.2)."""

from typing import Any

from minkang.api.access import ask, ask_to_read, missing
from minkang.api.body import json_of
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.masking import refuse_where_masked
from minkang.api.negotiation import FHIR_JSON, check_content_type
from minkang.api.outcomes import ALL_OK, Issue, Refusal, issues_of, outcome
from minkang.fhir import Resource, encode
from minkang.fhir.validate import check
from minkang.store import read

_MODES = frozenset({"create", "update", "delete", "profile"})


async def validate_new(call: Call) -> Answer:
    """`POST /Type/$validate`."""
    resource, mode = _given(call)
    await ask(call, "write-api", call.segments[0], "$validate")
    return _judged(call.segments[0], None, resource, mode)


async def validate_existing(call: Call) -> Answer:
    """`POST /Type/id/$validate`: a resource that shall take the place of one, or its deletion."""
    kind, resource_id, _ = call.segments
    resource, mode = _given(call)
    decision = await ask(call, "write-api", kind, f"{resource_id}/$validate")
    if mode == "delete":
        if await read(call.door.store, decision.scope, kind, resource_id) is None:
            raise missing(call, kind, resource_id)
        return resource_answer(outcome([ALL_OK]))
    return _judged(kind, resource_id, resource, mode)


async def validate_stored(call: Call) -> Answer:
    """`GET /Type/id/$validate`: what is kept."""
    kind, resource_id, _ = call.segments
    decision = await ask_to_read(call, kind, resource_id)
    refuse_where_masked(decision)
    stored = await read(call.door.store, decision.scope, kind, resource_id)
    if stored is None:
        raise missing(call, kind, resource_id)
    return _judged(kind, resource_id, stored.resource, None)


def _given(call: Call) -> tuple[Resource | None, str | None]:
    """The resource and the mode, from a Parameters or from body and query.

    Raises:
        Refusal: 400, 415.
    """
    check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
    mode = next((value for name, value in call.query if name == "mode"), None)
    profiles = [value for name, value in call.query if name == "profile"]
    found = json_of(call.body, call.door.limits)
    if not isinstance(found, dict):
        raise Refusal(400, "structure", "请求体应为一个资源 / the body is no resource")
    resource: Any = found
    if found.get("resourceType") == "Parameters" and call.segments[0] != "Parameters":
        resource = None
        parameters = found.get("parameter", [])
        for one in parameters if isinstance(parameters, list) else []:
            if not isinstance(one, dict):
                raise Refusal(400, "structure", "参数应为对象 / malformed Parameters")
            if one.get("name") == "resource":
                resource = one.get("resource")
            elif one.get("name") == "mode":
                mode = one.get("valueCode") or one.get("valueString")
            elif one.get("name") == "profile":
                profiles.append(str(one.get("valueUri") or one.get("valueCanonical")))
    if mode is not None and mode not in _MODES:
        raise Refusal(400, "value", f"mode 不认识：{str(mode)[:40]!r} / unknown mode", "mode")
    if resource is None and mode != "delete":
        raise Refusal(400, "required", "没有要校验的资源 / no resource given", "resource")
    base = f"http://hl7.org/fhir/StructureDefinition/{call.segments[0]}"
    if unknown := [one for one in profiles if one.partition("|")[0] != base]:
        raise Refusal(
            400, "not-supported", f"不支持规范 {unknown[0][:200]} / profile is not known", "profile"
        )
    return resource, mode


def _judged(kind: str, resource_id: str | None, resource: Any, mode: str | None) -> Answer:
    """The outcome: every problem, or that all is well; always with status 200."""
    if not isinstance(resource, dict) or resource.get("resourceType") != kind:
        issue = Issue("structure", f"资源类型应为 {kind} / resourceType differs", "resourceType")
        return resource_answer(outcome([issue]))
    if mode == "update" and resource_id is not None and resource.get("id") != resource_id:
        issue = Issue("value", "资源的 id 与地址不同 / id differs from the address", f"{kind}.id")
        return resource_answer(outcome([issue]))
    problems = check(resource, encode(resource))
    if not problems:
        # The path engine and all invariants: nothing else at the base needs them.
        from minkang.fhir.invariants import invariants

        problems = invariants(resource)
    return resource_answer(outcome(issues_of(problems) or [ALL_OK]))
