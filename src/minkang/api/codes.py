"""`/api/codes`: scanning electronic health codes, and showing one's own, by HTTP.

An application of its own, as the FHIR base is. Errors are OperationOutcomes like there; the rule in
square brackets at the end of their text is what programs go by.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from minkang.accounts import Account
from minkang.accounts.tokens import token_holder
from minkang.api.application import Application, Receive, Send, check_sizes, refused, send_answer
from minkang.api.body import json_of, received
from minkang.api.call import Answer
from minkang.api.callers import Callers
from minkang.api.codes_answers import scan_answer, sees
from minkang.api.codes_pace import CallerPace
from minkang.api.edge import refusal_of
from minkang.api.limits import Limits
from minkang.api.outcomes import Refusal
from minkang.crypto import KeyFilesMissing, Keys, SealBroken
from minkang.fhir import encode
from minkang.identity import resident
from minkang.identity.codes import current_code, show
from minkang.identity.codes.scan import STALE, WRONG, Scan, Scanner, scan
from minkang.policy import Gate
from minkang.policy.consent_record import ConsentRefused
from minkang.store import Scope, Store

BASE: Final = "/api/codes"
JSON: Final = "application/json"
_LOGIN: Final = ((b"www-authenticate", b"Bearer"),)
_RETRY: Final = ((b"retry-after", b"5"),)


class CodesDoor(msgspec.Struct, frozen=True, kw_only=True):
    """What the door for codes works with; `pace` is that of the callers of this process."""

    scanner: Scanner
    callers: Callers
    pace: CallerPace
    limits: Limits = Limits(body=16 * 1024, depth=8, seconds=30)

    @property
    def gate(self) -> Gate:
        """The gate that is asked."""
        return self.scanner.gate

    @property
    def store(self) -> Store:
        """The store behind the gate."""
        return self.scanner.gate.store

    @property
    def keys(self) -> Keys:
        """The keys of the installation."""
        return self.scanner.keys


class Request(msgspec.Struct, frozen=True):
    """One request: who asks, from where, and the JSON object that was sent."""

    door: CodesDoor
    account: Account | None
    sent: Mapping[str, Any]
    address: str
    now: datetime


Handler = Callable[[Request], Awaitable[Answer]]


def codes_application(door: CodesDoor) -> Application:
    """The application that answers everything below `/api`."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            async with asyncio.timeout(door.limits.seconds):
                answer = await _answered(door, scope, headers, receive)
        except ConnectionResetError:
            return
        except (KeyFilesMissing, SealBroken):
            text = "健康码密钥不可用 / the keys of codes can't be read [no-keys]"
            answer = refused(Refusal(503, "transient", text, headers=_RETRY))
        except Exception as error:  # noqa: BLE001 - every failure gets an answer in FHIR's form
            answer = refused(refusal_of(error))
        await send_answer(answer, scope["method"], headers, send)

    return application


async def _answered(
    door: CodesDoor, scope: Any, headers: Mapping[bytes, bytes], receive: Receive
) -> Answer:
    path: str = scope["path"]
    check_sizes(door.limits, path.encode("utf-8", "replace"), scope["query_string"], headers)
    handler = _HANDLERS.get(path.removeprefix(BASE).rstrip("/")) if path.startswith(BASE) else None
    if handler is None:
        raise Refusal(404, "not-found", "没有这个地址 / no such address [no-address]")
    if scope["method"] != "POST":
        text = "此处只接受 POST / only POST is accepted here [method]"
        raise Refusal(405, "not-supported", text, headers=((b"allow", b"POST"),))
    client = scope.get("client")
    account = await _caller(door, headers)
    sent = json_of(
        await received(receive, headers.get(b"content-encoding"), door.limits.body), door.limits
    )
    if not isinstance(sent, dict):
        raise Refusal(400, "structure", "请求体应为 JSON 对象 / a JSON object is needed [body]")
    address = client[0] if client else ""
    return await handler(Request(door, account, sent, address, datetime.now(UTC)))


async def _caller(door: CodesDoor, headers: Mapping[bytes, bytes]) -> Account | None:
    """Who shows a bearer token. A cookie opens nothing here: another site's form would bring it."""
    given = headers.get(b"authorization", b"")
    kind, _, token = given.decode("latin-1").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    now = datetime.now(UTC)
    return await door.callers.holder(
        door.store,
        given,
        now,
        lambda: token_holder(door.store.pool, door.keys, token.strip(), now=now),
    )


