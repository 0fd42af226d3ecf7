"""From messages to contributions: pure functions, no database, no clock.

`map_message` dispatches on the kind of message. Each mapping either gives contributions or raises
`Refused` with every problem it found; it never gives half of a message.
"""

from minkang.exchange.mappings.cda import map_cda
from minkang.exchange.mappings.context import Context, TableRow
from minkang.exchange.mappings.hl7v2 import map_hl7v2
from minkang.exchange.mappings.tables import map_row
from minkang.exchange.merge import Contribution

__all__ = ["Context", "TableRow", "map_message"]


def map_message(context: Context, channel: str, raw: bytes) -> list[Contribution]:
    """What a raw message of a channel (`mllp`, `table`, `document`) contributes.

    Raises:
        Refused: with place and rule of everything that is wrong.
    """
    if channel == "table":
        return map_row(context, raw)
    if channel == "document":
        return map_cda(context, raw)
    return map_hl7v2(context, raw)
