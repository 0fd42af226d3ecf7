"""JSON Patch (RFC 6902) on a resource, by the library `jsonpatch`."""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from minkang.api.outcomes import Refusal
from minkang.fhir import Resource, encode

_MAX_OPERATIONS = 1_000
_MAX_COPIED = 2_000_000
"""Bytes of JSON that the copies of one patch may add: copies of copies would double without end."""


def patched(resource: Resource, patch: Any, place: str = "") -> Resource:
    """The resource after the patch; the one given stays as it is.

    Raises:
        Refusal: 400 it is no JSON Patch; 422 it can't be applied, a test in it fails, or it would
            make another resource of this one.
    """
    if not (isinstance(patch, list) and all(isinstance(one, dict) for one in patch)):
        raise Refusal(
            400, "structure", "JSON Patch 应为操作的数组 / not an array of operations", place
        )
    if len(patch) > _MAX_OPERATIONS:
        raise Refusal(
            400, "too-long", f"操作超过 {_MAX_OPERATIONS} 个 / too many operations", place
        )
    try:
        made = jsonpatch.JsonPatch(patch)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError) as error:
        raise Refusal(400, "structure", f"JSON Patch 有误：{error}", place) from None
    found: Any = copy.deepcopy(resource)
    room = _MAX_COPIED
    operations = made._ops  # type: ignore[attr-defined]  # noqa: SLF001 - to tell which it was
    for number, operation in enumerate(operations):
        where = f"{place}[{number}]" if place else f"[{number}]"
        named = f"{patch[number].get('op')} {str(patch[number].get('path'))[:200]}"
        try:
            if patch[number].get("op") == "copy":
                room -= len(encode(jsonpointer.resolve_pointer(found, patch[number]["from"])))
                if room < 0:
                    raise Refusal(
                        422, "too-long", f"补丁复制的内容太多：{named} / copies too much", where
                    )
            found = operation.apply(found)
        except jsonpatch.JsonPatchTestFailed:
            raise Refusal(
                422, "processing", f"JSON Patch 的 test 不成立：{named} / test failed", where
            ) from None
        except (
            jsonpatch.JsonPatchException,
            jsonpointer.JsonPointerException,
            TypeError,
            KeyError,
            IndexError,
        ) as error:
            text = f"JSON Patch 不能执行：{named}：{str(error)[:200]}"
            raise Refusal(422, "processing", text, where) from None
    if not isinstance(found, dict) or any(
        found.get(name) != resource[name] for name in ("resourceType", "id")
    ):
        kept = f"{place}.resourceType | id" if place else "resourceType | id"
        raise Refusal(422, "processing", "补丁不可改变资源类型或 id / type and id must stay", kept)
    return found
