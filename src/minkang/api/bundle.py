"""Batch and transaction at the base (R4, 3.1.0.11)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any

import msgspec

from minkang.api.access import ask
from minkang.api.body import json_of
from minkang.api.bundle_entries import ORDER, Entry, entries_of
from minkang.api.bundle_steps import patch_bytes, steps_of
from minkang.api.call import Answer, Call
from minkang.api.commit import commit
from minkang.api.edge import refusal_of
from minkang.api.entries import bundle as bundle_json
from minkang.api.negotiation import FHIR_JSON, PATCH_JSON, check_content_type, etag
from minkang.api.outcomes import Refusal, outcome
from minkang.api.steps import Done, Step
from minkang.policy import Action
from minkang.store import Scope, read_version

Perform = Callable[[Call], Awaitable[Answer]]

_AT_ONCE = 4
_SLICE = 100


async def carry_out_bundle(call: Call, perform: Perform) -> Answer:
    """`POST /`. `perform` carries out one request, as if it had come by itself.

    Raises:
        Refusal: the Bundle can't be read; of a transaction, an entry can't be carried out.
    """
    check_content_type(call.headers.get(b"content-type"), FHIR_JSON)
    given = json_of(call.body, call.door.limits)
    if not isinstance(given, dict):
        raise Refusal(400, "structure", "请求体应为 Bundle / the body is no Bundle")
    entries = entries_of(given, call.body, call.base, call.door.limits)
    if given["type"] == "batch":
        return await _batch(call, entries, perform)
    return await _transaction(call, entries, perform)


async def _batch(call: Call, entries: Sequence[Entry], perform: Perform) -> Answer:
    """Each entry for itself; a few at once, since none may count on another.

    Each is decided on and written down by itself.
    """
    shown: list[dict[str, Any]] = [{}] * len(entries)
    several = asyncio.Semaphore(_AT_ONCE)

    async def carry_out(number: int) -> None:
        async with several:
            shown[number] = await _performed(call, entries[number], perform)

    for turn in sorted(set(ORDER.values())):
        numbers = [number for number, one in enumerate(entries) if ORDER[one.method] == turn]
        for begin in range(0, len(numbers), _SLICE):
            await asyncio.gather(*map(carry_out, numbers[begin : begin + _SLICE]))
    return Answer(200, bundle_json("batch-response", shown))


async def _transaction(call: Call, entries: list[Entry], perform: Perform) -> Answer:
    """All entries or none: what is only read is tried before anything is written."""
    steps = steps_of(entries, call.door.limits)
    decision = await ask(call, _action(entries), "Bundle", f"transaction: {_summary(entries)}")
    written = {(step.type, step.id) for step in steps if step.method != "DELETE"}
    for entry in entries:
        if entry.reads and entry.segments[:2] not in written:
            await _tried(call, entry, perform)
    made: dict[str, tuple[Step, Done]] = {}
    if steps:
        done = await commit(call, decision.scope, steps, bundle=True)
        made = {step.place: (step, one) for step, one in zip(steps, done, strict=True)}
    shown = []
    base = call.base
    for entry in entries:
        if entry.place in made:
            shown.append(await _written(call, decision.scope, base, *made[entry.place]))
        else:
            shown.append(await _performed(call, entry, perform))
    return Answer(200, bundle_json("transaction-response", shown))


async def _tried(call: Call, entry: Entry, perform: Perform) -> None:
    try:
        await perform(_as_call(call, entry))
    except Exception as error:
        raise refusal_of(error).below(entry.place) from error


async def _performed(call: Call, entry: Entry, perform: Perform) -> dict[str, Any]:
    """One entry carried out as a request of its own, and its entry in the response."""
    try:
        answer = await perform(_as_call(call, entry))
    except Exception as error:  # noqa: BLE001 - the other entries go on
        refusal = refusal_of(error)
        said = outcome(refusal.issues)
        return {"response": {"status": _status(refusal.status), "outcome": said}}
    headers = dict(answer.headers)
    response: dict[str, Any] = {"status": _status(answer.status)}
    if (place := headers.get(b"location", headers.get(b"content-location"))) is not None:
        response["location"] = place.decode()
    if (tag := headers.get(b"etag")) is not None:
        response["etag"] = tag.decode()
    if answer.modified is not None:
        response["lastModified"] = _instant(answer.modified)
    if not answer.body:
        return {"response": response}
    if answer.body.startswith(b'{"resourceType":"OperationOutcome"'):
        return {"response": {**response, "outcome": msgspec.Raw(answer.body)}}
    return {"resource": msgspec.Raw(answer.body), "response": response}


def _as_call(call: Call, entry: Entry) -> Call:
    headers = {**entry.headers, b"content-type": FHIR_JSON.encode()}
    body = entry.body
    if entry.method == "PATCH":
        headers[b"content-type"] = PATCH_JSON.encode()
        body = patch_bytes(entry)
    back = call.prefer.back or "minimal"
    return msgspec.structs.replace(
        call,
        method=entry.method,
        segments=entry.segments,
        query=entry.query,
        headers=headers,
        body=body,
        prefer=msgspec.structs.replace(call.prefer, back=back),
    )


async def _written(call: Call, scope: Scope, base: str, step: Step, done: Done) -> dict[str, Any]:
    """The entry in the response of a write that was done."""
    response: dict[str, Any] = {"status": _status(done.status)}
    if step.method == "DELETE":
        if done.version:
            response["etag"] = etag(done.version)
        return {"response": response}
    place = f"{base}/{done.type}/{done.id}"
    response["location"] = f"{place}/_history/{done.version}"
    response["etag"] = etag(done.version)
    response["lastModified"] = _instant(done.updated)
    shown: dict[str, Any] = {"fullUrl": place}
    if call.prefer.back == "representation":
        store = call.door.store
        stored = await read_version(store, scope, done.type, done.id, done.version)
        if stored is not None:
            shown["resource"] = msgspec.Raw(stored.body)
    return {**shown, "response": response}


@cache
def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


@lru_cache(maxsize=1_000)
def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _action(entries: Sequence[Entry]) -> Action:
    return "read-api" if all(entry.reads for entry in entries) else "write-api"


def _summary(entries: Sequence[Entry]) -> str:
    """How many entries of which kind, for the audit log."""
    kinds = Counter(f"{one.method} {(one.segments or ('',))[0]}" for one in entries)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(20))
