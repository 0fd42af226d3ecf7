"""JSON Patch (RFC 6902) on a resource, by the library `jsonpatch`."""

import copy
from typing import Any

import jsonpatch
import jsonpointer

from minkang.api.outcomes import Refusal
from minkang.fhir import Resource

_MAX_OPERATIONS = 1_000


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
    try:
        found = made.apply(copy.deepcopy(resource))
    except jsonpatch.JsonPatchTestFailed as error:
        raise Refusal(422, "processing", f"JSON Patch 的 test 不成立：{error}", place) from None
    except (
        jsonpatch.JsonPatchException,
        jsonpointer.JsonPointerException,
        TypeError,
        KeyError,
        IndexError,
    ) as error:
        raise Refusal(422, "processing", f"JSON Patch 不能执行：{error}", place) from None
    if not isinstance(found, dict) or any(
        found.get(name) != resource[name] for name in ("resourceType", "id")
    ):
        raise Refusal(422, "processing", "补丁不可改变资源类型或 id / type and id must stay", place)
    return found
