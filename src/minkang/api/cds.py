"""`/cds-services`: advice from the record at the moment of an order, by CDS Hooks 2.0.

The hospital's system signs each call with its registered key (`iss`, `aud` the service's address,
`jti` once, `exp` within five minutes). The clinician is found as for a launch, and asked about by
the same gate: of whom they may not see, there is no card, and the answer does not tell why.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from minkang.accounts import Account
from minkang.accounts.oauth_jwks import AppKeys
from minkang.accounts.oauth_refusal import OAuthRefused
from minkang.api.application import Application, Receive, Send, check_sizes, send_answer
from minkang.api.body import json_of, received
from minkang.api.call import Answer
from minkang.api.cds_ask import FeedbackTold, HookAsked, named_in, orders_in
from minkang.api.cds_card import made_of
from minkang.api.edge import refusal_of
from minkang.api.launch import PAGE
from minkang.api.launch_signed import Signer, signer_of
from minkang.api.launch_who import Meant, Named, NotKnown, launched, who_is_meant
from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.identity.codes.scan import Scanner
from minkang.policy.launch import begin_launch
from minkang.policy.presented import institution_of
from minkang.record.cds import TYPES, Advice, on_orders, on_view
from minkang.record.cds.kept import Given, keep_cards, keep_feedback
from minkang.record.life import gather

_log = logging.getLogger(__name__)

BASE: Final = "/cds-services"
SERVICES: Final[Mapping[str, tuple[str, str, str]]] = {
    "minkang-patient-view": (
        "patient-view",
        "区域健康档案概要",
        "过敏、慢性病、最近一次在其他机构的就诊",
    ),
    "minkang-order-select": (
        "order-select",
        "开单提醒",
        "近期已做的同类检查检验（结果互认）、重复用药、过敏",
    ),
    "minkang-order-sign": (
        "order-sign",
        "签发前提醒",
        "近期已做的同类检查检验（结果互认）、重复用药、过敏",
    ),
}
"""Hook, title and description of each service, by its id."""

_JSON: Final = "application/json"
_HERE: Final = ZoneInfo("Asia/Shanghai")
_CHALLENGE: Final = ((b"www-authenticate", b'Bearer error="invalid_token"'),)


class CdsDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door works with; `address` is how callers reach the platform."""

    scanner: Scanner
    app_keys: AppKeys
    address: str
    limits: Limits = Limits(body=1024 * 1024, depth=32, seconds=10)


class _Call(msgspec.Struct, frozen=True):
    """A call that was signed by a registered system."""

    door: CdsDoor
    service: str
    signer: Signer
    sent: Any
    address: str
    now: datetime


