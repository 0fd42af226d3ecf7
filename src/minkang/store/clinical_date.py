"""When what a resource tells of happened: lists of a life run newest first by it."""

from minkang.fhir.extract import Extracted

# Search parameters of R4 that hold it, the first that has a value.
_CODES = (
    "date", "onset-date", "authoredon", "authored", "occurrence", "effective", "effective-time",
    "whenhandedover", "whenprepared", "created", "performed-date", "started", "period",
    "recorded-date", "issued", "sent", "start-date", "collected", "asserted-date",
)  # fmt: skip
_EARLIEST, _LATEST = -62_000_000_000_000_000, 250_000_000_000_000_000


def clinical_date(values: Extracted) -> int | None:
    """The beginning of what the resource tells of, in microseconds since 1970 UTC.

    None where it names no date, or one that no calendar of the database holds.
    """
    if not values.dates:
        return None
    lows: dict[str, int] = {}
    for code, low, _ in values.dates:
        lows.setdefault(code, low)
    for code in _CODES:
        if code in lows and _EARLIEST < lows[code] < _LATEST:
            return lows[code]
    return None
