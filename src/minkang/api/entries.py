"""Bundles of what was found: searchset and history, made around bodies that stay as they are."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from minkang.api.negotiation import etag
from minkang.api.outcomes import Issue, outcome
from minkang.fhir import encode
from minkang.store import Stored

Link = tuple[str, str]


def bundle(
    kind: str,
    entries: Sequence[dict[str, Any]],
    links: Iterable[Link] = (),
    total: int | None = None,
) -> bytes:
    """The JSON of a Bundle; an entry's `resource` may be `msgspec.Raw`."""
    made: dict[str, Any] = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        made["total"] = total
    if shown := [{"relation": relation, "url": url} for relation, url in links]:
        made["link"] = shown
    if entries:
        made["entry"] = entries
    return encode(made)


def found_entry(base: str, stored: Stored, body: bytes, mode: str = "match") -> dict[str, Any]:
    """An entry of a searchset."""
    return {
        "fullUrl": f"{base}/{stored.type}/{stored.id}",
        "resource": msgspec.Raw(body),
        "search": {"mode": mode},
    }


def notes_entry(notes: Sequence[Issue]) -> dict[str, Any]:
    """The entry of a searchset that says what about the search itself is to be known."""
    return {"resource": outcome(notes), "search": {"mode": "outcome"}}


def version_entry(base: str, stored: Stored, body: bytes) -> dict[str, Any]:
    """An entry of a history; a deletion has no resource."""
    place = f"{stored.type}/{stored.id}"
    method, status = "PUT", "200 OK" if stored.version > 1 else "201 Created"
    entry: dict[str, Any] = {"fullUrl": f"{base}/{place}"}
    if stored.deleted:
        method, status = "DELETE", "204 No Content"
    else:
        entry["resource"] = msgspec.Raw(body)
    entry["request"] = {"method": method, "url": place}
    entry["response"] = {
        "status": status,
        "etag": etag(stored.version),
        "lastModified": stored.updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return entry


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs as a query string, readable where that is allowed."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


_READABLE = re.compile(r"[A-Za-z0-9_.~:/|,$-]*")


def _quoted(text: str) -> str:
    return text if _READABLE.fullmatch(text) else quote(text, safe=":/|,_-$")
