"""Write one resource: create, update, patch, delete; by id or by criteria (R4, 3.1.0.4 ff.)."""

from collections.abc import Sequence
from typing import Any

from minkang.api.access import ask
from minkang.api.address import pairs_of
from minkang.api.body import json_of
from minkang.api.call import Answer, Call, resource_answer, version_headers
from minkang.api.commit import commit
from minkang.api.negotiation import FHIR_JSON, PATCH_JSON, check_content_type
from minkang.api.outcomes import ALL_OK, Refusal, outcome
from minkang.api.steps import Done, Step
from minkang.fhir import Resource
from minkang.fhir.references import ID_PATTERN
from minkang.store import Scope, read_version


async def create(call: Call) -> Answer:
    """`POST /Type`, with `If-None-Exist` conditionally."""
    kind = call.segments[0]
    criteria = None
    if (condition := call.headers.get(b"if-none-exist")) is not None:
        criteria = pairs_of(condition.strip().rpartition(b"?")[2])
    step = Step(
        method="POST",
        type=kind,
        criteria=criteria,
        resource=_resource(call, kind),
        body=call.body,
    )
    return await _single(call, step)


async def update(call: Call) -> Answer:
    """`PUT /Type/id`."""
    kind, resource_id = call.segments
    resource = _resource(call, kind)
    if resource.get("id") != resource_id:
        raise Refusal(
            400, "value", "资源的 id 与地址不同 / id differs from that of the address", f"{kind}.id"
        )
    if not ID_PATTERN.fullmatch(resource_id):
        raise Refusal(400, "value", f"不是 FHIR id：{resource_id[:80]!r}", f"{kind}.id")
    step = Step(
        method="PUT",
        type=kind,
        id=resource_id,
        if_match=_header(call, b"if-match"),
        if_none_match=_header(call, b"if-none-match") == "*",
        resource=resource,
        body=call.body,
    )
    return await _single(call, step)


async def update_by_criteria(call: Call) -> Answer:
    """`PUT /Type?criteria`."""
    kind = call.segments[0]
    resource = _resource(call, kind)
    if "id" in resource and not _is_id(resource["id"]):
        raise Refusal(400, "value", "不是 FHIR id / no FHIR id", f"{kind}.id")
    step = Step(
        method="PUT",
        type=kind,
        criteria=criteria_of(call.query),
        if_match=_header(call, b"if-match"),
        if_none_match=_header(call, b"if-none-match") == "*",
        resource=resource,
        body=call.body,
    )
    return await _single(call, step)


async def patch(call: Call) -> Answer:
    """`PATCH /Type/id` with a JSON Patch."""
    kind, resource_id = call.segments
    step = Step(
        method="PATCH",
        type=kind,
        id=resource_id,
        if_match=_header(call, b"if-match"),
        patch=_patch(call),
    )
    return await _single(call, step)


async def patch_by_criteria(call: Call) -> Answer:
    """`PATCH /Type?criteria` with a JSON Patch."""
    step = Step(
        method="PATCH",
        type=call.segments[0],
        criteria=criteria_of(call.query),
        if_match=_header(call, b"if-match"),
        patch=_patch(call),
    )
    return await _single(call, step)


async def delete(call: Call) -> Answer:
    """`DELETE /Type/id`; what is not there is deleted already."""
    kind, resource_id = call.segments
    step = Step(method="DELETE", type=kind, id=resource_id, if_match=_header(call, b"if-match"))
    return await _single(call, step)


async def delete_by_criteria(call: Call) -> Answer:
    """`DELETE /Type?criteria`: one match at most."""
    step = Step(
        method="DELETE",
        type=call.segments[0],
        criteria=criteria_of(call.query),
        if_match=_header(call, b"if-match"),
    )
    return await _single(call, step)


def criteria_of(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The criteria in the query of a conditional write."""
    return [pair for pair in query if pair[0] not in ("_format", "_pretty")]


def _header(call: Call, name: bytes) -> str | None:
    value = call.headers.get(name)
    return None if value is None else value.decode("latin-1").strip()


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ID_PATTERN.fullmatch(value) is not None


def _resource(call: Call, kind: str) -> Resource:
    """The resource in the body.

    Raises:
        Refusal: 415, 400: no JSON, or not of the type that the address names.
    """
    check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
    found = json_of(call.body, call.door.limits)
    if not isinstance(found, dict):
        raise Refusal(400, "structure", "请求体应为一个资源 / the body is no resource")
    if found.get("resourceType") != kind:
        raise Refusal(
            400,
            "value",
            f"资源类型应为 {kind} / resourceType differs from the address",
            "resourceType",
        )
    return found


def _patch(call: Call) -> Any:
    check_content_type(call.headers.get(b"content-type"), PATCH_JSON)
    return json_of(call.body, call.door.limits)


async def _single(call: Call, step: Step) -> Answer:
    # A resource without an id yet is known in the audit log by its type alone.
    decision = await ask(call, "write-api", step.type, step.id or "")
    (done,) = await commit(call, decision.scope, [step], bundle=False)
    return await answer_of(call, decision.scope, step, done)


async def answer_of(call: Call, scope: Scope, step: Step, done: Done) -> Answer:
    """The answer to a write that was done, as `Prefer` wants it."""
    headers = version_headers(done.version, done.updated) if done.version else []
    if step.method == "DELETE":
        if call.prefer.back == "OperationOutcome":
            return resource_answer(outcome([ALL_OK]), 200, headers)
        return Answer(204, b"", headers)
    place = f"{call.base}/{done.type}/{done.id}/_history/{done.version}".encode("ascii", "replace")
    headers.append((b"location" if done.status == 201 else b"content-location", place))
    if call.prefer.back == "minimal":
        return Answer(done.status, b"", headers, modified=done.updated)
    if call.prefer.back == "OperationOutcome":
        return resource_answer(outcome([ALL_OK]), done.status, headers)
    body = done.body
    if not body:
        stored = await read_version(call.door.store, scope, done.type, done.id, done.version)
        body = stored.body if stored else b""
    return Answer(done.status, body, headers, modified=done.updated)
