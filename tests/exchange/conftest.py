"""An exchange with one HL7 source and one table source."""

from collections.abc import AsyncIterator

import pytest_asyncio

from minkang.crypto import Keys
from minkang.exchange import Inbox, Kept, Source, process_waiting, save_source
from minkang.exchange.channels.door import look_at_hl7v2
from minkang.exchange.sources import sources
from minkang.store import Store

HAIBIN = Source(
    id="haibin",
    name="海滨市人民医院",
    organisation="MKHAIBIN",
    channels=("mllp",),
    codes={"GLU": "2345-7"},
)
YUNXI = Source(
    id="yunxi",
    name="云溪村卫生室",
    organisation="MKYUNXI",
    channels=("table",),
    table_mapping="clinic_visits",
)


class Exchange:
    """What the tests do with the inbox: send, process, look."""

    def __init__(self, store: Store, keys: Keys, inbox: Inbox) -> None:
        self.store, self.keys, self.inbox = store, keys, inbox
        self.sources: dict[str, Source] = {}

    async def send(self, *messages: bytes) -> list[Kept]:
        return [
            await self.inbox.keep(look_at_hl7v2(self.sources, self.keys.id_key, raw).arrival)
            for raw in messages
        ]

    async def process(self) -> None:
        while (await process_waiting(self.store, self.keys)).messages:
            pass

    async def state(self, message: int) -> str:
        return str(
            await self.store.pool.fetchval(
                "select state from exchange.message where id = $1", message
            )
        )

    async def rules(self, message: int) -> list[tuple[str, str]]:
        rows = await self.store.pool.fetch(
            "select place, rule from exchange.problem where message = $1 order by number", message
        )
        return [(row["place"], row["rule"]) for row in rows]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def exchange(store: Store, keys: Keys) -> AsyncIterator[Exchange]:
    async with store.pool.acquire() as connection:
        for source in (HAIBIN, YUNXI):
            await save_source(connection, source)
        inbox = Inbox(store)
        made = Exchange(store, keys, inbox)
        made.sources = await sources(connection)
    yield made
    await inbox.close()