async def _scan(request: Request) -> Answer:
    """Whose code this is, what it activated, what the caller may see."""
    door = request.door
    _check_pace(request)
    asked = _scan_of(request.sent)
    try:
        found = await scan(
            door.scanner, request.account, asked, now=request.now, address=request.address
        )
    except ConsentRefused:
        text = "没有这一类内容 / no such topic [topic-unknown]"
        raise Refusal(400, "value", text, "topics") from None
    if found.refusal:
        raise _refusal(found.refusal)
    assert request.account is not None  # noqa: S101 - the gate refuses who shows no token
    seen = await sees(door.gate, request.account, found, now=request.now, address=request.address)
    return Answer(200, encode(scan_answer(found, seen, request.now)), (), JSON)


async def _show(request: Request) -> Answer:
    """A token for the screen of the resident who asks, or of whom that one stands for."""
    door, account = request.door, request.account
    _check_pace(request)
    if account is not None and account.scopes is not None:
        raise _refusal("not-for-apps")
    person = _text(request.sent, "person") or (account.person if account else None) or "none"
    known = await resident(door.store, Scope.whole(), person)
    decision = await door.gate.ask(
        account,
        "keep-code",
        now=request.now,
        person=person,
        patients=known.patients if known else frozenset(),
        birth_date=known.birth_date if known else "",
        named=True,
        object_type="Code",
        address=request.address,
    )
    if not decision.allowed or known is None:
        raise _refusal(decision.reason)
    code = await current_code(door.store.pool, known.person)
    if code is None or code.state != "issued":
        text = "没有可以出示的健康码 / there is no code to be shown [no-code]"
        raise Refusal(409, "business-rule", text)
    scanner = door.scanner
    shown = await show(
        door.store, door.keys, scanner.held, code.id, now=request.now, validity=scanner.validity
    )
    told = {"code": shown.text, "until": shown.until.isoformat(), "number": known.code}
    return Answer(200, encode(told), (), JSON)


def _check_pace(request: Request) -> None:
    """Refuse who asks too often; nobody's requests are counted by where they come from."""
    caller = request.account.id if request.account else f"at {request.address}"
    if seconds := request.door.pace.refuse(caller):
        text = "请求太频繁，请稍后再试 / too many scans [too-fast]"
        again = str(math.ceil(seconds)).encode()
        raise Refusal(429, "throttled", text, headers=((b"retry-after", again),))


def _scan_of(sent: Mapping[str, Any]) -> Scan:
    topics = sent.get("topics", [])
    if not isinstance(topics, list) or not all(isinstance(one, str) for one in topics):
        raise Refusal(400, "value", "topics 应为文本数组 / an array of texts [topics]", "topics")
    use = sent.get("use", True)
    if not isinstance(use, bool):
        raise Refusal(400, "value", "use 应为 true 或 false [use]", "use")
    text = _text(sent, "code")
    if not text:
        raise Refusal(400, "required", "缺少 code / code is missing [code]", "code")
    return Scan(text=text, issuer=_text(sent, "issuer"), use=use, topics=frozenset(topics))


def _text(sent: Mapping[str, Any], name: str) -> str:
    found = sent.get(name, "")
    if not isinstance(found, str):
        raise Refusal(400, "value", f"{name} 应为文本 / {name} must be a text [{name}]", name)
    return found.strip()


def _refusal(reason: str) -> Refusal:
    """What a caller is told: not which of many things is wrong with a code."""
    if reason == "no-log-in":
        text = "需要令牌 / a bearer token is needed [no-log-in]"
        return Refusal(401, "login", text, headers=_LOGIN)
    if reason == STALE:
        text = "码已过期或已用过，请刷新后重新出示 / show a fresh code [code-stale]"
        return Refusal(403, "expired", text)
    if reason == WRONG:
        return Refusal(403, "forbidden", "码无效 / the code does not count [code-invalid]")
    if reason == "too-many-codes":
        text = "扫错次数太多，请稍后再试 / too many wrong codes [too-many-codes]"
        return Refusal(403, "throttled", text)
    return Refusal(403, "forbidden", "无权扫码 / you may not scan codes [forbidden]")


_HANDLERS: Final[dict[str, Handler]] = {"/scan": _scan, "/show": _show}
