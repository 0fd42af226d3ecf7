"""Which versions were written within some time: they are numbered in the order of time.

So a range of times is a range of sequences, found by looking at a few.
"""

import math
from collections.abc import Sequence

from minkang.fhir import TYPE_CODES
from minkang.store.conditions import Updated
from minkang.store.connection import Connection
from minkang.store.drives import Types
from minkang.store.sql import Sql
from minkang.store.walks import probe

_HOUR = 3_600e6
_NEAR = 1_000
_PROBES = 16
"""How a time is looked for among the sequences: to this near, by cutting into so many parts."""


async def written_within(
    connection: Connection, types: Sequence[str], ranges: Sequence[Updated]
) -> Types:
    """All versions that may have been written in some ranges of time.

    Versions are numbered in the order of time, apart from what runs at once and from clocks that
    are set: an hour more is taken on both sides.
    """
    codes = tuple(TYPE_CODES[name] for name in types)
    begin, end = min(one.low for one in ranges) - _HOUR, max(one.high for one in ranges) + _HOUR
    first, last = 0, None
    if math.isfinite(begin):
        first, _ = await _around(connection, codes, begin)
    if math.isfinite(end):
        _, last = await _around(connection, codes, end)
    return Types(codes, first, last)


async def _around(connection: Connection, codes: Sequence[int], at: float) -> tuple[int, int]:
    """Two sequences: before the first all was written before a time, from the second on later."""
    before = 0
    later: int = await connection.fetchval("select last_value + 1 from store.sequence")
    while later - before > _NEAR:
        width = (later - before) // _PROBES
        places = [before + width * number for number in range(1, _PROBES)]
        sql = Sql()
        rows = await connection.fetch(probe(codes, places, sql), *sql.parameters)
        for place, row in zip(places, rows, strict=True):
            if row["at"] is None or row["at"] >= at:
                later = place
                break
            before = place
    return before, later
