"""Sending what waits, in order; noting what the target said; asking what became of it later.

One process at a time sends to a target (a lock of the session, held without a transaction, so that
the change feed is not held up while a target thinks).
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import asyncpg
import httpx
import msgspec

from minkang.audit import AuditLog, Entry
from minkang.exchange.documents import facts_of_document, write_document
from minkang.exchange.targets.parcel import Parcel, bundle, document, original_of, registered
from minkang.exchange.targets.reply import Reply, reply_of
from minkang.exchange.targets.rows import put_rows
from minkang.exchange.targets.target import Target, secret_of
from minkang.fhir import TYPE_NAMES, Refused, decode
from minkang.store import Connection, Store, Stored, read_several

_log = logging.getLogger(__name__)

_SECONDS: Final = 60.0
_FIRST_WAIT: Final = 5.0
_LONGEST_WAIT: Final = 3_600.0
_FINAL: Final = {"stored": "confirmed", "quarantined": "refused"}
_STATES: Final = {"refused": "refused", "nothing": "passed-over"}
_SENDER: Final = "MINKANG"
_ASKED: Final = 200


class _Item(msgspec.Struct, frozen=True):
    id: int
    type: int
    resource: str
    version: int
    alone: bool


class _Sent(msgspec.Struct, frozen=True):
    """A row and the version of its resource that went out."""

    id: int
    version: int


async def send_waiting(store: Store, log: AuditLog, target: Target, secrets: Path) -> int:
    """Send the next parcel to a target; how many resources were dealt with.

    0 also means that it is not its time yet, or that another process sends to it.

    Raises:
        AuditUnavailable: it could not be written down; nothing was sent.
    """
    now = datetime.now(UTC)
    if not target.enabled or (target.next_try is not None and target.next_try > now):
        return 0
    async with _alone(store, target) as connection:
        if connection is None:
            return 0
        items = await _next(connection, target)
        if not items:
            return 0
        found = await _versions(store, connection, target, items)
        gone = [_Sent(one.id, one.version) for one in items if one.id not in found]
        await _settle(connection, gone, "passed-over", Reply("nothing"))
        if not found:
            return len(gone)
        await _write_down(log, target, list(found.values()))
        reply = await _given(store, target, found, secret_of(secrets, target.id))
        await _note(
            connection, target, [_Sent(row, one.version) for row, one in found.items()], reply
        )
        return len(gone) + (0 if reply.verdict == "later" else len(found))


async def confirm_sent(store: Store, target: Target, secrets: Path) -> int:
    """Ask a target what became of what it has taken; how many resources are settled now."""
    if target.form == "table" or not target.enabled:
        return 0
    async with _alone(store, target) as connection:
        if connection is None:
            return 0
        rows = await connection.fetch(
            """select distinct receipt from exchange.delivery
               where target = $1 and state = 'sent' and receipt <> '' limit $2""",
            target.id,
            _ASKED,
        )
        settled = 0
        async with _client(secret_of(secrets, target.id)) as client:
            for row in rows:
                settled += await _ask(connection, client, target, row["receipt"])
        return settled


@asynccontextmanager
async def _alone(store: Store, target: Target) -> AsyncIterator["Connection | None"]:
    async with store.pool.acquire() as connection:
        key = f"send:{target.id}"
        if not await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", key):
            yield None
            return
        try:
            yield connection
        finally:
            await connection.execute("select pg_advisory_unlock(hashtext($1))", key)


async def _next(connection: Connection, target: Target) -> list[_Item]:
    """The next rows, as many as go together; one that is to go alone goes alone."""
    limit = 1 if target.form in ("document", "wst") else target.batch
    rows = await connection.fetch(
        """select id, type, resource, version, alone from exchange.delivery
           where target = $1 and state = 'waiting' order by id limit $2""",
        target.id,
        limit,
    )
    items = [_Item(**row) for row in rows]
    if items and items[0].alone:
        return items[:1]
    return [one for one in items if not one.alone]


async def _versions(
    store: Store, connection: Connection, target: Target, items: Sequence[_Item]
) -> dict[int, Stored]:
    """The present version of each row's resource; what is deleted is there as deleted."""
    found: dict[int, Stored] = {}
    by_type: dict[int, list[_Item]] = {}
    for one in items:
        by_type.setdefault(one.type, []).append(one)
    for kind, same in by_type.items():
        versions = await read_several(
            store,
            connection,
            target.scope,
            TYPE_NAMES[kind],
            [one.resource for one in same],
            deleted=True,
        )
        by_id = {one.id: one for one in versions}
        found |= {one.id: by_id[one.resource] for one in same if one.resource in by_id}
    return {one.id: found[one.id] for one in items if one.id in found}


