"""What the entries of a transaction want to write. Pure."""

import base64
import binascii

from minkang.api.address import pairs_of
from minkang.api.body import json_of
from minkang.api.bundle_entries import ORDER, Entry
from minkang.api.limits import Limits
from minkang.api.negotiation import PATCH_JSON
from minkang.api.outcomes import Refusal
from minkang.api.steps import Method, Pairs, Step
from minkang.fhir import TYPE_CODES, Resource
from minkang.fhir.references import ID_PATTERN

_METHODS: dict[str, Method] = {"POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"}


def steps_of(entries: list[Entry], limits: Limits) -> list[Step]:
    """The entries that write, in the order in which they are carried out (R4, 3.1.0.11.2).

    Raises:
        Refusal: 400, at the entry whose address, resource or conditions do not fit its method.
    """
    writing = [entry for entry in entries if entry.method in _METHODS]
    return [_step(one, limits) for one in sorted(writing, key=lambda one: ORDER[one.method])]


def patch_bytes(entry: Entry) -> bytes:
    """The JSON Patch of an entry, which comes as a Binary (R4, 3.1.0.5).

    Raises:
        Refusal: 400.
    """
    binary = entry.resource or {}
    if binary.get("resourceType") != "Binary" or binary.get("contentType") != PATCH_JSON:
        raise Refusal(
            400, "not-supported", f"补丁应为 {PATCH_JSON} 的 Binary / not a Binary with a patch",
            f"{entry.place}.resource",
        )  # fmt: skip
    try:
        return base64.b64decode(str(binary.get("data", "")), validate=True)
    except binascii.Error:
        raise Refusal(
            400, "value", "Binary.data 不是 base64 / no base64", f"{entry.place}.resource.data"
        ) from None


def _step(entry: Entry, limits: Limits) -> Step:
    method = _METHODS[entry.method]
    kind, resource_id = _target(entry)
    criteria: Pairs | None = None
    if method == "POST":
        criteria = _if_none_exist(entry)
    elif resource_id is None:
        criteria = entry.query
    resource = None
    if method in ("POST", "PUT"):
        resource = _resource(entry, kind, None if method == "POST" else resource_id)
    patch = None
    if method == "PATCH":
        try:
            patch = json_of(patch_bytes(entry), limits)
        except Refusal as error:
            raise error.below(f"{entry.place}.resource") from None
    return Step(
        method=method,
        type=kind,
        id=resource_id,
        criteria=criteria,
        if_match=entry.condition(b"if-match"),
        if_none_match=entry.condition(b"if-none-match") == "*",
        resource=resource,
        body=entry.body,
        patch=patch,
        full_url=entry.full_url,
        place=entry.place,
    )


def _target(entry: Entry) -> tuple[str, str | None]:
    """Type and id of an address; the id is None for a creation or a conditional write."""
    place = f"{entry.place}.request.url"
    kind, *rest = entry.segments or ("",)
    if kind not in TYPE_CODES:
        raise Refusal(400, "not-supported", f"不是资源类型：{kind[:40]!r} / unknown type", place)
    if not rest and (entry.method == "POST" or entry.query):
        return kind, None
    if entry.method != "POST" and len(rest) == 1 and ID_PATTERN.fullmatch(rest[0]):
        return kind, rest[0]
    raise Refusal(
        400, "not-supported", f"事务中不支持 {entry.method} 此地址 / not in a transaction", place
    )


def _if_none_exist(entry: Entry) -> Pairs | None:
    text = entry.condition(b"if-none-exist")
    if text is None:
        return None
    try:
        return pairs_of(text.strip().rpartition("?")[2].encode())
    except Refusal as error:
        raise error.below(f"{entry.place}.request.ifNoneExist") from None


def _resource(entry: Entry, kind: str, resource_id: str | None) -> Resource:
    place = f"{entry.place}.resource"
    resource = entry.resource
    if resource is None or resource.get("resourceType") != kind:
        raise Refusal(
            400, "value", f"条目的资源应为 {kind} / resource differs from the address", place
        )
    given = resource.get("id")
    if resource_id is not None and given != resource_id:
        raise Refusal(
            400,
            "value",
            "资源的 id 与地址不同 / id differs from that of the address",
            f"{place}.id",
        )
    fits = isinstance(given, str) and ID_PATTERN.fullmatch(given)
    if entry.method == "PUT" and given is not None and not fits:
        raise Refusal(400, "value", "不是 FHIR id / no FHIR id", f"{place}.id")
    return resource
