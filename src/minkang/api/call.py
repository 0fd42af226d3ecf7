"""A request at the FHIR base as its handlers see it, and the answer they give."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from minkang.accounts import Account
from minkang.api.callers import Callers
from minkang.api.export_file import ExportFile
from minkang.api.journal import Due, Journal
from minkang.api.limits import Limits
from minkang.api.negotiation import FHIR_JSON, Preferences, etag, http_date
from minkang.crypto import Keys
from minkang.fhir import Resource, encode
from minkang.identity.persons import Persons
from minkang.policy import Gate
from minkang.store import Store, Stored
from minkang.store.group_commit import GroupCommit

BASE = "/fhir"
"""Path of the FHIR base."""

_HOST = re.compile(rb"[A-Za-z0-9.\-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What the FHIR base works with.

    Attributes:
        cookie: name of the pages' session cookie, which counts for reading.
        callers, journal: what a process remembers of tokens and is about to write down.
        persons: what it remembers of whose the Patients are.
        group: gathers single writes.
        registrations: gathers those of Patients, who are linked in the same transaction; None: the
            change feed links them, soon after.
        open: whoever asks may do everything (`minkang serve --open`).
        exports: folder of the files of bulk exports; None where none are made.
        address: how callers reach the platform, if the operator says so.
    """

    gate: Gate
    keys: Keys
    cookie: str
    callers: Callers
    journal: Journal
    group: GroupCommit
    registrations: GroupCommit | None = None
    persons: Persons = msgspec.field(default_factory=Persons)
    open: bool = False
    limits: Limits = Limits()
    exports: Path | None = None
    address: str = ""

    @property
    def store(self) -> Store:
        """The store behind the gate."""
        return self.gate.store


class Origin(msgspec.Struct, frozen=True):
    """By what address a caller came: scheme, the header `Host`, and the server's own address."""

    scheme: str
    host: bytes
    server: tuple[str, int | None] | None

    @property
    def base(self) -> str:
        """Address of the FHIR base; a `Host` that is none does not get into it."""
        return _base(self.scheme, self.host, self.server)


@lru_cache(maxsize=1_000)
def _base(scheme: str, host: bytes, server: tuple[str, int | None] | None) -> str:
    if not _HOST.fullmatch(host):
        name, port = server or ("127.0.0.1", None)
        host = f"{name}:{port}".encode() if port else str(name).encode()
    return f"{scheme}://{host.decode('ascii')}{BASE}"


class Call(msgspec.Struct, kw_only=True):
    """One request, or one entry of a batch.

    Attributes:
        segments: the parts of the path behind the base.
        query: names and values behind the `?`; of a POST search also those of its form.
        headers: names in lower case.
        body: as it came, unpacked; of an entry of a batch its resource.
        origin: by what address the caller came, for `base`.
        address: where the request came from.
        account: who asks, once that was found out (`identified`); None is nobody.
        prefer: the header `Prefer`.
        due: what is to be written down, of the entries of a batch too: no answer before that is
            durable.
        own: of that, what this request (or this entry) itself asked, as a system.
    """

    door: Door
    method: str
    segments: tuple[str, ...]
    query: list[tuple[str, str]]
    headers: Mapping[bytes, bytes]
    origin: Origin
    address: str
    now: datetime
    body: bytes = b""
    account: Account | None = None
    identified: bool = False
    prefer: Preferences = Preferences()
    due: list[Due] = []
    own: Due | None = None

    @property
    def base(self) -> str:
        """Address of the FHIR base as the caller knows it, without a slash at its end."""
        return self.origin.base


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
    file: ExportFile | None = None


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