async def _given(store: Store, target: Target, found: dict[int, Stored], secret: str) -> Reply:
    """Hand the resources over; what was answered."""
    try:
        if target.form == "table":
            await put_rows(target, target.address.replace("{secret}", secret), list(found.values()))
            return Reply("taken")
        parcel = await _parcel(store, target, found)
        if parcel is None:
            return Reply("nothing", rule="no-document", text="没有文档原文，或已撤销")
        return await _posted(target, parcel, secret)
    except Refused as refused:
        one = refused.problems[0]
        return Reply("refused", "", one.place, one.rule, one.text)
    except (OSError, httpx.HTTPError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Reply("later", text=f"{type(error).__name__}: {error}"[:500])


async def _parcel(store: Store, target: Target, found: dict[int, Stored]) -> Parcel | None:
    """The parcel of some resources; None if they have no such form.

    Raises:
        Refused: a document that can't be written or registered.
    """
    if target.form == "fhir":
        return bundle(list(found.values()))
    [version] = found.values()
    if version.deleted:
        return None
    raw = await _document(store, target, version)
    if raw is None or target.form == "document":
        return document(raw) if raw is not None else None
    return registered(raw, _SENDER, target.id)


async def _document(store: Store, target: Target, version: Stored) -> bytes | None:
    """The document as it came; without its original, written again of its facts.

    None of one that is only known because another took its place.

    Raises:
        Refused: it can't be written.
    """
    resource = version.resource
    raw = original_of(resource)
    if raw is not None or resource.get("status") == "superseded":
        return raw
    facts = await facts_of_document(store, target.content, version.id)
    return write_document(facts) if facts is not None else None


def _client(secret: str) -> httpx.AsyncClient:
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    return httpx.AsyncClient(
        headers=headers, timeout=_SECONDS, trust_env=False, follow_redirects=False
    )


async def _posted(target: Target, parcel: Parcel, secret: str) -> Reply:
    async with _client(secret) as client:
        if target.form == "wst":
            client.headers.pop("authorization", None)
            user, _, word = secret.partition(":")
            answer = await client.post(
                target.address, content=parcel.body, headers=parcel.headers, auth=(user, word)
            )
        else:
            answer = await client.post(target.address, content=parcel.body, headers=parcel.headers)
    return reply_of(answer.status_code, dict(answer.headers), answer.content)


async def _note(
    connection: Connection, target: Target, rows: Sequence[_Sent], reply: Reply
) -> None:
    if reply.verdict == "later":
        await _postpone(connection, target, reply)
        return
    if reply.verdict == "refused" and len(rows) > 1:
        # One bad resource must not hold up the others: each goes alone now.
        await connection.execute(
            "update exchange.delivery set alone = true where id = any($1::bigint[])",
            [one.id for one in rows],
        )
    else:
        await _settle(connection, rows, _STATES.get(reply.verdict) or _taken(reply), reply)
    await connection.execute(
        """update exchange.target set trouble = '', troubles = 0, next_try = null
           where id = $1 and (trouble <> '' or next_try is not null)""",
        target.id,
    )


def _taken(reply: Reply) -> str:
    return "sent" if reply.receipt else "confirmed"


async def _postpone(connection: Connection, target: Target, reply: Reply) -> None:
    """Wait longer each time, up to an hour, or as long as the target asks for."""
    wait = reply.wait or min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(target.troubles, 12))
    await connection.execute(
        """update exchange.target set trouble = $2, troubles = troubles + 1, next_try = $3
           where id = $1""",
        target.id,
        reply.text or "没有应答",
        datetime.now(UTC) + timedelta(seconds=wait),
    )
    _log.warning("target %s: %s; trying again in %d s", target.id, reply.text, wait)


async def _settle(connection: Connection, rows: Sequence[_Sent], state: str, reply: Reply) -> None:
    """Write down what became of some rows; one that waits for a newer version goes on waiting."""
    if rows:
        await connection.execute(
            """update exchange.delivery d set state = $3, attempts = attempts + 1,
                   sent = clock_timestamp(), receipt = $4, place = $5, rule = $6, text = $7
               from unnest($1::bigint[], $2::int[]) as s(id, version)
               where d.id = s.id and d.version <= s.version and d.state = 'waiting'""",
            [one.id for one in rows],
            [one.version for one in rows],
            state,
            reply.receipt,
            reply.place,
            reply.rule,
            reply.text,
        )


async def _ask(
    connection: Connection, client: httpx.AsyncClient, target: Target, receipt: str
) -> int:
    try:
        answer = await client.get(urljoin(target.address, receipt))
        said: Any = decode(answer.content) if answer.status_code == 200 else {}
    except (OSError, httpx.HTTPError, Refused):
        return 0
    values = {one.get("name"): one for one in said.get("parameter", ())}
    state = _FINAL.get(values.get("state", {}).get("valueCode", ""))
    if state is None:
        return 0
    issues = values.get("problems", {}).get("resource", {}).get("issue", [{}])
    wrong = issues[0] if state == "refused" else {}
    done = await connection.execute(
        """update exchange.delivery set state = $3, place = $4, rule = $5, text = $6
           where target = $1 and receipt = $2 and state = 'sent'""",
        target.id,
        receipt,
        state,
        next(iter(wrong.get("expression", ())), ""),
        wrong.get("code", ""),
        wrong.get("diagnostics", ""),
    )
    return int(done.rsplit(" ", 1)[-1])


async def _write_down(log: AuditLog, target: Target, versions: Sequence[Stored]) -> None:
    """One entry for a parcel: to whom, and what."""
    await log.record(
        Entry(
            action="send-to-target",
            allowed=True,
            role="target",
            purpose="operations",
            object_type="target",
            object_id=target.id,
            address=target.address.rpartition("@")[2],
            detail={"resources": [f"{one.type}/{one.id}" for one in versions]},
        )
    )
