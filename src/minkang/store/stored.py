"""A version of a resource as it comes out of the store."""

from datetime import datetime
from typing import Any

import msgspec

from minkang.crypto import SealBroken
from minkang.fhir import TYPE_NAMES, Resource, decode
from minkang.store.codec import Codec, UnknownDictionary
from minkang.store.connection import Connection
from minkang.store.grade import Grade, grade_in, topics_in
from minkang.store.topics import Topic
from minkang.store.vault import UnknownKey, about_resource

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
    label: int
    body: bytes
    note: bytes | None = None

    @property
    def grade(self) -> Grade:
        """How sensitive it is."""
        return grade_in(self.label)

    @property
    def topics(self) -> frozenset[Topic]:
        """What makes it so, or notifiable."""
        return topics_in(self.label)

    @property
    def resource(self) -> Resource:
        """The body decoded anew: the caller owns it."""
        return dict(decode(self.body))


async def stored_rows(connection: Connection, codec: Codec, rows: list[Any]) -> list[Stored]:
    """Database rows as records; loads dictionaries and keys that are new to this process.

    Raises:
        SealBroken: a body is not what was written for its row; the text names the resource.
    """
    try:
        return [_stored(codec, row) for row in rows]
    except (UnknownDictionary, UnknownKey):
        await codec.load(connection)
    try:
        return [_stored(codec, row) for row in rows]
    except UnknownKey as error:
        raise SealBroken(str(error)) from error


def _stored(codec: Codec, row: Any) -> Stored:
    try:
        body = codec.unpack(row["body"], about_resource(row["type"], row["id"], row["version"]))
    except (SealBroken, UnknownKey) as error:
        name = f"{TYPE_NAMES[row['type']]}/{row['id']} version {row['version']}"
        raise type(error)(f"{name}: {error}") from error
    return Stored(
        TYPE_NAMES[row["type"]],
        row["id"],
        row["version"],
        row["updated"],
        row["deleted"],
        row["source"],
        row["grade"],
        body,
        row.get("note"),
    )
