"""HL7 v2 on the wire: framing, parsing, acknowledging. What a message means is in mappings/hl7v2.

Use `parse`, `Message`, `Segment`, `acknowledge`, and `Framer` for MLLP.
"""

from minkang.exchange.hl7v2.acknowledge import Code, acknowledge
from minkang.exchange.hl7v2.framing import Framer, FrameTooLarge, frame
from minkang.exchange.hl7v2.message import Message, Segment, header, parse

__all__ = [
    "Code",
    "FrameTooLarge",
    "Framer",
    "Message",
    "Segment",
    "acknowledge",
    "frame",
    "header",
    "parse",
]
