"""The web process: the pages for people and the doors for machines, served by Granian."""

import asyncio

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from litestar import Litestar

from minkang.api import Door, fhir_routes, health_routes
from minkang.app.demonstration import demonstration
from minkang.app.platform import Platform, open_gate
from minkang.web import Live, Web, create_application
from minkang.web.visitor import SESSION_COOKIE


def application_of(web: Web) -> Litestar:
    """The pages, with every door for machines beside them."""
    return create_application(
        web,
        health_routes(web.store.pool),
        fhir_routes(Door(web.gate, web.keys, SESSION_COOKIE)),
    )


async def serve_web(platform: Platform, stop: asyncio.Event, *, demo: bool) -> None:
    """Serve until told to stop."""
    live = Live(platform.store)
    async with open_gate(platform) as gate:
        web = Web(
            platform.store,
            gate,
            platform.keys,
            platform.settings,
            live,
            demonstration(platform) if demo else None,
        )
        server = Server(
            application_of(web),
            address=platform.settings.host,
            port=platform.settings.port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_access=False,
            log_level=LogLevels.error,
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({serving}, timeout=3)
        await live.close()
        stopping.cancel()
