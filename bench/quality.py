"""Everything that is stored judged by the rules of quality, by a worker's own processor time."""

import time

from bench.intake import haibin
from bench.measure import Place, Result, result
from bench.region import whole_lives
from minkang.exchange import Inbox, process_waiting
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.quality import follow

_RESIDENTS = 120
_MARK = 2_000.0
_PART = 4  # the first quarter against the last


async def quality(place: Place) -> list[Result]:
    """Resources judged in a second of processor time (the database has its own), and whether the
    last ones cost as much as the first.

    Whole lives of a hospital's patients: visits, diagnoses, reports and results.
    """
    known = await haibin(place)
    inbox = Inbox(place.store)
    try:
        for raw in whole_lives(_RESIDENTS):
            seen = look_at_hl7v2(known, place.keys.id_key, raw)
            await inbox.keep(seen.arrival)
    finally:
        await inbox.close()
    while (await process_waiting(place.store, place.keys)).messages:
        pass
    rates, total = [], 0
    begun = time.process_time()
    while True:
        before = time.process_time()
        done = await follow(place.store, place.keys, 500)
        if not done:
            break
        total += done
        rates.append(done / (time.process_time() - before))
    part = max(1, len(rates) // _PART)
    first, last = sum(rates[:part]) / part, sum(rates[-part:]) / part
    judged = total / (time.process_time() - begun)
    return [
        result("quality", judged, "resources/s of a core", _MARK, 1.0),
        result("quality_growth", last, "resources/s of a core", first, 0.7),
    ]
