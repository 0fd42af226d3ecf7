"""From messages to contributions: pure functions, no database, no clock.

`map_message` dispatches on the kind of message. Each mapping either gives contributions or raises
`Refused` with every problem it found; it never gives half of a message. `note_on` says of what is
taken in that it is not wholly understood.
"""

from minkang.exchange.mappings import cda, hl7v2
from minkang.exchange.mappings.cda import map_cda
from minkang.exchange.mappings.context import Context, TableRow
from minkang.exchange.mappings.fhir import map_fhir
from minkang.exchange.mappings.hl7v2 import map_hl7v2
from minkang.exchange.mappings.tables import map_row
from minkang.exchange.mappings.wst import map_wst
from minkang.exchange.merge import Contribution
from minkang.fhir import Problem

__all__ = ["Context", "TableRow", "map_message", "note_on"]


def map_message(context: Context, channel: str, raw: bytes) -> list[Contribution]:
    """What a raw message of a channel (`mllp`, `table`, `document`, `fhir`) contributes.

    Raises:
        Refused: with place and rule of everything that is wrong.
    """
    if channel == "table":
        return map_row(context, raw)
    if channel == "document":
        return map_cda(context, raw)
    if channel == "fhir":
        return map_fhir(context, raw)
    if channel == "wst":
        return map_wst(context, raw)
    return map_hl7v2(context, raw)


def note_on(channel: str, raw: bytes, charset: str) -> Problem | None:
    """What the message log says of a message that was taken in: rule `no-mapping`, or nothing."""
    if channel == "mllp":
        return hl7v2.note_on(raw, charset)
    if channel == "document":
        return cda.note_on(raw, charset)
    return None
