"""From the inbox into the store: map, merge, write, remember which message made what.

A batch is one transaction: either the messages are done and their resources stand, or nothing
happened. Merging does not depend on order, so any number of workers may run at once.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from minkang.crypto import Keys
from minkang.exchange.ahead import Ahead
from minkang.exchange.coding import CodedMessage, code_message, note_codes
from minkang.exchange.figures import count_outcomes
from minkang.exchange.inbox import storable
from minkang.exchange.mappings import Context, map_message, note_on
from minkang.exchange.merge import (
    Contribution,
    Orders,
    is_withdrawn,
    merge,
    pack_orders,
    unpack_orders,
)
from minkang.exchange.sources import Source, sources
from minkang.fhir import TYPE_CODES, Problem, Refused, Resource, survivor_of
from minkang.store import Change, Connection, Locked, Outcome, Store, Stored, lock_current, write
from minkang.store.vault import about_message
from minkang.terminology import source_maps

_MAX_ATTEMPTS = 5
_LONGEST_CHAIN = 50
_MOST_ASIDE = 1_000


class _Waiting(msgspec.Struct, frozen=True):
    id: int
    source: Source
    channel: str
    received: datetime
    hash: bytes
    raw: bytes


class Processed(msgspec.Struct, frozen=True):
    """What one call has done."""

    stored: int
    quarantined: int

    @property
    def messages(self) -> int:
        """Messages finished, one way or the other."""
        return self.stored + self.quarantined


async def process_waiting(
    store: Store, keys: Keys, limit: int = 100, ahead: Ahead | None = None
) -> Processed:
    """Bring up to `limit` waiting messages into the store or into quarantine.

    `ahead` is what the door made of messages, where door and processor are one process.

    A message that has failed before in an unexpected way is tried alone; after five such tries it
    goes to quarantine as `internal-error`, so that one bad message never stops the others.

    Raises:
        OSError, asyncpg.PostgresError: the database is gone; nothing is lost, call again.
    """
    async with store.pool.acquire() as connection:
        claimed = await _claim(connection, limit)
        if not claimed:
            return Processed(0, 0)
        try:
            return await _process(store, connection, keys, claimed, ahead or Ahead())
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the message is put aside
            if len(claimed) > 1:
                return Processed(0, 0)
            return await _give_up(connection, claimed[0], error)


async def _claim(connection: Connection, limit: int) -> list[int]:
    """Choose messages and count the try, so that a message which kills its worker is noticed."""
    rows = await connection.fetch(
        """
        with next as (
            select id, attempts from exchange.message where state = 'waiting'
            order by attempts > 0, id limit $1 for update skip locked)
        update exchange.message m set attempts = m.attempts + 1
        from next where m.id = next.id and (next.attempts = 0
            or next.id = (select min(id) from next having min(attempts) > 0))
        returning m.id""",
        limit,
    )
    return [row["id"] for row in rows]


async def _process(
    store: Store, connection: Connection, keys: Keys, claimed: Sequence[int], ahead: Ahead
) -> Processed:
    async with connection.transaction():
        waiting = await _waiting(store, connection, claimed)
        maps = await source_maps(store, connection, {one.source.id for one in waiting})
        coded: dict[int, CodedMessage] = {}
        contributions: dict[int, list[Contribution]] = {}
        refusals: dict[int, tuple[Problem, ...]] = {}
        notes: dict[int, tuple[Problem, ...]] = {}
        for message in waiting:
            context = Context(message.source, keys.id_key, message.received, message.hash)
            try:
                mapped = ahead.take(context, message.channel)
                if mapped is None:
                    mapped = map_message(context, message.channel, message.raw)
                one = code_message(message.source, maps[message.source.id], mapped)
                coded[message.id], contributions[message.id] = one, one.contributions
                note = note_on(message.channel, message.raw, message.source.charset)
                notes[message.id] = () if note is None else (note,)
            except Refused as refusal:
                refusals[message.id] = refusal.problems
        targets = sorted({c.key for several in contributions.values() for c in several})
        locked = await lock_current(store, connection, targets)
        outcomes = await _merge_and_write(
            store, connection, waiting, (contributions, refusals), locked
        )
        await _finish(connection, contributions, refusals, outcomes)
        await _note_problems(connection, {m: notes.get(m, ()) for m in contributions})
        await _try_again(store, connection, waiting, contributions)
        senders = {message.id: message.source.id for message in waiting}
        await count_outcomes(
            connection, [senders[m] for m in contributions], [senders[m] for m in refusals]
        )
        await note_codes(connection, [coded[message] for message in contributions])
    return Processed(len(contributions), len(refusals))


async def _waiting(store: Store, connection: Connection, ids: Sequence[int]) -> list[_Waiting]:
    known = await sources(connection)
    rows = await connection.fetch(
        """select id, source, channel, received, hash, body from exchange.message
           where id = any($1::bigint[]) and state = 'waiting' order by id
           for update skip locked""",
        list(ids),
    )
    raws = await store.codec.unpack_all(
        connection, [(row["body"], about_message(row["hash"])) for row in rows]
    )
    return [
        _Waiting(
            row["id"],
            known[row["source"]],
            row["channel"],
            row["received"],
            row["hash"],
            raw,
        )
        for row, raw in zip(rows, raws, strict=True)
    ]


_Target = tuple[str, str]
_States = dict[_Target, tuple[Resource, Orders, str]]


async def _merge_and_write(
    store: Store,
    connection: Connection,
    waiting: Sequence[_Waiting],
    mapped: tuple[dict[int, list[Contribution]], dict[int, tuple[Problem, ...]]],
    locked: Locked,
) -> dict[_Target, Outcome]:
    """Merge all contributions over what is there and write each resource once.

    A message that would give another patient's id to a resource is moved to the refusals.
    """
    contributions, refusals = mapped
    states: _States = {key: _state(stored) for key, stored in locked.current.items()}
    touched: set[_Target] = set()
    for message in waiting:
        if message.id not in contributions:
            continue
        problem = await _other_patient(store, connection, contributions[message.id], states)
        if problem is not None:
            refusals[message.id] = (problem,)
            del contributions[message.id]
            continue
        for contribution in contributions[message.id]:
            resource, orders, _ = states.get(contribution.key, (None, {}, ""))
            merged, after = merge(resource, orders, contribution)
            states[contribution.key] = (merged, after, message.source.organisation)
            touched.add(contribution.key)
    changes = [_change(*states[key], before=locked.current.get(key)) for key in sorted(touched)]
    outcomes = await write(store, connection, changes, locked)
    return {(outcome.type, outcome.id): outcome for outcome in outcomes}


def _state(stored: Stored) -> tuple[Resource, Orders, str]:
    """What merging goes on from; the content of a withdrawn resource is history alone."""
    orders = unpack_orders(stored.note)
    bare = {"resourceType": stored.type, "id": stored.id}
    return bare if is_withdrawn(orders) else stored.resource, orders, stored.source


def _change(resource: Resource, orders: Orders, source: str, *, before: Stored | None) -> Change:
    """What is to be written; of a withdrawn resource a deletion that keeps what was there."""
    if is_withdrawn(orders):
        last = before.resource if before else resource
        return Change(last, source, pack_orders(orders), deleted=True)
    return Change(resource, source, pack_orders(orders))


async def _other_patient(
    store: Store,
    connection: Connection,
    contributions: Sequence[Contribution],
    states: _States,
) -> Problem | None:
    """Whether something of one patient would become another's, whom the source did not merge."""
    for contribution in contributions:
        state = states.get(contribution.key)
        before, now = _patient(state[0]) if state else None, _patient(contribution.resource)
        if before is None or now is None or before == now:
            continue
        one = await _survivor(store, connection, states, before)
        if one != await _survivor(store, connection, states, now):
            kind, resource_id = contribution.key
            text = "同一编号已属于另一位患者，来源可能重复使用编号或登记有误"
            return Problem("store", f"{kind}/{resource_id}", "other-patient", text)
    return None


