"""A request at the FHIR base as its handlers see it, and the answer they give."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from minkang.accounts import Account
from minkang.api.callers import Callers
from minkang.api.journal import Journal
from minkang.api.limits import Limits
from minkang.api.negotiation import FHIR_JSON, Preferences, etag, http_date
from minkang.crypto import Keys
from minkang.fhir import Resource, encode
from minkang.policy import Gate
from minkang.store import Store, Stored


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What the FHIR base works with.

    Attributes:
        cookie: name of the pages' session cookie, which counts for reading.
        callers, journal: what a process remembers of tokens and is about to write down.
        open: whoever asks may do everything (`minkang serve --open`).
        exports: folder of the files of bulk exports; None where none are made.
    """

    gate: Gate
    keys: Keys
    cookie: str
    callers: Callers
    journal: Journal
    open: bool = False
    limits: Limits = Limits()
    exports: Path | None = None

    @property
    def store(self) -> Store:
        """The store behind the gate."""
        return self.gate.store


class Call(msgspec.Struct, kw_only=True):
    """One request, or one entry of a batch.

    Attributes:
        segments: the parts of the path behind the base.
        query: names and values behind the `?`; of a POST search also those of its form.
        headers: names in lower case.
        body: as it came, unpacked; of an entry of a batch its resource.
        base: address of the FHIR base, without a slash at its end.
        address: where the request came from.
        account: who asks, once that was found out (`identified`); None is nobody.
        prefer: the header `Prefer`.
    """

    door: Door
    method: str
    segments: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: Mapping[bytes, bytes]
    base: str
    address: str
    now: datetime
    body: bytes = b""
    account: Account | None = None
    identified: bool = False
    prefer: Preferences = Preferences()


class Answer(msgspec.Struct, frozen=True):
    """What goes back: a body that is a resource in JSON unless `media` says otherwise.

    `modified` is when the version was written, where it is about one; `file` is sent instead of
    the body.
    """

    status: int
    body: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()
    media: str = FHIR_JSON
    modified: datetime | None = None
    file: Path | None = None


def resource_answer(
    resource: Resource | dict[str, Any],
    status: int = 200,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Answer:
    """A decoded resource."""
    return Answer(status, encode(resource), headers)


def version_headers(version: int, updated: datetime) -> list[tuple[bytes, bytes]]:
    """`ETag` and `Last-Modified` of a version."""
    return [
        (b"etag", etag(version).encode()),
        (b"last-modified", http_date(updated).encode()),
    ]


def stored_answer(stored: Stored, status: int = 200) -> Answer:
    """A version as it lies in the store, its bytes unchanged."""
    headers = version_headers(stored.version, stored.updated)
    return Answer(status, stored.body, headers, modified=stored.updated)
