"""Trying a source before it is live: one message without keeping it, and all that came so far."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from minkang.exchange.channels.door import look_at
from minkang.exchange.coding import code_message
from minkang.exchange.mappings import Context, map_message
from minkang.exchange.mappings.context import ID_CARD_SYSTEM
from minkang.exchange.merge import Contribution, Orders, merge
from minkang.exchange.sources import Channel, Source
from minkang.fhir import Problem, Refused, Resource
from minkang.fhir.validate import validate
from minkang.store import Connection, Store
from minkang.store.vault import about_message
from minkang.terminology import SourceMap, source_maps

ENOUGH = 5
"""Good messages without which a source does not go live."""
RECENT = 20
"""So many of the newest messages must be without a problem."""

_NEWEST = 1_000
_MAPPED = 50


class Tried(msgspec.Struct, frozen=True):
    """What a message would become: resources, or the problems for which it would be put aside."""

    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]


class Unmapped(msgspec.Struct, frozen=True):
    """A code of the source that no map knows, in how many of the messages looked at."""

    system: str
    code: str
    display: str
    count: int


class Readiness(msgspec.Struct, frozen=True):
    """What the newest trial messages of a source (`_NEWEST` at most) say about it.

    Attributes:
        good: messages without a problem, by channel.
        bad: messages with one.
        recently_bad: of the `RECENT` newest, those with one.
        patients: Patients that the newest good messages tell of.
        unidentified: of them those with neither an identity card number nor name, sex and birth
            date.
        unmapped: codes of those messages without a standard one, most frequent first.
    """

    good: dict[str, int]
    bad: int
    recently_bad: int
    patients: int
    unidentified: int
    unmapped: tuple[Unmapped, ...]

    def missing_channels(self, source: Source) -> tuple[str, ...]:
        """Channels of the source by which no good message came yet."""
        return tuple(channel for channel in source.channels if not self.good.get(channel))

    def is_ready(self, source: Source) -> bool:
        """Whether the source may go live."""
        return (
            not self.missing_channels(source)
            and sum(self.good.values()) >= ENOUGH
            and self.recently_bad == 0
            and self.unidentified == 0
        )


def try_message(
    source: Source, known: SourceMap, id_key: bytes, channel: Channel, raw: bytes, now: datetime
) -> Tried:
    """Map a message, give it its codes, and judge what it becomes; nothing is kept.

    `known` is the source's map of codes (`terminology.source_maps`).
    """
    try:
        contributions = map_message(Context(source, id_key, now, b""), channel, raw)
    except Refused as refusal:
        return Tried((), refusal.problems)
    resources = whole(code_message(source, known, contributions).contributions)
    faults = [problem for one in resources for problem in validate(one)]
    return Tried(tuple(resources), tuple(faults))


def whole(contributions: Sequence[Contribution]) -> list[Resource]:
    """The resources of one message, each merged from all that the message says of it."""
    states: dict[tuple[str, str], tuple[Resource | None, Orders]] = {}
    for contribution in contributions:
        current, orders = states.get(contribution.key, (None, {}))
        states[contribution.key] = merge(current, orders, contribution)
    return [resource for resource, _ in states.values() if resource is not None]


async def readiness(
    store: Store, connection: Connection, id_key: bytes, source: Source
) -> Readiness:
    """How far the trial of a source is."""
    rows = await connection.fetch(
        """select m.id, m.channel,
                  exists (select from exchange.problem p where p.message = m.id) as bad
           from exchange.message m where m.source = $1 and m.state = 'trial'
           order by m.id desc limit $2""",
        source.id,
        _NEWEST,
    )
    good = Counter(row["channel"] for row in rows if not row["bad"])
    newest = [row["id"] for row in rows if not row["bad"]][:_MAPPED]
    resources, unmapped = await _made(store, connection, id_key, source, newest)
    patients = {
        one["id"]: one for one in resources if one["resourceType"] == "Patient" and "name" in one
    }
    return Readiness(
        dict(good),
        sum(row["bad"] for row in rows),
        sum(row["bad"] for row in rows[:RECENT]),
        len(patients),
        sum(not _is_identified(one) for one in patients.values()),
        tuple(Unmapped(*key, count) for key, count in unmapped.most_common()),
    )


async def judge_again(store: Store, connection: Connection, id_key: bytes, source: Source) -> int:
    """Judge the newest trial messages by the source as it is now; how many have problems."""
    bad = 0
    for row in await _trial(connection, source.id, _NEWEST):
        [raw] = await store.codec.unpack_all(
            connection, [(row["body"], about_message(row["hash"]))]
        )
        label = (row["kind"], row["control_id"])
        problems = look_at(source, id_key, row["channel"], label, raw).arrival.problems
        bad += bool(problems)
        async with connection.transaction():
            await connection.execute("delete from exchange.problem where message = $1", row["id"])
            await connection.executemany(
                """insert into exchange.problem (message, number, stage, place, rule, text)
                   values ($1, $2, $3, $4, $5, $6)""",
                [
                    (row["id"], number, p.stage, p.place, p.rule, p.text)
                    for number, p in enumerate(problems)
                ],
            )
    return bad


async def clear(connection: Connection, source: str) -> None:
    """Remove what came on trial, to begin anew."""
    await connection.execute(
        "delete from exchange.message where source = $1 and state = 'trial'", source
    )


async def take_over(connection: Connection) -> int:
    """Let trial messages of sources that are live be processed; how many there were.

    A listener learns within seconds that a source went live; what it kept until then as on trial
    was acknowledged like everything else.
    """
    rows = await connection.fetch(
        """update exchange.message m set state = 'waiting' from exchange.source s
           where m.state = 'trial' and s.id = m.source and s.stage = 'live' returning m.id"""
    )
    return len(rows)


async def _trial(connection: Connection, source: str, limit: int) -> Sequence[Any]:
    return await connection.fetch(
        """select id, channel, kind, control_id, hash, body from exchange.message
           where source = $1 and state = 'trial' order by id desc limit $2""",
        source,
        limit,
    )


async def _made(
    store: Store, connection: Connection, id_key: bytes, source: Source, ids: Sequence[int]
) -> tuple[list[Resource], Counter[tuple[str, str, str]]]:
    """What some messages become, and how many of them have each code that no map knows."""
    known = (await source_maps(store, connection, {source.id}))[source.id]
    rows = await connection.fetch(
        "select channel, received, hash, body from exchange.message where id = any($1::bigint[])",
        ids,
    )
    raws = await store.codec.unpack_all(
        connection, [(row["body"], about_message(row["hash"])) for row in rows]
    )
    resources: list[Resource] = []
    unmapped: Counter[tuple[str, str, str]] = Counter()
    for row, raw in zip(rows, raws, strict=True):
        context = Context(source, id_key, row["received"], b"")
        try:
            given = map_message(context, row["channel"], raw)
        except Refused:
            continue  # judged good before the source was changed; judging again will tell
        coded = code_message(source, known, given)
        resources += whole(coded.contributions)
        unmapped.update({(one.system, one.code, one.display) for one in coded.unmapped})
    return resources, unmapped


def _is_identified(patient: Resource) -> bool:
    numbers = {one.get("system") for one in patient.get("identifier", ())}
    facts = ("birthDate", "gender")
    return ID_CARD_SYSTEM in numbers or all(patient.get(name) for name in facts)
