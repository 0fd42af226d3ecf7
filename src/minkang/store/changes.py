"""What is to be written, what was there, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from minkang.fhir import Resource
from minkang.store.stored import Stored

Kind = Literal["created", "updated", "unchanged", "deleted"]


class Change(msgspec.Struct, frozen=True):
    """A resource as it shall be.

    Attributes:
        resource: with `resourceType` and `id`; `meta.versionId` and `lastUpdated` are set here.
        source: id of the organisation that it comes from.
        note: what the writer wants to find again with the current version (opaque to the store).
        deleted: a deletion: the content is kept as history, and found no more.
    """

    resource: Resource
    source: str
    note: bytes | None = None
    deleted: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Type and id."""
        return self.resource["resourceType"], self.resource["id"]


class Locked(msgspec.Struct, frozen=True):
    """Current versions, locked against other writers until the transaction ends.

    Attributes:
        at: the time of the write.
        current: what there is of the keys asked for, deleted or not.
        sequences: a number for each key asked for, taken after the locks.
    """

    at: datetime
    current: Mapping[tuple[str, str], Stored]
    sequences: Sequence[int]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a change; `body` is what is stored, empty if it was so already."""

    type: str
    id: str
    version: int
    kind: Kind
    body: bytes = b""
