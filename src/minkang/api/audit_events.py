"""`GET /AuditEvent`: the audit log itself, for audit administrators, and for residents the part
about themselves. Systems see the AuditEvents that they stored, as with any other type."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from minkang.accounts import organisation_names
from minkang.api.access import identify, unseen
from minkang.api.audit_event import CREATES, READS, UPDATES, audit_event, place_of_event
from minkang.api.call import Answer, Call, resource_answer
from minkang.api.entries import bundle, query_of
from minkang.api.outcomes import Refusal
from minkang.audit import Sought, entries
from minkang.audit.search import entry_at
from minkang.fhir import encode
from minkang.fhir.search import Clause, Condition, DateValue, ReferenceValue, TokenValue
from minkang.fhir.search_syntax import parse_search
from minkang.identity import Resident, resident, resident_of_patient
from minkang.store import Scope

PARAMETERS = ("patient", "agent", "date", "entity", "action", "outcome", "subtype", "agent-role")
"""What the log can be searched by; others are refused."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 200
_BY_ACTION: dict[str, tuple[str, ...]] = {"R": READS, "U": UPDATES, "C": CREATES, "D": ("-",)}
_VIEWERS = frozenset({"audit-administrator", "resident"})


async def viewing(call: Call) -> Callable[[Call], Awaitable[Answer]] | None:
    """Who carries out reading the log; None where the store's own AuditEvents are asked for."""
    await identify(call)
    if call.account is None or call.account.role not in _VIEWERS or call.door.open:
        return None
    if call.method not in ("GET", "HEAD") or len(call.segments) > 2:
        return None
    return read_event if len(call.segments) == 2 else search_events


async def search_events(call: Call) -> Answer:
    """`GET /AuditEvent?patient=&agent=&date=&entity=&action=&outcome=`, newest first.

    Raises:
        Refusal: 400: a parameter that the log can't be searched by; 403.
    """
    pairs = [pair for pair in call.query if pair[0] != "_after"]
    after = next((value for name, value in call.query if name == "_after"), None)
    search = parse_search(("AuditEvent",), pairs, lenient=False, base=call.base)
    own = await _asked(call, "?" + "&".join(dict.fromkeys(name[:60] for name, _ in call.query)))
    sought = await _sought(call, search.conditions, own)
    limit = min(search.count, _MOST)
    try:
        found = await entries(call.door.store.pool, sought, limit=limit + 1, before=after)
    except ValueError as error:
        raise Refusal(400, "value", "_after 不是本平台给出的 / _after is no mark") from error
    names = await organisation_names(call.door.store.pool)
    address = f"{call.base}/AuditEvent"
    made = [
        {
            "fullUrl": f"{address}/{event['id']}",
            "resource": msgspec.Raw(encode(event)),
            "search": {"mode": "match"},
        }
        for one in found[:limit]
        for event in [_event(audit_event(one, names.get(one.organisation or "", "")), own)]
    ]
    links = [("self", _link(address, call.query))]
    if len(found) > limit > 0:
        links.append(("next", _link(address, [*pairs, ("_after", found[limit - 1].mark)])))
    return Answer(200, bundle("searchset", made, links))


async def read_event(call: Call) -> Answer:
    """`GET /AuditEvent/id`.

    Raises:
        Refusal: 403: it does not exist, or may not be seen: that is not told apart.
    """
    own = await _asked(call, call.segments[1])
    place = place_of_event(call.segments[1])
    found = await entry_at(call.door.store.pool, *place) if place else None
    if found is None or (own is not None and not _names(own) & set(found.named)):
        raise unseen()
    names = await organisation_names(call.door.store.pool)
    event = audit_event(found, names.get(found.organisation or "", ""))
    return resource_answer(_event(event, own))


async def _asked(call: Call, what: str) -> Resident | None:
    """Ask the gate; the resident to whom the answer is confined, None for audit administrators.

    Raises:
        Refusal: 403.
    """
    account, gate = call.account, call.door.gate
    about: Resident | None = None
    if account is not None and account.role == "resident":
        person = account.person or "none"
        about = await resident(call.door.store, Scope.whole(), person)
    decision = await gate.ask(
        account,
        "see-who-looked" if account is not None and account.role == "resident" else "read-audit",
        now=call.now,
        person=about.person if about else None,
        patients=about.patients if about else frozenset(),
        birth_date=about.birth_date if about else "",
        object_type="AuditEvent",
        object_id=what[:200],
        address=call.address,
    )
    scopes = account.scopes if account is not None else None
    if not decision.allowed or (scopes is not None and not _in_scopes(scopes)):
        raise unseen()
    if about is None and account is not None and account.role == "resident":
        raise unseen()
    return about


