"""Matching over everything that is stored: the batch, training, a pair explained."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec

from minkang.app.platform import Platform
from minkang.identity import follow
from minkang.identity.candidates import MOST, MOST_WIDE
from minkang.identity.in_force import definition_in_force
from minkang.identity.judged_pairs import judged_pairs
from minkang.identity.kept import Kept, kept_after, kept_rows
from minkang.identity.link_rows import Cause
from minkang.identity.linkage.batch import Batch, Limits, edges_of
from minkang.identity.linkage.calibrate import ENOUGH, calibrate, recalibrated
from minkang.identity.linkage.cluster import Edge
from minkang.identity.linkage.components import parts
from minkang.identity.linkage.definition import Definition, make_definition
from minkang.identity.linkage.explain import Explained, explain
from minkang.identity.linkage.features import Features
from minkang.identity.linkage.score import score
from minkang.identity.linkage.train import Trained, Wish, train
from minkang.identity.linker import write_links
from minkang.identity.named import current_person
from minkang.identity.rekey import rekey

_READ: Final = 2_000
_WRITE: Final = 300
"""Patients whose links change in one transaction, about."""


class Run(msgspec.Struct, frozen=True):
    """What a batch did: Patients looked at, edges found, Patients that have another Person now."""

    patients: int
    edges: int
    moved: int
    definition: str


class NothingKept(Exception):  # noqa: N818 - reads as what happened
    """There is no such Patient or Person, or nothing is kept of it."""


async def run_batch(platform: Platform, memory: str = "2GB") -> Run:
    """Score every pair of stored Patients anew by the definition in force, and link by that.

    New Patients are linked first, as the worker does; keys that were made by other blocking rules
    are made anew. The platform may go on running: a Patient that changes meanwhile keeps what the
    worker gave it.

    Raises:
        DefinitionBrokenError: the definition in force can't be used.
    """
    while await follow(platform.store, platform.keys):
        pass
    async with platform.pool.acquire() as connection:
        definition = await definition_in_force(connection)
    await rekey(platform.store, platform.keys, definition)
    names: list[str] = []
    digests: list[int] = []
    moved = 0
    with Batch(definition, Features, Limits(MOST, MOST_WIDE, memory)) as batch:
        async for kept, keys in _everybody(platform):
            first = len(names)
            batch.add(range(first, first + len(kept)), [one.features for one in kept], keys)
            names += [one.patient for one in kept]
            digests += [one.digest for one in kept]
        pairs = batch.pairs()
    alone = set(range(len(names)))
    for part, between in parts(pairs, await _linked_before(platform, names), _WRITE):
        alone -= set(part)
        moved += await _write(
            platform, definition, names, digests, part, edges_of(between, names.__getitem__)
        )
    rest = sorted(alone)
    for at in range(0, len(rest), _WRITE):
        moved += await _write(platform, definition, names, digests, rest[at : at + _WRITE], ())
    return Run(len(names), len(pairs), moved, definition.written.version)


async def _everybody(
    platform: Platform,
) -> AsyncIterator[tuple[list[Kept], Sequence[Sequence[int]]]]:
    """What matching keeps of all Patients, with the keys, some thousand at a time."""
    last = ""
    while True:
        async with platform.pool.acquire() as connection:
            kept, keys = await kept_after(platform.store, connection, last, _READ)
        if not kept:
            return
        yield kept, keys
        last = kept[-1].patient


async def _linked_before(platform: Platform, names: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs that are kept by now, as places among the names: they change together."""
    places = {name: place for place, name in enumerate(names)}
    async with platform.pool.acquire() as connection:
        rows = await connection.fetch(
            """select one.patient as a, other.patient as b from identity.edge e
               join identity.feature one on one.node = e.a
               join identity.feature other on other.node = e.b"""
        )
    return [
        (places[row["a"]], places[row["b"]])
        for row in rows
        if row["a"] in places and row["b"] in places
    ]


async def _write(
    platform: Platform,
    definition: Definition,
    names: Sequence[str],
    digests: Sequence[int],
    part: Sequence[int],
    edges: Sequence[Edge],
) -> int:
    async with platform.pool.acquire() as connection, connection.transaction():
        linked = await write_links(
            platform.store,
            connection,
            platform.keys,
            definition,
            {names[node]: digests[node] for node in part},
            edges,
            cause=Cause("definition"),
        )
    return len(linked.moved)


async def train_stored(platform: Platform, wish: Wish, most: int) -> Trained:
    """Train the definition in force on what is stored.

    Splink gets the Patients of about `most` registrations, whole Persons of those linked by now,
    drawn by their ids, which are random. What people decided then moves the thresholds.
    """
    async with platform.pool.acquire() as connection:
        definition = await definition_in_force(connection)
        count = await connection.fetchval("select count(*) from identity.feature")
        chosen = await connection.fetch(
            "select patient from identity.link order by person, patient limit $1", most
        )
    sample = {row["patient"] for row in chosen} if count > most else None
    records: list[Any] = []
    everybody: list[Features] = []
    async for kept, _ in _everybody(platform):
        records += [one.features for one in kept if sample is None or one.patient in sample]
        everybody += [one.features for one in kept]
    return await learnt(platform, train(definition, records, wish, everybody=everybody))


async def learnt(platform: Platform, trained: Trained, enough: int = ENOUGH) -> Trained:
    """What was trained, its thresholds where people's decisions say that the odds are as promised.

    Fewer than `enough` decisions that no guard had asked for move nothing.
    """
    async with platform.pool.acquire() as connection:
        judged = await judged_pairs(platform.store, connection, make_definition(trained.written))
    if len(judged) < enough:
        return trained
    return msgspec.structs.replace(
        trained,
        written=recalibrated(trained.written, calibrate(judged)),
        decisions=len(judged),
    )


async def explained(platform: Platform, one: str, other: str, language: str) -> Explained:
    """How the nearest pair of two Patients, or of the Patients of two Persons, is judged, in words.

    The caller writes the audit entry.

    Raises:
        NothingKept: of one of the two nothing is kept.
    """
    async with platform.pool.acquire() as connection:
        definition = await definition_in_force(connection)
    ours, theirs = [await _kept_of(platform, name) for name in (one, other)]
    pairs = [(a.features, b.features) for a in ours for b in theirs if a.patient != b.patient]
    if not pairs:
        raise NothingKept(f"{one} and {other} are the same")
    scored, pair = max(
        ((score(definition, a, b), (a, b)) for a, b in pairs), key=lambda found: found[0].weight
    )
    return explain(definition, scored, "en" if language == "en" else "zh", pair)


async def _kept_of(platform: Platform, name: str) -> list[Kept]:
    async with platform.pool.acquire() as connection:
        person = await current_person(connection, name)
        rows = await connection.fetch(
            """select f.* from identity.feature f left join identity.link l using (patient)
               where f.patient = $1 or l.person = $2""",
            name,
            person,
        )
        if not rows:
            raise NothingKept(f"there is no Patient or Person {name} that is matched")
        return await kept_rows(platform.store, connection, rows)
