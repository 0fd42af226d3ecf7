"""A body at the door for messages: told apart by its type, looked at, kept, then answered."""

import asyncio
from collections.abc import Mapping
from typing import Final

from minkang.api.call import Answer
from minkang.api.exchange_answers import kept_answer, location_of, several_answer, status_of
from minkang.api.exchange_door import ExchangeDoor, check_channel
from minkang.api.negotiation import JSON_TYPES, check_content_type
from minkang.api.outcomes import Refusal
from minkang.exchange import Source
from minkang.exchange.cda import label_of as document_label
from minkang.exchange.channels.door import Seen, look_at
from minkang.exchange.channels.hl7v2_intake import Hl7Intake, Sender
from minkang.exchange.mappings.fhir import label_of as fhir_label
from minkang.exchange.sources import Channel

HL7: Final = frozenset({"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7"})
_XML: Final = frozenset({"application/xml", "text/xml"})
_LINES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/fhir+ndjson"})
_ASIDE: Final = 128 * 1024
"""What is longer is looked at in a thread, so that others need not wait for it."""
_LABELS: Final = {"fhir": fhir_label, "document": document_label}


def channel_of(source: Source, content_type: bytes | None) -> tuple[str, Channel]:
    """Media type and channel of a body.

    Raises:
        Refusal: 403 the source may not send that; 415 nobody may.
    """
    media = (content_type or b"").decode("latin-1").partition(";")[0].strip().lower()
    channel: Channel
    if media in JSON_TYPES or media in _LINES:
        # JSON is UTF-8, and says so if anything. XML and HL7 v2 tell their own encoding.
        if media in JSON_TYPES:
            check_content_type(content_type, "application/fhir+json")
        channel = "fhir"
    elif media in _XML:
        channel = "document"
    elif media in HL7:
        channel = "mllp"
    else:
        text = (
            "需要 application/fhir+json、application/xml、application/hl7-v2 或 "
            f"application/x-ndjson / unsupported Content-Type {media[:100]!r}"
        )
        raise Refusal(415, "not-supported", text)
    check_channel(source, channel)
    return media, channel


async def taken(door: ExchangeDoor, source: Source, media: str, body: bytes) -> Answer:
    """Keep a body as one message, or each of its lines as one, and answer.

    Raises:
        Refusal: 400 there is nothing in it; 503 it could not be kept.
        InboxUnavailable: the same.
    """
    if not body.strip():
        raise Refusal(400, "invalid", "请求体是空的 / body is empty")
    if media in HL7:
        return await _hl7(door, source, body)
    if media in _LINES:
        return await _lines(door, source, body)
    seen = await _look(door, source, "document" if media in _XML else "fhir", body)
    return kept_answer(source.id, await door.inbox.keep(seen.arrival), seen.arrival.problems)


async def _lines(door: ExchangeDoor, source: Source, body: bytes) -> Answer:
    lines = [line for line in body.split(b"\n") if line.strip()]
    # The first was counted when the request was let in.
    door.pace.take(source, len(lines) - 1)
    seen = [await _look(door, source, "fhir", line.strip()) for line in lines]
    kept = await asyncio.gather(*(door.inbox.keep(one.arrival) for one in seen))
    return several_answer(kept, [one.arrival.problems for one in seen])


async def _hl7(door: ExchangeDoor, source: Source, body: bytes) -> Answer:
    """The acknowledgement, in the body, is that of MLLP in original mode."""
    known: Mapping[str, Source] = {source.id: source}
    intake = Hl7Intake(door.inbox, door.keys.id_key, known, None, as_asked=False)
    if body.startswith(b"\x0b"):
        body = body[1:].rstrip(b"\r\n").removesuffix(b"\x1c")  # sent with the frame of MLLP
    found = await intake.take(body, Sender(vouched=source))
    if not found.durable:
        status = 503
    elif found.problems:
        status = 422
    else:
        status = status_of(found.kept) if found.kept else 202
    door.pace.take(source, max(0, found.count - 1))
    headers = []
    if found.kept:
        headers.append((b"location", location_of(source.id, found.kept.id).encode()))
    return Answer(status, b"".join(found.answers), headers, "application/hl7-v2")


async def _look(door: ExchangeDoor, source: Source, channel: Channel, raw: bytes) -> Seen:
    label = _LABELS[channel](raw)
    if len(raw) > _ASIDE:
        return await asyncio.to_thread(look_at, source, door.keys.id_key, channel, label, raw)
    return look_at(source, door.keys.id_key, channel, label, raw)
