"""The entries of a Bundle, judged by the rules of R4, each in its place."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from minkang.fhir import TYPE_CODES, Problem, Refused, Resource, encode
from minkang.fhir.validate import check

KINDS: Final = ("transaction", "batch", "message", "collection", "document", "searchset")
"""Types of Bundles that bring something."""

_REQUESTED: Final = frozenset({"transaction", "batch"})
_METHODS: Final = frozenset({"POST", "PUT", "DELETE"})
_NO_FACTS: Final = frozenset({"Bundle", "Parameters", "OperationOutcome", "MessageHeader"})
"""Types that carry or answer; they are no facts, and are not stored."""

_BASE: Final = re.compile(r"(?:https?://[^?]*?/|/)?([A-Z][A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?")
_MOST: Final = 1_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A resource as it was sent, or one that is withdrawn.

    Attributes:
        place: `Bundle.entry[3].resource`; of a resource alone its type.
        resource: valid; None of a DELETE.
        id: by the address it was sent to, or its own; empty if neither says one.
        criteria: what a conditional create or update looks for: `identifier=...`.
    """

    place: str
    type: str
    resource: Resource | None
    full_url: str = ""
    id: str = ""
    criteria: str = ""


class _RawEntry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _RawBundle(msgspec.Struct):
    entry: list[_RawEntry] = []


def check_resource(resource: Resource, raw: bytes) -> Entry:
    """A resource alone.

    Raises:
        Refused: it is not valid, or no fact.
    """
    # A resource whose type is an empty text has no name to begin its places with.
    problems = [
        msgspec.structs.replace(one, place=one.place or "-") for one in check(resource, raw)
    ]
    of_type = resource.get("resourceType")
    if not problems and of_type in _NO_FACTS:
        text = f"{of_type} 不是可单独保存的资源"
        problems = [Problem("map", str(of_type), "not-supported", text)]
    if problems:
        raise Refused(problems)
    of_type = str(of_type)
    return Entry(place=of_type, type=of_type, resource=resource, id=resource.get("id", ""))


def entries_of(bundle: Resource, raw: bytes) -> list[Entry]:
    """The entries that bring a resource, or withdraw one.

    Raises:
        Refused: with every problem of the Bundle and of all its resources.
    """
    problems = _of_envelope(bundle)
    if problems:
        raise Refused(problems)
    kind = bundle["type"]
    if kind not in KINDS:
        text = f"Bundle.type 是 {kind}，这里接受 {'、'.join(KINDS)}"
        raise Refused([Problem("map", "Bundle.type", "bundle-type", text)])
    bodies = msgspec.json.decode(raw, type=_RawBundle).entry if "entry" in bundle else []
    entries: list[Entry] = []
    for number, (given, body) in enumerate(zip(bundle.get("entry", ()), bodies, strict=True)):
        try:
            entries += _entry(kind, f"Bundle.entry[{number}]", given, bytes(body.resource))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused(problems[:_MOST])
    if not entries:
        raise Refused([Problem("map", "Bundle.entry", "empty", "Bundle 中没有任何资源")])
    return entries


def _of_envelope(bundle: Resource) -> list[Problem]:
    """Of the Bundle without its resources, which are judged one by one."""
    bare = dict(bundle)
    if isinstance(given := bare.get("entry"), list):
        bare["entry"] = [
            {name: value for name, value in one.items() if name != "resource"} or {"id": "-"}
            if isinstance(one, dict)
            else one
            for one in given
        ]
    return check(bare, encode(bare))


def _entry(kind: str, place: str, given: dict[str, Any], body: bytes) -> Iterator[Entry]:
    """The entry, or nothing where it brings no fact.

    Raises:
        Refused: with every problem.
    """
    resource = given.get("resource")
    url, method, criteria = _request(kind, place, given)
    found = _BASE.fullmatch(url)
    if method == "DELETE":
        yield _withdrawn(place, url, found)
        return
    if not isinstance(resource, dict):
        text = "条目没有资源"
        raise Refused([Problem("map", f"{place}.resource", "required", text)])
    problems = check(resource, body)
    if problems:
        raise Refused(_moved(problems, f"{place}.resource", str(resource.get("resourceType"))))
    of_type = resource["resourceType"]
    if of_type in _NO_FACTS:
        if of_type in ("MessageHeader", "OperationOutcome"):
            return
        text = f"{of_type} 不是可保存的资源"
        raise Refused([Problem("map", f"{place}.resource", "not-supported", text)])
    asked, asked_id = (found[1], found[2] or "") if found else ("", "")
    own = resource.get("id", "")
    if url and (asked != of_type or (asked_id and own and asked_id != own)):
        text = f"请求的地址 {url[:80]} 与资源 {of_type}/{own} 不符"
        raise Refused([Problem("map", f"{place}.request.url", "entry-mismatch", text)])
    yield Entry(
        place=f"{place}.resource",
        type=of_type,
        resource=resource,
        full_url=given.get("fullUrl", ""),
        id=own or asked_id,
        criteria=criteria,
    )


def _request(kind: str, place: str, given: dict[str, Any]) -> tuple[str, str, str]:
    """Address without query, method and criteria of an entry's request."""
    if kind not in _REQUESTED:
        return "", "", ""
    request = given.get("request")
    if request is None:
        text = f"{kind} 的条目必须有 request（bdl-3）"
        raise Refused([Problem("map", f"{place}.request", "required", text)])
    method = request["method"]
    if method not in _METHODS:
        text = f"这里不执行 {method}；接受 {'、'.join(sorted(_METHODS))}"
        raise Refused([Problem("map", f"{place}.request.method", "not-supported", text)])
    url, _, query = request["url"].partition("?")
    return url, method, query or request.get("ifNoneExist", "").rpartition("?")[2]


def _withdrawn(place: str, url: str, found: "re.Match[str] | None") -> Entry:
    if found is None or not found[2] or found[1] not in TYPE_CODES:
        text = f"删除须写明 类型/编号，不能是 {url[:80]!r}"
        raise Refused([Problem("map", f"{place}.request.url", "not-supported", text)])
    return Entry(place=place, type=found[1], resource=None, id=found[2])


def _moved(problems: Iterable[Problem], below: str, of_type: str) -> list[Problem]:
    """Problems of a resource in their places within the Bundle."""
    return [
        msgspec.structs.replace(one, place=below + one.place.removeprefix(of_type))
        for one in problems
    ]
