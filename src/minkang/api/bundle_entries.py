"""The entries of a batch or transaction, read from its JSON. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec

from minkang.api.address import pairs_of, segments_of
from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.fhir import Resource, encode
from minkang.fhir.validate import check

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
"""In which order entries are carried out (R4, 3.1.0.11.2)."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry.

    Attributes:
        place: `Bundle.entry[3]`.
        segments, query: of its address, relative to the base.
        body: the JSON of its resource as it came; empty without one.
        headers: the conditions of its request, as the headers that mean the same.
    """

    place: str
    full_url: str
    method: str
    segments: tuple[str, ...]
    query: list[tuple[str, str]]
    resource: Resource | None
    body: bytes
    headers: dict[bytes, bytes]

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.method in ("GET", "HEAD")

    def condition(self, header: bytes) -> str | None:
        """The text of a condition, by its header's name."""
        value = self.headers.get(header)
        return None if value is None else value.decode()


class _RawEntry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _RawBundle(msgspec.Struct):
    entry: list[_RawEntry] = []


_CONDITIONS = (
    ("ifNoneMatch", b"if-none-match"),
    ("ifMatch", b"if-match"),
    ("ifModifiedSince", b"if-modified-since"),
    ("ifNoneExist", b"if-none-exist"),
)


def entries_of(bundle: Resource, body: bytes, base: str, limits: Limits) -> list[Entry]:
    """All entries, in their own order.

    Raises:
        Refusal: 413 too many; 422 the Bundle itself is not valid; 400 an address or `fullUrl` is
            wrong, the type of the Bundle is none to carry out.
    """
    if bundle.get("resourceType") != "Bundle":
        raise Refusal(
            400, "structure", "此处只接受 Bundle / only a Bundle is taken here", "resourceType"
        )
    if bundle.get("type") not in ("batch", "transaction"):
        raise Refusal(
            400, "value", "Bundle.type 应为 batch 或 transaction / neither batch nor transaction",
            "Bundle.type",
        )  # fmt: skip
    given = bundle.get("entry", [])
    if isinstance(given, list) and len(given) > limits.entries:
        raise Refusal(
            413, "too-costly", f"条目超过 {limits.entries} 个 / too many entries", "Bundle.entry"
        )
    _check_envelope(bundle)
    raw = msgspec.json.decode(body, type=_RawBundle).entry
    entries = [
        _entry(number, one, bytes(raw[number].resource), base) for number, one in enumerate(given)
    ]
    if bundle["type"] == "transaction":
        _check_full_urls(entries)
    return entries


def _check_envelope(bundle: Resource) -> None:
    """The Bundle without its resources, which are judged one by one."""
    bare = dict(bundle)
    entries = bare.get("entry")
    if isinstance(entries, list):
        bare["entry"] = [
            {name: value for name, value in one.items() if name != "resource"}
            if isinstance(one, dict)
            else one
            for one in entries
        ]
    problems = check(bare, encode(bare))
    if problems:
        raise Refusal.of_problems(422, problems)


def _entry(number: int, given: dict[str, Any], body: bytes, base: str) -> Entry:
    place = f"Bundle.entry[{number}]"
    request = given.get("request")
    if not isinstance(request, dict):
        raise Refusal(400, "required", "条目没有 request / entry without request", place)
    if request.get("method") not in ORDER:
        raise Refusal(400, "value", "method 不认识 / unknown method", f"{place}.request.method")
    url: str = request.get("url", "")
    for beginning in (f"{base}/", "/"):
        url = url.removeprefix(beginning)
    path, _, query = url.partition("?")
    try:
        segments, pairs = segments_of(path.encode()), pairs_of(query.encode())
    except Refusal as error:
        raise error.below(f"{place}.request.url") from None
    resource = given.get("resource")
    return Entry(
        place=place,
        full_url=given.get("fullUrl", ""),
        method=request["method"],
        segments=segments,
        query=pairs,
        resource=resource if isinstance(resource, dict) else None,
        body=body,
        headers={
            header: request[name].encode()
            for name, header in _CONDITIONS
            if isinstance(request.get(name), str)
        },
    )


def _check_full_urls(entries: Sequence[Entry]) -> None:
    """Each `fullUrl` is of one entry, and of no version of it (R4, bdl-7, bdl-8)."""
    seen: set[str] = set()
    for entry in entries:
        url = entry.full_url
        if not url:
            continue
        if "/_history/" in url:
            raise Refusal(
                400, "invariant", "fullUrl 不可含版本 / fullUrl of a version [bdl-8]", entry.place
            )
        if url in seen:
            raise Refusal(
                400, "duplicate", "fullUrl 重复 / fullUrl stands twice [bdl-7]", entry.place
            )
        seen.add(url)
