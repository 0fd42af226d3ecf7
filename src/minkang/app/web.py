"""The web process: the pages for people and the doors for machines, served by Granian."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server.embed import Server
from litestar import Litestar

from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_tokens import Door as TokenDoor
from minkang.api import (
    Application,
    Callers,
    Door,
    Journal,
    Limits,
    fhir_application,
    run_exports,
)
from minkang.api.cds import CdsDoor, cds_application
from minkang.api.codes import CodesDoor, codes_application
from minkang.api.codes_pace import CallerPace
from minkang.api.cors import for_other_origins
from minkang.api.exchange import exchange_application
from minkang.api.exchange_door import ExchangeDoor
from minkang.api.health import health_routes
from minkang.api.launch import LaunchDoor, launch_application
from minkang.api.metrics import measured, metrics_application
from minkang.api.oauth import OAuthDoor, oauth_application
from minkang.api.oauth_paths import AUTHORIZE
from minkang.api.wst import WstDoor, wst_application
from minkang.app.https import always_https
from minkang.app.platform import Platform, open_gate
from minkang.app.warm_up import warm_up
from minkang.config import Settings
from minkang.exchange import Inbox
from minkang.exchange.known import KnownSources
from minkang.exchange.pace import Pace
from minkang.identity.online import link_written
from minkang.store.group_commit import GroupCommit
from minkang.web import Live, Web, create_application
from minkang.web.context import Demonstration
from minkang.web.cookies import session_cookie_name
from minkang.web.frames import framed
from minkang.web.login_settings import public_address


def application_of(web: Web) -> Litestar:
    """The pages, with the health checks beside them."""
    return create_application(web, health_routes(web.store.pool))


def door_of(web: Web, *, open_base: bool) -> Door:
    """What the FHIR base works with."""
    return Door(
        gate=web.gate,
        keys=web.keys,
        cookie=session_cookie_name(secure=web.settings.https),
        callers=Callers(),
        journal=Journal(web.gate.log),
        group=GroupCommit(web.store),
        registrations=GroupCommit(web.store, partial(link_written, web.store, web.keys)),
        open=open_base,
        limits=limits_of(web.settings),
        exports=export_folder(web.settings),
        address=public_address(web.settings),
    )


def oauth_door(web: Web) -> OAuthDoor:
    """What the authorization server works with."""
    return OAuthDoor(
        tokens=TokenDoor(web.store.pool, web.keys, web.gate.log),
        app_keys=AppKeys(private=web.settings.app_keys_private),
        address=public_address(web.settings),
    )


def codes_door(web: Web) -> CodesDoor:
    """What the door for health codes works with."""
    return CodesDoor(
        scanner=web.scanner,
        callers=Callers(),
        pace=CallerPace(web.settings.code_scans_per_minute),
    )


def launch_door(web: Web) -> LaunchDoor:
    """What the door for hospitals' own systems works with."""
    return LaunchDoor(
        scanner=web.scanner,
        callers=Callers(),
        address=public_address(web.settings),
        minutes=web.settings.launch_minutes,
    )


def cds_door(web: Web) -> CdsDoor:
    """What the door for advice works with."""
    return CdsDoor(
        scanner=web.scanner,
        app_keys=AppKeys(private=web.settings.app_keys_private),
        address=public_address(web.settings),
    )


def _fhir(web: Web, *, open_base: bool) -> Application:
    """The FHIR base. One that stands open answers no pages of other addresses: it asks nobody."""
    base = fhir_application(door_of(web, open_base=open_base))
    return base if open_base else for_other_origins(base)


def limits_of(settings: Settings) -> Limits:
    """How much one caller of the FHIR base may ask for at once, as the operator wants it."""
    return Limits(
        body=settings.fhir_body_bytes,
        address=settings.fhir_address_bytes,
        headers=settings.fhir_header_bytes,
        depth=settings.fhir_json_depth,
        entries=settings.fhir_bundle_entries,
        seconds=settings.fhir_request_seconds,
        export_hours=settings.export_hours,
    )


def export_folder(settings: Settings) -> Path:
    """Where the files of bulk exports lie."""
    return settings.exports or settings.home / "export"


