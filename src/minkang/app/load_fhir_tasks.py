"""What a load and its workers say to each other: MessagePack, each message behind its length."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import msgspec

from minkang.app.load_fhir_open import Part
from minkang.app.load_report import FileProblem

PREFIX = 4
"""Bytes of the length, big-endian."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first message: where the database is, whose resources come, since when."""

    url: str
    home: str
    source: str
    began: datetime


class LinesTask(msgspec.Struct, frozen=True, tag=True):
    """Lines of a file, see `load_fhir_split.Lines`."""

    number: int
    part: Part
    begin: int
    line: int
    data: bytes


class DocumentsTask(msgspec.Struct, frozen=True, tag=True):
    """Some small files, or a larger one, each a JSON document.

    Attributes:
        data: the document itself, where it came by standard input.
        last: nothing else will come that they could refer to.
    """

    number: int
    parts: list[Part]
    data: bytes | None = None
    last: bool = False


class Learn(msgspec.Struct, frozen=True, tag=True):
    """There is a compression dictionary now."""


class End(msgspec.Struct, frozen=True, tag=True):
    """There is no more to do."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """What became of a task; it is committed.

    Attributes:
        later: documents that refer to what is not there yet; nothing of them was done.
    """

    number: int
    accepted: int
    unchanged: int
    refused: int
    problems: list[FileProblem]
    later: list[Part]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The worker can't go on; the database is gone, or the disk is full."""

    text: str


Task: TypeAlias = LinesTask | DocumentsTask
ToWorker: TypeAlias = Begin | LinesTask | DocumentsTask | Learn | End
ToLoad: TypeAlias = Done | Failed

_encoder = msgspec.msgpack.Encoder()
_to_worker: Callable[[bytes], ToWorker] = msgspec.msgpack.Decoder(ToWorker).decode
to_load: Callable[[bytes], ToLoad] = msgspec.msgpack.Decoder(ToLoad).decode


def packed(message: ToWorker | ToLoad) -> bytes:
    """A message with its length."""
    body = _encoder.encode(message)
    return len(body).to_bytes(PREFIX, "big") + body


def received(read: Callable[[int], bytes]) -> ToWorker | None:
    """The next message for a worker; None when the other side is gone."""
    length = read(PREFIX)
    if len(length) < PREFIX:
        return None
    size = int.from_bytes(length, "big")
    body = read(size)
    if len(body) < size:
        return None
    return _to_worker(body)
