"""A bare ASGI function that reads a resource by id, or runs SQL written by hand: what a read or a
search costs at least.

    python -m bench.bare URL PORT HOME

The same server program, driver, SELECT and codec as ours, and nothing else: no access, no audit, no
negotiation, no FHIR headers, no parsing of a query. `/Type/id` gives a body,
`/search/kind/patient` the bodies of the page that `bench.searches` has for it.
"""

import asyncio
import sys
from functools import cache
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from bench.searches import SEARCHES
from minkang.app.platform import key_folder
from minkang.crypto import load_keys
from minkang.fhir import TYPE_CODES
from minkang.store import Store, open_pool, open_store
from minkang.store.stored import COLUMNS, stored_rows

_SELECT = f"select {COLUMNS} from store.resource where type = $1 and id = $2"
_HEADERS = [(b"content-type", b"application/fhir+json;charset=utf-8")]


def application_on(store: Store) -> Any:
    """The function."""
    searches = {one.name: one for one in SEARCHES}

    @cache
    def asked(name: str, number: int) -> tuple[Any, ...]:
        return searches[name].asked(store, number).values

    async def application(scope: Any, receive: Any, send: Any) -> None:
        del receive
        _, _, kind, resource_id = f"{scope['path']}//".split("/")[:4]
        body = b"{}"
        if kind in searches:
            search = searches[kind]
            values = asked(kind, int(resource_id))
            async with store.pool.acquire() as connection:
                rows = await connection.fetch(search.sql, *values)
                found = await stored_rows(connection, store.codec, rows)
            body = b'{"entry":[' + b",".join(one.body for one in found) + b"]}"
        elif kind in TYPE_CODES:
            async with store.pool.acquire() as connection:
                rows = await connection.fetch(_SELECT, TYPE_CODES[kind], resource_id)
                body = (await stored_rows(connection, store.codec, rows))[0].body
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": body})

    return application


async def main(url: str, port: str, home: str) -> None:
    """Serve until ended."""
    pool = await open_pool(url)
    store = await open_store(pool, load_keys(key_folder(Path(home)), create=False))
    server = Server(
        application_on(store),
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    )
    await server.serve()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
