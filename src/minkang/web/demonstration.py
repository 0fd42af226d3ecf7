"""The demonstration's button: send a real message, and see where it gets to."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from minkang.exchange.log import detail, find_message
from minkang.identity import resident_of_patient
from minkang.policy.mask import masked_name
from minkang.store import Scope
from minkang.web.context import Sent, Web
from minkang.web.parameters import VisitorParameter, WebParameter
from minkang.web.visitor import Visitor

_LAST: dict[str, Sent] = {}
_KEPT = 50


@post("/demo/send")
async def send(web: WebParameter, visitor: VisitorParameter) -> Response[Any]:
    """Send one laboratory message over MLLP, as the hospital would."""
    if web.demonstration is None:
        raise NotFoundException
    await visitor.ask("send-demo-message")
    sent = await web.demonstration.send()
    while len(_LAST) >= _KEPT:
        del _LAST[next(iter(_LAST))]
    _LAST[sent.control_id] = sent
    return visitor.page("centre/_sent.html", sent=await _way(web, visitor, sent), status=200)


@get("/demo/sent/{control_id:str}")
async def way(
    web: WebParameter, visitor: VisitorParameter, control_id: FromPath[str]
) -> Response[Any]:
    """Where the message has got to by now."""
    await visitor.ask("send-demo-message", background=True)
    sent = _LAST.get(control_id)
    if sent is None:
        raise NotFoundException
    return visitor.page("centre/_sent.html", sent=await _way(web, visitor, sent))


async def _way(web: Web, visitor: Visitor, sent: Sent) -> dict[str, Any]:
    async with web.store.pool.acquire() as connection:
        message = await find_message(connection, sent.source, sent.control_id)
        found = await detail(web.store, connection, message) if message else None
    patient = (
        next((made.id for made in found.made if made.type == "Patient"), None) if found else None
    )
    filed = patient and await resident_of_patient(web.store, Scope.whole(), patient)
    accepted = "MSA|AA" in sent.answer
    state = found.line.state if found else "waiting"
    processed = found.line.processed if found else None
    stored_ms = int(processed.timestamp() * 1000) - sent.sent_ms if processed else None
    known = {"stored": "done", "quarantined": "failed"}
    stored = known.get(state, "waiting")
    steps: list[dict[str, Any]] = [
        {"key": "sent", "state": "done", "ms": 0, "text": sent.control_id},
        {
            "key": "acknowledged",
            "state": "done" if accepted else "failed",
            "ms": sent.answered_ms - sent.sent_ms,
            "text": sent.answer,
        },
        {"key": "stored", "state": stored, "ms": stored_ms, "text": ""},
        {
            "key": "filed",
            "state": "done" if filed and stored == "done" else "waiting",
            "ms": stored_ms,
            "text": masked_name(sent.name),
        },
    ]
    centre = visitor.account is not None and visitor.account.role == "information-centre"
    doctor = visitor.account is not None and visitor.account.role == "doctor"
    return {
        "id": sent.control_id,
        "done": all(step["state"] != "waiting" for step in steps) or stored == "failed",
        "message_href": f"/centre/messages/{message}" if message and centre else None,
        "record_href": f"/record/{sent.person}" if doctor else None,
        "total_ms": stored_ms,
        "steps": steps,
    }


ROUTES = (send, way)
