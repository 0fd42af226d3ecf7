"""What is kept back from the files, to be sent by the wire when its time comes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from minkang.synth.record import LOCAL
from minkang.synth.speak.sent import Message, Row, Sent

_LENGTH = 4  # bytes before each item that say how long it is


class _Held(msgspec.Struct, array_like=True):
    """An item of the file; one of the two."""

    message: Message | None = None
    row: Row | None = None


def hold_back(
    stream: Iterable[Sent], since: datetime, file: Path, seen: Callable[[Sent], None]
) -> Iterator[Sent]:
    """Passes on what leaves before a moment; what leaves from then on goes into a file, in order.

    The file is there when the stream has ended; `seen` is told of what it holds.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    encode = msgspec.msgpack.Encoder().encode
    with part.open("wb") as out:
        for one in stream:
            if one.at < since:
                yield one
                continue
            seen(one)
            held = _Held(row=one) if isinstance(one, Row) else _Held(message=one)
            raw = encode(held)
            out.write(len(raw).to_bytes(_LENGTH, "big"))
            out.write(raw)
    part.replace(file)


def held(file: Path, place: int = 0) -> Iterator[tuple[int, Sent]]:
    """What a file holds from a place on (0 is its begin), in order of time.

    Each item comes with the place behind it: whoever has sent it goes on there.
    """
    decode = msgspec.msgpack.Decoder(_Held).decode
    with file.open("rb") as source:
        source.seek(place)
        while length := source.read(_LENGTH):
            raw = source.read(int.from_bytes(length, "big"))
            one = decode(raw)
            place += _LENGTH + len(raw)
            sent = one.message or one.row
            assert sent is not None  # noqa: S101 - one of the two was written
            yield place, msgspec.structs.replace(sent, at=sent.at.astimezone(LOCAL))
