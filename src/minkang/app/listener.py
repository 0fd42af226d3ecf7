"""The listener process: HL7 v2 over MLLP into the inbox."""

import asyncio
import gc
import logging

from minkang.api.hl7v2_queries import Hl7Queries
from minkang.app.platform import Platform, open_gate
from minkang.config import Settings
from minkang.exchange import Inbox, Source
from minkang.exchange.channels.hl7v2_intake import Answering, Hl7Intake
from minkang.exchange.channels.mllp import Limits, MllpListener
from minkang.exchange.channels.mllp_tls import tls_context
from minkang.exchange.known import KnownSources
from minkang.exchange.pace import Pace
from minkang.store import TROUBLE

_log = logging.getLogger(__name__)

_REFRESH_SECONDS = 5.0
_RETRY_SECONDS = 0.2


async def listen(platform: Platform, stop: asyncio.Event) -> None:
    """Listen until told to stop; newly registered sources are known within seconds."""
    # What is made of a message is dropped at once and holds no circles: looking for them after
    # every few hundred objects, as Python does by itself, costs a tenth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    known = KnownSources(platform.pool)
    # Whoever knows no source yet would refuse good messages for good; nobody is answered before.
    while not await _refresh(known):
        if stop.is_set():
            return
        await asyncio.sleep(_RETRY_SECONDS)
    inbox = Inbox(platform.store)
    settings = platform.settings
    async with open_gate(platform) as gate:
        answer = Hl7Queries(gate).answer
        listener = listener_of(settings, inbox, platform.keys.id_key, known.now, answer)
        await listener.start(settings.mllp_host, settings.mllp_port)
        try:
            while not stop.is_set():
                try:
                    await asyncio.wait_for(stop.wait(), _REFRESH_SECONDS)
                except TimeoutError:
                    await _refresh(known)
        finally:
            await listener.stop()
            await inbox.close()


def listener_of(
    settings: Settings,
    inbox: Inbox,
    id_key: bytes,
    known: dict[str, Source],
    queries: Answering | None = None,
) -> MllpListener:
    """The listener as the operator wants it; `queries` answers those who ask for residents.

    Raises:
        TlsError: the certificate or its key can't be used.
    """
    limits = Limits(
        message_bytes=settings.message_bytes,
        connections=settings.mllp_connections,
        idle_seconds=settings.mllp_idle_seconds,
        frame_seconds=settings.mllp_frame_seconds,
    )
    tls = None
    if settings.mllp_tls_certificate is not None:
        tls = tls_context(
            settings.mllp_tls_certificate, settings.mllp_tls_key, settings.mllp_tls_clients
        )
    asked = settings.mllp_acknowledge == "as-asked"
    intake = Hl7Intake(inbox, id_key, known, Pace(), as_asked=asked, queries=queries)
    return MllpListener(intake, limits, tls=tls)


async def _refresh(known: KnownSources) -> bool:
    """Read the sources anew; whether the database was there."""
    try:
        await known.refresh()
    except TROUBLE as error:
        _log.warning("database: %s", error)
        return False
    return True