def _patient(resource: Resource) -> str | None:
    """The reference to the patient whom a resource is about."""
    about = resource.get("subject") or resource.get("patient")
    return about.get("reference") if isinstance(about, dict) else None


async def _survivor(store: Store, connection: Connection, states: _States, reference: str) -> str:
    """The patient who remains when all merges of the source are followed.

    A Patient read for it is locked, so that a merge under way is either seen or comes after us,
    and then tries again what we put aside.
    """
    for _ in range(_LONGEST_CHAIN):
        key = ("Patient", reference.removeprefix("Patient/"))
        if key in states:
            resource = states[key][0]
        else:
            stored = (await lock_current(store, connection, [key])).current.get(key)
            resource = stored.resource if stored else {}
        following = survivor_of(resource)
        if following is None:
            break
        reference = following
    return reference


async def _try_again(
    store: Store,
    connection: Connection,
    waiting: Sequence[_Waiting],
    contributions: dict[int, list[Contribution]],
) -> None:
    """Let messages of patients who were merged just now be processed again.

    What came under the surviving number before the merge was put aside as another patient's.
    """
    merged: set[str] = set()
    for several in contributions.values():
        for one in several:
            if one.key[0] == "Patient" and (survivor := survivor_of(one.resource)):
                merged |= {"/".join(one.key), survivor}
    if not merged:
        return
    aside = await connection.fetch(
        """select m.id, p.place from exchange.message m
           join exchange.problem p on p.message = m.id and p.rule = 'other-patient'
           where m.state = 'quarantined' and m.source = any($1::text[])
           order by m.id limit $2""",
        sorted({message.source.id for message in waiting if message.id in contributions}),
        _MOST_ASIDE,
    )
    keys = {row["id"]: _key(row["place"]) for row in aside}
    found = (await lock_current(store, connection, sorted(set(keys.values())))).current
    again = [
        message
        for message, key in keys.items()
        if key in found and _patient(found[key].resource) in merged
    ]
    await connection.execute(
        """update exchange.message set state = 'waiting', attempts = 0
           where id = any($1::bigint[]) and state = 'quarantined'""",
        again,
    )


