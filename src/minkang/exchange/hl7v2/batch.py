"""Batches: several messages in one file or frame (HL7 v2.5.1, 2.10.3 and 2.15).

[FHS] { [BHS] { MSH ... } [BTS] } [FTS]
"""

import re
from collections.abc import Iterator

import msgspec

from minkang.exchange.hl7v2.message import Segment, envelope_header
from minkang.fhir import Problem

_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_MOST_PROBLEMS = 20
_LINE = re.compile(rb"[^\r\n]+(?:\r\n|\r|\n|\Z)")


class Batch(msgspec.Struct, frozen=True):
    """The messages of a batch, and the segments around them.

    Attributes:
        header: FHS or BHS, whichever came first.
        envelope: the segments that belong to no message, as they came.
        messages: the messages, as they came.
        problems: what is wrong with the batch itself (rule `batch-count`, `segment`); each of
            its messages is judged alone.
    """

    header: Segment
    envelope: bytes
    messages: tuple[bytes, ...]
    problems: tuple[Problem, ...]


def split_batch(raw: bytes) -> Batch | None:
    """The batch that these bytes are, or None if they do not begin with FHS or BHS."""
    head = None if raw.startswith(b"MSH") else envelope_header(raw, ("FHS", "BHS"))
    if head is None:
        return None
    envelope: list[bytes] = []
    messages: list[list[bytes]] = []
    problems: list[Problem] = []
    inside, begun = False, 0
    for line in _lines(raw):
        name = line[:3]
        if name in _ENVELOPE:
            inside = False
            envelope.append(line)
            if name == b"BHS":
                begun = len(messages)
            elif name == b"BTS" and len(problems) < _MOST_PROBLEMS:
                problems += _counted(head, line, len(messages) - begun)
        elif name == b"MSH":
            inside = True
            messages.append([line])
        elif inside:
            messages[-1].append(line)
        else:
            envelope.append(line)
            if len(problems) < _MOST_PROBLEMS:
                text = "批次中的段不属于任何消息，应在 MSH 之后"
                problems.append(Problem("parse", name.decode("latin-1"), "segment", text))
    return Batch(
        head,
        b"".join(envelope),
        tuple(b"".join(lines) for lines in messages),
        tuple(problems),
    )


def _lines(raw: bytes) -> Iterator[bytes]:
    for match in _LINE.finditer(raw.lstrip(b"\xef\xbb\xbf \t\r\n")):
        if match.group(0).strip():
            yield match.group(0)


def _counted(head: Segment, trailer: bytes, count: int) -> Iterator[Problem]:
    """The batch trailer says how many messages there should be (BTS-1, optional)."""
    fields = trailer.strip().split(head.delimiters[0].encode("latin-1"))
    said = fields[1].strip() if len(fields) > 1 else b""
    if said and not (said.isdigit() and int(said[:9]) == count):
        text = f"批尾写明 {said[:12].decode('latin-1')} 条消息，实际收到 {count} 条"
        yield Problem("parse", "BTS-1", "batch-count", text)