def cds_application(door: CdsDoor) -> Application:
    """The application that answers everything below `/cds-services`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(door.limits.seconds):
                answer = await _answered(door, scope, headers, receive)
        except ConnectionResetError:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets an answer
            answer = _failed(error)
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(
    door: CdsDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"].rstrip("/")
    check_sizes(door.limits, path.encode("utf-8", "replace"), scope["query_string"], headers)
    if path == BASE:
        _only(scope, "GET")
        return _json({"services": [_told(one) for one in SERVICES]})
    service, _, rest = path.removeprefix(f"{BASE}/").partition("/")
    if service not in SERVICES or rest not in ("", "feedback"):
        raise Refusal(404, "not-found", "no such service")
    _only(scope, "POST")
    now = datetime.now(UTC)
    signer = await _signer(door, headers, (path, f"{BASE}/{service}"), now)
    body = await received(receive, headers.get(b"content-encoding"), door.limits.body)
    client = scope.get("client")
    sent = json_of(body, door.limits)
    call = _Call(door, service, signer, sent, client[0] if client else "", now)
    return await (_feedback(call) if rest else _advised(call))


async def _signer(
    door: CdsDoor, headers: Mapping[bytes, bytes], paths: tuple[str, ...], now: datetime
) -> Signer:
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refusal(401, "login", "a signed JWT is needed", headers=_CHALLENGE)
    store = door.scanner.gate.store
    try:
        return await signer_of(
            store.pool,
            door.scanner.keys,
            door.app_keys,
            token.strip(),
            audiences=tuple(f"{door.address}{path}" for path in paths),
            now=now,
        )
    except OAuthRefused as error:
        raise Refusal(401, "login", error.text, headers=_CHALLENGE) from error


async def _advised(call: _Call) -> Answer:
    """The cards of a call."""
    asked = _read(call.sent, HookAsked)
    if asked.hook != SERVICES[call.service][0]:
        raise Refusal(400, "value", f"this service is of the hook {SERVICES[call.service][0]}")
    named = named_in(call.signer, asked)
    scanner = call.door.scanner
    try:
        meant = await who_is_meant(
            scanner, call.signer.system, named, now=call.now, address=call.address
        )
    except NotKnown as error:
        if error.where.startswith("patient"):
            return _json({"cards": []})  # new to the platform, or called otherwise there
        raise Refusal(412, "processing", f"{error.where}: {error.code}") from error
    advice = await _advice(call, asked, meant)
    return _json({"cards": await _cards(call, named, meant, advice)})


async def _advice(call: _Call, asked: HookAsked, meant: Meant) -> Sequence[Advice]:
    """What the rules say of what this clinician may see now."""
    gate, known = call.door.scanner.gate, meant.resident
    decision = await gate.ask(
        meant.practitioner,
        "open-record",
        now=call.now,
        person=meant.person,
        patients=known.patients if known else frozenset(),
        birth_date=known.birth_date if known else "",
        named=True,
        object_type="Advice",
        object_id=call.service,
        address=call.address,
    )
    if not decision.allowed or known is None or decision.purpose == "own-record":
        return []
    life = await gather(gate.store, decision.scope, known, TYPES)
    here = call.now.astimezone(_HERE)
    if asked.hook == "patient-view":
        return on_view(life, _own(meant.practitioner), here)
    return on_orders(life, orders_in(asked), here)


async def _cards(
    call: _Call, named: Named, meant: Meant, advice: Sequence[Advice]
) -> list[dict[str, Any]]:
    """Cards; the first has a link that opens the record, since a link opens once."""
    if not advice:
        return []
    scanner, now = call.door.scanner, call.now
    pool, system = scanner.gate.store.pool, call.signer.system
    link = await begin_launch(
        pool,
        scanner.keys,
        scanner.gate.log,
        launched(call.signer.account, system, named, meant),
        now=now,
        address=call.address,
    )
    place = f"{call.door.address}{PAGE}/{link.token}"
    made = [
        made_of(one, address=call.door.address, link="" if number else place)
        for number, one in enumerate(advice)
    ]
    given = Given(
        service=call.service,
        client=system.client,
        account=meant.practitioner.id,
        institution=named.institution,
        person=meant.person,
        at=now,
    )
    await keep_cards(pool, given, [(one.id, one.advice) for one in made])
    return [one.card for one in made]


async def _feedback(call: _Call) -> Answer:
    """Keep what became of cards; of cards of others nothing is kept, and nothing is told."""
    told = _read(call.sent, FeedbackTold)
    pool = call.door.scanner.gate.store.pool
    client = call.signer.system.client
    await keep_feedback(pool, client, call.service, [one.kept(call.now) for one in told.feedback])
    return Answer(200, b"{}", (), _JSON)


def _own(account: Account) -> frozenset[str]:
    own = {institution_of(account), account.organisation}
    return frozenset(one for one in own if one)


def _told(service: str) -> dict[str, str]:
    hook, title, description = SERVICES[service]
    return {"id": service, "hook": hook, "title": title, "description": description}


def _only(scope: Any, method: str) -> None:
    if scope["method"] not in (method, "HEAD" if method == "GET" else method):
        allow = ((b"allow", method.encode()),)
        raise Refusal(405, "not-supported", f"only {method} is accepted here", headers=allow)


def _read(sent: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        raise Refusal(400, "structure", f"the request does not fit: {error}") from error


def _json(said: Mapping[str, Any]) -> Answer:
    return Answer(200, msgspec.json.encode(said), (), _JSON)


def _failed(error: Exception) -> Answer:
    refusal = refusal_of(error)
    if refusal.status >= 500:
        number = secrets.token_hex(6)
        _log.error("advice %s failed: %s", number, type(error).__name__)
        said = {"error": number}
    else:
        said = {"error": str(refusal)}
    return Answer(refusal.status, msgspec.json.encode(said), refusal.headers, _JSON)
