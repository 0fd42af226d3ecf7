"""A version of a resource as it comes out of the store."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.fhir import TYPE_NAMES, Resource, decode
from minkang.store.codec import Codec, UnknownDictionary
from minkang.store.connection import Connection
from minkang.store.grade import Grade

COLUMNS = "type, id, version, updated, deleted, source, grade, body"
"""The columns that `stored_rows` needs, in the tables `resource` and `history` alike."""


class Stored(msgspec.Struct, frozen=True):
    """One version; `body` is the JSON as written, `meta.versionId` and `lastUpdated` inside.

    Of a deleted version the body is the last content, kept for history, never shown.
    """

    type: str
    id: str
    version: int
    updated: datetime
    deleted: bool
    source: str
    grade: Grade
    body: bytes
    note: bytes | None = None

    @property
    def resource(self) -> Resource:
        """The body decoded anew: the caller owns it."""
        return dict(decode(self.body))


async def stored_rows(connection: Connection, codec: Codec, rows: list[Any]) -> list[Stored]:
    """Database rows as records; loads compression dictionaries that are new to this process."""
    try:
        return [_stored(codec, row) for row in rows]
    except UnknownDictionary:
        await codec.load(connection)
        return [_stored(codec, row) for row in rows]


_GRADES = {int(one): one for one in Grade}


def _stored(codec: Codec, row: Any) -> Stored:
    return Stored(
        TYPE_NAMES[row["type"]],
        row["id"],
        row["version"],
        row["updated"],
        row["deleted"],
        row["source"],
        _GRADES[row["grade"]],
        codec.unpack(row["body"]),
        row.get("note"),
    )