def _key(place: str) -> _Target:
    kind, _, resource_id = place.partition("/")
    return kind, resource_id


async def _finish(
    connection: Connection,
    contributions: dict[int, list[Contribution]],
    refusals: dict[int, tuple[Problem, ...]],
    outcomes: dict[_Target, Outcome],
) -> None:
    # A message may contribute to a resource twice, which is one row.
    made = dict.fromkeys(
        (message, TYPE_CODES[outcome.type], outcome.id, outcome.version, outcome.kind)
        for message, several in contributions.items()
        for outcome in [outcomes[contribution.key] for contribution in several]
    )
    await connection.execute(
        "delete from exchange.problem where message = any($1::bigint[])",
        [*contributions, *refusals],
    )
    if made:
        await connection.execute(
            """insert into exchange.made (message, type, id, version, kind)
               select * from unnest($1::bigint[], $2::smallint[], $3::text[], $4::int[], $5::text[])
               on conflict (type, id, message) do update
               set version = excluded.version, kind = excluded.kind""",
            *zip(*made, strict=True),
        )
    for ids, state in ((contributions, "stored"), (refusals, "quarantined")):
        if ids:
            await connection.execute(
                """update exchange.message set state = $2, processed = clock_timestamp(),
                   attempts = 0 where id = any($1::bigint[])""",
                list(ids),
                state,
            )
    await _note_problems(connection, refusals)


async def _note_problems(connection: Connection, refusals: dict[int, tuple[Problem, ...]]) -> None:
    rows = [
        (message, number, p.stage, storable(p.place), p.rule, storable(p.text))
        for message, problems in refusals.items()
        for number, p in enumerate(problems)
    ]
    if rows:
        await connection.executemany(
            """insert into exchange.problem (message, number, stage, place, rule, text)
               values ($1, $2, $3, $4, $5, $6)""",
            rows,
        )


async def _give_up(connection: Connection, message: int, error: Exception) -> Processed:
    """Put a message aside that failed unexpectedly too often; leave it waiting until then."""
    attempts = await connection.fetchval(
        "select attempts from exchange.message where id = $1", message
    )
    if attempts < _MAX_ATTEMPTS:
        return Processed(0, 0)
    text = f"处理时发生程序错误（{type(error).__name__}），请联系平台维护人员后重放"
    async with connection.transaction():
        await connection.execute("delete from exchange.problem where message = $1", message)
        await _note_problems(
            connection, {message: (Problem("process", "-", "internal-error", text),)}
        )
        source = await connection.fetchval(
            """update exchange.message set state = 'quarantined',
               processed = clock_timestamp() where id = $1 returning source""",
            message,
        )
        await count_outcomes(connection, (), (source,))
    return Processed(0, 1)
