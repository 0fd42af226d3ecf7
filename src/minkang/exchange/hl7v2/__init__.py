"""HL7 v2 on the wire: framing, parsing, batches, acknowledging, queries and their answers.

What a message means is in mappings/hl7v2.

Use `parse`, `Message`, `Segment`; `split_batch` for files and frames that hold several messages;
`wanted`, `acknowledge` and `acknowledge_batch` for answers; `Framer` for MLLP. Queries are in
`query` (what is asked) and `respond` (how it is answered); who is found is the doors' (api).
"""

from minkang.exchange.hl7v2.acknowledge import (
    ORIGINAL,
    Code,
    Wanted,
    acknowledge,
    acknowledge_batch,
    wanted,
)
from minkang.exchange.hl7v2.batch import Batch, split_batch
from minkang.exchange.hl7v2.framing import Framer, frame
from minkang.exchange.hl7v2.message import Message, Segment, header, kind_of, parse

__all__ = [
    "ORIGINAL",
    "Batch",
    "Code",
    "Framer",
    "Message",
    "Segment",
    "Wanted",
    "acknowledge",
    "acknowledge_batch",
    "frame",
    "header",
    "kind_of",
    "parse",
    "split_batch",
    "wanted",
]