def exchange_door(platform: Platform, inbox: Inbox, known: KnownSources) -> ExchangeDoor:
    """What the door for messages works with."""
    settings = platform.settings
    return ExchangeDoor(
        store=platform.store,
        keys=platform.keys,
        inbox=inbox,
        known=known,
        pace=Pace(),
        limits=Limits(
            body=settings.message_bytes,
            address=settings.fhir_address_bytes,
            headers=settings.fhir_header_bytes,
            seconds=settings.exchange_request_seconds,
        ),
    )


def dispatched(
    pages: Application, doors: Mapping[str, Application], metrics: Application
) -> Application:
    """`/fhir` and all below it to the door of that name, `/metrics` to one, the rest to the pages.

    `doors` are the applications by the first part of their paths. The consent page of `/oauth` is
    a page.
    """
    counted = {name: measured(door, name) for name, door in doors.items()}
    counted_pages = measured(pages, "pages")

    async def application(scope: Any, receive: Any, send: Any) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http":
            await pages(scope, receive, send)
        elif path == AUTHORIZE or path.startswith(f"{AUTHORIZE}/"):
            await counted_pages(scope, receive, send)
        elif (door := counted.get(path[1:].partition("/")[0])) is not None:
            await door(scope, receive, send)
        elif path == "/metrics":
            await metrics(scope, receive, send)
        else:
            await counted_pages(scope, receive, send)

    return application


def beside(doors: Mapping[str, Application]) -> Application:
    """Doors below one place, by the second part of their paths; the first takes the rest."""
    first = next(iter(doors.values()))

    async def application(scope: Any, receive: Any, send: Any) -> None:
        place = scope.get("path", "").strip("/").split("/")
        await doors.get(place[1] if len(place) > 1 else "", first)(scope, receive, send)

    return application


async def serve_web(
    platform: Platform, stop: asyncio.Event, *, demo: bool, open_base: bool = False
) -> None:
    """Serve until told to stop. `open_base`: the FHIR base answers everybody."""
    live = Live(platform.store)
    inbox, known = Inbox(platform.store), KnownSources(platform.pool)
    async with open_gate(platform) as gate:
        web = Web(
            platform.store,
            gate,
            platform.keys,
            platform.settings,
            live,
            _demonstration(platform) if demo else None,
        )
        messages = exchange_door(platform, inbox, known)
        pages = application_of(web)
        everything = dispatched(
            pages,
            {
                "fhir": _fhir(web, open_base=open_base),
                "oauth": for_other_origins(oauth_application(oauth_door(web))),
                "exchange": exchange_application(messages),
                "api": beside(
                    {
                        "codes": codes_application(codes_door(web)),
                        "launch": launch_application(launch_door(web)),
                    }
                ),
                "launch": framed(web, pages),
                "cds-services": for_other_origins(cds_application(cds_door(web))),
                "wst": wst_application(WstDoor(exchange=messages, gate=gate)),
            },
            metrics_application(platform.pool),
        )
        server = Server(
            always_https(everything) if platform.settings.https else everything,
            address=platform.settings.host,
            port=platform.settings.port,
            interface=Interfaces.ASGI,
            websockets=False,
            log_access=False,
            log_level=LogLevels.error,
            ssl_cert=platform.settings.tls_certificate,
            ssl_key=platform.settings.tls_key or platform.settings.tls_certificate,
            ssl_protocol_min=SSLProtocols.tls12,
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        warming = asyncio.create_task(warm_up())
        exporting = asyncio.create_task(
            run_exports(
                platform.store,
                export_folder(platform.settings),
                platform.settings.export_hours,
                stop,
            )
        )
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({serving}, timeout=3)
        await live.close()
        await inbox.close()
        stopping.cancel()
        warming.cancel()
        exporting.cancel()
        await asyncio.gather(warming, exporting, return_exceptions=True)


def _demonstration(platform: Platform) -> Demonstration:
    # It brings the practice region with it, which a real installation never needs.
    from minkang.app.demonstration import demonstration

    return demonstration(platform)
