"""Shared documents (WS/T 500): kept, mapped and stored, by one process after another.

The documents are those of the tests, every element filled, under numbers of their own; they need
the schemas in ../shared.
"""

import re
import time
from datetime import UTC, date, datetime

import numpy as np

from bench.measure import NotRun, Place, Result, rate, result
from bench.path import side_by_side
from minkang.exchange import Inbox, Source, process_waiting, register
from minkang.exchange.cda import label_of
from minkang.exchange.channels.door import look_at
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.sources import sources
from minkang.synth.people.numbers import id_numbers

_KINDS = ("C0002", "C0004", "C0006", "C0007", "C0053")
_COUNT = 450
_WARM = 50
_MARK = 100.0
_NUMBER = re.compile(rb'extension="([A-Z]{2})001"')


def _documents() -> list[bytes]:
    """Documents of the most common kinds, each of a visit of its own."""
    try:
        from tests.exchange import cda_samples as samples

        templates = {kind: samples.written(samples.whole()[kind]) for kind in _KINDS}
    except OSError as error:
        raise NotRun("../shared/data/wst500 is not there") from error
    made = []
    serials = np.arange(_COUNT // len(_KINDS) + 1) * 2 + 1
    born = np.full(len(serials), (date(1985, 3, 15) - date(1970, 1, 1)).days)
    people = id_numbers(born, serials)
    for number in range(1, _COUNT + 1):
        raw = templates[_KINDS[number % len(_KINDS)]]
        person = people[number // len(_KINDS)]
        raw = raw.replace(samples.ID_CARD.encode(), person.encode())
        raw = raw.replace(samples.DOCUMENT_ID.encode(), f"{number:032x}".encode())
        made.append(_NUMBER.sub(rb'extension="\g<1>%d"' % number, raw))
    return made


async def documents(place: Place) -> list[Result]:
    """Documents a second through the door into the inbox, and from there into the record.

    `document_map` is the mapping alone, by processor time. All are compared with 100 a second.
    """
    raws = _documents()
    source = Source(id="bench", name="医院", organisation="BENCH", channels=("document",))
    await register(place.store, source)
    async with place.store.pool.acquire() as connection:
        known = (await sources(connection))["bench"]
    context = Context(known, place.keys.id_key, datetime.now(UTC), b"h" * 32)
    for raw in raws[:_WARM]:
        map_message(context, "document", raw)
    begun = time.process_time()
    for raw in raws[_WARM:]:
        map_message(context, "document", raw)
    mapped = (_COUNT - _WARM) / (time.process_time() - begun)

    inbox = Inbox(place.store)

    async def take(raw: bytes) -> object:
        seen = look_at(known, place.keys.id_key, "document", label_of(raw), raw)
        if seen.arrival.problems:
            raise RuntimeError(f"a document was refused: {seen.arrival.problems[0]}")
        return await inbox.keep(seen.arrival)

    async def keep() -> int:
        return await side_by_side(raws[_WARM:], take)

    async def process() -> int:
        count = 0
        while done := (await process_waiting(place.store, place.keys)).messages:
            count += done
        return count

    try:
        # The first ones pay for what a process loads once.
        await side_by_side(raws[:_WARM], take)
        await process()
        kept = await rate(keep, 1)
        processed = await rate(process, 1)
    finally:
        await inbox.close()
    return [
        result("document_map", mapped, "documents/s", _MARK, 1.0),
        result("document_keep", kept, "documents/s", _MARK, 1.0),
        result("document_process", processed, "documents/s", _MARK, 1.0),
    ]
