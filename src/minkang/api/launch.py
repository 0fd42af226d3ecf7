"""`POST /api/launch`: a link with which a hospital's own system opens a resident's record.

The system shows its bearer token: of a registered app that acts for its organisation, of a service
account, or of an app that a clinician let in by SMART, whose token says both practitioner and
patient already. Errors are OperationOutcomes; the rule in square brackets is what programs go by.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from minkang.accounts import Account
from minkang.accounts.tokens import token_holder
from minkang.api.application import Application, Receive, Send, check_sizes, refused, send_answer
from minkang.api.body import json_of, received
from minkang.api.call import Answer
from minkang.api.callers import Callers
from minkang.api.edge import refusal_of
from minkang.api.launch_who import Meant, Named, NotKnown, Patient, launched, who_is_meant
from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.fhir import encode
from minkang.identity import resident
from minkang.identity.codes.scan import STALE, Scanner
from minkang.policy.launch import Asked, Purpose, begin_launch
from minkang.policy.launch_systems import LaunchSystem, launch_system
from minkang.store import Scope

_Kind = TypeVar("_Kind")

BASE: Final = "/api/launch"
PAGE: Final = "/launch"
"""Where a link leads to."""

_JSON: Final = "application/json"
_LOGIN: Final = ((b"www-authenticate", b"Bearer"),)
_WRONG: Final[Mapping[str, tuple[int, str, str]]] = {
    "institution": (403, "forbidden", "系统不能为这家机构打开档案 / not one of the system's"),
    "practitioner-unknown": (
        422,
        "not-found",
        "这家机构没有这位在岗医务人员 / nobody in post there has this number",
    ),
    "practitioner-many": (409, "multiple-matches", "工号对应多人 / several have this number"),
    "patient": (400, "value", "居民应以一种方式指明 / name the patient in exactly one way"),
    "patient-unknown": (422, "not-found", "没有这个编号的居民 / nobody has this number"),
    "patient-many": (409, "multiple-matches", "编号对应多位居民 / several have this number"),
    STALE: (403, "expired", "码已过期或已用过，请刷新后重新出示 / show a fresh code"),
    "too-many-codes": (403, "throttled", "扫错次数太多，请稍后再试 / too many wrong codes"),
}
_CODE: Final = (403, "forbidden", "码无效 / the code does not count")


class LaunchDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door works with.

    Attributes:
        address: how browsers reach the pages; links begin with it.
        minutes: for how long an opened record stays open.
    """

    scanner: Scanner
    callers: Callers
    address: str
    minutes: int
    limits: Limits = Limits(body=16 * 1024, depth=8, seconds=30)


