"""What one request or one entry of a transaction wants to write, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from minkang.fhir import Resource

Method = Literal["POST", "PUT", "PATCH", "DELETE"]
Key = tuple[str, str]
Pairs = Sequence[tuple[str, str]]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One write.

    Attributes:
        method: POST creates, whatever id the resource has.
        id: of PUT, PATCH and DELETE, unless there are criteria.
        criteria: search parameters that say which resource is meant; of POST those of
            If-None-Exist.
        if_match: the text of the condition; None for none.
        if_none_match: there must be no such resource yet.
        resource: of POST and PUT: decoded, the caller's own.
        body: its JSON as it came.
        patch: of PATCH: the decoded JSON Patch.
        full_url: by which other entries refer to it; empty for none.
        place: the entry, for problems: `Bundle.entry[3]`; empty for a request of its own.
    """

    method: Method
    type: str
    id: str | None = None
    criteria: Pairs | None = None
    if_match: str | None = None
    if_none_match: bool = False
    resource: Resource | None = None
    body: bytes = b""
    patch: Any = None
    full_url: str = ""
    place: str = ""


class Done(msgspec.Struct, frozen=True):
    """What became of a write; `version` 0 where nothing is there, and nothing was.

    `body` is the version as it is stored, where it was written now.
    """

    status: int
    type: str
    id: str
    version: int
    updated: datetime
    body: bytes = b""
