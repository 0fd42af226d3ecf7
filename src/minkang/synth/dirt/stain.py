"""What the truth keeps of each piece of dirt."""

from datetime import datetime

import msgspec


class Stain(msgspec.Struct, frozen=True, gc=False):
    """One thing that went wrong.

    `message` is the control id, document number or row number it befell; empty for a registration,
    which stains all messages about that person. `before` is what should have been written, `after`
    what was. `expected` is ok, lost or `refused:RULE`.
    """

    kind: str
    source: str
    person: str
    message: str = ""
    at: datetime | None = None
    institution: str = ""
    before: str = ""
    after: str = ""
    expected: str = "ok"