class OfSmart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an app asks whose token says practitioner and patient (SMART App Launch 2.2)."""

    visit: str = ""
    purpose: Purpose = "treatment"


def launch_application(door: LaunchDoor) -> Application:
    """The application that answers `POST /api/launch`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(door.limits.seconds):
                answer = await _answered(door, scope, headers, receive)
        except ConnectionResetError:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in FHIR's form
            answer = refused(refusal_of(error))
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(
    door: LaunchDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"]
    check_sizes(door.limits, path.encode("utf-8", "replace"), scope["query_string"], headers)
    if path.rstrip("/") != BASE:
        raise Refusal(404, "not-found", "没有这个地址 / no such address [no-address]")
    if scope["method"] != "POST":
        text = "此处只接受 POST / only POST is accepted here [method]"
        raise Refusal(405, "not-supported", text, headers=((b"allow", b"POST"),))
    now, client = datetime.now(UTC), scope.get("client")
    account = await _caller(door, headers, now)
    coding = headers.get(b"content-encoding")
    sent = json_of(await received(receive, coding, door.limits.body), door.limits)
    return await _begun(door, account, sent, client[0] if client else "", now)


async def _caller(
    door: LaunchDoor, headers: Mapping[bytes, bytes], now: datetime
) -> Account | None:
    given = headers.get(b"authorization", b"")
    kind, _, token = given.decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    store, keys = door.scanner.gate.store, door.scanner.keys
    return await door.callers.holder(
        store, given, now, lambda: token_holder(store.pool, keys, token.strip(), now=now)
    )


async def _begun(
    door: LaunchDoor, account: Account | None, sent: Any, address: str, now: datetime
) -> Answer:
    """A link, once the gate has let the system ask and everybody is known."""
    if account is not None and account.about is not None:
        asked = await _of_smart(door, account, sent, address, now)
    else:
        asked = await _of_system(door, account, sent, address, now)
    gate = door.scanner.gate
    link = await begin_launch(
        gate.store.pool, door.scanner.keys, gate.log, asked, now=now, address=address
    )
    told = {
        "url": f"{door.address}{PAGE}/{link.token}",
        "launch": link.id,
        "expires": link.expires.isoformat(),
        "session_minutes": door.minutes,
    }
    return Answer(201, encode(told), (), _JSON)


async def _of_system(
    door: LaunchDoor, account: Account | None, sent: Any, address: str, now: datetime
) -> Asked:
    gate = door.scanner.gate
    decision = await gate.ask(
        account, "launch-record", now=now, object_type="Launch", address=address
    )
    if account is None:
        text = "需要令牌 / a bearer token is needed [no-log-in]"
        raise Refusal(401, "login", text, headers=_LOGIN)
    if not decision.allowed:
        raise Refusal(403, "forbidden", "无权打开档案 / you may not launch [forbidden]")
    system = await _system(door, account, now)
    named = _read(sent, Named)
    try:
        meant = await who_is_meant(door.scanner, system, named, now=now, address=address)
    except NotKnown as error:
        raise refusal_for(error) from error
    return launched(account, system, named, meant)


async def _of_smart(
    door: LaunchDoor, account: Account, sent: Any, address: str, now: datetime
) -> Asked:
    """Of an app with a patient in its launch context: who it acts for, and about whom."""
    gate = door.scanner.gate
    system = await _system(door, account, now)
    wanted = _read(sent if sent is not None else {}, OfSmart)
    person = account.about or ""
    known = await resident(gate.store, Scope.whole(), person)
    institution = account.institution or account.organisation or ""
    decision = await gate.ask(
        account,
        "open-record",
        now=now,
        person=person,
        patients=known.patients if known else frozenset(),
        birth_date=known.birth_date if known else "",
        named=True,
        object_type="Launch",
        address=address,
    )
    clinician = account.post is not None and institution in system.institutions
    if not clinician or (not decision.allowed and decision.reason == "not-for-role"):
        raise Refusal(403, "forbidden", "无权打开档案 / you may not launch [forbidden]")
    named = Named(
        institution=institution,
        practitioner=account.id,
        patient=Patient(),
        visit=wanted.visit,
        purpose=wanted.purpose,
    )
    return launched(account, system, named, Meant(account, known))


async def _system(door: LaunchDoor, account: Account, now: datetime) -> LaunchSystem:
    pool = door.scanner.gate.store.pool
    found = await launch_system(pool, account.client or account.id, now=now)
    if found is None:
        text = "系统没有登记可嵌入的页面 / no frames are registered for this system [no-frames]"
        raise Refusal(403, "forbidden", text)
    return found


def refusal_for(error: NotKnown) -> Refusal:
    """What a system is told of whom it named wrongly."""
    status, kind, text = _WRONG.get(error.code, _CODE)
    rule = error.code if error.code in _WRONG else "code-invalid"
    return Refusal(status, kind, f"{text} [{rule}]", error.where)


def _read(sent: Any, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.convert(sent, kind)
    except msgspec.ValidationError as error:
        text = f"请求不合要求 / the request does not fit: {error} [body]"
        raise Refusal(400, "structure", text) from error