def _in_scopes(scopes: tuple[str, ...]) -> bool:
    """Whether an app was granted reading AuditEvents (SMART App Launch 2, scopes).

    A scope that is narrowed by search parameters is none for the log, which can't narrow so.
    """
    return any(_is_for_events(scope) for scope in scopes)


def _is_for_events(scope: str) -> bool:
    context, _, rest = scope.partition("/")
    kind, _, rights = rest.partition(".")
    if context not in ("patient", "user", "system") or kind not in ("*", "AuditEvent"):
        return False
    return rights in ("read", "*") or ("r" in rights and set(rights) <= set("cruds"))


async def _sought(call: Call, conditions: tuple[Condition, ...], own: Resident | None) -> Sought:
    given: dict[str, Any] = {}
    for one in conditions:
        if not isinstance(one, Clause) or one.parameter.code not in PARAMETERS:
            raise _unsearchable(getattr(getattr(one, "parameter", None), "code", "_has"))
        if one.modifier is not None or (len(one.values) != 1):
            raise _unsearchable(one.parameter.code)
        value = one.values[0]
        code = one.parameter.code
        if code == "patient" and isinstance(value, ReferenceValue):
            given["persons"] = await _patient(call, value)
        elif code in ("agent", "entity") and isinstance(value, ReferenceValue):
            given |= _reference(code, value)
        elif isinstance(value, DateValue):
            given |= _span(value, given)
        elif isinstance(value, TokenValue) and value.code is not None:
            given |= _token(code, value.code)
        else:
            raise _unsearchable(code)
    if own is not None:
        mine = _names(own)
        asked = set(given.get("persons", mine))
        given["persons"] = tuple(sorted(mine)) if asked & mine else ("-",)
    return Sought(**given)


async def _patient(call: Call, value: ReferenceValue) -> tuple[str, ...]:
    """All names by which entries may name the resident of a Patient (or Person)."""
    if value.id is None:
        raise _unsearchable("patient")
    found = await resident_of_patient(call.door.store, Scope.whole(), value.id)
    return tuple(sorted(_names(found))) if found else (value.id, f"Patient/{value.id}")


def _names(one: Resident) -> set[str]:
    return {one.person, *(f"Patient/{patient}" for patient in one.patients)}


def _reference(code: str, value: ReferenceValue) -> dict[str, str]:
    if value.id is None:
        raise _unsearchable(code)
    if code == "agent":
        return {"account": value.id}
    return {"object_id": value.id, **({"object_type": value.type} if value.type else {})}


def _span(value: DateValue, given: dict[str, Any]) -> dict[str, datetime]:
    """Moments are compared whole: of a prefix, the bound that it means."""
    low, high = (_EPOCH + timedelta(microseconds=one) for one in (value.low, value.high))
    bounds: dict[str, dict[str, datetime]] = {
        "eq": {"since": low, "until": high},
        "ge": {"since": low},
        "gt": {"since": high},
        "sa": {"since": high},
        "lt": {"until": low},
        "eb": {"until": low},
        "le": {"until": high},
    }
    if value.prefix not in bounds:
        raise _unsearchable("date")
    found = bounds[value.prefix]
    if "since" in found and "since" in given:
        found["since"] = max(found["since"], given["since"])
    if "until" in found and "until" in given:
        found["until"] = min(found["until"], given["until"])
    return found


def _token(code: str, value: str) -> dict[str, Any]:
    if code == "outcome":
        # The log knows done (0) and refused (4).
        return {"allowed": value == "0"} if value in ("0", "4") else {"action": "-"}
    if code == "agent-role":
        return {"role": value}
    if code == "subtype":
        return {"action": value}
    if value == "E":
        return {"other_than": (*READS, *UPDATES, *CREATES)}
    return {"actions": _BY_ACTION.get(value, ("-",))}


def _event(event: dict[str, Any], own: Resident | None) -> dict[str, Any]:
    """Of the residents an answer named, nobody is shown the others."""
    if own is None or "entity" not in event:
        return event
    mine = {f"Person/{own.person}", *(f"Patient/{one}" for one in own.patients)}
    event["entity"] = [
        one for one in event["entity"] if "role" not in one or one["what"].get("reference") in mine
    ]
    if not event["entity"]:
        del event["entity"]
    return event


def _unsearchable(code: str) -> Refusal:
    known = ", ".join(PARAMETERS)
    text = f"审计日志不能按 {code[:40]} 这样检索，可用：{known} / the log can't be searched so"
    return Refusal(400, "not-supported", text, code[:40])


def _link(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{query_of(pairs)}" if pairs else address
