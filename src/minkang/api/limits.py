"""How much one caller of the FHIR base may ask for at once."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes, times in seconds.

    Attributes:
        body: of a request, after it was unpacked.
        address: path and query of a request together.
        headers: all header values of a request together.
        depth: how deep JSON may nest.
        entries: entries of a batch or transaction.
        seconds: time for one request.
        export_hours: how long the files of a bulk export are kept after it ended.
    """

    body: int = 50 * 1024 * 1024
    address: int = 8 * 1024
    headers: int = 32 * 1024
    depth: int = 64
    entries: int = 10_000
    seconds: float = 120.0
    export_hours: int = 24
