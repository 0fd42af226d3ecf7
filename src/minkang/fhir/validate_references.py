"""Whether a Reference may point where it points (FHIR R4 2.3.0)."""

import re
from collections.abc import Mapping
from typing import Any

from minkang.fhir.primitives import ID, Fault
from minkang.fhir.types import TYPE_CODES

RULE = "reference-target"

_literal = re.compile(
    rf"\A(?:https?://\S+/)?([A-Z][A-Za-z]+)/{ID}(?:/_history/{ID})?(?:#\S+)?\Z"
).search
_conditional = re.compile(r"\A([A-Z][A-Za-z]+)\?\S+\Z").search
_elsewhere = re.compile(r"\A[a-z][a-z0-9+.\-]*:\S+\Z", re.IGNORECASE).search


def reference_fault(
    value: Mapping[str, Any], targets: tuple[str, ...], contained: Mapping[str, str]
) -> Fault | None:
    """What is wrong with the target of a Reference, or None.

    Where a URL or a URN leads to, only whoever follows it knows: an absolute URL is judged by its
    end (`.../Patient/1`), a URN and any other address not at all.

    Args:
        value: the Reference; its elements are of the right JSON types.
        targets: types that it may point to; empty for any.
        contained: id to type of the resources contained in the same container.
    """
    named = value.get("type")
    pointed = None
    if (text := value.get("reference")) is not None:
        pointed, wrong = _pointed(text, contained)
        if wrong:
            return RULE, wrong
    if pointed is not None and named in TYPE_CODES and named != pointed:
        return RULE, f"type 写的是 {named}，引用的却是 {pointed}"
    if named is not None and named not in TYPE_CODES and not _elsewhere(named):
        return RULE, "type 应为资源类型"
    of_type = pointed if pointed is not None else named
    if targets and of_type in TYPE_CODES and of_type not in targets:
        return RULE, f"这里只能引用 {'、'.join(targets)}，不能引用 {of_type}"
    return None


def _pointed(text: str, contained: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Type that a reference points to, if it tells; or what is wrong with it."""
    if text.startswith("#"):
        if text == "#" or text[1:] in contained:
            return contained.get(text[1:]), None
        return None, "所引用的内含资源不存在"
    match = _literal(text) or _conditional(text)
    if match and match[1] in TYPE_CODES:
        return match[1], None
    if _elsewhere(text):
        return None, None
    return None, "引用应为 类型/编号、绝对地址、urn: 或 #内含资源"
