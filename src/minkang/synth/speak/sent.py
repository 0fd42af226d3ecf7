"""What leaves a system: messages and rows, with the truth that belongs to each."""

from datetime import datetime
from typing import Final, Literal

import msgspec

Channel = Literal["mllp", "table", "document", "fhir"]
"""The way out; the names are those of the receiver's channels."""

OK: Final = "ok"

CONTROL: Final = b"\x1aCONTROL\x1a"
"""Where a message has its control id once all messages are in order; no text holds it."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message as its system sends it at a moment.

    Attributes:
        source: id of the source that it is registered under.
        channel: by which way.
        at: when it leaves.
        raw: its bytes. HL7 v2 has `CONTROL` where the control id will stand.
        name: what it is called: type and event, document kind with its number, `Bundle`.
        person: whom it is about (key).
        visit: number of the visit, else empty.
        control_id: given out in order of time; empty before, and where a channel has none.
        expected: `ok`, or the rule by which it must be refused.
    """

    source: str
    channel: Channel
    at: datetime
    raw: bytes
    name: str
    person: str = ""
    visit: str = ""
    control_id: str = ""
    expected: str = OK


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a source's table as it stands there since a moment.

    `values` has the columns that are filled; `number` names the row within its table.
    """

    source: str
    table: str
    at: datetime
    number: str
    values: dict[str, str]
    person: str = ""
    visit: str = ""
    expected: str = OK


Sent = Message | Row
